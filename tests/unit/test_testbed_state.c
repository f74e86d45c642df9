// SPDX-License-Identifier: GPL-2.0-only
/* What recovery reads must not let anybody make root remove foreign things. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "testbed/internal.h"

static char scratch[PATH_MAX];

static int make_scratch(void **state)
{
	char template[] = "/tmp/copyscope-test.XXXXXX";

	(void)state;
	return mkdtemp(template) && realpath(template, scratch) ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *walk)
{
	(void)st;
	(void)type;
	(void)walk;
	return remove(path);
}

static int drop_scratch(void **state)
{
	(void)state;
	return nftw(scratch, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static char *in_scratch(const char *name)
{
	static char path[2][PATH_MAX + 64];
	static int turn;

	turn = !turn;
	snprintf(path[turn], sizeof(path[turn]), "%s/%s", scratch, name);
	return path[turn];
}

static void put_file(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	close(fd);
}

static void run_ids(void **state)
{
	static const char *const bad[] = {"",	    "12345",  "1234567", "12345g", "ABCDEF",
					  "../../", "12345/", "12345\n", " 12345"};
	size_t i;

	(void)state;
	assert_true(run_id_valid("0a1b2c"));
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(run_id_valid(bad[i]));
}

static void run_states(void **state)
{
	_cleanup_free_ char *base = xstrdup(in_scratch("base"));
	struct run_state a = RUN_STATE_NONE, b = RUN_STATE_NONE, again = RUN_STATE_NONE;
	_cleanup_free_ char *id = NULL;
	struct run_ids ids = {0};

	(void)state;
	assert_int_equal(run_states_list(base, &ids), 0); /* no base: nothing, and none is made */
	assert_int_equal(access(base, F_OK), -1);
	assert_int_equal(run_state_create(base, &a), 0);
	assert_int_equal(run_state_create(base, &b), 0);
	assert_string_not_equal(a.id, b.id);
	assert_int_equal(run_states_list(base, &ids), 0);
	assert_int_equal(ids.cnt, 2);
	free(ids.id);
	assert_int_equal(run_state_take(base, a.id, &again), -EWOULDBLOCK);
	assert_false(run_state_owner_gone(base, a.id));
	id = xstrdup(a.id);
	run_state_release(&a); /* as its death would */
	assert_int_equal(run_state_take(base, id, &again), 0);
	assert_int_equal(run_state_remove(base, &again), 0);
	assert_int_equal(run_state_take(base, id, &again), -ENOENT);
	assert_int_equal(run_state_remove(base, &b), 0);
	assert_int_equal(access(base, F_OK), -1); /* the last one takes it along */
}

/* A base directory others can write to must not be believed. */
static void foreign_base(void **state)
{
	_cleanup_free_ char *base = xstrdup(in_scratch("open"));
	struct run_state run = RUN_STATE_NONE;
	struct run_ids ids = {0};

	(void)state;
	assert_int_equal(mkdir(base, 0700), 0);
	assert_int_equal(chmod(base, 0777), 0);
	assert_int_equal(run_state_create(base, &run), -EPERM);
	assert_int_equal(run_states_list(base, &ids), -EPERM);
	assert_int_equal(chmod(base, 0700), 0);
	assert_int_equal(symlink(base, in_scratch("link")), 0);
	assert_true(run_state_create(in_scratch("link"), &run) < 0);
}

/* fn(base) fails, with one line on stderr that tells how to mend it. */
static void fails_aloud(int (*fn)(const char *base), const char *base, const char *remedy)
{
	int saved = dup(STDERR_FILENO), fd = memfd_create("stderr", MFD_CLOEXEC), err;
	char said[1024];
	ssize_t n;

	assert_true(saved >= 0 && fd >= 0);
	dup2(fd, STDERR_FILENO);
	err = fn(base);
	dup2(saved, STDERR_FILENO);
	close(saved);
	n = pread(fd, said, sizeof(said) - 1, 0);
	close(fd);
	assert_true(n > 0 && err < 0);
	said[n] = '\0';
	assert_ptr_equal(strchr(said, '\n'), said + n - 1);
	assert_non_null(strstr(said, base));
	assert_non_null(strstr(said, remedy));
}

static int create(const char *base)
{
	struct run_state run;

	return run_state_create(base, &run);
}

static int list(const char *base)
{
	struct run_ids ids = {0};

	return run_states_list(base, &ids);
}

static void unusable_base(void **state)
{
	static int (*const fns[])(const char *base) = {create, list};
	size_t i;

	(void)state;
	put_file(in_scratch("file"));
	assert_int_equal(symlink("/nowhere", in_scratch("dangling")), 0);
	assert_int_equal(symlink(scratch, in_scratch("to-dir")), 0);
	assert_int_equal(mkdir(in_scratch("shared"), 0700), 0);
	assert_int_equal(chmod(in_scratch("shared"), 0777), 0);
	for (i = 0; i < ARRAY_SIZE(fns); i++) {
		fails_aloud(fns[i], in_scratch("file"), "(rm ");
		fails_aloud(fns[i], in_scratch("dangling"), "(rm ");
		fails_aloud(fns[i], in_scratch("to-dir"), "(rm ");
		fails_aloud(fns[i], in_scratch("shared"), "(rm -r ");
	}
	fails_aloud(create, in_scratch("no/such"), "run with sudo");
}

/* Many creating and removing at once: each gets its own directory, and the base goes with the last.
 */
static void racing_runs(void **state)
{
	_cleanup_free_ char *base = xstrdup(in_scratch("race"));
	int i, k, status;
	pid_t pid[8];

	(void)state;
	for (i = 0; i < 8; i++) {
		pid[i] = fork();
		if (pid[i])
			continue;
		for (k = 0; k < 100; k++) {
			struct run_state run;

			if (run_state_create(base, &run) || run_state_remove(base, &run))
				_exit(1);
		}
		_exit(0);
	}
	for (i = 0; i < 8; i++) {
		assert_int_equal(waitpid(pid[i], &status, 0), pid[i]);
		assert_int_equal(status, 0);
	}
	assert_int_equal(access(base, F_OK), -1);
}

static void path_names(void **state)
{
	size_t i;

	(void)state;
	assert_string_equal(testbed_paths[0]->name, "veth");
	for (i = 0; testbed_paths[i]; i++) {
		const struct testbed_path *p = testbed_paths[i];

		assert_non_null(p->help);
		assert_true(p->remote || p->address[ROLE_SERVER]); /* another host has its own */
		assert_true(p->remote || p->address[ROLE_CLIENT]);
		assert_true(p->remote || p->address6[ROLE_SERVER]);
		assert_true(p->remote || p->address6[ROLE_CLIENT]);
		assert_int_equal(testbed_path_known(p->name), !p->argument);
	}
	assert_false(testbed_path_known(""));
	assert_false(testbed_path_known("vet"));
	assert_false(testbed_path_known("vethx"));
	assert_false(testbed_path_known("veth:"));
	assert_false(testbed_path_known("veth:a,b"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(run_ids),	cmocka_unit_test(run_states),
		cmocka_unit_test(foreign_base),	cmocka_unit_test(unusable_base),
		cmocka_unit_test(racing_runs),
		cmocka_unit_test(path_names),
	};

	return cmocka_run_group_tests(tests, make_scratch, drop_scratch);
}
