/* SPDX-License-Identifier: GPL-2.0-only */
/* The clean passes of a run by cell, mode and repetition: what compare.c pairs. Private to it. */
#ifndef ANALYSIS_PASSES_H
#define ANALYSIS_PASSES_H

#include "analysis/measure.h"
#include "analysis/stats.h"

/* What one pass says. */
struct sample {
	size_t cell, mode, repetition; /* from 0 */
	double log;
	enum bound bound;
};

/* The logarithms of one cell, by mode and repetition; NAN: none. */
struct passes {
	size_t mode_cnt, repetitions;
	double *log;
	enum bound *bound;
	size_t *known; /* by mode */
};

/* Of sizes x threads; their number if it is none of them. */
size_t plan_cell(const struct run_plan *plan, const struct run_key *key);

/* All that count. The caller frees. */
struct sample *read_samples(const struct run_set *set, enum measure measure, size_t *cnt);
void read_cell(const struct sample *sample, size_t cnt, size_t cell, struct passes *p);

#endif
