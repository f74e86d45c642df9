/* SPDX-License-Identifier: GPL-2.0-only */
/* What the formats share while one report is being written. Private to report/. */
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
	struct plot_outcome plot[PLOT_MAX_];
	void *plot_jobs; /* private to plots.c; NULL when none is being drawn */
};

/* Creates name in the report and lets fill() write it; every write error is found and printed. */
int report_put_file(struct report_ctx *ctx, const char *name,
		    int (*fill)(struct report_ctx *ctx, FILE *out, size_t mode), size_t mode);

/* Whether a mode has stacks of a kind. */
bool mode_has_stacks(const struct run_set *set, size_t mode, enum stack_kind kind);

int fmt_csv_write(struct report_ctx *ctx);
int fmt_folded_write(struct report_ctx *ctx);
int fmt_flame_diff_write(struct report_ctx *ctx);
int fmt_flame_write(struct report_ctx *ctx);
int fmt_html_write(struct report_ctx *ctx);
int fmt_json_write(struct report_ctx *ctx);
int fmt_md_write(struct report_ctx *ctx);
int fmt_openmetrics_write(struct report_ctx *ctx);
int fmt_plots_write(struct report_ctx *ctx);
int fmt_pprof_write(struct report_ctx *ctx);
int fmt_speedscope_write(struct report_ctx *ctx);

#endif
