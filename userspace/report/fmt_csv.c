// SPDX-License-Identifier: GPL-2.0-only
/* results.csv: one row for each cell and repetition. The first nine columns are those of the original
 * experiment, in its order and units; then every metric of every role. Absent is an empty field.
 */
#include <ctype.h>
#include <math.h>
#include <string.h>

#include "report/escape.h"
#include "report/report_ctx.h"

/* Throughput is what arrived; counters are the sender's. */
static const struct {
	const char *name;
	enum role role;
	enum metric_id metric;
} original[] = {
	{"Throughput_Gbps", ROLE_CLIENT, M_THROUGHPUT_GBPS},
	{"Latency_us", ROLE_CLIENT, M_LATENCY_AVG_US},
	{"Cycles", ROLE_SERVER, M_CYCLES},
	{"L1_Misses", ROLE_SERVER, M_L1D_MISSES},
	{"LLC_Misses", ROLE_SERVER, M_LLC_MISSES},
	{"ContextSwitches", ROLE_SERVER, M_CONTEXT_SWITCHES},
};

static void put_header(FILE *out)
{
	enum metric_id m;
	enum role role;
	size_t i;

	fputs("Mode,Size,Threads", out);
	for (i = 0; i < ARRAY_SIZE(original); i++)
		fprintf(out, ",%s", original[i].name);
	fputs(",ModeName,Repetition,CleanStatus,AttributionStatus", out);
	for (role = 0; role < ROLE_MAX_; role++)
		for (m = 0; m < METRIC_MAX_; m++)
			if (metric_defs[m].roles & 1u << role)
				fprintf(out, ",%s_%s", role_names[role], metric_defs[m].name);
	fputc('\n', out);
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

static void put_value(FILE *out, const struct run_result *r, enum role role, enum metric_id m)
{
	const struct metric_value *v = r ? &r->v[role][m] : NULL;

	fputc(',', out);
	if (!r || r->status != RESULT_OK || !value_known(v))
		return;
	/* whole, and no further than a double counts one by one */
	if (v->value == trunc(v->value) && fabs(v->value) < 0x1p53)
		fprintf(out, "%.0f", v->value);
	else
		fprintf(out, "%.6g", v->value);
}

static void put_row(FILE *out, const struct run_result *pass[PASS_MAX_])
{
	const struct run_result *any = pass[PASS_CLEAN] ? pass[PASS_CLEAN] : pass[PASS_ATTRIBUTION];
	enum metric_id m;
	enum role role;
	enum pass p;
	size_t i;

	put_mode(out, any->key.mode);
	fprintf(out, ",%llu,%u", (unsigned long long)any->key.size_bytes, any->key.threads);
	for (i = 0; i < ARRAY_SIZE(original); i++)
		put_value(out, pass[PASS_CLEAN], original[i].role, original[i].metric);
	fputc(',', out);
	put_csv(out, any->key.mode);
	fprintf(out, ",%u", any->key.repetition);
	for (p = 0; p < PASS_MAX_; p++)
		fprintf(out, ",%s", pass[p] ? result_status_names[pass[p]->status] : "");
	for (role = 0; role < ROLE_MAX_; role++)
		for (m = 0; m < METRIC_MAX_; m++)
			if (metric_defs[m].roles & 1u << role)
				put_value(out, pass[metric_pass(m)], role, m);
	fputc('\n', out);
}

/* A row appears where the first of its two passes stands. */
static int fill(struct report_ctx *ctx, FILE *out, size_t unused)
{
	const struct run_set *set = ctx->set;
	size_t i;

	(void)unused;
	put_header(out);
	for (i = 0; i < set->result_cnt; i++) {
		const struct run_result *r = &set->result[i], *pass[PASS_MAX_] = {NULL};
		struct run_key key = r->key;

		pass[key.pass] = r;
		key.pass = key.pass == PASS_CLEAN ? PASS_ATTRIBUTION : PASS_CLEAN;
		pass[key.pass] = run_set_find(set, &key);
		if (!pass[key.pass] || pass[key.pass] > r)
			put_row(out, pass);
	}
	return 0;
}

int fmt_csv_write(struct report_ctx *ctx)
{
	return report_put_file(ctx, "results.csv", fill, 0);
}
