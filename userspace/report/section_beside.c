// SPDX-License-Identifier: GPL-2.0-only
/* What was run beside the matrix: another congestion control, and round trips. Of section 1. */
#include "core/congestion.h"
#include "report/sections.h"

/* ---- congestion control ---------------------------------------------------------------------- */

/* Beyond the margin, either way. */
static bool differs(const struct report_ctx *ctx, const struct ratio *r)
{
	double margin = ctx->verdict.throughput.margin;

	return r->has_interval && (r->low > margin || r->high < 1 / margin);
}

/* "A1 3.9 x [3.5, 4.4] at 64 KiB x 1, A2 ...", of those that differ; NULL: none does. The caller frees. */
static char *differences(const struct report_ctx *ctx, const struct beside *b)
{
	char *text = NULL;
	size_t i;

	for (i = 0; i < b->effect_cnt; i++) {
		const struct congestion_effect *e = &b->effect[i];

		_cleanup_free_ char *ratio = ratio_text(&e->throughput);

		if (differs(ctx, &e->throughput))
			xappend(&text, ", ", "%s %s at %s x %u", mode_name(ctx, e->mode), ratio,
				number_size(e->size_bytes).text, e->threads);
	}
	return text;
}

static bool any_judged(const struct beside *b)
{
	size_t i;

	for (i = 0; i < b->effect_cnt; i++)
		if (b->effect[i].throughput.has_interval)
			return true;
	return false;
}

/* Only one thing was changed, so what differs is due to it. */
static void write_effect(struct doc *d, const struct report_ctx *ctx, const struct beside *b)
{
	const char *own = ctx->set->plan.congestion ?: "the system's", *other = b->set->plan.congestion;
	_cleanup_free_ char *found = differences(ctx, b);
	bool paces = congestion_paces(own);

	if (found)
		doc_item(d, TONE_STRONG, paces ? "Pacing" : "Congestion control",
			 "the throughput below is that of %s%s. With %s instead, all else the same, it is so many "
			 "times that: %s. There the congestion control, and not the copying, decides how fast a mode is.",
			 own, paces ? ", which paces: it decides itself how fast TCP sends" : "", other, found);
	else if (any_judged(b))
		doc_item(d, TONE_MUTED, "Congestion control",
			 "with %s instead of %s no mode's throughput is shown to differ by more than %.0f\u00a0%%.",
			 other, own, 100 * (ctx->verdict.throughput.margin - 1));
	else
		doc_item(d, TONE_MUTED, "Congestion control",
			 "too few repetitions to tell what %s would change; the medians are below.", other);
}

void congestion_write(struct doc *d, const struct report_ctx *ctx)
{
	size_t i;

	for (i = 0; i < ctx->verdict.beside_cnt; i++)
		if (ctx->verdict.beside[i].effect_cnt)
			write_effect(d, ctx, &ctx->verdict.beside[i]);
}

static void put_ratio(struct doc *d, const struct ratio *r)
{
	_cleanup_free_ char *ratio = ratio_text(r);

	if (r->n)
		doc_cell(d, r->has_interval ? TONE_PLAIN : TONE_MUTED, "%s%s", ratio,
			 r->has_interval ? "" : "; too few repetitions for an interval");
	else
		doc_cells(d, TONE_MUTED, "not compared");
}

static void put_gbps(struct doc *d, const struct spread *s)
{
	if (s->n)
		doc_cells(d, TONE_PLAIN, number_short(s->median).text);
	else
		doc_cells(d, TONE_MUTED, "absent");
}

