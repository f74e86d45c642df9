// SPDX-License-Identifier: GPL-2.0-only
/* results.json may be anybody's: what a file can make its reader take is bounded, in each text, each list
 * and in all. What we write ourselves is always within the bounds.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/resource.h>
#include <cmocka.h>

#include "core/result_json.h"
#include "core/result_json_fields.h"
#include "in_child.h"
#include "result_fixture.h"
#include "result_text.h"

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif

static FILE *to_file(const char *text, char *path)
{
	int fd = mkstemp(path);
	FILE *f;

	assert_true(fd >= 0);
	f = fdopen(fd, "w+");
	assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
	assert_int_equal(fflush(f), 0);
	rewind(f);
	return f;
}

/* The text that run_in_child() reads. */
static const char *given;

/* 0: read; 1: refused in one line, which in_child() returns. */
static int read_given(int unused)
{
	char path[] = "/tmp/copyscope-test-XXXXXX";
	struct run_set *set = NULL;
	FILE *f = to_file(given, path);
	int err = run_set_read_json(path, &set);

	(void)unused;
	unlink(path);
	fclose(f);
	run_set_free(&set);
	return err != 0;
}

static void expect(const char *text, const char *refusal)
{
	_cleanup_free_ char *said = NULL;
	int code;

	given = text;
	said = in_child(read_given, 0, &code);
	if (code != !!refusal || (refusal ? !strstr(said, refusal) : *said))
		fail_msg("%d, \"%s\", where \"%s\" was expected", code, said, refusal ?: "nothing");
}

/* before, n times piece, after */
static char *repeated(const char *before, const char *piece, size_t n, const char *after)
{
	size_t len = strlen(piece), i;
	char *text = xmalloc(strlen(before) + n * len + strlen(after) + 1), *end = stpcpy(text, before);

	for (i = 0; i < n; i++)
		end = mempcpy(end, piece, len);
	strcpy(end, after);
	return text;
}

/* The first place of what in text, replaced. */
static char *replaced(const char *text, const char *what, const char *with)
{
	const char *at = strstr(text, what);

	if (!at)
		fail_msg("no '%s' in the file", what);
	return xasprintf("%.*s%s%s", (int)(at - text), text, with, at + strlen(what));
}

/* ---- texts and lists ---------------------------------------------------------------------- */

static const struct {
	const char *what, *before, *piece, *after;
	size_t most;
	const char *refusal;
} limits[] = {
	{"\"command\": \"", "\"command\": \"", "x", "", MAX_COMMAND, ": command is a text of "},
	{"[\"Kernel\", \"", "[\"Kernel\", \"", "x", "", MAX_TEXT, "environment[0]: value is a text of "},
	{"[\"Kernel\", \"", "[\"", "x", "Kernel\", \"", MAX_NAME, "environment[0]: name is a text of "},
	{"[\"u\", \"_start\"", "[\"u\", \"_start", "x", "\"", MAX_SYMBOL, "frames[0]: name is a text of "},
	{"\"title\": \"", "\"title\": \"", "x", "", MAX_NAME, "plan.modes[0]: title is a text of "},
	{"\"environment\": [", "\"environment\": [", "[\"a\",\"b\"],", "", MAX_LIST,
	 "more than 65536 environment"},
	{"\"notes\": [", "\"notes\": [", "[\"a\",\"b\"],", "", MAX_LIST, "more than 65536 notes"},
	{"\"probes\": [", "\"probes\": [", "{},", "", 0, "probes[0]: quantity is not a string"},
	{"\"waits\": [", "\"waits\": [", "[\"server\",\"r\",true,true,1,1],",
	 "[\"server\",\"r\",true,true,1,1]", MAX_LIST,
	 "results[0]: more than 65536 waits"},
	{"\"modes\": [", "\"modes\": [", "{},", "", 0, "plan.modes[0]: name is not a string"},
	{"\"modes\": [", "\"modes\": [", "{},", "", PLAN_ITEMS_MAX, "plan: more than 64 modes"},
};

static void each_text_and_list_has_its_limit(void **state)
{
	struct run_set *set = fixture_make(0);
	_cleanup_free_ char *text = to_text(set);
	size_t i;

	(void)state;
	run_set_free(&set);
	for (i = 0; i < ARRAY_SIZE(limits); i++) {
		_cleanup_free_ char *with = repeated(limits[i].before, limits[i].piece,
						     limits[i].most + 1, limits[i].after);
		_cleanup_free_ char *much = replaced(text, limits[i].what, with);

		expect(much, limits[i].refusal);
	}
}

