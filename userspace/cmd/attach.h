/* SPDX-License-Identifier: GPL-2.0-only */
/* `copyscope attach` in parts: whom (attach_target.c), the command that is started (attach_command.c), the observation
 * (attach_observe.c), options, order and the result (cmd_attach.c).
 */
#ifndef CMD_ATTACH_H
#define CMD_ATTACH_H

#include <stdio.h>

#include "observe/observer.h"

enum target_kind { TARGET_PROCESSES, TARGET_CGROUP };

/* One owner. */
struct attach_target {
	enum target_kind kind;
	char *label; /* untrusted text; owned */
	int *pid;    /* those that were named; owned */
	size_t pid_cnt;
	char *cgroup; /* its directory; owned */
	uint64_t cgroup_id;
	unsigned int level;
};

struct attach_targets {
	struct attach_target *target;
	size_t cnt, cap;
};

/* Each adds an owner, or returns -EINVAL, -ESRCH ... after one line. */
int target_add_pids(struct attach_targets *t, const char *list);
int target_add_cgroup(struct attach_targets *t, const char *path);
int target_add_container(struct attach_targets *t, const char *id);
/* One more process of the last. */
int target_add_further_pid(struct attach_targets *t, const char *pid);
int target_add_command(struct attach_targets *t, const char *name, int pid);
/* A cgroup that was removed meanwhile; of processes pidfds tell. */
bool target_is_gone(const struct attach_target *target);
void targets_free(struct attach_targets *t);

/* The named processes and their children, those that come meanwhile included. Returns how many, or -errno after one
 * line.
 */
int targets_watch(const struct attach_targets *t, struct observer *o);

/* -- CMD: a child that waits until it is let go, and goes with us before that. */
struct command {
	int pid; /* 0: none, or it has been waited for */
	int go_fd, failed_fd;
	bool runs; /* it was let go */
};
#define COMMAND_NONE ((struct command){.go_fd = -1, .failed_fd = -1})

/* 0 or -errno after one line. */
int command_start(char **argv, struct command *c);
/* 0; or what a shell exits with if it cannot be executed (126, 127), after one line. */
int command_go(struct command *c, const char *name);
/* Its exit code as a shell has it, after it has ended. */
int command_wait(struct command *c);
/* Ends it if it was not let go yet. Safe on COMMAND_NONE. */
void command_close(struct command *c);

/* ---- the observation ---------------------------------------------------------------------- */

#define MAX_DURATION_NS (7 * 24 * 3600 * NSEC_PER_SEC)

enum attach_format { FORMAT_TEXT, FORMAT_JSON, FORMAT_JSONL, FORMAT_CSV, FORMAT_MAX_ };

/* What was asked for, to be looked up when we may. */
struct asked {
	int (*add)(struct attach_targets *t, const char *text);
	const char *text;
};

struct attach_options {
	struct asked *asked;
	size_t asked_cnt, asked_cap;
	struct attach_targets targets;
	char **command; /* NULL: none */
	bool everyone;
	uint64_t duration_ns, interval_ns; /* 0: until it ends; none */
	unsigned int frequency_hz, format, by, tier, margin_percent;
	unsigned int number; /* 0: the default */
	const char *out; /* NULL: stdout or stderr */
	const char *prometheus, *textfile, *report, *pprof; /* NULL: none */
	bool top, quiet, verbose, remote;
};

struct attach {
	struct attach_options *options;
	struct run_set *set;
	struct observer *observer;
	struct command command;
	int *end_fd; /* pidfds of the named processes */
	size_t end_cnt;
	bool cgroups; /* some of what was named are */
	FILE *out;
	bool begun_anew;      /* out has nothing of an earlier result any more */
	struct run_set *told; /* what was so far when an interval was last told; NULL: none was */
	struct top *top; /* NULL: no live screen */
	int scrapes_fd; /* where Prometheus asks; -1: nowhere */
	uint64_t begun_ns;
};

static const struct run_key the_observation = {.mode = "attach", .pass = PASS_ATTRIBUTION, .repetition = 1};

/* What was asked for, into the plan of a set. */
void attach_plan(struct run_set *set, const struct attach_options *o);

/* Observes, for so long or until the end, into the only result of the set. Returns 0; what a shell exits with if the
 * command cannot be executed; or -errno after one line.
 */
int attach_observe(struct attach *a);
/* What has been counted since a->begun_ns becomes that result. As observer_end(). */
int attach_end(struct attach *a);

/* ---- for another host (attach_remote.c) --------------------------------------------------- */

/* Attached to all that is to be observed. Counts when it is told and as long, and answers with the result: see
 * cmd/remote_observer.h. 0, or -errno: nobody is there any more.
 */
int attach_obey(struct attach *a);

/* ---- by which devices (attach_route.c) ---------------------------------------------------- */

/* Of the sockets of a result, as far as routes tell now, in the network namespaces of their owners that live. */
void attach_routes(const struct attach_targets *t, struct run_set *set, struct run_result *r);

/* ---- what is told (attach_tell.c) --------------------------------------------------------- */

/* What has been so far, in a set of its own, with its stacks or without; NULL: it cannot be read. */
struct run_set *attach_so_far(struct attach *a, bool stacks);
/* Since the last time, or the beginning; and all so far into the files that are to have it meanwhile. */
void attach_tell_interval(struct attach *a);
/* Of the only result of the set. 0 or -errno after one line. */
int attach_tell_end(struct attach *a);

/* ---- its report (attach_report.c) --------------------------------------------------------- */

/* Whether there is a place for it, which is to be known before a long observation. 0 or -errno, after one line. */
int attach_report_place(const char *dir);
/* Of a set that is derived. */
int attach_report(const char *dir, const struct run_set *set);

#endif
