/* SPDX-License-Identifier: GPL-2.0-only */
/* What a send mode promises. Whoever needs to know asks these traits, never the mode's name. */
#ifndef CORE_MODE_H
#define CORE_MODE_H

#include "core/util.h"

/* What the kernel is asked to do with the bytes. */
enum way {
	WAY_COPY,
	WAY_ZEROCOPY, /* reference the sender's pages: MSG_ZEROCOPY, or io_uring's like of it */
	WAY_SPLICE,   /* reference the pages of a file or a pipe: sendfile(), splice() */
	WAY_ENCRYPT,  /* make TLS records of them: kTLS */
	WAY_OTHER,    /* a result of a newer copyscope has it */
	WAY_MAX_
};
extern const char *const way_names[WAY_MAX_]; /* "copy", "zerocopy", "splice", "encrypt", "other" */

/* What the receiver asks for. */
enum receive_way {
	RECEIVE_COPY,
	RECEIVE_DISCARD, /* MSG_TRUNC */
	RECEIVE_SPLICE,	 /* refer to pages from a pipe: splice() */
	RECEIVE_MAP,	 /* map pages to the receiver where that can be: TCP_ZEROCOPY_RECEIVE */
	RECEIVE_ZCRX,	 /* io_uring's zero-copy receive */
	RECEIVE_OTHER,	 /* a result of a newer copyscope has it */
	RECEIVE_WAY_MAX_
};
extern const char *const receive_way_names[RECEIVE_WAY_MAX_]; /* "copy", "discard", "splice", "map", "zcrx", "other" */

/* By recv() or its like alone, which a tracepoint shows. */
static inline bool receive_is_traced(enum receive_way way)
{
	return way != RECEIVE_SPLICE && way != RECEIVE_MAP && way != RECEIVE_ZCRX;
}

/* Where the sender's fields lie. */
enum buffers {
	BUFFERS_HEAP, /* wherever malloc() puts them */
	BUFFERS_PAGE, /* each begins a page */
	BUFFERS_FLAT, /* one behind the other, each message begins a page */
	BUFFERS_HUGE, /* as flat, all messages in one block of huge pages */
	BUFFERS_FILE, /* as flat, in the page cache: for modes that send a file */
	BUFFERS_OTHER, /* a result of a newer copyscope has it */
	BUFFERS_MAX_
};
extern const char *const buffers_names[BUFFERS_MAX_]; /* "heap", "page", "flat", "huge", "file", "other" */

/* Who makes the sends that an io_uring is asked for. */
enum issue {
	ISSUE_CALLER,
	ISSUE_SQPOLL, /* a thread of the kernel's in the sender's process, which polls the ring */
	ISSUE_IOWQ,   /* another one, from a pool of workers */
	ISSUE_OTHER,  /* a result of a newer copyscope has it */
	ISSUE_MAX_
};
extern const char *const issue_names[ISSUE_MAX_]; /* "caller", "sqpoll", "iowq", "other" */

/* What carries the stream. */
enum transport {
	TRANSPORT_TCP,
	TRANSPORT_UDP,	/* datagrams, with words by TCP against the stream */
	TRANSPORT_UNIX, /* a local socket: nothing of it goes over the path between the ends */
	TRANSPORT_OTHER, /* a result of a newer copyscope has it */
	TRANSPORT_MAX_
};
extern const char *const transport_names[TRANSPORT_MAX_]; /* "tcp", "udp", "unix", "other" */

/* What is observed beside TCP's sends and receives: transports that have functions of their own in the kernel; calls by
 * way and size; owners that are processes, with their children.
 */
enum extra { EXTRA_UDP, EXTRA_UNIX, EXTRA_TLS, EXTRA_ZCRX, EXTRA_CALLS, EXTRA_PROCESSES, EXTRA_MAX_ };

/* Sets of them. */
#define EXTRA_BIT(extra) (1U << (extra))
#define EXTRAS_ALL	 (EXTRA_BIT(EXTRA_MAX_) - 1)

/* What a mode promises of the bytes that it sends. */
struct mode_traits {
	enum way way;
	enum buffers buffers;
	enum transport transport;
	bool flattens;	      /* the application copies its fields into one buffer first */
	bool takes_ids;	      /* each send that returns bytes takes a zero-copy id of its socket */
	bool has_completions; /* and reads the notifications of all; without ids, those of its io_uring */
	bool resumes;	      /* the kernel makes as many sends of a call as it takes */
	bool registers;	      /* the kernel refers to the pages of its buffers once, before the first send */
	bool requests;	      /* its sends are asked for by way of an io_uring, so that others may make them */
};

/* Packets refer to pages of the sender's memory. */
static inline bool mode_pins_pages(const struct mode_traits *traits)
{
	return traits->way == WAY_ZEROCOPY || (traits->way == WAY_SPLICE && traits->buffers != BUFFERS_FILE);
}

static inline bool mode_sends_file(const struct mode_traits *traits)
{
	return traits->way == WAY_SPLICE && traits->buffers == BUFFERS_FILE;
}

/* Its completions are notifications of an io_uring, and no ids of a socket. */
static inline bool mode_is_notified(const struct mode_traits *traits)
{
	return traits->has_completions && !traits->takes_ids;
}

#endif
