/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel side of a measurement: which quantity can be observed how (registry.c), what this kernel
 * allows (load.c, select.c, session.c), and reading what the BPF programs counted (collect.c).
 *
 * The only folder that knows libbpf. Needs CAP_BPF and CAP_PERFMON (or root); nothing is pinned, so
 * programs, links and maps go with the process however it ends.
 */
#ifndef PROBE_PROBE_H
#define PROBE_PROBE_H

#include "core/result.h"

#define PROBE_STACK_DEPTH 96 /* frames at most of each kernel and each user stack */

/* Whose sockets and tasks: those of a cgroup, or the processes that probe_watch() names. */
struct probe_owner {
	uint64_t cgroup_id;    /* v2; 0: processes */
	unsigned int level; /* of the cgroup below the root, which is 0 */
};

#define PROBE_NAMED_MAX 15

struct probe_config {
	/* Who is observed: owner i + 1 of the results is the i-th. At most PROBE_NAMED_MAX. */
	const struct probe_owner *owner;
	unsigned int owner_cnt;
	bool everyone; /* none of these, but each program that sends or receives: probe_name_programs() */
	bool subtrees; /* a cgroup stands for all below it, too; of several the first counts */
	enum tier tier;		/* use only this one; TIER_NONE: the best that works, per quantity */
	uint64_t receive_netns; /* inode of the receiver's network namespace */
	uint64_t offcpu_sample_ns; /* off-CPU time of an owner's threads for each stack; 0: no stacks of it */
	unsigned int extras; /* what is observed beside TCP's sends and receives, by EXTRA_BIT() */
	bool full; /* level: also user stacks of off-CPU samples */
	bool cross_check; /* observe by a second tier as well where there is one, and compare */
};

struct probe; /* a loaded set of programs */

/* Choose, load and try to attach. Whatever does not work demotes the quantities that need it, never
 * the run; the reasons are kept for probe_describe(). Returns 0; -EPERM (privilege), -ENOTSUP (no BTF,
 * or no quantity at all can be observed) or another -errno, after one line that says the remedy.
 */
int probe_open(const struct probe_config *config, struct probe **out);
void probe_close(struct probe **p);

/* As probe_open(), to be told and not to be used: probe_describe() of it, even where nothing can be observed,
 * as long as there is something known of each quantity.
 */
int probe_survey(const struct probe_config *config, struct run_set *set);

/* What of that is absent and matters: "send, recv"; NULL: nothing. The caller frees. */
char *probe_lacks(const struct run_set *set);

/* Attach all chosen programs; sampler_fd are perf events for the CPU sampler (may be 0 of them).
 * A program that attached at probe_open() and does not now is an error. probe_detach() undoes it.
 */
int probe_attach(struct probe *p, const int *sampler_fd, size_t sampler_cnt);
void probe_detach(struct probe *p);

/* A process, by its number outside of all PID namespaces, is this owner's, and its children are from now on. After
 * probe_attach(). Returns 0 or -errno.
 */
int probe_watch(struct probe *p, unsigned int owner, int tgid);

/* Where everyone is observed: adds the owners that there are by now to a set that has none, before it gets a result of
 * them. Returns 0 or -errno.
 */
int probe_name_programs(struct probe *p, struct run_set *set);

/* Counting starts from zero; stops. Both are one store: all programs see it at once. */
int probe_start(struct probe *p);
void probe_stop(struct probe *p);

/* After probe_stop(): fill the BPF metrics of all owners, the completion latency and the drops.
 * Quantities that are not observed get VALUE_UNSUPPORTED and the reason; disagreements found by
 * cross_check are drops too. What no quantity counts by itself (probe_counts()) of the copies inside the
 * path begins at 0 and is added up by whoever reads their reasons from probe_for_each_path(). Strings are
 * interned in set, whose owners must be those of the configuration.
 */
int probe_collect(struct probe *p, struct run_set *set, struct run_result *r);

/* After probe_stop(): the sockets of r's owners over which most moved (EXTRA_CALLS), SOCKETS_LISTED of them, most first.
 * All that others moved is in the owners' sums.
 */
void probe_list_sockets(struct probe *p, struct run_set *set, struct run_result *r);

/* Whether a quantity fills this metric by itself. */
bool probe_counts(enum metric_id m);

/* After probe_stop(): if this kernel skipped runs of our programs in the last count and another tier would
 * not suffer from that, change to it, which detaches. Returns 1 if it changed (the count should be taken
 * again, and described again), 0 if not, or -errno.
 */
int probe_adapt(struct probe *p);

/* A stack as the kernel gave it: addresses, leaf first. Not symbolised, see sym/. */
struct raw_stack {
	enum stack_kind kind;
	unsigned int owner; /* from 1; 0: the kernel's softirq threads */
	int tgid;
	bool voluntary;	  /* off-CPU only */
	bool main_thread; /* off-CPU only */
	uint64_t count; /* samples */
	uint64_t ns;	/* off-CPU: what they stand for */
	const uint64_t *kernel, *user;
	unsigned int kernel_cnt, user_cnt;
};

/* Calls fn for each distinct stack sampled. Stops at the first non-zero return and hands it back. */
int probe_for_each_stack(struct probe *p, int (*fn)(const struct raw_stack *s, void *ctx), void *ctx);

/* Copies inside the path made by one function, called in one way. */
struct raw_path {
	unsigned int owner;   /* of the bytes */
	const char *function; /* static */
	uint64_t count, bytes;
	const uint64_t *kernel; /* stack, leaf first; the leaf is the function */
	unsigned int kernel_cnt;
};

/* As probe_for_each_stack. Nothing where path copies are not observed. */
int probe_for_each_path(struct probe *p, int (*fn)(const struct raw_path *path, void *ctx), void *ctx);

/* Calls fn for each stretch of kernel memory that holds a function of our programs. None where kernel addresses are
 * hidden, or where programs are not compiled.
 */
void probe_for_each_code(const struct probe *p, void (*fn)(uint64_t addr, uint64_t len, void *ctx), void *ctx);

/* Calls fn for each trampoline by which a function of the kernel calls programs, ours among them: "bpf_trampoline_NUMBER" of
 * /proc/kallsyms. Another link: it may lie elsewhere now.
 */
void probe_for_each_trampoline(const struct probe *p, void (*fn)(uint64_t number, uint32_t link, void *ctx), void *ctx);

/* Quantities compared between two tiers by cross_check. */
size_t probe_cross_checked(const struct probe *p);

/* What there is to observe: name and meaning of a quantity and, returned, "tier:how; tier:how" of every way
 * (the caller frees). NULL beyond the last. Needs no privilege.
 */
char *probe_quantity(size_t number, const char **name, const char **help);

/* A new series of the set: a probe_note a quantity, with tier and provenance, or why absent. */
void probe_describe(const struct probe *p, struct run_set *set);

/* A note a program: its runs so far and the ns of one, where the kernel measures that (sysctl
 * kernel.bpf_stats_enabled=1).
 */
void probe_note_costs(const struct probe *p, struct run_set *set);

/* ns (CLOCK_MONOTONIC) at which the first program was attached; 0 if none was. */
uint64_t probe_first_attach_ns(const struct probe *p);

#endif
