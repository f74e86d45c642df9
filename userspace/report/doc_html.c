// SPDX-License-Identifier: GPL-2.0-only
/* The document as HTML. Figures are inline, so that the page needs nothing beside it. */
#include "report/doc.h"
#include "report/escape.h"
#include "report/glossary.h"

static const char *const tone_class[] = {
	[TONE_PLAIN] = "",    [TONE_STRONG] = "strong", [TONE_MUTED] = "muted",
	[TONE_WARN] = "warn", [TONE_ALARM] = "alarm",
};
static_assert_complete(tone_class, TONE_MAX_);

static void open_tag(struct doc *d, const char *tag, enum tone tone, bool numeric)
{
	fprintf(d->out, "<%s", tag);
	if (tone != TONE_PLAIN || numeric)
		fprintf(d->out, " class=\"%s%s%s\"", numeric ? "num" : "",
			numeric && tone != TONE_PLAIN ? " " : "", tone_class[tone]);
	fputc('>', d->out);
}

static void html_heading(struct doc *d, int level, const char *id, const char *text)
{
	if (id)
		put_xmlf(d->out, "<h%d id=\"%s\">%s</h%d>\n", level, id, text, level);
	else
		put_xmlf(d->out, "<h%d>%s</h%d>\n", level, text, level);
}

static void html_para(struct doc *d, enum tone tone, const char *text)
{
	open_tag(d, "p", tone, false);
	put_explained(d->out, text, &d->explained);
	fputs("</p>\n", d->out);
}

static void html_group(struct doc *d, enum group group, bool begin)
{
	static const char *const tags[][2] = {
		[GROUP_NONE] = {"", ""},
		[GROUP_LIST] = {"<ul>\n", "</ul>\n"},
		[GROUP_CARDS] = {"<div class=\"cards\">\n", "</div>\n"},
	};
	static_assert_complete(tags, GROUP_MAX_);

	fputs(tags[group][!begin], d->out);
}

static void html_card(struct doc *d, enum tone tone, const char *label, const char *answer,
		      const char *text)
{
	put_xmlf(d->out, "<div class=\"card %s\"><b>%s</b><strong>%s</strong><span>", tone_class[tone], label, answer);
	put_explained(d->out, text, &d->explained);
	fputs("</span></div>\n", d->out);
}

static void html_item(struct doc *d, enum tone tone, const char *label, const char *text)
{
	open_tag(d, "li", tone, false);
	if (label)
		put_xmlf(d->out, "<b>%s:</b> ", label);
	put_explained(d->out, text, &d->explained);
	fputs("</li>\n", d->out);
}

static void html_table(struct doc *d, const char *caption)
{
	size_t i;

	fprintf(d->out, "<div class=\"scroll\" tabindex=\"0\"><table%s>", d->sortable ? " class=\"sort\"" : "");
	put_xmlf(d->out, "<caption>%s</caption><thead><tr>", caption);
	for (i = 0; i < d->column_cnt; i++) {
		bool numeric = d->column[i].kind == COLUMN_NUMBER;

		fprintf(d->out, "<th scope=\"col\"%s>", numeric ? " class=\"num\"" : "");
		put_xmlf(d->out, "%s</th>", d->column[i].title);
	}
	fputs("</tr></thead><tbody>\n", d->out);
}

static void html_cell(struct doc *d, size_t column, enum tone tone, const char *text)
{
	fputs(column ? "" : "<tr>", d->out);
	open_tag(d, "td", tone, d->column[column].kind == COLUMN_NUMBER);
	put_xmlf(d->out, "%s</td>", text);
	fputs(column + 1 == d->column_cnt ? "</tr>\n" : "", d->out);
}

static void html_bar(struct doc *d, size_t column, double share)
{
	fprintf(d->out, "%s<td><span class=\"bar\"><i style=\"width:%.1f%%\"></i></span> %.0f\u00a0%%</td>%s",
		column ? "" : "<tr>", 100 * share, 100 * share, column + 1 == d->column_cnt ? "</tr>\n" : "");
}

static void html_table_end(struct doc *d)
{
	fputs("</tbody></table></div>\n", d->out);
}

static void html_pre(struct doc *d, const char *text)
{
	put_xmlf(d->out, "<pre>%s</pre>\n", text);
}

static void html_fold(struct doc *d, const char *title)
{
	if (title)
		put_xmlf(d->out, "<details><summary>%s</summary>\n", title);
	else
		fputs("</details>\n", d->out);
}

static void html_figure(struct doc *d, const struct figure *figure)
{
	figure->draw(figure->of, d->out);
}

const struct doc_ops doc_html = {
	.heading = html_heading,
	.para = html_para,
	.group = html_group,
	.item = html_item,
	.card = html_card,
	.table = html_table,
	.cell = html_cell,
	.bar = html_bar,
	.table_end = html_table_end,
	.pre = html_pre,
	.fold = html_fold,
	.folds = true,
	.figure = html_figure,
};
