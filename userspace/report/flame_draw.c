// SPDX-License-Identifier: GPL-2.0-only
/* Frames are <g class="..."><title/><rect/><text/></g> in viewBox units; zoom and search are in
 * assets/flame.js, which reads the geometry back from the rects. Several graphs on one page share
 * style and script: nothing here has an id.
 */
#include "report/flame_draw.h"

#include <math.h>
#include <string.h>

#include "core/utf8.h"
#include "report/assets.h"
#include "report/escape.h"

#define WIDTH	   1200.0
#define MARGIN	   10.0
#define ROW	   17.0
#define TOP	   58.0
#define BOTTOM	   10.0
#define CHAR_WIDTH 6.6  /* 11 px monospace */
#define MIN_ROW	   6.0  /* a row that holds less is cut, with all above it */
#define MIN_WIDTH  0.7  /* narrower frames are not drawn ... */
#define MAX_FRAMES 4000 /* ... and if that leaves more, the narrowest of them neither */

/* As many characters as fit, then an ellipsis; nothing when not even three fit. */
static void put_label(const char *name, double width, FILE *out)
{
	size_t room = width > 6 ? (size_t)((width - 6) / CHAR_WIDTH) : 0, chars = 0, cut = 0;
	_cleanup_free_ char *text = NULL;
	const char *s = name;
	uint32_t c;

	if (room < 3)
		return;
	while (*s) {
		if (chars == room - 1)
			cut = (size_t)(s - name);
		s += utf8_decode(s, &c);
		chars++;
	}
	if (chars <= room) {
		put_xml(out, name);
		return;
	}
	text = xstrdup(name);
	text[cut] = '\0';
	put_xml(out, text);
	fputs("\u2026", out);
}

static void put_frame(const struct flame_drawing *d, size_t i, double scale, unsigned int depth,
		      FILE *out)
{
	const struct flame_box *box = &d->box[i];
	double x = MARGIN + box->start * scale, width = box->value * scale;
	double y = TOP + (depth - box->depth) * ROW;
	struct flame_words words = {0};

	d->describe(d->ctx, i, &words);
	fprintf(out, "<g class=\"%s\"><title>", words.class);
	put_xml(out, words.name);
	if (words.module) {
		fputs(" [", out);
		put_xml(out, words.module);
		fputc(']', out);
	}
	fprintf(out, " (%s)</title><rect x=\"%.2f\" y=\"%.0f\" width=\"%.2f\"", words.detail, x,
		y, width);
	if (*words.fill)
		fprintf(out, " fill=\"%s\"", words.fill);
	fprintf(out, "/><text x=\"%.2f\" y=\"%.0f\">", x + 3, y + 12);
	put_label(words.name, width, out);
	fputs("</text></g>\n", out);
}

static int compare_double_down(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x < y) - (x > y);
}

/* The width below which frames are left out, and how many those are. */
static double prune_width(const struct flame_drawing *d, double scale, size_t *pruned)
{
	_cleanup_free_ double *width = xcalloc(d->cnt, sizeof(*width));
	double least = MIN_WIDTH;
	size_t i;

	for (i = 0; i < d->cnt; i++)
		width[i] = d->box[i].value * scale;
	qsort(width, d->cnt, sizeof(*width), compare_double_down);
	/* strictly wider than the first that is one too many */
	if (d->cnt > MAX_FRAMES && width[MAX_FRAMES] >= least)
		least = nextafter(width[MAX_FRAMES], INFINITY);
	for (i = 0; i < d->cnt && width[i] >= least; i++)
		;
	*pruned = d->cnt - i;
	return least;
}

/* The depth of the picture: rows above it hold next to nothing, such as a few runaway stacks, and would
 * make it many times as high. *cut counts their frames.
 */
