/* SPDX-License-Identifier: GPL-2.0-only */
/* What happened to the bytes of a mode, stage by stage, summed over its attribution cells: the table
 * of copy counts and the picture of the path are both drawn from this.
 */
#ifndef ANALYSIS_COPIES_H
#define ANALYSIS_COPIES_H

#include "core/result.h"

enum stage {
	STAGE_FLATTEN,
	STAGE_USER_TO_KERNEL,
	STAGE_ZEROCOPY,
	STAGE_SPLICED,
	STAGE_COPY_UBUFS,
	STAGE_GSO,
	STAGE_OTHER,
	STAGE_HEAD,
	STAGE_KERNEL_TO_USER,
	STAGE_MAPPED,
	STAGE_MAX_
};

enum stage_kind {
	STAGE_COPY,	 /* payload is copied */
	STAGE_REFERENCE, /* payload changes hands without a copy */
	STAGE_HEADER,	 /* headers are copied; not part of copies per byte */
};

/* Where in the path: the edges between two neighbouring boxes of the picture. */
enum layer { LAYER_APP, LAYER_SEND, LAYER_STACK, LAYER_RECEIVE, LAYER_MAX_ };

struct stage_def {
	const char *title;
	const char *short_title; /* for the picture */
	enum stage_kind kind;
	enum layer layer;
	enum role role;
	enum metric_id bytes, count; /* count is METRIC_MAX_ where nobody counts */
};

extern const struct stage_def stage_defs[STAGE_MAX_];

struct stage_sum {
	size_t known_cells;
	double bytes, count;
	double per_byte;    /* of the bytes received in the known cells */
	bool count_known;   /* in every known cell */
	bool lossy;
	const char *reason; /* why unknown or lossy; of the first such cell; may be NULL */
};

struct copy_place {
	const char *function, *reason; /* pool */
	double count, bytes;
	bool header; /* headers, not payload */
};

struct mode_copies {
	const struct mode_info *mode;
	size_t cells;	 /* attribution results that worked */
	double received; /* application bytes of the client in them */
	struct stage_sum stage[STAGE_MAX_];
	struct copy_place *place; /* in-path copies by function and reason, most bytes first */
	size_t place_cnt, place_cap;
	double per_byte;  /* all payload copies that were seen */
	bool lower_bound; /* a copying stage was not seen in some cell */
};

/* One entry for each mode of the plan; the caller frees with copies_free(). */
struct mode_copies *copies_build(const struct run_set *set);
void copies_free(struct mode_copies *copies, size_t cnt);

static inline bool stage_known(const struct mode_copies *c, enum stage s)
{
	return c->cells && c->stage[s].known_cells == c->cells;
}

#endif
