/* SPDX-License-Identifier: GPL-2.0-only */
/* What a byte cost in CPU time, by who spent it: of a mode's clean passes together. */
#ifndef ANALYSIS_COST_H
#define ANALYSIS_COST_H

#include "core/result.h"

enum cost_part {
	COST_SENDERS,	/* their tasks, softirqs in their context included */
	COST_RECEIVERS,
	COST_KERNEL,	/* ksoftirqd, kworkers ... */
	COST_IDLE_IRQ,	/* interrupts in idle context, and switches between tasks */
	COST_MAX_
};

struct mode_cost {
	size_t passes;	/* in which bytes moved and both ends were counted */
	double bytes;	/* received in them */
	struct {
		double ns;
		size_t passes; /* in which it is known: else the part is absent */
	} part[COST_MAX_];
	struct metric_value whole; /* ns per byte: all of it over all bytes, with the bounds of the passes */
	double rusage_ns;	   /* of the same tasks by getrusage(); 0: unknown */
	double other_ns, steal_ns; /* what other programs ran meanwhile, and the hypervisor took */
};

struct mode_cost cost_of(const struct run_set *set, const char *mode);

#endif
