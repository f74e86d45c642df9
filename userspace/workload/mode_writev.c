// SPDX-License-Identifier: GPL-2.0-only
/* writev: as A2, by the call that knows no flags. */
#include <errno.h>

#include "workload/sender.h"

static ssize_t call(struct sender *s, const struct msghdr *msg)
{
	ssize_t n = TEMP_FAILURE_RETRY(writev(s->fd, msg->msg_iov, (int)msg->msg_iovlen));

	return n < 0 ? -errno : n;
}

static int writev_send(struct sender *s, struct message *m)
{
	return sender_gather(s, m, call);
}

const struct send_mode mode_writev = {
	.name = "writev",
	.aliases = (const char *const[]){"gather-write", NULL},
	.title = "gather-write",
	.help = "writev() with one iovec a field; the kernel copies each byte once",
	.traits = {.way = WAY_COPY},
	.send = writev_send,
};
