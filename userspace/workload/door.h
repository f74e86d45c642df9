/* SPDX-License-Identifier: GPL-2.0-only */
/* Where clients come in. A client says hello, so that a port scan, a browser or a health check is not
 * taken for one: it must not start the clock. Who says something else, or nothing for DOOR_WAIT_NS, is
 * sent away. With --control the one who starts both ends vouches for them, and nobody says a word: each
 * byte is counted there.
 */
#ifndef WORKLOAD_DOOR_H
#define WORKLOAD_DOOR_H

#include "workload/options.h"

#define DOOR_WAIT_NS (2 * NSEC_PER_SEC)

/* Connected, and not yet known to be a client. */
struct guest {
	int fd; /* owned */
	uint64_t until_ns;
	unsigned int heard; /* bytes of the hello */
};

struct door {
	int listen_fd; /* -1: closed */
	int event_fd;  /* readable: door_admit() may have somebody; -1: closed */
	const char *path; /* of a local socket, which goes with it; NULL: none */
	bool asks;     /* for a hello */
	struct guest *guest; /* in the order they came */
	size_t guest_cnt, guest_cap;
	unsigned int sent_away;
};

#define DOOR_CLOSED {.listen_fd = -1, .event_fd = -1}

/* *port gets the real one. 0 or -errno, printed. */
int door_open(struct door *d, const char *bind, const struct workload_options *o, uint16_t *port);
/* All that wait at it are sent away. Safe on one that is closed. */
void door_close(struct door *d);

/* The next client's connection, which is the caller's: 0, -EAGAIN (there is none now), or another
 * -errno, printed.
 */
int door_admit(struct door *d, int *fd);

/* When door_admit() is to be called even if nobody says anything; UINT64_MAX: never. */
uint64_t door_deadline(const struct door *d);

/* The client's side. 0 or -errno. */
int door_say_hello(int fd);

#endif
