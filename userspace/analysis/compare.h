/* SPDX-License-Identifier: GPL-2.0-only */
/* All modes of a run against each other, in each cell, by one measure: the simultaneous intervals from which
 * everything is said that a table or a claim says. How they are made is told in docs/statistics.md; who
 * wants to check it needs results.json and no random number.
 */
#ifndef ANALYSIS_COMPARE_H
#define ANALYSIS_COMPARE_H

#include "analysis/measure.h"
#include "analysis/stats.h"

/* Fewer pairs of passes have no interval: six of six on one side is what chance does in 3 % of cells. */
#define PAIRS_MIN 6
/* Fewer cells have none of their mean. */
#define CELLS_MIN 4

/* A mode over another in one cell. All are logarithms of ratios. */
struct comparison {
	size_t n, above;   /* pairs, and those above 0 */
	size_t used;	   /* those that trimming leaves */
	double center;	   /* 20 % trimmed mean */
	double variance;   /* of one of those used, from the winsorised pairs */
	double low, high;  /* from PAIRS_MIN on */
	enum bound bound;  /* of the ratio */
};

struct comparisons {
	enum measure measure;
	size_t mode_cnt, cell_cnt;
	struct comparison **cell; /* sizes x threads, as the plan has them; by pair; NULL: less than two modes */
	size_t family;		  /* intervals that hold together */
	double *critical;	  /* by pairs used, as far as asked for: see compare.c */
	double variance, df;	  /* what cells are expected to have, and how many pairs' worth that is */
	/* A mode against itself, odd repetitions against even ones, in all cells: the ratio (above 1) that half of
	 * those comparisons exceed, and one in twenty.
	 */
	struct {
		size_t n;
		double median, most;
	} floor;
};

void compare_build(const struct run_set *set, enum measure measure, struct comparisons *all);
void compare_free(struct comparisons *all);

/* a over b; n = 0: not compared. */
struct ratio compare_ratio(const struct comparisons *all, size_t cell, size_t a, size_t b);
/* The same over the cells for which wanted says true: the geometric mean of the cells' ratios. Cells are what is
 * counted, so that it speaks of cells like these, and passes that agree in one cell do not outvote others.
 */
struct ratio compare_over(const struct comparisons *all, const bool *wanted, size_t a, size_t b, double error);
/* The share of OVER_CELLS_ERROR of one such statement: two tables of mode pairs, and the claims. */
double over_cells_error(size_t mode_cnt);
/* By the t distribution. */
struct ratio ratio_of_logs(const double *logs, size_t n, double error);

/* The least number of pairs with which a true ratio of this size would be told from every one within the margin
 * (both are above 1) with 80 %, or, within the margin, be shown to be there; by the noise of this cell.
 */
unsigned int compare_need(const struct comparisons *all, size_t cell, size_t a, size_t b, double margin);
/* A ratio of 10 % in four of five cells. 0: unknown. */
unsigned int compare_need_tenth(const struct comparisons *all, double margin);
#define NEED_MAX 1000 /* more is told as this */

#endif
