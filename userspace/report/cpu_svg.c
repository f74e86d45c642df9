// SPDX-License-Identifier: GPL-2.0-only
#include "report/cpu_svg.h"

#include "analysis/category.h"
#include "report/escape.h"
#include "report/number.h"

#define WIDTH	  760.0
#define LEFT	  4.0
#define ROW	  52.0
#define BAR	  24.0
#define TOP	  2.0
#define MIN_LABEL 34.0 /* narrower segments have no share written in them */

/* Told apart on white and on black. */
static const char *const colours[] = {
	[CATEGORY_COPY] = "#d55e00",	[CATEGORY_PIN] = "#009e73",	[CATEGORY_SKB] = "#e69f00",
	[CATEGORY_TCP] = "#0072b2",	[CATEGORY_DEVICE] = "#56b4e9",	[CATEGORY_MEMORY] = "#cc79a7",
	[CATEGORY_LOCK] = "#b3a100",	[CATEGORY_SCHED] = "#7f5fc7",	[CATEGORY_SYSCALL] = "#8a6d3b",
	[CATEGORY_USER] = "#6aa84f",	[CATEGORY_OBSERVER] = "#999999", [CATEGORY_OTHER] = "#5b5b5b",
};
static_assert_complete(colours, CATEGORY_MAX_);

/* What a bar's length means: ns per byte, or where the bytes are unknown the share alone. */
static double weight(const struct cpu_profile *p)
{
	return p->ns_per_byte > 0 ? p->ns_per_byte : p->total > 0 ? 1 / p->total : 0;
}

static void put_bar(const struct cpu_profile *p, const struct mode_info *mode, double scale, double y,
		    FILE *out)
{
	double x = LEFT;
	size_t i;

	fprintf(out, "<text class=\"p\" x=\"%.0f\" y=\"%.1f\">", LEFT, y + 14);
	put_xml(out, mode->name);
	fputs(" ", out);
	put_xml(out, mode->title ? mode->title : "");
	fputs("</text>", out);
	if (p->ns_per_byte > 0)
		fprintf(out, "<text class=\"n\" x=\"%.0f\" y=\"%.1f\">%.3f ns per byte</text>\n",
			WIDTH - LEFT, y + 14, p->total * p->ns_per_byte);
	for (i = 0; i < CATEGORY_MAX_; i++) {
		double width = p->samples[i] * weight(p) * scale;
		double share = p->total > 0 ? 100 * p->samples[i] / p->total : 0;

		if (p->samples[i] <= 0)
			continue;
		fprintf(out,
			"<g><title>%s: %.1f %% (%.4f ns per byte)</title>"
			"<rect x=\"%.2f\" y=\"%.1f\" width=\"%.2f\" height=\"%.0f\" fill=\"%s\"/>",
			category_defs[i].title, share, p->samples[i] * p->ns_per_byte, x, y + 20,
			width, BAR, colours[i]);
		if (width >= MIN_LABEL)
			fprintf(out, "<text class=\"in\" x=\"%.2f\" y=\"%.1f\">%.0f %%</text>",
				x + width / 2, y + 20 + BAR / 2 + 4, share);
		fputs("</g>\n", out);
		x += width;
	}
}

void cpu_svg(const struct run_set *set, FILE *out)
{
	_cleanup_free_ struct cpu_profile *all = cpu_profiles(set);
	double longest = 0, scale, y = TOP;
	size_t mode;

	if (!all)
		return;
	for (mode = 0; mode < set->plan.mode_cnt; mode++)
		longest = MAX(longest, all[mode].total * weight(&all[mode]));
	scale = longest > 0 ? (WIDTH - 2 * LEFT) / longest : 0;
	fprintf(out,
		"<svg class=\"cpu\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" "
		"width=\"%.0f\" height=\"%.0f\" role=\"img\"><title>CPU by category</title>\n",
		WIDTH, TOP + ROW * (double)set->plan.mode_cnt, WIDTH,
		TOP + ROW * (double)set->plan.mode_cnt);
	for (mode = 0; mode < set->plan.mode_cnt; mode++) {
		if (all[mode].total <= 0)
			continue;
		put_bar(&all[mode], &set->plan.mode[mode], scale, y, out);
		y += ROW;
	}
	fputs("</svg>\n<p class=\"legend\">", out);
	for (mode = 0; mode < CATEGORY_MAX_; mode++)
		fprintf(out, "<span><i style=\"background:%s\"></i>%s</span> ",
			colours[mode], category_defs[mode].title);
	fputs("</p>\n", out);
}
