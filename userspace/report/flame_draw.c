// SPDX-License-Identifier: GPL-2.0-only
/* Frames are <g class="..."><title/><rect/><text/></g> in viewBox units; zoom and search are in
 * assets/flame.js, which reads the geometry back from the rects. Several graphs on one page share
 * style and script: nothing here has an id.
 */
#include "report/flame.h"

#include <math.h>

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

/* What of a drawing is drawn. */
struct view {
	double scale; /* of a box's value to its width */
	double least; /* frames narrower than this are left out ... */
	unsigned int depth; /* ... and those above this */
	size_t pruned, cut; /* how many, respectively */
};

static double width_of(const struct flame_drawing *d, const struct view *view, size_t i)
{
	return d->box[i].value * view->scale;
}

static int compare_double_down(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x < y) - (x > y);
}

static void prune_narrow(const struct flame_drawing *d, struct view *view)
{
	_cleanup_free_ double *width = xcalloc(d->cnt, sizeof(*width));
	size_t i;

	for (i = 0; i < d->cnt; i++)
		width[i] = width_of(d, view, i);
	qsort(width, d->cnt, sizeof(*width), compare_double_down);
	view->least = MIN_WIDTH;
	/* strictly wider than the first that is one too many */
	if (d->cnt > MAX_FRAMES && width[MAX_FRAMES] >= MIN_WIDTH)
		view->least = nextafter(width[MAX_FRAMES], INFINITY);
	for (i = 0; i < d->cnt && width[i] >= view->least; i++)
		;
	view->pruned = d->cnt - i;
}

/* Rows at the top that hold next to nothing, such as a few runaway stacks, would make the picture
 * many times as high.
 */
static void cut_top(const struct flame_drawing *d, struct view *view)
{
	_cleanup_free_ double *row = NULL;
	size_t i;

	for (i = 0; i < d->cnt; i++)
		view->depth = MAX(view->depth, d->box[i].node->depth);
	row = xcalloc(view->depth + 1, sizeof(*row));
	for (i = 0; i < d->cnt; i++)
		row[d->box[i].node->depth] += width_of(d, view, i);
	while (view->depth > 0 && row[view->depth] < MIN_ROW)
		view->depth--;
	for (i = 0; i < d->cnt; i++)
		view->cut += d->box[i].node->depth > view->depth &&
			     width_of(d, view, i) >= view->least;
}

static void put_frame(const struct flame_drawing *d, const struct view *view, size_t i, FILE *out)
{
	const struct flame_node *n = d->box[i].node;
	double x = MARGIN + d->box[i].start * view->scale, width = width_of(d, view, i);
	double y = TOP + (view->depth - n->depth) * ROW;
	size_t room = width > 6 ? (size_t)((width - 6) / CHAR_WIDTH) : 0;
	struct flame_words words = {0};

	d->describe(d->ctx, i, &words);
	put_xmlf(out, "<g class=\"%s\"><title>%s", words.class, flame_node_name(n));
	if (n->frame && n->frame->module)
		put_xmlf(out, " [%s]", n->frame->module);
	put_xmlf(out, " (%s)</title><rect x=\"%.2f\" y=\"%.0f\" width=\"%.2f\"", words.detail, x, y,
		 width);
	if (*words.fill)
		fprintf(out, " fill=\"%s\"", words.fill);
	fprintf(out, "/><text x=\"%.2f\" y=\"%.0f\">", x + 3, y + 12);
	/* as many characters as fit, but no fewer than three */
	if (room >= 3)
		put_xml_cut(out, flame_node_name(n), room, room - 1);
	fputs("</text></g>\n", out);
}

static void put_head(const struct flame_drawing *d, const struct view *view, FILE *out)
{
	double height = TOP + (view->depth + 1) * ROW + BOTTOM, whole = WIDTH - 2 * MARGIN;

	if (d->standalone)
		fputs("<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?>\n", out);
	put_xmlf(out,
		 "<svg class=\"flame\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f "
		 "%.0f\" width=\"%.0f\" height=\"%.0f\" role=\"group\">\n<title>%s</title>\n",
		 WIDTH, height, WIDTH, height, d->title);
	if (d->standalone)
		fprintf(out, "<style>%.*s</style>\n", ASSET(flame_css));
	put_xmlf(out,
		 "<rect class=\"bg\" width=\"%.0f\" height=\"%.0f\"/>\n"
		 "<text class=\"h\" x=\"10\" y=\"20\">%s</text>\n"
		 "<text class=\"s\" x=\"10\" y=\"36\">%s",
		 WIDTH, height, d->title, d->subtitle);
	if (view->pruned + view->cut)
		fprintf(out, "; not drawn: %zu frames narrower than %.3f %%",
			view->pruned + view->cut, 100 * view->least / whole);
	if (view->cut)
		fprintf(out, " or on rows under %.1f %%", 100 * MIN_ROW / whole);
	fputs("</text>\n<text class=\"s info\" x=\"10\" y=\"51\"></text>\n", out);
}

/* The words explain the colours; the buttons are for pointers, the keys are in their titles. */
static void put_tools(const struct flame_drawing *d, FILE *out)
{
	static const int x[ARRAY_SIZE(d->legend)] = {905, 965, 1035};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(x); i++) {
		const char *class = d->legend[i].class, *fill = d->legend[i].fill;

		fprintf(out, "<g class=\"key%s%s\"><rect x=\"%d\" y=\"27\" width=\"11\"",
			class ? " " : "", class ?: "", x[i]);
		if (fill)
			fprintf(out, " fill=\"%s\"", fill);
		fprintf(out, "/></g><text class=\"s\" x=\"%d\" y=\"36\">%s</text>\n", x[i] + 15,
			d->legend[i].label);
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
	struct view view = {.scale = d->total > 0 ? (WIDTH - 2 * MARGIN) / d->total : 0};
	size_t i;

	prune_narrow(d, &view);
	cut_top(d, &view);
	put_head(d, &view, out);
	put_tools(d, out);
	fputs("<g class=\"frames\">\n", out);
	for (i = 0; i < d->cnt; i++)
		if (width_of(d, &view, i) >= view.least && d->box[i].node->depth <= view.depth)
			put_frame(d, &view, i, out);
	fputs("</g>\n", out);
	if (d->standalone)
		fprintf(out, "<script><![CDATA[\n%.*s]]></script>\n", ASSET(flame_js));
	fputs("</svg>\n", out);
}