static void write_congestion(struct doc *d, const struct report_ctx *ctx, const struct beside *b)
{
	const char *own = ctx->set->plan.congestion ?: "the system's", *other = b->set->plan.congestion;
	size_t i;

	doc_table(d, "The same cells with another congestion control (clean passes, in the same blocks)");
	doc_columns(d, COLUMN_NUMBER, "Size", "Threads");
	doc_columns(d, COLUMN_TEXT, "Mode");
	doc_column(d, COLUMN_NUMBER, "%s, Gbit/s", own);
	doc_column(d, COLUMN_NUMBER, "%s, Gbit/s", other);
	doc_column(d, COLUMN_NUMBER, "Throughput, %s / %s", other, own);
	doc_column(d, COLUMN_NUMBER, "CPU per byte, %s / %s", other, own);
	for (i = 0; i < b->effect_cnt; i++) {
		const struct congestion_effect *e = &b->effect[i];

		if (ctx->set->plan.mode[e->mode].traits.transport != TRANSPORT_TCP)
			continue; /* has none */
		doc_cells(d, TONE_PLAIN, number_size(e->size_bytes).text);
		doc_cell(d, TONE_PLAIN, "%u", e->threads);
		doc_cells(d, TONE_PLAIN, mode_name(ctx, e->mode));
		put_gbps(d, &e->gbps[0]);
		put_gbps(d, &e->gbps[1]);
		put_ratio(d, &e->throughput);
		put_ratio(d, &e->cpu);
	}
	doc_table_end(d);
}

/* ---- round trips ------------------------------------------------------------------------------ */

static void put_round_trip(struct doc *d, const struct run_set *set, struct selection sel)
{
	struct spread half, most;

	sel.metric = M_LATENCY_P50_US;
	half = spread_of(set, &sel);
	sel.metric = M_LATENCY_P99_US;
	most = spread_of(set, &sel);
	if (half.n && most.n)
		doc_cell(d, TONE_PLAIN, "%s / %s", number_short(half.median).text, number_short(most.median).text);
	else
		doc_cells(d, TONE_MUTED, "absent");
}

static void write_round_trips(struct doc *d, const struct report_ctx *ctx, const struct run_set *set)
{
	const struct run_plan *plan = &set->plan;
	size_t s, t, m;

	doc_table(d, "Round trips: a request of 8 bytes, a message back (clean passes): p50 / p99 in µs, medians of the "
		     "repetitions");
	doc_columns(d, COLUMN_NUMBER, "Size", "Threads");
	mode_columns(d, ctx);
	for (s = 0; s < plan->size_cnt; s++) {
		for (t = 0; t < plan->thread_cnt; t++) {
			doc_cells(d, TONE_PLAIN, number_size(plan->size_bytes[s]).text);
			doc_cell(d, TONE_PLAIN, "%u", plan->threads[t]);
			for (m = 0; m < plan->mode_cnt; m++)
				put_round_trip(d, set, (struct selection){
							       .mode = plan->mode[m].name,
							       .size_bytes = plan->size_bytes[s],
							       .threads = plan->threads[t],
							       .pass = PASS_CLEAN,
							       .owner = run_set_owner(set, FLOW_RECEIVES)});
		}
	}
	doc_table_end(d);
	doc_para(d, TONE_MUTED,
		 "A closed loop: each connection asks again when it has its message, so a slow answer also delays the "
		 "next question, and load is what the modes make of it. What a stream's receiver tells (section 5) is "
		 "the time between complete messages, a closed loop, too, and no round trip.");
}

static void write_ledger(struct doc *d, const struct beside *b, const char *label)
{
	size_t cnt = ledger_checks_made(&b->ledger), off = b->ledger.by_state[LEDGER_OFF];

	if (off)
		doc_item(d, TONE_ALARM, "Ledger", "of the %s passes %zu of %zu checks are off.", label, off, cnt);
	else if (cnt)
		doc_item(d, TONE_MUTED, "Ledger", "of the %s passes balances in %zu of %zu checks.", label,
			 b->ledger.by_state[LEDGER_BALANCED], cnt);
}

void beside_write(struct doc *d, const struct report_ctx *ctx)
{
	size_t i;

	if (!ctx->verdict.beside_cnt)
		return;
	doc_heading(d, 3, "beside", "Beside the matrix");
	for (i = 0; i < ctx->verdict.beside_cnt; i++) {
		const struct beside *b = &ctx->verdict.beside[i];
		const char *label = plan_variant_label(&ctx->all->plan, (unsigned int)i + 1);

		if (b->effect_cnt)
			write_congestion(d, ctx, b);
		else if (plan_is_rr(&b->set->plan))
			write_round_trips(d, ctx, b->set);
		write_ledger(d, b, label);
	}
}
