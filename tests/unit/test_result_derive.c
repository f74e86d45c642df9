// SPDX-License-Identifier: GPL-2.0-only
/* Derived metrics: right where the inputs are, absent with a reason where they are not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "analysis/cost.h"
#include "result_fixture.h"

static const struct run_result *find(const struct run_set *set, size_t mode, enum pass pass)
{
	struct run_key key = {set->plan.mode[mode].name, 16 * KIB, 1, 1, pass, 0};
	const struct run_result *r = run_set_find(set, &key);

	assert_non_null(r);
	return r;
}

static void copies_are_a_lower_bound_when_a_stage_is_hidden(void **state)
{
	static const double expected[] = {3, 2, 2};
	struct run_set *set = fixture_make(0);
	size_t mode;

	(void)state;
	for (mode = 0; mode < 3; mode++) {
		const struct metric_value *v =
			&find(set, mode, PASS_ATTRIBUTION)->v[OWNER_WHOLE][M_COPIES_PER_BYTE];

		_cleanup_free_ char *doubt = value_doubt(v);

		assert_int_equal(v->status, VALUE_OK);
		assert_int_equal(v->bound, BOUND_LOWER);
		assert_true(v->value == expected[mode]);
		assert_int_equal(v->reason->code, REASON_STAGES_UNSEEN);
		assert_string_equal(doubt, "lower bound: Software GSO copy, Other skb copy not visible");
	}
	assert_int_equal(find(set, 0, PASS_CLEAN)->v[OWNER_WHOLE][M_COPIES_PER_BYTE].status,
			 VALUE_ABSENT);
	run_set_free(&set);
}

/* Some stages hidden, one too large: bounded from both sides it were no number, but what was dropped instead of
 * copied has been sent again.
 */
static void copies_that_were_inferred_leave_a_lower_bound(void **state)
{
	static const struct reason inferred = {.code = REASON_COPIES_INFERRED};
	struct run_set *set = fixture_make(0);
	struct run_result *r = (struct run_result *)find(set, 2, PASS_ATTRIBUTION);
	struct metric_value *s = r->v[OWNER_SERVER], *copies = &r->v[OWNER_WHOLE][M_COPIES_PER_BYTE];
	double again = s[M_ZEROCOPY_BYTES].value / 8;

	(void)state;
	s[M_COPY_UBUFS_BYTES].value += again;
	value_make_bound(&s[M_COPY_UBUFS_BYTES], BOUND_UPPER, &inferred);
	s[M_TCP_RETRANSMIT_BYTES] = value_ok(again, VIA_WORKLOAD);
	run_set_derive(set);
	assert_int_equal(copies->bound, BOUND_LOWER);
	assert_true(copies->value == 2);

	/* nobody knows how much was */
	s[M_TCP_RETRANSMIT_BYTES] = (struct metric_value){0};
	run_set_derive(set);
	assert_false(value_known(copies));

	/* no hidden stage: an upper bound as it is */
	s[M_TCP_RETRANSMIT_BYTES] = value_ok(again, VIA_WORKLOAD);
	s[M_GSO_COPY_BYTES] = s[M_OTHER_COPY_BYTES] = value_ok(0, NULL);
	run_set_derive(set);
	assert_int_equal(copies->bound, BOUND_UPPER);
	assert_true(copies->value == 2.125);
	run_set_free(&set);
}

static void copies_are_exact_when_all_is_seen(void **state)
{
	struct run_set *set = fixture_make(0);
	struct run_result *r = (struct run_result *)find(set, 2, PASS_ATTRIBUTION);

	(void)state;
	r->v[OWNER_SERVER][M_GSO_COPY_BYTES] = value_ok(0, NULL);
	r->v[OWNER_SERVER][M_OTHER_COPY_BYTES] =
		value_ok(r->v[OWNER_CLIENT][M_APP_BYTES].value / 2, NULL);
	run_set_derive(set);
	assert_int_equal(r->v[OWNER_WHOLE][M_COPIES_PER_BYTE].bound, BOUND_NONE);
	assert_true(r->v[OWNER_WHOLE][M_COPIES_PER_BYTE].value == 2.5);
	run_set_free(&set);
}

/* How a file was read: of a mode that sends none, there is nothing to see. */
static void a_file_read_unseen_is_a_copy_unseen(void **state)
{
	struct run_set *set = fixture_make(0);
	struct run_result *r = (struct run_result *)find(set, 2, PASS_ATTRIBUTION);
	struct metric_value *s = r->v[OWNER_SERVER], *copies = &r->v[OWNER_WHOLE][M_COPIES_PER_BYTE];

	(void)state;
	s[M_GSO_COPY_BYTES] = s[M_OTHER_COPY_BYTES] = value_ok(0, NULL);
	run_set_derive(set);
	assert_true(copies->bound == BOUND_NONE && copies->value == 2);
	set->plan.mode[2].traits = (struct mode_traits){.way = WAY_SPLICE, .buffers = BUFFERS_FILE};
	run_set_derive(set);
	assert_true(copies->bound == BOUND_LOWER && copies->value == 2);
	assert_string_equal(copies->reason->detail, metric_defs[M_SPLICE_READ_BYTES].title);
	s[M_SPLICE_READ_BYTES] = value_ok(r->v[OWNER_CLIENT][M_APP_BYTES].value, NULL);
	run_set_derive(set);
	assert_true(copies->bound == BOUND_NONE && copies->value == 3);
	run_set_free(&set);
}

