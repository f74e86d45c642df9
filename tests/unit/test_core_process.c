// SPDX-License-Identifier: GPL-2.0-only
/* How our programs begin and end: standard streams, output that must arrive, files enough. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <cmocka.h>

#include "core/process.h"
#include "in_child.h"

/* ---- standard streams --------------------------------------------------------------------- */

/* arg: which are closed, a bit each. */
static int open_after_close(int arg)
{
	int fd, wrong = 0;

	for (fd = 0; fd <= 2; fd++)
		if (arg & 1 << fd)
			close(fd);
	if (process_begin())
		return 99;
	fd = open("/dev/null", O_RDONLY);
	wrong |= fd <= STDERR_FILENO;
	/* what was closed must not work all of a sudden */
	if (arg & 1)
		wrong |= (read(0, &fd, 1) >= 0) << 1;
	if (arg & 2)
		wrong |= (write(1, "x", 1) >= 0) << 2;
	return wrong;
}

static void a_closed_stream_is_no_file_of_ours(void **state)
{
	int closed, code;

	(void)state;
	for (closed = 0; closed < 8; closed++) {
		free(in_child(open_after_close, closed, &code));
		assert_int_equal(code, 0);
	}
}

static int print_to(const char *path, size_t bytes)
{
	int fd = path ? open(path, O_WRONLY) : -1;

	close(STDOUT_FILENO);
	if (path)
		dup2(fd, STDOUT_FILENO);
	if (process_begin())
		return 99;
	while (bytes--)
		putchar('x');
	return process_end(EXIT_OK);
}

static int print_to_full(int bytes)
{
	return print_to("/dev/full", (size_t)bytes);
}

static int print_to_closed(int bytes)
{
	return print_to(NULL, (size_t)bytes);
}

static int print_to_null(int bytes)
{
	return print_to("/dev/null", (size_t)bytes);
}

static void output_that_is_lost_is_a_failure(void **state)
{
	static const struct {
		int (*body)(int bytes);
		int bytes, code;
		const char *said;
	} rows[] = {
		{print_to_full, 10, EXIT_FAILED, "standard output: No space left on device\n"},
		{print_to_full, 100000, EXIT_FAILED, "standard output: No space left on device\n"},
		{print_to_closed, 10, EXIT_FAILED, "standard output: it is closed\n"},
		{print_to_closed, 0, EXIT_OK, ""},
		{print_to_full, 0, EXIT_OK, ""},
		{print_to_null, 100000, EXIT_OK, ""},
	};
	size_t i;
	int code;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_free_ char *said = in_child(rows[i].body, rows[i].bytes, &code);

		assert_int_equal(code, rows[i].code);
		assert_true(!strcmp(said, rows[i].said) || (*rows[i].said && strstr(said, rows[i].said)));
	}
}

/* ---- files -------------------------------------------------------------------------------- */

static int need_files(int n)
{
	struct rlimit limit = {20, 40};

	if (setrlimit(RLIMIT_NOFILE, &limit) || process_need_files((size_t)n, "this test") != 0)
		return EXIT_FAILED;
	getrlimit(RLIMIT_NOFILE, &limit);
	return limit.rlim_cur == 40 ? EXIT_OK : 99;
}

static void files_enough_or_the_limit_is_named(void **state)
{
	_cleanup_free_ char *well = NULL, *said = NULL;
	int code;

	(void)state;
	well = in_child(need_files, 40, &code);
	assert_int_equal(code, EXIT_OK);
	assert_string_equal(well, "");
	said = in_child(need_files, 41, &code);
	assert_int_equal(code, EXIT_FAILED);
	assert_non_null(strstr(said, "this test needs 41 open files, RLIMIT_NOFILE allows 40"));
	assert_non_null(strstr(said, "`ulimit -n 41`"));
}

/* ---- children ------------------------------------------------------------------------------ */

static void who_takes_too_long_is_killed(void **state)
{
	pid_t good = fork(), slow;
	int status;

	(void)state;
	if (!good)
		_exit(3);
	slow = fork();
	if (!slow)
		for (;;)
			pause();
	assert_true(process_reap(good, 60 * NSEC_PER_SEC, &status));
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 3);
	assert_false(process_reap(slow, 0, &status));
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	assert_false(process_reap(slow, 0, &status)); /* it is nobody's any more */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_closed_stream_is_no_file_of_ours),
		cmocka_unit_test(output_that_is_lost_is_a_failure),
		cmocka_unit_test(files_enough_or_the_limit_is_named),
		cmocka_unit_test(who_takes_too_long_is_killed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
