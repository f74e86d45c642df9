// SPDX-License-Identifier: GPL-2.0-only
/* Counters against what /proc and getrusage say of the same process.
 * The worker is this program again, run through the same gate and exec as a role.
 */
#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#include <cmocka.h>

#include "perf/counters.h"

#define THREADS 4
#define NAPS	40 /* a thread */
#define PAGES	1000
#define BURN_NS (40 * NSEC_PER_MSEC)

/* ---- the worker ---------------------------------------------------------------------------- */

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec ts = {0};

	clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec * NSEC_PER_SEC + (uint64_t)ts.tv_nsec;
}

static pthread_barrier_t begun, worked;

static void *work(void *arg)
{
	static const struct timespec nap = {.tv_nsec = 100000};
	char *page = mmap(NULL, PAGES * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			  -1, 0);
	int i;

	(void)arg;
	pthread_barrier_wait(&begun);
	madvise(page, PAGES * 4096, MADV_NOHUGEPAGE);
	for (i = 0; i < PAGES; i++)
		((volatile char *)page)[i * 4096] = 1;
	for (i = 0; i < NAPS; i++)
		nanosleep(&nap, NULL);
	while (clock_ns(CLOCK_THREAD_CPUTIME_ID) < BURN_NS)
		;
	pthread_barrier_wait(&worked);
	while (pause()) /* alive while the counters are read */
		;
	return NULL;
}

/* Says on fd 3 when all threads are there, and, let go on fd 4, when they have worked; then waits to be
 * killed.
 */
static int worker(void)
{
	pthread_t thread;
	char byte;
	int i;

	pthread_barrier_init(&begun, NULL, THREADS + 1);
	pthread_barrier_init(&worked, NULL, THREADS + 1);
	for (i = 0; i < THREADS; i++)
		pthread_create(&thread, NULL, work, NULL);
	if (write(3, "r", 1) != 1 || read(4, &byte, 1) != 1)
		return 1;
	pthread_barrier_wait(&begun);
	pthread_barrier_wait(&worked);
	if (write(3, "w", 1) != 1)
		return 1;
	for (;;)
		pause();
}

/* A worker on its gate: open the counters, then let go. */
struct gated {
	pid_t pid;
	int go_fd, done_fd;
};

static struct gated start_gated(void)
{
	int go[2], done[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe(go), 0);
	assert_int_equal(pipe(done), 0);
	pid = fork();
	if (!pid) {
		close(go[1]);
		dup2(go[0], 4);
		dup2(done[1], 3);
		if (read(4, &byte, 1) == 1)
			execl("/proc/self/exe", "worker", "--worker", NULL);
		_exit(127);
	}
	close(go[0]);
	close(done[1]);
	return (struct gated){.pid = pid, .go_fd = go[1], .done_fd = done[0]};
}

/* Returns when it says so. */
static void let_go(struct gated *g)
{
	char byte;

	assert_int_equal(write(g->go_fd, "g", 1), 1);
	assert_int_equal(read(g->done_fd, &byte, 1), 1);
}

static void end_gated(struct gated *g)
{
	kill(g->pid, SIGKILL);
	waitpid(g->pid, NULL, 0);
	close(g->go_fd);
	close(g->done_fd);
}

/* ---- what /proc says ----------------------------------------------------------------------- */

static uint64_t switches_of_task(const char *path)
{
	_cleanup_fclose_ FILE *f = fopen(path, "re");
	_cleanup_free_ char *line = NULL;
	unsigned long long n, sum = 0;
	size_t cap = 0;

	while (f && getline(&line, &cap, f) > 0)
		if (sscanf(line, "voluntary_ctxt_switches: %llu", &n) == 1 ||
		    sscanf(line, "nonvoluntary_ctxt_switches: %llu", &n) == 1)
			sum += n;
	return sum;
}

static uint64_t switches_of(pid_t pid)
{
	_cleanup_free_ char *dir = xasprintf("/proc/%d/task", (int)pid);
	DIR *d = opendir(dir);
	struct dirent *e;
	uint64_t sum = 0;

	while ((e = readdir(d))) {
		_cleanup_free_ char *path = xasprintf("%s/%s/status", dir, e->d_name);

		if (e->d_name[0] != '.')
			sum += switches_of_task(path);
	}
	closedir(d);
	return sum;
}

/* All threads have gone to sleep. */
static void let_rest(pid_t pid)
{
	uint64_t switches;

	do {
		switches = switches_of(pid);
		usleep(20000);
	} while (switches_of(pid) != switches);
}

static double cpu_ns_of(pid_t pid);

