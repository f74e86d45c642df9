// SPDX-License-Identifier: GPL-2.0-only
/* uring: what A2 does, asked for by way of an io_uring. MSG_WAITALL leaves it to the kernel to go on with a message that
 * does not fit the send buffer, in sends of its own, so that one request is one message.
 */
#include "workload/uring.h"

static int supported(void)
{
	return uring_supported(IORING_OP_SENDMSG);
}

static int init(struct sender *s)
{
	struct io_uring *ring = xcalloc(1, sizeof(*ring));
	int err = uring_open(s, ring);

	if (err) {
		free(ring);
		return err;
	}
	s->mode_data = ring;
	return sender_alloc_messages(s, 1);
}

static void fini(struct sender *s)
{
	struct io_uring *ring = s->mode_data;

	if (!ring)
		return;
	io_uring_queue_exit(ring);
	free(ring);
	s->mode_data = NULL;
}

/* What sendmsg() returns, or -errno. */
static ssize_t send_and_wait(struct sender *s, const struct msghdr *msg)
{
	struct io_uring *ring = s->mode_data;
	struct io_uring_cqe *cqe;
	int err;

	io_uring_prep_sendmsg(io_uring_get_sqe(ring), s->fd, msg, MSG_WAITALL | MSG_NOSIGNAL);
	err = uring_submit(ring);
	err = err ?: uring_wait(ring, &cqe, 0);
	if (err)
		return err;
	err = cqe->res;
	io_uring_cqe_seen(ring, cqe);
	return err;
}

static int uring_send(struct sender *s, struct message *m)
{
	return sender_gather(s, m, send_and_wait);
}

const struct send_mode mode_uring = {
	.name = "uring",
	.aliases = (const char *const[]){"io_uring", NULL},
	.title = "io_uring",
	.help = "io_uring: sendmsg with one iovec a field; the kernel copies each byte once",
	.traits = {.way = WAY_COPY, .resumes = true},
	.supported = supported,
	.init = init,
	.send = uring_send,
	.fini = fini,
};
