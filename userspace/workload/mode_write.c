// SPDX-License-Identifier: GPL-2.0-only
/* write: the message lies in one piece already, as with most programs: one copy of each byte. */
#include <errno.h>

#include "workload/sender.h"

static int write_send(struct sender *s, struct message *m)
{
	size_t sent = 0;
	ssize_t n;

	while (sent < m->bytes) {
		n = TEMP_FAILURE_RETRY(write(s->fd, message_flat(m) + sent, m->bytes - sent));
		if (n < 0)
			return -errno;
		sender_count(s, (size_t)n, m->bytes - sent);
		sent += (size_t)n;
	}
	return 0;
}

const struct send_mode mode_write = {
	.name = "write",
	.aliases = (const char *const[]){"flat-write", NULL},
	.title = "flat-write",
	.help = "write() from one flat buffer; the kernel copies each byte once",
	.traits = {.way = WAY_COPY, .buffers = BUFFERS_FLAT},
	.send = write_send,
};
