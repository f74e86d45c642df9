// SPDX-License-Identifier: GPL-2.0-only
/* What the report says, in its order: verdict, copies and ledger, plots, flamegraphs, counters,
 * environment. How it looks is doc_md.c's and doc_html.c's business.
 */
#include <string.h>

#include "report/glossary.h"
#include "report/notes.h"
#include "report/sections.h"

/* ---- 3. plots ------------------------------------------------------------------------------- */

static void write_section_plots(struct doc *d, const struct report_ctx *ctx)
{
	struct notes missing = {.cnt = 0};
	enum plot p;

	doc_heading(d, 2, "plots", "3. Plots");
	figure_plots(d, ctx);
	for (p = 0; p < PLOT_MAX_; p++) {
		struct reason why = {.code = REASON_OTHER, .detail = ctx->plot[p].reason};

		if (!ctx->plot[p].drawn && ctx->plot[p].title)
			notes_add_name(&missing, ctx->plot[p].title, &why);
	}
	notes_write(d, &missing, "not drawn: ");
	cpu_write(d, ctx);
	difference_write(d, ctx);
	waits_write(d, ctx);
	pace_write(d, ctx);
}

/* ---- 5. counters --------------------------------------------------------------------------- */

static const struct {
	enum flow flow; /* whose: of the first owner whose payload goes so */
	enum metric_id metric;
	const char *title;
	bool names_owner; /* behind the title */
} counter_cols[] = {
	{FLOW_RECEIVES, M_THROUGHPUT_GBPS, "Gbit/s", false},
	{FLOW_RECEIVES, M_LATENCY_AVG_US, "Message, mean, µs", false},
	{FLOW_RECEIVES, M_LATENCY_P50_US, "p50, µs", false},
	{FLOW_RECEIVES, M_LATENCY_P99_US, "p99, µs", false},
	{FLOW_RECEIVES, M_LATENCY_P999_US, "p99.9, µs", false},
	{FLOW_WHOLE, M_CPU_NS_PER_BYTE, "CPU ns/byte", false},
	{FLOW_WHOLE, M_CYCLES_PER_BYTE, "Cycles/byte", false},
	{FLOW_SENDS, M_LLC_MISSES, "LLC misses", true},
	{FLOW_RECEIVES, M_LLC_MISSES, "LLC misses", true},
	{FLOW_SENDS, M_CONTEXT_SWITCHES, "Switches", true},
	{FLOW_RECEIVES, M_CONTEXT_SWITCHES, "Switches", true},
	{FLOW_WHOLE, M_COPIES_PER_BYTE, "Copies/byte", false},
	{FLOW_WHOLE, M_OBSERVER_OVERHEAD, "Overhead", false},
};

/* A column that is absent in every row is left out: the list below the table says why. */
static bool is_known(const struct run_set *set, unsigned int owner, enum metric_id metric)
{
	size_t i;

	for (i = 0; i < set->result_cnt; i++)
		if (value_known(&set->result[i].v[owner][metric]))
			return true;
	return false;
}

/* column: what is shown, of any cell. */
static void write_counter_row(struct doc *d, const struct run_set *set, struct selection *column,
			      size_t cnt, const char *mode, uint64_t size_bytes,
			      unsigned int threads)
{
	size_t i;

	doc_cells(d, TONE_PLAIN, number_size(size_bytes).text);
	doc_cell(d, TONE_PLAIN, "%u", threads);
	doc_cells(d, TONE_PLAIN, mode);
	for (i = 0; i < cnt; i++) {
		enum metric_unit unit = metric_defs[column[i].metric].unit;
		struct spread s;

		column[i].mode = mode;
		column[i].size_bytes = size_bytes;
		column[i].threads = threads;
		s = spread_of(set, &column[i]);
		if (s.n)
			doc_cell(d, TONE_PLAIN, "%s%s", bound_words(s.bound),
				 number_metric(s.median, unit).text);
		else
			doc_cells(d, TONE_MUTED, "absent");
	}
}

