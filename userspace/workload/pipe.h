/* SPDX-License-Identifier: GPL-2.0-only */
/* The pipe between a socket and what is spliced to or from it. */
#ifndef WORKLOAD_PIPE_H
#define WORKLOAD_PIPE_H

#include "workload/sender.h"

struct splice_pipe {
	int fd[2];    /* to read from, to write to */
	size_t bytes; /* that it holds at most, if they fill its pages */
	int file;     /* that a mode splices from, or to; -1: none */
};

/* Of so many bytes, or the kernel's default (0). 0, or -errno with *error set where it says more. */
int splice_pipe_open(struct splice_pipe *p, uint64_t bytes, char **error);
/* With the file; safe after a failure. */
void splice_pipe_close(struct splice_pipe *p);

/* Of opt->pipe_bytes, or the kernel's default; s->mode_data holds it. 0, or -errno with s->error set where it
 * says more.
 */
int splice_pipe_init(struct sender *s);
/* Closes pipe and file; safe on a sender without. */
void splice_pipe_fini(struct sender *s);

/* Hand all that is in the pipe to the socket, n bytes; more: that more of the message follows. 0 or -errno. */
int splice_pipe_flush(struct sender *s, size_t n, bool more);

#endif
