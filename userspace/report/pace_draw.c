// SPDX-License-Identifier: GPL-2.0-only
/* Passes by time as small multiples in the page: a row a mode, a line a repetition, one scale a column. Text is HTML
 * and only the lines are SVG, as in waterfall_draw.c.
 */
#include <math.h>

#include "report/escape.h"
#include "report/pace.h"

#define WIDTH  240.0 /* of a drawing, which is stretched to what there is; no more points than that */
#define HEIGHT 40.0

static const struct {
	enum timeline_kind kind;
	const char *title;
} columns[] = {
	{TIMELINE_RECEIVED, "Gbit/s"},
	{TIMELINE_RETRANSMITTED, "TCP sent again, Gbit/s"},
	{TIMELINE_RUNNABLE, "runnable threads"},
};

struct scale {
	double most, ns; /* at the top, at the right */
};

static void curve_of(const struct pace_cell *cell, const struct run_result *r, enum timeline_kind kind,
		     struct pace_curve *c)
{
	pace_curve(cell->ctx->set, r, kind, (size_t)WIDTH, c);
}

/* Of all modes. */
static struct scale scale_of(const struct pace_cell *cell, enum timeline_kind kind, struct pace_curve *c)
{
	const struct run_set *set = cell->ctx->set;
	struct scale scale = {0};
	size_t i, j;

	for (i = 0; i < set->result_cnt; i++) {
		const struct run_result *r = &set->result[i];

		if (!pace_concerns(r, r->key.mode, cell->size_bytes, cell->threads))
			continue;
		curve_of(cell, r, kind, c);
		scale.ns = MAX(scale.ns, (double)c->cnt * c->bin_ns);
		for (j = 0; j < c->cnt; j++)
			scale.most = isnan(c->value[j]) ? scale.most : MAX(scale.most, c->value[j]);
	}
	return scale;
}

static struct number scale_text(enum timeline_kind kind, const struct scale *scale)
{
	return timeline_defs[kind].samples ? number_exact(scale->most) : number_short(scale->most);
}

/* Through the middles of the bins; where nobody looked the line is broken. */
static void put_line(const struct pace_curve *c, const struct scale *scale, FILE *out)
{
	bool drawing = false;
	size_t i;

	for (i = 0; i < c->cnt; i++) {
		double x = ((double)i + 0.5) * c->bin_ns / scale->ns * WIDTH;
		double y = HEIGHT - 1 - (scale->most > 0 ? c->value[i] / scale->most : 0) * (HEIGHT - 2);

		if (!isnan(c->value[i]))
			fprintf(out, "%s%.0f %.1f", drawing ? "L" : "M", x, y);
		drawing = !isnan(c->value[i]);
	}
}

static void put_chart(const struct pace_cell *cell, size_t mode, enum timeline_kind kind, const struct scale *scale,
		      struct pace_curve *c, FILE *out)
{
	const struct run_set *set = cell->ctx->set;
	size_t i;

	fprintf(out, "<svg viewBox=\"0 0 %.0f %.0f\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><path stroke=\"%s\" d=\"",
		WIDTH, HEIGHT, mode_colour(mode));
	for (i = 0; i < set->result_cnt; i++) {
		if (!pace_concerns(&set->result[i], mode_name(cell->ctx, mode), cell->size_bytes, cell->threads))
			continue;
		curve_of(cell, &set->result[i], kind, c);
		put_line(c, scale, out);
	}
	fputs("\"/></svg>", out);
}

void draw_pace(const void *of, FILE *out)
{
	const struct pace_cell *cell = of;
	_cleanup_free_ struct pace_curve *c = xmalloc(sizeof(*c));
	struct scale scale[ARRAY_SIZE(columns)];
	size_t mode, i;

	fputs("<figure class=\"pace\"><span></span>", out);
	for (i = 0; i < ARRAY_SIZE(columns); i++) {
		scale[i] = scale_of(cell, columns[i].kind, c);
		fprintf(out, "<small>%s, 0 to %s</small>", columns[i].title, scale_text(columns[i].kind, &scale[i]).text);
	}
	for (mode = 0; mode < cell->ctx->set->plan.mode_cnt; mode++) {
		put_xmlf(out, "\n<b>%s</b>", mode_name(cell->ctx, mode));
		for (i = 0; i < ARRAY_SIZE(columns); i++)
			put_chart(cell, mode, columns[i].kind, &scale[i], c, out);
	}
	fprintf(out, "\n<small class=\"legend\">0 to %.3g s; a line is a repetition</small></figure>\n", scale[0].ns / NSEC_PER_SEC);
}
