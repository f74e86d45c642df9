// SPDX-License-Identifier: GPL-2.0-only
/* "Can you trust this?": what each confounder is judged by, in each of its states, and the row that says so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "analysis/trust.h"
#include "core/congestion.h"
#include "report/sections.h"
#include "result_fixture.h"

enum { ABSENT = -1 }; /* instead of an amount */

static struct metric_value amount_of(double amount, double of)
{
	return amount == ABSENT ? (struct metric_value){0} : value_ok(amount * of, VIA_WORKLOAD);
}

/* One in which nothing is to be said against anything: twelve repetitions, one and four connections on eight CPUs. */
static struct run_set *make_fine(void)
{
	struct run_set *set = fixture_make(FIXTURE_MANY);
	size_t i, o;

	set->plan.margin_percent = 5;
	set->plan.congestion = run_set_str(set, "cubic");
	for (i = 0; i < set->result_cnt; i++)
		for (o = OWNER_SERVER; o <= OWNER_CLIENT; o++) {
			struct metric_value *v = set->result[i].v[o];

			v[M_USER_CPU_NS] = value_ok(v[M_TASK_CLOCK_NS].value / 4, VIA_WORKLOAD);
			v[M_SYSTEM_CPU_NS] = value_ok(v[M_TASK_CLOCK_NS].value * 3 / 4, VIA_WORKLOAD);
			if (o == OWNER_SERVER)
				v[M_PARTIAL_SENDS] = v[M_TCP_RETRANSMIT_BYTES] = value_ok(0, VIA_WORKLOAD);
			v[M_GSO_COPY_BYTES] = v[M_OTHER_COPY_BYTES] = value_ok(0, "fentry");
		}
	for (i = 0; i < set->env_cnt; i++)
		if (!strcmp(set->env[i].name, "CPUs online"))
			set->env[i].value = run_set_str(set, "8");
	return set;
}

/* ---- what is wrong with it ------------------------------------------------------------------ */

static void congestion(struct run_set *set, double amount)
{
	set->plan.congestion = amount == ABSENT ? NULL : run_set_str(set, "bbr");
}

static void cpus(struct run_set *set, double amount)
{
	size_t i;

	for (i = 0; i < set->env_cnt; i++)
		if (!strcmp(set->env[i].name, "CPUs online"))
			set->env[i].value = run_set_str(set, amount == ABSENT ? "many" : amount < 2 ? "1" : "7");
}

static void retransmits(struct run_set *set, double amount)
{
	struct metric_value *v;
	size_t i;

	for (i = 0; i < set->result_cnt; i++) {
		v = set->result[i].v[OWNER_SERVER];
		if (amount == ABSENT || set->result[i].key.mode == set->plan.mode[2].name)
			v[M_TCP_RETRANSMIT_BYTES] = amount_of(amount, v[M_APP_BYTES].value);
	}
}

static void partials(struct run_set *set, double amount)
{
	struct metric_value *v;
	size_t i;

	for (i = 0; i < set->result_cnt; i++) {
		v = set->result[i].v[OWNER_SERVER];
		if (amount == ABSENT || set->result[i].key.mode == set->plan.mode[2].name)
			v[M_PARTIAL_SENDS] = amount_of(amount, v[M_APP_CALLS].value);
	}
}

/* Of eight CPUs for a second; only the clean passes count, and one of them is apart. */
static void take(struct run_set *set, enum metric_id m, double amount)
{
	size_t i;

	for (i = 0; i < set->result_cnt; i++)
		set->result[i].v[OWNER_WHOLE][m] =
			amount_of(set->result[i].key.pass == PASS_CLEAN ? amount : 1, 8e9);
	if (amount != ABSENT)
		set->result[0].v[OWNER_WHOLE][m] = value_ok(0, "/proc/stat");
}

static void steal(struct run_set *set, double amount)
{
	take(set, M_STEAL_NS, amount);
}

/* They keep CPUs busy. */
static void others(struct run_set *set, double amount)
{
	size_t i;

	take(set, M_OTHER_CPU_NS, amount);
	for (i = 0; i < set->result_cnt; i++)
		if (value_known(&set->result[i].v[OWNER_WHOLE][M_OTHER_CPU_NS]))
			set->result[i].v[OWNER_WHOLE][M_BUSY_CPU_NS].value +=
				set->result[i].v[OWNER_WHOLE][M_OTHER_CPU_NS].value;
}

