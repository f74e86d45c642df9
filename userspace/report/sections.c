// SPDX-License-Identifier: GPL-2.0-only
/* What the report says, in its order: verdict, copies and ledger, plots, flamegraphs, counters,
 * environment. How it looks is doc_md.c's and doc_html.c's business.
 */
#include <string.h>

#include "report/fmt_flame_diff.h"
#include "report/notes.h"
#include "report/number.h"
#include "report/sections.h"

/* ---- what is not there --------------------------------------------------------------------- */

/* Names under the note that they share. */
struct absents {
	struct notes notes;
	char *names[METRIC_MAX_]; /* by note */
};

static void add_absent(struct absents *all, const char *name, const struct reason *reason)
{
	size_t i;
	char *longer;

	/* a ratio is absent for the reason of what it is made of */
	while (reason && reason->code == REASON_INPUT_ABSENT && reason->next)
		reason = reason->next;
	i = notes_add(&all->notes, "", reason) - 1;
	longer = xasprintf("%s%s%s", all->names[i] ?: "", all->names[i] ? ", " : "", name);
	free(all->names[i]);
	all->names[i] = longer;
}

/* Writes and empties it. */
static void write_absent_list(struct doc *d, struct absents *all, const char *prefix)
{
	size_t i;

	for (i = 0; i < all->notes.cnt; i++) {
		_cleanup_free_ char *text = note_text(&all->notes.note[i]);

		doc_item(d, TONE_MUTED, all->names[i], "%s%s.", prefix, text);
		free(all->names[i]);
	}
	notes_free(&all->notes);
}

/* ---- 3. plots, 4. flamegraphs -------------------------------------------------------------- */

static void write_section_plots(struct doc *d, const struct report_ctx *ctx)
{
	struct absents missing = {.notes = {0}};
	enum plot p;

	doc_heading(d, 2, "plots", "3. Plots");
	figure_plots(d, ctx);
	for (p = 0; p < PLOT_MAX_; p++) {
		struct reason why = {.code = REASON_OTHER, .detail = ctx->plot[p].reason};

		if (!ctx->plot[p].drawn && ctx->plot[p].title)
			add_absent(&missing, ctx->plot[p].title, &why);
	}
	write_absent_list(d, &missing, "not drawn: ");
	cpu_write(d, ctx);
	waits_write(d, ctx);
}

static void write_section_flames(struct doc *d, const struct report_ctx *ctx)
{
	const struct run_set *set = ctx->set;
	bool any = false;
	size_t i;

	doc_heading(d, 2, "flamegraphs", "4. Flamegraphs");
	for (i = 0; i < set->plan.mode_cnt; i++) {
		if (mode_has_stacks(set, i, STACK_ONCPU)) {
			figure_flame(d, ctx, i, STACK_ONCPU);
			any = true;
		}
	}
	for (i = 1; i < set->plan.mode_cnt; i++)
		if (flame_diff_possible(set, i))
			figure_flame_diff(d, ctx, i);
	for (i = 0; i < set->plan.mode_cnt; i++) {
		if (mode_has_stacks(set, i, STACK_OFFCPU)) {
			figure_flame(d, ctx, i, STACK_OFFCPU);
			any = true;
		}
	}
	if (!any)
		doc_para(d, TONE_MUTED, "No stacks were sampled in this run.");
}

/* ---- 5. counters --------------------------------------------------------------------------- */

