// SPDX-License-Identifier: GPL-2.0-only
/* The verdict in words. Every sentence is backed by a finding of verdict.c; where a finding rests on
 * one repetition or on a stage that was not seen, the sentence says so.
 */
#include <math.h>

#include "report/sections.h"

/* ---- what must not be overlooked ----------------------------------------------------------- */

static void ledger_card(struct doc *d, const struct report_ctx *ctx)
{
	static const char question[] = "Does the ledger balance?";
	const struct ledger *l = &ctx->verdict.ledger;
	size_t off = l->by_state[LEDGER_OFF], open = l->by_state[LEDGER_UNCHECKED], cnt = ledger_checks_made(l);

	if (off)
		doc_card(d, TONE_ALARM, question, "No",
			 "%zu of %zu checks are off, see the ledger below. Byte counts of those cells "
			 "are not to be trusted.",
			 off, cnt);
	else if (l->by_state[LEDGER_BALANCED])
		doc_card(d, TONE_PLAIN, question, "Yes, to the byte",
			 "%zu of %zu checks, of two observers each, over %zu results%s.",
			 l->by_state[LEDGER_BALANCED], cnt, l->cells,
			 open ? "; the rest could not be checked, see below" : "");
	else
		doc_card(d, TONE_WARN, question, "Not checked", "no check could be made: %s.",
			 cnt ? "the stages were not visible"
			     : "there is no attribution pass in this run");
}

#define DROPS_SHOWN 6

/* Each loss by its own words. */
static void write_drops(struct doc *d, const struct report_ctx *ctx, enum drop_effect effect)
{
	static const struct {
		enum tone tone;
		const char *label, *means;
	} kinds[] = {
		[DROP_EFFECT_STACKS] = {TONE_MUTED, "Lost events",
				 "flamegraphs and CPU categories lack them; no count is affected"},
		[DROP_EFFECT_OFFCPU] = {TONE_MUTED, "Lost events",
				 "off-CPU times and graphs lack them; no other count is affected"},
		[DROP_EFFECT_LATENCY] = {TONE_MUTED, "Lost events",
					 "times from send to completion lack them; no count is affected"},
		[DROP_EFFECT_COUNTS] = {TONE_WARN, "Lost events", "counts are lower bounds"},
		[DROP_EFFECT_DISAGREEMENT] = {TONE_ALARM, "The tiers disagree",
				       "two ways of observing the same events gave different "
				       "numbers: do not trust this quantity"},
	};
	static_assert_complete(kinds, DROP_EFFECT_MAX_);
	const char *label = kinds[effect].label, *means = kinds[effect].means;
	_cleanup_free_ char *text = NULL;
	size_t i, found = 0;

	for (i = 0; i < ctx->verdict.drop_cnt; i++) {
		const struct drop_sum *drop = &ctx->verdict.drop[i];
		_cleanup_free_ char *what = drop_text(drop->kind, drop->detail);

		if (drop_defs[drop->kind].effect != effect || found++ >= DROPS_SHOWN)
			continue;
		if (effect == DROP_EFFECT_DISAGREEMENT)
			xappend(&text, "; ", "%s %s", what, number_exact(drop->count).text);
		else
			xappend(&text, ", ", "%s %s", number_exact(drop->count).text, what);
	}
	if (found > DROPS_SHOWN)
		doc_item(d, kinds[effect].tone, label, "%s and %zu more kinds: %s.", text,
			 found - DROPS_SHOWN, means);
	else if (found)
		doc_item(d, kinds[effect].tone, label, "%s: %s.", text, means);
}

