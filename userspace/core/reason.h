/* SPDX-License-Identifier: GPL-2.0-only */
/* Why a value is absent or a bound, as data: a list of (tier, code, detail). Nobody parses the text
 * that reason_text() makes of it.
 */
#ifndef CORE_REASON_H
#define CORE_REASON_H

#include "core/util.h"

/* How a quantity is observed. Order is preference: the earlier sees more. */
enum tier { TIER_NONE, TIER_FENTRY, TIER_KPROBE, TIER_TRACEPOINT, TIER_PERF_EVENT, TIER_MAX_ };
extern const char *const tier_names[TIER_MAX_]; /* "fentry" ...; TIER_NONE is NULL */

#define REASON(id, name, text, remedy) REASON_##id,
enum reason_code {
#include "core/reason.def.h"
	REASON_MAX_
};
#undef REASON

/* Lists are immutable and shared: static, or interned by run_set_reason(). */
struct reason {
	enum reason_code code;
	enum tier tier;		   /* of which tier it is said; TIER_NONE: of the value itself */
	const char *detail;	   /* what stands for the %s of the text; NULL if there is none */
	const struct reason *next; /* the next tier's, or the input's; NULL: no more */
};

extern const char *const reason_names[REASON_MAX_];

/* "fentry: refused at load (EPERM); tracepoint: none shows x": the whole list, each with its remedy. ""
 * for NULL; the caller frees.
 */
char *reason_text(const struct reason *list);
/* One of it, without its tier. */
char *reason_text_one(const struct reason *r);

#endif
