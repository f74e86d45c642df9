// SPDX-License-Identifier: GPL-2.0-only
#include "report/doc.h"

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

void doc_heading(struct doc *d, int level, const char *id, const char *text)
{
	enter(d, GROUP_NONE);
	d->ops->heading(d, level, id, text);
}

void doc_put_para(struct doc *d, enum tone tone, char *text)
{
	enter(d, GROUP_NONE);
	d->ops->para(d, tone, text);
	free(text);
}

void doc_put_item(struct doc *d, enum tone tone, const char *label, char *text)
{
	enter(d, GROUP_LIST);
	d->ops->item(d, tone, label, text);
	free(text);
}

void doc_put_card(struct doc *d, enum tone tone, const char *question, const char *answer,
		  char *text)
{
	enter(d, GROUP_CARDS);
	d->ops->card(d, tone, question, answer, text);
	free(text);
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
	free(d->column);
}

/* ---- tables --------------------------------------------------------------------------------- */

void doc_table(struct doc *d, const char *caption)
{
	enter(d, GROUP_NONE);
	d->caption = caption;
	d->next_column = 0;
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
		d->ops->table(d, d->caption);
	d->caption = NULL;
}

void doc_put_cells(struct doc *d, enum tone tone, const char *const *text)
{
	write_head(d);
	for (; *text; text++) {
		d->ops->cell(d, d->next_column, tone, *text);
		d->next_column = (d->next_column + 1) % d->column_cnt;
	}
}

void doc_put_cell(struct doc *d, enum tone tone, char *text)
{
	doc_cells(d, tone, text);
	free(text);
}

void doc_table_end(struct doc *d)
{
	write_head(d);
	d->ops->table_end(d);
	while (d->column_cnt)
		free(d->column[--d->column_cnt].title);
}