static void write_warnings(struct doc *d, const struct report_ctx *ctx)
{
	const struct verdict *v = &ctx->verdict;
	enum drop_effect effect;

	if (ctx->set->partial_reason)
		doc_item(d, TONE_ALARM, "This report is partial", "%s.",
			 ctx->set->partial_reason);
	if (v->failed + v->skipped)
		doc_item(d, TONE_WARN, "Missing cells",
			 "%zu of %zu passes failed and %zu were skipped; reasons in section 5.",
			 v->failed, v->results, v->skipped);
	if (v->verify_errors > 0)
		doc_item(d, TONE_ALARM, "Corrupt data",
			 "%s bytes arrived that were not what was sent.",
			 number_exact(v->verify_errors).text);
	else if (v->verified_bytes > 0)
		doc_item(d, TONE_PLAIN, "Content", "%s verified end to end, no byte differs.",
			 number_bytes(v->verified_bytes).text);
	for (effect = DROP_EFFECT_MAX_; effect-- > 0;) /* the worst first */
		write_drops(d, ctx, effect);
	if (v->retried)
		doc_item(d, TONE_MUTED, "Retries", "%zu of %zu passes needed more than one attempt.",
			 v->retried, v->results);
}

/* ---- who wins ------------------------------------------------------------------------------ */

/* "A1 in 3, A2 in 1"; NULL: none. The caller frees. */
static char *tally(const struct report_ctx *ctx, const size_t *count)
{
	char *text = NULL;
	size_t i;

	for (i = 0; i < ctx->verdict.mode_cnt; i++)
		if (count[i])
			xappend(&text, ", ", "%s in %zu", mode_name(ctx, i), count[i]);
	return text;
}

/* The mode with the most wins. */
static size_t most(const struct report_ctx *ctx, const size_t *count)
{
	size_t i, best = 0;

	for (i = 1; i < ctx->verdict.mode_cnt; i++)
		if (count[i] > count[best])
			best = i;
	return best;
}

/* The answer in a few words. */
static char *headline(const struct report_ctx *ctx, const struct contests *all, size_t compared)
{
	const size_t *count = all->by_state[CONTEST_NO_SPREAD] ? all->led : all->won;
	bool led = count == all->led;
	size_t best = most(ctx, count), i;
	_cleanup_free_ char *losers = NULL; /* behind in most cells */

	if (count[best] == compared)
		return xasprintf("%s %s", mode_name(ctx, best), led ? "ahead everywhere" : "everywhere");
	if (2 * count[best] > compared)
		return xasprintf("%s%s in %zu of %zu", mode_name(ctx, best), led ? " ahead" : "",
				 count[best], compared);
	if (led)
		return xstrdup("It depends on the cell");
	for (i = 0; i < ctx->verdict.mode_cnt; i++)
		if (2 * all->behind[i] > compared)
			xappend(&losers, ", ", "%s", mode_name(ctx, i));
	/* nobody else wins anywhere */
	if (count[best] && count[best] + all->by_state[CONTEST_NO_DIFFERENCE] == compared)
		return xasprintf("%s or no difference%s%s%s", mode_name(ctx, best),
				 losers ? "; " : "", losers ?: "", losers ? " is behind" : "");
	if (losers)
		return xasprintf("%s is behind; no clear winner", losers);
	return xstrdup(count[best] ? "It depends on the cell" : "No difference found");
}

/* "A1 98 %, A2 100 %, A3 57 % of the best". */
static char *standings(const struct report_ctx *ctx, const struct contests *all)
{
	char *text = NULL;
	size_t i;

	for (i = 0; i < ctx->verdict.mode_cnt; i++) {
		const struct spread *s = &all->standing[i];

		if (!s->n)
			continue;
		if (all->metric == M_CPU_NS_PER_BYTE)
			xappend(&text, ", ", "%s %.2f", mode_name(ctx, i), 1 / s->median);
		else
			xappend(&text, ", ", "%s %.0f\u00a0%%", mode_name(ctx, i), 100 * s->median);
	}
	return text;
}

