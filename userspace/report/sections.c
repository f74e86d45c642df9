// SPDX-License-Identifier: GPL-2.0-only
/* What the report says, in its order: verdict, copies and ledger, plots, flamegraphs, counters,
 * environment. How it looks is doc_md.c's and doc_html.c's business.
 */
#include <string.h>

#include "report/doc.h"
#include "report/number.h"

/* ---- 3. plots, 4. flamegraphs -------------------------------------------------------------- */

static void write_section_plots(struct doc *d)
{
	enum plot p;

	doc_heading(d, 2, "plots", "3. Plots");
	doc_figure(d, FIGURE_PLOTS, 0);
	for (p = 0; p < PLOT_MAX_; p++)
		if (!d->ctx->plot[p].drawn && d->ctx->plot[p].title)
			doc_item(d, TONE_MUTED, d->ctx->plot[p].title, "not drawn: %s.",
				 d->ctx->plot[p].reason);
}

static void write_section_flames(struct doc *d)
{
	const struct run_set *set = d->ctx->set;
	bool any = false;
	size_t i;

	doc_heading(d, 2, "flamegraphs", "4. Flamegraphs");
	for (i = 0; i < set->plan.mode_cnt; i++) {
		if (mode_has_stacks(set, i, STACK_ONCPU)) {
			doc_figure(d, FIGURE_ONCPU, i);
			any = true;
		}
	}
	for (i = 0; i < set->plan.mode_cnt; i++) {
		if (mode_has_stacks(set, i, STACK_OFFCPU)) {
			doc_figure(d, FIGURE_OFFCPU, i);
			any = true;
		}
	}
	if (!any)
		doc_para(d, TONE_MUTED, "No stacks were sampled in this run.");
}

/* ---- 5. counters --------------------------------------------------------------------------- */

static const struct {
	enum role role;
	enum metric_id metric;
	const char *title;
} counter_cols[] = {
	{ROLE_CLIENT, M_THROUGHPUT_GBPS, "Gbit/s"},
	{ROLE_CLIENT, M_LATENCY_AVG_US, "Latency mean, us"},
	{ROLE_CLIENT, M_LATENCY_P50_US, "p50, us"},
	{ROLE_CLIENT, M_LATENCY_P99_US, "p99, us"},
	{ROLE_CLIENT, M_LATENCY_P999_US, "p99.9, us"},
	{ROLE_CELL, M_CPU_NS_PER_BYTE, "CPU ns/byte"},
	{ROLE_CELL, M_CYCLES_PER_BYTE, "Cycles/byte"},
	{ROLE_SERVER, M_LLC_MISSES, "LLC misses, server"},
	{ROLE_CLIENT, M_LLC_MISSES, "LLC misses, client"},
	{ROLE_SERVER, M_CONTEXT_SWITCHES, "Switches, server"},
	{ROLE_CLIENT, M_CONTEXT_SWITCHES, "Switches, client"},
	{ROLE_CELL, M_COPIES_PER_BYTE, "Copies/byte"},
	{ROLE_CELL, M_OBSERVER_OVERHEAD, "Overhead"},
};

static void write_counter_row(struct doc *d, size_t mode, uint64_t size, unsigned int threads)
{
	const struct run_set *set = d->ctx->set;
	char buf[NUMBER_LEN];
	size_t i;

	doc_cell(d, TONE_PLAIN, "%s", set->plan.mode[mode].name);
	doc_cell(d, TONE_PLAIN, "%s", number_size(size, buf));
	doc_cell(d, TONE_PLAIN, "%u", threads);
	for (i = 0; i < ARRAY_SIZE(counter_cols); i++) {
		enum metric_id m = counter_cols[i].metric;
		struct selection sel = {set->plan.mode[mode].name, size, threads, metric_pass(m),
					counter_cols[i].role, m};
		struct spread s = spread_of(set, &sel);

		if (s.n)
			doc_cell(d, TONE_PLAIN, "%s",
				 number_metric(s.median, metric_defs[m].unit, buf));
		else
			doc_cell(d, TONE_MUTED, "absent");
	}
}

static void write_counters(struct doc *d)
{
	const struct run_plan *plan = &d->ctx->set->plan;
	struct doc_col cols[ARRAY_SIZE(counter_cols) + 3] = {
		{"Mode", false}, {"Size", true}, {"Threads", true}};
	size_t i, m, s, t;

	for (i = 0; i < ARRAY_SIZE(counter_cols); i++)
		cols[i + 3] = (struct doc_col){counter_cols[i].title, true};
	doc_fold(d, "Medians of every cell");
	doc_table(d, cols, ARRAY_SIZE(cols),
		  "Medians over the repetitions; copies and overhead from the attribution pass, all "
		  "else from the clean pass");
	for (s = 0; s < plan->size_cnt; s++)
		for (t = 0; t < plan->thread_cnt; t++)
			for (m = 0; m < plan->mode_cnt; m++)
				write_counter_row(d, m, plan->size_bytes[s], plan->threads[t]);
	doc_table_end(d);
	doc_fold(d, NULL);
}

