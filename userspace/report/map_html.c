// SPDX-License-Identifier: GPL-2.0-only
/* Which mode where: a map of sizes and thread counts for each measure. A cell that is decided has the colour of its
 * winner, the stronger the further it is ahead; of one that is not, the modes stand there that none is ahead of.
 */
#include "analysis/advice.h"
#include "report/escape.h"
#include "report/sections.h"

#define FULL_EFFECT 1.5 /* a lead that has the whole colour */

static void put_tip(const struct report_ctx *ctx, const struct contest *c, FILE *out)
{
	_cleanup_free_ char *ratio = ratio_text(&c->ratio);

	put_xmlf(out, " title=\"best by the median: %s, %s times as good as %s\"", mode_name(ctx, c->best), ratio,
		 mode_name(ctx, c->second));
}

static void put_won(const struct report_ctx *ctx, const struct contest *c, FILE *out)
{
	double share = MIN(c->ratio.ratio - 1, FULL_EFFECT - 1) / (FULL_EFFECT - 1);

	fprintf(out, "<td class=\"won\" style=\"background:color-mix(in srgb,%s %.0f%%,var(--bg))\"", mode_colour(c->best),
		15 + 30 * share);
	put_tip(ctx, c, out);
	put_xmlf(out, "><b>%s</b> %s\u00d7</td>", mode_name(ctx, c->best), number_ratio(c->ratio.ratio).text);
}

static void put_cell(const struct report_ctx *ctx, const struct contests *all, size_t cell, uint64_t modes, FILE *out)
{
	const struct contest *c = &all->contest[cell];
	uint64_t best = advice_best_of_cell(all, cell, modes, ctx->verdict.mode_cnt);
	_cleanup_free_ char *names = NULL;

	if (!best) {
		fputs("<td class=\"muted\">not compared</td>", out);
		return;
	}
	if (c->state == CONTEST_WON) {
		put_won(ctx, c, out);
		return;
	}
	names = best == modes ? xstrdup("undecided") : modes_text(ctx, best, " or ");
	fputs("<td class=\"open\"", out);
	put_tip(ctx, c, out);
	put_xmlf(out, "><span>%s</span></td>", names);
}

static void put_map(const struct report_ctx *ctx, const struct contests *all, const char *title, uint64_t modes, FILE *out)
{
	const struct run_plan *plan = &ctx->set->plan;
	size_t size, thread;

	put_xmlf(out, "<div class=\"scroll\" tabindex=\"0\"><table class=\"map\"><caption>%s</caption><thead><tr><th scope=\"col\">message</th>",
		 title);
	for (thread = 0; thread < plan->thread_cnt; thread++)
		put_xmlf(out, "<th scope=\"col\">%u thread%s</th>", plan->threads[thread], plan->threads[thread] == 1 ? "" : "s");
	fputs("</tr></thead><tbody>\n", out);
	for (size = 0; size < plan->size_cnt; size++) {
		put_xmlf(out, "<tr><th scope=\"row\">%s</th>", number_size(plan->size_bytes[size]).text);
		for (thread = 0; thread < plan->thread_cnt; thread++)
			put_cell(ctx, all, size * plan->thread_cnt + thread, modes, out);
		fputs("</tr>\n", out);
	}
	fputs("</tbody></table></div>\n", out);
}

static void draw_maps(const void *of, FILE *out)
{
	const struct report_ctx *ctx = of;
	const struct verdict *v = &ctx->verdict;
	uint64_t modes = 0;
	size_t i;

	for (i = 0; i < v->mode_cnt; i++)
		if (v->throughput.standing[i].n)
			modes |= 1ULL << i;
	fputs("<div class=\"maps\">\n", out);
	put_map(ctx, &v->throughput, "Fastest", modes, out);
	if (v->cpu.by_state[CONTEST_NO_DATA] < v->cpu.cnt)
		put_map(ctx, &v->cpu, "Least CPU time a byte", modes, out);
	fputs("</div>\n<p class=\"legend\"><i class=\"won\"></i>wins, so many times as good as the next "
	      "<i class=\"open\"></i>undecided: no mode that stands there is shown to be behind</p>\n", out);
}

void figure_maps(struct doc *d, const struct report_ctx *ctx)
{
	if (ctx->verdict.throughput.by_state[CONTEST_NO_DATA] < ctx->verdict.throughput.cnt)
		doc_figure(d, &(struct figure){.draw = draw_maps, .of = ctx});
}
