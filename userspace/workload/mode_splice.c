// SPDX-License-Identifier: GPL-2.0-only
/* splice: file to pipe to socket, as a proxy does. As with sendfile the packets refer to the file's pages; how many
 * bytes go at once is up to the pipe.
 */
#include <errno.h>
#include <fcntl.h>

#include "workload/file.h"
#include "workload/pipe.h"

static int splice_init(struct sender *s)
{
	int err = splice_pipe_init(s);

	return err ?: file_alloc_messages(s, &((struct splice_pipe *)s->mode_data)->file);
}

static int splice_send(struct sender *s, struct message *m)
{
	const struct splice_pipe *p = s->mode_data;
	const size_t chunk = MIN(p->bytes, s->opt->chunk_bytes ?: m->bytes);
	off_t from = file_offset(s, m);
	size_t sent = 0;
	int err = 0;

	while (!err && sent < m->bytes) {
		ssize_t n = TEMP_FAILURE_RETRY(splice(p->file, &from, p->fd[1], NULL, MIN(chunk, m->bytes - sent),
						      SPLICE_F_MOVE));

		if (n <= 0)
			return file_error(s, n);
		sent += (size_t)n;
		err = splice_pipe_flush(s, (size_t)n, sent < m->bytes);
	}
	return err;
}

const struct send_mode mode_splice = {
	.name = "splice",
	.aliases = (const char *const[]){"file-by-pipe", NULL},
	.title = "file-by-pipe",
	.help = "splice() from the page cache into a pipe and on to the socket: packets refer to the file's pages",
	.traits = {.way = WAY_SPLICE, .buffers = BUFFERS_FILE, .resumes = true},
	.repeats = true,
	.init = splice_init,
	.send = splice_send,
	.fini = splice_pipe_fini,
};