/* Counted is what the threads do, not how they came to be: returns the CPU time of that. */
static double run_gated(struct gated *g, struct perf_counters *c)
{
	double before_ns;

	let_go(g);
	let_rest(g->pid);
	before_ns = cpu_ns_of(g->pid);
	perf_counters_start(c);
	let_go(g);
	let_rest(g->pid);
	return before_ns;
}

/* Fields of /proc/PID/stat after the name: minflt 10, majflt 12. */
static uint64_t faults_of(pid_t pid)
{
	_cleanup_free_ char *path = xasprintf("/proc/%d/stat", (int)pid), *line = NULL;
	_cleanup_fclose_ FILE *f = fopen(path, "re");
	unsigned long long minor = 0, major = 0;
	size_t cap = 0;

	assert_true(getline(&line, &cap, f) > 0);
	assert_int_equal(sscanf(strrchr(line, ')'), ") %*c %*d %*d %*d %*d %*d %*u %llu %*u %llu",
				&minor, &major),
			 2);
	return minor + major;
}

static void assert_near(double got, double want, double slack, const char *what)
{
	if (fabs(got - want) > slack)
		fail_msg("%s: %.0f, want %.0f +- %.0f", what, got, want, slack);
}

/* All threads of the process. */
static double cpu_ns_of(pid_t pid)
{
	clockid_t clock;

	assert_int_equal(clock_getcpuclockid(pid, &clock), 0);
	return (double)clock_ns(clock);
}

/* perf's task clock and the scheduler's sums are different clocks. A thread too few is a quarter too
 * little, a thread twice a quarter too much.
 */
static void assert_task_clock(double got_ns, double want_ns)
{
	assert_near(got_ns, want_ns, want_ns * 0.1 + 5e6, "task clock");
}

/* Live threads are in the sums: they are all alive when the counters are read. */
static void software_counters(void **state)
{
	struct metric_value v[METRIC_MAX_] = {0};
	uint64_t switches_before, faults_before;
	double cpu_before_ns;
	struct run_set *set = run_set_new();
	struct perf_counters *c = NULL;
	struct gated g = start_gated();

	(void)state;
	assert_int_equal(perf_counters_open(g.pid, "/sys", &c), 0);
	let_go(&g);
	let_rest(g.pid);
	switches_before = switches_of(g.pid);
	faults_before = faults_of(g.pid);
	cpu_before_ns = cpu_ns_of(g.pid);
	perf_counters_start(c);
	let_go(&g);
	let_rest(g.pid);
	perf_counters_read(c, set, v);
	if (v[M_CONTEXT_SWITCHES].status == VALUE_UNSUPPORTED) {
		_cleanup_free_ char *why = value_doubt(&v[M_CONTEXT_SWITCHES]);

		print_message("skipped: %s\n", why);
		assert_int_equal(v[M_CONTEXT_SWITCHES].reason->code, REASON_PERF_PARANOID);
	} else {
		assert_int_equal(v[M_CONTEXT_SWITCHES].status, VALUE_OK);
		assert_true(v[M_CONTEXT_SWITCHES].value >= THREADS * NAPS);
		assert_int_equal(v[M_CONTEXT_SWITCHES].value, switches_of(g.pid) - switches_before);
		assert_true(v[M_PAGE_FAULTS].value >= THREADS * PAGES);
		assert_near(v[M_PAGE_FAULTS].value, (double)(faults_of(g.pid) - faults_before), 2,
			    "page faults");
		assert_task_clock(v[M_TASK_CLOCK_NS].value, cpu_ns_of(g.pid) - cpu_before_ns);
		assert_int_equal(v[M_CPU_MIGRATIONS].status, VALUE_OK);
		assert_string_equal(v[M_TASK_CLOCK_NS].via, "perf:task-clock");
	}
	end_gated(&g);
	perf_counters_close(&c);
	perf_counters_close(&c);
	run_set_free(&set);
}

