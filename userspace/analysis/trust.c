// SPDX-License-Identifier: GPL-2.0-only
#include "analysis/trust.h"

#include <math.h>
#include <string.h>

#include "analysis/cost.h"
#include "core/congestion.h"

static const struct {
	double watch, weak; /* beyond it */
} limits[] = {
	[CONFOUNDER_CONGESTION] = {0, INFINITY},
	[CONFOUNDER_THREADS] = {0, INFINITY},
	[CONFOUNDER_RETRANSMITS] = {0.001, 0.01},
	[CONFOUNDER_PARTIALS] = {0.01, INFINITY},
	[CONFOUNDER_STEAL] = {0.01, 0.05},
	[CONFOUNDER_OTHERS] = {0.05, 0.2},
	[CONFOUNDER_LENGTH] = {1, 10},
	[CONFOUNDER_WINDOWS] = {2, 20},
	[CONFOUNDER_NOISE_THROUGHPUT] = {0, 1},
	[CONFOUNDER_NOISE_CPU] = {0, 1},
	[CONFOUNDER_OBSERVER] = {0.1, 0.3},
	[CONFOUNDER_BOUNDS] = {0, INFINITY},
	[CONFOUNDER_CLOCKS] = {0.03, 0.1},
};
static_assert_complete(limits, CONFOUNDER_MAX_);

double trust_limit(enum confounder c)
{
	return limits[c].weak;
}

/* What a finding is made from, and where it goes. */
struct look {
	const struct run_set *set;
	const struct verdict *verdict;
	struct trust *trust;
	struct confounder_finding *to;
};

/* Of an untrusted file. */
static unsigned int cpus_online(const struct run_set *set)
{
	const char *value = run_set_env_value(set, "CPUs online");
	uint64_t cpus;

	return value && !parse_u64(value, 1, 1 << 20, &cpus) ? (unsigned int)cpus : 0;
}

static bool is_clean(const struct run_result *r)
{
	return r->status == RESULT_OK && r->key.pass == PASS_CLEAN;
}

/* The one farthest from 0 of those by mode. */
static double farthest(const struct look *l)
{
	double worst = NAN;
	size_t i;

	for (i = 0; i < l->verdict->mode_cnt; i++)
		if (isnan(worst) || fabs(l->to->by_mode[i]) > worst)
			worst = fabs(l->to->by_mode[i]);
	return worst;
}

/* ---- how the bytes went -------------------------------------------------------------------- */

static void find_congestion(const struct look *l)
{
	const char *name = l->set->plan.congestion;

	if (name || !plan_has(&l->set->plan, TRANSPORT_TCP))
		l->to->value = name && congestion_paces(name);
}

/* A connection has a thread at each end. */
static void find_threads(const struct look *l)
{
	const struct run_plan *plan = &l->set->plan;
	size_t i;

	l->to->n = plan->size_cnt * plan->thread_cnt;
	if (!l->trust->cpus || !l->to->n)
		return;
	for (i = 0; i < plan->thread_cnt; i++)
		if (2ULL * plan->threads[i] > l->trust->cpus)
			l->to->hits += plan->size_cnt;
	l->to->value = (double)l->to->hits / (double)l->to->n;
}

/* Of the senders in a mode's clean passes together. */
static double sent_share(const struct run_set *set, const char *mode, enum metric_id part, enum metric_id whole)
{
	double top = 0, bottom = 0;
	size_t i;

	for (i = 0; i < set->result_cnt; i++) {
		const struct run_result *r = &set->result[i];
		struct metric_value p = run_result_sum(set, r, FLOW_SENDS, part);
		struct metric_value w = run_result_sum(set, r, FLOW_SENDS, whole);

		if (r->key.mode != mode || !is_clean(r) || !value_known(&p) || !value_known(&w))
			continue;
		top += p.value;
		bottom += w.value;
	}
	return bottom > 0 ? top / bottom : NAN;
}

