// SPDX-License-Identifier: GPL-2.0-only
/* The report's directory: whole or not at all, and never over what is not ours. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <dirent.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "core/result_json.h"
#include "report/flame.h"
#include "report/report.h"
#include "result_fixture.h"

static char base[] = "/tmp/copyscope-report-XXXXXX";
static struct run_set *set;
static int keep_stderr;

static int setup(void **state)
{
	(void)state;
	keep_stderr = dup(STDERR_FILENO);
	dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
	set = fixture_make(FIXTURE_ONE_REPETITION);
	return mkdtemp(base) ? 0 : -1;
}

static int teardown(void **state)
{
	_cleanup_free_ char *command = xasprintf("rm -rf '%s'", base);

	(void)state;
	run_set_free(&set);
	dup2(keep_stderr, STDERR_FILENO);
	return system(command);
}

static bool exists(const char *dir, const char *name)
{
	_cleanup_free_ char *path = xasprintf("%s/%s/%s", base, dir, name);

	return !access(path, F_OK);
}

static int count_entries(const char *path)
{
	DIR *d = opendir(path);
	int n = 0;

	assert_non_null(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n - 2;
}

static int render(const char *dir, const char *formats)
{
	struct report_opts opts = REPORT_OPTS_DEFAULT;
	_cleanup_free_ char *path = xasprintf("%s/%s", base, dir);

	opts.formats = formats;
	return report_write(set, path, &opts);
}

static void put(const char *dir, const char *name, const char *text)
{
	_cleanup_free_ char *path = xasprintf("%s/%s/%s", base, dir, name);
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void a_new_report_is_complete(void **state)
{
	(void)state;
	assert_int_equal(render("new", "json,csv,folded,flame"), 0);
	assert_true(exists("new", "results.json") && exists("new", "results.csv"));
	assert_true(exists("new", "A1.folded") && exists("new", "flame-A3.svg"));
	assert_false(exists("new", "index.html"));
	assert_int_equal(count_entries(base), 1); /* no temporary left */
}

static void foreign_directories_are_refused(void **state)
{
	_cleanup_free_ char *path = xasprintf("%s/foreign", base);

	(void)state;
	mkdir(path, 0755);
	assert_int_equal(report_check_dir(path), 0); /* empty */
	put("foreign", "thesis.txt", "mine");
	assert_int_equal(render("foreign", "json"), -ENOTEMPTY);
	put("foreign", "results.json", "{\"schema\": \"somebody-else\"}");
	assert_int_equal(render("foreign", "json"), -ENOTEMPTY);
	assert_int_equal(count_entries(path), 2);
}

static void an_earlier_report_is_replaced_and_foreign_files_stay(void **state)
{
	(void)state;
	assert_int_equal(render("again", "json,csv"), 0);
	put("again", "notes.txt", "mine");
	put("again", "flame-B7.svg", "of a mode no longer there");
	assert_int_equal(render("again", "folded"), 0); /* a part: the rest stays */
	assert_true(exists("again", "results.csv") && exists("again", "A1.folded"));
	assert_true(exists("again", "flame-B7.svg"));
	assert_int_equal(render("again", NULL), 0); /* all: nothing old stays */
	assert_true(exists("again", "notes.txt") && exists("again", "index.html"));
	assert_false(exists("again", "flame-B7.svg"));
}

/* RLIMIT_FSIZE makes write() fail as a full disk does. */
static void a_failed_write_leaves_nothing(void **state)
{
	struct rlimit old, tiny;
	int before = count_entries(base), err;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	tiny = old;
	tiny.rlim_cur = 4096;
	setrlimit(RLIMIT_FSIZE, &tiny);
	err = render("full", "json");
	setrlimit(RLIMIT_FSIZE, &old);
	assert_true(err < 0);
	assert_int_equal(count_entries(base), before);
}

static void unknown_formats_are_refused(void **state)
{
	(void)state;
	assert_int_equal(report_check_formats("csv,md"), 0);
	assert_int_equal(report_check_formats("cvs"), -EINVAL);
	assert_int_equal(report_check_formats(""), -EINVAL);
	assert_int_equal(report_check_formats("csv,,md"), -EINVAL);
}

static void latest_is_a_link_and_only_a_link(void **state)
{
	_cleanup_free_ char *link = xasprintf("%s/latest", base);
	char target[64] = "";

	(void)state;
	assert_int_equal(report_link_latest(base, "one"), 0);
	assert_int_equal(report_link_latest(base, "two"), 0);
	assert_int_equal(readlink(link, target, sizeof(target) - 1), 3);
	assert_string_equal(target, "two");
	unlink(link);
	mkdir(link, 0755);
	assert_int_equal(report_link_latest(base, "three"), -EEXIST);
}

static void a_tree_keeps_every_sample(void **state)
{
	struct flame_tree tree;
	uint64_t expected = 0, self = 0;
	size_t i, j;

	(void)state;
	flame_tree_build(set, set->plan.mode[0].name, STACK_ONCPU, &tree);
	for (i = 0; i < set->result_cnt; i++)
		for (j = 0; j < set->result[i].stack_cnt; j++)
			if (set->result[i].key.mode == set->plan.mode[0].name &&
			    set->result[i].stack[j].kind == STACK_ONCPU)
				expected += set->result[i].stack[j].count;
	for (i = 0; i < tree.cnt; i++) {
		self += tree.node[i].self;
		for (j = i + 1; j < tree.cnt && tree.node[j].depth > tree.node[i].depth; j++)
			assert_true(tree.node[j].start + tree.node[j].value <=
				    tree.node[i].start + tree.node[i].value);
	}
	assert_true(expected > 0);
	assert_int_equal(tree.total, expected);
	assert_int_equal(self, expected);
	/* server, 3 shared frames, flatten 2, send 3 with 2 leaves; client with 7 */
	assert_int_equal(tree.cnt, 1 + 3 + 2 + (3 + 2) + 1 + 7);
	flame_tree_free(&tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_report_is_complete),
		cmocka_unit_test(foreign_directories_are_refused),
		cmocka_unit_test(an_earlier_report_is_replaced_and_foreign_files_stay),
		cmocka_unit_test(a_failed_write_leaves_nothing),
		cmocka_unit_test(unknown_formats_are_refused),
		cmocka_unit_test(latest_is_a_link_and_only_a_link),
		cmocka_unit_test(a_tree_keeps_every_sample),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
