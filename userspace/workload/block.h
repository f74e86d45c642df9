/* SPDX-License-Identifier: GPL-2.0-only */
/* A block of memory that messages lie in, one behind the other: plain, in huge pages, or the pages of a file.
 */
#ifndef WORKLOAD_BLOCK_H
#define WORKLOAD_BLOCK_H

#include "workload/message.h"

#define HUGE_PAGE_BYTES (2 * MIB)

struct block {
	uint8_t *start; /* owned; begins a page; NULL: there is none */
	size_t bytes;
	bool hugetlb, transparent; /* in reserved huge pages; in such as the kernel may grant */
	void *mapping; /* with what was spent on alignment */
	size_t mapping_bytes;
};

/* Each 0, or -ENOMEM or another -errno. block_unmap() is safe on a zeroed block and after a failure. */
int block_map_plain(struct block *b, size_t bytes, struct memory_budget *budget);
/* Reserved ones (hugetlb) where there are enough, else transparent ones. */
int block_map_huge(struct block *b, size_t bytes, struct memory_budget *budget);
/* Shared with the file, which becomes as long. */
int block_map_file(struct block *b, int fd, size_t bytes, struct memory_budget *budget);
void block_unmap(struct block *b);

/* How much of a block without hugetlb is in huge pages at this moment (/proc/self/smaps); 0 if that cannot
 * be read.
 */
uint64_t block_granted_bytes(const struct block *b);

#endif
