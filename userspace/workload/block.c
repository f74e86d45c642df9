// SPDX-License-Identifier: GPL-2.0-only
#include "workload/block.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/mman.h>
#include <sys/mman.h>

static size_t round_up(size_t bytes, size_t to)
{
	return (bytes + to - 1) / to * to;
}

static int map(struct block *b, size_t bytes, int flags, int fd, struct memory_budget *budget)
{
	void *p;

	*b = (struct block){0};
	if (memory_charge(budget, bytes))
		return -ENOMEM;
	p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, flags, fd, 0);
	if (p == MAP_FAILED)
		return -errno;
	*b = (struct block){.start = p, .bytes = bytes, .mapping = p, .mapping_bytes = bytes};
	return 0;
}

int block_map_plain(struct block *b, size_t bytes, struct memory_budget *budget)
{
	return map(b, bytes, MAP_PRIVATE | MAP_ANONYMOUS, -1, budget);
}

/* Room now, or the first write to the mapping that finds none is a SIGBUS. */
int block_map_file(struct block *b, int fd, size_t bytes, struct memory_budget *budget)
{
	int err = posix_fallocate(fd, 0, (off_t)bytes);

	*b = (struct block){0};
	return err ? -err : map(b, bytes, MAP_SHARED, fd, budget);
}

/* What is reserved for hugetlb is not in the budget, which is of available memory. */
static int map_reserved(struct block *b, size_t bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | MAP_HUGE_2MB, -1, 0);

	if (p == MAP_FAILED)
		return -errno;
	*b = (struct block){
		.start = p, .bytes = bytes, .hugetlb = true, .mapping = p, .mapping_bytes = bytes};
	return 0;
}

int block_map_huge(struct block *b, size_t bytes, struct memory_budget *budget)
{
	size_t whole = round_up(bytes, HUGE_PAGE_BYTES), with_slack = whole + HUGE_PAGE_BYTES;
	void *p;

	*b = (struct block){0};
	if (!map_reserved(b, whole))
		return 0;
	if (memory_charge(budget, whole))
		return -ENOMEM;
	p = mmap(NULL, with_slack, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return -ENOMEM;
	*b = (struct block){
		.start = (uint8_t *)round_up((uintptr_t)p, HUGE_PAGE_BYTES),
		.bytes = whole,
		.transparent = true,
		.mapping = p,
		.mapping_bytes = with_slack,
	};
	madvise(b->start, b->bytes, MADV_HUGEPAGE); /* where it is refused, block_granted_bytes() tells */
	return 0;
}

void block_unmap(struct block *b)
{
	if (b->mapping)
		munmap(b->mapping, b->mapping_bytes);
	*b = (struct block){0};
}

/* madvise() made a mapping of the block, which others beside it may have joined: no more than ours. */
uint64_t block_granted_bytes(const struct block *b)
{
	_cleanup_fclose_ FILE *f = fopen("/proc/self/smaps", "re");
	uintptr_t from, to, start = (uintptr_t)b->start;
	uint64_t kib, granted = 0;
	bool inside = false;
	char line[512];

	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " ", &from, &to) == 2)
			inside = from < start + b->bytes && to > start;
		else if (inside && sscanf(line, "AnonHugePages: %" SCNu64 " kB", &kib) == 1)
			granted += kib * KIB;
	}
	return MIN(granted, b->bytes);
}
