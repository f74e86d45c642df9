// SPDX-License-Identifier: GPL-2.0-only
/* udp-gso: what a program over QUIC does. One call sends as many segments as fit 64 KiB, made by the kernel or the
 * device; how many bytes may be on the way the receiver says (datagram.h).
 */
#include "workload/sender.h"

const struct send_mode mode_udp_gso = {
	.name = "udp-gso",
	.aliases = (const char *const[]){"datagrams", NULL},
	.title = "datagrams",
	.help = "UDP with segmentation offload (UDP_SEGMENT): up to 64 KiB a call; the kernel copies each byte once",
	.traits = {.way = WAY_COPY, .buffers = BUFFERS_FLAT, .transport = TRANSPORT_UDP},
	.supported = datagram_supported,
	.send = sender_write,
};
