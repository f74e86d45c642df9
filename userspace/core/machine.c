// SPDX-License-Identifier: GPL-2.0-only
#include "core/machine.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/util.h"

#define KERNEL_THREAD 0x00200000 /* PF_KTHREAD, include/linux/sched.h; the same since 2.6.27 */

struct thread {
	pid_t pid;
	uint64_t run_ns;
};

struct processes {
	struct thread *kernel; /* in the order of /proc: by pid */
	size_t kernel_cnt, kernel_cap;
	uint64_t programs_ns; /* run by all that are there, and by those of their children that are not any more */
};

struct clocks {
	uint64_t now_ns, idle_ns, steal_ns, self_ns; /* self: our own run time */
	unsigned int cpus;
};

struct machine {
	int proc_fd;
	pid_t *mine;
	size_t mine_cnt;
	bool self_is_mine;
	uint64_t tick_ns;
	struct processes before;
	struct clocks begin;
	bool known;
};

/* All of a small file, or what fits. Returns whether there is anything. */
static bool read_small(int dir, const char *path, char *buf, size_t size)
{
	_cleanup_close_ int fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, buf, size - 1);

	buf[MAX(n, 0)] = '\0';
	return n > 0;
}

/* ---- the CPUs ------------------------------------------------------------------------------ */

static uint64_t own_run_ns(void)
{
	struct timespec ts = {0};

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (uint64_t)ts.tv_sec * NSEC_PER_SEC + (uint64_t)ts.tv_nsec;
}

static bool read_clocks(const struct machine *m, struct clocks *c)
{
	_cleanup_close_ int fd = openat(m->proc_fd, "stat", O_RDONLY | O_CLOEXEC);
	_cleanup_fclose_ FILE *f = fd < 0 ? NULL : fdopen(dup(fd), "r");
	_cleanup_free_ char *line = NULL;
	unsigned long long idle, iowait, steal;
	size_t cap = 0;

	*c = (struct clocks){.now_ns = monotonic_ns(), .self_ns = m->self_is_mine ? 0 : own_run_ns()};
	if (!f || getline(&line, &cap, f) <= 0 ||
	    sscanf(line, "cpu %*u %*u %*u %llu %llu %*u %*u %llu", &idle, &iowait, &steal) != 3)
		return false;
	c->idle_ns = (idle + iowait) * m->tick_ns;
	c->steal_ns = steal * m->tick_ns;
	while (getline(&line, &cap, f) > 0 && !strncmp(line, "cpu", 3))
		c->cpus++;
	return c->cpus > 0;
}

/* ---- the processes ------------------------------------------------------------------------- */

static bool is_mine(const struct machine *m, pid_t pid)
{
	size_t i;

	for (i = 0; i < m->mine_cnt; i++)
		if (m->mine[i] == pid)
			return true;
	return pid == getpid(); /* we look about after the window, too: clocks.self_ns */
}

/* It has one thread, and its time is told to the nanosecond. */
static void add_kernel_thread(const struct machine *m, pid_t pid, const char *name, struct processes *all)
{
	char path[64], text[128];
	unsigned long long run_ns;

	snprintf(path, sizeof(path), "%.16s/schedstat", name);
	if (!read_small(m->proc_fd, path, text, sizeof(text)) || sscanf(text, "%llu", &run_ns) != 1)
		return;
	array_grow(all->kernel, all->kernel_cnt, all->kernel_cap);
	all->kernel[all->kernel_cnt++] = (struct thread){pid, run_ns};
}

/* The name in it is anybody's, and may hold parentheses. */
static void add_process(const struct machine *m, pid_t pid, const char *name, struct processes *all)
{
	unsigned long long user, system, children_user, children_system;
	char path[64], text[1024], *end;
	unsigned int flags;

	snprintf(path, sizeof(path), "%.16s/stat", name);
	if (!read_small(m->proc_fd, path, text, sizeof(text)) || !(end = strrchr(text, ')')) ||
	    sscanf(end, ") %*c %*d %*d %*d %*d %*d %u %*u %*u %*u %*u %llu %llu %llu %llu", &flags, &user,
		   &system, &children_user, &children_system) != 5)
		return;
	if (flags & KERNEL_THREAD)
		add_kernel_thread(m, pid, name, all);
	else
		all->programs_ns += (user + system + children_user + children_system) * m->tick_ns;
}

