// SPDX-License-Identifier: GPL-2.0-only
/* The lines our programs say on stderr. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "core/log.h"
#include "in_child.h"

static const struct {
	const char *text, *said;
} lines[] = {
	{"plain", "copyscope: plain: No such file or directory\n"},
	{"Grüße \xe2\x82\xac", "copyscope: Grüße \xe2\x82\xac: No such file or directory\n"},
	{"\x1b]0;owned\x07", "copyscope: <U+001B>]0;owned<U+0007>: No such file or directory\n"},
	{"one\ntwo\r", "copyscope: one<U+000A>two<U+000D>: No such file or directory\n"},
	{"\xc2\x9b" "31m", "copyscope: <U+009B>31m: No such file or directory\n"},
	{"\xe2\x80\xae" "txt", "copyscope: <U+202E>txt: No such file or directory\n"},
	{"\x9b\xff", "copyscope: \xef\xbf\xbd\xef\xbf\xbd: No such file or directory\n"},
};

static int say(int row)
{
	return err_r(-ENOENT, "%s", lines[row].text) == -ENOENT ? EXIT_OK : EXIT_FAILED;
}

static void a_line_can_do_nothing_to_a_terminal(void **state)
{
	int code;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(lines); i++) {
		_cleanup_free_ char *said = in_child(say, (int)i, &code);

		assert_int_equal(code, EXIT_OK);
		assert_string_equal(said, lines[i].said);
	}
}

static int say_long(int len)
{
	_cleanup_free_ char *name = xmalloc((size_t)len + 1);

	memset(name, '\x1b', (size_t)len);
	name[len] = '\0';
	log_error("%s: too long: take another", name);
	return EXIT_OK;
}

static void a_long_name_does_not_hide_the_remedy(void **state)
{
	_cleanup_free_ char *said = NULL;
	int code;

	(void)state;
	said = in_child(say_long, 1 << 20, &code);
	assert_true(strlen(said) < 16300);
	assert_non_null(strstr(said, "copyscope: <U+001B>"));
	assert_non_null(strstr(said, "<U+001B> ... <U+001B>"));
	assert_non_null(strstr(said, ": too long: take another\n"));
}

/* Where leaving out the middle makes a line no shorter, it would write behind its end. */
static void a_line_grows_by_nothing(void **state)
{
	const int rest = (int)strlen(": too long: take another");
	int code, len;

	(void)state;
	for (len = 1990; len <= 2010; len++) {
		_cleanup_free_ char *said = in_child(say_long, len - rest, &code);

		assert_int_equal(code, EXIT_OK);
		assert_int_equal(strstr(said, " ... ") != NULL, len > 2005);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_can_do_nothing_to_a_terminal),
		cmocka_unit_test(a_long_name_does_not_hide_the_remedy),
		cmocka_unit_test(a_line_grows_by_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
