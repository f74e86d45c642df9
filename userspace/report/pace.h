/* SPDX-License-Identifier: GPL-2.0-only */
/* What the section about the inside of a pass and its picture share. Private to report/. */
#ifndef REPORT_PACE_H
#define REPORT_PACE_H

#include "analysis/pace.h"
#include "report/sections.h"

struct pace_cell {
	const struct report_ctx *ctx;
	uint64_t size_bytes;
	unsigned int threads;
};

/* As HTML, of a struct pace_cell: pace_draw.c. */
void draw_pace(const void *of, FILE *out);

#endif
