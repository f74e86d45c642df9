// SPDX-License-Identifier: GPL-2.0-only
#include "analysis/verdict.h"

#include <string.h>

/* Best over second as "how many times better". */
static struct ratio advantage(const struct run_set *set, const struct selection *best,
			      const struct selection *second)
{
	return metric_defs[best->metric].better == BETTER_LESS ? ratio_of(set, second, best)
							       : ratio_of(set, best, second);
}

static bool is_better(enum metric_id m, double a, double b)
{
	return metric_defs[m].better == BETTER_LESS ? a < b : a > b;
}

static struct selection entry(const struct run_set *set, const struct contests *all,
			      const struct contest *c, size_t mode)
{
	return (struct selection){.mode = set->plan.mode[mode].name,
				  .size_bytes = c->size_bytes,
				  .threads = c->threads,
				  .pass = metric_pass(all->metric),
				  .owner = all->owner,
				  .metric = all->metric};
}

static void judge_contest(const struct run_set *set, struct contests *all, struct contest *c)
{
	struct selection sel, other;
	size_t mode_cnt = set->plan.mode_cnt, i;

	c->by_mode = xcalloc(mode_cnt, sizeof(*c->by_mode));
	c->best = c->second = mode_cnt;
	for (i = 0; i < mode_cnt; i++) {
		sel = entry(set, all, c, i);
		c->by_mode[i] = spread_of(set, &sel);
		if (!c->by_mode[i].n)
			continue;
		if (c->best == mode_cnt ||
		    is_better(all->metric, c->by_mode[i].median, c->by_mode[c->best].median)) {
			c->second = c->best;
			c->best = i;
		} else if (c->second == mode_cnt ||
			   is_better(all->metric, c->by_mode[i].median,
				     c->by_mode[c->second].median)) {
			c->second = i;
		}
	}
	if (c->second == mode_cnt)
		return;
	sel = entry(set, all, c, c->best);
	other = entry(set, all, c, c->second);
	c->ratio = advantage(set, &sel, &other);
	if (!c->ratio.n)
		return;
	if (!c->ratio.has_interval)
		c->state = CONTEST_NO_SPREAD;
	else if (c->ratio.low <= 1 && c->ratio.high >= 1)
		c->state = CONTEST_NO_DIFFERENCE;
	else
		/* an interval below 1: the medians and the paired ratios disagree */
		c->state = c->ratio.low > 1 ? CONTEST_WON : CONTEST_NO_DIFFERENCE;
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

/* By intervals: who is behind the best of a cell. */
static void count_behind(const struct run_set *set, struct contests *all, const struct contest *c)
{
	struct selection best, other;
	size_t i;

	if (c->state == CONTEST_NO_DATA)
		return;
	best = entry(set, all, c, c->best);
	for (i = 0; i < set->plan.mode_cnt; i++) {
		struct ratio r;

		if (i == c->best || !c->by_mode[i].n)
			continue;
		other = entry(set, all, c, i);
		r = advantage(set, &best, &other);
		all->behind[i] += r.has_interval && r.low > 1;
	}
}

static void build_contests(const struct run_set *set, struct contests *all)
{
	const struct run_plan *plan = &set->plan;
	size_t s, t;

	all->contest = xcalloc(plan->size_cnt * plan->thread_cnt, sizeof(*all->contest));
	all->won = xcalloc(plan->mode_cnt, sizeof(*all->won));
	all->led = xcalloc(plan->mode_cnt, sizeof(*all->led));
	all->behind = xcalloc(plan->mode_cnt, sizeof(*all->behind));
	for (s = 0; s < plan->size_cnt; s++) {
		for (t = 0; t < plan->thread_cnt; t++) {
			struct contest *c = &all->contest[all->cnt++];

			c->size_bytes = plan->size_bytes[s];
			c->threads = plan->threads[t];
			judge_contest(set, all, c);
			all->by_state[c->state]++;
			if (c->state == CONTEST_WON)
				all->won[c->best]++;
			else if (c->state == CONTEST_NO_SPREAD)
				all->led[c->best]++;
			count_behind(set, all, c);
		}
	}
	build_standing(set, all);
}

static void free_contests(struct contests *all)
{
	size_t i;

	for (i = 0; i < all->cnt; i++)
		free(all->contest[i].by_mode);
	free(all->contest);
	free(all->won);
	free(all->led);
	free(all->standing);
	free(all->behind);
}

static bool is_zerocopy(const struct verdict *v, size_t mode)
{
	size_t i;

	for (i = 0; i < v->zerocopy_cnt; i++)
		if (v->zerocopy[i].mode == mode)
			return true;
	return false;
}

/* The zero-copy mode over the best other mode of one cell; n = 0 when there is no pair. */
static struct ratio zerocopy_advantage(const struct run_set *set, const struct verdict *v,
				       const struct contests *all, const struct contest *c,
				       size_t mode)
{
	struct selection sel = entry(set, all, c, mode), other;
	size_t i, best = v->mode_cnt;

	for (i = 0; i < v->mode_cnt; i++)
		if (!is_zerocopy(v, i) && c->by_mode[i].n &&
		    (best == v->mode_cnt ||
		     is_better(all->metric, c->by_mode[i].median, c->by_mode[best].median)))
			best = i;
	if (best == v->mode_cnt || !c->by_mode[mode].n)
		return (struct ratio){0};
	other = entry(set, all, c, best);
	return advantage(set, &sel, &other);
}

/* The contest of the next larger size at this thread count; the plan may have them in any order. */
static const struct contest *next_larger(const struct contests *all, unsigned int threads,
					 const struct contest *after)
{
	const struct contest *next = NULL;
	size_t i;

	for (i = 0; i < all->cnt; i++) {
		const struct contest *c = &all->contest[i];

		if (c->threads == threads && (!after || c->size_bytes > after->size_bytes) &&
		    (!next || c->size_bytes < next->size_bytes))
			next = c;
	}
	return next;
}

static void build_payoff(const struct run_set *set, struct verdict *v, const struct contests *all,
			 size_t mode, unsigned int threads)
{
	struct payoff p = {.mode = mode,
			   .threads = threads,
			   .owner = all->owner,
			   .metric = all->metric,
			   .has_interval = true};
	const struct contest *c = NULL;

	while ((c = next_larger(all, threads, c))) {
		struct ratio r;
		bool ahead;

		r = zerocopy_advantage(set, v, all, c, mode);
		if (!r.n)
			continue;
		p.sizes++;
		p.largest_bytes = c->size_bytes;
		p.at_largest = r;
		p.has_interval &= r.has_interval;
		ahead = r.has_interval ? r.low > 1 : r.ratio > 1;
		p.ahead += ahead;
		p.behind += r.has_interval ? r.high < 1 : r.ratio < 1;
		if (!ahead)
			p.from_bytes = 0;
		else if (!p.from_bytes)
			p.from_bytes = c->size_bytes;
	}
	if (!p.sizes)
		return;
	array_grow(v->payoff, v->payoff_cnt, v->payoff_cap);
	v->payoff[v->payoff_cnt++] = p;
}

static void build_payoffs(const struct run_set *set, struct verdict *v)
{
	const struct contests *const metrics[] = {&v->throughput, &v->cpu};
	size_t z, t, m;

	for (z = 0; z < v->zerocopy_cnt; z++)
		for (m = 0; m < ARRAY_SIZE(metrics); m++)
			for (t = 0; t < set->plan.thread_cnt; t++)
				build_payoff(set, v, metrics[m], v->zerocopy[z].mode,
					     set->plan.threads[t]);
}

static void build_overhead(const struct run_set *set, struct verdict *v)
{
	double *ratios = xcalloc(set->result_cnt, sizeof(*ratios));
	size_t i, mode, n;

	v->overhead = xcalloc(v->mode_cnt, sizeof(*v->overhead));
	for (mode = 0; mode < v->mode_cnt; mode++) {
		for (i = 0, n = 0; i < set->result_cnt; i++) {
			const struct run_result *r = &set->result[i];
			const struct metric_value *o = &r->v[OWNER_WHOLE][M_OBSERVER_OVERHEAD];

			if (r->key.mode == set->plan.mode[mode].name && value_known(o))
				ratios[n++] = o->value;
		}
		v->overhead[mode].ratio = spread_from(ratios, n);
	}
	free(ratios);
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
		v->verify_errors += value_known(&errors) ? errors.value : 0;
		v->verified_bytes += value_known(&verified) ? verified.value : 0;
	}
}

void verdict_build(const struct run_set *set, struct verdict *v)
{
	memset(v, 0, sizeof(*v));
	v->mode_cnt = set->plan.mode_cnt;
	v->throughput.owner = run_set_owner(set, FLOW_RECEIVES);
	v->throughput.metric = M_THROUGHPUT_GBPS;
	v->cpu.owner = OWNER_WHOLE;
	v->cpu.metric = M_CPU_NS_PER_BYTE;
	v->copies = copies_build(set);
	build_contests(set, &v->throughput);
	build_contests(set, &v->cpu);
	v->zerocopy = zerocopy_build(set, v->copies, &v->zerocopy_cnt);
	build_payoffs(set, v);
	build_overhead(set, v);
	ledger_build(set, &v->ledger);
	count_results(set, v);
}

void verdict_free(struct verdict *v)
{
	free_contests(&v->throughput);
	free_contests(&v->cpu);
	copies_free(v->copies, v->mode_cnt);
	free(v->zerocopy);
	free(v->payoff);
	free(v->overhead);
	free(v->drop);
	ledger_free(&v->ledger);
	memset(v, 0, sizeof(*v));
}
