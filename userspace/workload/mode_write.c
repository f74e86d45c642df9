// SPDX-License-Identifier: GPL-2.0-only
/* write: the message lies in one piece already, as with most programs: one copy of each byte. */
#include "workload/sender.h"

const struct send_mode mode_write = {
	.name = "write",
	.aliases = (const char *const[]){"flat-write", NULL},
	.title = "flat-write",
	.help = "write() from one flat buffer; the kernel copies each byte once",
	.traits = {.way = WAY_COPY, .buffers = BUFFERS_FLAT},
	.send = sender_write,
};