static void write_counters(struct doc *d, const struct run_set *set)
{
	const struct run_plan *plan = &set->plan;
	struct selection column[ARRAY_SIZE(counter_cols)];
	size_t i, m, s, t, cnt = 0;

	doc_fold(d, "Medians of every cell");
	doc_table(d, "Medians over the repetitions; copies and overhead from the attribution pass, "
		     "all else from the clean pass");
	doc_columns(d, COLUMN_NUMBER, "Size", "Threads");
	doc_columns(d, COLUMN_TEXT, "Mode");
	for (i = 0; i < ARRAY_SIZE(counter_cols); i++) {
		enum metric_id metric = counter_cols[i].metric;
		unsigned int owner = run_set_owner(set, counter_cols[i].flow);
		bool named = counter_cols[i].names_owner;

		if (!is_known(set, owner, metric))
			continue;
		column[cnt++] = (struct selection){
			.pass = metric_pass(metric), .owner = owner, .metric = metric};
		doc_column(d, COLUMN_NUMBER, "%s%s%s", counter_cols[i].title, named ? ", " : "",
			   named ? set->owner[owner].label : "");
	}
	for (s = 0; s < plan->size_cnt; s++)
		for (t = 0; t < plan->thread_cnt; t++)
			for (m = 0; m < plan->mode_cnt; m++)
				write_counter_row(d, set, column, cnt, plan->mode[m].name,
						  plan->size_bytes[s], plan->threads[t]);
	doc_table_end(d);
	doc_para(d, TONE_MUTED, "Message, p50 ...: %s.",
		 plan_is_rr(plan)
			 ? "the round trip of a request and its message"
			 : "the time between complete messages at the receiver, which is no round trip");
	doc_fold(d, NULL);
}

/* The first reason given; NULL if there is none or the metric is known somewhere. */
static const struct reason *why_absent(const struct run_set *set, enum metric_id m)
{
	const struct reason *reason = NULL;
	unsigned int o;
	size_t i;

	for (i = 0; i < set->result_cnt; i++)
		for (o = 0; o < set->owner_cnt; o++) {
			if (value_known(&set->result[i].v[o][m]))
				return NULL;
			reason = reason ?: set->result[i].v[o][m].reason;
		}
	/* a ratio is absent for the reason of what it is made of */
	while (reason && reason->code == REASON_INPUT_ABSENT && reason->next)
		reason = reason->next;
	return reason;
}

static void write_absent(struct doc *d, const struct run_set *set)
{
	struct notes notes = {.cnt = 0};
	enum metric_id m;

	doc_heading(d, 3, "absent", "What was not measured, and why");
	for (m = 0; m < METRIC_MAX_; m++) {
		const struct reason *reason = why_absent(set, m);

		if (reason)
			notes_add_name(&notes, metric_defs[m].title, reason);
	}
	if (!notes.cnt)
		doc_para(d, TONE_PLAIN, "Nothing that was asked for is missing.");
	notes_write(d, &notes, "");
}

static void write_faults(struct doc *d, const struct report_ctx *ctx)
{
	const struct run_set *set = ctx->all;
	size_t i;

	if (!(ctx->verdict.failed + ctx->verdict.skipped + ctx->verdict.retried))
		return;
	doc_table(d, "Passes that failed, were skipped or retried");
	doc_columns(d, COLUMN_TEXT, "Cell", "Pass", "Status", "Reason");
	for (i = 0; i < set->result_cnt; i++) {
		const struct run_result *r = &set->result[i];

		if (r->status == RESULT_OK && r->attempts <= 1)
			continue;
		doc_cell(d, TONE_PLAIN, "%s %s x %u%s%s, repetition %u", r->key.mode,
			 number_size(r->key.size_bytes).text, r->key.threads, r->key.variant ? " " : "",
			 r->key.variant ? plan_variant_label(&set->plan, r->key.variant) : "", r->key.repetition);
		doc_cells(d, TONE_PLAIN, pass_names[r->key.pass]);
		doc_cell(d, r->status == RESULT_FAILED ? TONE_WARN : TONE_PLAIN, "%s, attempt %u",
			 result_status_names[r->status], r->attempts);
		doc_cells(d, TONE_PLAIN, r->reason ?: "");
	}
	doc_table_end(d);
}

/* ---- 6. environment ------------------------------------------------------------------------ */

/* Machine keys that scripts read, as people want them; facts with other names are shown as they are. */
static void put_fact(struct doc *d, const struct env_fact *fact)
{
	static const struct {
		const char *key, *title, *unit;
		bool bytes;
	} keys[] = {
		{"first_probe_attached_ms", "First probe attached after", " ms", false},
		{"probes_attached_times", "Probes attached", " times", false},
		{"attribution_setup_ms", "Longest set-up of another attribution pass", " ms", false},
		{"profiler_max_rss_bytes", "Profiler's peak memory", "", true},
	};
	const char *title = fact->name, *unit = "";
	bool in_bytes = false;
	uint64_t bytes;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(keys); i++) {
		if (strcmp(fact->name, keys[i].key))
			continue;
		title = keys[i].title;
		unit = keys[i].unit;
		in_bytes = keys[i].bytes && !parse_u64(fact->value, 0, UINT64_MAX, &bytes);
	}
	doc_cells(d, TONE_PLAIN, title);
	if (in_bytes)
		doc_cells(d, TONE_PLAIN, number_bytes((double)bytes).text);
	else
		doc_cell(d, TONE_PLAIN, "%s%s", fact->value, unit);
}

