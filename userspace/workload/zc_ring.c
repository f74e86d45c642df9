// SPDX-License-Identifier: GPL-2.0-only
/* Zero-copy ids -> buffers. All id arithmetic is modulo 2^32, as the kernel's counter is. */
#include "workload/zc_ring.h"

#include <errno.h>

#define SLOT_DONE      UINT32_MAX
#define WINDOW_INITIAL 64u

void zc_ring_init(struct zc_ring *r, unsigned int slots, uint32_t first_id)
{
	*r = (struct zc_ring){
		.slot_cnt = slots,
		.pending = xcalloc(slots, sizeof(*r->pending)),
		.window = xcalloc(WINDOW_INITIAL, sizeof(*r->window)),
		.window_cnt = WINDOW_INITIAL,
		.head = first_id,
		.next = first_id,
	};
}

void zc_ring_free(struct zc_ring *r)
{
	free(r->pending);
	free(r->window);
	*r = (struct zc_ring){0};
}

static uint32_t *window_at(const struct zc_ring *r, uint32_t id)
{
	return &r->window[id & (r->window_cnt - 1)];
}

/* Partial sends take an id each, so the window cannot be bounded by the number of slots. */
static void grow_window(struct zc_ring *r)
{
	struct zc_ring wider = *r;
	uint32_t id;

	wider.window_cnt *= 2;
	wider.window = xcalloc(wider.window_cnt, sizeof(*wider.window));
	for (id = r->head; id != r->next; id++)
		*window_at(&wider, id) = *window_at(r, id);
	free(r->window);
	*r = wider;
}

void zc_ring_issue(struct zc_ring *r, unsigned int slot)
{
	if (r->next - r->head == r->window_cnt)
		grow_window(r);
	*window_at(r, r->next) = slot;
	r->next++;
	r->pending[slot]++;
	r->issued++;
}

int zc_ring_complete(struct zc_ring *r, uint32_t lo, uint32_t hi)
{
	uint32_t in_window = r->next - r->head, first = lo - r->head, last = hi - r->head, i;

	if (first >= in_window || last >= in_window || first > last)
		return -ERANGE;
	for (i = first; i <= last; i++) {
		if (*window_at(r, r->head + i) == SLOT_DONE)
			return -EALREADY;
	}
	for (i = first; i <= last; i++) {
		uint32_t *slot = window_at(r, r->head + i);

		r->pending[*slot]--;
		*slot = SLOT_DONE;
	}
	while (r->head != r->next && *window_at(r, r->head) == SLOT_DONE)
		r->head++;
	r->completed += last - first + 1;
	return 0;
}

bool zc_ring_slot_free(const struct zc_ring *r, unsigned int slot)
{
	return r->pending[slot] == 0;
}

uint64_t zc_ring_in_flight(const struct zc_ring *r)
{
	return r->issued - r->completed;
}
