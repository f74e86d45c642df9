// SPDX-License-Identifier: GPL-2.0-only
#include "analysis/measure.h"

const double measure_error[] = {
	[MEASURE_THROUGHPUT] = 0.015,
	[MEASURE_CPU] = 0.015,
	[MEASURE_SWITCHES] = 0.01,
};
static_assert_complete(measure_error, MEASURE_MAX_);

static struct metric_value throughput(const struct run_set *set, const struct run_result *r)
{
	return run_result_sum(set, r, FLOW_RECEIVES, M_THROUGHPUT_GBPS);
}

static struct metric_value cpu(const struct run_set *set, const struct run_result *r)
{
	(void)set;
	return r->v[OWNER_WHOLE][M_CPU_NS_PER_BYTE];
}

/* Both ends, for each byte that arrived. */
static struct metric_value switches(const struct run_set *set, const struct run_result *r)
{
	struct metric_value v = run_result_sum(set, r, FLOW_BOTH, M_CONTEXT_SWITCHES);
	struct metric_value bytes = run_result_payload(set, r, FLOW_RECEIVES);

	if (!value_known(&v) || !value_known(&bytes) || bytes.value <= 0)
		return (struct metric_value){0};
	v.value /= bytes.value;
	v.bound |= bound_inverse(bytes.bound);
	return v;
}

static struct metric_value (*const measures[])(const struct run_set *set, const struct run_result *r) = {
	[MEASURE_THROUGHPUT] = throughput,
	[MEASURE_CPU] = cpu,
	[MEASURE_SWITCHES] = switches,
};
static_assert_complete(measures, MEASURE_MAX_);

struct metric_value measure_value(const struct run_set *set, const struct run_result *r, enum measure measure)
{
	return measures[measure](set, r);
}