static void length(struct run_set *set, double amount)
{
	set->plan.duration_ns = amount == ABSENT ? 0 : (uint64_t)(amount * 1e9);
}

static void few(struct run_set *set, double amount)
{
	size_t i;

	for (i = 0; i < set->result_cnt; i++)
		if (set->result[i].key.repetition > amount)
			set->result[i].status = RESULT_SKIPPED;
}

static void length_of_few(struct run_set *set, double amount)
{
	few(set, 5);
	length(set, amount);
}

/* ms in which the client is behind in one pass */
static void windows(struct run_set *set, double amount)
{
	size_t i;

	for (i = 0; i < set->result_cnt && amount == ABSENT; i++)
		set->result[i].v[OWNER_CLIENT][M_ELAPSED_NS] = (struct metric_value){0};
	if (amount != ABSENT)
		set->result[0].v[OWNER_SERVER][M_ELAPSED_NS].value -= amount * 1e6;
}

/* Every other repetition is so much worse: beyond 20 % at all sizes, else at the smallest. */
static void slow_down(struct run_set *set, double amount, bool cpu)
{
	size_t i;

	for (i = 0; i < set->result_cnt; i++) {
		struct run_result *r = &set->result[i];
		bool all = amount > 0.2;

		if (r->key.repetition % 2 || (!all && r->key.size_bytes != 16 * KIB))
			continue;
		if (cpu)
			r->v[OWNER_WHOLE][M_BUSY_CPU_NS].value += r->v[OWNER_SERVER][M_TASK_CLOCK_NS].value * amount;
		else
			r->v[OWNER_CLIENT][M_THROUGHPUT_GBPS].value /= 1 + amount;
	}
}

static void noise_of_throughput(struct run_set *set, double amount)
{
	slow_down(set, amount, false);
}

static void noise_of_cpu(struct run_set *set, double amount)
{
	slow_down(set, amount, true);
}

static void observer(struct run_set *set, double amount)
{
	static const enum metric_id whole[] = {M_BUSY_CPU_NS, M_KERNEL_CPU_NS, M_OTHER_CPU_NS};
	size_t i, j;

	for (i = 0; i < set->result_cnt; i++) {
		struct run_result *r = &set->result[i];

		if (r->key.pass != PASS_ATTRIBUTION || r->key.mode != set->plan.mode[1].name)
			continue;
		if (amount == ABSENT)
			r->status = RESULT_SKIPPED;
		r->v[OWNER_SERVER][M_TASK_CLOCK_NS].value *= 1 + amount;
		r->v[OWNER_CLIENT][M_TASK_CLOCK_NS].value *= 1 + amount;
		for (j = 0; j < ARRAY_SIZE(whole); j++)
			r->v[OWNER_WHOLE][whole[j]].value *= 1 + amount;
	}
}

/* In one pass of each kind: that of the clean one is shown nowhere. */
static void bounds(struct run_set *set, double amount)
{
	static const struct reason why = {.detail = "why"};
	size_t i;

	for (i = 0; i < 2; i++)
		value_make_bound(&set->result[i].v[OWNER_SERVER][M_USER_TO_KERNEL_COPIES], BOUND_UPPER,
				 run_set_reason(set, &why));
	if (amount > 1)
		set->plan.tier = run_set_str(set, "auto");
}

static void clocks(struct run_set *set, double amount)
{
	struct metric_value *v;
	size_t i;

	for (i = 0; i < set->result_cnt; i++) {
		v = set->result[i].v[OWNER_SERVER];
		if (set->result[i].key.mode == set->plan.mode[0].name || amount == ABSENT)
			v[M_USER_CPU_NS] = amount_of(amount, v[M_TASK_CLOCK_NS].value);
	}
}

static void nothing(struct run_set *set, double amount)
{
	(void)set;
	(void)amount;
}

/* ---- what is said ---------------------------------------------------------------------------- */

#define NBSP "\u00a0"

