// SPDX-License-Identifier: GPL-2.0-only
/* uring-zc and uring-zc-fixed: zero-copy sends by io_uring. A request that referred to our pages completes twice: with
 * what it sent, and by a notification when the kernel needs the pages no more. Messages come from a ring, and none is
 * written before all its notifications have come.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "core/log.h"
#include "workload/sender.h"
#include "workload/sock.h"
#include "workload/uring.h"

#define SEND_FLAGS   (MSG_WAITALL | MSG_NOSIGNAL)
#define WAIT_TICK_NS NSEC_PER_SEC
#define PAUSE_US     1000
/* Refusals of one message, PAUSE_US apart or with a notification in between, before we call it a limit. */
#define REFUSALS_MAX 2000

struct uring_zc {
	struct io_uring ring;
	unsigned int flags; /* of each request, IORING_RECVSEND_ and IORING_SEND_ZC_ */
	unsigned int *due;  /* by message: notifications to come */
	uint64_t due_cnt;   /* of all */
	unsigned int slot;  /* of the message at hand */
	bool done;	    /* its request is, and returned: */
	int result;
};

static int supported(void)
{
	return uring_supported(IORING_OP_SENDMSG_ZC); /* the younger of the two */
}

static void read_notification(struct sender *s, const struct io_uring_cqe *cqe)
{
	struct uring_zc *z = s->mode_data;

	z->due[cqe->user_data]--;
	z->due_cnt--;
	s->account.zc_ids_completed++;
	if (!(z->flags & IORING_SEND_ZC_REPORT_USAGE))
		s->account.zc_ids_untold++;
	else if ((unsigned int)cqe->res & IORING_NOTIF_USAGE_ZC_COPIED)
		s->account.zc_ids_copied++;
}

static void read_result(struct sender *s, const struct io_uring_cqe *cqe)
{
	struct uring_zc *z = s->mode_data;

	z->done = true;
	z->result = cqe->res;
	if (!(cqe->flags & IORING_CQE_F_MORE)) /* no notification */
		return;
	z->due[cqe->user_data]++;
	z->due_cnt++;
	s->account.zc_ids_issued++;
}

/* Read all that the ring has, without waiting. Number of notifications. */
static int read_ring(struct sender *s)
{
	struct uring_zc *z = s->mode_data;
	struct io_uring_cqe *cqe;
	int notifications = 0;

	while (!io_uring_peek_cqe(&z->ring, &cqe)) {
		if (cqe->flags & IORING_CQE_F_NOTIF) {
			read_notification(s, cqe);
			notifications++;
		} else {
			read_result(s, cqe);
		}
		io_uring_cqe_seen(&z->ring, cqe);
	}
	return notifications;
}

/* The same, after the work that the kernel left for us to do when we come by. */
static int fetch_notifications(struct sender *s)
{
	struct uring_zc *z = s->mode_data;

	io_uring_get_events(&z->ring);
	return read_ring(s);
}

/* Wait for notifications; returns when some came or a tick passed. Their number or -errno. */
static int wait_notifications(struct sender *s)
{
	struct uring_zc *z = s->mode_data;
	struct io_uring_cqe *cqe;
	int n = fetch_notifications(s), err;

	if (n)
		return n;
	if (atomic_load_explicit(&s->crew->abandon, memory_order_relaxed))
		return -ECANCELED;
	err = uring_wait(&z->ring, &cqe, WAIT_TICK_NS);
	return err && err != -ETIME ? err : read_ring(s);
}

/* Submit the request, and read until it is through. What sendmsg() returns, or -errno. */
static int send_and_wait(struct sender *s, struct io_uring_sqe *sqe)
{
	struct uring_zc *z = s->mode_data;
	struct io_uring_cqe *cqe;
	int err;

	sqe->ioprio = (__u16)z->flags;
	sqe->user_data = z->slot;
	io_uring_sqe_set_flags(sqe, uring_issued_by(s->opt->issue));
	z->done = false;
	err = uring_submit(&z->ring, 1);
	while (!err) {
		read_ring(s);
		if (z->done)
			return z->result;
		err = uring_wait(&z->ring, &cqe, 0);
	}
	return err;
}

/* A notification tells whether the kernel copied, if the request asks for it; the first kernels with such requests refuse
 * who asks. This one is of no file, so that it can do no more.
 */
static int ask_for_usage(struct sender *s)
{
	struct uring_zc *z = s->mode_data;
	struct io_uring_sqe *sqe = io_uring_get_sqe(&z->ring);
	int result;

	z->flags |= IORING_SEND_ZC_REPORT_USAGE;
	io_uring_prep_send_zc(sqe, -1, NULL, 0, 0, 0);
	result = send_and_wait(s, sqe);
	while (result == -EBADF && z->due_cnt) {
		int n = wait_notifications(s);

		if (n < 0)
			return n;
	}
	if (result == -EINVAL)
		z->flags &= ~IORING_SEND_ZC_REPORT_USAGE;
	s->account = (struct account){0};
	return 0;
}

static int init(struct sender *s)
{
	struct uring_zc *z = xcalloc(1, sizeof(*z));
	int err = uring_open(&z->ring, s->opt->issue, 1, 2 * s->opt->ring, &s->error);

	if (err) {
		free(z);
		return err;
	}
	z->due = xcalloc(s->opt->ring, sizeof(*z->due));
	z->slot = s->opt->ring - 1;
	s->mode_data = z;
	err = ask_for_usage(s);
	return err ?: sender_alloc_messages(s, s->opt->ring);
}

