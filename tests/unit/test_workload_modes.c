// SPDX-License-Identifier: GPL-2.0-only
/* The table of send modes: every word leads to exactly one row. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#include "workload/workload.h"

static void rows_are_complete(void **state)
{
	size_t i, j;

	(void)state;
	assert_true(send_mode_cnt >= 3);
	for (i = 0; i < send_mode_cnt; i++) {
		const struct send_mode *m = send_modes[i];

		assert_non_null(m->title);
		assert_non_null(m->help);
		assert_non_null(m->send);
		assert_ptr_equal(send_mode_find(m->name), m);
		assert_ptr_equal(send_mode_find(m->title), m);
		for (j = 0; m->aliases[j]; j++)
			assert_ptr_equal(send_mode_find(m->aliases[j]), m);
	}
}

static void original_words(void **state)
{
	static const struct {
		const char *word, *name;
	} rows[] = {
		{"0", "A1"},	    {"1", "A2"},	{"2", "A3"},	     {"a3", "A3"},
		{"two-copy", "A1"}, {"one-copy", "A2"}, {"zero-copy", "A3"}, {"ZeroCopy", "A3"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		assert_string_equal(send_mode_find(rows[i].word)->name, rows[i].name);
}

/* Placement is a promise: a mode that makes one keeps it, whatever is asked. */
static void placement_is_the_modes_own(void **state)
{
	const struct send_mode *any = send_mode_find("A3"), *own = send_mode_find("A3p");

	(void)state;
	assert_int_equal(send_mode_buffers(any, BUFFERS_HEAP), BUFFERS_HEAP);
	assert_int_equal(send_mode_buffers(any, BUFFERS_HUGE), BUFFERS_HUGE);
	assert_int_equal(send_mode_buffers(own, BUFFERS_HEAP), BUFFERS_PAGE);
	assert_int_equal(send_mode_buffers(own, BUFFERS_HUGE), BUFFERS_PAGE);
	assert_int_equal(own->traits.way, any->traits.way);
	assert_true(any->original && !own->original);
}

static void unknown_words(void **state)
{
	char *list = send_mode_list();

	(void)state;
	assert_null(send_mode_find("3"));
	assert_null(send_mode_find(""));
	assert_null(send_mode_find("A"));
	assert_null(send_mode_find("all"));
	assert_string_equal(send_mode_nearest("zerocpy"), "zerocopy");
	assert_null(send_mode_nearest("completely different"));
	assert_int_equal(strncmp(list, "A1, A2, A3", 10), 0);
	free(list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_complete),
		cmocka_unit_test(original_words),
		cmocka_unit_test(placement_is_the_modes_own),
		cmocka_unit_test(unknown_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