static const struct {
	enum confounder confounder;
	void (*spoil)(struct run_set *set, double amount);
	double amount;
	enum trust_state state;
	const char *row; /* its beginning */
	const char *end; /* the remedy; NULL: whichever */
} cases[] = {
	{CONFOUNDER_CONGESTION, nothing, 0, TRUST_FINE, "congestion control | fine | cubic does not pace", ""},
	{CONFOUNDER_CONGESTION, congestion, 1, TRUST_WATCH, "congestion control | watch | bbr paces", "\\--cc cubic"},
	{CONFOUNDER_CONGESTION, congestion, ABSENT, TRUST_UNKNOWN, "congestion control | unknown | not recorded", ""},
	{CONFOUNDER_THREADS, nothing, 0, TRUST_FINE, "threads | fine | one at each end of a connection, in no cell more", ""},
	{CONFOUNDER_THREADS, cpus, 7, TRUST_WATCH,
	 "threads | watch | in 4 of 8 cells the connections' threads, one at each end, are more than the 7 CPUs", "\\--threads 3"},
	{CONFOUNDER_THREADS, cpus, 1, TRUST_WATCH,
	 "threads | watch | in 8 of 8 cells the connections' threads, one at each end, are more than the 1 CPU",
	 "a machine with more CPUs"},
	{CONFOUNDER_THREADS, cpus, ABSENT, TRUST_UNKNOWN, "threads | unknown | the number of CPUs is not", ""},
	{CONFOUNDER_RETRANSMITS, nothing, 0, TRUST_FINE,
	 "retransmits | fine | of the bytes sent: A1 0" NBSP "%, A2 0" NBSP "%, A3 0" NBSP "%", ""},
	{CONFOUNDER_RETRANSMITS, retransmits, 0.005, TRUST_WATCH,
	 "retransmits | watch | of the bytes sent: A1 0" NBSP "%, A2 0" NBSP "%, A3 0.500" NBSP "%", ""},
	{CONFOUNDER_RETRANSMITS, retransmits, 1e-7, TRUST_FINE,
	 "retransmits | fine | of the bytes sent: A1 0" NBSP "%, A2 0" NBSP "%, A3 below 0.001" NBSP "%", ""},
	{CONFOUNDER_RETRANSMITS, retransmits, 0.02, TRUST_WEAK, "retransmits | weak | ", ""},
	{CONFOUNDER_RETRANSMITS, retransmits, ABSENT, TRUST_UNKNOWN, "retransmits | unknown | not counted", ""},
	{CONFOUNDER_PARTIALS, nothing, 0, TRUST_FINE, "partial sends | fine | took less", ""},
	{CONFOUNDER_PARTIALS, partials, 0.3, TRUST_WATCH,
	 "partial sends | watch | took less than was offered, of the send calls: A1 0" NBSP "%, A2 0" NBSP
	 "%, A3 30.0" NBSP "%", "\\--buffers page"},
	{CONFOUNDER_PARTIALS, partials, ABSENT, TRUST_UNKNOWN, "partial sends | unknown | not counted", ""},
	{CONFOUNDER_STEAL, nothing, 0, TRUST_FINE, "time the hypervisor took | fine | 0" NBSP "% of the time of all CPUs", ""},
	{CONFOUNDER_STEAL, steal, 0.02, TRUST_WATCH,
	 "time the hypervisor took | watch | 1.99" NBSP "% of the time of all CPUs; more than 5.00" NBSP
	 "% in 0 of 288 clean passes", "a machine whose CPUs nobody shares"},
	{CONFOUNDER_STEAL, steal, 0.1, TRUST_WEAK,
	 "time the hypervisor took | weak | 9.97" NBSP "% of the time of all CPUs; more than 5.00" NBSP
	 "% in 287 of 288 clean passes", "a machine whose CPUs nobody shares"},
	{CONFOUNDER_STEAL, steal, ABSENT, TRUST_UNKNOWN, "time the hypervisor took | unknown | not measured", ""},
	{CONFOUNDER_STEAL, cpus, ABSENT, TRUST_UNKNOWN, "time the hypervisor took | unknown | not measured", ""},
	{CONFOUNDER_OTHERS, nothing, 0, TRUST_FINE, "other programs | fine | ", ""},
	{CONFOUNDER_OTHERS, others, 0.1, TRUST_WATCH, "other programs | watch | 9.97" NBSP "% of", "stop them"},
	{CONFOUNDER_OTHERS, others, 0.3, TRUST_WEAK,
	 "other programs | weak | 29.9" NBSP "% of the time of all CPUs; more than 20.0" NBSP
	 "% in 287 of 288 clean passes; copyscope itself included", "stop them"},
	{CONFOUNDER_OTHERS, others, ABSENT, TRUST_UNKNOWN, "other programs | unknown | not measured", ""},
	{CONFOUNDER_LENGTH, length, 0.2, TRUST_FINE,
	 "length of a pass | fine | 0.2 s a pass, where 0.1 s would do: the noise of CPU per byte is within the margin", ""},
	{CONFOUNDER_LENGTH, length_of_few, 0.2, TRUST_WATCH,
	 "length of a pass | watch | 0.2 s a pass, where 1 s would do: the noise of CPU per byte is unknown",
	 "\\--duration 1"},
	{CONFOUNDER_LENGTH, length, 0.05, TRUST_WATCH, "length of a pass | watch | 0.05 s a pass", "\\--duration 0.1"},
	{CONFOUNDER_LENGTH, length_of_few, 0.05, TRUST_WEAK, "length of a pass | weak | 0.05 s a pass", "\\--duration 1"},
	{CONFOUNDER_LENGTH, length, ABSENT, TRUST_UNKNOWN, "length of a pass | unknown | not recorded", ""},
	{CONFOUNDER_WINDOWS, windows, 1.5, TRUST_FINE,
	 "windows | fine | the two ends' differ by up to 1.50 ms, by more than 2 ms in 0 of 288 clean passes", ""},
	{CONFOUNDER_WINDOWS, windows, 3, TRUST_WATCH,
	 "windows | watch | the two ends' differ by up to 3.00 ms, by more than 2 ms in 1 of 288 clean passes",
	 "\\--duration 2"},
	{CONFOUNDER_WINDOWS, windows, -30, TRUST_WEAK, "windows | weak | ", "\\--duration 2"},
	{CONFOUNDER_WINDOWS, windows, ABSENT, TRUST_UNKNOWN, "windows | unknown | not measured", ""},
	{CONFOUNDER_NOISE_THROUGHPUT, nothing, 0, TRUST_FINE, "noise of throughput | fine | half of 24 comparisons", ""},
	{CONFOUNDER_NOISE_THROUGHPUT, noise_of_throughput, 0.1, TRUST_WATCH, "noise of throughput | watch | half of 24", NULL},
	{CONFOUNDER_NOISE_THROUGHPUT, noise_of_throughput, 0.3, TRUST_WEAK, "noise of throughput | weak | half of 24", NULL},
	{CONFOUNDER_NOISE_THROUGHPUT, few, 5, TRUST_UNKNOWN, "noise of throughput | unknown | too few repetitions",
	 "\\--repeat 6"},
	{CONFOUNDER_NOISE_CPU, nothing, 0, TRUST_FINE, "noise of CPU per byte | fine | half of 24 comparisons", ""},
	{CONFOUNDER_NOISE_CPU, noise_of_cpu, 0.2, TRUST_WATCH, "noise of CPU per byte | watch | half of 24", NULL},
	{CONFOUNDER_NOISE_CPU, noise_of_cpu, 0.4, TRUST_WEAK, "noise of CPU per byte | weak | half of 24", NULL},
	{CONFOUNDER_NOISE_CPU, few, 5, TRUST_UNKNOWN, "noise of CPU per byte | unknown | too few", "\\--repeat 6"},
	{CONFOUNDER_OBSERVER, nothing, 0, TRUST_FINE,
	 "cost of observing | fine | CPU per byte of the attribution passes only: A1 +", ""},
	{CONFOUNDER_OBSERVER, observer, 0.2, TRUST_WATCH, "cost of observing | watch | ", "\\--freq 0"},
	{CONFOUNDER_OBSERVER, observer, 0.5, TRUST_WEAK, "cost of observing | weak | ", "\\--freq 0"},
	{CONFOUNDER_OBSERVER, observer, -0.7, TRUST_FINE, "cost of observing | fine | ", ""},
	{CONFOUNDER_BOUNDS, nothing, 0, TRUST_FINE, "bounds | fine | 0 of ", ""},
	{CONFOUNDER_BOUNDS, bounds, 1, TRUST_WATCH, "bounds | watch | 1 of ", "\\--tier auto"},
	{CONFOUNDER_BOUNDS, bounds, 2, TRUST_WATCH, "bounds | watch | 1 of ",
	 "a kernel that lets fentry or kprobe programs attach"},
	{CONFOUNDER_BOUNDS, others, 0.3, TRUST_WATCH, "bounds | watch | ", "stop other programs"},
	{CONFOUNDER_CLOCKS, nothing, 0, TRUST_FINE,
	 "CPU clocks | fine | getrusage() of both ends against their task clock: A1 0" NBSP "%, A2 0" NBSP "%, A3 0" NBSP "%", ""},
	{CONFOUNDER_CLOCKS, clocks, 0.35, TRUST_WATCH,
	 "CPU clocks | watch | getrusage() of both ends against their task clock: A1 +5.0", "\\--duration 2"},
	{CONFOUNDER_CLOCKS, clocks, 0, TRUST_WEAK,
	 "CPU clocks | weak | getrusage() of both ends against their task clock: A1 -12.", "\\--duration 2"},
	{CONFOUNDER_CLOCKS, clocks, ABSENT, TRUST_UNKNOWN, "CPU clocks | unknown | not measured by both", ""},
};

