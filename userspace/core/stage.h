/* SPDX-License-Identifier: GPL-2.0-only */
/* The stages: every place where bytes are copied, referenced, transformed or discarded, one row each.
 * Copies per byte, what the ledger balances, the table of copies, the drawn path and what is asked about
 * zero-copy all follow from this table.
 */
#ifndef CORE_STAGE_H
#define CORE_STAGE_H

#include "core/metric.h"

struct run_result;
struct run_set;

#define STAGE(id, ...) STAGE_##id,
enum stage {
#include "core/stage.def.h"
	STAGE_MAX_
};
#undef STAGE

enum stage_kind {
	STAGE_COPY,	 /* bytes are copied */
	STAGE_REFERENCE, /* they change hands without a copy */
	STAGE_TRANSFORM, /* they are rewritten: encrypted */
	STAGE_DISCARD,	 /* they are dropped */
	STAGE_KIND_MAX_
};

/* On which way: send and path stages are in the account of the socket that sent, receive stages in that
 * of the receiver.
 */
enum direction { DIRECTION_SEND, DIRECTION_PATH, DIRECTION_RECEIVE };

enum stage_traits {
	STAGE_HEADERS = 1,	/* of headers and not payload: no part of copies per byte */
	STAGE_MUST_BE_SEEN = 2, /* without it there is no sum of copies, and no balance */
	STAGE_USER_PAGES = 4,	/* of the sender's own pages: what zero-copy promises, and its undoing */
	STAGE_OF_FILES = 8,	/* of the file that is sent: nothing where the mode sends none, seen or not */
	STAGE_OF_ZCRX = 16,	/* of a receive by zcrx: the same where nobody asks for that */
};

/* Between which neighbouring places of the drawn path. What crosses LAYER_SEND is all that was sent, what
 * crosses LAYER_RECEIVE all that was received.
 */
enum layer { LAYER_APP, LAYER_SEND, LAYER_STACK, LAYER_RECEIVE, LAYER_MAX_ };

struct stage_def {
	const char *name; /* key in results.json */
	const char *title;
	const char *short_title; /* for the picture */
	enum layer layer;
	enum direction direction;
	enum stage_kind kind;
	unsigned int traits;	     /* enum stage_traits */
	const char *colour;	     /* class of the drawn edge */
	enum metric_id bytes, count; /* count is METRIC_MAX_ where nobody counts */
};

extern const struct stage_def stage_defs[STAGE_MAX_];
extern const char *const stage_kind_nouns[STAGE_KIND_MAX_]; /* "copies", "references" ... */

/* STAGE_MAX_ if there is no such name. */
enum stage stage_by_name(const char *name);

/* Whose account a stage is in. */
static inline enum flow stage_flow(enum stage s)
{
	return stage_defs[s].direction == DIRECTION_RECEIVE ? FLOW_RECEIVES : FLOW_SENDS;
}

/* A copy of payload: what copies per byte adds up. */
static inline bool stage_counts(enum stage s)
{
	return stage_defs[s].kind == STAGE_COPY && !(stage_defs[s].traits & STAGE_HEADERS);
}

/* Copies of payload that the stack makes after the send: where bytes sent by reference are copied after
 * all.
 */
static inline bool stage_undoes_zerocopy(enum stage s)
{
	return stage_counts(s) && stage_defs[s].direction == DIRECTION_PATH;
}

/* A stage in one result or in several. */
struct stage_sum {
	size_t cells, known_cells; /* added; of those, in which it was seen */
	size_t idle_cells;	   /* or was not, and had nothing to do */
	double bytes, count;
	double payload;	    /* in the known cells */
	bool count_known;   /* in every known cell */
	enum bound bound, count_bound, payload_bound; /* of what was added */
	const struct reason *reason; /* why unknown or a bound; of the first such cell; may be NULL */
};

void stage_sum_add(struct stage_sum *sum, enum stage s, const struct run_set *set,
		   const struct run_result *r);

static inline bool stage_known(const struct stage_sum *sum)
{
	return sum->cells && sum->known_cells + sum->idle_cells == sum->cells;
}

/* Known in every cell, and not merely as a bound. */
static inline bool stage_exact(const struct stage_sum *sum)
{
	return stage_known(sum) && sum->bound == BOUND_NONE;
}

/* Of the bytes that moved in all cells. */
static inline enum bound stage_bound(const struct stage_sum *sum)
{
	return sum->bound | (stage_known(sum) ? BOUND_NONE : BOUND_LOWER);
}

/* Of stage_per_byte(), which is about the known cells: of others it is an estimate. */
static inline enum bound stage_per_byte_bound(const struct stage_sum *sum)
{
	enum bound others = stage_known(sum) ? BOUND_NONE : sum->known_cells ? BOUND_BOTH : BOUND_LOWER;

	return sum->bound | bound_inverse(sum->payload_bound) | others;
}

static inline double stage_per_byte(const struct stage_sum *sum)
{
	return sum->payload > 0 ? sum->bytes / sum->payload : 0;
}

/* Copies of payload per byte of it, over all stages. */
struct copies_per_byte {
	double value;
	enum bound bound;	/* some stage was not seen, or only a bound of it */
	enum stage must_see;	/* a stage without which the sum means nothing; STAGE_MAX_: all seen */
};

struct copies_per_byte stages_copies_per_byte(const struct stage_sum sum[STAGE_MAX_]);

#endif
