// SPDX-License-Identifier: GPL-2.0-only
/* Doing something inside a namespace without entering it oneself. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/wait.h>

#include "core/log.h"
#include "testbed/internal.h"
#include "testbed/ip.h"

static int enter_and_call(const char *netns, int (*fn)(void *arg), void *arg)
{
	_cleanup_free_ char *path = netns_path(netns);
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || setns(fd, CLONE_NEWNET))
		return err_r(-errno, "cannot enter network namespace %s", netns);
	return fn(arg);
}

int run_in_netns(const char *netns, int (*fn)(void *arg), void *arg)
{
	int status;
	pid_t pid = fork();

	if (pid < 0)
		return err_r(-errno, "fork");
	if (pid == 0)
		_exit(-enter_and_call(netns, fn, arg) & 0xff);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return err_r(-errno, "waiting for a child in %s", netns);
	return WIFEXITED(status) ? -WEXITSTATUS(status) : -EIO;
}
