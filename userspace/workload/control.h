/* SPDX-License-Identifier: GPL-2.0-only */
/* The wire between the orchestrator and a server or client started with --control FD, or a client on another host
 * with --remote.
 *
 * FD is one end of a stream socketpair; --remote is told on standard input and answers on standard output. Both write JSON objects, one a line. The workload:
 *
 *   {"event":"ready","port":N}     server only: it is listening
 *   {"event":"prepared","pid":N}   connected, buffers made and touched, all threads at the gate;
 *                                  --remote: "host": {"NAME":"VALUE"...}, what its end of the link is (link.h)
 *   {"event":"paused","bytes":N}   all threads rest; N moved so far
 *   {"event":"started"}            --remote: the window has begun, by its own clock
 *   {"event":"result", ...}        the run is over; members: account.h
 *
 * The orchestrator, once both are prepared:
 *
 *   {"event":"warm","for_ns":N}    begin, off the record; after N rest with nothing in flight, and say "paused".
 *                                  N to the end that moves by itself (the sender of a stream, the client of a
 *                                  round trip): on a busy machine it is more punctual than we are
 *   {"event":"pause","bytes":N}    to the other: rest when the N bytes of its peer have come
 *   {"event":"start","at_ns":T}    the window began at T (CLOCK_MONOTONIC; --remote: it begins now, "started" tells
 *                                  when); accounts start from zero
 *
 * Before "result" every byte is sent or received and every zero-copy completion read; after it all
 * threads of the workload sleep and none exits, so that whoever holds the other end can read
 * /proc/PID/task/TID/status and resolve addresses at leisure. Closing that end lets the process
 * exit (0, or 1 when "error" is not null). When the other end is closed earlier, the run ends early: a workload does not outlive its orchestrator. A workload that cannot
 * start says why on stderr and exits: end of file without a result.
 */
#ifndef WORKLOAD_CONTROL_H
#define WORKLOAD_CONTROL_H

#include <jansson.h>

#include "core/util.h"

/* Write one event. Takes over the reference. Returns 0 or -errno (-EPIPE: nobody is there). */
int control_send(int fd, json_t *event);

/* The orchestrator's end. Zero-initialise, then set fd. */
struct control_reader {
	int fd; /* not owned */
	char *buf;
	size_t len, cap;
};

/* Wait for the next event. Returns 0 and a new reference, or
 *   -ETIMEDOUT  nothing complete within timeout_ms (-1 = forever); what has come is kept,
 *   -EPIPE      end of file: the peer died or exited (part of a line may have come),
 *   -EPROTO     not an event, or longer than CONTROL_LINE_MAX,
 *   -EINTR      a signal came (the caller's stop flag may be set),
 *   another -errno of poll(2) or read(2).
 * Prints nothing: the caller knows what it was waiting for.
 */
#define CONTROL_LINE_MAX (4 * MIB)
int control_read_event(struct control_reader *r, int timeout_ms, json_t **event);
/* The same of one by that name; -EPROTO: it is another. */
int control_expect(struct control_reader *r, int timeout_ms, const char *name, json_t **event);
void control_reader_free(struct control_reader *r);

#endif
