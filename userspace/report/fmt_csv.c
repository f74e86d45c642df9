// SPDX-License-Identifier: GPL-2.0-only
/* results.csv: one row for each cell, repetition, pattern and congestion control. The first nine columns are those of the original
 * experiment, in its order and units; then every metric of every owner. Absent is an empty field. The last
 * column names those that are only bounds. Of what `copyscope attach` observed there is a row an owner.
 */
#include <math.h>

#include "report/attach_csv.h"
#include "report/escape.h"
#include "report/report_ctx.h"

/* Throughput is what arrived; counters are the sender's. */
static const struct {
	const char *name;
	enum flow flow;
	enum metric_id metric;
} original[] = {
	{"Throughput_Gbps", FLOW_RECEIVES, M_THROUGHPUT_GBPS},
	{"Latency_us", FLOW_RECEIVES, M_LATENCY_AVG_US},
	{"Cycles", FLOW_SENDS, M_CYCLES},
	{"L1_Misses", FLOW_SENDS, M_L1D_MISSES},
	{"LLC_Misses", FLOW_SENDS, M_LLC_MISSES},
	{"ContextSwitches", FLOW_SENDS, M_CONTEXT_SWITCHES},
};

static void put_header(FILE *out, const struct run_set *set)
{
	enum metric_id m;
	unsigned int o;
	size_t i;

	fputs("Mode,Size,Threads", out);
	for (i = 0; i < ARRAY_SIZE(original); i++)
		fprintf(out, ",%s", original[i].name);
	fputs(",ModeName,Repetition,CleanStatus,AttributionStatus,Pattern,Congestion", out);
	for (o = 0; o < set->owner_cnt; o++) {
		for (m = 0; m < METRIC_MAX_; m++) {
			_cleanup_free_ char *name = NULL;

			if (!(metric_defs[m].flow & set->owner[o].flow))
				continue;
			name = xasprintf("%s_%s", set->owner[o].label, metric_defs[m].name);
			fputc(',', out);
			put_csv(out, name);
		}
	}
	fputs(",Bounds\n", out);
}

/* The original numbered its modes from 0; "A1" is its 0. Modes it did not have keep their name. */
static void put_mode(FILE *out, const char *mode)
{
	uint64_t number;

	if (mode[0] == 'A' && !parse_u64(mode + 1, 1, 9, &number))
		fprintf(out, "%llu", (unsigned long long)number - 1);
	else
		put_csv(out, mode);
}

static void put_value(FILE *out, const struct run_result *r, unsigned int owner, enum metric_id m)
{
	const struct metric_value *v = r ? &r->v[owner][m] : NULL;

	fputc(',', out);
	if (!r || r->status != RESULT_OK || !value_known(v))
		return;
	/* whole, and no further than a double counts one by one */
	if (v->value == trunc(v->value) && fabs(v->value) < 0x1p53)
		fprintf(out, "%.0f", v->value);
	else
		fprintf(out, "%.6g", v->value);
}

static const char *const signs[] = {[BOUND_LOWER] = ">=", [BOUND_UPPER] = "<="};

/* "server_copy_ubufs_bytes>= ...": the value is a lower bound. */
static void put_bounds(FILE *out, const struct run_set *set, const struct run_result *pass[PASS_MAX_])
{
	_cleanup_free_ char *text = NULL;
	enum metric_id m;
	unsigned int o;

	for (o = 0; o < set->owner_cnt; o++) {
		for (m = 0; m < METRIC_MAX_; m++) {
			const struct run_result *r = pass[metric_pass(m)];

			if (metric_defs[m].flow & set->owner[o].flow && r && r->status == RESULT_OK &&
			    value_known(&r->v[o][m]) && r->v[o][m].bound)
				xappend(&text, " ", "%s_%s%s", set->owner[o].label, metric_defs[m].name,
					signs[r->v[o][m].bound]);
		}
	}
	fputc(',', out);
	put_csv(out, text ?: "");
}