static void what_is_written_is_within_the_limits(void **state)
{
	struct run_set *set = fixture_make(FIXTURE_ONE_REPETITION), *again = NULL;
	_cleanup_free_ char *ascii = repeated("", "x", 1 << 20, ""), *text = NULL;
	_cleanup_free_ char *euro = repeated("-", "\xe2\x82\xac", MAX_TEXT / 3 + 1, "");
	_cleanup_free_ char *bytes = repeated("", "\xff", MAX_SYMBOL / 3 + 1, "");
	_cleanup_free_ char *fits = repeated("", "y", MAX_TEXT, "");
	char path[] = "/tmp/copyscope-test-XXXXXX";
	size_t last = set->env_cnt;
	FILE *f;

	(void)state;
	set->command = run_set_str(set, ascii);
	run_set_env(set, "cut", "%s", euro);
	run_set_env(set, "whole", "%s", fits);
	set->frame[0].name = run_set_str(set, bytes);
	text = to_text(set);
	f = to_file(text, path);
	assert_int_equal(run_set_read_json(path, &again), 0);
	unlink(path);
	fclose(f);
	assert_int_equal(strlen(again->command), MAX_COMMAND);
	assert_string_equal(again->command + MAX_COMMAND - 4, "x...");
	/* whole characters, and not one more than fits */
	assert_true(strlen(again->env[last].value) <= MAX_TEXT);
	assert_true(strlen(again->env[last].value) > MAX_TEXT - 4);
	assert_string_equal(again->env[last].value + strlen(again->env[last].value) - 6,
			    "\xe2\x82\xac...");
	assert_string_equal(again->env[last + 1].value, fits);
	assert_true(strlen(again->frame[0].name) <= MAX_SYMBOL);
	run_set_free(&set);
	run_set_free(&again);
}

/* Version 1 has to be brought into form before it is judged; that must not take for ever. */
static void an_old_file_is_judged_in_time(void **state)
{
	_cleanup_free_ char *modes = repeated("{\"schema\": \"copyscope-results\", \"version\": 1, "
					      "\"elapsed_ns\": 1, \"plan\": {\"repetitions\": 1, "
					      "\"duration_ns\": 1, \"frequency_hz\": 1, \"verify\": false, "
					      "\"modes\": [{}", ",{\"name\":\"m\"}", 5000, "]}, \"results\": [{}");
	_cleanup_free_ char *text = repeated(modes, ",{\"mode\":\"m\"}", 19999, "]}");
	struct rusage before, after;

	(void)state;
	getrusage(RUSAGE_CHILDREN, &before);
	expect(text, "plan: more than 64 modes");
	getrusage(RUSAGE_CHILDREN, &after);
	assert_true(after.ru_utime.tv_sec - before.ru_utime.tv_sec < 5);
}

/* ---- memory ------------------------------------------------------------------------------- */

/* Little text for much memory. */
static const struct {
	const char *piece;
	size_t n;
} bombs[] = {
	{"0,", 300000},
	{"1.5,", 300000},
	{"\"\",", 200000},
	{"\"a\",", 200000},
	{"[],", 200000},
	{"{},", 100000},
	{"[0],", 100000},
	{"[[[[0]]]],", 50000},
	{"[0,0,0,0,0,0,0,0,0],", 50000},
	{"{\"a\":0},", 50000},
	{"{\"a\":0,\"b\":0,\"c\":0,\"d\":0,\"e\":0,\"f\":0,\"g\":0,\"h\":0,\"i\":0},", 20000},
	{"{\"a\":{\"a\":{\"a\":[]}}},", 20000},
};

static uint64_t resident_bytes(void)
{
	struct rusage now;

	getrusage(RUSAGE_SELF, &now);
	return (uint64_t)now.ru_maxrss * KIB;
}

/* 0: no more memory is taken than was added up. */
static int explode(int i)
{
	_cleanup_free_ char *text = repeated("[", bombs[i].piece, bombs[i].n, "0]");
	char path[] = "/tmp/copyscope-test-XXXXXX";
	struct reader rd = {.path = path};
	FILE *f = to_file(text, path);
	uint64_t before = resident_bytes(), took;
	json_t *root = NULL;
	int err = load_json(&rd, f, &root);

	took = resident_bytes() - before;
	unlink(path);
	fclose(f);
	json_decref(root);
	if (took <= rd.memory + MIB)
		return err != 0;
	printf("\"%s\": took %llu KiB, added up are %llu\n", bombs[i].piece,
	       (unsigned long long)took / 1024, (unsigned long long)rd.memory / 1024);
	fflush(stdout);
	return 2;
}

static void memory_is_added_up(void **state)
{
	int code;
	size_t i;

	(void)state;
#ifdef SANITIZED
	print_message("sanitizers take memory of their own\n");
	skip();
#endif
	for (i = 0; i < ARRAY_SIZE(bombs); i++) {
		free(in_child(explode, (int)i, &code));
		assert_int_equal(code, 0);
	}
}

/* arg: MiB that are left of what may be taken. */
static int explode_with(int left)
{
	_cleanup_free_ char *text = repeated("[", "[],", 1000000, "0]");
	char path[] = "/tmp/copyscope-test-XXXXXX";
	struct reader rd = {.path = path, .memory = 4 * GIB - (uint64_t)left * MIB};
	FILE *f = to_file(text, path);
	json_t *root = NULL;
	int err = load_json(&rd, f, &root);

	unlink(path);
	fclose(f);
	json_decref(root);
	return -err;
}

static void too_much_memory_is_refused(void **state)
{
	_cleanup_free_ char *said = NULL;
	int code;

	(void)state;
	free(in_child(explode_with, 200, &code));
	assert_int_equal(code, 0);
	said = in_child(explode_with, 100, &code);
	assert_int_equal(code, EFBIG);
	assert_non_null(strstr(said, "takes more than 4 GiB of memory: not a results.json of ours\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_text_and_list_has_its_limit),
		cmocka_unit_test(what_is_written_is_within_the_limits),
		cmocka_unit_test(an_old_file_is_judged_in_time),
		cmocka_unit_test(memory_is_added_up),
		cmocka_unit_test(too_much_memory_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
