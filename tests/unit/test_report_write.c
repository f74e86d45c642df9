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
#include <sys/wait.h>

#include "core/result_json.h"
#include "report/flame.h"
#include "report/place.h"
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
	_cleanup_free_ char *path = xasprintf("%s/%s", base, dir);

	return report_write(set, path, formats, NULL);
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
	struct report_place *place = NULL;

	(void)state;
	mkdir(path, 0755);
	assert_int_equal(report_open(path, false, &place), 0); /* empty */
	report_close(&place);
	put("foreign", "thesis.txt", "mine");
	assert_int_equal(render("foreign", "json"), -ENOTEMPTY);
	put("foreign", "results.json", "{\"schema\": \"somebody-else\"}");
	assert_int_equal(render("foreign", "json"), -ENOTEMPTY);
	assert_int_equal(count_entries(path), 2);
}

static void only_what_we_wrote_is_replaced_or_removed(void **state)
{
	_cleanup_free_ char *dir = xasprintf("%s/again/flame-A2.svg", base);
	_cleanup_free_ char *plots = xasprintf("%s/again/plots", base);

	(void)state;
	assert_int_equal(render("again", "json,csv,plots"), 0);
	mkdir(plots, 0755); /* none where gnuplot is not installed */
	put("again", "notes.txt", "mine");
	put("again", "a2-a3.svg", "mine"); /* as our files are called, but none that we wrote */
	put("again", "perf.folded", "mine");
	put("again", "plots/mine.png", "mine");
	assert_int_equal(render("again", "folded"), 0); /* a part: the rest stays */
	assert_true(exists("again", "results.csv") && exists("again", "A1.folded"));
	assert_int_equal(render("again", NULL), 0);
	assert_true(exists("again", "index.html"));
	assert_true(exists("again", "notes.txt") && exists("again", "a2-a3.svg"));
	assert_true(exists("again", "perf.folded") && exists("again", "plots/mine.png"));
	assert_int_equal(render("again", "json,md"), 0); /* a part again */
	assert_true(exists("again", "index.html"));

	put("again", "MANIFEST", "copyscope report manifest 1\nresults.json\nold.svg\n../x\nplots/../y\nend\n");
	put("again", "old.svg", "of a mode that is no longer there");
	put(".", "x", "mine");
	put("again", "y", "mine");
	unlinkat(AT_FDCWD, dir, 0);
	mkdir(dir, 0755);
	assert_int_equal(render("again", NULL), -EEXIST); /* all others are said to be the user's now */
	assert_false(exists("again", "old.svg"));
	assert_true(exists("again", "y") && exists(".", "x") && exists("again", "flame-A2.svg/."));
	assert_true(exists("again", "results.csv"));
}

/* What the user put where a file of ours would go: named and left alone. */
static void what_is_in_the_way_stays(void **state)
{
	_cleanup_free_ char *path = xasprintf("%s/way/report.md", base);
	char text[16] = "";
	int fd;

	(void)state;
	assert_int_equal(render("way", "json"), 0);
	put("way", "report.md", "mine");
	assert_int_equal(render("way", "json,md,csv"), -EEXIST);
	fd = open(path, O_RDONLY);
	assert_int_equal(read(fd, text, sizeof(text) - 1), 4);
	close(fd);
	assert_string_equal(text, "mine");
	assert_true(exists("way", "results.csv")); /* the others are written */
	assert_int_equal(render("way", "json,md"), -EEXIST); /* and it has not become ours by that */
	unlink(path);
	assert_int_equal(render("way", "json,md"), 0);
}

