// SPDX-License-Identifier: GPL-2.0-only
/* Comparing two sides: the statistics, the verdicts, the conditions and the differential flamegraph. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "report/diff_print.h"
#include "report/flame.h"
#include "result_fixture.h"

static int keep_stderr;

static int silence(void **state)
{
	(void)state;
	keep_stderr = dup(STDERR_FILENO);
	return dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDERR_FILENO) < 0;
}

static int speak(void **state)
{
	(void)state;
	return dup2(keep_stderr, STDERR_FILENO) < 0;
}

static void independent_ratios(void **state)
{
	static const double fast[] = {10, 11, 12}, slow[] = {20, 22, 24}, wide[] = {5, 11, 30};
	struct ratio r = ratio_independent(slow, 3, fast, 3);

	(void)state;
	assert_true(r.has_interval && r.ratio == 2 && r.n == 3);
	assert_true(r.low > 1.6 && r.low < 2 && r.high > 2 && r.high < 2.5);
	r = ratio_independent(wide, 3, fast, 3);
	assert_true(r.low < 1 && r.high > 1);
	r = ratio_independent(slow, 2, fast, 3);
	assert_false(r.has_interval);
	assert_int_equal(r.n, 2);
	assert_int_equal(ratio_independent(slow, 0, fast, 3).n, 0);
}

static void zeros_have_a_ratio(void **state)
{
	static const double zero[] = {0, 0, 0}, some[] = {1, 2, 3};
	struct ratio r = ratio_independent(some, 3, zero, 3);

	(void)state;
	assert_true(ratio_safe(0, 0) == 1 && isinf(ratio_safe(1, 0)) && ratio_safe(0, 1) == 0);
	assert_true(isinf(r.ratio) && isinf(r.low) && isinf(r.high));
	r = ratio_independent(zero, 3, zero, 3);
	assert_true(r.ratio == 1 && r.low == 1 && r.high == 1);
}

static void conditions_are_parsed_strictly(void **state)
{
	static const char *const bad[] = {
		"",	     "cycles",	     ">1",	   "cycles>",	  "cycles>>1",	"cycles==1",
		"cycles>1x", "cycles>-1",    "cycles>1e3", "cycles>nan",  "cycles@>1",
		"cycles>.",  "cycles >1 2", "cycles=>1",  "sent_bytes>1", "@server>1", "cycles>1>2",
	};
	struct diff_condition c = {.text = "untouched"};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_int_equal(diff_parse_condition(bad[i], &c), -EINVAL);
		assert_string_equal(c.text, "untouched");
	}
	assert_int_equal(diff_parse_condition("cycles@server >= 1.5", &c), 0);
	assert_int_equal(c.pick.metric, M_CYCLES);
	assert_string_equal(c.pick.owner, "server");
	assert_string_equal(c.op, ">=");
	assert_true(c.bound == 1.5);
}

static unsigned int owners_of(const char *condition)
{
	struct run_set *set = fixture_make(0);
	struct diff_side side = {.set = set, .label = "x"};
	struct diff_condition c;
	struct diff diff;
	unsigned int owners;

	assert_int_equal(diff_parse_condition(condition, &c), 0);
	diff_init(&diff, &side, &side);
	owners = diff_owners(&diff, &c.pick);
	diff_free(&diff);
	run_set_free(&set);
	return owners;
}

static void a_pick_means_the_owners_a_metric_is_kept_for(void **state)
{
	(void)state;
	assert_int_equal(owners_of("cpu_ns_per_byte<1"), 1 << OWNER_WHOLE);
	assert_int_equal(owners_of("cpu_ns_per_byte@client<1"), 1 << OWNER_CLIENT);
	assert_int_equal(owners_of("throughput_gbps<1"), 1 << OWNER_SERVER | 1 << OWNER_CLIENT);
	assert_int_equal(owners_of("cycles@cell<1"), 0);
	assert_int_equal(owners_of("cycles@nobody<1"), 0);
	assert_int_equal(owners_of("cycles@kernel<1"), 0);
}

/* The CPU cost of one mode's cells times by: the fixture's other modes stay. */
static void make_slower(struct run_set *set, size_t mode, double by)
{
	static const enum metric_id elsewhere[] = {M_BUSY_CPU_NS, M_KERNEL_CPU_NS, M_OTHER_CPU_NS};
	size_t i, j;

	for (i = 0; i < set->result_cnt; i++) {
		if (set->result[i].key.mode != set->plan.mode[mode].name)
			continue;
		set->result[i].v[OWNER_SERVER][M_TASK_CLOCK_NS].value *= by;
		set->result[i].v[OWNER_CLIENT][M_TASK_CLOCK_NS].value *= by;
		for (j = 0; j < ARRAY_SIZE(elsewhere); j++)
			set->result[i].v[OWNER_WHOLE][elsewhere[j]].value *= by;
	}
	run_set_derive(set);
}

