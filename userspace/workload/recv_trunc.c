// SPDX-License-Identifier: GPL-2.0-only
/* trunc: recv(MSG_TRUNC), which takes bytes from the stream and copies none. What is left is what it costs to get them
 * to the receiver, so load generators have it: iperf3 --skip-rx-copy, neper.
 */
#include <sys/socket.h>

#include "workload/receiver.h"

static ssize_t trunc_receive(struct receiver *r, size_t at, size_t len)
{
	return receiver_recv(r, at, len, MSG_TRUNC);
}

const struct recv_mode recv_trunc = {
	.name = "trunc",
	.help = "recv(MSG_TRUNC): the kernel discards each byte without copying it",
	.way = RECEIVE_DISCARD,
	.receive = trunc_receive,
};
