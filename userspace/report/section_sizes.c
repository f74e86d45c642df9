// SPDX-License-Identifier: GPL-2.0-only
/* What the size of a message decides, of section 1: who is in front at each, and from which on a mode pays. */
#include "report/sections.h"

/* Who wins at a size; if nobody does, who is not shown to be behind. The set, and not an order of it: that would be
 * another one next time.
 */
static void put_front(struct doc *d, const struct report_ctx *ctx, const struct contests *all,
		      const struct size_standing *s)
{
	_cleanup_free_ char *front = NULL, *behind = NULL;
	size_t m;

	for (m = 0; m < ctx->verdict.mode_cnt; m++) {
		if (!all->standing[m].n)
			continue;
		if (s->behind[m])
			xappend(&behind, ", ", s->behind[m] < s->cells ? "%s (in %zu of %zu)" : "%s", mode_name(ctx, m),
				s->behind[m], s->cells);
		else
			xappend(&front, ", ", "%s", mode_name(ctx, m));
	}
	if (!s->cells)
		doc_cells(d, TONE_MUTED, "not compared");
	else if (s->winner < ctx->verdict.mode_cnt)
		doc_cell(d, TONE_STRONG, "%s wins", mode_name(ctx, s->winner));
	else
		doc_cell(d, TONE_PLAIN, "not told apart: %s", front ?: "none, each is behind somewhere");
	doc_cells(d, behind ? TONE_PLAIN : TONE_MUTED, behind ?: "none");
}

void sizes_write(struct doc *d, const struct report_ctx *ctx)
{
	const struct verdict *v = &ctx->verdict;
	size_t i;

	if (v->throughput.by_state[CONTEST_NO_DATA] == v->throughput.cnt)
		return;
	doc_table(d, "Best by size, over its thread counts; behind: by more than the margin");
	doc_columns(d, COLUMN_NUMBER, "Size");
	doc_columns(d, COLUMN_TEXT, "Throughput", "Behind", "CPU per byte", "Behind");
	for (i = 0; i < v->throughput.size_cnt; i++) {
		doc_cells(d, TONE_PLAIN, number_size(v->throughput.by_size[i].size_bytes).text);
		put_front(d, ctx, &v->throughput, &v->throughput.by_size[i]);
		put_front(d, ctx, &v->cpu, &v->cpu.by_size[i]);
	}
	doc_table_end(d);
}

static void put_payoff(struct doc *d, const struct payoff *p)
{
	const char *basis = p->has_interval ? "" : ", by the order alone";
	struct number largest = number_size(p->largest_bytes);
	_cleanup_free_ char *ratio = ratio_text(&p->at_largest);

	if (p->from_bytes)
		doc_cell(d, TONE_STRONG, "from %s upwards%s", number_size(p->from_bytes).text,
			 basis);
	else if (p->ahead)
		doc_cell(d, TONE_PLAIN, "ahead at %zu of %zu sizes, but not from one upwards%s",
			 p->ahead, p->sizes, basis);
	else if (p->behind)
		doc_cell(d, TONE_PLAIN, "not in the tested range: behind at %zu of %zu sizes%s",
			 p->behind, p->sizes, basis);
	else
		doc_cell(d, TONE_MUTED, "undecided at all of %zu sizes%s", p->sizes, basis);
	doc_cell(d, TONE_PLAIN, "%s at %s", ratio, largest.text);
}

void payoffs_write(struct doc *d, const struct report_ctx *ctx)
{
	const struct verdict *v = &ctx->verdict;
	size_t i;

	if (!v->payoff_cnt)
		return;
	doc_heading(d, 3, "payoff", "From which size does zero-copy pay?");
	doc_table(d, "More than 1 is better; \"best other\" is the best mode at each size that sends by no reference");
	doc_columns(d, COLUMN_TEXT, "Mode", "Against", "Measure");
	doc_columns(d, COLUMN_NUMBER, "Threads");
	doc_columns(d, COLUMN_TEXT, "It pays");
	doc_columns(d, COLUMN_NUMBER, "At the largest size");
	for (i = 0; i < v->payoff_cnt; i++) {
		const struct payoff *p = &v->payoff[i];

		doc_cells(d, TONE_PLAIN, mode_name(ctx, p->mode),
			  p->against < v->mode_cnt ? mode_name(ctx, p->against) : "best other",
			  p->metric == M_THROUGHPUT_GBPS ? "throughput" : "CPU per byte");
		doc_cell(d, TONE_PLAIN, "%u", p->threads);
		put_payoff(d, p);
	}
	doc_table_end(d);
}
