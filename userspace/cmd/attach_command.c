// SPDX-License-Identifier: GPL-2.0-only
/* The command of `copyscope attach -- CMD`: there before it is executed, so that nothing of it is missed. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "cmd/attach.h"
#include "core/log.h"

#define EXIT_NOT_EXECUTABLE 126 /* as a shell has them */
#define EXIT_NOT_FOUND	    127

/* Without word from us, which is none if we are gone, it ends. */
static void __attribute__((noreturn)) become(char **argv, int go_fd, int failed_fd)
{
	char go;
	int err;

	if (read(go_fd, &go, 1) != 1)
		_exit(EXIT_FAILED);
	execvp(argv[0], argv);
	err = errno;
	if (write(failed_fd, &err, sizeof(err)) < 0)
		err = 0;
	_exit(EXIT_NOT_FOUND);
}

int command_start(char **argv, struct command *c)
{
	int go[2], failed[2];

	if (pipe2(go, O_CLOEXEC))
		return err_r(-errno, "make a pipe");
	if (pipe2(failed, O_CLOEXEC)) {
		close(go[0]);
		close(go[1]);
		return err_r(-errno, "make a pipe");
	}
	fflush(NULL);
	c->pid = fork();
	if (!c->pid) {
		close(go[1]);
		close(failed[0]);
		become(argv, go[0], failed[1]);
	}
	close(go[0]);
	close(failed[1]);
	c->go_fd = go[1];
	c->failed_fd = failed[0];
	if (c->pid > 0)
		return 0;
	c->pid = 0;
	return err_r(-errno, "start a process");
}

int command_go(struct command *c, const char *name)
{
	int err = 0;

	if (write(c->go_fd, "g", 1) != 1)
		err = errno;
	else if (read(c->failed_fd, &err, sizeof(err)) != sizeof(err))
		err = 0;
	c->runs = !err;
	if (!err)
		return 0;
	return fail_r(err == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE, "cannot execute %s: %s", name, strerror(err));
}

int command_wait(struct command *c)
{
	int status = 0;

	while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR)
		;
	c->pid = 0;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

void command_close(struct command *c)
{
	if (c->go_fd >= 0)
		close(c->go_fd);
	if (c->failed_fd >= 0)
		close(c->failed_fd);
	if (c->pid > 0 && !c->runs)
		command_wait(c);
	*c = COMMAND_NONE;
}
