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
	CLAIM_MIXED, /* one cell confirms it and another refutes it, each by its own interval */
	CLAIM_CONFIRMED,
	CLAIM_REFUTED,
	CLAIM_STATE_MAX_
};

/* A mode by what it promises: the first of the plan that does so. */
struct mode_pick {
	enum way way;
	bool flattens;
};

#define CLAIM_AGAINST 2

/* That measure of top / measure of against lies in low..high, for each it is compared with. */
struct claim_def {
	const char *text; /* the first %s is top, the second the first of against */
	bool copied;	  /* no ratio: that nothing that was sent by reference was copied */
	enum measure measure;
	struct mode_pick top, against[CLAIM_AGAINST];
	size_t against_cnt;
	uint64_t least_bytes; /* cells of at least this size */
	unsigned int threads; /* cells of this many threads; 0: any */
	double low, high;     /* high INFINITY: above low, and to confirm it by more than the margin */
};

/* Where the ratios of a cell are: by their intervals, and by their centers. */
struct claim_cells {
	size_t n;	     /* compared, with each of against */
	size_t yes, no;	     /* wholly inside; one of them wholly outside */
	size_t holds;	     /* centers inside */
};

/* Confirmed where every cell says so, or the mean over cells does and no cell refutes it; refuted likewise. */
struct claim_finding {
	const struct claim_def *def;
	enum claim_state state;
	const char *top, *against[CLAIM_AGAINST]; /* names of the modes; pool */
	size_t top_mode, against_mode[CLAIM_AGAINST];
	struct claim_cells cells;
	struct ratio ratio[CLAIM_AGAINST]; /* over the cells concerned; n = 0: nothing was compared */
	const struct zerocopy_truth *truth; /* of def->copied; NULL if there is none */
};

extern const struct claim_def claim_defs[];
extern const size_t claim_cnt;
extern const char *const claim_state_names[CLAIM_STATE_MAX_];

/* claim_cnt findings; the caller frees. NULL when the run lacks a mode that a claim is about. */
struct claim_finding *claims_test(const struct run_set *set, const struct verdict *v);

#endif
