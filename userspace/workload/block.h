/* SPDX-License-Identifier: GPL-2.0-only */
/* A block of memory in huge pages: reserved ones (hugetlb) where there are enough, else transparent
 * ones, which the kernel may grant or not.
 */
#ifndef WORKLOAD_HUGE_H
#define WORKLOAD_HUGE_H

#include "workload/message.h"

#define HUGE_PAGE_BYTES (2 * MIB)

struct huge_block {
	uint8_t *start; /* owned; begins a huge page; NULL: there is none */
	size_t bytes;
	bool hugetlb;
	void *mapping; /* with what was spent on alignment */
	size_t mapping_bytes;
};

/* 0 or -ENOMEM. huge_unmap() is safe on a zeroed block and after a failure. */
int huge_map(struct huge_block *b, size_t bytes, struct memory_budget *budget);
void huge_unmap(struct huge_block *b);

/* How much of a block without hugetlb is in huge pages at this moment (/proc/self/smaps); 0 if that cannot
 * be read.
 */
uint64_t huge_granted_bytes(const struct huge_block *b);

#endif
