// SPDX-License-Identifier: GPL-2.0-only
#include "report/report_ctx.h"

#define ORIGINAL_THREADS 4
#define ORIGINAL_SIZE	 (64 * KIB)

const struct plot_def plot_defs[] = {
	[PLOT_THROUGHPUT] = {
		.name = "throughput", .style = PLOT_LINES, .axis = AXIS_SIZE, .link = true,
		.title = "Throughput by message size",
		.source = {{"received, Gbit/s",
			    {{.flow = FLOW_RECEIVES, .metric = M_THROUGHPUT_GBPS}}}},
	},
	[PLOT_LATENCY] = {
		.name = "latency", .style = PLOT_LINES, .axis = AXIS_THREADS, .log_y = true,
		.round_trips = true,
		.title = "Round trips by threads",
		.stream_title = "Time between complete messages by threads",
		.source = {{"µs",
			    {{.label = "p50", .flow = FLOW_RECEIVES, .metric = M_LATENCY_P50_US},
			     {.label = "p99", .flow = FLOW_RECEIVES, .metric = M_LATENCY_P99_US}}}},
	},
	[PLOT_LLC] = {
		.name = "llc-misses", .style = PLOT_BARS, .axis = AXIS_SIZE,
		.title = "LLC misses, both ends",
		.source = {{"misses per GiB received", {{.flow = FLOW_BOTH, .metric = M_LLC_MISSES, .per_gib = true}}}},
	},
	[PLOT_CPU] = {
		.name = "cpu-per-byte", .style = PLOT_LINES, .axis = AXIS_SIZE,
		.title = "CPU cost of a byte, both ends",
		.source = {{"cycles per byte", {{.flow = FLOW_WHOLE, .metric = M_CYCLES_PER_BYTE}}},
			   {"CPU ns per byte", {{.flow = FLOW_WHOLE, .metric = M_CPU_NS_PER_BYTE}}}},
	},
	[PLOT_COPIES] = {
		.name = "copies-per-byte", .style = PLOT_BARS, .axis = AXIS_SIZE,
		.title = "Copies of a byte that were seen",
		.source = {{"copies per byte",
			    {{.flow = FLOW_WHOLE, .metric = M_COPIES_PER_BYTE}}}},
	},
	[PLOT_SWITCHES] = {
		.name = "context-switches", .style = PLOT_BARS, .axis = AXIS_SIZE, .stacked = true,
		.title = "Context switches, both ends",
		.source = {{"switches per GiB received",
			    {{.label = "voluntary", .flow = FLOW_BOTH, .per_gib = true,
			      .metric = M_PROC_CTX_VOLUNTARY},
			     {.label = "involuntary", .flow = FLOW_BOTH, .per_gib = true,
			      .metric = M_PROC_CTX_INVOLUNTARY}}},
			   {"switches per GiB received",
			    {{.flow = FLOW_BOTH, .metric = M_CONTEXT_SWITCHES, .per_gib = true}}}},
	},
	[PLOT_COMPLETION] = {
		.name = "completion", .style = PLOT_LINES, .axis = AXIS_SIZE, .log_y = true,
		.title = "Zero-copy send to completion",
		.source = {{"µs",
			    {{.label = "p50", .flow = FLOW_SENDS, .completion_percentile = 50,
			      .metric = M_COMPLETION_LATENCY_NS},
			     {.label = "p99", .flow = FLOW_SENDS, .completion_percentile = 99,
			      .metric = M_COMPLETION_LATENCY_NS}}}},
	},
};
static_assert_complete(plot_defs, PLOT_MAX_);

size_t plot_ticks(const struct run_plan *plan, const struct plot_def *def)
{
	return def->axis == AXIS_SIZE ? plan->size_cnt : plan->thread_cnt;
}

struct plot_cell plot_cell(const struct run_plan *plan, const struct plot_def *def, size_t tick)
{
	if (def->axis == AXIS_SIZE)
		return (struct plot_cell){plan->size_bytes[tick],
					  nearest_threads(plan, ORIGINAL_THREADS)};
	return (struct plot_cell){nearest_size(plan, ORIGINAL_SIZE), plan->threads[tick]};
}

