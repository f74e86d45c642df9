// SPDX-License-Identifier: GPL-2.0-only
/* Strict parsing, list splitting, name suggestions: what every command line stands on. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "core/util.h"

static void sizes(void **state)
{
	static const struct {
		const char *text;
		int err;
		uint64_t bytes;
	} cases[] = {
		{"1", 0, 1},
		{"64K", 0, 65536},
		{"64k", 0, 65536},
		{"64KiB", 0, 65536},
		{"64KB", 0, 65536},
		{"1M", 0, MIB},
		{"1G", 0, GIB},
		{"0", -ERANGE, 0},
		{"2G", -ERANGE, 0},
		{"18446744073709551616", -ERANGE, 0},
		{"17179869184G", -ERANGE, 0},
		{"", -EINVAL, 0},
		{"K", -EINVAL, 0},
		{"-1", -EINVAL, 0},
		{"+1", -EINVAL, 0},
		{" 1", -EINVAL, 0},
		{"1 ", -EINVAL, 0},
		{"1KK", -EINVAL, 0},
		{"1T", -EINVAL, 0},
		{"0x10", -EINVAL, 0},
		{"1.5K", -EINVAL, 0},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		uint64_t bytes = 4711;

		assert_int_equal(parse_size(cases[i].text, 1, GIB, &bytes), cases[i].err);
		assert_int_equal(bytes, cases[i].err ? 4711 : cases[i].bytes);
	}
}

static void seconds(void **state)
{
	static const struct {
		const char *text;
		int err;
		uint64_t ns;
	} cases[] = {
		{"1", 0, NSEC_PER_SEC},
		{"0.25", 0, 250000000},
		{"0.1234567891", 0, 123456789},
		{"2.", 0, 2 * NSEC_PER_SEC},
		{"3601", -ERANGE, 0},
		{"0", -ERANGE, 0},
		{".5", -EINVAL, 0},
		{"1e3", -EINVAL, 0},
		{"inf", -EINVAL, 0},
		{"-1", -EINVAL, 0},
		{"1s", -EINVAL, 0},
		{"99999999999999999999", -ERANGE, 0},
		{"99999999999999", -ERANGE, 0},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		uint64_t ns = 4711;

		assert_int_equal(parse_seconds(cases[i].text, 1, 3600 * NSEC_PER_SEC, &ns),
				 cases[i].err);
		assert_int_equal(ns, cases[i].err ? 4711 : cases[i].ns);
	}
}

struct items {
	char text[64];
	size_t n;
};

static int add_item(const char *item, void *ctx)
{
	struct items *items = ctx;

	if (!strcmp(item, "bad"))
		return -ERANGE;
	strcat(items->text, item);
	strcat(items->text, "|");
	items->n++;
	return 0;
}

static void lists(void **state)
{
	struct items items = {0};
	size_t bad = 99;

	(void)state;
	assert_int_equal(parse_list("a,bc,d", add_item, &items, &bad), 0);
	assert_string_equal(items.text, "a|bc|d|");
	assert_int_equal(bad, 99);
	assert_int_equal(parse_list("a,bad,c", add_item, &items, &bad), -ERANGE);
	assert_int_equal(bad, 2);
	assert_int_equal(parse_list("", add_item, &items, NULL), -EINVAL);
	assert_int_equal(parse_list("a,,b", add_item, &items, &bad), -EINVAL);
	assert_int_equal(parse_list("a,", add_item, &items, NULL), -EINVAL);
}

static void suggestions(void **state)
{
	static const char *const names[] = {"mode", "size", "threads", "two-copy"};

	(void)state;
	assert_string_equal(nearest_name("mdoe", names, 4), "mode");
	assert_string_equal(nearest_name("thread", names, 4), "threads");
	assert_string_equal(nearest_name("TWO-COPY", names, 4), "two-copy");
	assert_null(nearest_name("zzzzzz", names, 4));
	assert_null(nearest_name("", names, 4));
}

static void size_text(void **state)
{
	char buf[24];

	(void)state;
	assert_string_equal(format_size(65536, buf), "64K");
	assert_string_equal(format_size(GIB, buf), "1G");
	assert_string_equal(format_size(1536 * KIB, buf), "1536K");
	assert_string_equal(format_size(1000, buf), "1000");
	assert_string_equal(format_size(0, buf), "0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes),       cmocka_unit_test(seconds),
		cmocka_unit_test(lists),       cmocka_unit_test(suggestions),
		cmocka_unit_test(size_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
