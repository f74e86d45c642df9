// SPDX-License-Identifier: GPL-2.0-only
/* The document as GitHub-flavoured Markdown. Pictures are links to the files beside it. */
#include "report/doc.h"
#include "report/escape.h"

static void md_heading(struct doc *d, int level, const char *id, const char *text)
{
	(void)id;
	fprintf(d->out, "\n%.*s ", level, "######");
	put_mdf(d->out, "%s\n\n", text);
}

static void md_para(struct doc *d, enum tone tone, const char *text)
{
	put_mdf(d->out, tone == TONE_ALARM ? "**%s**\n\n" : "%s\n\n", text);
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
	if (label)
		put_mdf(d->out, tone == TONE_ALARM ? "**ALARM: %s:** " : "**%s:** ", label);
	put_mdf(d->out, "%s\n", text);
}

static void md_card(struct doc *d, enum tone tone, const char *label, const char *answer,
		    const char *text)
{
	fputs(tone == TONE_ALARM ? "- **ALARM: " : "- **", d->out);
	put_mdf(d->out, "%s %s.** %s\n", label, answer, text);
}

static void md_table(struct doc *d, const char *caption)
{
	size_t i;

	put_mdf(d->out, "\n*%s*\n\n|", caption);
	for (i = 0; i < d->column_cnt; i++)
		put_mdf(d->out, " %s |", d->column[i].title);
	fputs("\n|", d->out);
	for (i = 0; i < d->column_cnt; i++)
		fputs(d->column[i].kind == COLUMN_NUMBER ? "---:|" : "---|", d->out);
	fputc('\n', d->out);
}

static void md_cell(struct doc *d, size_t column, enum tone tone, const char *text)
{
	bool bold = tone == TONE_ALARM || tone == TONE_STRONG;

	fputs(column ? " " : "| ", d->out);
	put_mdf(d->out, bold ? "**%s** |" : "%s |", text);
	if (column + 1 == d->column_cnt)
		fputc('\n', d->out);
}

static void md_table_end(struct doc *d)
{
	fputc('\n', d->out);
}

/* An indented block: no fence that the text could close. */
static void md_pre(struct doc *d, const char *text)
{
	put_escaped(d->out, put_plain, "    %s\n\n", text);
}

static void md_fold(struct doc *d, const char *title)
{
	if (title)
		put_mdf(d->out, "### %s\n", title);
}

static void md_figure(struct doc *d, const struct figure *figure)
{
	size_t i;

	for (i = 0; i < figure->link_cnt; i++) {
		const struct figure_link *link = &figure->link[i];

		if (link->lead)
			put_mdf(d->out, "- %s: ", link->lead);
		/* our own words and safe names */
		fprintf(d->out, link->lead ? "[%s](%s)\n" : "![%s](%s)\n\n", link->text,
			link->file);
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
