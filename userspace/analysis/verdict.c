// SPDX-License-Identifier: GPL-2.0-only
#include "analysis/verdict.h"

#include <math.h>
#include <string.h>

struct ratio contest_ratio(const struct contests *all, size_t cell, size_t a, size_t b)
{
	return metric_defs[all->metric].better == BETTER_LESS ? compare_ratio(&all->pairs, cell, b, a)
							      : compare_ratio(&all->pairs, cell, a, b);
}

static bool is_better(enum metric_id m, double a, double b)
{
	return metric_defs[m].better == BETTER_LESS ? a < b : a > b;
}

bool contest_ahead(const struct contests *all, size_t cell, size_t a, size_t b)
{
	const struct spread *mode = all->contest[cell].by_mode;
	struct ratio r = contest_ratio(all, cell, a, b);

	return r.n ? r.ratio > 1 : is_better(all->metric, mode[a].median, mode[b].median);
}

static bool is_beyond(const struct contests *all, const struct ratio *r)
{
	return r->has_interval && r->low > all->margin;
}

bool contest_beats(const struct contests *all, size_t cell, size_t a, size_t b)
{
	struct ratio r = contest_ratio(all, cell, a, b);

	return is_beyond(all, &r);
}

static bool is_inside(const struct contests *all, const struct ratio *r)
{
	return r->has_interval && r->high < all->margin && r->low > 1 / all->margin;
}

static void rank_modes(const struct run_set *set, struct contests *all, size_t cell)
{
	struct contest *c = &all->contest[cell];
	size_t mode_cnt = set->plan.mode_cnt, i;

	c->by_mode = xcalloc(mode_cnt, sizeof(*c->by_mode));
	c->best = c->second = mode_cnt;
	for (i = 0; i < mode_cnt; i++) {
		struct selection sel = {set->plan.mode[i].name, c->size_bytes, c->threads,
					metric_pass(all->metric), all->owner, all->metric};

		c->by_mode[i] = spread_of(set, &sel);
		if (!c->by_mode[i].n)
			continue;
		if (c->best == mode_cnt || contest_ahead(all, cell, i, c->best)) {
			c->second = c->best;
			c->best = i;
		} else if (c->second == mode_cnt || contest_ahead(all, cell, i, c->second)) {
			c->second = i;
		}
	}
}

/* The one that is the best in each of n repetitions is so by chance in modes^(1 - n) of all cells. */
static bool may_lead(size_t modes, size_t n)
{
	return pow((double)modes, 1 - (double)n) <= 0.05;
}

static void judge_contest(struct contests *all, size_t cell)
{
	struct contest *c = &all->contest[cell];
	size_t i, measured = 0, pairs = SIZE_MAX;
	bool won = true, leads = true;

	for (i = 0; i < all->pairs.mode_cnt; i++) {
		struct ratio r;

		measured += c->by_mode[i].n > 0;
		if (i == c->best || !c->by_mode[i].n)
			continue;
		r = contest_ratio(all, cell, c->best, i);
		pairs = MIN(pairs, r.n);
		leads &= r.above == r.n;
		if (is_beyond(all, &r)) {
			c->behind |= 1ULL << i;
			all->behind[i]++;
			continue;
		}
		won = false;
		c->need = MAX(c->need, compare_need(&all->pairs, cell, c->best, i, all->margin));
	}
	c->ratio = contest_ratio(all, cell, c->best, c->second);
	if (won)
		c->state = CONTEST_WON;
	else if (is_inside(all, &c->ratio))
		c->state = CONTEST_EQUAL;
	else
		c->state = leads && may_lead(measured, pairs) ? CONTEST_LEADS : CONTEST_UNDECIDED;
	if (c->state == CONTEST_EQUAL)
		c->need = 0;
	else if (c->need && c->ratio.has_interval && c->ratio.ratio < all->margin)
		c->need = compare_need(&all->pairs, cell, c->best, c->second, all->margin);
}

/* Where each mode stands: the best of each cell is 1, the others are less. */
static void build_standing(const struct run_set *set, struct contests *all)
{
	size_t mode_cnt = set->plan.mode_cnt, mode, i;
	_cleanup_free_ double *share = xcalloc(all->cnt + 1, sizeof(*share));

	all->standing = xcalloc(mode_cnt, sizeof(*all->standing));
	for (mode = 0; mode < mode_cnt; mode++) {
		size_t n = 0;

		for (i = 0; i < all->cnt; i++) {
			const struct contest *c = &all->contest[i];
			double mine = c->by_mode[mode].median, best;

			if (c->state == CONTEST_NO_DATA || !c->by_mode[mode].n)
				continue;
			best = c->by_mode[c->best].median;
			if (mine > 0 && best > 0)
				share[n++] = metric_defs[all->metric].better == BETTER_LESS
							? best / mine
							: mine / best;
		}
		all->standing[mode] = spread_from(share, n);
	}
}

