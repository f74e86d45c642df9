// SPDX-License-Identifier: GPL-2.0-only
/* writev: as A2, by the call that knows no flags. */
#include <errno.h>

#include "workload/sender.h"

static int writev_send(struct sender *s, struct message *m)
{
	struct iovec iov[MESSAGE_FIELDS];
	size_t sent = 0, offered, n_iov;
	ssize_t n;

	while (sent < m->bytes) {
		n_iov = message_iov(m, sent, m->bytes, iov, &offered);
		n = TEMP_FAILURE_RETRY(writev(s->fd, iov, (int)n_iov));
		if (n < 0)
			return -errno;
		sender_count(s, (size_t)n, offered);
		sent += (size_t)n;
	}
	return 0;
}

const struct send_mode mode_writev = {
	.name = "writev",
	.aliases = (const char *const[]){"gather-write", NULL},
	.title = "gather-write",
	.help = "writev() with one iovec a field; the kernel copies each byte once",
	.traits = {.way = WAY_COPY},
	.send = writev_send,
};
