// SPDX-License-Identifier: GPL-2.0-only
#include "core/metric.h"

#include <string.h>

#define METRIC(id, name_, title_, unit_, source_, better_, roles_, help_) \
	[M_##id] = {                                                      \
		.name = (name_),                                          \
		.title = (title_),                                        \
		.help = (help_),                                          \
		.unit = UNIT_##unit_,                                     \
		.source = FROM_##source_,                                 \
		.better = BETTER_##better_,                               \
		.roles = (roles_),                                        \
	},
const struct metric_def metric_defs[METRIC_MAX_] = {
#include "core/metric.def.h"
};
#undef METRIC

const char *const role_names[] = {
	[ROLE_CELL] = "cell",
	[ROLE_SERVER] = "server",
	[ROLE_CLIENT] = "client",
	[ROLE_KERNEL] = "kernel",
};
static_assert_complete(role_names, ROLE_MAX_);

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
	[VALUE_LOSSY] = "lossy",
	[VALUE_UNSUPPORTED] = "unsupported",
	[VALUE_FAILED] = "failed",
};
static_assert_complete(value_status_names, VALUE_STATUS_MAX_);

enum metric_id metric_by_name(const char *name)
{
	enum metric_id m;

	for (m = 0; m < METRIC_MAX_; m++)
		if (!strcmp(metric_defs[m].name, name))
			break;
	return m;
}

enum role role_by_name(const char *name)
{
	enum role r;

	for (r = 0; r < ROLE_MAX_; r++)
		if (!strcmp(role_names[r], name))
			break;
	return r;
}
