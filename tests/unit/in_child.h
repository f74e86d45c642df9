/* SPDX-License-Identifier: GPL-2.0-only */
/* What a process exits with and says on stderr. */
#ifndef TESTS_IN_CHILD_H
#define TESTS_IN_CHILD_H

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "core/util.h"

/* Runs body(arg) in a child whose stderr it returns; the caller frees. */
static inline char *in_child(int (*body)(int arg), int arg, int *code)
{
	char path[] = "/tmp/copyscope-test-XXXXXX", text[16384];
	int fd = mkstemp(path), status;
	ssize_t n;
	pid_t pid;

	assert_true(fd >= 0);
	unlink(path);
	fflush(NULL);
	pid = fork();
	if (!pid) {
		dup2(fd, STDERR_FILENO);
		_exit(body(arg));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	*code = WEXITSTATUS(status);
	n = pread(fd, text, sizeof(text) - 1, 0);
	assert_true(n >= 0);
	text[n] = '\0';
	close(fd);
	return xstrdup(text);
}

#endif
