/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether this kernel allows a tier at all, found by trying it once. Saves loading the
 * object again for each of twenty programs that are refused for the same reason. And what to say where
 * it allows nothing.
 */
#ifndef PROBE_FEATURE_H
#define PROBE_FEATURE_H

#include "core/reason.h"

struct btf;

/* Whether it is refused, and then why: code and detail of *why, which points to static text. Of kprobes BTF says
 * nothing.
 */
bool feature_refused(const struct btf *kernel, enum tier tier, struct reason *why);

/* Nothing could be loaded (-EPERM), or nothing is left to observe (-ENOTSUP). */
struct refusal {
	int err;
	enum tier tier;	      /* asked for; TIER_NONE: any */
	bool namespaced;      /* in a user namespace */
	bool privileged;      /* holds what loading BPF needs */
	const char *lockdown; /* level; may be NULL */
};

/* Why, and a remedy that has not been followed already. The caller frees. */
char *refusal_text(const struct refusal *r);

#endif
