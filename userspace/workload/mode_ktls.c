// SPDX-License-Identifier: GPL-2.0-only
/* ktls: the kernel encrypts, as for web servers that leave it to it. A call that fills records or ends one has them
 * encrypted from where the message lies; an open record (MSG_MORE, by --chunk) is filled with a copy.
 */
#include "workload/sender.h"
#include "workload/tls.h"

static int ktls_send(struct sender *s, struct message *m)
{
	return sender_send(s, message_flat(m), m->bytes, s->opt->chunk_bytes ?: m->bytes);
}

const struct send_mode mode_ktls = {
	.name = "ktls",
	.aliases = (const char *const[]){"kernel-tls", "tls", NULL},
	.title = "kernel-tls",
	.help = "send() from one flat buffer, encrypted by the kernel (kTLS, TLS 1.3 with AES-128-GCM): one pass instead of a copy",
	.traits = {.way = WAY_ENCRYPT, .buffers = BUFFERS_FLAT, .resumes = true},
	.supported = tls_supported,
	.send = ktls_send,
};
