/* SPDX-License-Identifier: GPL-2.0-only */
/* Context switches of a process as /proc has them, between two moments in which it rests. */
#ifndef CMD_SWITCHES_H
#define CMD_SWITCHES_H

#include <sys/types.h>

#include "core/metric.h"

struct switch_count {
	uint64_t voluntary, involuntary;
	uint64_t ended_ns; /* CPU time of threads that have ended: nothing tells their switches any more; 0 if that is not told */
};

/* Waits until all its threads sleep and their counts stand still. 0, -EPIPE if it died, -ETIMEDOUT if it does not come to
 * rest, or another -errno.
 */
int switches_at_rest(pid_t pid, struct switch_count *now);

/* M_PROC_CTX_VOLUNTARY and M_PROC_CTX_INVOLUNTARY of v. */
void switches_since(const struct switch_count *before, const struct switch_count *now, struct metric_value *v);

#endif