static enum pass series_pass(const struct plot_series *s)
{
	return s->completion_percentile > 0 ? PASS_ATTRIBUTION : metric_pass(s->metric);
}

static struct metric_value metric_of(const struct run_set *set, const struct run_result *r,
				     const struct plot_series *s)
{
	return s->flow == FLOW_WHOLE ? r->v[OWNER_WHOLE][s->metric] :
				       run_result_sum(set, r, s->flow, s->metric);
}

static bool over_gib(const struct run_set *set, const struct run_result *r, double *value)
{
	struct metric_value received = run_result_sum(set, r, FLOW_RECEIVES, M_APP_BYTES);

	*value /= received.value / GIB;
	return value_known(&received) && received.value > 0;
}

static bool value_of(const struct run_set *set, const struct run_result *r,
		     const struct plot_series *s, double *out, enum bound *bound)
{
	struct metric_value v;

	if (s->completion_percentile > 0) {
		if (!r->completion || !r->completion->total)
			return false;
		*out = (double)hist_percentile(r->completion, s->completion_percentile) * 1e-3;
		return true;
	}
	v = metric_of(set, r, s);
	*out = v.value;
	*bound |= value_known(&v) ? v.bound : BOUND_NONE;
	return value_known(&v) && (!s->per_gib || over_gib(set, r, out));
}

struct spread plot_point(const struct run_set *set, const struct plot_series *s, size_t mode,
			 struct plot_cell cell, double each[MAX_SAMPLES])
{
	enum bound bound = BOUND_NONE;
	double own[MAX_SAMPLES], *v = each ?: own;
	struct spread spread;
	size_t i, n = 0;

	for (i = 0; i < set->result_cnt && n < MAX_SAMPLES; i++) {
		const struct run_result *r = &set->result[i];

		if (r->key.mode == set->plan.mode[mode].name && r->status == RESULT_OK &&
		    r->key.size_bytes == cell.size_bytes && r->key.threads == cell.threads &&
		    r->key.pass == series_pass(s) && value_of(set, r, s, &v[n], &bound))
			n++;
	}
	spread = spread_from(v, n);
	spread.bound = bound;
	return spread;
}

const struct run_set *plot_set(const struct report_ctx *ctx, const struct plot_def *def)
{
	size_t i;

	for (i = 0; def->round_trips && i < ctx->verdict.beside_cnt; i++) {
		const struct run_set *set = ctx->verdict.beside[i].set;

		if (plan_is_rr(&set->plan) && set->result_cnt)
			return set;
	}
	return ctx->set;
}

const char *plot_title(const struct run_set *set, const struct plot_def *def)
{
	return def->stream_title && !plan_is_rr(&set->plan) ? def->stream_title : def->title;
}

static bool is_known(const struct run_set *set, const struct plot_def *def,
		     const struct plot_source *source)
{
	size_t tick, mode;

	for (tick = 0; tick < plot_ticks(&set->plan, def); tick++)
		for (mode = 0; mode < set->plan.mode_cnt; mode++)
			if (plot_point(set, &source->series[0], mode,
				       plot_cell(&set->plan, def, tick), NULL).n)
				return true;
	return false;
}

const struct plot_source *plot_source(const struct run_set *set, const struct plot_def *def)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(def->source) && def->source[i].ylabel; i++)
		if (is_known(set, def, &def->source[i]))
			return &def->source[i];
	return NULL;
}

char *plot_why_absent(const struct run_set *set, const struct plot_def *def)
{
	size_t i, s;

	for (s = ARRAY_SIZE(def->source); s-- > 0;) {
		const struct plot_series *series = &def->source[s].series[0];

		for (i = 0; def->source[s].ylabel && i < set->result_cnt; i++) {
			const struct run_result *r = &set->result[i];
			struct metric_value v = metric_of(set, r, series);

			if (r->key.pass == series_pass(series) && v.reason && !value_known(&v))
				return reason_text(v.reason);
		}
	}
	return xstrdup("not measured in this run");
}
