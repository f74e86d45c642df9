// SPDX-License-Identifier: GPL-2.0-only
#include "workload/pipe.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

static int set_size(struct splice_pipe *p, uint64_t bytes, char **error)
{
	int got;

	if (bytes && fcntl(p->fd[1], F_SETPIPE_SZ, (int)bytes) < 0) {
		int err = errno;

		*error = xasprintf("--pipe %d: %s: see sysctl fs.pipe-max-size and fs.pipe-user-pages-soft", (int)bytes,
				   strerror(err));
		return -err;
	}
	got = fcntl(p->fd[1], F_GETPIPE_SZ);
	if (got < 0)
		return -errno;
	p->bytes = (size_t)got;
	return 0;
}

int splice_pipe_open(struct splice_pipe *p, uint64_t bytes, char **error)
{
	*p = (struct splice_pipe){.fd = {-1, -1}, .file = -1};
	return pipe2(p->fd, O_CLOEXEC) ? -errno : set_size(p, bytes, error);
}

void splice_pipe_close(struct splice_pipe *p)
{
	cleanup_close(&p->fd[0]);
	cleanup_close(&p->fd[1]);
	cleanup_close(&p->file);
}

int splice_pipe_init(struct sender *s)
{
	s->mode_data = xcalloc(1, sizeof(struct splice_pipe));
	return splice_pipe_open(s->mode_data, s->opt->pipe_bytes, &s->error);
}

void splice_pipe_fini(struct sender *s)
{
	if (!s->mode_data)
		return;
	splice_pipe_close(s->mode_data);
	free(s->mode_data);
	s->mode_data = NULL;
}

int splice_pipe_flush(struct sender *s, size_t n, bool more)
{
	const struct splice_pipe *p = s->mode_data;
	ssize_t got;

	for (; n; n -= (size_t)got) {
		got = TEMP_FAILURE_RETRY(splice(p->fd[0], NULL, s->fd, NULL, n,
						SPLICE_F_MOVE | (more ? SPLICE_F_MORE : 0)));
		if (got <= 0)
			return got ? -errno : -EIO;
		sender_count(s, (size_t)got, n);
	}
	return 0;
}