static void contest_card(struct doc *d, const struct report_ctx *ctx, const struct contests *all,
			 const char *question)
{
	_cleanup_free_ char *won = tally(ctx, all->won), *led = tally(ctx, all->led);
	_cleanup_free_ char *answer = NULL, *standing = NULL, *how = NULL;
	size_t unclear = all->by_state[CONTEST_NO_DIFFERENCE];
	size_t compared = all->cnt - all->by_state[CONTEST_NO_DATA];

	if (!compared) {
		doc_card(d, TONE_MUTED, question, "Not compared",
			 "fewer than two modes were measured in any cell.");
		return;
	}
	answer = headline(ctx, all, compared);
	standing = standings(ctx, all);
	if (won)
		xappend(&how, "; ", "won: %s", won);
	if (unclear)
		xappend(&how, "; ", "no difference in %zu", unclear);
	if (led)
		xappend(&how, "; ahead: ", "%s. %s, the order may be chance", led,
			ctx->verdict.repetitions == 1 ? "One repetition: no spread known"
						      : "Too few repetitions for an interval");
	doc_card(d, TONE_PLAIN, question, answer, "%zu cell%s (size x threads): %s. Typical cell, %s: %s.",
		 compared, compared == 1 ? "" : "s", how ?: "",
		 all->metric == M_CPU_NS_PER_BYTE ? "cost as a multiple of the cheapest"
						  : "share of the best",
		 standing ?: "");
}

static void put_outcome(struct doc *d, const struct report_ctx *ctx, const struct contest *c)
{
	const struct ratio *r = &c->ratio;
	const char *best, *second;

	if (c->state == CONTEST_NO_DATA) {
		doc_cells(d, TONE_MUTED, "not compared");
		return;
	}
	best = mode_name(ctx, c->best);
	second = mode_name(ctx, c->second);
	if (c->state == CONTEST_WON)
		doc_cell(d, TONE_PLAIN, "%s, %.2f x %s [%.2f, %.2f]", best, r->ratio, second,
			 r->low, r->high);
	else if (c->state == CONTEST_NO_DIFFERENCE)
		doc_cell(d, TONE_MUTED, "no difference: %s / %s %.2f [%.2f, %.2f]", best, second,
			 r->ratio, r->low, r->high);
	else
		doc_cell(d, TONE_MUTED, "%s ahead of %s by %.2f x; %s", best, second, r->ratio,
			 r->n == 1 ? "one repetition: no spread known"
				   : "two repetitions: no interval");
}

static void put_spread(struct doc *d, const struct spread *s, enum metric_unit unit)
{
	if (!s->n)
		doc_cells(d, TONE_MUTED, "absent");
	else if (s->n == 1)
		doc_cell(d, TONE_PLAIN, "%s%s", bound_words(s->bound), number_metric(s->median, unit).text);
	else
		doc_cell(d, TONE_PLAIN, "%s%s (%s\u2013%s)", bound_words(s->bound),
			 number_metric(s->median, unit).text,
			 number_metric(s->min, unit).text, number_metric(s->max, unit).text);
}

static void write_contests(struct doc *d, const struct report_ctx *ctx, const struct contests *all,
			   const char *caption)
{
	size_t i, m;

	if (all->by_state[CONTEST_NO_DATA] == all->cnt)
		return;
	doc_table(d, caption);
	doc_columns(d, COLUMN_NUMBER, "Size", "Threads");
	mode_columns(d, ctx);
	doc_columns(d, COLUMN_TEXT, "Verdict");
	for (i = 0; i < all->cnt; i++) {
		const struct contest *c = &all->contest[i];

		doc_cells(d, TONE_PLAIN, number_size(c->size_bytes).text);
		doc_cell(d, TONE_PLAIN, "%u", c->threads);
		for (m = 0; m < ctx->set->plan.mode_cnt; m++)
			put_spread(d, &c->by_mode[m], metric_defs[all->metric].unit);
		put_outcome(d, ctx, c);
	}
	doc_table_end(d);
}