static enum diff_state judge(const struct run_set *a, const struct run_set *b, const char *text)
{
	struct diff_side side[] = {{.set = a, .label = "a"}, {.set = b, .label = "b"}};
	struct diff_condition c;
	struct diff diff;

	assert_int_equal(diff_parse_condition(text, &c), 0);
	diff_init(&diff, &side[0], &side[1]);
	diff_compare(&diff, &c.pick);
	diff_judge(&diff, &c);
	diff_free(&diff);
	return c.state;
}

/* Values of one side that are only bounds settle what the truth cannot undo, and nothing else. */
static void a_bound_judges_in_one_direction(void **state)
{
	struct run_set *a = fixture_make(0), *b = fixture_make(0);
	size_t i;

	(void)state;
	make_slower(b, 1, 1.3);
	for (i = 0; i < b->result_cnt; i++)
		value_make_bound(&b->result[i].v[OWNER_WHOLE][M_CPU_NS_PER_BYTE], BOUND_LOWER, NULL);
	assert_int_equal(judge(a, b, "cpu_ns_per_byte>1.2"), DIFF_STATE_HOLDS);
	assert_int_equal(judge(a, b, "cpu_ns_per_byte>1.4"), DIFF_STATE_UNKNOWN);
	assert_int_equal(judge(a, b, "cpu_ns_per_byte<0.8"), DIFF_STATE_CLEAR);
	/* the same values below the line */
	assert_int_equal(judge(b, a, "cpu_ns_per_byte<0.8"), DIFF_STATE_HOLDS);
	assert_int_equal(judge(b, a, "cpu_ns_per_byte<0.7"), DIFF_STATE_UNKNOWN);
	assert_int_equal(judge(b, a, "cpu_ns_per_byte>1.2"), DIFF_STATE_CLEAR);
	run_set_free(&a);
	run_set_free(&b);
}

static void conditions_hold_or_not_or_are_unknown(void **state)
{
	struct run_set *a = fixture_make(0), *b = fixture_make(0), *none = fixture_make(FIXTURE_NO_PMU);

	(void)state;
	make_slower(b, 1, 1.3);
	assert_int_equal(judge(a, b, "cpu_ns_per_byte>1.2"), DIFF_STATE_HOLDS);
	assert_int_equal(judge(a, b, "cpu_ns_per_byte>1.4"), DIFF_STATE_CLEAR);
	assert_int_equal(judge(b, a, "cpu_ns_per_byte<0.8"), DIFF_STATE_HOLDS);
	assert_int_equal(judge(a, none, "cycles@server>1.2"), DIFF_STATE_UNKNOWN);
	assert_int_equal(judge(a, b, "verify_errors>1.2"), DIFF_STATE_UNKNOWN);
	assert_int_equal(judge(a, b, "copied_ids_ratio>1.2"), DIFF_STATE_CLEAR);
	run_set_free(&a);
	run_set_free(&b);
	run_set_free(&none);
}

static void set_all(struct run_set *set, double ns_per_byte)
{
	size_t i;

	for (i = 0; i < set->result_cnt; i++)
		set->result[i].v[OWNER_WHOLE][M_CPU_NS_PER_BYTE].value = ns_per_byte;
}

