/* SPDX-License-Identifier: GPL-2.0-only */
/* The threads of a server or client and what holds them together: the gate, the stop flags, the parking
 * place of --control, and the one place where the main thread waits for whatever comes next. Locks are taken
 * where a thread rests, never while data flows.
 */
#ifndef WORKLOAD_CREW_H
#define WORKLOAD_CREW_H

#include <pthread.h>
#include <stdatomic.h>
#include <sys/resource.h>

#include "core/machine.h"
#include "workload/control.h"
#include "workload/options.h"

struct crew {
	const struct workload_options *common;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	atomic_uint ready, done; /* threads that reached the gate; threads that are through */
	unsigned int resting;	 /* threads back at the gate, which was closed again */
	bool open, released;
	unsigned int opened; /* how often it was */
	uint64_t start_ns;	     /* CLOCK_MONOTONIC; the window began */
	struct rusage before;	     /* the window; all zero: whatever the process did is counted */
	struct machine *host;	     /* the same of its host, if it is to be told; NULL */
	struct control_reader reader; /* of --control */
	json_t *order;		     /* came from there and waits to be taken */
	bool orphan; /* the other end of --control is closed; no longer waited for */
	int event_fd, signal_fd;
	pthread_t *thread;
	size_t thread_cnt, thread_cap;
	atomic_uint halt;    /* enum crew_halt: what to do after the message at hand */
	atomic_bool abandon; /* do not wait for the peer any longer */
};

enum crew_halt {
	CREW_STOP = 1 << 0,  /* end */
	CREW_PAUSE = 1 << 1, /* crew_rest() */
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

/* Between two messages: wait until the gate is open again. */
void crew_rest(struct crew *c);

static inline unsigned int crew_halted(const struct crew *c)
{
	return atomic_load_explicit(&c->halt, memory_order_relaxed);
}

static inline bool crew_stopped(const struct crew *c)
{
	return crew_halted(c) & CREW_STOP;
}

static inline bool crew_paused(const struct crew *c)
{
	return crew_halted(c) == CREW_PAUSE;
}

/* Wait until there is something to read, be it the end. 0, or -EINTR: a pause came instead. */
int crew_await(const struct crew *c, int fd);
/* recv(2). -EINTR while paused, and only then; or another -errno. */
ssize_t crew_recv(const struct crew *c, int fd, void *buf, size_t len, int flags);

/* For the main thread. */
void crew_open_gate(struct crew *c);
/* Threads end after the message at hand, and rest nowhere. */
void crew_stop(struct crew *c);
/* Close the gate again: every thread that is not done rests there after the message at hand. follows: they wait
 * in recv() for a peer that rests already. Returns 0, or -ECANCELED when told to end.
 */
int crew_pause(struct crew *c, bool follows);

static inline bool crew_all_done(const struct crew *c)
{
	return atomic_load(&c->done) == c->thread_cnt;
}

enum crew_event {
	CREW_SIGNAL = 1 << 0,  /* SIGINT or SIGTERM */
	CREW_ORPHAN = 1 << 1,  /* the other end of --control is closed */
	CREW_OTHER_FD = 1 << 2, /* other_fd is readable */
	CREW_ORDER = 1 << 3,   /* c->order came */
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
