/* SPDX-License-Identifier: GPL-2.0-only */
/* The verdict as data: findings that can be tested, without a word of prose. verdict_text.c puts them
 * into words. A finding never says more than the repetitions and the observed stages allow.
 */
#ifndef ANALYSIS_VERDICT_H
#define ANALYSIS_VERDICT_H

#include "analysis/congestion_effect.h"
#include "analysis/compare.h"
#include "analysis/copies.h"
#include "analysis/ledger.h"
#include "analysis/stats.h"
#include "analysis/zerocopy.h"

enum contest_state {
	CONTEST_NO_DATA,	/* fewer than two modes were measured here */
	CONTEST_NOT_COMPARABLE, /* the ledger is off here */
	CONTEST_UNDECIDED,
	CONTEST_LEADS, /* the best in every repetition, too few to be sure */
	CONTEST_EQUAL, /* best and second: the whole interval inside the margin */
	CONTEST_WON,   /* against every other mode the whole interval is beyond the margin */
	CONTEST_STATE_MAX_
};

/* One cell of the matrix under one metric. Modes are indices into run_plan.mode. */
struct contest {
	uint64_t size_bytes;
	unsigned int threads;
	enum contest_state state;
	size_t best, second;
	/* best over second, so that > 1 always means "better": inverted where less is better */
	struct ratio ratio;
	uint64_t behind;   /* bits: modes behind the best by more than the margin */
	unsigned int need; /* repetitions that would probably decide; 0: decided, or unknown */
	struct spread *by_mode; /* mode_cnt */
};

_Static_assert(PLAN_ITEMS_MAX <= 64, "contest.behind has a bit for each mode");

/* Two modes over all cells of the matrix. */
struct overall {
	size_t a, b;	    /* a is the better */
	struct ratio ratio; /* geometric mean; > 1; n is cells */
};

struct size_standing;

struct contests {
	enum measure measure;
	unsigned int owner;
	enum metric_id metric;
	struct comparisons pairs;
	double margin; /* above 1 */
	struct overall *overall;
	size_t overall_cnt;
	unsigned int need;	 /* repetitions that would decide four of five cells that are not; 0: none */
	unsigned int need_tenth; /* repetitions that find 10 % here; 0: unknown */
	struct contest *contest; /* sizes x threads, in the order of the plan */
	size_t cnt;
	size_t by_state[CONTEST_STATE_MAX_];
	size_t *won, *led; /* by mode: CONTEST_WON, CONTEST_LEADS */
	/* by mode: its median over the best mode's in each cell, 1 = best, over the cells */
	struct spread *standing;
	size_t *behind; /* by mode: cells in which it is behind the best, by more than the margin */
	struct size_standing *by_size; /* in the order of the plan */
	size_t size_cnt;
};

/* Mode a over mode b in one cell, as "how many times better". */
struct ratio contest_ratio(const struct contests *all, size_t cell, size_t a, size_t b);
/* By the pairs they have; by their medians, if none. */
bool contest_ahead(const struct contests *all, size_t cell, size_t a, size_t b);

/* a is better than b, and that is sure: the whole interval is beyond the margin. */
bool contest_beats(const struct contests *all, size_t cell, size_t a, size_t b);

/* One size over its thread counts. */
struct size_standing {
	uint64_t size_bytes;
	size_t cells;	/* compared */
	size_t winner;	/* of all of them; mode_cnt: none */
	size_t *behind; /* by mode: cells in which it is behind the best, by more than the margin */
};

/* A mode against another, or a zero-copy mode against the best without, at one thread count, by one metric. */
struct payoff {
	size_t mode;
	size_t against; /* mode_cnt: the best, at each size, of those that send by no reference */
	unsigned int threads;
	unsigned int owner;
	enum metric_id metric;
	size_t sizes;		/* sizes compared */
	size_t ahead, behind;	/* with an interval beyond the margin, or by centers if !has_interval */
	bool has_interval;	/* in every size compared */
	uint64_t from_bytes;	/* ahead at this and every larger size; 0: nowhere */
	uint64_t largest_bytes; /* the largest size compared, and how it went there */
	struct ratio at_largest;
};

struct drop_sum {
	enum drop_kind kind;
	const char *detail; /* pool; may be NULL */
	double count;
};

/* Passes beside the matrix. */
struct beside {
	struct run_set *set; /* their view: owned */
	size_t ok;
	struct ledger ledger;
	struct congestion_effect *effect; /* by mode and cell, of one that differs in the congestion control; owned */
	size_t effect_cnt;
};

struct verdict {
	struct run_set *matrix;	/* the view that all is said of but for beside; owned */
	struct beside *beside;	/* by variant of the plan; owned */
	size_t beside_cnt;
	struct contests throughput, cpu;
	struct comparisons switches; /* for the claims */
	struct zerocopy_truth *zerocopy;
	size_t zerocopy_cnt;
	struct payoff *payoff;
	size_t payoff_cnt, payoff_cap;
	struct ratio *overhead; /* by mode */
	struct ledger ledger;
	struct mode_copies *copies; /* by mode */
	size_t mode_cnt;
	size_t results, failed, skipped, retried;
	struct drop_sum *drop; /* events the probes lost, all results, by kind and detail */
	size_t drop_cnt, drop_cap;
	double verify_errors, verified_bytes;
	unsigned int repetitions; /* most found in any cell */
	double seconds_a_repetition;
};

/* set must stay as it is until verdict_free(). */
void verdict_build(const struct run_set *set, struct verdict *verdict);
/* CPU per byte of the attribution passes over that of the clean ones: the geometric mean over the cells, with
 * its 95 % interval.
 */
struct ratio overhead_of(const struct run_set *set, const char *mode);
void verdict_free(struct verdict *verdict);

/* sizes.c: of a verdict that has its contests and what it knows of zero-copy. */
void sizes_build(const struct run_set *set, struct verdict *v);
void sizes_free(struct contests *all);

#endif
