// SPDX-License-Identifier: GPL-2.0-only
/* ip is started without a shell. Its input and its complaints are memory files: no pipe can fill
 * up.
 */
#include "testbed/ip.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include "core/log.h"

#define HOLD_FD 3 /* in the child */

extern char **environ;

/* sbin is not in everybody's PATH, root's under su included. */
static const char *ip_program(void)
{
	static const char *const places[] = {"/usr/sbin/ip", "/sbin/ip", "/usr/bin/ip", "/bin/ip"};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(places); i++)
		if (!access(places[i], X_OK))
			return places[i];
	return "ip";
}

static int spawn_ip(char *const argv[], int in_fd, int err_fd, int hold_fd, pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	int err;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, in_fd, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, err_fd, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&actions, err_fd, STDERR_FILENO);
	posix_spawn_file_actions_adddup2(&actions, hold_fd, HOLD_FD);
	/* Its own process group: Ctrl-C is for us, ip finishes what it began. */
	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP);
	posix_spawnattr_setpgroup(&attr, 0);
	err = posix_spawnp(pid, argv[0], &actions, &attr, argv, environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&actions);
	return -err;
}

/* A memory file above the descriptors the child gives a meaning to. */
static int memory_file(const char *name, const char *content)
{
	_cleanup_close_ int fd = memfd_create(name, MFD_CLOEXEC);
	size_t len = strlen(content);

	if (fd < 0 || write(fd, content, len) != (ssize_t)len || lseek(fd, 0, SEEK_SET))
		return -errno;
	return take_fd(&fd);
}

static int command_failed_r(int err_fd)
{
	char text[512];
	ssize_t n = pread(err_fd, text, sizeof(text) - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return fail_r(-EIO, "ip (iproute2) failed: %s", *text ? text : "it did not say why");
}

int ip_batch(const char *netns, const char *commands, int hold_fd)
{
	char *inside[] = {(char *)ip_program(), "-n", (char *)netns, "-batch", "-", NULL};
	char *here[] = {inside[0], "-batch", "-", NULL};
	_cleanup_close_ int in_fd = memory_file("ip-batch", commands);
	_cleanup_close_ int err_fd = memory_file("ip-messages", "");
	int err, status;
	pid_t pid;

	if (in_fd < 0 || err_fd < 0)
		return err_r(in_fd < 0 ? in_fd : err_fd, "memfd_create");
	err = spawn_ip(netns ? inside : here, in_fd, err_fd, hold_fd, &pid);
	if (err == -ENOENT || err == -EACCES)
		return fail_r(-ENOTSUP, "the ip program is missing: apt-get install iproute2");
	if (err)
		return err_r(err, "cannot start %s", inside[0]);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return err_r(-errno, "waiting for %s", inside[0]);
	return WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : command_failed_r(err_fd);
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
