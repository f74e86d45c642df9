// SPDX-License-Identifier: GPL-2.0-only
#include "report/doc.h"

#include <stdarg.h>

static void end_list(struct doc *d)
{
	if (d->in_list)
		d->ops->list(d, false);
	d->in_list = false;
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
	end_list(d);
	d->ops->heading(d, level, id, text);
}

void doc_para(struct doc *d, enum tone tone, const char *fmt, ...)
{
	_cleanup_free_ char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	text = format(fmt, ap);
	va_end(ap);
	end_list(d);
	d->ops->para(d, tone, text);
}

void doc_item(struct doc *d, enum tone tone, const char *label, const char *fmt, ...)
{
	_cleanup_free_ char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	text = format(fmt, ap);
	va_end(ap);
	if (!d->in_list)
		d->ops->list(d, true);
	d->in_list = true;
	d->ops->item(d, tone, label, text);
}

void doc_table(struct doc *d, const struct doc_col *col, size_t cnt, const char *caption)
{
	end_list(d);
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
	end_list(d);
	d->ops->pre(d, text);
}

void doc_fold(struct doc *d, const char *title)
{
	end_list(d);
	d->ops->fold(d, title);
}

void doc_figure(struct doc *d, enum figure figure, size_t mode)
{
	end_list(d);
	d->ops->figure(d, figure, mode);
}

void doc_end(struct doc *d)
{
	end_list(d);
}
