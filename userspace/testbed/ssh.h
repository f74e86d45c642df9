/* SPDX-License-Identifier: GPL-2.0-only */
/* Another host, over the user's own ssh: their program, configuration, keys and known hosts. One connection, the
 * master, lives as long as the run; what else is done there goes through it. On the other host everything hangs on its
 * standard input: when that ends, for whatever reason, so does all that is of us there.
 */
#ifndef TESTBED_SSH_H
#define TESTBED_SSH_H

#include <stdbool.h>
#include <sys/types.h>

struct ssh {
	const char *host;		  /* [USER@]HOST */
	int dir_fd;			  /* owned; where the master's socket is, the user's */
	int (*become)(const char *place); /* in a child: the user whose ssh it is */
	pid_t master;			  /* 0: none */
	int stream_fd, err_fd;		  /* owned; the master's standard input and output, and what it said */
};

#define SSH_NONE ((struct ssh){.dir_fd = -1, .stream_fd = -1, .err_fd = -1})

/* Connect, and have the other host's sh run the script, whose first line of output is copied to line. 0, or -errno
 * after one line that ends in the remedy; -EINTR: a signal came, nothing is said.
 */
int ssh_connect(struct ssh *s, const char *script, char *line, size_t line_size);

/* The connection is there, as far as can be told. */
bool ssh_alive(struct ssh *s);

/* Start a command there, made of words that need no quotes. Its streams are in, out (also the same) and err, which
 * stay the caller's. The pid of the ssh that is its stand-in here, or -errno after one line.
 */
pid_t ssh_start(const struct ssh *s, const char *command, int in, int out, int err);

/* The same, and wait: its exit code, 255: ssh failed; or -errno. */
int ssh_run(const struct ssh *s, const char *command, int in, int out, int err);

/* What was last said into err_fd, one line without its end. The caller frees. */
char *ssh_words(int err_fd);

/* One line: why ssh failed, and what to do. */
int ssh_failed_r(const struct ssh *s, int err_fd);

/* Everything there ends. Safe twice. */
void ssh_close(struct ssh *s);

#endif
