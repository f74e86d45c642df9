/* SPDX-License-Identifier: GPL-2.0-only */
/* The message: eight fields, as an application with scattered data has them, where they lie, and the
 * byte pattern that lets the receiver tell right from wrong at any stream offset.
 */
#ifndef WORKLOAD_MESSAGE_H
#define WORKLOAD_MESSAGE_H

#include <stdatomic.h>
#include <sys/uio.h>

#include "core/mode.h"

#define MESSAGE_FIELDS 8

/* Each field is size/8 bytes, the last also has the remainder: below 8 bytes only the last has any.
 */
struct message {
	uint8_t *field[MESSAGE_FIELDS]; /* NULL where the length is 0; owned unless placed */
	size_t len[MESSAGE_FIELDS];
	size_t bytes;
	size_t pages;	    /* that the fields touch, each field by itself */
	size_t least_pages; /* that so many bytes would touch in one aligned block */
	bool placed;
};

/* What may still be allocated. Linux overcommits: without this a size that does not fit is not
 * refused but killed later, by the OOM killer, without a word.
 */
struct memory_budget {
	_Atomic int64_t left_bytes;
};

/* Budget = MemAvailable of this moment; unlimited where it cannot be read. */
void memory_budget_init(struct memory_budget *budget);
/* Memory of the budget that begins a page, free() it. NULL when it does not fit (errno is ENOMEM). The kernel copies
 * from pages: to where malloc() puts a large block, 16 bytes behind a page's begin, that takes up to twice as long.
 */
void *memory_take(struct memory_budget *budget, size_t bytes);
/* That it was taken elsewhere: 0 or -ENOMEM. */
int memory_charge(struct memory_budget *budget, size_t bytes);

/* Fields of their own, BUFFERS_HEAP or BUFFERS_PAGE; the others lie in a block. 0 or -ENOMEM. message_free() is safe on a zeroed
 * message and after a failure.
 */
int message_alloc(struct message *m, size_t bytes, enum buffers buffers,
		  struct memory_budget *budget);
/* Fields one behind the other in the caller's memory. */
void message_place(struct message *m, size_t bytes, uint8_t *at);
void message_free(struct message *m);

/* The pages that the bytes [from, from + bytes) touch, each field by itself: so many references the
 * kernel takes for one call at least (and one more wherever it begins a new skb within a page).
 */
size_t message_pages(const struct message *m, size_t from, size_t bytes);

/* The message as one piece, if it is one: flat. */
static inline uint8_t *message_flat(const struct message *m)
{
	const size_t last = MESSAGE_FIELDS - 1; /* the one that is never empty */

	return m->field[last] + m->len[last] - m->bytes;
}

/* The pages that memory touches. */
static inline size_t memory_pages(const void *at, size_t bytes, size_t page_bytes)
{
	return ((uintptr_t)at + bytes - 1) / page_bytes - (uintptr_t)at / page_bytes + 1;
}

/* iovecs of the bytes [from, from + max) of the message, empty ones left out; returns their number
 * and in *bytes how many bytes they hold.
 */
size_t message_iov(const struct message *m, size_t from, size_t max,
		   struct iovec iov[MESSAGE_FIELDS], size_t *bytes);

/* Write the stream's bytes [offset, offset + m->bytes) into the fields. */
void message_fill(struct message *m, uint64_t offset);

/* The same for flat memory: any alignment, any offset. */
void pattern_fill(uint8_t *buf, size_t len, uint64_t offset);
/* Number of bytes that differ from the stream's [offset, offset + len); the stream offset of the
 * first goes to *first_bad, which is untouched when all are right.
 */
uint64_t pattern_check(const uint8_t *buf, size_t len, uint64_t offset, uint64_t *first_bad);

#endif
