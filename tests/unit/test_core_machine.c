// SPDX-License-Identifier: GPL-2.0-only
/* The CPU time of a machine that is made of files, and of this one. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/machine.h"
#include "core/util.h"

#define MINE  70
#define TICKS (NSEC_PER_SEC / (uint64_t)sysconf(_SC_CLK_TCK))

static char root[] = "/tmp/copyscope-machine-XXXXXX";

static void put(const char *path, const char *text)
{
	_cleanup_free_ char *full = xasprintf("%s/%s", root, path), *dir = xstrdup(full);
	FILE *f;

	*strrchr(dir, '/') = '\0';
	mkdir(dir, 0755);
	f = fopen(full, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

/* Its name tries to be taken for the fields behind it. */
static void put_process(unsigned int pid, unsigned int flags, unsigned int user, unsigned int children)
{
	_cleanup_free_ char *path = xasprintf("%u/stat", pid);
	_cleanup_free_ char *text = xasprintf("%u (a) S 1 (b) S 1 1 1 0 -1 %u 1 2 3 4 %u 1 %u 0 20 0 1 0 5\n", pid,
					      flags, user, children);

	put(path, text);
}

static void put_kernel_thread(unsigned int pid, uint64_t run_ns)
{
	_cleanup_free_ char *path = xasprintf("%u/schedstat", pid);
	_cleanup_free_ char *text = xasprintf("%llu 7 9\n", (unsigned long long)run_ns);

	put_process(pid, 0x00200040, 0, 0);
	put(path, text);
}

static void put_clocks(unsigned int idle, unsigned int iowait, unsigned int steal)
{
	_cleanup_free_ char *text = xasprintf("cpu  1 2 3 %u %u 4 5 %u 0 0\ncpu0 1 2\ncpu1 1 2\nintr 7\n", idle,
					      iowait, steal);

	put("stat", text);
}

static int make_root(void **state)
{
	(void)state;
	strcpy(root, "/tmp/copyscope-machine-XXXXXX");
	return !mkdtemp(root);
}

static int drop_root(void **state)
{
	_cleanup_free_ char *command = xasprintf("rm -r %s", root);

	(void)state;
	return system(command);
}

/* A program's child that was waited for is in its parent's time, and a thread of the kernel may be new. */
static void what_ran_is_told_apart(void **state)
{
	struct metric_value v[METRIC_MAX_] = {0};
	uint64_t from_ns = monotonic_ns(), took_ns;
	struct timespec own;
	struct machine *m;

	(void)state;
	put_clocks(100, 10, 3);
	put_process(20, 0x400000, 50, 5);
	put_process(21, 0x400000, 9, 0);
	put_process(MINE, 0x400000, 1000, 0);
	put_kernel_thread(30, 1000);
	m = machine_begin(root, (pid_t[]){MINE}, 1);
	usleep(300000);
	put_clocks(110, 12, 4);
	put_process(20, 0x400000, 52, 14); /* 21 ended, and 20 waited for it */
	put("21/stat", "");
	put_process(MINE, 0x400000, 3000, 0);
	put_kernel_thread(30, 4000);
	put_kernel_thread(31, 500);
	machine_end(m, v);
	took_ns = monotonic_ns() - from_ns;
	assert_true(v[M_BUSY_CPU_NS].value <= 2 * (double)took_ns - 12 * (double)TICKS);
	assert_true(v[M_BUSY_CPU_NS].value >= 2 * 300e6 - 12 * (double)TICKS);
	assert_int_equal(v[M_KERNEL_CPU_NS].value, 3500);
	/* and what this test itself ran meanwhile */
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &own);
	assert_true(v[M_OTHER_CPU_NS].value >= (double)TICKS);
	assert_true(v[M_OTHER_CPU_NS].value <= (double)TICKS + 1e9 * (double)own.tv_sec + (double)own.tv_nsec);
	assert_int_equal(v[M_STEAL_NS].value, TICKS);
	machine_free(&m);
	machine_free(&m);
}

static void without_proc_nothing_is_claimed(void **state)
{
	struct metric_value v[METRIC_MAX_] = {0};
	struct machine *m = machine_begin("/nonexistent", NULL, 0);
	enum metric_id id;

	(void)state;
	machine_end(m, v);
	for (id = 0; id < METRIC_MAX_; id++)
		assert_int_equal(v[id].status, VALUE_ABSENT);
	machine_free(&m);
}

/* Of four that run or wait one is who looks. */
static void threads_are_looked_at(void **state)
{
	struct timeline *runnable = NULL;
	struct machine *m;

	(void)state;
	put("loadavg", "nonsense");
	m = machine_begin(root, NULL, 0);
	machine_look(m, 0, &runnable);
	assert_null(runnable);
	put("loadavg", "0.00 0.01 0.05 4/123 4567\n");
	machine_look(m, TIMELINE_BIN_NS, &runnable);
	assert_int_equal(runnable->cnt, 2);
	assert_int_equal(runnable->bin[0], TIMELINE_NONE);
	assert_int_equal(runnable->bin[1], 3);
	free(runnable);
	machine_free(&m);
}

/* A child that spins is another program's time, and the machine was busy at least so long. */
static void this_machine(void **state)
{
	struct metric_value v[METRIC_MAX_] = {0};
	uint64_t from_ns = monotonic_ns(), until_ns = from_ns + 200 * NSEC_PER_MSEC;
	struct machine *m = machine_begin("/proc", NULL, 0);
	pid_t pid = fork();

	(void)state;
	if (!pid) {
		while (monotonic_ns() < until_ns)
			;
		_exit(0);
	}
	usleep(250000);
	machine_end(m, v);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_true(value_known(&v[M_BUSY_CPU_NS]) && v[M_BUSY_CPU_NS].value >= 50e6);
	assert_true(v[M_BUSY_CPU_NS].value <= (double)(monotonic_ns() - from_ns) * (double)sysconf(_SC_NPROCESSORS_ONLN));
	machine_free(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_ran_is_told_apart, make_root, drop_root),
		cmocka_unit_test_setup_teardown(threads_are_looked_at, make_root, drop_root),
		cmocka_unit_test(without_proc_nothing_is_claimed),
		cmocka_unit_test(this_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