static void what_lies_within_the_margin_is_no_difference(void **state)
{
	static const struct {
		double factor;
		unsigned int margin_percent;
		enum diff_verdict verdict;
	} cases[] = {{1.02, 0, DIFF_SAME}, {1.02, 1, DIFF_WORSE}, {0.98, 0, DIFF_SAME}, {0.9, 0, DIFF_BETTER}, {1.1, 20, DIFF_SAME}};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct run_set *a = fixture_make(0), *b = fixture_make(0);
		struct diff_side side[] = {{.set = a, .label = "a", .mode = a->plan.mode[0].name},
					   {.set = b, .label = "b", .mode = b->plan.mode[0].name}};
		struct diff diff;

		a->plan.margin_percent = b->plan.margin_percent = cases[i].margin_percent;
		set_all(a, 1);
		set_all(b, cases[i].factor);
		diff_init(&diff, &side[0], &side[1]);
		diff_compare(&diff, &(struct diff_pick){.metric = M_CPU_NS_PER_BYTE});
		assert_true(diff.row_cnt > 0 && diff.row[0].ratio.has_interval);
		assert_int_equal(diff.row[0].verdict, cases[i].verdict);
		diff_free(&diff);
		run_set_free(&a);
		run_set_free(&b);
	}
}

static void verdicts_follow_the_direction(void **state)
{
	struct run_set *a = fixture_make(0), *b = fixture_make(0);
	struct diff_side side[] = {{.set = a, .label = "a"}, {.set = b, .label = "b"}};
	struct diff diff;
	size_t i;

	(void)state;
	make_slower(b, 0, 0.5);
	diff_init(&diff, &side[0], &side[1]);
	assert_false(diff.paired);
	diff_compare(&diff, &(struct diff_pick){.metric = M_CPU_NS_PER_BYTE});
	/* once is enough */
	diff_compare(&diff, &(struct diff_pick){.metric = M_CPU_NS_PER_BYTE, .flow = FLOW_WHOLE});
	assert_int_equal(diff.cell_cnt, 3 * 4 * 2);
	assert_int_equal(diff.row_cnt, diff.cell_cnt);
	for (i = 0; i < diff.row_cnt; i++)
		assert_int_equal(diff.row[i].verdict,
				 diff.cell[diff.row[i].cell].mode[0] == a->plan.mode[0].name
					 ? DIFF_BETTER
					 : DIFF_SAME);
	diff_free(&diff);
	run_set_free(&a);
	run_set_free(&b);
}

static char *flame(const struct run_set *set, size_t mode_a, size_t mode_b)
{
	struct diff_side a = {set, set->plan.mode[mode_a].name, "a"};
	struct diff_side b = {set, set->plan.mode[mode_b].name, "b"};
	struct diff diff;
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	diff_init(&diff, &a, &b);
	assert_true(diff.paired);
	if (!diff_flame_missing(&diff))
		diff_put_flame(&diff, false, out);
	diff_free(&diff);
	fclose(out);
	return text;
}

static void the_flamegraph_keeps_what_vanished(void **state)
{
	struct run_set *set = fixture_make(0);
	_cleanup_free_ char *there = flame(set, 0, 2), *back = flame(set, 2, 0);

	(void)state;
	assert_non_null(strstr(there, "<title>flatten [libc.so.6] (A "));
	assert_non_null(strstr(there, " ns per KiB, vanished)"));
	assert_non_null(strstr(there, "<title>skb_copy_ubufs (A 0, B "));
	assert_non_null(strstr(back, "<title>flatten [libc.so.6] (A 0, B "));
	run_set_free(&set);
}

