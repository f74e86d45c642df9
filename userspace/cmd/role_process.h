/* SPDX-License-Identifier: GPL-2.0-only */
/* One process of the workload, server or client: started in its namespace and cgroup, without root,
 * held on a gate until everything that counts it is in place, and watched until it is over.
 */
#ifndef CMD_ROLE_PROCESS_H
#define CMD_ROLE_PROCESS_H

#include <sys/types.h>

#include "cmd/switches.h"
#include "core/result.h"
#include "perf/counters.h"
#include "testbed/testbed.h"
#include "workload/control.h"

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

struct role_process;

/* Where the process is, and so who tells what it used. */
struct role_kind {
	int (*start)(struct role_process *p, struct testbed *tb, const struct role_args *args, char **why);
	int (*rest)(struct role_process *p);
	int (*settle)(struct role_process *p, struct run_set *set, struct run_result *r);
	bool remote; /* there is nothing of it on this host */
};

extern const struct role_kind role_local, role_remote;

struct role_process {
	enum role role;
	const struct role_kind *kind;
	pid_t pid;    /* 0: not running; of a remote one its ssh's */
	int told_pid; /* its own, as it says; 0: it did not yet */
	bool crashed; /* ended by a signal that was not ours */
	int stderr_fd; /* memfd with what it said */
	struct control_reader reader; /* its fd is ours; one byte written to it opens the gate */
	struct perf_counters *counters;
	struct switch_count before; /* the window: its switches so far */
};

#define ROLE_PROCESS_INIT(role_, kind_) \
	{.role = (role_), .kind = (kind_), .stderr_fd = -1, .reader.fd = -1}

/* Start the program with --control (and --socket) or --remote appended; here in its cgroup, with its counters open. On
 * failure nothing is left running and *why may say more than the -errno (the caller frees it).
 */
int role_process_start(struct role_process *p, struct testbed *tb, const struct role_args *args, char **why);

/* Both wait until all its threads sleep and their switch counts stand still: at the begin of the window, where
 * counting starts, and at its end, where what was counted since then goes into r. -EPIPE if it died, -ETIMEDOUT if it
 * does not come to rest. Of a remote one its result has told all that can be told; what cannot is absent for that
 * reason.
 */
int role_process_rest(struct role_process *p);
int role_process_settle(struct role_process *p, struct run_set *set, struct run_result *r);

/* End it: politely by closing the control socket, by force when it does not go. *why (if given) becomes
 * the last line it wrote to stderr, or how it died, or NULL when it ended well or by our force; the
 * caller frees it.
 * Safe at any time, also twice.
 */
void role_process_end(struct role_process *p, char **why);

#endif
