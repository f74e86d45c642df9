/* SPDX-License-Identifier: GPL-2.0-only */
/* What happened when in the window of a pass: numbers by time, in bins of one width. A window that outlasts the
 * bins there are has wider ones. Not thread-safe: one a thread, then timeline_merge().
 */
#ifndef CORE_TIMELINE_H
#define CORE_TIMELINE_H

#include <jansson.h>

#include "core/util.h"

enum timeline_kind { TIMELINE_RECEIVED, TIMELINE_RETRANSMITTED, TIMELINE_RUNNABLE, TIMELINE_MAX_ };

struct timeline_def {
	const char *name; /* in results.json */
	bool samples;	  /* looked at now and then: a bin has the greatest, or none. Else it has what adds up */
};

extern const struct timeline_def timeline_defs[TIMELINE_MAX_];

#define TIMELINE_BIN_NS (50 * NSEC_PER_MSEC)
#define TIMELINE_BIN_MAX_NS (3600 * NSEC_PER_SEC)
#define TIMELINE_BINS	1200
#define TIMELINE_NONE	UINT64_MAX /* no sample is of this bin */

/* All zero: nothing yet. */
struct timeline {
	enum timeline_kind kind;
	uint64_t bin_ns; /* TIMELINE_BIN_NS, doubled as often as it takes */
	size_t cnt;	 /* of them in use: up to the last that anything is of */
	uint64_t bin[TIMELINE_BINS];
};

/* at_ns: since the window began. */
void timeline_put(struct timeline *t, uint64_t at_ns, uint64_t n);
/* All of another of its kind. */
void timeline_merge(struct timeline *to, const struct timeline *from);
/* What is later than all of another is not of the window. Neither is empty. */
void timeline_cut(struct timeline *t, const struct timeline *window);
/* Bins of twice the width. */
void timeline_widen(struct timeline *t);

/* {"bin_ns": 50000000, "bins": [1, 2, null]}: a new reference. */
json_t *timeline_to_json(const struct timeline *t);
/* 0, or -EINVAL: timeline_put() could not have made it. free() *out. */
int timeline_from_json(const json_t *json, enum timeline_kind kind, struct timeline **out);

#endif
