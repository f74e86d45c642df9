// SPDX-License-Identifier: GPL-2.0-only
/* The document as GitHub-flavoured Markdown. Pictures are links to the files beside it. */
#include "report/doc.h"
#include "report/escape.h"

static void md_heading(struct doc *d, int level, const char *id, const char *text)
{
	(void)id;
	fprintf(d->out, "\n%.*s ", level, "######");
	put_md(d->out, text);
	fputs("\n\n", d->out);
}

static void md_para(struct doc *d, enum tone tone, const char *text)
{
	fputs(tone == TONE_ALARM ? "**" : "", d->out);
	put_md(d->out, text);
	fputs(tone == TONE_ALARM ? "**\n\n" : "\n\n", d->out);
}

static void md_group(struct doc *d, enum group group, bool begin)
{
	(void)group;
	if (!begin)
		fputc('\n', d->out);
}

static void md_item(struct doc *d, enum tone tone, const char *label, const char *text)
{
	fputs("- ", d->out);
	if (label) {
		fputs(tone == TONE_ALARM ? "**ALARM: " : "**", d->out);
		put_md(d->out, label);
		fputs(":** ", d->out);
	}
	put_md(d->out, text);
	fputc('\n', d->out);
}

static void md_card(struct doc *d, enum tone tone, const char *label, const char *answer,
		    const char *text)
{
	fputs(tone == TONE_ALARM ? "- **ALARM: " : "- **", d->out);
	put_md(d->out, label);
	fputs(" ", d->out);
	put_md(d->out, answer);
	fputs(".** ", d->out);
	put_md(d->out, text);
	fputc('\n', d->out);
}

static void md_table(struct doc *d, const char *caption)
{
	size_t i;

	fputs("\n*", d->out);
	put_md(d->out, caption);
	fputs("*\n\n|", d->out);
	for (i = 0; i < d->col_cnt; i++) {
		fputc(' ', d->out);
		put_md(d->out, d->col[i].title);
		fputs(" |", d->out);
	}
	fputs("\n|", d->out);
	for (i = 0; i < d->col_cnt; i++)
		fputs(d->col[i].numeric ? "---:|" : "---|", d->out);
	fputc('\n', d->out);
}

static void md_cell(struct doc *d, size_t col, enum tone tone, const char *text)
{
	bool bold = tone == TONE_ALARM || tone == TONE_STRONG;

	fputs(col ? " " : "| ", d->out);
	fputs(bold ? "**" : "", d->out);
	put_md(d->out, text);
	fputs(bold ? "** |" : " |", d->out);
	if (col + 1 == d->col_cnt)
		fputc('\n', d->out);
}

static void md_table_end(struct doc *d)
{
	fputc('\n', d->out);
}

/* An indented block: no fence that the text could close. */
static void md_pre(struct doc *d, const char *text)
{
	fputs("    ", d->out);
	put_plain(d->out, text);
	fputs("\n\n", d->out);
}

static void md_fold(struct doc *d, const char *title)
{
	if (!title)
		return;
	fputs("### ", d->out);
	put_md(d->out, title);
	fputs("\n", d->out);
}

static void md_figure(struct doc *d, const struct figure *figure)
{
	size_t i;

	for (i = 0; i < figure->link_cnt; i++) {
		const struct figure_link *link = &figure->link[i];

		if (link->lead) {
			fputs("- ", d->out);
			put_md(d->out, link->lead);
			fprintf(d->out, ": [%s](%s)\n", link->text, link->file);
		} else {
			fprintf(d->out, "![%s](%s)\n\n", link->text, link->file);
		}
	}
}

const struct doc_ops doc_md = {
	.heading = md_heading,
	.para = md_para,
	.group = md_group,
	.item = md_item,
	.card = md_card,
	.table = md_table,
	.cell = md_cell,
	.table_end = md_table_end,
	.pre = md_pre,
	.fold = md_fold,
	.figure = md_figure,
};
