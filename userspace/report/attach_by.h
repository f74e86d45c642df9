/* SPDX-License-Identifier: GPL-2.0-only */
/* One table of an observation instead of its answers. */
#ifndef REPORT_ATTACH_BY_H
#define REPORT_ATTACH_BY_H

#include <stdio.h>

#include "core/result.h"

enum attach_by { BY_ANSWERS, BY_PROCESS, BY_CGROUP, BY_WAY, BY_SOCKET, BY_REASON, BY_MAX_ };
extern const char *const attach_by_names[BY_MAX_];

/* Whether there is one of an interval, which has neither sockets nor stacks. */
bool attach_by_interval(enum attach_by by);

/* A row a process, way ..., those of which most moved first, and at most so many (0: 20); of the rest what there is to say of all of
 * them. The set is an observation, or an interval of one.
 */
void attach_by(FILE *out, const struct run_set *set, enum attach_by by, unsigned int most);

#endif
