// SPDX-License-Identifier: GPL-2.0-only
/* vmsplice: the sender's own pages into a pipe, and on to the socket by splice(). Zero-copy without notifications:
 * nothing tells when the kernel is through with a page, so a message is written once and sent again and again.
 */
#include <errno.h>
#include <fcntl.h>

#include "workload/pipe.h"

static int vmsplice_init(struct sender *s)
{
	int err = splice_pipe_init(s);

	return err ?: sender_alloc_messages(s, s->opt->ring);
}

static int vmsplice_send(struct sender *s, struct message *m)
{
	const struct splice_pipe *p = s->mode_data;
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t sent = 0;
	int err = 0;

	while (!err && sent < m->bytes) {
		struct iovec iov = {.iov_base = message_flat(m) + sent, .iov_len = MIN(p->bytes, m->bytes - sent)};
		ssize_t n = TEMP_FAILURE_RETRY(vmsplice(p->fd[1], &iov, 1, 0));

		if (n < 0)
			return -errno;
		s->account.field_pages += memory_pages(iov.iov_base, (size_t)n, page);
		sent += (size_t)n;
		err = splice_pipe_flush(s, (size_t)n, sent < m->bytes);
	}
	s->account.least_pages += m->least_pages;
	return err;
}

const struct send_mode mode_vmsplice = {
	.name = "vmsplice",
	.aliases = (const char *const[]){"pages-by-pipe", NULL},
	.title = "pages-by-pipe",
	.help = "vmsplice() of a flat buffer's pages into a pipe and splice() to the socket: packets refer to them",
	.traits = {.way = WAY_SPLICE, .buffers = BUFFERS_FLAT, .resumes = true},
	.repeats = true,
	.init = vmsplice_init,
	.send = vmsplice_send,
	.fini = splice_pipe_fini,
};
