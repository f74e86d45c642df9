// SPDX-License-Identifier: GPL-2.0-only
/* copy: recv() into the message's buffer, as nearly all programs do. */
#include "workload/receiver.h"

static ssize_t copy_receive(struct receiver *r, size_t at, size_t len)
{
	return receiver_recv(r, at, len, 0);
}

const struct recv_mode recv_copy = {
	.name = "copy",
	.help = "recv(): the kernel copies each byte into the receiver's buffer",
	.way = RECEIVE_COPY,
	.decrypts = true,
	.datagrams = true,
	.keeps = true,
	.receive = copy_receive,
};
