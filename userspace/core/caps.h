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
};

extern const struct capability capabilities[];
extern const size_t capability_cnt;

/* Whether it is in the effective set. */
bool capability_held(unsigned int number);

/* "CAP_BPF, CAP_PERFMON": those of the table that are not held; NULL: all are. The caller frees. */
char *capabilities_missing(void);

#endif
