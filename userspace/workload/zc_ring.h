/* SPDX-License-Identifier: GPL-2.0-only */
/* Which zero-copy buffers may be reused. The kernel numbers the MSG_ZEROCOPY sends of a socket from
 * 0, 32 bits, wrapping; it reports them complete as ranges, in any order. A buffer (slot) is free
 * again when every id it was sent under is complete. Pure bookkeeping: no socket in here.
 */
#ifndef WORKLOAD_ZC_RING_H
#define WORKLOAD_ZC_RING_H

#include "core/util.h"

struct zc_ring {
	unsigned int slot_cnt;
	uint32_t *pending; /* slot -> ids issued and not complete */
	/* In-flight ids [head, next) are kept at id % window_cnt (a power of two): the slot, or
	 * DONE.
	 */
	uint32_t *window;
	uint32_t window_cnt;
	uint32_t head, next;
	uint64_t issued, completed;
};

/* first_id is 0 for a new socket. */
void zc_ring_init(struct zc_ring *r, unsigned int slots, uint32_t first_id);
void zc_ring_free(struct zc_ring *r);

/* A send that returned bytes of this slot: it took the next id. */
void zc_ring_issue(struct zc_ring *r, unsigned int slot);

/* A notification for lo..hi, both included. -ERANGE: an id that was never issued or was retired
 * before; -EALREADY: an id completed twice. Nothing is changed on failure.
 */
int zc_ring_complete(struct zc_ring *r, uint32_t lo, uint32_t hi);

bool zc_ring_slot_free(const struct zc_ring *r, unsigned int slot);
/* Ids issued and not complete. */
uint64_t zc_ring_in_flight(const struct zc_ring *r);

#endif
