// SPDX-License-Identifier: GPL-2.0-only
/* A2: the kernel gathers the fields itself: one copy of each byte. */
#include <errno.h>

#include "workload/sender.h"

static ssize_t call(struct sender *s, const struct msghdr *msg)
{
	ssize_t n = TEMP_FAILURE_RETRY(sendmsg(s->fd, msg, MSG_NOSIGNAL));

	return n < 0 ? -errno : n;
}

static int onecopy_send(struct sender *s, struct message *m)
{
	return sender_gather(s, m, call);
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