/* The kernel takes its references here, for good. */
static int register_messages(struct sender *s)
{
	struct uring_zc *z = s->mode_data;
	_cleanup_free_ struct iovec *iov = xcalloc(s->message_cnt, sizeof(*iov));
	unsigned int i;
	int err;

	for (i = 0; i < s->message_cnt; i++)
		iov[i] = (struct iovec){.iov_base = message_flat(&s->message[i]), .iov_len = s->message[i].bytes};
	err = io_uring_register_buffers(&z->ring, iov, s->message_cnt);
	if (err == -ENOMEM)
		s->error = xstrdup("the messages' pages may not be locked: raise `ulimit -l`, or use a smaller SIZE, a smaller "
				   "--ring or fewer clients");
	else if (err)
		s->error = xasprintf("cannot register the messages' buffers: %s", strerror(-err));
	z->flags |= IORING_RECVSEND_FIXED_BUF;
	return err;
}

static int init_fixed(struct sender *s)
{
	int err = init(s);

	return err ?: register_messages(s);
}

static void fini(struct sender *s)
{
	struct uring_zc *z = s->mode_data;

	if (!z)
		return;
	io_uring_queue_exit(&z->ring);
	free(z->due);
	free(z);
	s->mode_data = NULL;
}

static int acquire(struct sender *s, struct message **m)
{
	struct uring_zc *z = s->mode_data;
	unsigned int slot = (z->slot + 1) % s->message_cnt;
	int n = 0;

	if (z->due[slot])
		n = fetch_notifications(s);
	if (z->due[slot])
		s->account.completion_waits++;
	while (n >= 0 && z->due[slot])
		n = wait_notifications(s);
	if (n < 0)
		return n;
	z->slot = slot;
	*m = &s->message[slot];
	return 0;
}

/* The pages of a request count against what its user may lock (`ulimit -l`) until it is notified. */
static int wait_for_memory(struct sender *s, unsigned int *refusals)
{
	struct uring_zc *z = s->mode_data;
	int n;

	s->account.enobufs_waits++;
	if (++*refusals > REFUSALS_MAX) {
		s->error = xstrdup("zero-copy sends are refused (ENOMEM): raise `ulimit -l`, or use a smaller SIZE or "
				   "--ring");
		return -ENOBUFS;
	}
	if (z->due_cnt) {
		n = wait_notifications(s);
		return n < 0 ? n : 0;
	}
	usleep(PAUSE_US);
	return 0;
}

static int uring_zc_send(struct sender *s, struct message *m)
{
	struct uring_zc *z = s->mode_data;
	struct iovec iov[MESSAGE_FIELDS];
	struct msghdr msg = {.msg_iov = iov};
	size_t sent = 0, offered;
	unsigned int refusals = 0;
	int n, err;

	while (sent < m->bytes) {
		struct io_uring_sqe *sqe = io_uring_get_sqe(&z->ring);

		if (z->flags & IORING_RECVSEND_FIXED_BUF) {
			offered = m->bytes - sent;
			io_uring_prep_send_zc(sqe, s->fd, message_flat(m) + sent, offered, SEND_FLAGS, 0);
			sqe->buf_index = (__u16)z->slot;
		} else {
			msg.msg_iovlen = message_iov(m, sent, m->bytes, iov, &offered);
			io_uring_prep_sendmsg_zc(sqe, s->fd, &msg, SEND_FLAGS);
		}
		n = send_and_wait(s, sqe);
		if (n == -ENOMEM || n == -ENOBUFS) {
			err = wait_for_memory(s, &refusals);
			if (err)
				return err;
			continue;
		}
		if (n < 0)
			return n;
		sender_count(s, (size_t)n, offered);
		s->account.field_pages += message_pages(m, sent, (size_t)n);
		sent += (size_t)n;
	}
	s->account.least_pages += m->least_pages;
	return 0;
}

static int drain(struct sender *s)
{
	struct uring_zc *z = s->mode_data;
	struct stall stall = {0};
	int n = 0;

	while (n >= 0 && z->due_cnt) {
		n = wait_notifications(s);
		if (n > 0)
			stall = (struct stall){0};
		if (n == 0 && sock_stalled(&stall, s->fd))
			n = -ETIMEDOUT;
	}
	if ((n == -ETIMEDOUT || n == -ECANCELED) && !s->error)
		s->error = xasprintf("%llu notifications of zero-copy sends did not come: the client does not read, or the "
				     "path lost them", (unsigned long long)z->due_cnt);
	return n < 0 ? n : 0;
}

#define ZEROCOPY_CALLS             \
	.supported = supported,    \
	.acquire = acquire,        \
	.send = uring_zc_send,     \
	.drain = drain,            \
	.fini = fini

const struct send_mode mode_uring_zc = {
	.name = "uring-zc",
	.aliases = (const char *const[]){"io_uring-zc", NULL},
	.title = "io_uring-zc",
	.help = "io_uring: zero-copy sendmsg from a ring of messages, reused when the kernel notifies us",
	.traits = {.way = WAY_ZEROCOPY, .has_completions = true, .resumes = true, .requests = true},
	.init = init,
	ZEROCOPY_CALLS,
};

const struct send_mode mode_uring_zc_fixed = {
	.name = "uring-zc-fixed",
	.aliases = (const char *const[]){"io_uring-zc-fixed", NULL},
	.title = "io_uring-zc-fixed",
	.help = "as uring-zc, but from flat messages whose pages the kernel refers to once, in advance (registered buffers)",
	.traits = {.way = WAY_ZEROCOPY,
		   .buffers = BUFFERS_FLAT,
		   .has_completions = true,
		   .resumes = true,
		   .registers = true,
		   .requests = true},
	.init = init_fixed,
	ZEROCOPY_CALLS,
};
