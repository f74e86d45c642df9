// SPDX-License-Identifier: GPL-2.0-only
/* The document as HTML. Figures are inline, so that the page needs nothing beside it. */
#include <fcntl.h>
#include <string.h>

#include "report/cpu_svg.h"
#include "report/doc.h"
#include "report/escape.h"
#include "report/flame.h"
#include "report/fmt_flame.h"
#include "report/fmt_flame_diff.h"
#include "report/path_svg.h"

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

static void put_base64(FILE *out, FILE *in)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	unsigned char b[3];
	size_t n;

	while ((n = fread(b, 1, 3, in)) > 0) {
		uint32_t v = (uint32_t)b[0] << 16 | (n > 1 ? (uint32_t)b[1] << 8 : 0) |
			     (n > 2 ? b[2] : 0);

		fputc(digits[v >> 18], out);
		fputc(digits[v >> 12 & 63], out);
		fputc(n > 1 ? digits[v >> 6 & 63] : '=', out);
		fputc(n > 2 ? digits[v & 63] : '=', out);
	}
}

/* As an image and not inline: gnuplot numbers its ids from 1 in every file. */
static void put_plot(struct doc *d, enum plot p)
{
	_cleanup_free_ char *name = xasprintf("plots/%s.svg", plot_name(p));
	_cleanup_close_ int fd = openat(d->ctx->dirfd, name, O_RDONLY | O_CLOEXEC);
	_cleanup_fclose_ FILE *in = fd >= 0 ? fdopen(fd, "r") : NULL;

	if (!in)
		return;
	take_fd(&fd);
	fputs("<figure><img alt=\"", d->out);
	put_xml(d->out, d->ctx->plot[p].title);
	fputs("\" src=\"data:image/svg+xml;base64,", d->out);
	put_base64(d->out, in);
	fputs("\"></figure>\n", d->out);
}

static void put_paths(struct doc *d)
{
	const struct verdict *v = &d->ctx->verdict;
	size_t i;

	fputs("<div class=\"paths\">\n", d->out);
	for (i = 0; i < v->mode_cnt; i++) {
		if (!v->copies[i].cells)
			continue;
		fprintf(d->out, "<figure><figcaption><i style=\"background:%s\"></i><b>",
			mode_colour(i));
		put_xml(d->out, v->copies[i].mode->name);
		fputs("</b> ", d->out);
		put_xml(d->out, v->copies[i].mode->title ? v->copies[i].mode->title : "");
		fprintf(d->out, " <span>%s%.2f copies per byte</span></figcaption>\n",
			v->copies[i].lower_bound ? "\u2265 " : "", v->copies[i].per_byte);
		path_svg(&v->copies[i], d->out);
		fputs("</figure>\n", d->out);
	}
	fputs("</div>\n<p class=\"legend\"><i class=\"copy\"></i>copied "
	      "<i class=\"ref\"></i>referenced, not copied <i class=\"unknown\"></i>not visible here; "
	      "width by bytes</p>\n",
	      d->out);
}

static void html_figure(struct doc *d, enum figure figure, size_t mode)
{
	enum plot p;

	switch (figure) {
	case FIGURE_PATHS:
		put_paths(d);
		break;
	case FIGURE_CPU:
		fputs("<figure class=\"cpu\">\n", d->out);
		cpu_svg(d->ctx->set, d->out);
		fputs("</figure>\n", d->out);
		break;
	case FIGURE_PLOTS:
		fputs("<div class=\"plots\">\n", d->out);
		for (p = 0; p < PLOT_MAX_; p++)
			if (d->ctx->plot[p].drawn)
				put_plot(d, p);
		fputs("</div>\n", d->out);
		break;
	case FIGURE_DIFF:
		fputs("<figure class=\"scroll\">\n", d->out);
		flame_diff_put(d->ctx->set, mode, false, d->out);
		fputs("</figure>\n", d->out);
		break;
	case FIGURE_ONCPU:
	case FIGURE_OFFCPU:
		fputs("<figure class=\"scroll\">\n", d->out);
		flame_put(d->ctx->set, mode,
			  figure == FIGURE_ONCPU ? STACK_ONCPU : STACK_OFFCPU, false, d->out);
		fputs("</figure>\n", d->out);
		break;
	}
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
