/* SPDX-License-Identifier: GPL-2.0-only */
/* The probe table: quantity x tier, and the programs with the kernel names they attach to. Data only;
 * the BPF files own the logic, this table owns names, order and what a number is worth.
 */
#ifndef PROBE_REGISTRY_H
#define PROBE_REGISTRY_H

#include "probe/probe.h"

enum attach_kind {
	ATTACH_TP_BTF,
	ATTACH_FENTRY, /* fentry and fexit: the program's section says which */
	ATTACH_KPROBE,
	ATTACH_KRETPROBE,
	ATTACH_PERF_EVENT,
	ATTACH_MAX_
};

struct probe_program {
	const char *name; /* of the BPF program */
	enum attach_kind kind;
	const char *target; /* kernel name; NULL where the kind has none */
};

#define IMPL_PROGRAMS_MAX 6
#define IMPLS_MAX	  6

/* One way to observe a quantity. */
struct probe_impl {
	enum tier tier;
	const char *program[IMPL_PROGRAMS_MAX]; /* all are needed; unused = NULL */
	const char *via;			/* provenance as it is printed, behind "tier:" */
	const char *count_bound; /* the count is only a bound, and why; NULL = exact */
	/* A copy inside the path: the kernel function that makes it and why. NULL: none, or its places
	 * and reasons are in the path map.
	 */
	const char *copy_function, *copy_reason;
};

struct probe_def {
	const char *name;
	const char *help;
	enum metric_id count, amount; /* METRIC_MAX_: that half is not reported */
	struct probe_impl impl[IMPLS_MAX]; /* in order of preference; unused: no program */
	const char *absent; /* why no tracepoint helps, where none does */
	bool full_only;	    /* costs too much for --level light */
};

extern const struct probe_program probe_programs[];
extern const size_t probe_program_cnt;
extern const struct probe_def probe_defs[CS_Q_MAX_];

/* Which counters an implementation of this tier fills. */
enum cs_bank probe_bank(enum tier tier);

/* Index into probe_programs or -1. */
int probe_program_index(const char *name);

#endif
