// SPDX-License-Identifier: GPL-2.0-only
/* CPU: of section 3, who spent it, and by category, as picture and as table. */
#include "analysis/category.h"
#include "analysis/cost.h"
#include "report/escape.h"
#include "report/notes.h"
#include "report/sections.h"

/* ---- the picture: a stacked bar for each mode, as long as its CPU cost of a byte ------------ */

#define WIDTH	  760.0
#define LEFT	  4.0
#define ROW	  52.0
#define BAR	  24.0
#define TOP	  2.0
#define MIN_LABEL 34.0 /* narrower segments have no share written in them */

/* Told apart on white and on black. */
const char *const category_colours[] = {
	[CATEGORY_COPY] = "#d55e00", [CATEGORY_PIN] = "#009e73",   [CATEGORY_SKB] = "#ffc931",
	[CATEGORY_TCP] = "#0072b2",  [CATEGORY_DEVICE] = "#56b4e9", [CATEGORY_MEMORY] = "#cc79a7",
	[CATEGORY_LOCK] = "#bda90a", [CATEGORY_SCHED] = "#846af5", [CATEGORY_SYSCALL] = "#886d45",
	[CATEGORY_USER] = "#7bb169", [CATEGORY_OTHER] = "#5b5b5b", [CATEGORY_OBSERVER] = "#a5a09b",
};
static_assert_complete(category_colours, CATEGORY_MAX_);

static double percent(const struct cpu_profile *p, enum category i)
{
	return p->total > 0 ? 100 * p->samples[i] / p->total : 0;
}

/* What a bar's length means: ns per byte, or where the bytes are unknown the share alone. */
static double weight(const struct cpu_profile *p)
{
	return p->ns_per_byte > 0 ? p->ns_per_byte : p->total > 0 ? 1 / p->total : 0;
}

static void put_bar(const struct cpu_profile *p, const struct mode_info *mode, double scale,
		    double y, FILE *out)
{
	double x = LEFT;
	size_t i;

	put_xmlf(out, "<text class=\"p\" x=\"%.0f\" y=\"%.1f\">%s %s</text>", LEFT, y + 14,
		 mode->name, mode->title ?: "");
	if (p->ns_per_byte > 0)
		fprintf(out, "<text class=\"n\" x=\"%.0f\" y=\"%.1f\">%.3f ns per byte</text>\n",
			WIDTH - LEFT, y + 14, p->total * p->ns_per_byte);
	for (i = 0; i < CATEGORY_MAX_; i++) {
		double width = p->samples[i] * weight(p) * scale;

		if (p->samples[i] <= 0)
			continue;
		fprintf(out,
			"<g><title>%s: %.1f %% (%.4f ns per byte)</title>"
			"<rect x=\"%.2f\" y=\"%.1f\" width=\"%.2f\" height=\"%.0f\" fill=\"%s\"/>",
			category_defs[i].title, percent(p, i), p->samples[i] * p->ns_per_byte, x,
			y + 20, width, BAR, category_colours[i]);
		if (width >= MIN_LABEL)
			fprintf(out, "<text class=\"in\" x=\"%.2f\" y=\"%.1f\">%.0f %%</text>",
				x + width / 2, y + 20 + BAR / 2 + 4, percent(p, i));
		fputs("</g>\n", out);
		x += width;
	}
}

static void draw(const void *of, FILE *out)
{
	const struct run_set *set = of;
	const struct run_plan *plan = &set->plan;
	_cleanup_free_ struct cpu_profile *all = cpu_profiles(set);
	double height = TOP + ROW * (double)plan->mode_cnt, longest = 0, scale, y = TOP;
	enum category category;
	size_t mode;

	for (mode = 0; mode < plan->mode_cnt; mode++)
		longest = MAX(longest, all[mode].total * weight(&all[mode]));
	scale = longest > 0 ? (WIDTH - 2 * LEFT) / longest : 0;
	fprintf(out,
		"<figure class=\"cpu\">\n"
		"<svg class=\"cpu\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" "
		"width=\"%.0f\" height=\"%.0f\" role=\"img\"><title>CPU by category</title>\n",
		WIDTH, height, WIDTH, height);
	for (mode = 0; mode < plan->mode_cnt; mode++) {
		if (all[mode].total <= 0)
			continue;
		put_bar(&all[mode], &plan->mode[mode], scale, y, out);
		y += ROW;
	}
	fputs("</svg>\n<p class=\"legend\">", out);
	for (category = 0; category < CATEGORY_MAX_; category++)
		fprintf(out, "<span><i style=\"background:%s\"></i>%s</span> ", category_colours[category],
			category_defs[category].title);
	fputs("</p>\n</figure>\n", out);
}

/* ---- the table ------------------------------------------------------------------------------ */

static void put_share(struct doc *d, const struct cpu_profile *p, enum category i)
{
	if (p->total <= 0)
		doc_cell(d, TONE_MUTED, "absent");
	else if (p->ns_per_byte > 0)
		doc_cell(d, p->samples[i] > 0 ? TONE_PLAIN : TONE_MUTED, "%.4f (%.1f\u00a0%%)",
			 p->samples[i] * p->ns_per_byte, percent(p, i));
	else
		doc_cell(d, TONE_PLAIN, "%.1f\u00a0%%", percent(p, i));
}

