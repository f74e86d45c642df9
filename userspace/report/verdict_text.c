// SPDX-License-Identifier: GPL-2.0-only
/* The verdict in words. Every sentence is backed by a finding of verdict.c; where a finding rests on
 * one repetition or on a stage that was not seen, the sentence says so.
 */
#include <math.h>
#include <string.h>

#include "report/sections.h"

/* ---- what must not be overlooked ----------------------------------------------------------- */

static void ledger_card(struct doc *d, const struct report_ctx *ctx)
{
	static const char question[] = "Does the ledger balance?";
	const struct ledger *l = &ctx->verdict.ledger;
	size_t off = l->by_state[LEDGER_OFF], open = l->by_state[LEDGER_UNCHECKED], cnt = ledger_checks_made(l);

	if (off)
		doc_card(d, TONE_ALARM, question, "No",
			 "%zu of %zu checks are off, see the ledger. Byte counts of those cells "
			 "are not to be trusted.",
			 off, cnt);
	else if (l->by_state[LEDGER_BALANCED])
		doc_card(d, TONE_PLAIN, question, "Yes, to the byte",
			 "%zu of %zu checks, of two observers each, over %zu results%s.",
			 l->by_state[LEDGER_BALANCED], cnt, l->cells,
			 open ? "; the rest could not be checked" : "");
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
				 "flamegraphs, CPU categories and waits lack them; no count is affected"},
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
	size_t won = most(ctx, all->won), led = most(ctx, all->led), i;
	_cleanup_free_ char *losers = NULL; /* behind in most cells */

	if (all->won[won] == compared)
		return xasprintf("%s wins everywhere", mode_name(ctx, won));
	if (all->by_state[CONTEST_EQUAL] == compared)
		return xstrdup("Equal everywhere");
	if (2 * all->won[won] > compared)
		return xasprintf("%s wins in %zu of %zu", mode_name(ctx, won), all->won[won], compared);
	for (i = 0; i < ctx->verdict.mode_cnt; i++)
		if (2 * all->behind[i] > compared)
			xappend(&losers, ", ", "%s", mode_name(ctx, i));
	if (losers)
		return xasprintf("%s %s behind; no mode wins in most cells", losers, strchr(losers, ',') ? "are" : "is");
	if (all->won[won])
		return xstrdup("It depends on the cell");
	if (2 * all->led[led] > compared)
		return xasprintf("%s leads in %zu of %zu", mode_name(ctx, led), all->led[led], compared);
	return xstrdup(2 * all->by_state[CONTEST_EQUAL] > compared ? "Equal in most cells" : "Undecided");
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

char *verdict_decides(const struct report_ctx *ctx, unsigned int need)
{
	double minutes = ctx->verdict.seconds_a_repetition *
			 (need + plan_passes(&ctx->set->plan, PASS_ATTRIBUTION)) / 60;

	if (!need)
		return NULL;
	if (ctx->verdict.repetitions < PAIRS_MIN)
		return xasprintf("--repeat %d or more, about %.0f\u00a0min, may decide", PAIRS_MIN, ceil(minutes));
	if (need >= NEED_MAX)
		return xasprintf("even --repeat %d would hardly decide", NEED_MAX);
	return xasprintf("--repeat %u, about %.0f\u00a0min, would decide", need, ceil(minutes));
}

static char *outcomes(const struct report_ctx *ctx, const struct contests *all)
{
	_cleanup_free_ char *won = tally(ctx, all->won), *led = tally(ctx, all->led);
	_cleanup_free_ char *behind = tally(ctx, all->behind);
	_cleanup_free_ char *how = verdict_decides(ctx, all->need);
	const size_t *by = all->by_state;
	char *text = NULL;

	if (won)
		xappend(&text, "; ", "wins: %s", won);
	if (led)
		xappend(&text, "; ", "leads: %s", led);
	if (by[CONTEST_EQUAL])
		xappend(&text, "; ", "equal in %zu", by[CONTEST_EQUAL]);
	if (by[CONTEST_UNDECIDED])
		xappend(&text, "; ", "undecided in %zu", by[CONTEST_UNDECIDED]);
	if (by[CONTEST_NOT_COMPARABLE])
		xappend(&text, "; ", "not comparable in %zu", by[CONTEST_NOT_COMPARABLE]);
	if (how)
		xappend(&text, ": ", "%s%s", how, all->need < NEED_MAX ? " most of them" : " all");
	if (behind)
		xappend(&text, "; ", "behind the best: %s", behind);
	return text;
}