static struct ratio advantage_over(const struct contests *all, size_t a, size_t b, double error)
{
	return metric_defs[all->metric].better == BETTER_LESS ? compare_over(&all->pairs, NULL, b, a, error)
							      : compare_over(&all->pairs, NULL, a, b, error);
}

static void build_overall(struct contests *all)
{
	size_t modes = all->pairs.mode_cnt, pairs = modes * (modes - 1) / 2, a, b;
	double error = over_cells_error(modes);
	struct overall o;

	all->overall = xcalloc(pairs + 1, sizeof(*all->overall));
	for (a = 0; a < modes; a++) {
		for (b = a + 1; b < modes; b++) {
			o = (struct overall){a, b, advantage_over(all, a, b, error)};
			if (o.ratio.n && o.ratio.ratio < 1)
				o = (struct overall){b, a, advantage_over(all, b, a, error)};
			if (o.ratio.n)
				all->overall[all->overall_cnt++] = o;
		}
	}
}

/* Whether the ledger of a pass of this cell is off: its bytes are not to be trusted. */
static bool is_off(const struct ledger *ledger, const struct contest *c)
{
	size_t i;

	for (i = 0; i < ledger->cnt && ledger->by_state[LEDGER_OFF]; i++)
		if (ledger->line[i].state == LEDGER_OFF &&
		    ledger->line[i].result->key.size_bytes == c->size_bytes &&
		    ledger->line[i].result->key.threads == c->threads)
			return true;
	return false;
}

static void build_contest(const struct run_set *set, const struct ledger *ledger, struct contests *all,
			  size_t cell)
{
	struct contest *c = &all->contest[cell];

	c->size_bytes = set->plan.size_bytes[cell / set->plan.thread_cnt];
	c->threads = set->plan.threads[cell % set->plan.thread_cnt];
	rank_modes(set, all, cell);
	if (c->second < set->plan.mode_cnt && contest_ratio(all, cell, c->best, c->second).n) {
		if (is_off(ledger, c))
			c->state = CONTEST_NOT_COMPARABLE;
		else
			judge_contest(all, cell);
	}
	all->by_state[c->state]++;
	if (c->state == CONTEST_WON)
		all->won[c->best]++;
	else if (c->state == CONTEST_LEADS)
		all->led[c->best]++;
}

/* What four of five of the cells need that are not decided. */
static unsigned int most_need(const struct contests *all)
{
	_cleanup_free_ double *need = xcalloc(all->cnt + 1, sizeof(*need));
	size_t i, n = 0;

	for (i = 0; i < all->cnt; i++)
		if (all->contest[i].need)
			need[n++] = all->contest[i].need;
	qsort(need, n, sizeof(*need), compare_double);
	return n ? (unsigned int)need[n * 4 / 5] : 0;
}

static void build_contests(const struct run_set *set, const struct ledger *ledger, struct contests *all)
{
	const struct run_plan *plan = &set->plan;
	size_t cell;

	all->margin = 1 + (plan->margin_percent ?: MARGIN_PERCENT) / 100.0;
	all->cnt = plan->size_cnt * plan->thread_cnt;
	all->contest = xcalloc(all->cnt, sizeof(*all->contest));
	all->won = xcalloc(plan->mode_cnt, sizeof(*all->won));
	all->led = xcalloc(plan->mode_cnt, sizeof(*all->led));
	all->behind = xcalloc(plan->mode_cnt, sizeof(*all->behind));
	compare_build(set, all->measure, &all->pairs);
	for (cell = 0; cell < all->cnt; cell++)
		build_contest(set, ledger, all, cell);
	build_standing(set, all);
	build_overall(all);
	all->need = most_need(all);
	all->need_tenth = compare_need_tenth(&all->pairs, all->margin);
}

static void free_contests(struct contests *all)
{
	size_t i;

	for (i = 0; i < all->cnt; i++)
		free(all->contest[i].by_mode);
	free(all->contest);
	free(all->overall);
	compare_free(&all->pairs);
	free(all->won);
	free(all->led);
	free(all->standing);
	sizes_free(all);
	free(all->behind);
}

