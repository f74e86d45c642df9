// SPDX-License-Identifier: GPL-2.0-only
/* What the size of a message decides: who is in front at each, and from which on one mode beats another. */
#include "analysis/verdict.h"

static bool is_zerocopy(const struct verdict *v, size_t mode)
{
	size_t i;

	for (i = 0; i < v->zerocopy_cnt; i++)
		if (v->zerocopy[i].mode == mode)
			return true;
	return false;
}

/* The best mode of one cell that is not about zero-copy, and takes the same way to the other end; mode_cnt: none. */
static size_t best_other(const struct run_plan *plan, const struct verdict *v, const struct contests *all, size_t cell,
			 size_t mode)
{
	size_t i, best = v->mode_cnt;

	for (i = 0; i < v->mode_cnt; i++)
		if (!is_zerocopy(v, i) && plan->mode[i].traits.transport == plan->mode[mode].traits.transport &&
		    all->contest[cell].by_mode[i].n &&
		    (best == v->mode_cnt || contest_ahead(all, cell, i, best)))
			best = i;
	return best;
}

/* Over the one it is held against in one cell; n = 0 when there is no pair. */
static struct ratio payoff_ratio(const struct run_plan *plan, const struct verdict *v, const struct contests *all,
				 const struct contest *c, const struct payoff *p)
{
	size_t cell = (size_t)(c - all->contest);
	size_t against = p->against < v->mode_cnt ? p->against : best_other(plan, v, all, cell, p->mode);

	if (against == v->mode_cnt || !c->by_mode[p->mode].n || !c->by_mode[against].n)
		return (struct ratio){0};
	return contest_ratio(all, cell, p->mode, against);
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

static void build_payoff(const struct run_plan *plan, struct verdict *v, const struct contests *all, size_t mode,
			 size_t against, unsigned int threads)
{
	struct payoff p = {.mode = mode,
			   .against = against,
			   .threads = threads,
			   .owner = all->owner,
			   .metric = all->metric,
			   .has_interval = true};
	const struct contest *c = NULL;

	while ((c = next_larger(all, threads, c))) {
		struct ratio r;
		bool ahead;

		r = payoff_ratio(plan, v, all, c, &p);
		if (!r.n)
			continue;
		p.sizes++;
		p.largest_bytes = c->size_bytes;
		p.at_largest = r;
		p.has_interval &= r.has_interval;
		ahead = r.has_interval ? r.low > all->margin : r.ratio > 1;
		p.ahead += ahead;
		p.behind += r.has_interval ? r.high < 1 / all->margin : r.ratio < 1;
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

/* In each measure, at each thread count. */
static void build_payoffs(const struct run_set *set, struct verdict *v, size_t mode, size_t against)
{
	const struct contests *const metrics[] = {&v->throughput, &v->cpu};
	size_t t, m;

	for (m = 0; m < ARRAY_SIZE(metrics); m++)
		for (t = 0; t < set->plan.thread_cnt; t++)
			build_payoff(&set->plan, v, metrics[m], mode, against, set->plan.threads[t]);
}

static void build_standing(const struct run_plan *plan, struct contests *all, size_t size)
{
	struct size_standing *s = &all->by_size[size];
	size_t t, m;

	*s = (struct size_standing){.size_bytes = plan->size_bytes[size],
				    .winner = plan->mode_cnt,
				    .behind = xcalloc(plan->mode_cnt, sizeof(*s->behind))};
	for (t = 0; t < plan->thread_cnt; t++) {
		const struct contest *c = &all->contest[size * plan->thread_cnt + t];

		if (c->state == CONTEST_NO_DATA || c->state == CONTEST_NOT_COMPARABLE)
			continue;
		for (m = 0; m < plan->mode_cnt; m++)
			s->behind[m] += c->behind >> m & 1;
		s->winner = c->state == CONTEST_WON && (!s->cells || s->winner == c->best) ? c->best : plan->mode_cnt;
		s->cells++;
	}
}

static void build_standings(const struct run_plan *plan, struct contests *all)
{
	size_t i;

	all->by_size = xcalloc(plan->size_cnt + 1, sizeof(*all->by_size));
	all->size_cnt = plan->size_cnt;
	for (i = 0; i < plan->size_cnt; i++)
		build_standing(plan, all, i);
}

void sizes_build(const struct run_set *set, struct verdict *v)
{
	const struct run_plan *plan = &set->plan;
	size_t z, a, b;

	build_standings(plan, &v->throughput);
	build_standings(plan, &v->cpu);
	for (z = 0; z < v->zerocopy_cnt; z++)
		build_payoffs(set, v, v->zerocopy[z].mode, v->mode_cnt);
	a = plan_mode(plan, plan->versus_a);
	b = plan_mode(plan, plan->versus_b);
	if (a < v->mode_cnt && b < v->mode_cnt && a != b) {
		build_payoffs(set, v, a, b);
		build_payoffs(set, v, b, a);
	}
}

void sizes_free(struct contests *all)
{
	size_t i;

	for (i = 0; i < all->size_cnt; i++)
		free(all->by_size[i].behind);
	free(all->by_size);
}
