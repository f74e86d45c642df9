// SPDX-License-Identifier: GPL-2.0-only
/* A flamegraph as SVG. Frames are <g class="..."><title/><rect/><text/></g> in viewBox units; zoom and
 * search are in assets/flame.js, which reads the geometry back from the rects. Several graphs on one
 * page share style and script: nothing here has an id.
 */
#include <ctype.h>
#include <fnmatch.h>
#include <math.h>
#include <string.h>

#include "core/utf8.h"
#include "report/assets.h"
#include "report/escape.h"
#include "report/flame.h"
#include "report/number.h"

#define WIDTH	     1200.0
#define MARGIN	     10.0
#define ROW	     17.0
#define TOP	     58.0
#define BOTTOM	     10.0
#define CHAR_WIDTH   6.6 /* 11 px monospace */
#define MIN_WIDTH    0.3 /* narrower frames are not drawn ... */
#define MAX_FRAMES   4000 /* ... and if that leaves more, the narrowest of them neither */

/* Kernel functions whose time is copying payload. */
static const char *const copy_functions[] = {
	"copy_user_*",	     "rep_movs_*",	     "_copy_from_iter*", "_copy_to_iter*",
	"copy_from_user*",   "copy_to_user*",	     "__copy_user*",	 "raw_copy_*",
	"copyin",	     "copyout",		     "skb_copy_*",	 "__skb_datagram_iter",
	"simple_copy_to_iter", "copy_page_to_iter*", "copy_page_from_iter*",
	"csum_and_copy_*",   "csum_partial_copy_*",  "skb_do_copy_data_nocache",
	"memcpy*",	     "__memcpy*",	     "memmove*",	 "__memmove*",
	"skb_segment",	     "skb_linearize*",	     "__pskb_copy*",	 "__arch_copy_*",
	"__memmove_*",	     "memcpy_*",
};

static bool is_copy(const struct frame *f)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(copy_functions); i++)
		if (!fnmatch(copy_functions[i], f->name, 0))
			return true;
	return false;
}

/* One letter for what it is, one digit for a tint, so that neighbours can be told apart. */
static void put_class(const struct flame_node *n, FILE *out)
{
	static const char kinds[] = {
		[FRAME_USER] = 'u', [FRAME_KERNEL] = 'k', [FRAME_OTHER] = 'o'};
	unsigned int hash = 0;
	const char *s;

	if (!n->frame) {
		fputs("r", out);
		return;
	}
	for (s = n->frame->name; *s; s++)
		hash = hash * 31 + (unsigned char)*s;
	fprintf(out, "%c%u", is_copy(n->frame) ? 'c' : kinds[n->frame->kind], hash % 3);
}

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

static void put_frame(const struct flame_tree *tree, const struct flame_node *n,
		      const struct flame_style *style, double scale, unsigned int depth, FILE *out)
{
	const char *name = n->frame ? n->frame->name : role_names[n->role];
	double x = MARGIN + (double)n->start * scale, width = (double)n->value * scale;
	double y = TOP + (depth - n->depth) * ROW;
	char value[NUMBER_LEN];

	fputs("<g class=\"", out);
	put_class(n, out);
	fputs("\"><title>", out);
	put_xml(out, name);
	if (n->frame && n->frame->module) {
		fputs(" [", out);
		put_xml(out, n->frame->module);
		fputc(']', out);
	}
	if (style->divide == 1)
		number_exact((double)n->value, value);
	else
		number_short((double)n->value / style->divide, value);
	fprintf(out, " (%s %s, %.2f %%)</title><rect x=\"%.2f\" y=\"%.0f\" width=\"%.2f\"/>", value,
		style->unit, 100.0 * (double)n->value / (double)tree->total, x, y, width);
	fprintf(out, "<text x=\"%.2f\" y=\"%.0f\">", x + 3, y + 12);
	put_label(name, width, out);
	fputs("</text></g>\n", out);
}

static int compare_double_down(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x < y) - (x > y);
}

