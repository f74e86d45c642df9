/* SPDX-License-Identifier: GPL-2.0-only */
/* What happened to the bytes of a mode, stage by stage, summed over its attribution cells: the table
 * of copy counts and the picture of the path are both drawn from this.
 */
#ifndef ANALYSIS_COPIES_H
#define ANALYSIS_COPIES_H

#include "core/result.h"
#include "core/stage.h"

struct copy_place {
	enum stage stage;
	const char *function; /* pool */
	enum copy_reason reason;
	const char *detail; /* pool; may be NULL */
	double count, bytes;
};

struct mode_copies {
	const struct mode_info *mode;
	size_t cells;	 /* attribution results that worked */
	double received; /* payload that arrived in them */
	struct stage_sum stage[STAGE_MAX_];
	struct copy_place *place; /* in-path copies by function and reason, most bytes first */
	size_t place_cnt, place_cap;
	struct copies_per_byte copies; /* all that were seen */
};

/* One entry for each mode of the plan; the caller frees with copies_free(). */
struct mode_copies *copies_build(const struct run_set *set);
void copies_free(struct mode_copies *copies, size_t cnt);

/* Copies of payload, not of headers. */
static inline bool place_of_payload(const struct copy_place *p)
{
	return stage_counts(p->stage) && p->bytes > 0;
}

#endif
