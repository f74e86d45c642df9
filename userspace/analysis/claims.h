/* SPDX-License-Identifier: GPL-2.0-only */
/* Claims that are often made about the three original modes, each tested against this run. A claim is
 * confirmed or refuted only by an interval; everything else is undecided.
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

enum claim {
	CLAIM_NO_COPY,	/* zero-copy: no CPU copying */
	CLAIM_LOSES,	/* zero-copy loses about 30 % of the throughput */
	CLAIM_SWITCHES, /* zero-copy has the most context switches */
	CLAIM_THREADS,	/* zero-copy wins at 8 threads */
	CLAIM_EQUAL,	/* two-copy = one-copy from 64 KiB upwards */
	CLAIM_MAX_
};

struct claim_def {
	const char *text, *rule;
};

struct claim_finding {
	enum claim_state state;
	/* what was compared, over all pairs of the cells concerned; n = 0: nothing */
	struct ratio against[2]; /* A1, A2; or only the first */
};

extern const struct claim_def claim_defs[CLAIM_MAX_];
extern const char *const claim_state_names[CLAIM_STATE_MAX_];

/* False when the run did not have all three modes A1, A2, A3. */
bool claims_test(const struct run_set *set, const struct verdict *v,
		 struct claim_finding findings[CLAIM_MAX_]);

#endif
