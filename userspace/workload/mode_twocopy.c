// SPDX-License-Identifier: GPL-2.0-only
/* A1: the fields are copied into one flat buffer, the kernel copies that: two copies of each byte.
 */
#include <errno.h>
#include <string.h>

#include "workload/sender.h"

static int twocopy_init(struct sender *s)
{
	s->mode_data = memory_take(s->budget, s->opt->common.size_bytes);
	if (!s->mode_data)
		return -ENOMEM;
	memset(s->mode_data, 0, s->opt->common.size_bytes); /* no page faults while sending */
	return sender_alloc_messages(s, 1);
}

static void flatten(struct sender *s, const struct message *m, uint8_t *flat)
{
	size_t i;

	for (i = 0; i < MESSAGE_FIELDS; i++) {
		if (m->len[i])
			memcpy(flat, m->field[i], m->len[i]);
		flat += m->len[i];
	}
	s->account.flatten_bytes += m->bytes;
}

static int twocopy_send(struct sender *s, struct message *m)
{
	flatten(s, m, s->mode_data);
	return sender_send(s, s->mode_data, m->bytes, m->bytes);
}

static void twocopy_fini(struct sender *s)
{
	free(s->mode_data);
	s->mode_data = NULL;
}

const struct send_mode mode_twocopy = {
	.name = "A1",
	.aliases = (const char *const[]){"0", "two-copy", "twocopy", NULL},
	.title = "two-copy",
	.help = "copy the fields into one flat buffer, then send() it",
	.traits = {.way = WAY_COPY, .flattens = true},
	.original = true,
	.init = twocopy_init,
	.send = twocopy_send,
	.fini = twocopy_fini,
};