static void a_missing_input_gives_its_reason(void **state)
{
	struct run_set *set = fixture_make(FIXTURE_NO_PMU);
	const struct run_result *r = find(set, 0, PASS_CLEAN);
	const struct metric_value *v = &r->v[OWNER_WHOLE][M_CYCLES_PER_BYTE];

	(void)state;
	assert_false(value_known(v));
	assert_int_equal(v->reason->code, REASON_INPUT_ABSENT);
	assert_non_null(strstr(v->reason->next->detail, "no hardware PMU"));
	assert_true(value_known(&r->v[OWNER_WHOLE][M_CPU_NS_PER_BYTE]));
	run_set_free(&set);
}

/* One attribution pass has no clean one of its own: it is held against all of its cell's. */
static void overhead_is_over_the_median_of_the_clean_passes(void **state)
{
	struct run_set *set = fixture_make(0);
	const struct run_result *with = find(set, 1, PASS_ATTRIBUTION);
	const struct run_result *without = find(set, 1, PASS_CLEAN);
	struct run_key key = without->key;
	double clean[3];
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(clean); i++) {
		key.repetition = i + 1;
		clean[i] = run_set_find(set, &key)->v[OWNER_WHOLE][M_CPU_NS_PER_BYTE].value;
	}
	assert_true(with->v[OWNER_WHOLE][M_OBSERVER_OVERHEAD].value ==
		    with->v[OWNER_WHOLE][M_CPU_NS_PER_BYTE].value / median_of(clean, 3));
	assert_int_equal(without->v[OWNER_WHOLE][M_OBSERVER_OVERHEAD].status, VALUE_ABSENT);
	for (i = 0; i < ARRAY_SIZE(clean); i++) {
		key.repetition = i + 1;
		((struct run_result *)run_set_find(set, &key))->status = RESULT_FAILED;
	}
	run_set_derive(set);
	assert_int_equal(with->v[OWNER_WHOLE][M_OBSERVER_OVERHEAD].status, VALUE_UNSUPPORTED);
	run_set_free(&set);
}

static void overhead_of_a_bound_is_one(void **state)
{
	static const struct reason why = {.detail = "why"};
	struct run_set *set = fixture_make(0);
	struct run_result *without = (struct run_result *)find(set, 1, PASS_CLEAN);

	(void)state;
	value_make_bound(&without->v[OWNER_SERVER][M_TASK_CLOCK_NS], BOUND_LOWER, &why);
	run_set_derive(set);
	assert_int_equal(find(set, 1, PASS_ATTRIBUTION)->v[OWNER_WHOLE][M_OBSERVER_OVERHEAD].bound, BOUND_UPPER);
	run_set_free(&set);
}

/* The kernel's count comes before the addresses; who does not send by reference has no ratio, and no reason. */
static void pages_and_skbs_are_per_what_was_least(void **state)
{
	struct run_set *set = fixture_make(0);
	struct run_result *r = (struct run_result *)find(set, 2, PASS_ATTRIBUTION);
	struct metric_value *v = r->v[OWNER_SERVER];

	(void)state;
	v[M_FIELD_PAGES] = value_ok(240, "workload");
	v[M_LEAST_PAGES] = value_ok(160, "workload");
	v[M_APP_CALLS] = value_ok(15, "workload");
	v[M_MESSAGES] = value_ok(10, "workload");
	v[M_ZC_SKBS] = value_ok(20, "tp");
	v[M_ZC_FRAGS] = value_ok(250, "tp");
	v[M_ZC_SKBS_FULL] = value_ok(10, "tp");
	run_set_derive(set);
	assert_true(v[M_PAGE_REFS_RATIO].value == 1.5);
	assert_true(v[M_CALLS_PER_MESSAGE].value == 1.5);
	assert_true(v[M_SKB_BYTES].value == 65536);
	assert_true(v[M_FRAGS_PER_SKB].value == 12.5);
	assert_true(v[M_FULL_SKBS_RATIO].value == 0.5);
	/* where some skbs were not seen it is the mean of the others */
	v[M_COPY_UBUFS_BYTES].bound = v[M_COPY_UBUFS_SKBS].bound = BOUND_LOWER;
	v[M_PAGE_REFS] = value_ok(260, "fentry");
	run_set_derive(set);
	assert_true(v[M_PAGE_REFS_RATIO].value == 1.625);
	assert_true(value_known(&v[M_SKB_BYTES]) && v[M_SKB_BYTES].bound == BOUND_NONE);
	v = find(set, 0, PASS_ATTRIBUTION)->v[OWNER_SERVER];
	assert_int_equal(v[M_PAGE_REFS_RATIO].status, VALUE_ABSENT);
	assert_int_equal(v[M_SKB_BYTES].status, VALUE_ABSENT);
	assert_null(v[M_PAGE_REFS_RATIO].reason);
	run_set_free(&set);
}

