// SPDX-License-Identifier: GPL-2.0-only
/* The waterfall in the page: from one mode's CPU time of a byte to the other's, a row for each category between them,
 * which opens its functions. Text is HTML and only the bars are SVG, so that it is read at any width.
 */
#include <math.h>

#include "report/escape.h"
#include "report/waterfall.h"

#define WIDTH  1000.0 /* of a row's drawing, which is stretched to what there is */
#define HEIGHT 20
#define BAR    14
#define PARTS  8 /* functions of a category; the others are one row */

struct row {
	const char *class;
	double from, to; /* levels, ns per byte */
	double before;	 /* the level that the row above ended at */
};

static void put_svg(const struct row *row, double scale, FILE *out)
{
	double left = MIN(row->from, row->to) * scale, width = fabs(row->to - row->from) * scale;

	fprintf(out,
		"<svg viewBox=\"0 0 %.0f %d\" preserveAspectRatio=\"none\" aria-hidden=\"true\">"
		"<line x1=\"%.2f\" x2=\"%.2f\" y1=\"0\" y2=\"%d\"/>"
		"<line x1=\"%.2f\" x2=\"%.2f\" y1=\"%d\" y2=\"%d\"/>"
		"<rect class=\"%s\" x=\"%.2f\" y=\"%d\" width=\"%.2f\" height=\"%d\"/></svg>",
		WIDTH, HEIGHT, row->before * scale, row->before * scale, (HEIGHT - BAR) / 2, row->to * scale,
		row->to * scale, (HEIGHT + BAR) / 2, HEIGHT, row->class, left, (HEIGHT - BAR) / 2, MAX(width, 1.5), BAR);
}

static void put_whole(const struct pair *pair, unsigned int side, double scale, FILE *out)
{
	double ns = pair->found.total.ns[side];
	struct row row = {.class = "whole", .to = ns, .before = ns};

	put_xmlf(out, "<div class=\"row\"><span><i style=\"background:%s\"></i><b>%s</b></span>",
		 mode_colour(pair->mode[side]), mode_name(pair->ctx, pair->mode[side]));
	put_svg(&row, scale, out);
	fprintf(out, "<b>%s</b><small>ns per byte</small></div>\n", number_ns(ns).text);
}

static void put_cells(const char *name, const double ns[2], double change, FILE *out)
{
	put_xmlf(out, "<tr><td>%s</td>", name);
	fprintf(out, "<td class=\"num\">%s</td><td class=\"num\">%s</td><td class=\"num\">%s</td></tr>\n",
		number_ns(ns[0]).text, number_ns(ns[1]).text, number_change(change).text);
}

static void put_parts(const struct pair *pair, enum category category, FILE *out)
{
	const struct waterfall *w = &pair->found;
	double others[2] = {0};
	size_t i, shown = 0, left = 0;

	fputs("<div class=\"scroll\" tabindex=\"0\"><table><thead><tr><th scope=\"col\">Function</th>", out);
	for (i = 0; i < 2; i++)
		put_xmlf(out, "<th scope=\"col\" class=\"num\">%s</th>", mode_name(pair->ctx, pair->mode[i]));
	fputs("<th scope=\"col\" class=\"num\">Difference</th></tr></thead><tbody>\n", out);
	for (i = 0; i < w->part_cnt; i++) {
		const struct waterfall_part *part = &w->part[i];
		_cleanup_free_ char *name = NULL;

		if (part->category != category)
			continue;
		if (shown++ < PARTS) {
			name = function_text(pair->ctx->set, part->frame, "(no stack)");
			put_cells(name, part->self.ns, part->self.change, out);
			continue;
		}
		left++;
		others[0] += part->self.ns[0];
		others[1] += part->self.ns[1];
	}
	if (left) {
		_cleanup_free_ char *name = xasprintf("others (%zu)", left);

		put_cells(name, others, others[1] - others[0], out);
	}
	fputs("</tbody></table></div>\n", out);
}

static void put_bar(const struct pair *pair, enum category category, double *level, double scale, FILE *out)
{
	const struct cost_change *c = &pair->found.bar[category];
	struct row row = {
		.class = change_word(c), .from = *level, .to = *level + c->change, .before = *level};

	fprintf(out, "<details><summary class=\"row\"><span><i style=\"background:%s\"></i>%s</span>",
		category_colours[category], category_defs[category].title);
	put_svg(&row, scale, out);
	fprintf(out, "<b>%s</b><small>", number_change(c->change).text);
	fprintf(out, "%s to ", number_change(c->low).text);
	fprintf(out, "%s%s</small></summary>\n", number_change(c->high).text, change_decided(c) ? "" : ", undecided");
	put_parts(pair, category, out);
	fputs("</details>\n", out);
	*level = row.to;
}

void draw_waterfall(const void *of, FILE *out)
{
	const struct pair *pair = of;
	const struct waterfall *w = &pair->found;
	enum category order[CATEGORY_MAX_];
	size_t cnt = waterfall_order(w, order), i;
	double level = w->total.ns[0], highest = MAX(w->total.ns[0], w->total.ns[1]), scale;

	for (i = 0; i < cnt; i++) {
		level += w->bar[order[i]].change;
		highest = MAX(highest, level);
	}
	scale = highest > 0 ? WIDTH / highest : 0;
	level = w->total.ns[0];
	fputs("<figure class=\"waterfall\">\n", out);
	put_whole(pair, 0, scale, out);
	for (i = 0; i < cnt; i++)
		put_bar(pair, order[i], &level, scale, out);
	put_whole(pair, 1, scale, out);
	fputs("<p class=\"legend\"><i class=\"more\"></i>more <i class=\"less\"></i>less <i class=\"undecided\"></i>"
	      "undecided; a row opens its functions</p>\n</figure>\n", out);
}
