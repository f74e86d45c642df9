/* SPDX-License-Identifier: GPL-2.0-only */
/* Repetitions of one cell reduced to what may be said of them: median and range, and for two modes
 * the ratio with its interval. Nothing here knows a metric's meaning.
 */
#ifndef ANALYSIS_STATS_H
#define ANALYSIS_STATS_H

#include "core/result.h"

#define MAX_SAMPLES	  1024 /* repetitions used of one cell */
#define INTERVAL_MIN_REPS 3    /* fewer pairs give no interval */
#define BOOTSTRAP_ROUNDS  2000

struct spread {
	double median, min, max;
	size_t n; /* 0: not measured */
	enum bound bound; /* of any of the values */
};

/* A ratio of two modes over the same repetitions. */
struct ratio {
	double ratio;	  /* median of the paired ratios */
	double low, high; /* 95 % bootstrap interval of it; only with has_interval */
	size_t n;	  /* pairs */
	size_t above;	  /* those above 1; of the comparisons of compare.h only */
	bool has_interval;
};

/* One number of one cell. */
struct selection {
	const char *mode; /* pool */
	uint64_t size_bytes;
	unsigned int threads;
	enum pass pass;
	unsigned int owner;
	enum metric_id metric;
};

/* Sorts v; n may be 0. */
struct spread spread_from(double *v, size_t n);
struct spread spread_of(const struct run_set *set, const struct selection *sel);
/* The interval of already paired ratios; deterministic (fixed seed). */
struct ratio ratio_bootstrap(const double *ratios, size_t n);

/* Ratio of the medians of two runs whose repetitions have nothing to do with each other, each resampled
 * on its own; deterministic. n is the smaller count.
 */
struct ratio ratio_independent(const double *top, size_t top_cnt, const double *bottom,
			       size_t bottom_cnt);
/* 1 for two zeros (no change), infinite for something out of nothing. */
double ratio_safe(double top, double bottom);

/* The thread count (size) of the plan nearest to the wanted one; 0 when there is none. */
unsigned int nearest_threads(const struct run_plan *plan, unsigned int want);
uint64_t nearest_size(const struct run_plan *plan, uint64_t want);

/* Which pass a metric is read from: what BPF counts exists in the attribution pass only, everything
 * else is taken from the clean one.
 */
enum pass metric_pass(enum metric_id m);

#endif
