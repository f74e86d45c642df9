// SPDX-License-Identifier: GPL-2.0-only
/* An interval of an observation: what is in one of two results of it and not in the other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "core/result.h"

static const struct run_key key = {.mode = "attach", .pass = PASS_ATTRIBUTION, .repetition = 1};

static struct run_set *observed(const char *const *labels)
{
	struct run_set *set = run_set_new();

	for (; *labels; labels++)
		run_set_add_owner(set, *labels, FLOW_BOTH);
	run_set_add(set, &key);
	return set;
}

static void sent(struct run_set *set, unsigned int owner, uint64_t from_bytes, uint64_t calls, uint64_t bytes)
{
	run_result_call(&set->result[0], &(struct call_size){owner, CALL_WAY_SEND, from_bytes, calls, bytes});
	set->result[0].v[owner][M_SENT_BYTES] = value_ok(value_or_0(&set->result[0].v[owner][M_SENT_BYTES]) + (double)bytes, "test");
}

static void test_what_has_come_is_told(void **state)
{
	struct run_set *before = observed((const char *const[]){"a", NULL}), *now = observed((const char *const[]){"a", NULL}),
		       *set;
	struct run_result *r;

	(void)state;
	sent(before, 1, 1, 5, 5);
	sent(before, 1, 1024, 1, 1500);
	sent(now, 1, 1, 5, 5);
	sent(now, 1, 1024, 3, 4500);
	sent(now, 1, 4096, 1, 5000);
	run_result_drop(&before->result[0], 0, NULL, 2);
	run_result_drop(&now->result[0], 0, NULL, 2);
	run_result_drop(&now->result[0], 1, run_set_str(now, "what"), 7);
	set = run_set_since(now, before);
	r = &set->result[0];
	assert_true(r->v[1][M_SENT_BYTES].value == 8000);
	assert_int_equal(r->call_cnt, 2); /* of the smallest none */
	assert_int_equal(r->call[0].calls, 2);
	assert_int_equal(r->call[0].bytes, 3000);
	assert_int_equal(r->call[1].bytes, 5000);
	assert_int_equal(r->drop_cnt, 1);
	assert_int_equal(r->drop[0].count, 7);
	run_set_free(&set);
	set = run_set_since(now, NULL);
	assert_true(set->result[0].v[1][M_SENT_BYTES].value == 9505);
	assert_int_equal(set->result[0].call_cnt, 3);
	run_set_free(&set);
	run_set_free(&before);
	run_set_free(&now);
}

/* Programs get their accounts as they come, and keep their names. */
static void test_owners_are_known_by_name(void **state)
{
	struct run_set *before = observed((const char *const[]){"a", "other programs", NULL}),
		       *now = observed((const char *const[]){"a", "b", "other programs", NULL}), *set;

	(void)state;
	sent(before, 2, 1, 5, 5);
	sent(now, 2, 1, 3, 3);
	sent(now, 3, 1, 6, 6);
	set = run_set_since(now, before);
	assert_int_equal(set->owner_cnt, 5);
	assert_string_equal(set->owner[2].label, "b");
	assert_true(set->result[0].v[2][M_SENT_BYTES].value == 3);
	assert_true(set->result[0].v[3][M_SENT_BYTES].value == 1);
	run_set_free(&set);
	run_set_free(&before);
	run_set_free(&now);
}

/* What is not known is no 0, and a bound stays one; a mean cannot be told of an interval. */
static void test_what_is_not_known_stays_so(void **state)
{
	struct run_set *now = observed((const char *const[]){"a", NULL}), *set;
	struct metric_value(*v)[METRIC_MAX_] = now->result[0].v;

	(void)state;
	v[1][M_RECEIVED_BYTES] = value_ok(5, "test");
	v[1][M_RECEIVED_BYTES].bound = BOUND_LOWER;
	v[1][M_HEAD_COPIES] = value_unsupported(run_set_reason(now, &(struct reason){.code = REASON_NOT_FINITE}));
	v[1][M_COMPLETION_LATENCY_NS] = value_ok(5, "test");
	set = run_set_since(now, now);
	v = set->result[0].v;
	assert_int_equal(v[1][M_RECEIVED_BYTES].bound, BOUND_LOWER);
	assert_true(v[1][M_RECEIVED_BYTES].value == 0);
	assert_int_equal(v[1][M_HEAD_COPIES].status, VALUE_UNSUPPORTED);
	assert_int_equal(v[1][M_HEAD_COPIES].reason->code, REASON_NOT_FINITE);
	assert_int_equal(v[1][M_COMPLETION_LATENCY_NS].status, VALUE_ABSENT);
	run_set_free(&set);
	run_set_free(&now);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_has_come_is_told),
		cmocka_unit_test(test_owners_are_known_by_name),
		cmocka_unit_test(test_what_is_not_known_stays_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
