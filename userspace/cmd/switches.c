// SPDX-License-Identifier: GPL-2.0-only
#include "cmd/switches.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>

#define SETTLE_TIMEOUT_NS (5 * NSEC_PER_SEC)
#define NOT_TOLD	  UINT64_MAX

static int read_file(int dir, const char *tid, const char *name, char *text, size_t size)
{
	_cleanup_free_ char *path = xasprintf("%s/%s", tid, name);
	_cleanup_close_ int fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, size - 1);

	if (n < 0)
		return -errno;
	text[n] = '\0';
	return 0;
}

/* A kernel without CONFIG_SCHED_INFO has no such file, or says 0 in it. */
static void add_cpu_time(int task_dir, const char *tid, uint64_t *cpu_ns)
{
	unsigned long long ns = 0;
	char text[128];

	if (!read_file(task_dir, tid, "schedstat", text, sizeof(text)))
		sscanf(text, "%llu", &ns);
	*cpu_ns = ns && *cpu_ns != NOT_TOLD ? *cpu_ns + ns : NOT_TOLD;
}

/* Adds one thread's switches and CPU time; *asleep becomes false if it runs, or is gone meanwhile. */
static int add_thread(int task_dir, const char *tid, struct switch_count *sum, uint64_t *cpu_ns, bool *asleep)
{
	unsigned long long voluntary, involuntary;
	char status[4096], *at;
	int err = read_file(task_dir, tid, "status", status, sizeof(status));

	if (err) {
		*asleep = false;
		return err == -ENOENT || err == -ESRCH ? 0 : err;
	}
	at = strstr(status, "\nvoluntary_ctxt_switches:");
	if (!at || sscanf(at, "\nvoluntary_ctxt_switches: %llu nonvoluntary_ctxt_switches: %llu",
			  &voluntary, &involuntary) != 2)
		return -EPROTO;
	sum->voluntary += voluntary;
	sum->involuntary += involuntary;
	add_cpu_time(task_dir, tid, cpu_ns);
	if (!strstr(status, "\nState:\tS"))
		*asleep = false;
	return 0;
}

static uint64_t process_cpu_ns(pid_t pid)
{
	struct timespec ts = {0};
	clockid_t id;

	if (!clock_getcpuclockid(pid, &id))
		clock_gettime(id, &ts);
	return (uint64_t)ts.tv_sec * NSEC_PER_SEC + (uint64_t)ts.tv_nsec;
}

static int read_switches(pid_t pid, struct switch_count *sum, bool *asleep)
{
	_cleanup_free_ char *path = xasprintf("/proc/%d/task", (int)pid);
	struct dirent *entry;
	DIR *dir = opendir(path);
	uint64_t cpu_ns = 0;
	int err = 0;

	if (!dir)
		return -errno;
	*sum = (struct switch_count){0};
	*asleep = true;
	while (!err && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			err = add_thread(dirfd(dir), entry->d_name, sum, &cpu_ns, asleep);
	closedir(dir);
	sum->ended_ns = cpu_ns == NOT_TOLD ? 0 : process_cpu_ns(pid) - cpu_ns;
	return err;
}

/* All asleep, and the same counts twice: a thread that has set its state but not yet switched out would
 * show in the second reading.
 */
int switches_at_rest(pid_t pid, struct switch_count *now)
{
	uint64_t give_up_ns = monotonic_ns() + SETTLE_TIMEOUT_NS;
	struct switch_count before = {0};
	bool asleep, was_asleep = false;
	int err;

	for (;;) {
		err = read_switches(pid, now, &asleep);
		if (err)
			return err == -ENOENT ? -EPIPE : err;
		if (asleep && was_asleep && now->voluntary == before.voluntary &&
		    now->involuntary == before.involuntary && now->ended_ns == before.ended_ns)
			return 0;
		if (monotonic_ns() > give_up_ns)
			return -ETIMEDOUT;
		was_asleep = asleep;
		before = *now;
		usleep(500);
	}
}

/* What ended in the window, as a worker of io_uring's does that had nothing to do for 5 s, took its count with it. */
static struct metric_value switches(uint64_t now, uint64_t before, bool all)
{
	static const struct reason ended = {.code = REASON_THREADS_ENDED};

	return all ? value_ok((double)(now - before), "/proc/PID/task/*/status") : value_unsupported(&ended);
}

void switches_since(const struct switch_count *before, const struct switch_count *now, struct metric_value *v)
{
	bool all = now->ended_ns == before->ended_ns;

	v[M_PROC_CTX_VOLUNTARY] = switches(now->voluntary, before->voluntary, all);
	v[M_PROC_CTX_INVOLUNTARY] = switches(now->involuntary, before->involuntary, all);
}
