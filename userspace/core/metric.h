/* SPDX-License-Identifier: GPL-2.0-only */
/* The metric table: names, titles, units, sources of all numbers, and the value type that can say
 * "not measured". CSV headers, JSON keys, report tables and help are all made from it.
 */
#ifndef CORE_METRIC_H
#define CORE_METRIC_H

#include "core/reason.h"

/* Which way an owner's payload goes, and so which metrics and stages are kept for it. Bits. */
enum flow {
	FLOW_NONE = 0,	   /* neither: the kernel's own threads, of which there are only stacks */
	FLOW_SENDS = 1,
	FLOW_RECEIVES = 2,
	FLOW_BOTH = FLOW_SENDS | FLOW_RECEIVES,
	FLOW_WHOLE = 4, /* no owner, but the whole of a result */
	FLOW_ALL = FLOW_BOTH | FLOW_WHOLE,
};

extern const char *const flow_names[FLOW_WHOLE + 1]; /* "sends", "receives", "both" ... */

enum metric_unit {
	UNIT_COUNT,
	UNIT_BYTES,
	UNIT_NS,
	UNIT_US,
	UNIT_GBPS,
	UNIT_RATIO,
	UNIT_PER_BYTE,
	UNIT_NS_PER_BYTE,
	UNIT_MAX_
};

enum metric_source { FROM_WORKLOAD, FROM_PERF, FROM_BPF, FROM_DERIVED, FROM_MAX_ };
enum metric_better { BETTER_NONE, BETTER_MORE, BETTER_LESS };

#define METRIC(id, name, title, unit, source, better, flow, help) M_##id,
enum metric_id {
#include "core/metric.def.h"
	METRIC_MAX_
};
#undef METRIC

struct metric_def {
	const char *name;  /* stable key */
	const char *title; /* for people */
	const char *help;  /* what is counted, and what is not */
	enum metric_unit unit;
	enum metric_source source;
	enum metric_better better;
	enum flow flow; /* kept for owners that have one of these bits */
};

extern const struct metric_def metric_defs[METRIC_MAX_];
extern const char *const unit_names[UNIT_MAX_];	  /* "bytes", "ns", "Gbit/s" ... */
extern const char *const source_names[FROM_MAX_]; /* "workload", "perf", "bpf", "derived" */

/* METRIC_MAX_ if there is no such name. */
enum metric_id metric_by_name(const char *name);

enum value_status {
	VALUE_ABSENT,	   /* nobody tried, or no reason to expect it; the zero value */
	VALUE_OK,	   /* counted; exact if it is no bound */
	VALUE_SCALED,	   /* extrapolated from a multiplexed counter; see coverage */
	VALUE_UNSUPPORTED, /* cannot be measured on this kernel or machine; see reason */
	VALUE_FAILED,	   /* should have been measured, was not; see reason */
	VALUE_STATUS_MAX_
};

extern const char *const value_status_names[VALUE_STATUS_MAX_];

/* What is said of a known value that is not exact: some events were not seen, or counted too often. */
enum bound {
	BOUND_NONE,
	BOUND_LOWER,
	BOUND_UPPER,
	BOUND_MAX_,
	/* Of a sum or a ratio: parts are too small, parts too large. No value of a result is of this kind. */
	BOUND_BOTH = BOUND_LOWER | BOUND_UPPER,
};
extern const char *const bound_names[BOUND_MAX_]; /* "lower", "upper"; BOUND_NONE is NULL */

/* For text before the number: "", "at least ", "at most ", "about ". */
const char *bound_words(enum bound bound);

/* Of what is divided by such a number. */
static inline enum bound bound_inverse(enum bound bound)
{
	return bound == BOUND_LOWER ? BOUND_UPPER : bound == BOUND_UPPER ? BOUND_LOWER : bound;
}

/* Provenance of what the programs under test say of themselves. */
#define VIA_WORKLOAD "workload"

/* A number is meaningful only with status OK or SCALED: a missing value is never 0. */
struct metric_value {
	double value;
	enum value_status status;
	enum bound bound;
	float coverage; /* 0..1 of the time the counter ran; 1 when not multiplexed */
	/* Provenance: who counted, "tracepoint:sock_send_length". Values of one observer have the same; not owned
	 * (strpool or static).
	 */
	const char *via;
	const struct reason *reason; /* why absent or a bound; not owned */
};

static inline bool value_known(const struct metric_value *v)
{
	return v->status == VALUE_OK || v->status == VALUE_SCALED;
}

/* For sums of what is known. */
static inline double value_or_0(const struct metric_value *v)
{
	return value_known(v) ? v->value : 0;
}

static inline struct metric_value value_ok(double value, const char *via)
{
	return (struct metric_value){.value = value, .status = VALUE_OK, .coverage = 1, .via = via};
}

/* The worse of two qualities survives in their sum. */
void value_inherit(struct metric_value *to, const struct metric_value *from);

static inline struct metric_value value_unsupported(const struct reason *reason)
{
	return (struct metric_value){.status = VALUE_UNSUPPORTED, .reason = reason};
}

static inline void value_make_bound(struct metric_value *v, enum bound bound,
				    const struct reason *reason)
{
	v->bound = bound;
	v->reason = reason;
}

/* "lower bound: the kernel skipped ...": what there is to say of a value that is absent or a bound; "" of
 * one that is exact. The caller frees.
 */
char *value_doubt(const struct metric_value *v);
char *bound_text(enum bound bound, const struct reason *reason);

#endif
