/* SPDX-License-Identifier: GPL-2.0-only */
/* Two observations of a program held against each other: before and after something was changed. */
#ifndef ANALYSIS_ATTACH_DIFF_H
#define ANALYSIS_ATTACH_DIFF_H

#include "analysis/attach.h"

/* after / before of what is counted by samples; low and high: 95 % interval, by the normal approximation of the logarithm
 * of a ratio of two Poisson counts.
 */
struct sampled_ratio {
	double ratio, low, high; /* ratio 0: not known */
};

struct attach_side {
	struct attach_answer answer;
	struct attach_moved moved;
	double seconds, cpu_samples, cpu_ns;
};

struct attach_change {
	const char *label; /* after */
	struct attach_side before, after;
	struct sampled_ratio cpu_per_byte; /* of bytes sent and received together */
};

/* Owners of the one result of each set that are the same: by label without the number of a process, or the only ones.
 * Returns how many; the caller frees each by attach_change_free(), and the array.
 */
size_t attach_changes(const struct run_set *before, const struct run_set *after, struct attach_change **out);
void attach_change_free(struct attach_change *c);

struct sampled_ratio sampled_ratio(double before, double before_per, double after, double after_per);

#endif
