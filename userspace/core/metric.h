/* SPDX-License-Identifier: GPL-2.0-only */
/* The metric table: names, titles, units, sources of all numbers, and the value type that can say
 * "not measured". CSV headers, JSON keys, report tables and help are all made from it.
 */
#ifndef CORE_METRIC_H
#define CORE_METRIC_H

#include "core/util.h"

/* Whose number it is. CELL is the whole cell; KERNEL owns only stacks (softirq threads). */
enum role { ROLE_CELL, ROLE_SERVER, ROLE_CLIENT, ROLE_KERNEL, ROLE_MAX_ };

enum {
	ROLES_CELL = 1 << ROLE_CELL,
	ROLES_SERVER = 1 << ROLE_SERVER,
	ROLES_CLIENT = 1 << ROLE_CLIENT,
	ROLES_BOTH = ROLES_SERVER | ROLES_CLIENT,
	ROLES_ALL = ROLES_CELL | ROLES_BOTH,
};

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

#define METRIC(id, name, title, unit, source, better, roles, help) M_##id,
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
	unsigned int roles; /* ROLES_* */
};

extern const struct metric_def metric_defs[METRIC_MAX_];
extern const char *const role_names[ROLE_MAX_];
extern const char *const unit_names[UNIT_MAX_];	  /* "bytes", "ns", "Gbit/s" ... */
extern const char *const source_names[FROM_MAX_]; /* "workload", "perf", "bpf", "derived" */

/* METRIC_MAX_ if there is no such name. */
enum metric_id metric_by_name(const char *name);
/* ROLE_MAX_ if there is no such name. */
enum role role_by_name(const char *name);

enum value_status {
	VALUE_ABSENT,	   /* nobody tried, or no reason to expect it; the zero value */
	VALUE_OK,	   /* exact */
	VALUE_SCALED,	   /* extrapolated from a multiplexed counter; see coverage */
	VALUE_LOSSY,	   /* measured, but some events were dropped or it is a bound */
	VALUE_UNSUPPORTED, /* cannot be measured on this kernel or machine; see reason */
	VALUE_FAILED,	   /* should have been measured, was not; see reason */
	VALUE_STATUS_MAX_
};

extern const char *const value_status_names[VALUE_STATUS_MAX_];

/* A number is meaningful only with status OK, SCALED or LOSSY: a missing value is never 0. */
struct metric_value {
	double value;
	enum value_status status;
	float coverage;	    /* 0..1 of the time the counter ran; 1 when not multiplexed */
	const char *via;    /* provenance, "tp_btf:sock_send_length"; not owned (strpool or static) */
	const char *reason; /* why absent or lossy; not owned (strpool or static) */
};

static inline bool value_known(const struct metric_value *v)
{
	return v->status == VALUE_OK || v->status == VALUE_SCALED || v->status == VALUE_LOSSY;
}

static inline struct metric_value value_ok(double value, const char *via)
{
	return (struct metric_value){.value = value, .status = VALUE_OK, .coverage = 1, .via = via};
}

static inline struct metric_value value_unsupported(const char *reason)
{
	return (struct metric_value){.status = VALUE_UNSUPPORTED, .reason = reason};
}

#endif