/* The width below which frames are left out, and how many those are. */
static double prune_width(const struct flame_tree *tree, double scale, size_t *pruned)
{
	_cleanup_free_ double *width = xcalloc(tree->cnt, sizeof(*width));
	double least = MIN_WIDTH;
	size_t i;

	for (i = 0; i < tree->cnt; i++)
		width[i] = (double)tree->node[i].value * scale;
	qsort(width, tree->cnt, sizeof(*width), compare_double_down);
	/* strictly wider than the first that is one too many */
	if (tree->cnt > MAX_FRAMES && width[MAX_FRAMES] >= least)
		least = nextafter(width[MAX_FRAMES], INFINITY);
	for (i = 0; i < tree->cnt && width[i] >= least; i++)
		;
	*pruned = tree->cnt - i;
	return least;
}

static void put_head(const struct flame_tree *tree, const struct flame_style *style, double height,
		     size_t pruned, double least, FILE *out)
{
	char total[NUMBER_LEN];

	if (style->standalone)
		fputs("<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?>\n", out);
	fprintf(out,
		"<svg class=\"flame\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\""
		" width=\"%.0f\" height=\"%.0f\" role=\"img\">\n<title>",
		WIDTH, height, WIDTH, height);
	put_xml(out, style->title);
	fputs("</title>\n", out);
	if (style->standalone)
		fprintf(out, "<style>%.*s</style>\n", ASSET(flame_css));
	fprintf(out, "<rect class=\"bg\" width=\"%.0f\" height=\"%.0f\"/>\n", WIDTH, height);
	fputs("<text class=\"h\" x=\"10\" y=\"20\">", out);
	put_xml(out, style->title);
	if (style->divide == 1)
		number_exact((double)tree->total, total);
	else
		number_short((double)tree->total / style->divide, total);
	fprintf(out, "</text>\n<text class=\"s\" x=\"10\" y=\"36\">%s %s in all", total, style->unit);
	if (pruned)
		fprintf(out, "; %zu frames narrower than %.3f %% are not drawn", pruned,
			100 * least / (WIDTH - 2 * MARGIN));
	fputs("</text>\n<text class=\"s info\" x=\"10\" y=\"51\"></text>\n", out);
}

/* The words explain the colours; the buttons are for pointers, the keys are in their titles. */
static void put_tools(FILE *out)
{
	static const struct {
		const char *class, *label;
		int x;
	} legend[] = {
		{"u1", "user", 905}, {"k1", "kernel", 965}, {"c1", "copies data", 1035},
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(legend); i++)
		fprintf(out,
			"<g class=\"key %s\"><rect x=\"%d\" y=\"27\" width=\"11\"/></g>"
			"<text class=\"s\" x=\"%d\" y=\"36\">%s</text>\n",
			legend[i].class, legend[i].x, legend[i].x + 15, legend[i].label);
	fputs("<g class=\"b search\" tabindex=\"0\" role=\"button\"><title>Search for a function "
	      "(press /)</title><text x=\"1190\" y=\"20\">Search</text></g>\n"
	      "<g class=\"b reset\" tabindex=\"0\" role=\"button\"><title>Show everything again "
	      "(press Escape)</title><text x=\"1130\" y=\"20\">Reset</text></g>\n"
	      "<text class=\"s match\" x=\"1190\" y=\"51\"></text>\n",
	      out);
}

void flame_svg(const struct flame_tree *tree, const struct flame_style *style, FILE *out)
{
	double scale = tree->total ? (WIDTH - 2 * MARGIN) / (double)tree->total : 0, least;
	unsigned int depth = 0; /* of what is drawn */
	size_t i, pruned;

	least = prune_width(tree, scale, &pruned);
	for (i = 0; i < tree->cnt; i++)
		if ((double)tree->node[i].value * scale >= least)
			depth = MAX(depth, tree->node[i].depth);
	put_head(tree, style, TOP + (depth + 1) * ROW + BOTTOM, pruned, least, out);
	put_tools(out);
	fputs("<g class=\"frames\">\n", out);
	for (i = 0; i < tree->cnt; i++)
		if ((double)tree->node[i].value * scale >= least)
			put_frame(tree, &tree->node[i], style, scale, depth, out);
	fputs("</g>\n", out);
	if (style->standalone)
		fprintf(out, "<script><![CDATA[\n%.*s]]></script>\n", ASSET(flame_js));
	fputs("</svg>\n", out);
}
