// SPDX-License-Identifier: GPL-2.0-only
/* uring: what A2 does, asked for by way of an io_uring. MSG_WAITALL leaves it to the kernel to go on with a message that
 * does not fit the send buffer, in sends of its own, so that one request is one message. With --batch several are
 * submitted by one system call, each linked to the one before: the order of the stream is theirs.
 */
#include <errno.h>

#include "workload/sender.h"
#include "workload/uring.h"

struct request {
	const struct message *message;
	size_t sent, offered; /* of it; by the submission under way */
	ssize_t result;
	struct iovec iov[MESSAGE_FIELDS];
	struct msghdr msg;
};

struct batch {
	struct io_uring ring;
	unsigned int cnt, cap; /* cap: messages a submission */
	struct request request[];
};

static int supported(void)
{
	return uring_supported(IORING_OP_SENDMSG);
}

/* A response is waited for. */
static unsigned int batch_of(const struct sender *s)
{
	return s->opt->common.pattern == PATTERN_RR ? 1 : MAX(s->opt->batch, 1u);
}

static int init(struct sender *s)
{
	const unsigned int cap = batch_of(s);
	struct batch *b = xcalloc(1, sizeof(*b) + cap * sizeof(b->request[0]));
	int err = uring_open(&b->ring, s->opt->issue, cap, cap, &s->error);

	if (err) {
		free(b);
		return err;
	}
	b->cap = cap;
	s->mode_data = b;
	return sender_alloc_messages(s, cap);
}

static void fini(struct sender *s)
{
	struct batch *b = s->mode_data;

	if (!b)
		return;
	io_uring_queue_exit(&b->ring);
	free(b);
	s->mode_data = NULL;
}

static void prepare(struct sender *s, struct request *r, bool last)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&((struct batch *)s->mode_data)->ring);

	r->msg = (struct msghdr){.msg_iov = r->iov};
	r->msg.msg_iovlen = message_iov(r->message, r->sent, r->message->bytes, r->iov, &r->offered);
	io_uring_prep_sendmsg(sqe, s->fd, &r->msg, MSG_WAITALL | MSG_NOSIGNAL);
	io_uring_sqe_set_data(sqe, r);
	io_uring_sqe_set_flags(sqe, (last ? 0 : IOSQE_IO_LINK) | uring_issued_by(s->opt->issue));
}

/* Submit the requests from first on, and wait for all of them. */
static int submit(struct sender *s, unsigned int first)
{
	struct batch *b = s->mode_data;
	struct io_uring_cqe *cqe;
	unsigned int i;
	int err;

	for (i = first; i < b->cnt; i++)
		prepare(s, &b->request[i], i + 1 == b->cnt);
	err = uring_submit(&b->ring, b->cnt - first);
	for (i = first; !err && i < b->cnt; i++) {
		err = uring_wait(&b->ring, &cqe, 0);
		if (err)
			break;
		((struct request *)io_uring_cqe_get_data(cqe))->result = cqe->res;
		io_uring_cqe_seen(&b->ring, cqe);
	}
	return err;
}

/* 1: the whole message is sent; 0: it has to go on, and with it those behind, which were cancelled; or -errno. */
static int account(struct sender *s, struct request *r)
{
	if (r->result < 0)
		return r->result == -ECANCELED ? 0 : (int)r->result;
	sender_count(s, (size_t)r->result, r->offered);
	r->sent += (size_t)r->result;
	return r->sent == r->message->bytes;
}

static int uring_flush(struct sender *s)
{
	struct batch *b = s->mode_data;
	unsigned int first = 0;
	int done;

	while (first < b->cnt) {
		int err = submit(s, first);

		if (err)
			return err;
		for (done = 1; done > 0 && first < b->cnt; first += done > 0)
			done = account(s, &b->request[first]);
		if (done < 0)
			return done;
	}
	b->cnt = 0;
	return 0;
}

static int uring_send(struct sender *s, struct message *m)
{
	struct batch *b = s->mode_data;

	b->request[b->cnt++] = (struct request){.message = m};
	return b->cnt == b->cap ? uring_flush(s) : 0;
}

const struct send_mode mode_uring = {
	.name = "uring",
	.aliases = (const char *const[]){"io_uring", NULL},
	.title = "io_uring",
	.help = "io_uring: sendmsg with one iovec a field; the kernel copies each byte once",
	.traits = {.way = WAY_COPY, .resumes = true, .requests = true},
	.supported = supported,
	.init = init,
	.send = uring_send,
	.flush = uring_flush,
	.fini = fini,
};