/* The block and its card as Markdown, without the rest of the report; the caller frees. */
static char *block_of(struct run_set *set, enum confounder c, enum trust_state *state)
{
	struct report_ctx ctx = {.set = set};
	struct doc d = {.ops = &doc_md};
	struct trust trust;
	char *text = NULL;
	size_t len;

	run_set_derive(set);
	verdict_build(set, &ctx.verdict);
	trust_build(set, &ctx.verdict, &trust);
	d.out = open_memstream(&text, &len);
	assert_non_null(d.out);
	trust_card(&d, &trust);
	trust_write(&d, &ctx, &trust);
	doc_end(&d);
	fclose(d.out);
	*state = trust.found[c].state;
	trust_free(&trust);
	verdict_free(&ctx.verdict);
	return text;
}

/* The row that begins so, cut out of the page; NULL: there is none. */
static char *row_of(char *page, const char *begin)
{
	char *row;

	for (row = strtok(page, "\n"); row; row = strtok(NULL, "\n"))
		if (!strncmp(row, "| ", 2) && !strncmp(row + 2, begin, strlen(begin)))
			return row;
	return NULL;
}

static void each_row_in_each_state(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct run_set *set = make_fine();
		_cleanup_free_ char *page = NULL, *end = xasprintf("| %s |", cases[i].end);
		enum trust_state judged;
		const char *row;

		cases[i].spoil(set, cases[i].amount);
		page = block_of(set, cases[i].confounder, &judged);
		if (judged != cases[i].state)
			fail_msg("case %zu, %s: state %d", i, cases[i].row, judged);
		row = row_of(page, cases[i].row);
		if (!row)
			fail_msg("case %zu: no row begins with %s", i, cases[i].row);
		if (cases[i].end && strcmp(row + strlen(row) - strlen(end), end))
			fail_msg("case %zu: %s does not end in %s", i, row, end);
		run_set_free(&set);
	}
}