static void read_processes(const struct machine *m, struct processes *all)
{
	DIR *dir = fdopendir(openat(m->proc_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	struct dirent *entry;
	pid_t pid;

	while (dir && (entry = readdir(dir))) {
		pid = (pid_t)strtol(entry->d_name, NULL, 10);
		if (pid > 0 && !is_mine(m, pid))
			add_process(m, pid, entry->d_name, all);
	}
	if (dir)
		closedir(dir);
}

/* All that a thread ran which was not there before it ran since. */
static uint64_t kernel_ns(const struct processes *before, const struct processes *now)
{
	uint64_t sum = 0;
	size_t i, at = 0;

	for (i = 0; i < now->kernel_cnt; i++) {
		const struct thread *t = &now->kernel[i];

		while (at < before->kernel_cnt && before->kernel[at].pid < t->pid)
			at++;
		sum += t->run_ns;
		if (at < before->kernel_cnt && before->kernel[at].pid == t->pid)
			sum -= MIN(before->kernel[at].run_ns, t->run_ns);
	}
	return sum;
}

/* ---- the window ---------------------------------------------------------------------------- */

struct machine *machine_begin(const char *proc, const pid_t *mine, size_t mine_cnt)
{
	struct machine *m = xcalloc(1, sizeof(*m));

	m->proc_fd = open(proc, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	m->tick_ns = NSEC_PER_SEC / (uint64_t)sysconf(_SC_CLK_TCK);
	m->mine = xcalloc(mine_cnt, sizeof(*m->mine));
	m->mine_cnt = mine_cnt;
	while (mine_cnt--) {
		m->mine[mine_cnt] = mine[mine_cnt];
		m->self_is_mine |= mine[mine_cnt] == getpid();
	}
	read_processes(m, &m->before);
	m->known = read_clocks(m, &m->begin); /* last, so that our own looking about is before the window */
	return m;
}

void machine_end(struct machine *m, struct metric_value v[METRIC_MAX_])
{
	uint64_t all_ns, idle_ns, own_ns;
	struct processes now = {0};
	struct clocks end;

	if (!m->known || !read_clocks(m, &end) || end.cpus != m->begin.cpus)
		return;
	read_processes(m, &now);
	own_ns = end.self_ns - m->begin.self_ns;
	all_ns = (end.now_ns - m->begin.now_ns) * end.cpus;
	idle_ns = MIN(end.idle_ns - m->begin.idle_ns, all_ns);
	v[M_BUSY_CPU_NS] = value_ok((double)(all_ns - idle_ns), "/proc/stat");
	v[M_KERNEL_CPU_NS] = value_ok((double)kernel_ns(&m->before, &now), "/proc/PID/schedstat");
	/* one that left without being waited for, or while we looked, took its time with it */
	if (now.programs_ns >= m->before.programs_ns)
		v[M_OTHER_CPU_NS] = value_ok((double)(now.programs_ns - m->before.programs_ns + own_ns),
					     "/proc/PID/stat");
	v[M_STEAL_NS] = value_ok((double)(end.steal_ns - m->begin.steal_ns), "/proc/stat");
	free(now.kernel);
}

void machine_look(const struct machine *m, uint64_t at_ns, struct timeline **runnable)
{
	unsigned long long threads;
	char text[128];

	/* we run, or could not look */
	if (!read_small(m->proc_fd, "loadavg", text, sizeof(text)) ||
	    sscanf(text, "%*s %*s %*s %llu/", &threads) != 1 || !threads)
		return;
	if (!*runnable) {
		*runnable = xcalloc(1, sizeof(**runnable));
		(*runnable)->kind = TIMELINE_RUNNABLE;
	}
	timeline_put(*runnable, at_ns, threads - 1);
}

void machine_free(struct machine **pm)
{
	struct machine *m = take_ptr(*pm);

	if (!m)
		return;
	cleanup_close(&m->proc_fd);
	free(m->before.kernel);
	free(m->mine);
	free(m);
}