static void put_row(FILE *out, const struct run_set *set, const struct run_result *pass[PASS_MAX_])
{
	const struct run_result *any = pass[PASS_CLEAN] ? pass[PASS_CLEAN] : pass[PASS_ATTRIBUTION];
	struct run_variant how = plan_variant(&set->plan, any->key.variant);
	enum metric_id m;
	unsigned int o;
	enum pass p;
	size_t i;

	put_mode(out, any->key.mode);
	fprintf(out, ",%llu,%u", (unsigned long long)any->key.size_bytes, any->key.threads);
	for (i = 0; i < ARRAY_SIZE(original); i++)
		put_value(out, pass[PASS_CLEAN], run_set_owner(set, original[i].flow),
			  original[i].metric);
	fputc(',', out);
	put_csv(out, any->key.mode);
	fprintf(out, ",%u", any->key.repetition);
	for (p = 0; p < PASS_MAX_; p++)
		fprintf(out, ",%s", pass[p] ? result_status_names[pass[p]->status] : "");
	fputc(',', out);
	put_csv(out, how.pattern ?: "");
	fputc(',', out);
	put_csv(out, run_result_congestion(set, any) ?: "");
	for (o = 0; o < set->owner_cnt; o++)
		for (m = 0; m < METRIC_MAX_; m++)
			if (metric_defs[m].flow & set->owner[o].flow)
				put_value(out, pass[metric_pass(m)], o, m);
	put_bounds(out, set, pass);
	fputc('\n', out);
}

/* ---- what was attached to ----------------------------------------------------------------- */

/* What an observation can know: neither the workload's own accounts nor counters of processes. */
static bool of_observation(enum metric_id m)
{
	return metric_defs[m].source == FROM_BPF && metric_defs[m].flow & FLOW_BOTH;
}

static void put_bounds_of(FILE *out, const struct run_result *r, unsigned int owner)
{
	_cleanup_free_ char *text = NULL;
	enum metric_id m;

	for (m = 0; m < METRIC_MAX_; m++)
		if (of_observation(m) && value_known(&r->v[owner][m]) && r->v[owner][m].bound)
			xappend(&text, " ", "%s%s", metric_defs[m].name, signs[r->v[owner][m].bound]);
	fputc(',', out);
	put_csv(out, text ?: "");
}

void attach_csv_header(FILE *out)
{
	enum metric_id m;

	fputs("UntilSeconds,Seconds,Owner", out);
	for (m = 0; m < METRIC_MAX_; m++)
		if (of_observation(m))
			fprintf(out, ",%s", metric_defs[m].name);
	fputs(",Bounds\n", out);
}

void attach_csv_rows(FILE *out, const struct run_set *set)
{
	enum metric_id m;
	unsigned int o;
	size_t i;

	for (i = 0; i < set->result_cnt; i++) {
		for (o = 1; o + 1 < set->owner_cnt; o++) {
			fprintf(out, "%.3f,%.3f,", (double)set->elapsed_ns / NSEC_PER_SEC,
				(double)set->plan.duration_ns / NSEC_PER_SEC);
			put_csv(out, set->owner[o].label);
			for (m = 0; m < METRIC_MAX_; m++)
				if (of_observation(m))
					put_value(out, &set->result[i], o, m);
			put_bounds_of(out, &set->result[i], o);
			fputc('\n', out);
		}
	}
}

/* ---- both --------------------------------------------------------------------------------- */

/* A row appears where the first of its two passes stands. */
int fmt_csv(const struct report_part *part, FILE *out)
{
	const struct run_set *set = part->ctx->all;
	size_t i;

	if (set->plan.attached) {
		attach_csv_header(out);
		attach_csv_rows(out, set);
		return 0;
	}
	put_header(out, set);
	for (i = 0; i < set->result_cnt; i++) {
		const struct run_result *r = &set->result[i], *pass[PASS_MAX_] = {NULL};
		struct run_key key = r->key;

		pass[key.pass] = r;
		key.pass = key.pass == PASS_CLEAN ? PASS_ATTRIBUTION : PASS_CLEAN;
		pass[key.pass] = run_set_find(set, &key);
		if (!pass[key.pass] || pass[key.pass] > r)
			put_row(out, set, pass);
	}
	return 0;
}
