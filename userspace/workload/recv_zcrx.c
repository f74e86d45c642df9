// SPDX-License-Identifier: GPL-2.0-only
/* zcrx: io_uring's zero-copy receive, a request that is submitted once and tells of each piece of the stream where in the
 * receiver's memory it is. That memory belongs to a queue of a NIC, which puts it there; here to none, and the kernel
 * copies, a page at most a piece. When a piece has been read its page goes back by a ring.
 */
#include <errno.h>
#include <string.h>
#include <sys/syscall.h>

#include "workload/block.h"
#include "workload/receiver.h"
#include "workload/uring.h"
#include "workload/zcrx.h"

#define AREA_BYTES (2 * MIB)

struct inbox {
	struct io_uring ring;
	struct block block;  /* pages for the stream, and behind them the ring that gives them back */
	size_t page, pages;  /* its bytes; how many: a power of two. No more completions than those, and the last */
	__u32 id;	     /* of the registered instance */
	__u64 token;	     /* of the pages' area */
	__u32 *tail;
	struct zcrx_refill *refill;
	__u32 given, seen;   /* pages that were given back, and those of them that the kernel was told of */
	bool armed;
	__u32 armed_at;	     /* what was given back when it was */
	__u64 offset;	     /* of the piece that has */
	size_t left;	     /* so many bytes for us */
	const uint8_t *from;
};

static int zcrx_call(const struct inbox *in, unsigned int what, void *arg, unsigned int args)
{
	return syscall(SYS_io_uring_register, in->ring.ring_fd, what, arg, args) < 0 ? -errno : 0;
}

static int inbox_register(struct inbox *in, size_t ring_bytes)
{
	uint8_t *ring = in->block.start + in->pages * in->page;
	struct zcrx_area area = {.addr = (uintptr_t)in->block.start, .len = in->pages * in->page};
	struct zcrx_region region = {.user_addr = (uintptr_t)ring, .size = ring_bytes, .flags = ZCRX_USER_MEMORY};
	struct zcrx_registration reg = {
		.refills = (__u32)in->pages, .flags = ZCRX_WITHOUT_NIC,
		.area = (uintptr_t)&area, .region = (uintptr_t)&region};
	int err = zcrx_call(in, ZCRX_REGISTER, &reg, 1);

	if (err)
		return err;
	in->id = reg.id;
	in->token = area.token;
	in->tail = (__u32 *)(ring + reg.tail);
	in->refill = (struct zcrx_refill *)(ring + reg.entries);
	return 0;
}

static void inbox_close(struct inbox *in)
{
	io_uring_queue_exit(&in->ring);
	block_unmap(&in->block);
}

static int inbox_open(struct inbox *in, struct memory_budget *budget)
{
	size_t bytes, ring_bytes;
	int err;

	in->page = (size_t)sysconf(_SC_PAGESIZE);
	in->pages = AREA_BYTES / in->page;
	ring_bytes = in->page + in->pages * sizeof(*in->refill); /* a header, which the kernel may make as long */
	ring_bytes += -ring_bytes % in->page;
	bytes = in->pages * in->page + ring_bytes;
	err = uring_open_large(&in->ring, (unsigned int)(2 * in->pages));
	if (err)
		return err;
	err = block_map_plain(&in->block, bytes, budget);
	if (!err) {
		memset(in->block.start, 0, bytes); /* no page faults while measuring */
		err = inbox_register(in, ring_bytes);
	}
	if (err)
		inbox_close(in);
	return err;
}

static int attempt(int unused)
{
	struct memory_budget budget;
	struct inbox in = {0};
	int err;

	(void)unused;
	memory_budget_init(&budget);
	err = inbox_open(&in, &budget);
	if (!err)
		inbox_close(&in);
	return err == -EINVAL ? -EOPNOTSUPP : err;
}

static int supported(void)
{
	return uring_try(attempt, 0);
}

static const char *explain(int err)
{
	if (err == -EPERM)
		return "it takes CAP_NET_ADMIN: run it as root";
	return err == -EOPNOTSUPP ? "without a NIC it takes Linux 7.1 or newer (ZCRX_REG_NODEV)" : strerror(-err);
}

static int zcrx_init(struct receiver *r)
{
	struct inbox *in = xcalloc(1, sizeof(*in));
	int err = inbox_open(in, r->budget);

	if (err)
		free(in);
	else
		r->mode_data = in;
	return err;
}

static void zcrx_fini(struct receiver *r)
{
	if (r->mode_data)
		inbox_close(r->mode_data);
	free(r->mode_data);
	r->mode_data = NULL;
}

/* Where no NIC takes pages from the ring, the kernel looks there when it is told to. */
static int flush(struct inbox *in)
{
	struct zcrx_control control = {.id = in->id, .op = ZCRX_CONTROL_FLUSH};

	in->seen = in->given;
	return zcrx_call(in, ZCRX_CONTROL, &control, 0);
}

static int give_back(struct inbox *in)
{
	in->refill[in->given % in->pages] = (struct zcrx_refill){.offset = in->offset | in->token, .len = (__u32)in->page};
	io_uring_smp_store_release(in->tail, ++in->given);
	return in->given - in->seen < in->pages / 2 ? 0 : flush(in);
}

static void arm(struct inbox *in, int fd)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&in->ring);

	io_uring_prep_rw(ZCRX_OP_RECV, sqe, fd, NULL, 0, 0);
	sqe->ioprio = IORING_RECV_MULTISHOT;
	sqe->splice_fd_in = (__s32)in->id;
	in->armed = true;
	in->armed_at = in->given;
}

/* What the next completion says: bytes in a page; 0: end of file; -EINTR: a pause came instead; or another -errno. */
static int next_completion(struct receiver *r, struct inbox *in)
{
	const struct zcrx_filled *filled;
	struct io_uring_cqe *cqe;
	int n;

	if (!in->armed)
		arm(in, r->fd);
	n = uring_next(&in->ring, &cqe, r->crew);
	if (n)
		return n;
	n = cqe->res;
	in->armed = cqe->flags & IORING_CQE_F_MORE;
	filled = (const void *)(cqe + 1);
	in->offset = filled->offset & ((1ULL << ZCRX_OFFSET_BITS) - 1);
	io_uring_cqe_seen(&in->ring, cqe);
	return n;
}

/* All pages were full: we have read them by now, if there were any. */
static int next_piece(struct receiver *r, struct inbox *in)
{
	int n, err;

	for (;;) {
		n = next_completion(r, in);
		if (n != -ENOMEM || in->given == in->armed_at)
			return n;
		err = flush(in);
		if (err)
			return err;
	}
}

static ssize_t zcrx_receive(struct receiver *r, size_t at, size_t len)
{
	struct inbox *in = r->mode_data;
	int n;

	if (!in->left) {
		n = next_piece(r, in);
		if (n <= 0)
			return n;
		r->account.calls++;
		in->left = (size_t)n;
		in->from = in->block.start + in->offset;
	}
	len = MIN(len, in->left);
	if (r->opt->common.verify)
		memcpy(r->buf + at, in->from, len);
	in->from += len;
	in->left -= len;
	n = in->left ? 0 : give_back(in);
	return n ? n : (ssize_t)len;
}

const struct recv_mode recv_zcrx = {
	.name = "zcrx",
	.help = "io_uring's zero-copy receive, without a NIC that fills the receiver's memory: the kernel copies each byte",
	.way = RECEIVE_ZCRX,
	.keeps = true,
	.net_admin = true,
	.supported = supported,
	.explain = explain,
	.init = zcrx_init,
	.receive = zcrx_receive,
	.fini = zcrx_fini,
};
