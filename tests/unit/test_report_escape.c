// SPDX-License-Identifier: GPL-2.0-only
/* Untrusted text in every target language. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "core/util.h"
#include "report/escape.h"
#include "report/number.h"

static const struct {
	void (*put)(FILE *out, const char *s);
	const char *in, *out;
} rows[] = {
	{put_xml, "<b a='\"'>&", "&lt;b a=&#39;&quot;&#39;&gt;&amp;"},
	{put_xml, "a\nb\x01", "a&lt;U+000A&gt;b&lt;U+0001&gt;"},
	{put_xml, "\xe2\x80\xae" "evil", "&lt;U+202E&gt;evil"},
	{put_xml, "\xff\xc0\xafz", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz"},
	{put_xml, "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},   /* surrogate */
	{put_xml, "\xf0\x9f", "\xef\xbf\xbd\xef\xbf\xbd"},		     /* cut short */
	{put_xml, "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"},
	{put_csv, "plain", "plain"},
	{put_csv, "a,b", "\"a,b\""},
	{put_csv, "say \"x\"", "\"say \"\"x\"\"\""},
	{put_csv, "=cmd()", "\"'=cmd()\""},
	{put_csv, "-1+1", "\"'-1+1\""},
	{put_csv, "@x", "\"'@x\""},
	{put_csv, "a\r\nb", "\"a<U+000D><U+000A>b\""},
	{put_md, "skb_copy_ubufs", "skb_copy_ubufs"},
	{put_md, "_x_", "\\_x\\_"},
	{put_md, "a|b`c`*d*", "a\\|b\\`c\\`\\*d\\*"},
	{put_md, "<script>", "&lt;script&gt;"},
	{put_md, "[x](y)", "\\[x\\](y)"},
	{put_md, "# head", "\\# head"},
	{put_folded, "a;b", "a:b"},
	{put_folded, "a\nb c", "a<U+000A>b c"},
	{put_folded, "", "[unnamed]"},
	{put_json, "a\"b\\", "\"a\\\"b\\\\\""},
	{put_json, "a\nb\x1b\xe2\x80\xae", "\"a<U+000A>b<U+001B><U+202E>\""},
	{put_json, "\xff=cmd()", "\"\xef\xbf\xbd=cmd()\""},
};

static void every_language(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		char *text = NULL;
		size_t len;
		FILE *out = open_memstream(&text, &len);

		rows[i].put(out, rows[i].in);
		fclose(out);
		assert_string_equal(text, rows[i].out);
		free(text);
	}
}

static void file_names_are_harmless(void **state)
{
	static const char *const in[] = {"A1", "../x", ".hidden", "", "a b\xff/\n", "A.1"};
	static const char *const expected[] = {"A1", "_._x", "_hidden", "_", "a_b___", "A.1"};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(in); i++) {
		_cleanup_free_ char *name = safe_file_name(in[i]);

		assert_string_equal(name, expected[i]);
	}
}

static void numbers_read_well(void **state)
{
	(void)state;
	assert_string_equal(number_exact(0).text, "0");
	assert_string_equal(number_exact(999).text, "999");
	assert_string_equal(number_exact(-1234567).text, "-1,234,567");
	assert_string_equal(number_bytes(1536).text, "1.50 KiB");
	assert_string_equal(number_bytes(1023.9).text, "1.00 KiB");
	assert_string_equal(number_size(64 * KIB).text, "64 KiB");
	assert_string_equal(number_size(100).text, "100 B");
	assert_string_equal(number_short(175785772631.0).text, "176 G");
	assert_string_equal(number_short(345.295).text, "345");
	assert_string_equal(number_short(6.33).text, "6.33");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_language),
		cmocka_unit_test(file_names_are_harmless),
		cmocka_unit_test(numbers_read_well),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