static const struct {
	enum flow flow; /* whose: of the first owner whose payload goes so */
	enum metric_id metric;
	const char *title;
	bool names_owner; /* behind the title */
} counter_cols[] = {
	{FLOW_RECEIVES, M_THROUGHPUT_GBPS, "Gbit/s", false},
	{FLOW_RECEIVES, M_LATENCY_AVG_US, "Mean, µs", false},
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

static unsigned int counter_owner(const struct run_set *set, size_t col)
{
	return run_set_owner(set, counter_cols[col].flow);
}

static struct spread counter_of(const struct run_set *set, size_t col, size_t mode, uint64_t size,
				unsigned int threads)
{
	enum metric_id m = counter_cols[col].metric;
	struct selection sel = {set->plan.mode[mode].name, size, threads, metric_pass(m),
				counter_owner(set, col), m};

	return spread_of(set, &sel);
}

/* A column that is absent in every row is left out: the list below the table says why. */
static bool counter_known(const struct run_set *set, size_t col)
{
	unsigned int owner = counter_owner(set, col);
	size_t i;

	for (i = 0; i < set->result_cnt; i++)
		if (value_known(&set->result[i].v[owner][counter_cols[col].metric]))
			return true;
	return false;
}

static char *counter_title(const struct run_set *set, size_t col)
{
	bool named = counter_cols[col].names_owner;

	return xasprintf("%s%s%s", counter_cols[col].title, named ? ", " : "",
			 named ? set->owner[counter_owner(set, col)].label : "");
}

static void write_counter_row(struct doc *d, const struct report_ctx *ctx, const bool *shown, size_t mode, uint64_t size,
			      unsigned int threads)
{
	const struct run_set *set = ctx->set;
	char buf[NUMBER_LEN];
	size_t i;

	doc_cell(d, TONE_PLAIN, "%s", number_size(size, buf));
	doc_cell(d, TONE_PLAIN, "%u", threads);
	doc_cell(d, TONE_PLAIN, "%s", set->plan.mode[mode].name);
	for (i = 0; i < ARRAY_SIZE(counter_cols); i++) {
		struct spread s;

		if (!shown[i])
			continue;
		s = counter_of(set, i, mode, size, threads);
		if (s.n)
			doc_cell(d, TONE_PLAIN, "%s",
				 number_metric(s.median, metric_defs[counter_cols[i].metric].unit,
					       buf));
		else
			doc_cell(d, TONE_MUTED, "absent");
	}
}

static void write_counters(struct doc *d, const struct report_ctx *ctx)
{
	const struct run_plan *plan = &ctx->set->plan;
	struct doc_col cols[ARRAY_SIZE(counter_cols) + 3] = {
		{"Size", true}, {"Threads", true}, {"Mode", false}};
	bool shown[ARRAY_SIZE(counter_cols)];
	size_t i, m, s, t, n = 3;

	for (i = 0; i < ARRAY_SIZE(counter_cols); i++) {
		shown[i] = counter_known(ctx->set, i);
		if (shown[i])
			cols[n++] = (struct doc_col){counter_title(ctx->set, i), true};
	}
	doc_fold(d, "Medians of every cell");
	doc_table(d, cols, n,
		  "Medians over the repetitions; copies and overhead from the attribution pass, all "
		  "else from the clean pass");
	for (s = 0; s < plan->size_cnt; s++)
		for (t = 0; t < plan->thread_cnt; t++)
			for (m = 0; m < plan->mode_cnt; m++)
				write_counter_row(d, ctx, shown, m, plan->size_bytes[s],
						  plan->threads[t]);
	doc_table_end(d);
	while (n > 3)
		free((char *)cols[--n].title);
	doc_fold(d, NULL);
}

/* Metrics known nowhere, under the reason given for them. */
static void write_absent(struct doc *d, const struct report_ctx *ctx)
{
	const struct run_set *set = ctx->set;
	const struct reason *reason[METRIC_MAX_] = {NULL};
	bool known[METRIC_MAX_] = {false};
	struct absents all = {.notes = {0}};
	enum metric_id m;
	unsigned int o;
	size_t i;

	for (i = 0; i < set->result_cnt; i++)
		for (o = 0; o < set->owner_cnt; o++)
			for (m = 0; m < METRIC_MAX_; m++) {
				const struct metric_value *v = &set->result[i].v[o][m];

				known[m] |= value_known(v);
				if (!reason[m] && !value_known(v) && v->reason)
					reason[m] = v->reason;
			}
	doc_heading(d, 3, "absent", "What was not measured, and why");
	for (m = 0; m < METRIC_MAX_; m++)
		if (!known[m] && reason[m])
			add_absent(&all, metric_defs[m].title, reason[m]);
	if (!all.notes.cnt)
		doc_para(d, TONE_PLAIN, "Nothing that was asked for is missing.");
	write_absent_list(d, &all, "");
}

static void write_faults(struct doc *d, const struct report_ctx *ctx)
{
	static const struct doc_col cols[] = {
		{"Cell", false}, {"Pass", false}, {"Status", false}, {"Reason", false}};
	const struct run_set *set = ctx->set;
	char size[NUMBER_LEN];
	size_t i;

	if (!(ctx->verdict.failed + ctx->verdict.skipped + ctx->verdict.retried))
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

static void write_probes(struct doc *d, const struct report_ctx *ctx)
{
	static const struct doc_col cols[] = {
		{"Quantity", false}, {"Tier", false}, {"Through, or why not", false}};
	const struct run_set *set = ctx->set;
	struct notes notes = {.cnt = 0};
	size_t i;

	if (!set->probe_cnt)
		return;
	doc_table(d, cols, ARRAY_SIZE(cols), "How each quantity was observed");
	for (i = 0; i < set->probe_cnt; i++) {
		const struct probe_note *p = &set->probe[i];
		size_t note = p->reason ? notes_add(&notes, "", p->reason) : 0;

		doc_cell(d, TONE_PLAIN, "%s", p->quantity);
		doc_cell(d, p->tier ? TONE_PLAIN : TONE_MUTED, "%s",
			 tier_names[p->tier] ?: "absent");
		if (note)
			doc_cell(d, p->tier ? TONE_PLAIN : TONE_MUTED, "%s%s[%zu]",
				 p->via ? p->via : "", p->via ? " " : "", note);
		else
			doc_cell(d, TONE_PLAIN, "%s", p->via ? p->via : "");
	}
	doc_table_end(d);
	notes_write(d, &notes);
	notes_free(&notes);
}

/* Machine keys that scripts read, as people want them; facts with other names are shown as they are. */
static void put_fact(struct doc *d, const struct env_fact *fact)
{
	static const struct {
		const char *key, *title, *unit;
		bool bytes;
	} keys[] = {
		{"first_probe_attached_ms", "First probe attached after", " ms", false},
		{"profiler_max_rss_bytes", "Profiler's peak memory", "", true},
	};
	char buf[NUMBER_LEN];
	uint64_t bytes;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(keys); i++)
		if (!strcmp(fact->name, keys[i].key))
			break;
	if (i == ARRAY_SIZE(keys)) {
		doc_cell(d, TONE_PLAIN, "%s", fact->name);
		doc_cell(d, TONE_PLAIN, "%s", fact->value);
		return;
	}
	doc_cell(d, TONE_PLAIN, "%s", keys[i].title);
	if (keys[i].bytes && !parse_u64(fact->value, 0, UINT64_MAX, &bytes))
		doc_cell(d, TONE_PLAIN, "%s", number_bytes((double)bytes, buf));
	else
		doc_cell(d, TONE_PLAIN, "%s%s", fact->value, keys[i].unit);
}

static void write_machine(struct doc *d, const struct report_ctx *ctx)
{
	static const struct doc_col cols[] = {{"Fact", false}, {"Value", false}};
	const struct run_set *set = ctx->set;
	size_t i;

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
	for (i = 0; i < set->env_cnt; i++)
		put_fact(d, &set->env[i]);
	doc_table_end(d);
}

static void write_overhead(struct doc *d, const struct report_ctx *ctx)
{
	static const struct doc_col cols[] = {
		{"Mode", false}, {"Median", true}, {"Least", true}, {"Most", true}, {"Pairs", true}};
	const struct verdict *v = &ctx->verdict;
	size_t i, any = 0;

	for (i = 0; i < v->mode_cnt; i++)
		any += v->overhead[i].ratio.n;
	if (!any)
		return;
	doc_table(d, cols, ARRAY_SIZE(cols),
		  "Cost of observation: CPU per byte of each attribution pass over the clean pass "
		  "beside it");
	for (i = 0; i < v->mode_cnt; i++) {
		const struct spread *s = &v->overhead[i].ratio;

		if (!s->n)
			continue;
		doc_cell(d, TONE_PLAIN, "%s", ctx->set->plan.mode[i].name);
		doc_cell(d, TONE_STRONG, "%+.1f\u00a0%%", 100 * (s->median - 1));
		doc_cell(d, TONE_PLAIN, "%+.1f\u00a0%%", 100 * (s->min - 1));
		doc_cell(d, TONE_PLAIN, "%+.1f\u00a0%%", 100 * (s->max - 1));
		doc_cell(d, TONE_PLAIN, "%zu", s->n);
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
	write_probes(d, ctx);
	for (i = 0; i < set->note_cnt; i++)
		doc_item(d, TONE_PLAIN, set->note[i].area, "%s.", set->note[i].text);
}

void sections_write(struct doc *d, const struct report_ctx *ctx)
{
	doc_heading(d, 2, "verdict", "1. Verdict");
	verdict_write(d, ctx);
	copies_write(d, ctx);
	write_section_plots(d, ctx);
	write_section_flames(d, ctx);
	doc_heading(d, 2, "counters", "5. Counters");
	write_counters(d, ctx);
	write_faults(d, ctx);
	write_absent(d, ctx);
	write_section_environment(d, ctx);
	doc_end(d);
}
