// SPDX-License-Identifier: GPL-2.0-only
/* The document as HTML. Figures are inline, so that the page needs nothing beside it. */
#include "report/doc.h"
#include "report/escape.h"

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
	fprintf(d->out, "<h%d id=\"%s\">", level, id);
	put_xml(d->out, text);
	fprintf(d->out, "</h%d>\n", level);
}

static void html_para(struct doc *d, enum tone tone, const char *text)
{
	open_tag(d, "p", tone, false);
	put_xml(d->out, text);
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
	fprintf(d->out, "<div class=\"card %s\"><b>", tone_class[tone]);
	put_xml(d->out, label);
	fputs("</b><strong>", d->out);
	put_xml(d->out, answer);
	fputs("</strong><span>", d->out);
	put_xml(d->out, text);
	fputs("</span></div>\n", d->out);
}

static void html_item(struct doc *d, enum tone tone, const char *label, const char *text)
{
	open_tag(d, "li", tone, false);
	if (label) {
		fputs("<b>", d->out);
		put_xml(d->out, label);
		fputs(":</b> ", d->out);
	}
	put_xml(d->out, text);
	fputs("</li>\n", d->out);
}

static void html_table(struct doc *d, const char *caption)
{
	size_t i;

	fputs("<div class=\"scroll\"><table><caption>", d->out);
	put_xml(d->out, caption);
	fputs("</caption><thead><tr>", d->out);
	for (i = 0; i < d->col_cnt; i++) {
		fprintf(d->out, "<th scope=\"col\"%s>", d->col[i].numeric ? " class=\"num\"" : "");
		put_xml(d->out, d->col[i].title);
		fputs("</th>", d->out);
	}
	fputs("</tr></thead><tbody>\n", d->out);
}

static void html_cell(struct doc *d, size_t col, enum tone tone, const char *text)
{
	if (!col)
		fputs("<tr>", d->out);
	open_tag(d, "td", tone, d->col[col].numeric);
	put_xml(d->out, text);
	fputs("</td>", d->out);
	if (col + 1 == d->col_cnt)
		fputs("</tr>\n", d->out);
}

static void html_table_end(struct doc *d)
{
	fputs("</tbody></table></div>\n", d->out);
}

static void html_pre(struct doc *d, const char *text)
{
	fputs("<pre>", d->out);
	put_xml(d->out, text);
	fputs("</pre>\n", d->out);
}

static void html_fold(struct doc *d, const char *title)
{
	if (!title) {
		fputs("</details>\n", d->out);
		return;
	}
	fputs("<details><summary>", d->out);
	put_xml(d->out, title);
	fputs("</summary>\n", d->out);
}

static void html_figure(struct doc *d, const struct figure *figure)
{
	figure->draw(figure, d->out);
}

const struct doc_ops doc_html = {
	.heading = html_heading,
	.para = html_para,
	.group = html_group,
	.item = html_item,
	.card = html_card,
	.table = html_table,
	.cell = html_cell,
	.table_end = html_table_end,
	.pre = html_pre,
	.fold = html_fold,
	.figure = html_figure,
};
