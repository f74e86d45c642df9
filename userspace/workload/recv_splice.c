// SPDX-License-Identifier: GPL-2.0-only
/* splice: socket to pipe to /dev/null, as a proxy does that looks at nothing. The pipe gets the packets' pages, and they
 * go when they are read. To be verified they are read into memory instead.
 */
#include <errno.h>
#include <fcntl.h>

#include "workload/pipe.h"
#include "workload/receiver.h"

static int splice_init(struct receiver *r)
{
	struct splice_pipe *p = xcalloc(1, sizeof(*p));
	int err;

	r->mode_data = p;
	err = splice_pipe_open(p, r->opt->pipe_bytes, &r->error);
	if (err)
		return err;
	p->file = open("/dev/null", O_WRONLY | O_CLOEXEC);
	return p->file < 0 ? -errno : 0;
}

static void splice_fini(struct receiver *r)
{
	if (r->mode_data)
		splice_pipe_close(r->mode_data);
	free(r->mode_data);
	r->mode_data = NULL;
}

/* All of the n bytes in the pipe. 0 or -errno. */
static int empty_pipe(struct receiver *r, size_t at, size_t n)
{
	const struct splice_pipe *p = r->mode_data;
	ssize_t got;

	for (; n; n -= (size_t)got, at += (size_t)got) {
		got = TEMP_FAILURE_RETRY(r->opt->common.verify ?
					 read(p->fd[0], r->buf + at, n) :
					 splice(p->fd[0], NULL, p->file, NULL, n, SPLICE_F_MOVE));
		if (got <= 0)
			return got ? -errno : -EIO;
	}
	return 0;
}

static ssize_t splice_receive(struct receiver *r, size_t at, size_t len)
{
	const struct splice_pipe *p = r->mode_data;
	ssize_t n;

	do
		n = splice(r->fd, NULL, p->fd[1], NULL, MIN(len, p->bytes), SPLICE_F_MOVE);
	while (n < 0 && errno == EINTR && !crew_paused(r->crew));
	if (n <= 0)
		return n ? -errno : 0;
	r->account.calls++;
	return empty_pipe(r, at, (size_t)n) ?: n;
}

const struct recv_mode recv_splice = {
	.name = "splice",
	.help = "splice() into a pipe and on to /dev/null: the kernel hands over pages, and copies none",
	.way = RECEIVE_SPLICE,
	.keeps = true,
	.init = splice_init,
	.receive = splice_receive,
	.fini = splice_fini,
};
