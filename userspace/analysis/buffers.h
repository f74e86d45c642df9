/* SPDX-License-Identifier: GPL-2.0-only */
/* Where a mode's buffers lie, what that costs the kernel, and what alignment is worth: modes that differ
 * in nothing but placement are held against each other. Findings only; section_buffers.c has the words.
 *
 * The mechanism: a zero-copy send takes a reference on each page that its buffers touch, and an skb holds
 * MAX_SKB_FRAGS of them: 17 (include/linux/skbuff.h), unless the kernel was built with another
 * CONFIG_MAX_SKB_FRAGS (net/Kconfig, 17 to 45). Buffers that straddle pages fill it with less.
 */
#ifndef ANALYSIS_BUFFERS_H
#define ANALYSIS_BUFFERS_H

#include "analysis/verdict.h"

enum layout_fact {
	LAYOUT_REFS,	  /* page references the kernel took, per 64 KiB sent */
	LAYOUT_FIELDS,	  /* the same by the addresses of what was sent */
	LAYOUT_LEAST,	  /* the least there could have been */
	LAYOUT_CALLS,	  /* send calls a message */
	LAYOUT_WAITS,	  /* share of messages that waited until one of the ring was complete */
	LAYOUT_PARTIAL,	  /* of them those that took less than was offered, a message */
	LAYOUT_SKB_BYTES, /* payload of a zero-copy skb: of those that were seen, as the next two */
	LAYOUT_FRAGS,	  /* fragments of one */
	LAYOUT_FULL,	  /* share of those that could take no more */
	LAYOUT_RESERVED,  /* more than 0: the buffers lie in reserved huge pages */
	LAYOUT_GRANTED,	  /* in transparent ones */
	LAYOUT_MAX_
};

struct layout_quotient {
	double value;
	bool known;
	enum bound bound;
	const struct reason *reason; /* why it is not known, or a bound; may be NULL */
};

/* Of a mode and size: the attribution passes of all thread counts and repetitions together. */
struct layout {
	size_t mode;
	uint64_t size_bytes;
	struct layout_quotient fact[LAYOUT_MAX_];
};

struct layout layout_of(const struct run_set *set, size_t mode, uint64_t size_bytes);
/* The kernel's count of page references where there is one, else the addresses'. */
const struct layout_quotient *layout_pages(const struct layout *l);

/* CPU per byte, aligned over scattered; n is 0 where one of them was not measured. */
struct alignment_cell {
	uint64_t size_bytes;
	unsigned int threads;
	struct ratio cpu;
};

/* Two modes of a run that promise the same but for where their fields lie: in the heap, or each at a page. */
struct alignment {
	size_t scattered, aligned; /* indices into run_plan.mode */
	struct alignment_cell *cell; /* sizes x threads of the plan; owned */
	size_t cnt;
	size_t compared, cheaper, dearer; /* by intervals beyond the margin */
	const struct alignment_cell *best; /* the surest of the cheaper: the lowest upper end; NULL: none */
};

/* The first such pair of the plan, by the intervals of the table of CPU per byte. False: there is none, nothing
 * to free.
 */
bool alignment_find(const struct run_set *set, const struct contests *cpu, struct alignment *out);
void alignment_free(struct alignment *a);

#endif
