/* SPDX-License-Identifier: GPL-2.0-only */
/* What copyscope tells both ends through --control, so that a window begins for both at once, when all that
 * comes before it is over: buffers are made and touched, connections are up and warm, and nothing is in
 * flight. The orders are in control.h.
 */
#ifndef WORKLOAD_CONDUCT_H
#define WORKLOAD_CONDUCT_H

#include "workload/crew.h"

struct conducted {
	bool follows; /* threads wait for the peer to move, in recv() */
	uint64_t (*moved_bytes)(const void *of); /* of all threads, while they run */
	const void *of;
	json_t *host; /* facts of this one, to be told; a reference that conduct() takes over; NULL */
};

/* All threads are ready. Do as told until the window has begun: then crew->start_ns is set. Returns 0; or
 * -ECANCELED: told to end, or a thread ended before its time.
 */
int conduct(struct crew *c, const struct conducted *who);

/* Without --control: the window begins now. */
void conduct_alone(struct crew *c, uint64_t start_ns);

#endif