/* In a process that is gone after it: a report as far as `complete` says. */
static void die_over(const char *dir, bool complete)
{
	_cleanup_free_ char *path = xasprintf("%s/%s", base, dir);
	struct report_place *place;
	int status;
	pid_t pid = fork();

	if (!pid) {
		if (report_open(path, false, &place) || report_render(place, set, "json,csv", NULL))
			_exit(1);
		if (complete && manifest_write(&place->written, place->manifest_fd))
			_exit(1);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void what_a_killed_one_left_is_removed(void **state)
{
	_cleanup_free_ char *path = xasprintf("%s/killed", base);
	int before = count_entries(base);
	struct report_place *living = NULL;

	(void)state;
	die_over("killed", false);
	assert_int_equal(count_entries(base), before + 1); /* the stage */
	assert_int_equal(report_open(path, false, &living), 0);
	assert_int_equal(count_entries(base), before + 1); /* its own */
	assert_int_equal(render("killed", "json"), 0);
	assert_int_equal(count_entries(base), before + 2); /* that of one who lives stays */
	report_close(&living);

	die_over("killed", false);
	assert_int_equal(count_entries(path), 3);
	assert_int_equal(render("killed", "json"), 0);
	assert_int_equal(count_entries(path), 2);
}

static void what_was_complete_is_finished(void **state)
{
	(void)state;
	assert_int_equal(render("finished", "json,md"), 0);
	die_over("finished", true);
	assert_false(exists("finished", "results.csv"));
	assert_int_equal(render("finished", "folded"), 0);
	assert_true(exists("finished", "results.csv") && exists("finished", "A1.folded"));

	die_over("new-one", true); /* its name is not known any more */
	assert_int_equal(render("another", "json"), 0);
	assert_false(exists("new-one", "results.csv"));
	{
		_cleanup_free_ char *command = xasprintf("ls %s/recovered-*/results.csv >/dev/null", base);

		assert_int_equal(system(command), 0);
	}
}

/* Directories that only look like stages are nobody's to remove. */
static void what_looks_like_a_stage_stays(void **state)
{
	_cleanup_free_ char *mine = xasprintf("%s/" STAGE_MARK "0123abcd", base);
	_cleanup_free_ char *emptied = xasprintf("%s/" STAGE_MARK "4567cdef", base);
	_cleanup_free_ char *plots = xasprintf("%s/plots", emptied);

	(void)state;
	mkdir(mine, 0755);
	put(STAGE_MARK "0123abcd", "notes.txt", "mine");
	mkdir(emptied, 0700);
	mkdir(plots, 0755);
	assert_int_equal(render("beside", "json"), 0);
	assert_true(exists(STAGE_MARK "0123abcd", "notes.txt"));
	assert_int_equal(access(emptied, F_OK), -1); /* killed when it was merged already */
	put(STAGE_MARK "0123abcd", "MANIFEST", "of something else\n");
	assert_int_equal(render("beside-2", "json"), 0);
	assert_true(exists(STAGE_MARK "0123abcd", "notes.txt"));
}

static int begin(const char *dir, bool any_name, struct report_place **place)
{
	_cleanup_free_ char *path = xasprintf("%s/%s", base, dir);
	int err = report_open(path, any_name, place);

	return err ?: report_render(*place, set, "json", NULL);
}

static void names_are_taken_once(void **state)
{
	struct report_place *place[4] = {0};
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++)
		assert_int_equal(begin("same", true, &place[i]), 0);
	for (i = 0; i < 3; i++)
		assert_int_equal(report_commit(place[i]), 0);
	assert_true(exists("same", "results.json") && exists("same-2", "results.json") &&
		    exists("same-3", "results.json"));

	/* filled meanwhile, by something else: nothing is lost either way */
	assert_int_equal(begin("asked-for", false, &place[3]), 0);
	{
		_cleanup_free_ char *path = xasprintf("%s/asked-for", base);

		mkdir(path, 0755);
	}
	put("asked-for", "thesis.txt", "mine");
	assert_int_equal(report_commit(place[3]), 0);
	assert_true(exists("asked-for", "thesis.txt") && exists("asked-for-2", "results.json"));
	for (i = 0; i < 4; i++)
		report_close(&place[i]);
}

static void a_manifest_leads_nowhere_else(void **state)
{
	static const char text[] = "copyscope report manifest 1\nreport.md\n/etc/passwd\n../up\n.hidden\n"
				   "plots/a.png\nplots/../b\nplots/\nsub/c\n\n a\nend\ntail\n";
	struct manifest m;

	(void)state;
	assert_int_equal(manifest_parse(text, &m), 0);
	assert_int_equal(m.cnt, 2);
	assert_string_equal(m.name[0], "report.md");
	assert_string_equal(m.name[1], "plots/a.png");
	assert_true(m.complete);
	manifest_free(&m);
	assert_int_equal(manifest_parse("copyscope report manifest 1\nreport.md\nen", &m), 0);
	assert_false(m.complete);
	manifest_free(&m);
	assert_int_equal(manifest_parse("something else\n", &m), -EINVAL);
	assert_int_equal(manifest_parse("", &m), 0); /* only just begun */
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
	struct report_place *place[3] = {0};
	char target[64] = "";

	(void)state;
	assert_int_equal(begin("one", true, &place[0]) ?: report_commit(place[0]), 0);
	assert_int_equal(begin("two", true, &place[1]) ?: report_commit(place[1]), 0);
	assert_int_equal(begin("three", true, &place[2]) ?: report_commit(place[2]), 0);
	assert_int_equal(report_link_latest(place[0]), 0);
	assert_int_equal(report_link_latest(place[1]), 0);
	assert_int_equal(readlink(link, target, sizeof(target) - 1), 3);
	assert_string_equal(target, "two");
	unlink(link);
	mkdir(link, 0755);
	assert_int_equal(report_link_latest(place[2]), -EEXIST);
	report_close(&place[0]);
	report_close(&place[1]);
	report_close(&place[2]);
}

static void a_tree_keeps_every_sample(void **state)
{
	struct flame_tree tree;
	uint64_t expected = 0, self = 0;
	size_t i, j;

	(void)state;
	flame_tree_build(set, set->plan.mode[0].name, STACK_ONCPU, NULL, &tree);
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
		cmocka_unit_test(only_what_we_wrote_is_replaced_or_removed),
		cmocka_unit_test(what_is_in_the_way_stays),
		cmocka_unit_test(what_a_killed_one_left_is_removed),
		cmocka_unit_test(what_was_complete_is_finished),
		cmocka_unit_test(what_looks_like_a_stage_stays),
		cmocka_unit_test(names_are_taken_once),
		cmocka_unit_test(a_manifest_leads_nowhere_else),
		cmocka_unit_test(a_failed_write_leaves_nothing),
		cmocka_unit_test(unknown_formats_are_refused),
		cmocka_unit_test(latest_is_a_link_and_only_a_link),
		cmocka_unit_test(a_tree_keeps_every_sample),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
