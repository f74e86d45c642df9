/* SPDX-License-Identifier: GPL-2.0-only */
/* What another congestion control changes: the same mode in the same cell and the same block of passes, once with
 * each. Where one of them paces, that tells whether pacing or copying decides.
 */
#ifndef ANALYSIS_CONGESTION_EFFECT_H
#define ANALYSIS_CONGESTION_EFFECT_H

#include "analysis/stats.h"

struct congestion_effect {
	size_t mode; /* of run_plan.mode */
	uint64_t size_bytes;
	unsigned int threads;
	/* the variant's over the matrix's, by simultaneous intervals over all of a variant's modes and cells */
	struct ratio throughput, cpu;
	struct spread gbps[2]; /* the matrix's, the variant's */
};

/* Of one variant; the caller frees. NULL: it differs in something else. */
struct congestion_effect *congestion_effects(const struct run_set *all, unsigned int variant, size_t *cnt);

#endif
