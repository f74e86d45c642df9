// SPDX-License-Identifier: GPL-2.0-only
/* uring: a multishot recv() by io_uring. Submitted once, it completes each time that something came, in a buffer that the
 * kernel takes from a ring of ours. It knows of no messages: what a buffer has of the next one is kept for that.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "workload/block.h"
#include "workload/receiver.h"
#include "workload/uring.h"

#define BUFFERS	     16 /* a power of two; each completion has one, so that there are never more of those */
#define BUFFER_BYTES (64 * KIB)
#define GROUP	     0

struct inbox {
	struct io_uring ring;
	struct block block;		 /* the buffers, and behind them */
	struct io_uring_buf_ring *empty; /* those that the kernel may fill */
	bool armed;
	unsigned int number; /* of the buffer that has */
	size_t left;	     /* so many bytes for us */
	const uint8_t *from;
};

static uint8_t *buffer(const struct inbox *in, unsigned int number)
{
	return in->block.start + number * BUFFER_BYTES;
}

static void give(struct inbox *in, unsigned int number)
{
	io_uring_buf_ring_add(in->empty, buffer(in, number), BUFFER_BYTES, (unsigned short)number,
			      io_uring_buf_ring_mask(BUFFERS), 0);
	io_uring_buf_ring_advance(in->empty, 1);
}

static void inbox_close(struct inbox *in)
{
	io_uring_queue_exit(&in->ring);
	block_unmap(&in->block);
}

static int inbox_open(struct inbox *in, struct memory_budget *budget, char **error)
{
	const size_t bytes = BUFFERS * (BUFFER_BYTES + sizeof(struct io_uring_buf));
	struct io_uring_buf_reg reg = {.ring_entries = BUFFERS, .bgid = GROUP};
	unsigned int i;
	int err = uring_open(&in->ring, ISSUE_CALLER, 1, 2 * BUFFERS, error);

	if (err)
		return err;
	err = block_map_plain(&in->block, bytes, budget);
	if (!err) {
		memset(in->block.start, 0, bytes); /* no page faults while measuring */
		in->empty = (struct io_uring_buf_ring *)buffer(in, BUFFERS);
		reg.ring_addr = (uintptr_t)in->empty;
		err = io_uring_register_buf_ring(&in->ring, &reg, 0);
	}
	for (i = 0; !err && i < BUFFERS; i++)
		give(in, i);
	if (err)
		inbox_close(in);
	return err;
}

static void arm(struct inbox *in, int fd)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&in->ring);

	io_uring_prep_recv_multishot(sqe, fd, NULL, 0, 0);
	sqe->flags |= IOSQE_BUFFER_SELECT;
	sqe->buf_group = GROUP;
	in->armed = true;
}

/* Nothing but the attempt tells of multishot: at the end of a stream it completes with 0. */
static int attempt(int unused)
{
	struct io_uring_cqe *cqe;
	struct memory_budget budget;
	struct inbox in = {0};
	char *error = NULL;
	int err, pair[2];

	(void)unused;
	memory_budget_init(&budget);
	err = inbox_open(&in, &budget, &error);
	free(error);
	if (err)
		return err;
	err = socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) ? -errno : 0;
	if (!err) {
		close(pair[1]);
		arm(&in, pair[0]);
		err = uring_submit(&in.ring, 1);
		err = err ?: uring_wait(&in.ring, &cqe, 0);
		err = err ?: cqe->res;
		close(pair[0]);
	}
	inbox_close(&in);
	return err;
}

static int supported(void)
{
	return uring_try(attempt, 0);
}

static int recv_uring_init(struct receiver *r)
{
	struct inbox *in = xcalloc(1, sizeof(*in));
	int err = inbox_open(in, r->budget, &r->error);

	if (err)
		free(in);
	else
		r->mode_data = in;
	return err;
}

static void recv_uring_fini(struct receiver *r)
{
	if (r->mode_data)
		inbox_close(r->mode_data);
	free(r->mode_data);
	r->mode_data = NULL;
}

/* What the next completion says: bytes in a buffer; 0: end of file; -EINTR: a pause came instead; or another -errno. */
static int next_completion(struct receiver *r, struct inbox *in)
{
	struct io_uring_cqe *cqe;
	int n;

	if (!in->armed)
		arm(in, r->fd);
	n = uring_next(&in->ring, &cqe, r->crew);
	if (n)
		return n;
	n = cqe->res;
	in->number = cqe->flags >> IORING_CQE_BUFFER_SHIFT;
	in->armed = cqe->flags & IORING_CQE_F_MORE;
	io_uring_cqe_seen(&in->ring, cqe);
	return n;
}

static ssize_t recv_uring_receive(struct receiver *r, size_t at, size_t len)
{
	struct inbox *in = r->mode_data;
	int n;

	if (!in->left) {
		do
			n = next_completion(r, in);
		while (n == -ENOBUFS); /* all were full, and we have read them */
		if (n <= 0)
			return n;
		r->account.calls++;
		in->left = (size_t)n;
		in->from = buffer(in, in->number);
	}
	len = MIN(len, in->left);
	if (r->opt->common.verify)
		memcpy(r->buf + at, in->from, len);
	in->from += len;
	in->left -= len;
	if (!in->left)
		give(in, in->number);
	return (ssize_t)len;
}

const struct recv_mode recv_uring = {
	.name = "uring",
	.help = "io_uring: a multishot recv() into provided buffers; the kernel copies each byte",
	.way = RECEIVE_COPY,
	.keeps = true,
	.supported = supported,
	.init = recv_uring_init,
	.receive = recv_uring_receive,
	.fini = recv_uring_fini,
};
