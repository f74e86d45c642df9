/* SPDX-License-Identifier: GPL-2.0-only */
/* The threads of a server or client and what holds them together: the start gate, the stop flags,
 * the parking place of --control, and the one place where the main thread waits for whatever comes
 * next. Locks are taken before the first and after the last byte of a connection, never between.
 */
#ifndef WORKLOAD_CREW_H
#define WORKLOAD_CREW_H

#include <pthread.h>
#include <stdatomic.h>

#include "workload/options.h"

struct crew {
	const struct workload_options *common;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	atomic_uint ready, done; /* threads that reached the gate; threads that are through */
	bool open, released;
	bool orphan; /* the other end of --control is closed; no longer waited for */
	int event_fd, signal_fd;
	pthread_t *thread;
	size_t thread_cnt, thread_cap;
	/* stop: end after the message at hand. abandon: do not wait for the peer any longer. */
	atomic_bool stop, abandon;
};

/* Blocks SIGINT and SIGTERM (they arrive at crew_wait), ignores SIGPIPE and sees to it that there are
 * files for so many connections, for the whole process. Returns 0 or -errno (-EMFILE: too few),
 * printed. Call it before any thread exists.
 */
int crew_init(struct crew *c, const struct workload_options *common, unsigned int connections);
/* Opens the gate, lets parked threads go, joins them all and frees what crew_init made. */
void crew_fini(struct crew *c);

/* Start thread number thread_cnt, pinned as --cpus says. 0 or -errno, printed with the remedy. */
int crew_start(struct crew *c, void *(*body)(void *), void *arg);

/* For threads: wait at the gate; say that all is done, and with --control sleep until the end. */
void crew_ready(struct crew *c);
void crew_done(struct crew *c);

static inline bool crew_stopped(const struct crew *c)
{
	return atomic_load_explicit(&c->stop, memory_order_relaxed);
}

/* For the main thread. */
void crew_open_gate(struct crew *c);

static inline bool crew_all_done(const struct crew *c)
{
	return atomic_load(&c->done) == c->thread_cnt;
}

enum crew_event {
	CREW_SIGNAL = 1 << 0,  /* SIGINT or SIGTERM */
	CREW_ORPHAN = 1 << 1,  /* the other end of --control is closed */
	CREW_OTHER_FD = 1 << 2 /* other_fd is readable */
};
/* Wait for any of these, or for a thread that got ready or done, until a CLOCK_MONOTONIC time
 * (UINT64_MAX = forever).
 */
unsigned int crew_wait(struct crew *c, int other_fd, uint64_t until_ns);

/* Report: the result goes to --control (then wait until the other end closes) or, with --json, to
 * stdout. Takes over the reference. Returns 0 or -errno, printed.
 */
int crew_report(struct crew *c, json_t *result);

#endif
