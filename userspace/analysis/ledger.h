/* SPDX-License-Identifier: GPL-2.0-only */
/* The ledger: what went into a stage must have come out of another, to the byte. Every check is a row
 * of a table: sum of terms = sum of terms, both counted independently of each other.
 */
#ifndef ANALYSIS_LEDGER_H
#define ANALYSIS_LEDGER_H

#include "core/result.h"

enum ledger_state {
	LEDGER_NOT_APPLICABLE, /* nothing of the kind happened in this cell */
	LEDGER_BALANCED,
	LEDGER_OFF,	  /* off by difference */
	LEDGER_UNCHECKED, /* a side was not measured, see reason */
	LEDGER_STATE_MAX_
};

struct ledger_check; /* a row of ledger_checks[] */

struct ledger_line {
	const struct ledger_check *check;
	const struct run_result *result;
	enum ledger_state state;
	double left, right, difference; /* left - right */
	enum metric_id missing;		/* a term that was not measured, or METRIC_MAX_ */
	const char *reason;		/* why it was not; may be NULL */
};

struct ledger {
	struct ledger_line *line; /* those that apply, in the order of the results */
	size_t cnt, cap;
	size_t by_state[LEDGER_STATE_MAX_];
	size_t cells; /* results with at least one line */
};

/* The checks in their order; NULL beyond the last. */
const struct ledger_check *ledger_check_at(size_t number);
const char *ledger_title(const struct ledger_check *check);

/* One result against one check by its number; false when there is no such check. */
bool ledger_check_result(const struct run_set *set, const struct run_result *r, size_t check,
			 struct ledger_line *line);

void ledger_build(const struct run_set *set, struct ledger *ledger);
void ledger_free(struct ledger *ledger);

#endif