/* The task clock of the ended process against its rusage. */
static void task_clock_is_cpu_time(void **state)
{
	struct metric_value v[METRIC_MAX_] = {0};
	struct run_set *set = run_set_new();
	struct perf_counters *c = NULL;
	struct gated g = start_gated();
	struct rusage usage;
	double cpu_ns, before_ns;

	(void)state;
	assert_int_equal(perf_counters_open(g.pid, "/sys", &c), 0);
	before_ns = run_gated(&g, c);
	kill(g.pid, SIGKILL);
	assert_int_equal(wait4(g.pid, NULL, 0, &usage), g.pid);
	perf_counters_read(c, set, v); /* threads that ended are in the sums too */
	cpu_ns = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e9 +
		 (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e3;
	if (value_known(&v[M_TASK_CLOCK_NS]))
		assert_task_clock(v[M_TASK_CLOCK_NS].value, cpu_ns - before_ns);
	close(g.go_fd);
	close(g.done_fd);
	perf_counters_close(&c);
	run_set_free(&set);
}

/* A hardware value is either counted or says why not; it is never a silent zero. */
static void hardware_counters(void **state)
{
	static const enum metric_id ids[] = {M_CYCLES, M_INSTRUCTIONS, M_L1D_MISSES, M_LLC_MISSES};
	struct metric_value v[METRIC_MAX_] = {0};
	struct run_set *set = run_set_new();
	struct perf_counters *c = NULL;
	struct gated g = start_gated();
	bool have_cpu_pmu = !access("/sys/bus/event_source/devices/cpu/type", F_OK);
	size_t i;

	(void)state;
	assert_int_equal(perf_counters_open(g.pid, "/sys", &c), 0);
	run_gated(&g, c);
	perf_counters_read(c, set, v);
	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		const struct metric_value *m = &v[ids[i]];
		_cleanup_free_ char *why = NULL;

		if (value_known(m)) {
			assert_non_null(m->via);
			assert_true(m->coverage > 0 && m->coverage <= 1);
		} else {
			assert_int_equal(m->status, VALUE_UNSUPPORTED);
			assert_non_null(m->reason);
			why = value_doubt(m);
			print_message("%s: %s\n", metric_defs[ids[i]].name, why);
		}
	}
	if (value_known(&v[M_CYCLES]))
		assert_true(v[M_CYCLES].value > 1e6);
	else if (!have_cpu_pmu && !geteuid())
		assert_int_equal(v[M_CYCLES].reason->code, REASON_NO_PMU);
	end_gated(&g);
	perf_counters_close(&c);
	run_set_free(&set);
}

/* Every FROM_PERF row of the metric table is filled, and no other. */
static void all_rows_filled(void **state)
{
	struct metric_value v[METRIC_MAX_] = {0};
	struct run_set *set = run_set_new();
	struct perf_counters *c = NULL;
	struct gated g = start_gated();
	enum metric_id m;

	(void)state;
	assert_int_equal(perf_counters_open(g.pid, "/sys", &c), 0);
	perf_counters_read(c, set, v); /* before the window */
	for (m = 0; m < METRIC_MAX_; m++)
		assert_int_equal(v[m].status, metric_defs[m].source == FROM_PERF ? VALUE_UNSUPPORTED
										 : VALUE_ABSENT);
	if (!geteuid())
		assert_int_equal(v[M_TASK_CLOCK_NS].reason->code, REASON_NEVER_ENABLED);
	end_gated(&g);
	perf_counters_close(&c);
	run_set_free(&set);
}

static bool refused_by_paranoid(struct perf_counters *c)
{
	struct metric_value v[METRIC_MAX_] = {0};
	struct run_set *set = run_set_new();
	bool refused;

	perf_counters_read(c, set, v);
	refused = v[M_TASK_CLOCK_NS].reason->code == REASON_PERF_PARANOID;
	run_set_free(&set);
	return refused;
}

static void process_gone(void **state)
{
	struct perf_counters *c = NULL;
	pid_t pid = fork();
	int err;

	(void)state;
	if (!pid)
		_exit(0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	err = perf_counters_open(pid, "/sys", &c);
	if (!err && refused_by_paranoid(c)) { /* before the kernel looked for the process */
		perf_counters_close(&c);
		print_message("skipped: kernel.perf_event_paranoid refuses all: needs root\n");
		skip();
	}
	assert_int_equal(err, -ESRCH);
	assert_null(c);
}

/* Without privilege each counter says what to do about it. */
static void unprivileged(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	if (geteuid()) {
		print_message("skipped: needs root, to give it up\n");
		skip();
	}
	pid = fork();
	if (!pid) {
		struct metric_value v[METRIC_MAX_] = {0};
		struct run_set *set = run_set_new();
		struct perf_counters *c = NULL;

		if (setresgid(65534, 65534, 65534) || setresuid(65534, 65534, 65534) ||
		    perf_counters_open(getpid(), "/sys", &c))
			_exit(1);
		perf_counters_read(c, set, v);
		if (value_known(&v[M_TASK_CLOCK_NS]))
			_exit(2);
		/* paranoid <= 1 lets anybody count its own processes: then it is only not enabled.
		 */
		_exit(v[M_TASK_CLOCK_NS].reason->code == REASON_PERF_PARANOID ||
				      v[M_TASK_CLOCK_NS].reason->code == REASON_NEVER_ENABLED
			      ? 0
			      : 3);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(software_counters), cmocka_unit_test(task_clock_is_cpu_time),
		cmocka_unit_test(hardware_counters), cmocka_unit_test(all_rows_filled),
		cmocka_unit_test(process_gone),	     cmocka_unit_test(unprivileged),
	};

	if (argc > 1 && !strcmp(argv[1], "--worker"))
		return worker();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
