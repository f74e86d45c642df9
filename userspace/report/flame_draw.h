/* SPDX-License-Identifier: GPL-2.0-only */
/* Boxes stacked on each other as an interactive SVG: geometry, pruning, head and tools. What a box
 * means (one profile, or the difference of two) is the caller's. Private to the flamegraphs.
 */
#ifndef REPORT_FLAME_DRAW_H
#define REPORT_FLAME_DRAW_H

#include "core/util.h"

struct flame_box {
	double start, value; /* from the left, and as wide; in the unit of flame_drawing.total */
	unsigned int depth;
};

/* What is said about a box that is wide enough to be drawn. */
struct flame_words {
	const char *name;
	const char *module; /* or NULL */
	char class[4];
	char fill[8];	  /* "#rrggbb", or "": the class decides */
	char detail[160]; /* follows the name, in parentheses; holds none of its own */
};

struct flame_legend {
	const char *class, *fill, *label; /* class or fill */
	int x;
};

struct flame_drawing {
	const char *title, *subtitle;
	const struct flame_legend *legend;
	size_t legend_cnt;
	const struct flame_box *box; /* preorder */
	size_t cnt;
	double total;
	bool standalone; /* a file of its own: brings its style and script */
	void (*describe)(const void *ctx, size_t i, struct flame_words *words);
	const void *ctx;
};

void flame_draw(const struct flame_drawing *d, FILE *out);

#endif
