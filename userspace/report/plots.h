/* SPDX-License-Identifier: GPL-2.0-only */
/* Plots by gnuplot: a table of what is drawn, data files written, gnuplot started without a shell.
 * Scripts are looked for in opts->datadir, $COPYSCOPE_DATADIR, beside the source tree of the running
 * executable and in PREFIX/share/copyscope.
 */
#ifndef REPORT_PLOTS_H
#define REPORT_PLOTS_H

#include "core/metric.h"

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

struct plot_outcome {
	bool drawn;
	char *title;
	char *reason; /* why not, as a sentence without full stop; NULL when drawn */
};

struct report_ctx;

/* Starts drawing what can be drawn into plots/ of the report; a missing gnuplot is a warning, not an
 * error. 0 or -errno (disk full). plots_finish() waits for it and completes ctx->plot; it must follow,
 * whatever was returned, and may be called more than once.
 */
int plots_start(struct report_ctx *ctx);
void plots_finish(struct report_ctx *ctx);
void plots_free(struct report_ctx *ctx);

/* "throughput": plots/throughput.svg and .png */
const char *plot_name(enum plot plot);

/* Okabe-Ito, the colour of a mode throughout the report. */
const char *mode_colour(size_t mode);

#endif
