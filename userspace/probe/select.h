/* SPDX-License-Identifier: GPL-2.0-only */
/* Which implementation observes each quantity: a pure function of the registry, of what was found out
 * about each program so far, and of the user's wish. No system calls, so tests feed it any kernel.
 */
#ifndef PROBE_SELECT_H
#define PROBE_SELECT_H

#include "probe/registry.h"

/* A program of the registry, and what is known of it on this kernel. */
struct program_state {
	const char *name;
	enum tier tier;
	bool rejected;
	struct reason reason; /* why, if rejected; its detail is owned */
	bool wanted;	      /* set by plan_select */
	bool begins_state;    /* that others add to, of a task: where that is lost, they count too little */
};

struct quantity_plan {
	const struct probe_impl *impl;	/* NULL: not observed */
	const struct probe_impl *check; /* a second tier to compare with; NULL: none */
	struct reason *reason; /* owned list; why not, or why not by a better tier; may be NULL */
};

struct plan {
	struct program_state *program; /* each that the registry names, once */
	size_t program_cnt, program_cap;
	struct quantity_plan quantity[CS_Q_MAX_];
	unsigned int extras; /* of the wish that was selected by */
};

void plan_init(struct plan *plan);
void plan_free(struct plan *plan);

/* NULL if the registry names no such program. */
struct program_state *plan_program(const struct plan *plan, const char *name);

/* Note why a program cannot be used; the first reason stays. */
void plan_reject(struct program_state *program, enum reason_code why, const char *detail);

/* What the user asked for. */
struct wish {
	enum tier tier;	  /* TIER_NONE: the best that works; quantities with one tier do not follow it */
	unsigned int extras; /* what is observed beside TCP's sends and receives, by EXTRA_BIT() */
	bool full;	  /* --level full: also what costs too much otherwise */
	bool cross_check; /* also choose an implementation that counts apart from the first */
};

/* Decide anew after rejections. Of the two function tiers one is used: the one that shows more, and fentry
 * where they show as much. Returns the number of quantities observed. */
size_t plan_select(struct plan *plan, const struct wish *wish);

#endif