/* Root first; "k:" is the kernel's. Of two modes on two machines, and of what is no call. */
static const char *const ways[][12] = {
	{"main", "send_flat", "send", "k:entry_SYSCALL_64_after_hwframe", "k:do_syscall_64", "k:x64_sys_call",
	 "k:__x64_sys_sendto", "k:__sys_sendto", "k:sock_sendmsg", "k:inet_sendmsg", "k:tcp_sendmsg"},
	{"main", "send_vector", "sendmsg", "k:el0t_64_sync", "k:el0t_64_sync_handler", "k:el0_svc.isra.0",
	 "k:invoke_syscall", "k:__arm64_sys_sendmsg", "k:___sys_sendmsg", "k:__sock_sendmsg", "k:tcp_sendmsg"},
	{"main", "send_flat", "k:el0t_64_sync", "k:el0t_64_sync_handler", "k:el0_da", "k:do_mem_abort"},
	{"k:ret_from_fork", "k:run_ksoftirqd", "k:tcp_sendmsg"},
	{"main", "send_flat"},
};

static struct stack way_stack(struct run_set *set, size_t way, unsigned int frames[12])
{
	struct stack s = {.kind = STACK_ONCPU, .owner = OWNER_SERVER, .count = 10, .frame = frames};
	const char *name;

	for (; s.depth < 12 && (name = ways[way][s.depth]); s.depth++)
		frames[s.depth] = run_set_frame(set, strncmp(name, "k:", 2) ? name : name + 2, NULL,
						strncmp(name, "k:", 2) ? FRAME_USER : FRAME_KERNEL);
	return s;
}

static void ways_into_the_kernel_are_one(void **state)
{
	static const unsigned int folded[ARRAY_SIZE(ways)] = {10, 10, 0, 0, 0};
	struct run_set *set = fixture_make(FIXTURE_NO_STACKS);
	_cleanup_free_ enum flame_way *way = NULL;
	_cleanup_free_ char *text = NULL;
	unsigned int frames[12];
	struct stack s;
	const char *at;
	size_t i, j;

	(void)state;
	for (i = 0; i < set->result_cnt; i++) {
		for (j = 0; j < 2 && set->result[i].key.pass == PASS_ATTRIBUTION; j++) {
			if (set->result[i].key.mode != set->plan.mode[j].name)
				continue;
			s = way_stack(set, j, frames);
			run_result_stack(&set->result[i], &s);
		}
	}
	for (i = 0; i < ARRAY_SIZE(ways); i++)
		way_stack(set, i, frames);
	way = flame_ways(set);
	for (i = 0; i < ARRAY_SIZE(ways); i++) {
		s = way_stack(set, i, frames);
		assert_int_equal(flame_entry_depth(&s, way), folded[i]);
	}
	text = flame(set, 0, 1);
	assert_non_null(strstr(text, "<title>[system call] (A "));
	at = strstr(text, "<title>tcp_sendmsg (A ");
	assert_non_null(at);
	assert_null(strstr(at + 1, "<title>tcp_sendmsg"));
	assert_null(strstr(text, "vanished"));
	assert_null(strstr(text, "send_flat"));
	run_set_free(&set);
}

static void without_samples_there_is_no_flamegraph(void **state)
{
	struct run_set *set = fixture_make(FIXTURE_NO_STACKS);
	_cleanup_free_ char *text = flame(set, 0, 2);

	(void)state;
	assert_string_equal(text, "");
	run_set_free(&set);
	set = fixture_make(0);
	set->plan.frequency_hz = 0;
	free(text);
	text = flame(set, 0, 2);
	assert_string_equal(text, "");
	run_set_free(&set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(independent_ratios),
		cmocka_unit_test(zeros_have_a_ratio),
		cmocka_unit_test(conditions_are_parsed_strictly),
		cmocka_unit_test(a_pick_means_the_owners_a_metric_is_kept_for),
		cmocka_unit_test(conditions_hold_or_not_or_are_unknown),
		cmocka_unit_test(a_bound_judges_in_one_direction),
		cmocka_unit_test(what_lies_within_the_margin_is_no_difference),
		cmocka_unit_test(verdicts_follow_the_direction),
		cmocka_unit_test(the_flamegraph_keeps_what_vanished),
		cmocka_unit_test(ways_into_the_kernel_are_one),
		cmocka_unit_test(without_samples_there_is_no_flamegraph),
	};

	return cmocka_run_group_tests(tests, silence, speak);
}
