// SPDX-License-Identifier: GPL-2.0-only
/* From counts to values, and from a refusal to its reason: pure functions. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "perf/counters.h"

static void scaling(void **state)
{
	struct metric_value v;

	(void)state;
	v = perf_counts_to_value((struct perf_count[]){{1000, 50, 50}}, 1);
	assert_int_equal(v.status, VALUE_OK);
	assert_true(v.value == 1000 && v.coverage == 1);
	v = perf_counts_to_value((struct perf_count[]){{1000, 400, 100}}, 1);
	assert_int_equal(v.status, VALUE_SCALED);
	assert_true(v.value == 4000 && v.coverage == 0.25f);
	/* a true zero is a value */
	v = perf_counts_to_value((struct perf_count[]){{0, 50, 50}}, 1);
	assert_true(v.status == VALUE_OK && v.value == 0);
	/* scheduled never, enabled never: not a zero */
	v = perf_counts_to_value((struct perf_count[]){{0, 50, 0}}, 1);
	assert_int_equal(v.status, VALUE_UNSUPPORTED);
	assert_int_equal(v.reason->code, REASON_NEVER_SCHEDULED);
	v = perf_counts_to_value((struct perf_count[]){{0, 0, 0}}, 1);
	assert_int_equal(v.reason->code, REASON_NEVER_ENABLED);
	/* 70 % of the time on one core type, 30 % on the other: nothing to extrapolate */
	v = perf_counts_to_value((struct perf_count[]){{700, 100, 70}, {150, 100, 30}}, 2);
	assert_true(v.status == VALUE_OK && v.value == 850);
	/* ran on one type only */
	v = perf_counts_to_value((struct perf_count[]){{700, 100, 100}, {0, 100, 0}}, 2);
	assert_true(v.status == VALUE_OK && v.value == 700);
	/* Half of the time unseen, and nothing tells on which type: 40 more on the fast one would be 800 in
	 * all, on the slow one 650. One factor for both would say 900 and be sure of it.
	 */
	v = perf_counts_to_value((struct perf_count[]){{400, 100, 40}, {50, 100, 10}}, 2);
	assert_true(v.status == VALUE_OK && v.value == 450 && v.coverage == 0.5f);
	assert_int_equal(v.bound, BOUND_LOWER);
	assert_int_equal(v.reason->code, REASON_SHARED_PMUS);
	/* large counts keep their size */
	v = perf_counts_to_value((struct perf_count[]){{1ULL << 60, 4, 2}}, 1);
	assert_true(v.value == (double)(1ULL << 61));
}

static void reasons(void **state)
{
	static const struct {
		int err;
		const char *paranoid;
		bool have_pmu;
		const char *part;
	} cases[] = {
		{ENOENT, "2", false, "no hardware PMU"},
		{ENOENT, "2", true, "does not offer this event"},
		{EOPNOTSUPP, "2", true, "does not offer this event"},
		{EACCES, "3", true, "perf_event_paranoid=3: run as root"},
		{EPERM, "4", false, "perf_event_paranoid=4: run as root"},
		{EMFILE, "2", true, "ulimit -n"},
		{ENOSYS, "2", true, "CONFIG_PERF_EVENTS"},
		{EIO, "2", true, "Input/output error"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct reason reason =
			perf_open_reason(cases[i].err, cases[i].have_pmu, cases[i].paranoid);
		_cleanup_free_ char *why = reason_text(&reason);

		assert_non_null(strstr(why, cases[i].part));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scaling),
		cmocka_unit_test(reasons),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
