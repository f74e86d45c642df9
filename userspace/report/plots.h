/* SPDX-License-Identifier: GPL-2.0-only */
/* Plots by gnuplot: the table of what is drawn and the points of each (plots_data.c), and what gnuplot is told
 * of them (plots.c).
 */
#ifndef REPORT_PLOTS_H
#define REPORT_PLOTS_H

#include "analysis/stats.h"
#include "report/gnuplot.h"

enum plot {
	PLOT_THROUGHPUT,
	PLOT_LATENCY,
	PLOT_LLC,
	PLOT_CPU,
	PLOT_COPIES,
	PLOT_SWITCHES,
	PLOT_COMPLETION,
	PLOT_MAX_
};

#define PLOT_SERIES 2

enum plot_style { PLOT_LINES, PLOT_BARS };
enum axis { AXIS_SIZE, AXIS_THREADS };

/* What is drawn for each mode; metric says why when nothing is. */
struct plot_series {
	const char *label; /* in the key; NULL: the only series */
	enum flow flow;	   /* of the owners whose payload goes so, added up; or of the whole */
	enum metric_id metric;
	double completion_percentile; /* instead of metric: of the completions, in us; 0: no */
	bool per_gib; /* of payload that the receiver had in the same pass */
};

struct plot_source {
	const char *ylabel; /* NULL: ends the list */
	struct plot_series series[PLOT_SERIES];
};

struct plot_def {
	const char *name; /* "throughput": plots/throughput.svg and .png */
	const char *title;
	enum plot_style style;
	enum axis axis;
	bool log_y;
	bool round_trips;	  /* of those beside the matrix, where there are any */
	const char *stream_title; /* of what is drawn where there are none; NULL: title */
	bool link;		      /* beside what the link between two hosts can carry at all, in Gbit/s */
	bool stacked;		      /* the second series stands on the first */
	struct plot_source source[2]; /* the first that was measured anywhere is drawn */
};

extern const struct plot_def plot_defs[PLOT_MAX_];

/* The cell of the axis' i-th tick: the other dimension is the original experiment's, or nearest. */
struct plot_cell {
	uint64_t size_bytes;
	unsigned int threads;
};

struct report_ctx;

/* What it is drawn from, and its title then. */
const struct run_set *plot_set(const struct report_ctx *ctx, const struct plot_def *def);
const char *plot_title(const struct run_set *set, const struct plot_def *def);

size_t plot_ticks(const struct run_plan *plan, const struct plot_def *def);
struct plot_cell plot_cell(const struct run_plan *plan, const struct plot_def *def, size_t tick);

static inline size_t plot_series_cnt(const struct plot_source *s)
{
	return s->series[0].label ? PLOT_SERIES : 1;
}

/* v, if not NULL: each repetition's, as many as the spread has. */
struct spread plot_point(const struct run_set *set, const struct plot_series *series, size_t mode,
			 struct plot_cell cell, double v[MAX_SAMPLES]);

/* NULL when nothing of the plot was measured. */
const struct plot_source *plot_source(const struct run_set *set, const struct plot_def *def);

/* Why nothing was: the reason of the first result that says one. The caller frees. */
char *plot_why_absent(const struct run_set *set, const struct plot_def *def);

/* What became of one. */
struct plot_drawing {
	bool drawn;
	char *title;
	char *reason; /* why not, as a sentence without full stop; NULL when drawn */
	struct gnuplot gnuplot; /* while it draws */
};

/* Starts drawing what can be drawn; a missing gnuplot is a warning, not an error. plots_finish() waits for
 * it, writes plots/ of the report and completes ctx->plot; it must follow, and may be called more than once.
 */
void plots_start(struct report_ctx *ctx);
void plots_finish(struct report_ctx *ctx);
void plots_free(struct report_ctx *ctx);

/* Okabe-Ito, the colour of a mode throughout the report. */
const char *mode_colour(size_t mode);

#endif