/* Metrics known nowhere, under the reason given for them. */
static void write_absent(struct doc *d)
{
	const struct run_set *set = d->ctx->set;
	const char *reason[METRIC_MAX_] = {NULL};
	bool known[METRIC_MAX_] = {false}, said[METRIC_MAX_] = {false};
	enum metric_id m, n;
	enum role role;
	size_t i;

	for (i = 0; i < set->result_cnt; i++)
		for (role = 0; role < ROLE_MAX_; role++)
			for (m = 0; m < METRIC_MAX_; m++) {
				const struct metric_value *v = &set->result[i].v[role][m];

				known[m] |= value_known(v);
				if (!reason[m] && !value_known(v) && v->reason)
					reason[m] = v->reason;
			}
	doc_heading(d, 3, "absent", "What was not measured, and why");
	for (m = 0; m < METRIC_MAX_; m++) {
		_cleanup_free_ char *names = NULL;

		if (known[m] || !reason[m] || said[m])
			continue;
		names = xstrdup(metric_defs[m].title);
		for (n = m + 1; n < METRIC_MAX_; n++) {
			char *longer;

			if (known[n] || !reason[n] || strcmp(reason[n], reason[m]))
				continue;
			said[n] = true;
			longer = xasprintf("%s, %s", names, metric_defs[n].title);
			free(names);
			names = longer;
		}
		doc_item(d, TONE_PLAIN, names, "%s.", reason[m]);
	}
	if (!d->in_list)
		doc_para(d, TONE_PLAIN, "Nothing that was asked for is missing.");
}

static void write_faults(struct doc *d)
{
	static const struct doc_col cols[] = {
		{"Cell", false}, {"Pass", false}, {"Status", false}, {"Reason", false}};
	const struct run_set *set = d->ctx->set;
	char size[NUMBER_LEN];
	size_t i;

	if (!(d->ctx->verdict.failed + d->ctx->verdict.skipped + d->ctx->verdict.retried))
		return;
	doc_table(d, cols, ARRAY_SIZE(cols), "Passes that failed, were skipped or retried");
	for (i = 0; i < set->result_cnt; i++) {
		const struct run_result *r = &set->result[i];

		if (r->status == RESULT_OK && r->attempts <= 1)
			continue;
		doc_cell(d, TONE_PLAIN, "%s %s x %u, repetition %u", r->key.mode,
			 number_size(r->key.size_bytes, size), r->key.threads, r->key.repetition);
		doc_cell(d, TONE_PLAIN, "%s", pass_names[r->key.pass]);
		doc_cell(d, r->status == RESULT_FAILED ? TONE_WARN : TONE_PLAIN, "%s, attempt %u",
			 result_status_names[r->status], r->attempts);
		doc_cell(d, TONE_PLAIN, "%s", r->reason ? r->reason : "");
	}
	doc_table_end(d);
}

/* ---- 6. environment ------------------------------------------------------------------------ */

static void write_probes(struct doc *d)
{
	static const struct doc_col cols[] = {
		{"Quantity", false}, {"Tier", false}, {"Through", false}, {"Note", false}};
	const struct run_set *set = d->ctx->set;
	size_t i;

	if (!set->probe_cnt)
		return;
	doc_table(d, cols, ARRAY_SIZE(cols), "How each quantity was observed");
	for (i = 0; i < set->probe_cnt; i++) {
		const struct probe_note *p = &set->probe[i];

		doc_cell(d, TONE_PLAIN, "%s", p->quantity);
		doc_cell(d, p->tier ? TONE_PLAIN : TONE_MUTED, "%s", p->tier ? p->tier : "absent");
		doc_cell(d, TONE_PLAIN, "%s", p->via ? p->via : "");
		doc_cell(d, TONE_PLAIN, "%s", p->reason ? p->reason : "");
	}
	doc_table_end(d);
}

static void write_section_environment(struct doc *d)
{
	static const struct doc_col cols[] = {{"Fact", false}, {"Value", false}};
	const struct run_set *set = d->ctx->set;
	size_t i;

	doc_heading(d, 2, "environment", "6. Environment and observation");
	if (set->command) {
		doc_para(d, TONE_PLAIN, "To repeat this run:");
		doc_pre(d, set->command);
	}
	doc_table(d, cols, ARRAY_SIZE(cols), "Run and machine");
	doc_cell(d, TONE_PLAIN, "copyscope");
	doc_cell(d, TONE_PLAIN, "%s", set->tool_version ? set->tool_version : "unknown");
	doc_cell(d, TONE_PLAIN, "Started (UTC)");
	doc_cell(d, TONE_PLAIN, "%s", set->started_utc ? set->started_utc : "unknown");
	doc_cell(d, TONE_PLAIN, "Took");
	doc_cell(d, TONE_PLAIN, "%.1f s; %.3g s a pass, %u repetition%s", set->elapsed_ns / 1e9,
		 set->plan.duration_ns / 1e9, set->plan.repetitions,
		 set->plan.repetitions == 1 ? "" : "s");
	doc_cell(d, TONE_PLAIN, "Path, pattern");
	doc_cell(d, TONE_PLAIN, "%s, %s", set->plan.path ? set->plan.path : "unknown",
		 set->plan.pattern ? set->plan.pattern : "unknown");
	doc_cell(d, TONE_PLAIN, "Congestion control");
	doc_cell(d, TONE_PLAIN, "%s",
		 set->plan.congestion ? set->plan.congestion : "system default");
	for (i = 0; i < set->env_cnt; i++) {
		doc_cell(d, TONE_PLAIN, "%s", set->env[i].name);
		doc_cell(d, TONE_PLAIN, "%s", set->env[i].value);
	}
	doc_table_end(d);
	write_probes(d);
	for (i = 0; i < set->note_cnt; i++)
		doc_item(d, TONE_PLAIN, set->note[i].area, "%s.", set->note[i].text);
}

void sections_write(struct doc *d)
{
	doc_heading(d, 2, "verdict", "1. Verdict");
	verdict_write(d);
	copies_write(d);
	write_section_plots(d);
	write_section_flames(d);
	doc_heading(d, 2, "counters", "5. Counters");
	write_counters(d);
	write_faults(d);
	write_absent(d);
	write_section_environment(d);
	doc_end(d);
}
