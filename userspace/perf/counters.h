/* SPDX-License-Identifier: GPL-2.0-only */
/* Hardware and software counters of one role process and all its threads, in a window.
 *
 * Opening never fails because a counter is missing: each counter that could not be opened reads as
 * UNSUPPORTED with its reason and remedy, never as 0.
 */
#ifndef PERF_COUNTERS_H
#define PERF_COUNTERS_H

#include <sys/types.h>

#include "core/metric.h"
#include "core/result.h"

struct perf_counters;

/* One counter as read(2) gives it (PERF_FORMAT_TOTAL_TIME_ENABLED | _RUNNING). */
struct perf_count {
	uint64_t value, enabled_ns, running_ns;
};

/* pid has one thread yet; those and the children that it creates after are counted, too, but nothing is before
 * perf_counters_start(). sysfs, where PMUs are looked up: "/sys". Returns 0, or -ESRCH if pid has gone.
 * Needs CAP_PERFMON (or a low kernel.perf_event_paranoid) to count anything. The caller closes.
 */
int perf_counters_open(pid_t pid, const char *sysfs, struct perf_counters **out);
/* The window begins, for all threads. Exact if they sleep. */
void perf_counters_start(struct perf_counters *c);

/* Fill the FROM_PERF rows of v. Live threads are included. Reasons are interned in `strings`. */
void perf_counters_read(struct perf_counters *c, struct run_set *strings,
			struct metric_value v[METRIC_MAX_]);

void perf_counters_close(struct perf_counters **c);

/* Pure: one event counted on n PMUs becomes one value. The counts add up. A thread is on one PMU at
 * a time, so the running times add up too, and only their shortfall against the enabled time is
 * multiplexing. On one PMU that is made good by value * enabled / running. On several nothing tells which of
 * them missed how much, and they count at different rates: the sum is a lower bound then.
 */
struct metric_value perf_counts_to_value(const struct perf_count *count, size_t n);

/* Pure: why perf_event_open() refused with errno `err` (positive). have_pmu: some other hardware event did
 * open. paranoid: kernel.perf_event_paranoid, which the result may refer to.
 */
struct reason perf_open_reason(int err, bool have_pmu, const char *paranoid);

#endif
