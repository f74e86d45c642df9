/* SPDX-License-Identifier: GPL-2.0-only */
/* Two runs, or two modes of one, compared cell by cell: as data, as text, as conditions a CI can fail
 * on. Ratios are B / A throughout.
 */
#ifndef ANALYSIS_DIFF_H
#define ANALYSIS_DIFF_H

#include "analysis/stats.h"

struct diff_side {
	const struct run_set *set;
	const char *mode;  /* pool of set; NULL = every mode, matched by name */
	const char *label; /* untrusted text */
};

/* A metric of a role; ROLE_MAX_: the cell's where there is one, else of every role it is kept for. */
struct diff_pick {
	enum metric_id metric;
	enum role role;
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
	DIFF_SAME,    /* the interval spans 1 */
	DIFF_UNSURE,  /* too few repetitions for an interval */
	DIFF_ABSENT,  /* not measured on a side */
	DIFF_VERDICT_MAX_
};

extern const char *const diff_verdict_names[DIFF_VERDICT_MAX_];

struct diff_row {
	size_t cell;
	enum role role;
	enum metric_id metric;
	struct spread side[2];
	struct ratio ratio; /* undefined with DIFF_ABSENT */
	enum diff_verdict verdict;
	const char *reason; /* of DIFF_ABSENT; may be NULL */
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
/* Adds the rows of a pick, one for each cell and role. */
void diff_compare(struct diff *diff, struct diff_pick pick);
/* Whether diff_compare() was given this pick or one that includes it. */
bool diff_has(const struct diff *diff, struct diff_pick pick);
void diff_free(struct diff *diff);

/* Roles of a pick as ROLES_* bits. */
unsigned int diff_roles(struct diff_pick pick);

/* "metric[@role]". 0, or -EINVAL after one line; *pick is untouched then. */
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

/* "metric[@role] OP RATIO", OP of > >= < <=. 0, or -EINVAL after one line. text must outlive it. */
int diff_parse_condition(const char *text, struct diff_condition *condition);
/* Sets state and says on stderr where it holds or why it is not known. The pick must have been
 * compared. A ratio meets a condition only if it does by its median and its interval, where it has
 * one, does not span 1: noise fails nobody's build.
 */
void diff_judge(const struct diff *diff, struct diff_condition *condition);

/* What the two runs were told or found differently and what may explain a difference. */
struct diff_setting {
	const char *name, *side[2]; /* untrusted text */
};

#define DIFF_SETTINGS_MAX 8

/* Fills at most DIFF_SETTINGS_MAX; returns how many. Nothing for two modes of one run. */
size_t diff_settings(const struct diff *diff, struct diff_setting *setting);

/* ---- output ------------------------------------------------------------------------------- */

void diff_put_text(const struct diff *diff, FILE *out);
void diff_put_md(const struct diff *diff, FILE *out);
void diff_put_json(const struct diff *diff, const struct diff_condition *condition,
		   size_t condition_cnt, FILE *out);

/* Why there can be no differential flamegraph, or NULL: there are no stacks, or no bytes to normalise
 * by, on a side.
 */
const char *diff_flame_missing(const struct diff *diff);
/* Of the cells of diff, on-CPU. Only if diff_flame_missing() gives NULL. */
void diff_put_flame(const struct diff *diff, bool standalone, FILE *out);

#endif