static void write_table(struct doc *d, const struct report_ctx *ctx, const struct cpu_profile *all)
{
	size_t mode, cnt = ctx->set->plan.mode_cnt;
	enum category i;

	doc_table(d, "CPU ns per byte received, and share of the mode's samples");
	doc_columns(d, COLUMN_TEXT, "Category", "What it is");
	mode_columns(d, ctx);
	for (i = 0; i < CATEGORY_MAX_; i++) {
		doc_cells(d, TONE_PLAIN, category_defs[i].title);
		doc_cells(d, TONE_MUTED, category_defs[i].help);
		for (mode = 0; mode < cnt; mode++)
			put_share(d, &all[mode], i);
	}
	doc_cells(d, TONE_STRONG, "all");
	doc_cells(d, TONE_MUTED, "");
	for (mode = 0; mode < cnt; mode++)
		doc_cell(d, TONE_STRONG, "%.4f", all[mode].total * all[mode].ns_per_byte);
	doc_table_end(d);
}

/* ---- who spent it --------------------------------------------------------------------------- */

static void put_part(struct doc *d, const struct mode_cost *cost, enum cost_part part)
{
	double ns = cost->bytes > 0 ? cost->part[part].ns / cost->bytes : 0;

	if (!cost->passes || cost->part[part].passes < cost->passes)
		doc_cells(d, TONE_MUTED, "absent");
	else
		doc_cell(d, TONE_PLAIN, "%.4f (%.1f\u00a0%%)", ns, 100 * ns / cost->whole.value);
}

static void put_whole(struct doc *d, const struct mode_cost *cost, struct notes *notes)
{
	_cleanup_free_ char *kind = bound_text(cost->whole.bound, NULL), *prefix = xasprintf("%s: ", kind);

	if (!cost->passes)
		doc_cells(d, TONE_MUTED, "absent");
	else if (cost->whole.bound)
		doc_cell(d, TONE_WARN, "%s%.4f [%zu]", bound_words(cost->whole.bound), cost->whole.value,
			 notes_add(notes, prefix, cost->whole.reason));
	else
		doc_cell(d, TONE_STRONG, "%.4f", cost->whole.value);
}

static void write_cost(struct doc *d, const struct report_ctx *ctx)
{
	static const char *const parts[][2] = {
		[COST_SENDERS] = {"senders", "their tasks, and softirqs that ran in their context"},
		[COST_RECEIVERS] = {"receivers", "the same of theirs"},
		[COST_KERNEL] = {"threads of the kernel", "ksoftirqd, kworkers and the like, of the whole machine"},
		[COST_IDLE_IRQ] = {"charged to no task", "interrupts while idle, and the switches between tasks"},
	};
	static_assert_complete(parts, COST_MAX_);
	size_t mode, cnt = ctx->set->plan.mode_cnt;
	_cleanup_free_ struct mode_cost *cost = xcalloc(cnt, sizeof(*cost));
	struct notes notes = {.cnt = 0};
	enum cost_part i;

	for (mode = 0; mode < cnt; mode++)
		cost[mode] = cost_of(ctx->set, mode_name(ctx, mode));
	doc_table(d, "Who spent it: CPU ns per byte received (clean passes, all cells together)");
	doc_columns(d, COLUMN_TEXT, "Part", "What it is");
	mode_columns(d, ctx);
	for (i = 0; i < COST_MAX_; i++) {
		doc_cells(d, TONE_PLAIN, parts[i][0]);
		doc_cells(d, TONE_MUTED, parts[i][1]);
		for (mode = 0; mode < cnt; mode++)
			put_part(d, &cost[mode], i);
	}
	doc_cells(d, TONE_STRONG, "all");
	doc_cells(d, TONE_MUTED, "");
	for (mode = 0; mode < cnt; mode++)
		put_whole(d, &cost[mode], &notes);
	doc_table_end(d);
	notes_write(d, &notes, "");
}

void cpu_write(struct doc *d, const struct report_ctx *ctx)
{
	_cleanup_free_ struct cpu_profile *all = cpu_profiles(ctx->set);

	doc_heading(d, 3, "cost", "CPU by who spent it");
	write_cost(d, ctx);
	doc_heading(d, 3, "cpu", "CPU by category");
	if (!all) {
		doc_para(d, TONE_MUTED, "No CPU was sampled in this run.");
		return;
	}
	doc_para(d, TONE_MUTED,
		 "Samples of the attribution passes, both ends and the kernel's own threads, each "
		 "counted under the function nearest to the leaf that the table of categories knows; "
		 "samples x period (1/%u s) / bytes received. Time with interrupts off shows where "
		 "they go on again and is counted for the caller there.",
		 ctx->set->plan.frequency_hz);
	doc_figure(d, &(struct figure){.draw = draw, .of = ctx->set});
	write_table(d, ctx, all);
}