static void build_overhead(const struct run_set *set, struct verdict *v)
{
	size_t mode;

	v->overhead = xcalloc(v->mode_cnt, sizeof(*v->overhead));
	for (mode = 0; mode < v->mode_cnt; mode++)
		v->overhead[mode] = overhead_of(set, set->plan.mode[mode].name);
}

static void add_drop(struct verdict *v, const struct drop *drop)
{
	size_t i;

	for (i = 0; i < v->drop_cnt; i++)
		if (v->drop[i].kind == drop->kind && v->drop[i].detail == drop->detail)
			break;
	if (i == v->drop_cnt) {
		array_grow(v->drop, v->drop_cnt, v->drop_cap);
		v->drop[v->drop_cnt++] =
			(struct drop_sum){.kind = drop->kind, .detail = drop->detail};
	}
	v->drop[i].count += (double)drop->count;
}

static void count_results(const struct run_set *set, struct verdict *v)
{
	size_t i, j;

	v->results = set->result_cnt;
	if (set->result_cnt)
		v->seconds_a_repetition = (double)set->elapsed_ns / 1e9 / (double)set->result_cnt *
					  (double)plan_pass_cnt(&set->plan) /
					  (plan_passes(&set->plan, PASS_CLEAN) +
					   plan_passes(&set->plan, PASS_ATTRIBUTION));
	for (i = 0; i < set->result_cnt; i++) {
		const struct run_result *r = &set->result[i];
		struct metric_value errors = run_result_sum(set, r, FLOW_RECEIVES, M_VERIFY_ERRORS);
		struct metric_value verified = run_result_sum(set, r, FLOW_RECEIVES, M_VERIFIED_BYTES);

		v->failed += r->status == RESULT_FAILED;
		v->skipped += r->status == RESULT_SKIPPED;
		v->retried += r->status == RESULT_OK && r->attempts > 1;
		v->repetitions = MAX(v->repetitions, r->key.repetition);
		for (j = 0; j < r->drop_cnt; j++)
			add_drop(v, &r->drop[j]);
		v->verify_errors += value_or_0(&errors);
		v->verified_bytes += value_or_0(&verified);
	}
}

static void build_beside(const struct run_set *all, struct verdict *v)
{
	size_t i, j;

	v->beside_cnt = all->plan.variant_cnt;
	v->beside = xcalloc(v->beside_cnt + 1, sizeof(*v->beside));
	for (i = 0; i < v->beside_cnt; i++) {
		struct beside *b = &v->beside[i];

		b->set = run_set_view(all, (unsigned int)i + 1);
		for (j = 0; j < b->set->result_cnt; j++)
			b->ok += b->set->result[j].status == RESULT_OK;
		ledger_build(b->set, &b->ledger);
		b->effect = congestion_effects(all, (unsigned int)i + 1, &b->effect_cnt);
	}
}

void verdict_build(const struct run_set *all, struct verdict *v)
{
	const struct run_set *set;

	memset(v, 0, sizeof(*v));
	set = v->matrix = run_set_view(all, 0);
	v->mode_cnt = set->plan.mode_cnt;
	v->throughput.measure = MEASURE_THROUGHPUT;
	v->cpu.measure = MEASURE_CPU;
	v->throughput.owner = run_set_owner(set, FLOW_RECEIVES);
	v->throughput.metric = M_THROUGHPUT_GBPS;
	v->cpu.owner = OWNER_WHOLE;
	v->cpu.metric = M_CPU_NS_PER_BYTE;
	v->copies = copies_build(set);
	ledger_build(set, &v->ledger);
	build_contests(set, &v->ledger, &v->throughput);
	build_contests(set, &v->ledger, &v->cpu);
	compare_build(set, MEASURE_SWITCHES, &v->switches);
	v->zerocopy = zerocopy_build(set, v->copies, &v->zerocopy_cnt);
	sizes_build(set, v);
	build_overhead(set, v);
	build_beside(all, v);
	count_results(all, v);
}

void verdict_free(struct verdict *v)
{
	size_t i;

	for (i = 0; i < v->beside_cnt; i++) {
		ledger_free(&v->beside[i].ledger);
		free(v->beside[i].effect);
		run_set_view_free(&v->beside[i].set);
	}
	free(v->beside);
	free_contests(&v->throughput);
	free_contests(&v->cpu);
	compare_free(&v->switches);
	copies_free(v->copies, v->mode_cnt);
	free(v->zerocopy);
	free(v->payoff);
	free(v->overhead);
	free(v->drop);
	ledger_free(&v->ledger);
	run_set_view_free(&v->matrix);
	memset(v, 0, sizeof(*v));
}
