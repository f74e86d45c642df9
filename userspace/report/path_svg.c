// SPDX-License-Identifier: GPL-2.0-only
/* The way of the bytes of each mode, drawn: from the sender's buffer to the receiver's, with the
 * copies and references on each edge, as wide as the bytes they moved. What was not seen is drawn
 * as unknown.
 */
#include <math.h>
#include <string.h>

#include "report/escape.h"
#include "report/number.h"
#include "report/sections.h"

#define WIDTH	  372
#define BOX	  30 /* height of a place the bytes are in */
#define EDGE	  40 /* height of one edge's row */
#define FULL_BYTE 22 /* stroke width of one byte per byte */
#define LABEL_X	  132
#define LABEL_CHARS 34 /* of a title, to the right edge */
#define SAME_PER_BYTE 0.005 /* nothing that one sees */

static const char *const places[] = {
	"sender: application buffer", "sender: buffer given to send", "kernel: socket buffers (skb)",
	"kernel: receive queue", "receiver: application buffer",
};

static const char *const signs[] = {
	[BOUND_NONE] = "", [BOUND_LOWER] = "\u2265 ", [BOUND_UPPER] = "\u2264 ", [BOUND_BOTH] = "\u2248 "};

static const char *const nothing_here[] = {
	[LAYER_APP] = "no copy: sent from where it lies",
	[LAYER_SEND] = "nothing was sent",
	[LAYER_STACK] = "no payload copy seen",
	[LAYER_RECEIVE] = "nothing was received",
};
static_assert_complete(nothing_here, LAYER_MAX_);

/* Edges of a layer worth drawing: what moved bytes, and what might have. References nobody could see
 * are left to the table: they are no copies.
 */
static bool is_drawn(const struct mode_copies *c, enum stage s)
{
	if (stage_defs[s].traits & STAGE_HEADERS)
		return false;
	return c->stage[s].bytes > 0 ||
	       (stage_defs[s].kind == STAGE_COPY && !stage_known(&c->stage[s]));
}

/* "skb_copy_ubufs: local delivery", cut to what fits; the reason with the most bytes stands for all. */
static void put_title(const struct mode_copies *c, enum stage s, FILE *out)
{
	_cleanup_free_ char *text = xstrdup(stage_defs[s].short_title), *reason = NULL;
	const struct copy_place *first = NULL;
	size_t i, cnt = 0;

	for (i = 0; i < c->place_cnt; i++) {
		if (c->place[i].stage != s || c->place[i].bytes <= 0)
			continue;
		if (!cnt++)
			first = &c->place[i];
	}
	if (first)
		reason = copy_reason_text(first->reason, first->detail);
	if (first && strcmp(reason, text)) {
		xappend(&text, ": ", "%s", reason);
		if (cnt > 1)
			xappend(&text, ", and ", "%zu more", cnt - 1);
	}
	put_xml_cut(out, text, LABEL_CHARS, LABEL_CHARS);
}

/* Whether two are drawn alike, but for the bytes. */
static bool same_edge(const struct mode_copies *a, const struct mode_copies *b, enum stage s)
{
	const struct stage_sum *x = &a->stage[s], *y = &b->stage[s];

	if (is_drawn(a, s) != is_drawn(b, s))
		return false;
	return !is_drawn(a, s) || (!x->known_cells == !y->known_cells && stage_per_byte_bound(x) == stage_per_byte_bound(y) &&
				   fabs(stage_per_byte(x) - stage_per_byte(y)) < SAME_PER_BYTE);
}

static bool same_path(const struct mode_copies *a, const struct mode_copies *b)
{
	enum stage s;

	for (s = 0; s < STAGE_MAX_; s++)
		if (!same_edge(a, b, s))
			return false;
	return a->cells && b->cells && a->copies.bound == b->copies.bound;
}

/* Of several modes that are drawn as one there are no bytes. */
static void put_edge(const struct mode_copies *c, enum stage s, int row, int y, int height, int x, bool alone, FILE *out)
{
	const struct stage_sum *sum = &c->stage[s];
	bool unknown = !sum->known_cells;
	double per_byte = stage_per_byte(sum);
	double width = unknown ? 2 : MAX(1.5, MIN(per_byte, 1.5) * FULL_BYTE);
	int label_y = y + row * EDGE + EDGE / 2;

	fprintf(out,
		"<path class=\"%s\" stroke-width=\"%.1f\" d=\"M%d %dV%d\"/>"
		"<path class=\"lead\" d=\"M%d %dH%d\"/><text x=\"%d\" y=\"%d\">",
		unknown ? "unknown" : stage_defs[s].colour, width, x, y, y + height,
		x + (int)(width / 2) + 2, label_y, LABEL_X - 5, LABEL_X, label_y - 2);
	put_title(c, s, out);
	if (unknown) {
		fputs(": not visible</text>\n", out);
		return;
	}
	fprintf(out, "</text><text class=\"n\" x=\"%d\" y=\"%d\">%s%.*f %s per byte%s%s</text>\n",
		LABEL_X, label_y + 13, signs[stage_per_byte_bound(sum)], alone ? 3 : 2, per_byte,
		stage_kind_nouns[stage_defs[s].kind], alone ? " \u00b7 " : "", alone ? number_bytes(sum->bytes).text : "");
}