/* ---- does zero-copy pay ---------------------------------------------------------------------- */

static void put_payoff(struct doc *d, const struct payoff *p)
{
	const char *basis = p->has_interval ? "" : ", by medians";
	struct number largest = number_size(p->largest_bytes);

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
		doc_cell(d, TONE_MUTED, "no difference at any of %zu sizes%s", p->sizes, basis);
	if (p->at_largest.has_interval)
		doc_cell(d, TONE_PLAIN, "%.2f x [%.2f, %.2f] at %s", p->at_largest.ratio,
			 p->at_largest.low, p->at_largest.high, largest.text);
	else
		doc_cell(d, TONE_PLAIN, "%.2f x at %s", p->at_largest.ratio, largest.text);
}

static void write_payoffs(struct doc *d, const struct report_ctx *ctx)
{
	const struct verdict *v = &ctx->verdict;
	size_t i;

	if (!v->payoff_cnt)
		return;
	doc_heading(d, 3, "payoff", "From which size does zero-copy pay?");
	doc_table(d, "Against the best mode without zero-copy at each size; more than 1 x is "
		     "better");
	doc_columns(d, COLUMN_TEXT, "Mode", "Measure");
	doc_columns(d, COLUMN_NUMBER, "Threads");
	doc_columns(d, COLUMN_TEXT, "Zero-copy pays");
	doc_columns(d, COLUMN_NUMBER, "Against the best other mode");
	for (i = 0; i < v->payoff_cnt; i++) {
		const struct payoff *p = &v->payoff[i];

		doc_cells(d, TONE_PLAIN, mode_name(ctx, p->mode),
			  p->metric == M_THROUGHPUT_GBPS ? "throughput" : "CPU per byte");
		doc_cell(d, TONE_PLAIN, "%u", p->threads);
		put_payoff(d, p);
	}
	doc_table_end(d);
}

/* A percentile bootstrap of a median cannot reach 95 % from few values: then it is the range, which
 * holds the median of all possible runs with probability 1 - 2^(1 - n).
 */
static void write_method(struct doc *d, const struct report_ctx *ctx)
{
	unsigned int n = ctx->verdict.repetitions;

	doc_para(d, TONE_MUTED,
		 "Median of the repetitions, range in parentheses. \"A, 1.20 x B [1.10, 1.31]\": A is "
		 "1.20 times better than B, the second best; median of the ratios paired by "
		 "repetition, with the percentile interval of a bootstrap of that median (95\u00a0%%, "
		 "%d draws, fixed seed; from %d repetitions on). \"No difference\": the interval "
		 "contains 1.", BOOTSTRAP_ROUNDS, INTERVAL_MIN_REPS);
	if (n >= INTERVAL_MIN_REPS && n < 6)
		doc_para(d, TONE_MUTED,
			 "With %u repetitions this interval is the range of the ratios and holds the "
			 "true median with about %.0f\u00a0%%, not 95: use --repeat 6 or more for a firm "
			 "verdict.", n, 100 * (1 - pow(2, 1 - (double)n)));
}

void verdict_write(struct doc *d, const struct report_ctx *ctx)
{
	const struct verdict *v = &ctx->verdict;
	size_t i;

	contest_card(d, ctx, &v->throughput, "Who is fastest?");
	contest_card(d, ctx, &v->cpu, "Who needs the least CPU?");
	zerocopy_card(d, ctx);
	ledger_card(d, ctx);
	write_warnings(d, ctx);
	for (i = 0; i < v->zerocopy_cnt; i++)
		zerocopy_write(d, ctx, &v->zerocopy[i]);
	write_contests(d, ctx, &v->throughput, "Throughput received, Gbit/s (clean pass; more is better)");
	write_contests(d, ctx, &v->cpu, "CPU ns per byte, both ends (clean pass; less is better)");
	write_method(d, ctx);
	write_payoffs(d, ctx);
	claims_write(d, ctx);
}
