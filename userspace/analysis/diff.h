/* SPDX-License-Identifier: GPL-2.0-only */
/* Two runs, or two modes of one, compared cell by cell, and conditions a CI can fail on. Ratios are B / A
 * throughout. The words: report/diff_print.h.
 */
#ifndef ANALYSIS_DIFF_H
#define ANALYSIS_DIFF_H

#include "analysis/stats.h"

struct diff_side {
	const struct run_set *set;
	const char *mode;  /* pool of set; NULL = every mode, matched by name */
	const char *label; /* untrusted text */
};

/* A metric of some owners: of one, or of those whose payload goes one way (FLOW_WHOLE: of the whole). With
 * neither, the whole's where it is kept for that, else every owner's it is kept for.
 */
struct diff_pick {
	enum metric_id metric;
	enum flow flow;
	char owner[64]; /* label; "": any */
};

struct diff_cell {
	const char *mode[2]; /* pools of the two sets */
	uint64_t size_bytes;
	unsigned int threads;
};

enum diff_verdict {
	DIFF_BETTER,
	DIFF_WORSE,
	DIFF_CHANGED, /* of a metric of which neither more nor less is better */
	DIFF_SAME,    /* the interval spans 1, or lies within the margin */
	DIFF_UNSURE,  /* too few repetitions for an interval */
	DIFF_BOUND,   /* of a side there is only a bound, and the truth may lie on either side of 1 */
	DIFF_ABSENT,  /* not measured on a side */
	DIFF_VERDICT_MAX_
};

extern const char *const diff_verdict_names[DIFF_VERDICT_MAX_];

struct diff_row {
	size_t cell;
	unsigned int owner; /* of side A; in B the one of the same label */
	enum metric_id metric;
	struct spread side[2];
	struct ratio ratio; /* undefined with DIFF_ABSENT */
	enum bound bound;   /* of the ratio */
	enum diff_verdict verdict;
	const struct reason *reason; /* of DIFF_ABSENT; may be NULL */
	const char *failure;	     /* or why the pass itself has failed; pool; may be NULL */
	bool never_tried;   /* DIFF_ABSENT because neither side asked for it: not shown */
};

struct diff {
	struct diff_side side[2];
	bool paired; /* repetitions of the same run: compared one with one */
	struct diff_cell *cell; /* those both plans have */
	size_t cell_cnt, cell_cap;
	struct diff_row *row;
	size_t row_cnt, row_cap;
};

/* Finds the cells. The sides must outlive it. */
void diff_init(struct diff *diff, const struct diff_side *a, const struct diff_side *b);
/* Adds the rows of a pick, one for each cell and owner. */
void diff_compare(struct diff *diff, const struct diff_pick *pick);
void diff_free(struct diff *diff);

/* What is no difference to speak of: the larger of the two runs' margins, above 1. */
double diff_margin(const struct diff *diff);

/* The owners of side A that a pick means, as bits; 0: there are none. */
unsigned int diff_owners(const struct diff *diff, const struct diff_pick *pick);

/* "metric[@owner]". 0, or -EINVAL after one line; *pick is untouched then. Whether there is such an owner
 * only the two sides can tell: diff_owners().
 */
int diff_parse_pick(const char *text, struct diff_pick *pick);

/* ---- conditions --------------------------------------------------------------------------- */

enum diff_state {
	DIFF_STATE_CLEAR,
	DIFF_STATE_HOLDS,   /* in at least one cell */
	DIFF_STATE_UNKNOWN, /* in no cell, but not every cell could be judged */
	DIFF_STATE_MAX_
};

extern const char *const diff_state_names[DIFF_STATE_MAX_];

struct diff_condition {
	const char *text; /* as given */
	struct diff_pick pick;
	char op[3];
	double bound;
	enum diff_state state;
};

/* "metric[@owner] OP RATIO", OP of > >= < <=. 0, or -EINVAL after one line. text must outlive it. */
int diff_parse_condition(const char *text, struct diff_condition *condition);
/* Sets state. The pick must have been compared. A ratio meets a condition only if it does by its median and
 * its interval, where it has one, does not span 1: noise fails nobody's build.
 */
void diff_judge(const struct diff *diff, struct diff_condition *condition);
/* Why the state is what it is: rows in which the condition holds, and those that could not be judged. */
bool diff_row_holds(const struct diff *diff, const struct diff_condition *c, const struct diff_row *row);
bool diff_row_missing(const struct diff *diff, const struct diff_condition *c, const struct diff_row *row);

#endif
