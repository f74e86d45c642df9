// SPDX-License-Identifier: GPL-2.0-only
#include "report/doc.h"

#define WRITE(d, what, ...) ((d)->ops->what ? (d)->ops->what(d, ##__VA_ARGS__) : (void)0)

/* Ends the group that is open unless it is this one, and begins this one. */
static void enter(struct doc *d, enum group group)
{
	if (d->group == group)
		return;
	if (d->group != GROUP_NONE)
		WRITE(d, group, d->group, false);
	d->group = group;
	if (group != GROUP_NONE)
		WRITE(d, group, group, true);
}

void doc_heading(struct doc *d, int level, const char *id, const char *text)
{
	enter(d, GROUP_NONE);
	WRITE(d, heading, level, id, text);
}

void doc_put_para(struct doc *d, enum tone tone, char *text)
{
	enter(d, GROUP_NONE);
	WRITE(d, para, tone, text);
	free(text);
}

void doc_put_item(struct doc *d, enum tone tone, const char *label, char *text)
{
	enter(d, GROUP_LIST);
	WRITE(d, item, tone, label, text);
	free(text);
}

void doc_put_card(struct doc *d, enum tone tone, const char *question, const char *answer,
		  char *text)
{
	enter(d, GROUP_CARDS);
	WRITE(d, card, tone, question, answer, text);
	free(text);
}

void doc_pre(struct doc *d, const char *text)
{
	enter(d, GROUP_NONE);
	WRITE(d, pre, text);
}

void doc_fold(struct doc *d, const char *title)
{
	enter(d, GROUP_NONE);
	WRITE(d, fold, title);
}

void doc_figure(struct doc *d, const struct figure *figure)
{
	enter(d, GROUP_NONE);
	WRITE(d, figure, figure);
}

void doc_end(struct doc *d)
{
	enter(d, GROUP_NONE);
	free(d->column);
}

/* ---- tables --------------------------------------------------------------------------------- */

void doc_table(struct doc *d, const char *caption)
{
	enter(d, GROUP_NONE);
	d->caption = caption;
	d->next_column = 0;
	d->sortable = false;
}

void doc_sortable_table(struct doc *d, const char *caption)
{
	doc_table(d, caption);
	d->sortable = true;
}

void doc_put_column(struct doc *d, enum column kind, char *title)
{
	array_grow(d->column, d->column_cnt, d->column_cap);
	d->column[d->column_cnt++] = (struct doc_column){title, kind};
}

void doc_put_columns(struct doc *d, enum column kind, const char *const *title)
{
	for (; *title; title++)
		doc_put_column(d, kind, xstrdup(*title));
}

/* Once all columns are known. */
static void write_head(struct doc *d)
{
	if (d->caption)
		WRITE(d, table, d->caption);
	d->caption = NULL;
}

void doc_put_cells(struct doc *d, enum tone tone, const char *const *text)
{
	write_head(d);
	for (; *text; text++) {
		WRITE(d, cell, d->next_column, tone, *text);
		d->next_column = (d->next_column + 1) % d->column_cnt;
	}
}

void doc_put_cell(struct doc *d, enum tone tone, char *text)
{
	doc_cells(d, tone, text);
	free(text);
}

void doc_bar(struct doc *d, double share)
{
	if (!d->ops->bar) {
		doc_cell(d, TONE_PLAIN, "%.0f\u00a0%%", 100 * share);
		return;
	}
	write_head(d);
	d->ops->bar(d, d->next_column, share);
	d->next_column = (d->next_column + 1) % d->column_cnt;
}

void doc_table_end(struct doc *d)
{
	write_head(d);
	WRITE(d, table_end);
	while (d->column_cnt)
		free(d->column[--d->column_cnt].title);
}
