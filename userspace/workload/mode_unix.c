// SPDX-License-Identifier: GPL-2.0-only
/* unix: as write, to a local socket: each byte is copied in and out, and there is no network between. */
#include "workload/sender.h"

const struct send_mode mode_unix = {
	.name = "unix",
	.aliases = (const char *const[]){"local-socket", "af_unix", NULL},
	.title = "local-socket",
	.help = "write() to an AF_UNIX stream, not over the network path: two copies a byte, the floor of local sockets",
	.traits = {.way = WAY_COPY, .buffers = BUFFERS_FLAT, .transport = TRANSPORT_UNIX},
	.send = sender_write,
};
