/* SPDX-License-Identifier: GPL-2.0-only */
/* perf_event_open(2), for which the C library has no wrapper. */
#ifndef PERF_OPEN_H
#define PERF_OPEN_H

#include <errno.h>
#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

/* Returns a close-on-exec descriptor or -errno. */
static inline int perf_event_fd(struct perf_event_attr *attr, pid_t pid, int cpu)
{
	int fd = (int)syscall(SYS_perf_event_open, attr, pid, cpu, -1, PERF_FLAG_FD_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

#endif
