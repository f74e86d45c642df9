/* SPDX-License-Identifier: GPL-2.0-only */
/* Claims that are often made about the three original ways of sending, each tested against this run. A
 * claim is confirmed or refuted only by an interval; everything else is undecided.
 */
#ifndef ANALYSIS_CLAIMS_H
#define ANALYSIS_CLAIMS_H

#include "analysis/verdict.h"

enum claim_state {
	CLAIM_UNTESTED, /* the run holds nothing about it */
	CLAIM_UNDECIDED,
	CLAIM_CONFIRMED,
	CLAIM_REFUTED,
	CLAIM_STATE_MAX_
};

enum claim_measure {
	MEASURE_COPIED, /* no ratio: whether what was sent by reference was copied */
	MEASURE_THROUGHPUT,
	MEASURE_SWITCHES, /* context switches of both ends, per byte */
	MEASURE_MAX_
};

/* A mode by what it promises: the first of the plan that does so. */
struct mode_pick {
	enum way way;
	bool flattens;
};

#define CLAIM_AGAINST 2

/* Confirmed where measure of top / measure of against lies in low..high in the cells of the scope, with its
 * whole interval and for each it is compared with; refuted where it lies outside for any.
 */
struct claim_def {
	const char *text; /* the first %s is top, the second the first of against */
	enum claim_measure measure;
	struct mode_pick top, against[CLAIM_AGAINST];
	size_t against_cnt;
	uint64_t least_bytes; /* cells of at least this size */
	unsigned int threads; /* cells of this many threads; 0: any */
	double low, high;     /* high INFINITY: above low */
};

struct claim_finding {
	const struct claim_def *def;
	enum claim_state state;
	const char *top, *against[CLAIM_AGAINST]; /* names of the modes; pool */
	/* over all pairs of the cells concerned; n = 0: nothing was compared */
	struct ratio ratio[CLAIM_AGAINST];
	const struct zerocopy_truth *truth; /* of MEASURE_COPIED; NULL if there is none */
};

extern const struct claim_def claim_defs[];
extern const size_t claim_cnt;
extern const char *const claim_state_names[CLAIM_STATE_MAX_];

/* claim_cnt findings; the caller frees. NULL when the run lacks a mode that a claim is about. */
struct claim_finding *claims_test(const struct run_set *set, const struct verdict *v);

#endif
