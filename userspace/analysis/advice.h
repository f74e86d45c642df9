/* SPDX-License-Identifier: GPL-2.0-only */
/* What to use, as far as this run can tell: of the modes that serve the same purpose, those that no other is ahead of.
 * "Ahead" is what a verdict is sure of, by throughput or CPU per byte: its whole interval beyond the margin. So the
 * list is the same when the run is repeated, but for what was undecided. report/advice_text.c has the words.
 */
#ifndef ANALYSIS_ADVICE_H
#define ANALYSIS_ADVICE_H

#include "analysis/verdict.h"

/* Modes that one may choose among. */
enum purpose { PURPOSE_MEMORY, PURPOSE_FILE, PURPOSE_ENCRYPT, PURPOSE_DATAGRAM, PURPOSE_MAX_ };

/* PURPOSE_MAX_: none of these, as a local socket. */
enum purpose mode_purpose(const struct mode_traits *traits);

struct advice {
	uint64_t modes; /* bits: measured, of this purpose */
	uint64_t best;	/* of those: no other of them is ahead in any cell, by either measure */
	size_t cells;	 /* compared */
	size_t *behind;	 /* by mode: in how many of them one of its purpose is ahead of it, by either measure */
};

/* The caller frees behind. */
struct advice advice_build(const struct run_set *set, const struct verdict *v, enum purpose purpose);

/* Of the modes whose packets refer to pages of a program's memory. */
enum saving { SAVING_NOT_ASKED, SAVING_UNSEEN, SAVING_NONE, SAVING_PART, SAVING_ALL };
enum saving advice_saving(const struct run_set *set, const struct verdict *v);

/* One cell under one measure: the modes of a set (bits) that no other of the set is ahead of; 0: not compared. */
uint64_t advice_best_of_cell(const struct contests *all, size_t cell, uint64_t modes, size_t mode_cnt);

#endif
