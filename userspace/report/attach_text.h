/* SPDX-License-Identifier: GPL-2.0-only */
/* What `copyscope attach` found out, for a terminal. */
#ifndef REPORT_ATTACH_TEXT_H
#define REPORT_ATTACH_TEXT_H

#include <stdio.h>

#include "core/result.h"

/* Of each owner; an observation is one result. */
void attach_text(FILE *out, const struct run_set *set);

/* What an owner has moved so far. */
struct attach_moved {
	double sent, sent_calls, by_reference, received, received_calls;
};

/* A line an owner: what it moved in an interval, since *before, a row an owner, which becomes what is now in r. */
void attach_lines(FILE *out, const struct run_set *set, const struct run_result *r, double elapsed_s,
		  struct attach_moved *before);

#endif
