/* SPDX-License-Identifier: GPL-2.0-only */
/* The observation: owners in, one result out. It opens the probes, the CPU sampler and the kernel's symbols,
 * and knows of no workload, size, thread or namespace: `copyscope run` is a workload with this around it.
 *
 *	struct observed who = {"nginx", FLOW_BOTH, cgroup_id};
 *
 *	observer_open(&(struct observer_config){.owner = &who, .owner_cnt = 1}, set, &o);
 *	observer_attach(o);
 *	observer_begin(o);
 *	...
 *	observer_end(o, run_set_add(set, &key));
 *	observer_detach(o); // if something is to run unobserved; else begin again, at next to no cost
 *	observer_close(&o);
 *
 * One thread. Needs what probe.h and sampler.h need; without sampler or symbols it goes on, and says so in
 * the set's notes.
 */
#ifndef OBSERVE_OBSERVER_H
#define OBSERVE_OBSERVER_H

#include "core/result.h"

/* Sockets and tasks of a cgroup (v2 id), or the processes that observer_watch() names. */
struct observed {
	const char *label; /* untrusted text; unique */
	enum flow flow;	   /* which way its payload goes */
	uint64_t cgroup_id;   /* 0: processes */
	unsigned int level; /* of the cgroup below the root, which is 0 */
};

#define OBSERVED_MAX 15

struct observer_config {
	const struct observed *owner;
	unsigned int owner_cnt; /* at most OBSERVED_MAX */
	bool everyone;		/* none of these, but each program that sends or receives, by its name */
	enum tier tier;		/* TIER_NONE: the best that works, per quantity */
	unsigned int frequency_hz; /* CPU samples a second and CPU; 0: none */
	bool subtrees;		   /* a cgroup stands for all below it, too; of several the first counts */
	uint64_t receive_netns;	   /* inode of the receiver's network namespace; 0: any */
	unsigned int extras; /* what is observed beside TCP's sends and receives, by EXTRA_BIT() */
	bool full;		   /* --level full: see probe.h */
	bool once;		   /* no second count will be taken: what the kernel skips stays a bound */
	bool cross_check;	   /* observe by a second tier as well, where there is one */
};

struct observer;

/* Adds the owners to set, in their order from 1 on, and how each quantity is observed. Returns 0 or -errno
 * after one line that says the remedy (-EPERM, -ENOTSUP: cannot be here). set must outlive the observer.
 */
int observer_open(const struct observer_config *config, struct run_set *set, struct observer **out);
void observer_close(struct observer **o);

/* Probes and sampler, unless they are attached. It may take long; nothing is counted yet. */
int observer_attach(struct observer *o);

/* A process, by its number outside of all PID namespaces, is this owner's (from 1), and its children are from now on. After
 * observer_attach(), with EXTRA_PROCESSES. Returns 0 or -errno.
 */
int observer_watch(struct observer *o, unsigned int owner, int tgid);

/* Counting starts from zero. Attached it is. */
int observer_begin(struct observer *o);

/* Stop counting, fill the BPF metrics, stacks, waits, copies and drops of r, an attribution result of the set
 * whose processes still live and whose workload's own numbers, if any, are in. r NULL: nothing is wanted.
 * Returns 0; 1 if the kernel skipped runs of the probes so that others took over, and the count should be
 * taken again; or -errno.
 */
int observer_end(struct observer *o, struct run_result *r);

/* The counts so far, while they go on: metrics and calls of a result with this key, in an empty set of their own, which
 * gets the owners, too. stacks: and what is read from them. Returns 0 or -errno.
 */
int observer_peek(struct observer *o, struct run_set *set, const struct run_key *key, bool stacks);

/* Where everyone is observed: who there was, before the result to be filled is added to the set. Returns 0 or -errno. */
int observer_name_owners(struct observer *o);

/* Between end and begin probes and sampler stay attached and count nothing. After this they are gone. */
void observer_detach(struct observer *o);

struct observer_cost {
	uint64_t first_attach_ns; /* CLOCK_MONOTONIC; when the first program was attached; 0: none was */
	unsigned int attached;	  /* times that observer_attach() had to */
	uint64_t begin_ns;	  /* the longest observer_begin() */
};

struct observer_cost observer_cost(const struct observer *o);

/* What each program took, among the notes of the set, where the kernel counts it (kernel.bpf_stats_enabled). */
void observer_note_costs(struct observer *o);

#endif
