/* SPDX-License-Identifier: GPL-2.0-only */
/* What the section about a difference and its picture share. Private to report/. */
#ifndef REPORT_WATERFALL_H
#define REPORT_WATERFALL_H

#include "analysis/waterfall.h"
#include "report/sections.h"

/* Two modes held against each other. */
struct pair {
	const struct report_ctx *ctx;
	size_t mode[2];
	struct waterfall found;
};

/* A number and the change of one; "0.0000" has no sign. */
struct number number_ns(double ns);
struct number number_change(double ns);

/* "tcp_ack", "send [libc.so.6]"; the caller frees. */
char *function_text(const struct run_set *set, unsigned int frame, const char *none);

/* What the interval says of a change: "more", "less" or "undecided". */
const char *change_word(const struct cost_change *c);

/* The categories that have samples: decided changes first, the largest first. Returns how many. */
size_t waterfall_order(const struct waterfall *w, enum category order[CATEGORY_MAX_]);

/* As HTML, of a struct pair: waterfall_draw.c. */
void draw_waterfall(const void *of, FILE *out);

#endif
