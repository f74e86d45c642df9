/* SPDX-License-Identifier: GPL-2.0-only */
/* The ledger: what went into a stage must have come out of another, to the byte. Every check is a row
 * of a table: sum of terms = sum of terms. It proves something where two observers counted, which each value
 * says of itself (via): a number that is compared with itself balances by construction and does not count.
 */
#ifndef ANALYSIS_LEDGER_H
#define ANALYSIS_LEDGER_H

#include "core/result.h"
#include "core/stage.h"

enum ledger_state {
	LEDGER_NOT_APPLICABLE, /* nothing of the kind happened in this cell */
	LEDGER_BALANCED,
	LEDGER_ONE_OBSERVER, /* equal, but both sides are the number of the same observer */
	LEDGER_OFF,	  /* off by difference */
	LEDGER_UNCHECKED, /* a side was not measured, or a bound of it that allows the difference; see reason */
	LEDGER_STATE_MAX_
};

/* One side: a metric, or all that crosses a layer by the table of stages. */
struct ledger_side {
	enum metric_id metric; /* METRIC_MAX_: the stages of layer */
	enum layer layer;
	enum flow flow; /* summed over the owners of this flow; 0: of the one owner that is checked */
};

struct ledger_check {
	const char *title; /* "sent (kernel) = sent (application)"; of stages: what they come to */
	struct ledger_side left, right;
	enum flow of; /* checked for each owner whose payload goes this way; FLOW_WHOLE: once a result */
	bool clean_too; /* needs no BPF */
	bool reverse;	/* about bytes against the payload: requests, and words of who takes datagrams */
	bool if_seen;	/* a cross-check: where a side cannot be seen there is nothing to check */
	bool of_ids;	/* only of modes that take zero-copy ids */
	bool of_completions; /* ... or have others: io_uring's notifications */
	bool of_notifications; /* only of those that have these */
	bool of_calls;	/* not of modes whose calls may be several sends */
	bool of_records; /* only of modes of which the kernel makes TLS records */
	bool own_calls;	 /* nor of those, nor of zcrx: its calls are not the application's */
	bool if_referenced; /* nor where the kernel copied instead (a route without scatter-gather) */
};

extern const struct ledger_check ledger_checks[];
extern const size_t ledger_check_cnt;

struct ledger_line {
	const struct ledger_check *check;
	unsigned int owner;
	const struct run_result *result;
	enum ledger_state state;
	double left, right, difference; /* left - right */
	enum bound left_bound, right_bound;
	enum metric_id missing;		/* a term that was not measured (exactly), or METRIC_MAX_ */
	const struct reason *reason;	/* why it was not; may be NULL */
};

struct ledger {
	struct ledger_line *line; /* those that apply, in the order of the results */
	size_t cnt, cap;
	size_t by_state[LEDGER_STATE_MAX_];
	size_t cells; /* results with at least one line */
};

/* Who counted one side of a line: where the numbers that make it up come from, each once, and whose they are. */
struct ledger_observers {
	const char *via[STAGE_MAX_];
	size_t cnt;
	unsigned int owners; /* a bit an owner */
};

struct ledger_observers ledger_observers(const struct run_set *set, const struct ledger_line *line,
					 const struct ledger_side *side);

/* Checks that compare two observers. */
static inline size_t ledger_checks_made(const struct ledger *ledger)
{
	return ledger->cnt - ledger->by_state[LEDGER_ONE_OBSERVER];
}

/* Whether a check is made of this owner at all. */
bool ledger_applies(const struct run_set *set, const struct ledger_check *check, unsigned int owner);

void ledger_check_result(const struct run_set *set, const struct run_result *r,
			 const struct ledger_check *check, unsigned int owner, struct ledger_line *line);

void ledger_build(const struct run_set *set, struct ledger *ledger);
void ledger_free(struct ledger *ledger);

#endif
