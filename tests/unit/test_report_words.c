// SPDX-License-Identifier: GPL-2.0-only
/* What the report says, as Markdown: by which tier which passes were observed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "core/result_json.h"
#include "report/report.h"
#include "result_fixture.h"

/* A file of the report of set; the caller frees. */
static char *rendered(struct run_set *set, const char *format, const char *file)
{
	char base[] = "/tmp/copyscope-words-XXXXXX", *text = NULL;
	struct report_opts opts = REPORT_OPTS_DEFAULT;
	_cleanup_free_ char *dir = NULL, *path = NULL, *command = NULL;
	size_t len = 0;
	FILE *f;

	assert_non_null(mkdtemp(base));
	dir = xasprintf("%s/r", base);
	path = xasprintf("%s/%s", dir, file);
	command = xasprintf("rm -r %s", base);
	opts.formats = format;
	run_set_derive(set);
	assert_int_equal(report_write(set, dir, &opts), 0);
	f = fopen(path, "r");
	assert_non_null(f);
	assert_true(getdelim(&text, &len, '\0', f) > 0);
	fclose(f);
	assert_int_equal(system(command), 0);
	return text;
}

static void add_probe(struct run_set *set, const char *quantity, enum tier tier, unsigned int series)
{
	array_grow(set->probe, set->probe_cnt, set->probe_cap);
	set->probe[set->probe_cnt++] = (struct probe_note){
		.quantity = run_set_str(set, quantity), .tier = tier, .via = "f", .series = series};
}

/* The last attribution pass in the order of the run. */
static struct run_result *last_pass(struct run_set *set)
{
	size_t i = set->result_cnt;

	while (set->result[--i].key.pass != PASS_ATTRIBUTION)
		;
	return &set->result[i];
}

static void a_change_of_tier_is_told_of_the_passes_it_is_true_of(void **state)
{
	struct run_set *set = fixture_make(FIXTURE_ONE_REPETITION);
	_cleanup_free_ char *one = NULL, *both = NULL, *retaken = NULL;
	const char *first, *second;
	size_t i;

	(void)state;
	set->probe_cnt = 0;
	add_probe(set, "send", TIER_FENTRY, 0);
	one = rendered(set, "md", "report.md");
	assert_non_null(strstr(one, "*How each quantity was observed*"));

	add_probe(set, "send", TIER_KPROBE, 1);
	last_pass(set)->series = 1;
	both = rendered(set, "md", "report.md");
	first = strstr(both, "*How each quantity was observed in 11 of 12 attribution passes, from A1 16 KiB x 1, "
			     "repetition 1 to ");
	second = strstr(both, "*How each quantity was observed in 1 of 12 attribution passes, from A3 64 KiB x 4, "
			      "repetition 1 to A3 64 KiB x 4, repetition 1*");
	assert_true(first && second && first < second);
	assert_true(strstr(first, "| fentry |") < second);
	assert_non_null(strstr(second, "| kprobe |"));

	/* all were taken again: there is but one way */
	for (i = 0; i < set->result_cnt; i++)
		set->result[i].series = set->result[i].key.pass == PASS_ATTRIBUTION;
	retaken = rendered(set, "md", "report.md");
	assert_non_null(strstr(retaken, "*How each quantity was observed*"));
	assert_null(strstr(retaken, "| fentry |"));
	run_set_free(&set);
}

static void the_series_is_in_the_file_where_it_is_not_the_first(void **state)
{
	struct run_set *set = fixture_make(FIXTURE_ONE_REPETITION), *again = NULL;
	char path[] = "/tmp/copyscope-words-XXXXXX";
	_cleanup_free_ char *text = NULL;
	FILE *f = fdopen(mkstemp(path), "w");

	(void)state;
	add_probe(set, "send", TIER_KPROBE, 1);
	last_pass(set)->series = 1;
	text = rendered(set, "json", "results.json");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	assert_int_equal(run_set_read_json(path, &again), 0);
	unlink(path);
	assert_int_equal(last_pass(again)->series, 1);
	assert_int_equal(again->result[0].series, 0);
	assert_int_equal(run_set_series(again), 1);
	assert_int_equal(again->probe[0].series, 0);
	run_set_free(&set);
	run_set_free(&again);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_change_of_tier_is_told_of_the_passes_it_is_true_of),
		cmocka_unit_test(the_series_is_in_the_file_where_it_is_not_the_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