static void find_sent_shares(const struct look *l, enum metric_id part, enum metric_id whole)
{
	size_t i;

	l->to->by_mode = xcalloc(l->verdict->mode_cnt + 1, sizeof(*l->to->by_mode));
	for (i = 0; i < l->verdict->mode_cnt; i++)
		l->to->by_mode[i] = sent_share(l->set, l->set->plan.mode[i].name, part, whole);
	l->to->value = farthest(l);
}

static void find_retransmits(const struct look *l)
{
	find_sent_shares(l, M_TCP_RETRANSMIT_BYTES, M_APP_BYTES);
	if (!plan_has(&l->set->plan, TRANSPORT_TCP))
		l->to->value = 0;
}

static void find_partials(const struct look *l)
{
	find_sent_shares(l, M_PARTIAL_SENDS, M_APP_CALLS);
}

/* ---- who else ran --------------------------------------------------------------------------- */

/* Of all CPUs over the windows of the clean passes. */
static void find_taken(const struct look *l, enum metric_id m, enum confounder c)
{
	unsigned int client = run_set_owner(l->set, FLOW_RECEIVES);
	double taken = 0, all = 0;
	size_t i;

	for (i = 0; i < l->set->result_cnt; i++) {
		const struct run_result *r = &l->set->result[i];
		const struct metric_value *part = &r->v[OWNER_WHOLE][m], *window = &r->v[client][M_ELAPSED_NS];

		if (!is_clean(r) || !value_known(part) || !value_known(window))
			continue;
		taken += part->value;
		all += window->value * l->trust->cpus;
		l->to->hits += part->value > limits[c].weak * window->value * l->trust->cpus;
		l->to->n++;
	}
	if (all > 0)
		l->to->value = taken / all;
}

static void find_steal(const struct look *l)
{
	find_taken(l, M_STEAL_NS, CONFOUNDER_STEAL);
}

static void find_others(const struct look *l)
{
	find_taken(l, M_OTHER_CPU_NS, CONFOUNDER_OTHERS);
}

/* ---- what was measured ---------------------------------------------------------------------- */

/* Where passes differ little, they need only be long beside a tick of 10 ms. */
static void find_length(const struct look *l)
{
	uint64_t least_ns = l->trust->noisy ? NSEC_PER_SEC : NSEC_PER_SEC / 10;

	if (l->set->plan.duration_ns)
		l->to->value = (double)least_ns / (double)l->set->plan.duration_ns;
}

static void find_windows(const struct look *l)
{
	unsigned int server = run_set_owner(l->set, FLOW_SENDS), client = run_set_owner(l->set, FLOW_RECEIVES);
	double ms;
	size_t i;

	for (i = 0; i < l->set->result_cnt; i++) {
		const struct run_result *r = &l->set->result[i];
		const struct metric_value *s = &r->v[server][M_ELAPSED_NS], *c = &r->v[client][M_ELAPSED_NS];

		if (!is_clean(r) || !value_known(s) || !value_known(c))
			continue;
		ms = fabs(c->value - s->value) / (double)NSEC_PER_MSEC;
		l->to->hits += ms > limits[CONFOUNDER_WINDOWS].watch;
		if (!l->to->n++ || ms > l->to->value)
			l->to->value = ms;
	}
}

static void find_noise(const struct look *l, const struct contests *all)
{
	if (all->pairs.floor.n)
		l->to->value = (all->pairs.floor.median > all->margin) + (all->pairs.floor.most > all->margin);
}

static void find_noise_throughput(const struct look *l)
{
	find_noise(l, &l->verdict->throughput);
}

static void find_noise_cpu(const struct look *l)
{
	find_noise(l, &l->verdict->cpu);
}

/* ---- what it was measured with -------------------------------------------------------------- */

/* By the mean over the cells: less than nothing is noise. */
static void find_observer(const struct look *l)
{
	size_t i;

	for (i = 0; i < l->verdict->mode_cnt; i++) {
		const struct ratio *r = &l->verdict->overhead[i];

		if (r->n && !(r->ratio - 1 <= l->to->value))
			l->to->value = r->ratio - 1;
	}
}

