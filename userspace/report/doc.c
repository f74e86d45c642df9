// SPDX-License-Identifier: GPL-2.0-only
#include "report/doc.h"

#include <stdarg.h>

/* Ends the group that is open unless it is this one, and begins this one. */
static void enter(struct doc *d, enum group group)
{
	if (d->group == group)
		return;
	if (d->group != GROUP_NONE)
		d->ops->group(d, d->group, false);
	d->group = group;
	if (group != GROUP_NONE)
		d->ops->group(d, group, true);
}

static char *format(const char *fmt, va_list ap)
{
	char *text;

	if (vasprintf(&text, fmt, ap) < 0)
		return xstrdup("");
	return text;
}

void doc_heading(struct doc *d, int level, const char *id, const char *text)
{
	enter(d, GROUP_NONE);
	d->ops->heading(d, level, id, text);
}

void doc_para(struct doc *d, enum tone tone, const char *fmt, ...)
{
	_cleanup_free_ char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	text = format(fmt, ap);
	va_end(ap);
	enter(d, GROUP_NONE);
	d->ops->para(d, tone, text);
}

void doc_item(struct doc *d, enum tone tone, const char *label, const char *fmt, ...)
{
	_cleanup_free_ char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	text = format(fmt, ap);
	va_end(ap);
	enter(d, GROUP_LIST);
	d->ops->item(d, tone, label, text);
}

void doc_card(struct doc *d, enum tone tone, const char *label, const char *answer, const char *fmt,
	      ...)
{
	_cleanup_free_ char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	text = format(fmt, ap);
	va_end(ap);
	enter(d, GROUP_CARDS);
	d->ops->card(d, tone, label, answer, text);
}

void doc_table(struct doc *d, const struct doc_col *col, size_t cnt, const char *caption)
{
	enter(d, GROUP_NONE);
	d->col = col;
	d->col_cnt = cnt;
	d->next_col = 0;
	d->ops->table(d, caption);
}

void doc_cell(struct doc *d, enum tone tone, const char *fmt, ...)
{
	_cleanup_free_ char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	text = format(fmt, ap);
	va_end(ap);
	d->ops->cell(d, d->next_col, tone, text);
	d->next_col = (d->next_col + 1) % d->col_cnt;
}

void doc_table_end(struct doc *d)
{
	d->ops->table_end(d);
}

void doc_pre(struct doc *d, const char *text)
{
	enter(d, GROUP_NONE);
	d->ops->pre(d, text);
}

void doc_fold(struct doc *d, const char *title)
{
	enter(d, GROUP_NONE);
	d->ops->fold(d, title);
}

void doc_figure(struct doc *d, const struct figure *figure)
{
	enter(d, GROUP_NONE);
	d->ops->figure(d, figure);
}

void doc_end(struct doc *d)
{
	enter(d, GROUP_NONE);
}
