/* SPDX-License-Identifier: GPL-2.0-only */
/* The probe table: quantity x tier. Data only; the BPF programs own the logic and, in their section's
 * name, what they attach to; this table owns names, order and what a number is worth.
 */
#ifndef PROBE_REGISTRY_H
#define PROBE_REGISTRY_H

#include "bpf/copyscope_abi.h"
#include "probe/probe.h"

#define IMPL_PROGRAMS_MAX 6
#define IMPLS_MAX	  6
#define IMPL_ALSO_MAX	  5

/* What it takes besides to see another transport than TCP, which has functions of its own: who does not ask for that
 * transport does not pay for programs there.
 */
struct probe_also {
	const char *via; /* follows the other's; NULL: nothing */
	const char *program[IMPL_ALSO_MAX];
};

/* One way to observe a quantity. */
struct probe_impl {
	enum tier tier;
	const char *program[IMPL_PROGRAMS_MAX]; /* all are needed; unused = NULL */
	const char *via;			/* provenance as it is printed, behind "tier:" */
	const char *amount_via; /* of the amount, where another than tells the way counts it; NULL: via */
	enum bound count_bound, amount_bound; /* each half may be only a bound, */
	enum reason_code bound_reason;	      /* and why */
	const char *blind_to;	       /* what it misses of some ways to receive: with those it is no number */
	const char *blind_to_references; /* and of datagrams by MSG_ZEROCOPY */
	enum cs_quantity stands_in;    /* what is read where this one stayed 0, a later one; 0: nothing */
	struct probe_also also[EXTRA_MAX_];
	size_t sets_flag; /* offset in struct cs_config of a __u32 that is 1 when this is chosen; 0: none */
	/* A copy inside the path: the kernel function that makes it and why. NULL: none, or its places
	 * and reasons are in the path map.
	 */
	const char *copy_function;
	enum copy_reason copy_reason;
};

/* What is made of count and amount. */
enum probe_shape {
	SHAPE_SUMS,
	SHAPE_LATENCY, /* the amount is a sum of times, told as their mean; cs_latency is its histogram */
};

struct probe_def {
	const char *name;
	const char *help;
	enum metric_id count, amount; /* METRIC_MAX_: that half is not reported */
	enum probe_shape shape;
	struct probe_impl impl[IMPLS_MAX]; /* in order of preference; unused: no program */
	enum reason_code absent; /* why no tracepoint helps, where none does; 0 (OTHER): one does */
	const char *absent_detail;
	bool sampled;	/* told as a mean over skbs, which one tier may see once a hop: the tiers' sums are not compared */
	bool full_only; /* costs too much for --level light */
	bool matters;	/* without it there is no answer to where the bytes were copied */
	unsigned int only; /* there with one of these extras, by EXTRA_BIT(); 0: always */
};

extern const struct probe_def probe_defs[CS_Q_MAX_];

/* The programs that it takes with these extras, in turn; NULL beyond the last. */
const char *impl_program(const struct probe_impl *impl, unsigned int extras, size_t number);
/* Its provenance with them; the caller frees. */
char *impl_via(const struct probe_impl *impl, unsigned int extras);

/* Whether a quantity is one to be observed with these extras. */
static inline bool probe_asked(const struct probe_def *def, unsigned int extras)
{
	return !def->only || def->only & extras;
}

/* Which counters an implementation of this tier fills. */
enum cs_bank probe_bank(enum tier tier);

#endif
