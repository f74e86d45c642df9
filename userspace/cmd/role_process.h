/* SPDX-License-Identifier: GPL-2.0-only */
/* One process of the workload, server or client: started in its namespace and cgroup, without root,
 * held on a gate until everything that counts it is in place, and watched until it is over.
 */
#ifndef CMD_ROLE_PROCESS_H
#define CMD_ROLE_PROCESS_H

#include <sys/types.h>

#include "core/result.h"
#include "perf/counters.h"
#include "testbed/testbed.h"
#include "workload/control.h"

struct switch_count {
	uint64_t voluntary, involuntary;
	uint64_t ended_ns; /* CPU time of threads that have ended: nothing tells their switches any more; 0 if that is not told */
};

struct role_args {
	char *v[32]; /* v[0]: path of the program. NULL behind the last, with room for four more */
	size_t n;
	/* A socket of this address' family, made while we still are root, goes with it as --socket: some congestion
	 * controls are for root only. NULL: none.
	 */
	const char *address, *congestion;
	bool net_admin; /* keeps CAP_NET_ADMIN, if we have it */
	int keep_fd; /* stays open in it, under this number; -1: none */
};

struct role_process {
	enum role role;
	pid_t pid;    /* 0: not running */
	bool crashed; /* ended by a signal that was not ours */
	int stderr_fd; /* memfd with what it said */
	struct control_reader reader; /* its fd is ours; one byte written to it opens the gate */
	struct perf_counters *counters;
	struct switch_count before; /* the window: its switches so far */
};

#define ROLE_PROCESS_INIT(role_) \
	{.role = (role_), .stderr_fd = -1, .reader.fd = -1}

/* Start the program with --control (and --socket) appended and stop it at the gate: in its cgroup, counters open,
 * nothing of it executed yet. On failure nothing is left running and *why may say more than the -errno
 * (the caller frees it).
 */
int role_process_start(struct role_process *p, const struct testbed *tb,
		       const struct role_args *args, char **why);

/* Let it go. */
int role_process_release(struct role_process *p);

/* Both wait until all its threads sleep and their switch counts stand still: at the begin of the window, where
 * counting starts, and at its end, for the switches since then. -EPIPE if it died, -ETIMEDOUT if it does not
 * come to rest.
 */
int role_process_rest(struct role_process *p);
int role_process_settle(struct role_process *p, struct switch_count *switches);

/* End it: politely by closing the control socket, by force when it does not go. *why (if given) becomes
 * the last line it wrote to stderr, or how it died, or NULL when it ended well or by our force; the
 * caller frees it.
 * Safe at any time, also twice.
 */
void role_process_end(struct role_process *p, char **why);

#endif
