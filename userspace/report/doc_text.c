// SPDX-License-Identifier: GPL-2.0-only
/* The document as text for a terminal: headings at the margin, what belongs to them indented, tables aligned. */
#include <string.h>

#include "report/doc.h"
#include "report/escape.h"

#define WIDTH  100
#define INDENT 4
#define BAR    20

/* One, not two. */
static void put_blank(struct doc *d)
{
	if (!d->blank)
		fputc('\n', d->out);
	d->blank = true;
}

static void text_heading(struct doc *d, int level, const char *id, const char *text)
{
	(void)id;
	fprintf(d->out, "%*s", level > 2 ? INDENT / 2 : 0, "");
	put_plain(d->out, text);
	fputc('\n', d->out);
	d->blank = false;
}

static void text_para(struct doc *d, enum tone tone, const char *text)
{
	_cleanup_free_ char *plain = plain_text(text);

	(void)tone;
	fprintf(d->out, "%*s", INDENT, "");
	put_wrapped(d->out, plain, INDENT, WIDTH);
	d->blank = false;
}

static void text_group(struct doc *d, enum group group, bool begin)
{
	(void)group;
	if (!begin)
		put_blank(d);
}

static void text_item(struct doc *d, enum tone tone, const char *label, const char *text)
{
	_cleanup_free_ char *line = label ? xasprintf("%s: %s", label, text) : xstrdup(text), *plain = plain_text(line);

	(void)tone;
	fprintf(d->out, "%*s", INDENT / 2, "");
	put_wrapped(d->out, plain, INDENT / 2, WIDTH);
	d->blank = false;
}

static void add_cell(struct doc *d, char *text)
{
	array_grow(d->cell, d->cell_cnt, d->cell_cap);
	d->cell[d->cell_cnt++] = text;
}

/* The caption is for those who do not see what the table belongs to. */
static void text_table(struct doc *d, const char *caption)
{
	size_t i;

	(void)caption;
	put_blank(d);
	for (i = 0; i < d->column_cnt; i++)
		add_cell(d, plain_text(d->column[i].title));
}

static void text_cell(struct doc *d, size_t column, enum tone tone, const char *text)
{
	(void)column;
	(void)tone;
	add_cell(d, plain_text(text));
}

static void text_bar(struct doc *d, size_t column, double share)
{
	(void)column;
	add_cell(d, xasprintf("%.*s", (int)(BAR * share + 0.5), "####################"));
}

static int width_of(const struct doc *d, size_t column)
{
	size_t i, width = 0;

	for (i = column; i < d->cell_cnt; i += d->column_cnt)
		width = MAX(width, strlen(d->cell[i]));
	return (int)width;
}

static void text_table_end(struct doc *d)
{
	_cleanup_free_ int *width = xcalloc(d->column_cnt, sizeof(*width));
	size_t i, column;

	for (column = 0; column < d->column_cnt; column++)
		width[column] = width_of(d, column);
	for (i = 0; i < d->cell_cnt; i++) {
		bool right, last;

		column = i % d->column_cnt;
		right = d->column[column].kind == COLUMN_NUMBER;
		last = column + 1 == d->column_cnt;
		fprintf(d->out, "%*s%*s%s", column ? 2 : INDENT, "", right ? width[column] : last ? 0 : -width[column], d->cell[i],
			last ? "\n" : "");
		free(d->cell[i]);
	}
	free(d->cell);
	d->cell = NULL;
	d->cell_cnt = d->cell_cap = 0;
	d->blank = false;
	put_blank(d);
}

const struct doc_ops doc_text = {
	.heading = text_heading,
	.para = text_para,
	.group = text_group,
	.item = text_item,
	.table = text_table,
	.cell = text_cell,
	.bar = text_bar,
	.table_end = text_table_end,
};
