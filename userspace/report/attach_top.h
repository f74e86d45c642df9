/* SPDX-License-Identifier: GPL-2.0-only */
/* The live screen of `copyscope attach --top`: one frame, as text with the terminal's own controls. */
#ifndef REPORT_ATTACH_TOP_H
#define REPORT_ATTACH_TOP_H

#include <stdio.h>

#include "core/result.h"

enum top_sort { TOP_SENT, TOP_RECEIVED, TOP_CPU, TOP_SORT_MAX_ };
extern const char *const top_sort_names[TOP_SORT_MAX_];

struct top_frame {
	const struct run_set *now, *interval; /* of one result each: all so far, and what has come since the last frame */
	enum top_sort sort;
	bool by_way; /* a line each way of an owner */
	unsigned int rows, columns; /* of the terminal */
};

/* What was moved a second in the interval, most first: a line each owner, and of the first its ways, as many as there is
 * room for; or a line each way. Nothing is wider than the terminal.
 */
void attach_top(FILE *out, const struct top_frame *f);

#endif
