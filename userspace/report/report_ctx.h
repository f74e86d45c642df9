/* SPDX-License-Identifier: GPL-2.0-only */
/* The report that is being written: what its formats share, its files, its directory. Private to
 * report/.
 */
#ifndef REPORT_REPORT_CTX_H
#define REPORT_REPORT_CTX_H

#include "report/plots.h"
#include "report/report.h"
#include "analysis/verdict.h"

struct report_ctx {
	const struct run_set *set;
	const struct report_opts *opts;
	const char *dir; /* the temporary directory */
	int dirfd;
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

/* Creates a file of the report. 0, or -errno after one line. */
int report_create(const struct report_ctx *ctx, const char *name, FILE **out);
/* Closes it; every write error is found and printed. err: what writing has come to so far. */
int report_finish(FILE *out, const char *name, int err);

/* The directory appears whole or not at all, and takes the place only of its own kind. This checks
 * dir and makes the temporary directory beside it (or takes opts->tmp); the caller frees *tmp and
 * closes *fd.
 */
int report_dir_begin(const char *dir, const struct report_opts *opts, char **tmp, int *fd);
/* Hands ownership over as opts says and renames. On failure dir is as before. */
int report_dir_commit(const char *dir, const char *tmp, int fd, const struct report_opts *opts);
void report_dir_remove(const char *path);

bool fmt_flame_diff_wanted(const struct report_part *part);

#define FORMAT(name, file, help, fill, ...) int fill(const struct report_part *part, FILE *out);
#define FORMAT_WITHOUT_FILE(...)
#include "report/format.def.h"
#undef FORMAT
#undef FORMAT_WITHOUT_FILE

#endif
