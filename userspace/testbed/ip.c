// SPDX-License-Identifier: GPL-2.0-only
/* Running iproute2's ip program, without a shell. Its input and its complaints are memory files: no
 * pipe can fill up.
 */
#include <errno.h>
#include <spawn.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "core/log.h"
#include "testbed/internal.h"

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

/* Its first words are the cause; "Command failed" and where come after. */
static int command_failed_r(int err_fd, int status)
{
	char text[512], *words = text;
	ssize_t n = pread(err_fd, text, sizeof(text) - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	words += strspn(words, "\n");
	words[strcspn(words, "\n")] = '\0';
	if (WIFSIGNALED(status))
		return fail_r(-EIO, "ip (iproute2) was killed by signal %d", WTERMSIG(status));
	return fail_r(-EIO, "ip (iproute2) failed: %s", *words ? words : "it did not say why");
}

static int run_ip(char *const argv[], int in_fd, int hold_fd)
{
	_cleanup_close_ int err_fd = memfd_create("ip-messages", MFD_CLOEXEC);
	int err = err_fd < 0 ? -errno : 0, status;
	pid_t pid;

	if (err)
		return err_r(err, "memfd_create");
	err = spawn_ip(argv, in_fd, err_fd, hold_fd, &pid);
	if (err == -ENOENT || err == -EACCES)
		return fail_r(-ENOTSUP, "the ip program is missing: apt-get install iproute2");
	if (err)
		return err_r(err, "cannot start %s", argv[0]);
	if (TEMP_FAILURE_RETRY(waitpid(pid, &status, 0)) < 0)
		return err_r(-errno, "waiting for %s", argv[0]);
	return WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : command_failed_r(err_fd, status);
}

int ip_batch(const struct testbed *tb, const char *netns, const char *commands, ...)
{
	char *inside[] = {(char *)ip_program(), "-n", (char *)netns, "-batch", "-", NULL};
	char *here[] = {inside[0], "-batch", "-", NULL};
	_cleanup_close_ int in_fd = memfd_create("ip-batch", MFD_CLOEXEC);
	va_list ap;
	int written;

	va_start(ap, commands);
	written = in_fd < 0 ? -1 : vdprintf(in_fd, commands, ap);
	va_end(ap);
	if (written < 0 || lseek(in_fd, 0, SEEK_SET))
		return err_r(-errno, "memfd_create");
	return run_ip(netns ? inside : here, in_fd, tb->run.lock_fd);
}
