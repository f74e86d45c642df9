// SPDX-License-Identifier: GPL-2.0-only
/* Off-CPU stacks are samples, and every place that shows them says so; those of older files are not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "rendered.h"
#include "result_fixture.h"

#define WORDS "a sample for each 10.0 ms"

static void assert_said(const char *format, const char *file, const char *words, bool sampled)
{
	struct run_set *set = fixture_make(0);
	_cleanup_free_ char *text = NULL;

	set->plan.offcpu_sample_ns = sampled ? 10 * NSEC_PER_MSEC : 0;
	text = rendered(set, format, file);
	if (!strstr(text, words) != !sampled)
		fail_msg("%s: \"%s\" is %s", file, words, sampled ? "missing" : "said");
	run_set_free(&set);
}

static void every_place_says_so(void **state)
{
	static const struct {
		const char *format, *file, *words;
	} rows[] = {
		{"md", "report.md", "(and samples)"},
		{"md", "report.md", WORDS " of their off-CPU time"},
		{"html", "index.html", "(and samples)"},
		{"flame", "offcpu-A1.svg", WORDS},
		{"folded", "offcpu-A1.folded", "off-CPU, " WORDS ";server;"},
		{"speedscope", "speedscope.json", "off-CPU time, " WORDS},
		{"json", "results.json", "\"offcpu_sample_ns\": 10000000"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_said(rows[i].format, rows[i].file, rows[i].words, true);
		assert_said(rows[i].format, rows[i].file, rows[i].words, false);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_place_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
