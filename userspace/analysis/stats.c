// SPDX-License-Identifier: GPL-2.0-only
#include "analysis/stats.h"

#include <math.h>
#include <string.h>

struct spread spread_from(double *v, size_t n)
{
	struct spread out = {.n = n};

	if (!n)
		return out;
	out.median = median_of(v, n);
	out.min = v[0];
	out.max = v[n - 1];
	return out;
}

static bool matches(const struct run_result *r, const struct selection *sel)
{
	return r->status == RESULT_OK && r->key.mode == sel->mode &&
	       r->key.size_bytes == sel->size_bytes && r->key.threads == sel->threads &&
	       r->key.pass == sel->pass && value_known(&r->v[sel->owner][sel->metric]);
}

struct spread spread_of(const struct run_set *set, const struct selection *sel)
{
	enum bound bound = BOUND_NONE;
	double v[MAX_SAMPLES];
	struct spread spread;
	size_t i, n = 0;

	for (i = 0; i < set->result_cnt && n < MAX_SAMPLES; i++) {
		if (!matches(&set->result[i], sel))
			continue;
		v[n++] = set->result[i].v[sel->owner][sel->metric].value;
		bound |= set->result[i].v[sel->owner][sel->metric].bound;
	}
	spread = spread_from(v, n);
	spread.bound = bound;
	return spread;
}

static void resample(const double *v, size_t n, double *draw, uint64_t *state)
{
	size_t i;

	for (i = 0; i < n; i++)
		draw[i] = v[(next_random(state) >> 32) % n];
}

/* The 95 % of it in the middle. Sorts v, which holds BOOTSTRAP_ROUNDS. */
static void set_interval(struct ratio *ratio, double *v)
{
	qsort(v, BOOTSTRAP_ROUNDS, sizeof(*v), compare_double);
	ratio->low = v[BOOTSTRAP_ROUNDS * 25 / 1000];
	ratio->high = v[BOOTSTRAP_ROUNDS - 1 - BOOTSTRAP_ROUNDS * 25 / 1000];
	ratio->has_interval = true;
}

struct ratio ratio_bootstrap(const double *ratios, size_t n)
{
	uint64_t state = 0x9e3779b97f4a7c15ULL;
	double draw[MAX_SAMPLES], medians[BOOTSTRAP_ROUNDS];
	struct ratio out = {.n = n};
	size_t round;

	if (!n)
		return out;
	memcpy(draw, ratios, n * sizeof(*draw));
	out.ratio = median_of(draw, n);
	if (n < INTERVAL_MIN_REPS)
		return out;
	for (round = 0; round < BOOTSTRAP_ROUNDS; round++) {
		resample(ratios, n, draw, &state);
		medians[round] = median_of(draw, n);
	}
	set_interval(&out, medians);
	return out;
}

double ratio_safe(double top, double bottom)
{
	return bottom ? top / bottom : top ? INFINITY : 1;
}

struct ratio ratio_independent(const double *top, size_t top_cnt, const double *bottom,
			       size_t bottom_cnt)
{
	uint64_t state = 0x9e3779b97f4a7c15ULL;
	double draw[2][MAX_SAMPLES], ratios[BOOTSTRAP_ROUNDS];
	struct ratio out = {.n = MIN(top_cnt, bottom_cnt)};
	size_t round;

	if (!out.n)
		return out;
	memcpy(draw[0], top, top_cnt * sizeof(*top));
	memcpy(draw[1], bottom, bottom_cnt * sizeof(*bottom));
	out.ratio = ratio_safe(median_of(draw[0], top_cnt), median_of(draw[1], bottom_cnt));
	if (out.n < INTERVAL_MIN_REPS)
		return out;
	for (round = 0; round < BOOTSTRAP_ROUNDS; round++) {
		resample(top, top_cnt, draw[0], &state);
		resample(bottom, bottom_cnt, draw[1], &state);
		ratios[round] = ratio_safe(median_of(draw[0], top_cnt),
					   median_of(draw[1], bottom_cnt));
	}
	set_interval(&out, ratios);
	return out;
}

unsigned int nearest_threads(const struct run_plan *plan, unsigned int want)
{
	unsigned int best = 0;
	size_t i;

	for (i = 0; i < plan->thread_cnt; i++)
		if (!best || fabs(log2(plan->threads[i]) - log2(want)) <
				     fabs(log2(best) - log2(want)))
			best = plan->threads[i];
	return best;
}

uint64_t nearest_size(const struct run_plan *plan, uint64_t want)
{
	uint64_t best = 0;
	size_t i;

	for (i = 0; i < plan->size_cnt; i++)
		if (!best || fabs(log2((double)plan->size_bytes[i]) - log2((double)want)) <
				     fabs(log2((double)best) - log2((double)want)))
			best = plan->size_bytes[i];
	return best;
}

enum pass metric_pass(enum metric_id m)
{
	switch (m) {
	case M_COPIES_PER_BYTE:
	case M_COPIED_IDS_RATIO:
	case M_OBSERVER_OVERHEAD:
		return PASS_ATTRIBUTION;
	default:
		return metric_defs[m].source == FROM_BPF ? PASS_ATTRIBUTION : PASS_CLEAN;
	}
}
