/* SPDX-License-Identifier: GPL-2.0-only */
/* The receiver's kernel, on another host: `copyscope attach --remote -p CLIENT` there, over ssh, by orders on its
 * standard input and answers on its standard output (workload/control.h). It says
 *
 *   {"event":"attached"}                 it may be told to begin
 *   {"event":"begun"}                    it counts
 *   {"event":"observed","results":TEXT}  what it counted: a document as of `attach --format json`
 *
 * and is told {"event":"begin"} and {"event":"end"}. That it cannot observe is no failure of the pass.
 */
#ifndef CMD_REMOTE_OBSERVER_H
#define CMD_REMOTE_OBSERVER_H

#include "core/result.h"
#include "testbed/testbed.h"
#include "workload/control.h"

struct remote_observer {
	pid_t pid; /* of its ssh; 0: none */
	int stderr_fd; /* memfd with what it said; -1 */
	struct control_reader reader;
	struct run_set *observed; /* NULL: nothing was */
	char *why; /* not; owned */
};

#define REMOTE_OBSERVER_INIT {.stderr_fd = -1, .reader.fd = -1}

/* Of the process with this number there. Returns when it is attached, or will not be. */
void remote_observer_start(struct remote_observer *o, struct testbed *tb, const struct run_plan *plan, int pid);
void remote_observer_begin(struct remote_observer *o);
void remote_observer_end(struct remote_observer *o);
/* Into the client's account of r: what was counted, or why nothing was. */
void remote_observer_take(const struct remote_observer *o, struct run_set *set, struct run_result *r);
void remote_observer_close(struct remote_observer *o); /* safe twice */

#endif
