/* SPDX-License-Identifier: GPL-2.0-only */
/* A comparison (analysis/diff.h) for people and for programs. */
#ifndef REPORT_DIFF_PRINT_H
#define REPORT_DIFF_PRINT_H

#include <stdio.h>

#include "analysis/diff.h"

void diff_put_text(const struct diff *diff, FILE *out);
void diff_put_md(const struct diff *diff, FILE *out);
void diff_put_json(const struct diff *diff, const struct diff_condition *condition,
		   size_t condition_cnt, FILE *out);

/* Says on stderr where a judged condition holds, or why it is not known. */
void diff_tell(const struct diff *diff, const struct diff_condition *condition);

/* What the two runs were told or found differently and what may explain a difference. */
struct diff_setting {
	const char *name, *side[2]; /* untrusted text */
};

#define DIFF_SETTINGS_MAX 10

/* Fills at most DIFF_SETTINGS_MAX; returns how many. Nothing for two modes of one run. */
size_t diff_settings(const struct diff *diff, struct diff_setting *setting);

/* Why a row is DIFF_ABSENT; "" if nobody said. The caller frees. */
char *diff_why_absent(const struct diff_row *row);

/* Why there can be no differential flamegraph, or NULL: there are no stacks, or no bytes to normalise
 * by, on a side.
 */
const char *diff_flame_missing(const struct diff *diff);
/* Of the cells of diff, on-CPU. Only if diff_flame_missing() gives NULL. */
void diff_put_flame(const struct diff *diff, bool standalone, FILE *out);

#endif
