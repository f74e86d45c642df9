// SPDX-License-Identifier: GPL-2.0-only
/* The network namespaces of a run: their names and places, removing them, and doing something
 * inside one without entering it oneself.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include "core/log.h"
#include "testbed/internal.h"

static const char *const suffixes[] = {
	[ROLE_SERVER] = "srv",
	[ROLE_CLIENT] = "cli",
	[NETNS_ROUTER] = "rtr",
};
static_assert_complete(suffixes, NETNS_MAX_);

char *run_netns_name(const char *id, unsigned int which)
{
	_cleanup_free_ char *mark = run_mark(id);

	return xasprintf("cs-%s-%s", mark, suffixes[which]);
}

char *netns_path(const char *name)
{
	return xasprintf("/var/run/netns/%s", name);
}

int netns_remove(const char *name)
{
	_cleanup_free_ char *path = netns_path(name);

	/* EINVAL: ip was killed between making the file and mounting on it. */
	if (umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) && errno != EINVAL && errno != ENOENT)
		return err_r(-errno, "cannot unmount %s (try: ip netns delete %s)", path, name);
	if (unlink(path) && errno != ENOENT)
		return err_r(-errno, "cannot remove %s (try: ip netns delete %s)", path, name);
	return 0;
}

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
	if (TEMP_FAILURE_RETRY(waitpid(pid, &status, 0)) < 0)
		return err_r(-errno, "waiting for a child in %s", netns);
	return WIFEXITED(status) ? -WEXITSTATUS(status) : -EIO;
}

struct setting {
	const char *path;
	char value;
};

/* What is right already is only read: in a container it may be all one may do. */
static int apply(void *arg)
{
	const struct setting *s = arg;
	_cleanup_close_ int in = open(s->path, O_RDONLY | O_CLOEXEC), out = -1;
	char now;

	if (in >= 0 && read(in, &now, 1) == 1 && now == s->value)
		return 0;
	out = open(s->path, O_WRONLY | O_CLOEXEC);
	if (out < 0 || write(out, &s->value, 1) != 1)
		return err_r(-errno, "write %c to %s", s->value, s->path);
	return 0;
}

int netns_set(const char *netns, const char *path, char value)
{
	struct setting s = {path, value};

	return run_in_netns(netns, apply, &s);
}

/* A kernel booted with ipv6.disable_ipv6=1 has it switched off in each new namespace, and lo gets its ::1
 * only if it comes up afterwards. "all" is for the devices there are and for those to come.
 */
int netns_prepare(const struct testbed *tb, const char *netns)
{
	return tb->ipv6 ? netns_set(netns, "/proc/sys/net/ipv6/conf/all/disable_ipv6", '0') : 0;
}
