// SPDX-License-Identifier: GPL-2.0-only
/* Two observations of a program: who is the same, and what may be said of the difference. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "analysis/attach_diff.h"

static struct run_set *observation(const char *label, double sent, uint64_t samples, unsigned int hz)
{
	struct run_set *set = run_set_new();
	struct run_result *r;
	unsigned int frame;

	set->plan.attached = true;
	set->plan.frequency_hz = hz;
	set->plan.duration_ns = 10 * NSEC_PER_SEC;
	run_set_add_owner(set, label, FLOW_BOTH);
	r = run_set_add(set, &(struct run_key){.mode = "attach", .pass = PASS_ATTRIBUTION, .repetition = 1});
	r->v[1][M_SENT_BYTES] = value_ok(sent, "test");
	frame = run_set_frame(set, "tcp_write_xmit", NULL, FRAME_KERNEL);
	run_result_stack(r, &(struct stack){.kind = STACK_ONCPU, .owner = 1, .count = samples, .depth = 1, .frame = &frame});
	return set;
}

static void ratio(double *ratio, double *low, double *high, struct run_set *before, struct run_set *after)
{
	struct attach_change *c;

	assert_int_equal(attach_changes(before, after, &c), 1);
	*ratio = c->cpu_per_byte.ratio;
	*low = c->cpu_per_byte.low;
	*high = c->cpu_per_byte.high;
	attach_change_free(c);
	free(c);
	run_set_free(&before);
	run_set_free(&after);
}

static void the_spread_is_that_of_the_samples(void **state)
{
	double r, low, high;

	(void)state;
	ratio(&r, &low, &high, observation("nginx (8)", 1e9, 400, 99), observation("nginx (9)", 2e9, 400, 99));
	assert_true(r == 0.5);
	assert_true(low > 0.435 && low < 0.436 && high > 0.574 && high < 0.575); /* exp(1.96 * sqrt(2 / 400)) = 1.1487 */
}

/* A sample stands for less time where there are more of them. */
static void other_frequencies_are_no_difference(void **state)
{
	double r, low, high;

	(void)state;
	ratio(&r, &low, &high, observation("nginx (8)", 1e9, 400, 100), observation("nginx (9)", 1e9, 1600, 400));
	assert_true(r > 0.9999 && r < 1.0001);
	assert_true(low < 0.9 && high > 1.1);
}

static void nothing_is_said_of_nothing(void **state)
{
	double r, low, high;

	(void)state;
	ratio(&r, &low, &high, observation("nginx (8)", 1e9, 400, 99), observation("nginx (9)", 0, 400, 99));
	assert_true(r == 0);
}

static void the_same_by_name_or_the_only_ones(void **state)
{
	struct run_set *a = observation("nginx (8)", 1, 1, 99), *b = observation("redis (9)", 1, 1, 99);
	struct run_set *two = run_set_new();
	struct attach_change *c;

	(void)state;
	assert_int_equal(attach_changes(a, b, &c), 1);
	attach_change_free(c);
	free(c);
	two->plan.attached = true;
	run_set_add_owner(two, "haproxy (1)", FLOW_BOTH);
	run_set_add_owner(two, "nginx (77)", FLOW_BOTH);
	run_set_add(two, &(struct run_key){.mode = "attach", .pass = PASS_ATTRIBUTION, .repetition = 1});
	assert_int_equal(attach_changes(a, two, &c), 1);
	assert_string_equal(c->label, "nginx (77)");
	attach_change_free(c);
	free(c);
	assert_int_equal(attach_changes(two, b, &c), 0);
	free(c);
	run_set_free(&a);
	run_set_free(&b);
	run_set_free(&two);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_spread_is_that_of_the_samples),
		cmocka_unit_test(other_frequencies_are_no_difference),
		cmocka_unit_test(nothing_is_said_of_nothing),
		cmocka_unit_test(the_same_by_name_or_the_only_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