static void contest_card(struct doc *d, const struct report_ctx *ctx, const struct contests *all,
			 const char *question)
{
	_cleanup_free_ char *answer = NULL, *standing = NULL, *how = NULL;
	size_t compared = all->cnt - all->by_state[CONTEST_NO_DATA];

	if (!compared) {
		doc_card(d, TONE_MUTED, question, "Not compared",
			 "fewer than two modes were measured in any cell.");
		return;
	}
	answer = headline(ctx, all, compared);
	standing = standings(ctx, all);
	how = outcomes(ctx, all);
	doc_card(d, TONE_PLAIN, question, answer, "%zu cell%s (size x threads): %s. Typical cell, %s: %s.",
		 compared, compared == 1 ? "" : "s", how,
		 all->metric == M_CPU_NS_PER_BYTE ? "cost as a multiple of the cheapest"
						  : "share of the best",
		 standing ?: "");
}

/* "1.20 [1.10, 1.31]". The caller frees. */
char *ratio_text(const struct ratio *r)
{
	if (!r->has_interval)
		return xasprintf("%s", number_ratio(r->ratio).text);
	return xasprintf("%s [%s, %s]", number_ratio(r->ratio).text, number_ratio(r->low).text,
			 number_ratio(r->high).text);
}

static void put_outcome(struct doc *d, const struct report_ctx *ctx, const struct contest *c)
{
	static const struct {
		enum tone tone;
		const char *text; /* best, second, ratio */
	} words[] = {
		[CONTEST_NO_DATA] = {TONE_MUTED, "not compared"},
		[CONTEST_NOT_COMPARABLE] = {TONE_WARN, "not comparable: the ledger is off"},
		[CONTEST_UNDECIDED] = {TONE_MUTED, "undecided: %s / %s %s"},
		[CONTEST_LEADS] = {TONE_PLAIN, "%s leads %s, %s"},
		[CONTEST_EQUAL] = {TONE_PLAIN, "equal: %s / %s %s"},
		[CONTEST_WON] = {TONE_STRONG, "%s wins over %s, %s"},
	};
	static_assert_complete(words, CONTEST_STATE_MAX_);
	_cleanup_free_ char *how = verdict_decides(ctx, c->need), *text = NULL, *first = NULL, *both = NULL;
	_cleanup_free_ char *ratio = ratio_text(&c->ratio);
	bool compared = c->ratio.n > 0;
	size_t i;

	first = text_with(words[c->state].text, compared ? mode_name(ctx, c->best) : "");
	both = text_with(first, compared ? mode_name(ctx, c->second) : "");
	text = text_with(both, ratio);
	if (c->state == CONTEST_LEADS)
		xappend(&text, "", ", in each of %zu repetitions", c->ratio.n);
	for (i = 0; i < ctx->verdict.mode_cnt && c->state != CONTEST_WON; i++)
		if (c->behind >> i & 1)
			xappend(&text, "; ", "%s is behind", mode_name(ctx, i));
	if (how)
		xappend(&text, "; ", "%s", how);
	doc_cells(d, words[c->state].tone, text);
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

/* More than the pairs of four modes are there for whoever looks for one. */
#define OVERALL_SHOWN 6

static const char *overall_word(const struct contests *all, const struct ratio *r)
{
	if (!r->has_interval)
		return "undecided: fewer than four cells";
	if (r->low > all->margin)
		return "wins";
	return r->low > 1 / all->margin && r->high < all->margin ? "equal" : "undecided";
}

static void write_overall(struct doc *d, const struct report_ctx *ctx)
{
	const struct contests *const tables[] = {&ctx->verdict.throughput, &ctx->verdict.cpu};
	bool folded = ctx->verdict.throughput.overall_cnt > OVERALL_SHOWN;
	size_t t, i;

	if (ctx->verdict.throughput.cnt < 2 || !ctx->verdict.throughput.overall_cnt)
		return;
	if (folded)
		doc_fold(d, "Each two modes over all cells");
	doc_table(d, "Over all cells: the geometric mean of the cells' ratios; more than 1 is better");
	doc_columns(d, COLUMN_TEXT, "Measure", "Modes");
	doc_columns(d, COLUMN_NUMBER, "Ratio", "Cells");
	doc_columns(d, COLUMN_TEXT, "Verdict");
	for (t = 0; t < ARRAY_SIZE(tables); t++) {
		for (i = 0; i < tables[t]->overall_cnt; i++) {
			const struct overall *o = &tables[t]->overall[i];
			_cleanup_free_ char *ratio = ratio_text(&o->ratio);

			doc_cells(d, TONE_PLAIN, t ? "CPU per byte" : "throughput");
			doc_cell(d, TONE_PLAIN, "%s over %s", mode_name(ctx, o->a), mode_name(ctx, o->b));
			doc_cells(d, TONE_PLAIN, ratio);
			doc_cell(d, TONE_PLAIN, "%zu", o->ratio.n);
			doc_cells(d, TONE_PLAIN, overall_word(tables[t], &o->ratio));
		}
	}
	doc_table_end(d);
	if (folded)
		doc_fold(d, NULL);
}

static void write_method(struct doc *d, const struct report_ctx *ctx)
{
	const struct contests *all = &ctx->verdict.throughput;

	doc_para(d, TONE_MUTED,
		 "Median of the repetitions, range in parentheses. A ratio is the 20\u00a0%% trimmed mean of "
		 "the logarithms of the ratios paired by repetition. \"Wins\": against every other mode the "
		 "whole interval is beyond %.0f\u00a0%% (--margin); \"equal\": the whole interval of the best two "
		 "lies within that; \"leads\": the best in every repetition, which is not enough.",
		 100 * (all->margin - 1));
	if (all->pairs.family)
		doc_para(d, TONE_MUTED,
			 "Intervals hold for all %zu comparisons of a table together (t distribution; a cell's noise "
			 "is drawn towards what all cells have), and are never narrower than the 95\u00a0%% interval "
			 "of the median from the cell's own passes. Of runs in which all modes are the same, "
			 "5\u00a0%% at most may say otherwise: 1.5\u00a0%% for each of the two tables, 1\u00a0%% for the "
			 "switches of the claims, 1\u00a0%% for what is said over cells. docs/statistics.md has the "
			 "formulas.", all->pairs.family);
	if (ctx->verdict.repetitions < PAIRS_MIN)
		doc_para(d, TONE_MUTED, "With fewer than %d repetitions no cell has an interval, nor a winner.",
			 PAIRS_MIN);
}

/* Its numbers stand beside those of the path in every table, and are none of it. */
static void write_local(struct doc *d, const struct report_ctx *ctx)
{
	const struct run_plan *plan = &ctx->set->plan;
	_cleanup_free_ char *modes = NULL;
	size_t i;

	for (i = 0; i < plan->mode_cnt; i++)
		if (plan->mode[i].traits.transport == TRANSPORT_UNIX)
			xappend(&modes, ", ", "%s", mode_name(ctx, i));
	if (modes)
		doc_item(d, TONE_WARN, "Not over the path",
			 "%s: a local socket. Nothing of it goes over %s: it is the floor of what two programs on one machine "
			 "can have, and no choice for the network.", modes, plan->path ?: "the path");
}

void verdict_write(struct doc *d, const struct report_ctx *ctx)
{
	const struct verdict *v = &ctx->verdict;
	struct trust trust;

	trust_build(ctx->set, v, &trust);
	if (ctx->set->partial_reason) /* before all that is said in spite of it */
		doc_item(d, TONE_ALARM, "This report is partial", "%s.", ctx->set->partial_reason);
	advice_card(d, ctx);
	zerocopy_card(d, ctx);
	ledger_card(d, ctx);
	trust_card(d, &trust);
	write_local(d, ctx);
	write_warnings(d, ctx);
	figure_maps(d, ctx);
	figure_paths(d, ctx);
	contest_card(d, ctx, &v->throughput, "Who is fastest?");
	contest_card(d, ctx, &v->cpu, "Who needs the least CPU?");
	if (v->zerocopy_cnt)
		doc_fold(d, "Zero-copy, buffers and pacing in detail");
	zerocopy_write(d, ctx);
	alignment_write(d, ctx);
	congestion_write(d, ctx);
	if (v->zerocopy_cnt)
		doc_fold(d, NULL);
	doc_fold(d, "Throughput and CPU time of every cell");
	write_contests(d, ctx, &v->throughput, "Throughput received, Gbit/s (clean pass; more is better)");
	write_contests(d, ctx, &v->cpu, "CPU ns per byte, both ends (clean pass; less is better)");
	doc_fold(d, NULL);
	sizes_write(d, ctx);
	write_overall(d, ctx);
	beside_write(d, ctx);
	trust_write(d, ctx, &trust);
	write_method(d, ctx);
	payoffs_write(d, ctx);
	claims_write(d, ctx);
	trust_free(&trust);
}
