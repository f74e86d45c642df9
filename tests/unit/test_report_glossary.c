// SPDX-License-Identifier: GPL-2.0-only
/* A term is explained where it first stands as a word of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "report/glossary.h"

static char *explained(const char *text, uint64_t *told)
{
	char *html = NULL;
	size_t len;
	FILE *out = open_memstream(&html, &len);

	put_explained(out, text, told);
	fclose(out);
	return html;
}

static size_t count(const char *text, const char *word)
{
	size_t n = 0;

	for (; (text = strstr(text, word)); text++)
		n++;
	return n;
}

static void terms_are_words_of_their_own(void **state)
{
	static const struct {
		const char *text;
		size_t terms;
	} cases[] = {
		{"4 cells", 1}, {"Cell by cell", 1}, {"excellent", 0}, {"cell_x and -cell", 0}, {"was copied", 0},
		{"flag COPIED", 1}, {"the ledger of a cell", 2}, {"", 0}, {"zero-copy, pinned", 2},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		uint64_t told = 0;
		_cleanup_free_ char *html = explained(cases[i].text, &told);

		assert_int_equal(count(html, "<abbr title="), cases[i].terms);
		assert_int_equal(__builtin_popcountll(told), cases[i].terms);
	}
}

static void a_term_is_explained_once_and_nothing_becomes_markup(void **state)
{
	uint64_t told = 0;
	_cleanup_free_ char *first = explained("<b>cell</b>", &told), *again = explained("a cell", &told);

	(void)state;
	assert_int_equal(count(first, "<abbr"), 1);
	assert_null(strstr(first, "<b>"));
	assert_string_equal(again, "a cell");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(terms_are_words_of_their_own),
		cmocka_unit_test(a_term_is_explained_once_and_nothing_becomes_markup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