static void scaled_inputs_give_a_scaled_ratio(void **state)
{
	struct run_set *set = fixture_make(0);
	const struct metric_value *v =
		&find(set, 0, PASS_CLEAN)->v[OWNER_SERVER][M_CYCLES_PER_BYTE];

	(void)state;
	assert_int_equal(v->status, VALUE_SCALED);
	assert_true(v->coverage == 0.5f);
	run_set_free(&set);
}

static void frames_are_interned_by_name_module_and_kind(void **state)
{
	struct run_set *set = run_set_new();
	unsigned int a = run_set_frame(set, "f", "m", FRAME_USER);
	size_t i;

	(void)state;
	assert_int_equal(run_set_frame(set, "f", "m", FRAME_USER), a);
	assert_int_not_equal(run_set_frame(set, "f", NULL, FRAME_USER), a);
	assert_int_not_equal(run_set_frame(set, "f", "m", FRAME_KERNEL), a);
	for (i = 0; i < 5000; i++) {
		_cleanup_free_ char *name = xasprintf("f%zu", i);

		assert_int_equal(run_set_frame(set, name, NULL, FRAME_USER), 3 + i);
	}
	assert_int_equal(run_set_frame(set, "f", "m", FRAME_USER), a);
	run_set_free(&set);
}

/* The kernel's threads may be charged with what a task clock counted, too: the machine was not busier than it was. */
static void the_whole_cost_is_no_more_than_the_machine_was_busy(void **state)
{
	struct run_set *set = fixture_make(0);
	struct run_result *r = (struct run_result *)find(set, 2, PASS_CLEAN);
	double bytes = r->v[OWNER_CLIENT][M_APP_BYTES].value, tasks_ns, sum_ns = 0;
	struct metric_value *w = r->v[OWNER_WHOLE], *cost = &w[M_CPU_NS_PER_BYTE];
	struct mode_cost parts;
	size_t i;

	(void)state;
	tasks_ns = r->v[OWNER_CLIENT][M_TASK_CLOCK_NS].value + r->v[OWNER_SERVER][M_TASK_CLOCK_NS].value;
	w[M_OTHER_CPU_NS].value = 0;
	w[M_KERNEL_CPU_NS].value = 0.04 * tasks_ns;
	w[M_BUSY_CPU_NS].value = 1.03 * tasks_ns;
	run_set_derive(set);
	assert_float_equal(cost->value * bytes / tasks_ns, 1.03, 1e-9);
	assert_true(w[M_IDLE_IRQ_CPU_NS].value == 0);

	/* its parts are the whole */
	for (i = 0; i < set->result_cnt; i++)
		if (&set->result[i] != r)
			set->result[i].status = RESULT_FAILED;
	parts = cost_of(set, r->key.mode);
	for (i = 0; i < COST_MAX_; i++)
		sum_ns += parts.part[i].ns;
	assert_int_equal(parts.passes, 1);
	assert_float_equal(sum_ns / tasks_ns, 1.03, 1e-9);
	assert_float_equal(parts.whole.value, cost->value, 1e-9);

	/* an idle clock of 10 ms a unit may leave less than the tasks' own: those are certain */
	w[M_BUSY_CPU_NS].value = 0.99 * tasks_ns;
	run_set_derive(set);
	assert_float_equal(cost->value * bytes / tasks_ns, 1, 1e-9);
	run_set_free(&set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(copies_are_a_lower_bound_when_a_stage_is_hidden),
		cmocka_unit_test(copies_that_were_inferred_leave_a_lower_bound),
		cmocka_unit_test(copies_are_exact_when_all_is_seen),
		cmocka_unit_test(a_file_read_unseen_is_a_copy_unseen),
		cmocka_unit_test(a_missing_input_gives_its_reason),
		cmocka_unit_test(overhead_is_over_the_median_of_the_clean_passes),
		cmocka_unit_test(overhead_of_a_bound_is_one),
		cmocka_unit_test(pages_and_skbs_are_per_what_was_least),
		cmocka_unit_test(the_whole_cost_is_no_more_than_the_machine_was_busy),
		cmocka_unit_test(scaled_inputs_give_a_scaled_ratio),
		cmocka_unit_test(frames_are_interned_by_name_module_and_kind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
