// SPDX-License-Identifier: GPL-2.0-only
/* CPU by category: of section 3. */
#include "analysis/category.h"
#include "report/sections.h"

static void write_profile_row(struct doc *d, const struct report_ctx *ctx, const struct cpu_profile *all, enum category i)
{
	size_t mode;

	for (mode = 0; mode < ctx->verdict.mode_cnt; mode++) {
		const struct cpu_profile *p = &all[mode];

		if (p->total <= 0)
			doc_cell(d, TONE_MUTED, "absent");
		else if (p->ns_per_byte > 0)
			doc_cell(d, p->samples[i] > 0 ? TONE_PLAIN : TONE_MUTED,
				 "%.4f (%.1f\u00a0%%)", p->samples[i] * p->ns_per_byte,
				 100 * p->samples[i] / p->total);
		else
			doc_cell(d, TONE_PLAIN, "%.1f\u00a0%%", 100 * p->samples[i] / p->total);
	}
}

void cpu_write(struct doc *d, const struct report_ctx *ctx)
{
	const struct run_set *set = ctx->set;
	_cleanup_free_ struct cpu_profile *all = cpu_profiles(set);
	_cleanup_free_ struct doc_col *cols = NULL;
	size_t mode, cnt = set->plan.mode_cnt;
	enum category i;

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
		 set->plan.frequency_hz);
	figure_cpu(d, ctx);
	cols = xcalloc(cnt + 2, sizeof(*cols));
	cols[0].title = "Category";
	cols[1].title = "What it is";
	for (mode = 0; mode < cnt; mode++)
		cols[mode + 2] = (struct doc_col){set->plan.mode[mode].name, true};
	doc_table(d, cols, cnt + 2, "CPU ns per byte received, and share of the mode's samples");
	for (i = 0; i < CATEGORY_MAX_; i++) {
		doc_cell(d, TONE_PLAIN, "%s", category_defs[i].title);
		doc_cell(d, TONE_MUTED, "%s", category_defs[i].help);
		write_profile_row(d, ctx, all, i);
	}
	doc_cell(d, TONE_STRONG, "all");
	doc_cell(d, TONE_MUTED, "%s", "");
	for (mode = 0; mode < cnt; mode++)
		doc_cell(d, TONE_STRONG, "%.4f", all[mode].total * all[mode].ns_per_byte);
	doc_table_end(d);
}