static void the_worst_comes_first(void **state)
{
	struct run_set *set = make_fine();
	enum trust_state judged;
	_cleanup_free_ char *fine = block_of(set, CONFOUNDER_CLOCKS, &judged), *page = NULL;
	const char *weak, *watch, *unknown, *rest;

	(void)state;
	assert_non_null(strstr(fine, "**Can you trust this? Yes.** 13 of 13 confounders are fine"));
	clocks(set, 0);
	length(set, ABSENT);
	congestion(set, 1);
	page = block_of(set, CONFOUNDER_CLOCKS, &judged);
	assert_non_null(strstr(page, "**Can you trust this? In part.** weak: CPU clocks; watch: congestion control; "
				     "unknown: length of a pass; 10 of 13 confounders are fine"));
	weak = strstr(page, "| CPU clocks | weak |");
	watch = strstr(page, "| congestion control | watch |");
	unknown = strstr(page, "| length of a pass | unknown |");
	rest = strstr(page, "| threads | fine |");
	assert_true(weak && weak < watch && watch < unknown && unknown < rest);
	run_set_free(&set);
}

static void bbr_paces(void **state)
{
	(void)state;
	assert_true(congestion_paces("bbr"));
	assert_true(congestion_paces("bbr2"));
	assert_false(congestion_paces("cubic"));
	assert_false(congestion_paces("reno"));
	assert_false(congestion_paces(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_row_in_each_state),
		cmocka_unit_test(the_worst_comes_first),
		cmocka_unit_test(bbr_paces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
