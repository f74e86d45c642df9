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

static void md_figure(struct doc *d, enum figure figure, size_t mode)
{
	const struct run_plan *plan = &d->ctx->set->plan;
	enum plot p;

	switch (figure) {
	case FIGURE_PLOTS:
		for (p = 0; p < PLOT_MAX_; p++)
			if (d->ctx->plot[p].drawn)
				fprintf(d->out, "![%s](plots/%s.svg)\n\n", d->ctx->plot[p].title,
					plot_name(p));
		break;
	case FIGURE_ONCPU:
	case FIGURE_OFFCPU:
		fputs("- ", d->out);
		put_md(d->out, plan->mode[mode].name);
		fprintf(d->out, ": [%s](%s-%s.svg)\n",
			figure == FIGURE_ONCPU ? "on-CPU" : "off-CPU",
			figure == FIGURE_ONCPU ? "flame" : "offcpu", d->ctx->mode_file[mode]);
		break;
	case FIGURE_DIFF:
		fputs("- ", d->out);
		put_md(d->out, plan->mode[mode].name);
		fputs(" against ", d->out);
		put_md(d->out, plan->mode[0].name);
		fprintf(d->out, ": [on-CPU, difference](diff-%s-%s.svg)\n", d->ctx->mode_file[0],
			d->ctx->mode_file[mode]);
		break;
	case FIGURE_PATHS:
	case FIGURE_CPU: /* the table below says the same */
		break;
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
