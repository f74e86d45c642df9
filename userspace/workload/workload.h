/* SPDX-License-Identifier: GPL-2.0-only */
/* The workload as others see it: the table of send modes, the limits of its parameters, and how to
 * read the result a server or client reports (the protocol itself: control.h).
 */
#ifndef WORKLOAD_WORKLOAD_H
#define WORKLOAD_WORKLOAD_H

#include <jansson.h>

#include "core/hist.h"
#include "core/metric.h"
#include "core/mode.h"
#include "core/role.h"
#include "core/timeline.h"

#define WORKLOAD_SIZE_MAX_BYTES GIB
#define WORKLOAD_THREADS_MAX	1024
/* Open files beside those of its connections: standard streams, events, --control, listening ... */
#define WORKLOAD_FILES		16
#define WORKLOAD_DEFAULT_PORT	9711
#define WORKLOAD_DEFAULT_BIND	"127.0.0.1" /* who wants strangers to connect says so */
#define WORKLOAD_DURATION_MAX_NS (86400 * NSEC_PER_SEC)

struct message;
struct receiver;
struct sender;

/* How a sender hands a message to the kernel. One file and one row of send_modes[] each. The
 * callbacks run in the connection's own thread and return 0 or -errno; NULL means there is nothing
 * to do, if no other default is given.
 */
struct send_mode {
	const char *name;	    /* "A3" */
	const char *const *aliases; /* NULL terminated: "2", "zero-copy" */
	const char *title;	    /* "zero-copy" */
	const char *help;	    /* one sentence */
	struct mode_traits traits;  /* what it promises: all who judge it go by them */
	bool original;		    /* one of the experiment this program repeats */
	/* Nothing tells when the kernel is through with a message, so none is written twice: the stream repeats itself
	 * after send_ring() of them.
	 */
	bool repeats;
	int (*supported)(void); /* 0, or -errno: this kernel cannot do it */
	int (*init)(struct sender *s); /* makes its messages; without it: one */
	/* The message to fill next; may wait for one. Without it: the sender's messages in turn. */
	int (*acquire)(struct sender *s, struct message **m);
	/* Send the whole message, however many calls that takes, and account for each. */
	int (*send)(struct sender *s, struct message *m);
	/* Send what send() has kept back. */
	int (*flush)(struct sender *s);
	/* Wait until the kernel needs none of our memory any more. */
	int (*drain)(struct sender *s);
	void (*fini)(struct sender *s); /* safe after a failed init */
};

extern const struct send_mode *const send_modes[];
extern const size_t send_mode_cnt;

/* By name or alias, case does not matter; NULL if there is none. */
const struct send_mode *send_mode_find(const char *word);
/* 0, or why this kernel cannot do it, as -errno. It may take making an io_uring. */
int send_mode_unsupported(const struct send_mode *mode);
/* The name or alias nearest to a word that was not found, or NULL. */
const char *send_mode_nearest(const char *word);
/* Messages a connection sends from, if that is left to us (asked is 0). */
unsigned int send_ring(uint64_t size_bytes, unsigned int asked);
/* Where the fields of this mode lie when --buffers says so: a mode that is about a placement keeps it. */
enum buffers send_mode_buffers(const struct send_mode *mode, enum buffers asked);
#define BUFFERS_ARGUMENT "WHERE"
#define BUFFERS_HELP	 \
	"where the 8 fields of a message lie: heap (default); page, each begins one; flat, one behind the other; huge, " \
	"in a block of 2 MiB pages: transparent ones where none are reserved"
#define RING_HELP \
	"messages that a connection sends from by reference: zero-copy has to wait for completions then; default: by size"
#define FILE_DIR_HELP "sendfile, splice: send from an unnamed file in DIR, not from memory (memfd)"
#define DIRECT_HELP   "sendfile, splice: open the file O_DIRECT: each send reads it into fresh pages"
#define DIRECT_NO_FILE "--direct: mode %s sends no file: choose sendfile, splice or both"
#define CHUNK_HELP    \
	"sendfile, splice, ktls: bytes a call; default: the message, splice no more than the pipe holds"
#define PIPE_HELP     "splice, vmsplice, --recv splice: size of the pipe; default: the kernel's, 64K"
#define BATCH_HELP    "uring: messages a submission, each linked to the one before; default: 1"
#define BATCH_MAX     1024
#define ISSUE_ARGUMENT "WHO"
#define ISSUE_HELP     \
	"uring, uring-zc, uring-zc-fixed: who sends what the ring is asked for: caller (default), sqpoll (a thread that " \
	"polls the ring), iowq (a worker)"
#define ISSUE_NO_RING  "--issue %s: mode %s asks no io_uring: choose uring, uring-zc, uring-zc-fixed"
#define PIPE_MAX_BYTES (GIB / 2)
/* "A1, A2, A3", for messages and help; the caller frees it. */
char *send_mode_list(void);

/* How a client takes bytes from the stream, as struct send_mode. */
struct recv_mode {
	const char *name; /* "trunc" */
	const char *help; /* one sentence */
	enum receive_way way;
	bool decrypts;		/* it can be had of a kTLS socket, */
	bool datagrams;		/* of datagrams */
	bool keeps;		/* with --verify what came is in the message's buffer, too */
	bool net_admin;		/* init() takes CAP_NET_ADMIN */
	int (*supported)(void); /* 0, or -errno: this kernel cannot do it */
	const char *(*explain)(int err); /* that -errno, and what to do; without it: strerror() */
	int (*init)(struct receiver *r); /* 0, or -errno */
	/* Up to len bytes of the message, from its byte `at` on, accounting for each call that took some. How many;
	 * 0: end of file; -EINTR: a pause came instead; or another -errno.
	 */
	ssize_t (*receive)(struct receiver *r, size_t at, size_t len);
	void (*fini)(struct receiver *r); /* safe after a failed init */
};

extern const struct recv_mode *const recv_modes[];
extern const size_t recv_mode_cnt;

const struct recv_mode *recv_mode_find(const char *word); /* NULL if there is none */
/* 0, or why this kernel cannot do it, as -errno. */
int recv_mode_unsupported(const struct recv_mode *mode);
/* The same in words; static ones. */
const char *recv_mode_obstacle(const struct recv_mode *mode, int err);
/* Why what such a mode sends cannot be received so, as what the receive mode does; NULL: it can. */
const char *recv_mode_misfit(const struct recv_mode *mode, const struct mode_traits *traits);
/* NULL after one line that names --recv. */
const struct recv_mode *recv_mode_parse(const char *word);
/* CLI_GO_ON, or the exit code to end with, after one line: nothing to verify, or not on this kernel. */
int recv_mode_check(const struct recv_mode *mode, bool verify);
#define RECV_HELP "how to receive: copy (default), trunc, splice, mmap, uring or zcrx, see `copyscope list receives`"

enum pattern { PATTERN_STREAM, PATTERN_RR, PATTERN_MAX_ };
extern const char *const pattern_names[PATTERN_MAX_];

/* Read a result (the members of struct account, account.h; extra ones such as "event" are ignored)
 * into the WORKLOAD metrics of one role; others are left alone, members that are missing stay
 * absent. *latency gets a new histogram (free() it) or NULL, *error a new string or NULL when all
 * went well. Returns 0, or -EINVAL with one line printed and nothing changed.
 */
int workload_result_read(const json_t *result, enum role role, struct metric_value v[METRIC_MAX_],
			 struct hist **latency, char **error);
/* Those that it has; others are left alone. 0, or -EINVAL with one line printed. free() them. */
int workload_timelines_read(const json_t *result, struct timeline *timeline[TIMELINE_MAX_]);

#endif
