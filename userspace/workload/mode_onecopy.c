// SPDX-License-Identifier: GPL-2.0-only
/* A2: the kernel gathers the fields itself: one copy of each byte. */
#include <errno.h>
#include <sys/socket.h>

#include "workload/sender.h"

static int onecopy_send(struct sender *s, struct message *m)
{
	struct iovec iov[MESSAGE_FIELDS];
	struct msghdr msg = {.msg_iov = iov};
	size_t sent = 0, offered;
	ssize_t n;

	while (sent < m->bytes) {
		msg.msg_iovlen = message_iov(m, sent, m->bytes, iov, &offered);
		n = TEMP_FAILURE_RETRY(sendmsg(s->fd, &msg, MSG_NOSIGNAL));
		if (n < 0)
			return -errno;
		sender_count(s, (size_t)n, offered);
		sent += (size_t)n;
	}
	return 0;
}

const struct send_mode mode_onecopy = {
	.name = "A2",
	.aliases = (const char *const[]){"1", "one-copy", "onecopy", NULL},
	.title = "one-copy",
	.help = "sendmsg() with one iovec a field; the kernel copies each byte once",
	.traits = {.way = WAY_COPY},
	.original = true,
	.send = onecopy_send,
};