static unsigned int drawn_depth(const struct flame_drawing *d, double scale, double least, size_t *cut)
{
	unsigned int depth, deepest = 0;
	double *row;
	size_t i;

	for (i = 0; i < d->cnt; i++)
		deepest = MAX(deepest, d->box[i].depth);
	row = xcalloc(deepest + 1, sizeof(*row));
	for (i = 0; i < d->cnt; i++)
		row[d->box[i].depth] += d->box[i].value * scale;
	for (depth = deepest; depth > 0 && row[depth] < MIN_ROW; depth--)
		;
	free(row);
	*cut = 0;
	for (i = 0; i < d->cnt; i++)
		*cut += d->box[i].depth > depth && d->box[i].value * scale >= least;
	return depth;
}

static bool is_drawn(const struct flame_drawing *d, size_t i, double scale, double least,
		     unsigned int depth)
{
	return d->box[i].value * scale >= least && d->box[i].depth <= depth;
}

static void put_head(const struct flame_drawing *d, double height, size_t pruned, size_t cut,
		     double least, FILE *out)
{
	if (d->standalone)
		fputs("<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?>\n", out);
	fprintf(out,
		"<svg class=\"flame\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\""
		" width=\"%.0f\" height=\"%.0f\" role=\"img\">\n<title>",
		WIDTH, height, WIDTH, height);
	put_xml(out, d->title);
	fputs("</title>\n", out);
	if (d->standalone)
		fprintf(out, "<style>%.*s</style>\n", ASSET(flame_css));
	fprintf(out, "<rect class=\"bg\" width=\"%.0f\" height=\"%.0f\"/>\n", WIDTH, height);
	fputs("<text class=\"h\" x=\"10\" y=\"20\">", out);
	put_xml(out, d->title);
	fputs("</text>\n<text class=\"s\" x=\"10\" y=\"36\">", out);
	put_xml(out, d->subtitle);
	if (pruned + cut)
		fprintf(out, "; not drawn: %zu frames narrower than %.3f %%", pruned + cut,
			100 * least / (WIDTH - 2 * MARGIN));
	if (cut)
		fprintf(out, " or on rows under %.1f %%", 100 * MIN_ROW / (WIDTH - 2 * MARGIN));
	fputs("</text>\n<text class=\"s info\" x=\"10\" y=\"51\"></text>\n", out);
}

/* The words explain the colours; the buttons are for pointers, the keys are in their titles. */
static void put_tools(const struct flame_drawing *d, FILE *out)
{
	size_t i;

	for (i = 0; i < d->legend_cnt; i++) {
		const struct flame_legend *l = &d->legend[i];

		fprintf(out, "<g class=\"key%s%s\"><rect x=\"%d\" y=\"27\" width=\"11\"",
			l->class ? " " : "", l->class ? l->class : "", l->x);
		if (l->fill)
			fprintf(out, " fill=\"%s\"", l->fill);
		fprintf(out, "/></g><text class=\"s\" x=\"%d\" y=\"36\">%s</text>\n", l->x + 15,
			l->label);
	}
	fputs("<g class=\"b search\" tabindex=\"0\" role=\"button\"><title>Search for a function "
	      "(press /)</title><text x=\"1190\" y=\"20\">Search</text></g>\n"
	      "<g class=\"b reset\" tabindex=\"0\" role=\"button\"><title>Show everything again "
	      "(press Escape)</title><text x=\"1130\" y=\"20\">Reset</text></g>\n"
	      "<text class=\"s match\" x=\"1190\" y=\"51\"></text>\n",
	      out);
}

void flame_draw(const struct flame_drawing *d, FILE *out)
{
	double scale = d->total > 0 ? (WIDTH - 2 * MARGIN) / d->total : 0, least;
	unsigned int depth;
	size_t i, pruned, cut;

	least = prune_width(d, scale, &pruned);
	depth = drawn_depth(d, scale, least, &cut);
	put_head(d, TOP + (depth + 1) * ROW + BOTTOM, pruned, cut, least, out);
	put_tools(d, out);
	fputs("<g class=\"frames\">\n", out);
	for (i = 0; i < d->cnt; i++)
		if (is_drawn(d, i, scale, least, depth))
			put_frame(d, i, scale, depth, out);
	fputs("</g>\n", out);
	if (d->standalone)
		fprintf(out, "<script><![CDATA[\n%.*s]]></script>\n", ASSET(flame_js));
	fputs("</svg>\n", out);
}
