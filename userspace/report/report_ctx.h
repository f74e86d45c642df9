/* SPDX-License-Identifier: GPL-2.0-only */
/* The report that is being written: what its formats share, its files, its directory. Private to
 * report/.
 */
#ifndef REPORT_REPORT_CTX_H
#define REPORT_REPORT_CTX_H

#include "report/place.h"
#include "report/plots.h"
#include "report/report.h"
#include "analysis/verdict.h"

struct report_ctx {
	const struct run_set *all; /* with what was run beside the matrix */
	const struct run_set *set; /* the matrix: most of the report knows of nothing else */
	struct report_place *place;
	int dirfd; /* the stage */
	struct verdict verdict;
	char **mode_file; /* by mode: unique, safe part of a file name */
	struct plot_drawing plot[PLOT_MAX_];
};

/* One of the files that a format writes. */
struct report_part {
	const struct report_ctx *ctx;
	size_t mode;
	enum stack_kind kind;
	bool embedded; /* in the page, which has style and script already */
};

static inline const char *mode_name(const struct report_ctx *ctx, size_t mode)
{
	return ctx->set->plan.mode[mode].name;
}

/* NULL if there is none. */
const struct report_format *report_format_named(const char *name);

/* What report_format.path stands for; the caller frees. */
char *report_part_path(const struct report_part *part, const char *path);

/* Creates a file of the report. 0 or -errno; the failure is noted. */
int report_create(const struct report_ctx *ctx, const char *name, FILE **out);
/* Closes it; every write error is found. err: what writing has come to so far. */
int report_finish(const struct report_ctx *ctx, FILE *out, const char *name, int err);
/* Notes what could not be written, to be told at the end; returns err. */
int report_failed(const struct report_ctx *ctx, const char *name, int err);

bool fmt_flame_diff_wanted(const struct report_part *part);

#define FORMAT(name, file, help, fill, ...) int fill(const struct report_part *part, FILE *out);
#define FORMAT_WITHOUT_FILE(...)
#include "report/format.def.h"
#undef FORMAT
#undef FORMAT_WITHOUT_FILE

#endif