/* The rows of a layer. Where no copy was seen in the stack, that is a row of its own beside those that
 * could not be looked at.
 */
static int layer_rows(const struct mode_copies *c, enum layer layer, bool *none)
{
	int rows = 0, moved = 0;
	enum stage s;

	for (s = 0; s < STAGE_MAX_; s++) {
		if (stage_defs[s].layer != layer || !is_drawn(c, s))
			continue;
		rows++;
		moved += c->stage[s].bytes > 0;
	}
	*none = !rows || (layer == LAYER_STACK && !moved);
	return rows + *none;
}

/* Of a layer that all bytes cross: they crossed it somewhere, if not where we looked. */
static const char *no_copy(const struct mode_copies *c, enum layer layer)
{
	enum stage s;

	for (s = 0; s < STAGE_MAX_; s++)
		if (stage_defs[s].layer == layer && layer != LAYER_STACK && !stage_known(&c->stage[s]))
			return "no copy seen; the rest is not visible";
	return nothing_here[layer];
}

/* Returns the y below the layer. */
static int put_layer(const struct mode_copies *c, enum layer layer, int y, bool alone, FILE *out)
{
	bool none;
	int rows = layer_rows(c, layer, &none), row = none, height = rows * EDGE;
	int x = 60 - 16 * (rows - 1); /* spread around the middle: one at 60, three at 28, 60, 92 */
	enum stage s;

	if (none)
		fprintf(out,
			"<path class=\"none\" d=\"M%d %dV%d\"/>"
			"<path class=\"lead\" d=\"M%d %dH%d\"/>"
			"<text class=\"n\" x=\"%d\" y=\"%d\">%s</text>\n",
			x, y, y + height, x + 2, y + EDGE / 2, LABEL_X - 5, LABEL_X,
			y + EDGE / 2 + 4, no_copy(c, layer));
	for (s = 0; s < STAGE_MAX_; s++) {
		if (stage_defs[s].layer != layer || !is_drawn(c, s))
			continue;
		put_edge(c, s, row, y, height, x + 32 * row, alone, out);
		row++;
	}
	return y + height;
}

static int put_place(size_t i, int y, FILE *out)
{
	fprintf(out,
		"<rect class=\"place\" x=\"1\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"4\"/>"
		"<text class=\"p\" x=\"14\" y=\"%d\">%s</text>\n",
		y, WIDTH - 2, BOX, y + 20, places[i]);
	return y + BOX;
}

static void put_path(const struct mode_copies *c, bool alone, FILE *out)
{
	int height = 0, y = 1;
	enum layer layer;
	bool none;

	for (layer = 0; layer < LAYER_MAX_; layer++)
		height += BOX + layer_rows(c, layer, &none) * EDGE;
	height += BOX + 2;
	put_xmlf(out,
		 "<svg class=\"path\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" "
		 "width=\"%d\" height=\"%d\" role=\"img\"><title>Path of the bytes in mode %s"
		 "</title>\n",
		 WIDTH, height, WIDTH, height, c->mode->name);
	for (layer = 0; layer < LAYER_MAX_; layer++) {
		y = put_place(layer, y, out);
		y = put_layer(c, layer, y, alone, out);
	}
	put_place(LAYER_MAX_, y, out);
	fputs("</svg>\n", out);
}

/* A mode, and those after it that are drawn alike, as one: *drawn has bits by mode. */
static void put_alike(const struct report_ctx *ctx, size_t first, uint64_t *drawn, FILE *out)
{
	const struct mode_copies *copies = ctx->verdict.copies, *c = &copies[first];
	size_t i, cnt = 0;

	fputs("<figure><figcaption>", out);
	fprintf(out, "<span>%s%.2f copies per byte</span>", signs[c->copies.bound], c->copies.value);
	for (i = first; i < ctx->verdict.mode_cnt; i++) {
		if (i != first && (*drawn >> i & 1 || !same_path(c, &copies[i])))
			continue;
		fputs(cnt++ ? "<br>" : "", out);
		put_mode_key(ctx, i, out);
		*drawn |= 1ULL << i;
	}
	fputs("</figcaption>\n", out);
	put_path(c, cnt == 1, out);
	fputs("</figure>\n", out);
}

static void draw_paths(const void *of, FILE *out)
{
	const struct report_ctx *ctx = of;
	uint64_t drawn = 0;
	size_t i;

	fputs("<div class=\"paths\">\n", out);
	for (i = 0; i < ctx->verdict.mode_cnt; i++)
		if (ctx->verdict.copies[i].cells && !(drawn >> i & 1))
			put_alike(ctx, i, &drawn, out);
	fputs("</div>\n<p class=\"legend\"><i class=\"copy\"></i>copied "
	      "<i class=\"ref\"></i>referenced, not copied <i class=\"transform\"></i>encrypted or "
	      "decrypted <i class=\"unknown\"></i>not visible "
	      "here; width by bytes</p>\n",
	      out);
}

void figure_paths(struct doc *d, const struct report_ctx *ctx)
{
	doc_figure(d, &(struct figure){.draw = draw_paths, .of = ctx});
}