static void write_machine(struct doc *d, const struct report_ctx *ctx)
{
	const struct run_set *set = ctx->set;
	const struct run_plan *plan = &set->plan;
	size_t i;

	doc_table(d, "Run and machine");
	doc_columns(d, COLUMN_TEXT, "Fact", "Value");
	doc_cells(d, TONE_PLAIN, "copyscope", set->tool_version ?: "unknown");
	doc_cells(d, TONE_PLAIN, "Started (UTC)", set->started_utc ?: "unknown");
	doc_cells(d, TONE_PLAIN, "Took");
	doc_cell(d, TONE_PLAIN, "%.1f s; %.3g s a pass, %u repetition%s", set->elapsed_ns / 1e9,
		 plan->duration_ns / 1e9, plan->repetitions, plan->repetitions == 1 ? "" : "s");
	doc_cells(d, TONE_PLAIN, "Warm-up");
	doc_cell(d, TONE_PLAIN, "%.3g s before each pass, not counted", plan->warmup_ns / 1e9);
	doc_cells(d, TONE_PLAIN, "Path, pattern");
	doc_cell(d, TONE_PLAIN, "%s%s, %s", plan->path ?: "unknown", plan->ipv6 ? " over IPv6" : "",
		 plan->pattern ?: "unknown");
	if (plan->receive)
		doc_cells(d, TONE_PLAIN, "Received by", plan->receive);
	doc_cells(d, TONE_PLAIN, "Congestion control", plan->congestion ?: plan_has(plan, TRANSPORT_TCP) ? "system default" : "none");
	for (i = 0; i < set->env_cnt; i++)
		put_fact(d, &set->env[i]);
	doc_table_end(d);
}

static void write_overhead(struct doc *d, const struct report_ctx *ctx)
{
	const struct verdict *v = &ctx->verdict;
	size_t i, any = 0;

	for (i = 0; i < v->mode_cnt; i++)
		any += v->overhead[i].n;
	if (!any)
		return;
	doc_table(d, "Cost of observation: CPU per byte of the attribution passes over the median of the "
		     "clean passes of their cell; geometric mean over the cells, with its 95 % interval");
	doc_columns(d, COLUMN_TEXT, "Mode");
	doc_columns(d, COLUMN_NUMBER, "Mean", "From", "To", "Cells");
	for (i = 0; i < v->mode_cnt; i++) {
		const struct ratio *r = &v->overhead[i];

		if (!r->n)
			continue;
		doc_cells(d, TONE_PLAIN, mode_name(ctx, i));
		doc_cell(d, TONE_STRONG, "%+.1f\u00a0%%", 100 * (r->ratio - 1));
		if (r->has_interval) {
			doc_cell(d, TONE_PLAIN, "%+.1f\u00a0%%", 100 * (r->low - 1));
			doc_cell(d, TONE_PLAIN, "%+.1f\u00a0%%", 100 * (r->high - 1));
		} else {
			doc_cells(d, TONE_MUTED, "too few cells", "too few cells");
		}
		doc_cell(d, TONE_PLAIN, "%zu", r->n);
	}
	doc_table_end(d);
}

static void write_section_environment(struct doc *d, const struct report_ctx *ctx)
{
	const struct run_set *set = ctx->set;
	size_t i;

	doc_heading(d, 2, "environment", "6. Environment and observation");
	if (set->command) {
		doc_para(d, TONE_PLAIN, "To repeat this run:");
		doc_pre(d, set->command);
	}
	write_overhead(d, ctx);
	write_machine(d, ctx);
	link_write(d, ctx);
	probes_write(d, ctx);
	for (i = 0; i < set->note_cnt; i++)
		doc_item(d, TONE_PLAIN, set->note[i].area, "%s.", set->note[i].text);
}

void sections_write(struct doc *d, const struct report_ctx *ctx)
{
	doc_heading(d, 2, "verdict", "1. Verdict");
	verdict_write(d, ctx);
	copies_write(d, ctx);
	write_section_plots(d, ctx);
	doc_heading(d, 2, "flamegraphs", "4. Flamegraphs");
	figure_flames(d, ctx);
	doc_heading(d, 2, "counters", "5. Counters");
	write_counters(d, ctx->set);
	write_faults(d, ctx);
	write_absent(d, ctx->set);
	write_section_environment(d, ctx);
	glossary_write(d, "7. Words");
}
