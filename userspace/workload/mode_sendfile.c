// SPDX-License-Identifier: GPL-2.0-only
/* sendfile: the kernel attaches the file's own pages to the packets. Nothing tells when it is through with them,
 * so they are written once and sent again and again.
 */
#include <errno.h>
#include <sys/sendfile.h>

#include "workload/file.h"
#include "workload/tls.h"

static int sendfile_init(struct sender *s)
{
	int *fd = xcalloc(1, sizeof(*fd));

	*fd = -1;
	s->mode_data = fd;
	return file_alloc_messages(s, fd);
}

static int sendfile_send(struct sender *s, struct message *m)
{
	const size_t chunk = s->opt->chunk_bytes ?: m->bytes;
	off_t from = file_offset(s, m);
	size_t sent = 0, offered;
	ssize_t n;

	while (sent < m->bytes) {
		offered = MIN(chunk, m->bytes - sent);
		n = TEMP_FAILURE_RETRY(sendfile(s->fd, *(int *)s->mode_data, &from, offered));
		if (n <= 0)
			return file_error(s, n);
		sender_count(s, (size_t)n, offered);
		sent += (size_t)n;
	}
	return 0;
}

static void sendfile_fini(struct sender *s)
{
	if (s->mode_data)
		cleanup_close(s->mode_data);
	free(s->mode_data);
	s->mode_data = NULL;
}

const struct send_mode mode_sendfile = {
	.name = "sendfile",
	.aliases = (const char *const[]){"file-pages", NULL},
	.title = "file-pages",
	.help = "sendfile() from the page cache: packets refer to the file's pages",
	.traits = {.way = WAY_SPLICE, .buffers = BUFFERS_FILE, .resumes = true},
	.repeats = true,
	.init = sendfile_init,
	.send = sendfile_send,
	.fini = sendfile_fini,
};

/* The same to a socket that encrypts. */
const struct send_mode mode_ktls_sendfile = {
	.name = "ktls-sendfile",
	.aliases = (const char *const[]){"file-pages-tls", "tls-sendfile", NULL},
	.title = "file-pages-tls",
	.help = "sendfile() from the page cache, encrypted by the kernel (kTLS): one pass over the file's pages",
	.traits = {.way = WAY_ENCRYPT, .buffers = BUFFERS_FILE, .resumes = true},
	.repeats = true,
	.supported = tls_supported,
	.init = sendfile_init,
	.send = sendfile_send,
	.fini = sendfile_fini,
};
