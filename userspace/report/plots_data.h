/* SPDX-License-Identifier: GPL-2.0-only */
/* The table of plots and the points of each. Private to plots.c and its tests. */
#ifndef REPORT_PLOTS_DATA_H
#define REPORT_PLOTS_DATA_H

#include "report/plots.h"
#include "analysis/stats.h"

#define PLOT_SERIES 2

enum axis { AXIS_SIZE, AXIS_THREADS };
enum plot_hist { HIST_NONE, HIST_LATENCY, HIST_COMPLETION };

/* What is drawn for each mode; metric says why when nothing is. */
struct plot_series {
	const char *label; /* in the key; NULL: the only series */
	enum flow flow; /* of the owners whose payload goes so, added up; or of the whole */
	enum metric_id metric;
	double scale; /* 0 = 1 */
	enum plot_hist hist;
	double percentile; /* of hist */
};

struct plot_source {
	const char *ylabel; /* NULL: ends the list */
	struct plot_series series[PLOT_SERIES];
};

struct plot_def {
	const char *name, *script, *title;
	enum axis axis;
	bool log_y;
	bool stacked;		      /* the second series stands on the first */
	struct plot_source source[2]; /* the first that was measured anywhere is drawn */
};

extern const struct plot_def plot_defs[PLOT_MAX_];

/* The cell of the axis' i-th tick: the other dimension is the original experiment's, or nearest. */
struct plot_cell {
	uint64_t size_bytes;
	unsigned int threads;
};

size_t plot_ticks(const struct run_plan *plan, const struct plot_def *def);
struct plot_cell plot_cell(const struct run_plan *plan, const struct plot_def *def, size_t tick);

static inline size_t plot_series_cnt(const struct plot_source *s)
{
	return s->series[0].label ? PLOT_SERIES : 1;
}

struct spread plot_point(const struct run_set *set, const struct plot_series *series, size_t mode,
			 struct plot_cell cell);

/* NULL when nothing of the plot was measured. */
const struct plot_source *plot_source(const struct run_set *set, const struct plot_def *def);

/* Why nothing was: the reason of the first result that says one. The caller frees. */
char *plot_why_absent(const struct run_set *set, const struct plot_def *def);

#endif
