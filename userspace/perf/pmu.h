/* SPDX-License-Identifier: GPL-2.0-only */
/* Which core PMUs a machine has. A hybrid CPU (Intel P and E cores, ARM big.LITTLE) has one PMU a
 * core type, and a hardware event must be opened on each. Decided from sysfs alone: older kernels
 * let an event of a PMU that does not exist open on any PMU, so a successful open proves nothing.
 */
#ifndef PERF_PMU_H
#define PERF_PMU_H

#include <linux/perf_event.h>
#include <sys/types.h>

#include "core/util.h"

struct core_pmu {
	char *name;    /* "cpu_core"; owned */
	char *cpus;    /* "0-7,16"; owned */
	uint32_t type; /* perf_event_attr.type of its raw events */
};

struct core_pmu_list {
	struct core_pmu *pmu; /* sorted by name */
	size_t cnt, cap;
};

/* The PMUs under <sysfs>/bus/event_source/devices that serve only some CPUs (they have a `cpus`
 * file; uncore PMUs have `cpumask` instead). An empty list means: one kind of core, or no PMU at
 * all.
 */
void core_pmus_find(const char *sysfs, struct core_pmu_list *list);
void core_pmus_free(struct core_pmu_list *list);

/* Is cpu in a list of the kernel's form ("0-3,8")? A malformed list holds nothing from there on. */
bool cpulist_has(const char *list, unsigned int cpu);

/* First line of a file, without its newline; NULL if it cannot be read. The caller frees. */
char *read_first_line(const char *path);

/* config of a PERF_TYPE_HARDWARE or PERF_TYPE_HW_CACHE event bound to one PMU. */
static inline uint64_t pmu_bound_config(uint32_t pmu_type, uint64_t config)
{
	return (uint64_t)pmu_type << 32 | config;
}

/* perf_event_open(2). Returns a close-on-exec descriptor or -errno. */
int perf_event_fd(struct perf_event_attr *attr, pid_t pid, int cpu);

#endif
