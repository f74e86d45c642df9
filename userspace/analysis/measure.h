/* SPDX-License-Identifier: GPL-2.0-only */
/* The noisy quantities that are judged, and how the error that a run may make is spent on them. */
#ifndef ANALYSIS_MEASURE_H
#define ANALYSIS_MEASURE_H

#include "core/result.h"

enum measure {
	MEASURE_THROUGHPUT,
	MEASURE_CPU,	  /* per byte */
	MEASURE_SWITCHES, /* context switches of both ends, per byte */
	MEASURE_MAX_
};

/* Under a true null, 5 % of runs may say something wrong. Each measure's cells have their share of it together,
 * and so have all statements over cells.
 */
extern const double measure_error[MEASURE_MAX_];
#define OVER_CELLS_ERROR 0.01
#define OVER_CELLS_CLAIMS 6 /* statements over cells that claims make, beside those of the modes of a table */

struct metric_value measure_value(const struct run_set *set, const struct run_result *r, enum measure measure);

#endif