/* Each value in the pass that it is shown of. */
static void find_bounds(const struct look *l)
{
	enum metric_id m;
	unsigned int o;
	size_t i;

	for (i = 0; i < l->set->result_cnt; i++) {
		const struct run_result *r = &l->set->result[i];

		for (o = 0; o < r->owner_cnt && r->status == RESULT_OK; o++)
			for (m = 0; m < METRIC_MAX_; m++) {
				if (metric_pass(m) != r->key.pass || !value_known(&r->v[o][m]))
					continue;
				l->to->n++;
				l->trust->bounds_of[m] += r->v[o][m].bound != BOUND_NONE;
			}
	}
	for (m = 0; m < METRIC_MAX_; m++)
		l->to->hits += l->trust->bounds_of[m];
	if (l->to->n)
		l->to->value = (double)l->to->hits / (double)l->to->n;
}

static void find_clocks(const struct look *l)
{
	size_t i;

	l->to->by_mode = xcalloc(l->verdict->mode_cnt + 1, sizeof(*l->to->by_mode));
	for (i = 0; i < l->verdict->mode_cnt; i++) {
		struct mode_cost cost = cost_of(l->set, l->set->plan.mode[i].name);
		double clock_ns = cost.part[COST_SENDERS].ns + cost.part[COST_RECEIVERS].ns;

		l->to->by_mode[i] = cost.rusage_ns > 0 && clock_ns > 0 ? cost.rusage_ns / clock_ns - 1 : NAN;
	}
	l->to->value = farthest(l);
}

/* ---- all of it ------------------------------------------------------------------------------ */

static void (*const find[])(const struct look *l) = {
	[CONFOUNDER_CONGESTION] = find_congestion,
	[CONFOUNDER_THREADS] = find_threads,
	[CONFOUNDER_RETRANSMITS] = find_retransmits,
	[CONFOUNDER_PARTIALS] = find_partials,
	[CONFOUNDER_STEAL] = find_steal,
	[CONFOUNDER_OTHERS] = find_others,
	[CONFOUNDER_LENGTH] = find_length,
	[CONFOUNDER_WINDOWS] = find_windows,
	[CONFOUNDER_NOISE_THROUGHPUT] = find_noise_throughput,
	[CONFOUNDER_NOISE_CPU] = find_noise_cpu,
	[CONFOUNDER_OBSERVER] = find_observer,
	[CONFOUNDER_BOUNDS] = find_bounds,
	[CONFOUNDER_CLOCKS] = find_clocks,
};
static_assert_complete(find, CONFOUNDER_MAX_);

static enum trust_state judge(enum confounder c, double value)
{
	if (isnan(value))
		return TRUST_UNKNOWN;
	if (value > limits[c].weak)
		return TRUST_WEAK;
	return value > limits[c].watch ? TRUST_WATCH : TRUST_FINE;
}

void trust_build(const struct run_set *set, const struct verdict *v, struct trust *trust)
{
	const struct contests *cpu = &v->cpu;
	enum trust_state state;
	enum confounder c;
	size_t n = 0;

	*trust = (struct trust){.cpus = cpus_online(set)};
	trust->noisy = !cpu->pairs.floor.n || cpu->pairs.floor.median > cpu->margin;
	for (c = 0; c < CONFOUNDER_MAX_; c++) {
		struct confounder_finding *to = &trust->found[c];

		to->value = NAN;
		find[c](&(struct look){set, v, trust, to});
		to->state = judge(c, to->value);
		trust->by_state[to->state]++;
	}
	for (state = 0; state < TRUST_STATE_MAX_; state++)
		for (c = 0; c < CONFOUNDER_MAX_; c++)
			if (trust->found[c].state == state)
				trust->order[n++] = c;
}

void trust_free(struct trust *trust)
{
	enum confounder c;

	for (c = 0; c < CONFOUNDER_MAX_; c++)
		free(trust->found[c].by_mode);
}
