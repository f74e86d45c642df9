// SPDX-License-Identifier: GPL-2.0-only
#include "core/metric.h"

#define METRIC(id, name_, title_, unit_, source_, better_, flow_, help_) \
	[M_##id] = {                                                      \
		.name = (name_),                                          \
		.title = (title_),                                        \
		.help = (help_),                                          \
		.unit = UNIT_##unit_,                                     \
		.source = FROM_##source_,                                 \
		.better = BETTER_##better_,                               \
		.flow = FLOW_##flow_,                                     \
	},
const struct metric_def metric_defs[METRIC_MAX_] = {
#include "core/metric.def.h"
};
#undef METRIC

const char *const flow_names[] = {
	[FLOW_NONE] = "none",
	[FLOW_SENDS] = "sends",
	[FLOW_RECEIVES] = "receives",
	[FLOW_BOTH] = "both",
	[FLOW_WHOLE] = "whole",
};

const char *const unit_names[] = {
	[UNIT_COUNT] = "",
	[UNIT_BYTES] = "bytes",
	[UNIT_NS] = "ns",
	[UNIT_US] = "us",
	[UNIT_GBPS] = "Gbit/s",
	[UNIT_RATIO] = "",
	[UNIT_PER_BYTE] = "per byte",
	[UNIT_NS_PER_BYTE] = "ns/byte",
};
static_assert_complete(unit_names, UNIT_MAX_);

const char *const source_names[] = {
	[FROM_WORKLOAD] = "workload",
	[FROM_PERF] = "perf",
	[FROM_BPF] = "bpf",
	[FROM_DERIVED] = "derived",
};
static_assert_complete(source_names, FROM_MAX_);

const char *const value_status_names[] = {
	[VALUE_ABSENT] = "absent",
	[VALUE_OK] = "ok",
	[VALUE_SCALED] = "scaled",
	[VALUE_UNSUPPORTED] = "unsupported",
	[VALUE_FAILED] = "failed",
};
static_assert_complete(value_status_names, VALUE_STATUS_MAX_);

const char *const bound_names[] = {
	[BOUND_NONE] = NULL,
	[BOUND_LOWER] = "lower",
	[BOUND_UPPER] = "upper",
};
static_assert_complete(bound_names, BOUND_MAX_);

enum metric_id metric_by_name(const char *name)
{
	return (enum metric_id)row_by_name(metric_defs, name);
}

void value_inherit(struct metric_value *to, const struct metric_value *from)
{
	if (from->status == VALUE_SCALED)
		to->status = VALUE_SCALED;
	value_make_bound(to, to->bound | from->bound, to->reason ?: from->reason);
	to->coverage = MIN(to->coverage, from->coverage);
}

const char *bound_words(enum bound bound)
{
	static const char *const words[] = {"", "at least ", "at most ", "about "};

	return words[bound];
}

char *bound_text(enum bound bound, const struct reason *reason)
{
	static const char *const kinds[] = {
		[BOUND_LOWER] = "lower bound", [BOUND_UPPER] = "upper bound",
		[BOUND_BOTH] = "no bound, parts are too small and parts too large"};
	_cleanup_free_ char *why = reason_text(reason);

	if (bound == BOUND_NONE)
		return take_ptr(why);
	return xasprintf("%s%s%s", kinds[bound], *why ? ": " : "", why);
}

char *value_doubt(const struct metric_value *v)
{
	return bound_text(v->bound, v->reason);
}
