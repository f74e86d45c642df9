// SPDX-License-Identifier: GPL-2.0-only
/* udp-gso: what a program over QUIC does. One call sends as many segments as fit 64 KiB, made by the kernel or the
 * device; how many bytes may be on the way the receiver says (datagram.h).
 */
#include <errno.h>
#include <sys/socket.h>

#include "workload/sender.h"

static int udp_send(struct sender *s, struct message *m)
{
	size_t sent = 0;
	ssize_t n, room;

	while (sent < m->bytes) {
		room = sender_claim(s, m->bytes - sent);
		if (room < 0)
			return (int)room;
		n = TEMP_FAILURE_RETRY(send(s->fd, message_flat(m) + sent, (size_t)room, 0));
		if (n < 0)
			return -errno;
		sender_count(s, (size_t)n, (size_t)room);
		sent += (size_t)n;
	}
	return 0;
}

const struct send_mode mode_udp_gso = {
	.name = "udp-gso",
	.aliases = (const char *const[]){"datagrams", NULL},
	.title = "datagrams",
	.help = "UDP with segmentation offload (UDP_SEGMENT): up to 64 KiB a call; the kernel copies each byte once",
	.traits = {.way = WAY_COPY, .buffers = BUFFERS_FLAT, .transport = TRANSPORT_UDP},
	.supported = datagram_supported,
	.send = udp_send,
};
