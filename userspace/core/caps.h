/* SPDX-License-Identifier: GPL-2.0-only */
/* Capabilities of this process: what we need, what for, and what is missing. Root is only the usual way
 * to have them.
 */
#ifndef CORE_CAPS_H
#define CORE_CAPS_H

#include "core/util.h"

struct capability {
	unsigned int number; /* CAP_* */
	const char *name;    /* "CAP_BPF" */
	const char *need;    /* what copyscope does with it */
	bool root_only;	     /* an ordinary user who holds the others can do without */
};

extern const struct capability capabilities[];
extern const size_t capability_cnt;

/* Whether this process, with its user id, needs it. */
bool capability_needed(const struct capability *cap);

/* Whether it is in the effective set. */
bool capability_held(unsigned int number);

/* "CAP_BPF, CAP_PERFMON": those of the table that are needed and not held; NULL: all are. The caller frees. */
char *capabilities_missing(void);

#endif
