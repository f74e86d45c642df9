/* SPDX-License-Identifier: GPL-2.0-only */
/* How the passes of a cell went: not what they came to, but when. */
#ifndef ANALYSIS_PACE_H
#define ANALYSIS_PACE_H

#include "analysis/stats.h"

/* Of a pass, by time. */
struct pace_curve {
	double bin_ns;
	size_t cnt;		     /* 0: not known */
	double value[TIMELINE_BINS]; /* Gbit/s, or threads; NAN: nobody looked */
};

/* Of no more than most_bins; wider ones, if need be. */
void pace_curve(const struct run_set *set, const struct run_result *r, enum timeline_kind kind, size_t most_bins,
		struct pace_curve *curve);

/* The clean passes of a mode in a cell, bin by bin. */
struct pace {
	size_t passes;	     /* of which it is known; 0: nothing else is */
	double first_gbps;   /* the median of their first bins */
	struct spread gbps;  /* of all bins */
	struct spread again; /* the same of what TCP sent again; n is 0 where it cannot */
	size_t again_bins;   /* that have any of it */
	struct spread runnable;
};

struct pace pace_of(const struct run_set *set, const char *mode, uint64_t size_bytes, unsigned int threads);

/* Whether r is a pass that is looked at. */
bool pace_concerns(const struct run_result *r, const char *mode, uint64_t size_bytes, unsigned int threads);

#endif
