/* SPDX-License-Identifier: GPL-2.0-only */
/* What else than the modes may have made the numbers: confounders, each judged by one number against two
 * limits (docs/statistics.md has them in words).
 */
#ifndef ANALYSIS_TRUST_H
#define ANALYSIS_TRUST_H

#include "analysis/verdict.h"

/* In the order in which they are shown. */
enum trust_state {
	TRUST_WEAK,    /* what is concluded with it may be wrong */
	TRUST_WATCH,   /* to be kept in mind */
	TRUST_UNKNOWN, /* nothing in the results tells */
	TRUST_FINE,
	TRUST_STATE_MAX_
};

enum confounder {
	CONFOUNDER_CONGESTION,	/* 1: it paces */
	CONFOUNDER_THREADS,	/* share of cells with more threads than CPUs; hits of n */
	CONFOUNDER_RETRANSMITS, /* largest share of bytes, by mode */
	CONFOUNDER_PARTIALS,	/* largest share of sends, by mode */
	CONFOUNDER_STEAL,	/* share of the CPUs' time in all passes; hits: passes of n with more than the larger limit */
	CONFOUNDER_OTHERS,	/* the same of other programs */
	CONFOUNDER_LENGTH,	/* a pass that is as long as it should be over one as it is */
	CONFOUNDER_WINDOWS,	/* ms between the two ends', the most; hits: passes of n with more than the smaller limit */
	CONFOUNDER_NOISE_THROUGHPUT, /* of the floor's median and its one in twenty, how many exceed the margin */
	CONFOUNDER_NOISE_CPU,
	CONFOUNDER_OBSERVER, /* largest overhead, by mode: 0.1 is 10 % */
	CONFOUNDER_BOUNDS,   /* share of values; hits of n */
	CONFOUNDER_CLOCKS,   /* rusage over task clock - 1, by mode: the farthest from 0, without its sign */
	CONFOUNDER_MAX_
};

struct confounder_finding {
	enum trust_state state;
	double value; /* see enum confounder; NAN: unknown */
	size_t hits, n;
	double *by_mode; /* NAN: unknown; NULL: not said by mode */
};

struct trust {
	struct confounder_finding found[CONFOUNDER_MAX_];
	enum confounder order[CONFOUNDER_MAX_]; /* the worst first */
	size_t by_state[TRUST_STATE_MAX_];
	unsigned int cpus;		 /* 0: unknown */
	size_t bounds_of[METRIC_MAX_];	 /* of CONFOUNDER_BOUNDS.hits */
	bool noisy;			 /* CPU per byte, by half of its comparisons; or nobody knows */
};

/* The larger of the two limits. */
double trust_limit(enum confounder c);

/* v: of the same set. */
void trust_build(const struct run_set *set, const struct verdict *v, struct trust *trust);
void trust_free(struct trust *trust);

#endif
