// SPDX-License-Identifier: GPL-2.0-only
/* A3 and A3p: MSG_ZEROCOPY. The kernel keeps references to our pages until it says otherwise on the
 * socket's error queue, so messages come from a ring and none is written before all its ids are
 * complete.
 */
#include <errno.h>
#include <time.h> /* errqueue.h uses struct timespec and does not include it */
#include <linux/errqueue.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "core/log.h"
#include "workload/sender.h"
#include "workload/sock.h"
#include "workload/zc_ring.h"

#define WAIT_TICK_MS 1000
#define CHUNK_MIN    (4 * KIB)
#define PAUSE_US     1000
/* Refusals in a row, PAUSE_US apart and nothing in flight, before we call it a limit. */
#define REFUSALS_MAX 5000

struct zerocopy {
	struct zc_ring ring;
	unsigned int slot;  /* of the message at hand */
	size_t chunk_bytes; /* offered a call: less than a message where memory may not be pinned */
};

static int supports_zerocopy(int type)
{
	_cleanup_close_ int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
	int one = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_ZEROCOPY, &one, sizeof(one)))
		return -errno;
	return 0;
}

static int zerocopy_supported(void)
{
	return supports_zerocopy(SOCK_STREAM);
}

static int datagrams_supported(void)
{
	return datagram_supported() ?: supports_zerocopy(SOCK_DGRAM);
}

static int zerocopy_init(struct sender *s)
{
	struct zerocopy *z;
	int one = 1;

	if (setsockopt(s->fd, SOL_SOCKET, SO_ZEROCOPY, &one, sizeof(one)))
		return -errno;
	z = xcalloc(1, sizeof(*z));
	s->mode_data = z;
	zc_ring_init(&z->ring, s->opt->ring, 0);
	z->slot = s->opt->ring - 1;
	z->chunk_bytes = s->opt->common.size_bytes;
	return sender_alloc_messages(s, s->opt->ring);
}

/* The notification in a message of the error queue, or NULL. */
static const struct sock_extended_err *notification(struct msghdr *msg)
{
	struct cmsghdr *c;

	for (c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		const struct sock_extended_err *e = (const void *)CMSG_DATA(c);

		if ((c->cmsg_level == SOL_IP && c->cmsg_type == IP_RECVERR) ||
		    (c->cmsg_level == SOL_IPV6 && c->cmsg_type == IPV6_RECVERR))
			return e->ee_origin == SO_EE_ORIGIN_ZEROCOPY ? e : NULL;
	}
	return NULL;
}

static void count_completion(struct account *a, const struct sock_extended_err *e)
{
	uint32_t ids = e->ee_data - e->ee_info + 1;

	a->zc_notifications++;
	a->zc_ids_completed += ids;
	a->zc_ids_copied += e->ee_code & SO_EE_CODE_ZEROCOPY_COPIED ? ids : 0;
}

/* Read all the error queue has, without waiting. Number of ids completed or -errno. */
static int64_t read_completions(struct sender *s, struct zerocopy *z)
{
	uint64_t before = z->ring.completed;
	const struct sock_extended_err *e;
	char control[128];
	int err;

	for (;;) {
		struct msghdr msg = {.msg_control = control, .msg_controllen = sizeof(control)};

		if (TEMP_FAILURE_RETRY(recvmsg(s->fd, &msg, MSG_ERRQUEUE | MSG_DONTWAIT)) < 0)
			return errno == EAGAIN ? (int64_t)(z->ring.completed - before) : -errno;
		e = notification(&msg);
		if (!e)
			continue;
		err = zc_ring_complete(&z->ring, e->ee_info, e->ee_data);
		if (!err) {
			count_completion(&s->account, e);
		} else {
			s->error = xasprintf("the kernel completed zero-copy ids %u..%u %s",
					     e->ee_info, e->ee_data,
					     err == -EALREADY ? "twice" : "that are not in flight");
			return err;
		}
	}
}

/* Wait for completions; returns when some came or a tick passed. Number of ids or -errno. */
static int64_t wait_completions(struct sender *s, struct zerocopy *z)
{
	struct pollfd pfd = {.fd = s->fd}; /* POLLERR needs no asking */
	int64_t n = read_completions(s, z);

	if (n)
		return n;
	if (atomic_load_explicit(&s->crew->abandon, memory_order_relaxed))
		return -ECANCELED;
	if (poll(&pfd, 1, WAIT_TICK_MS) < 0 && errno != EINTR)
		return -errno;
	n = read_completions(s, z);
	/* A connection that was reset stays POLLERR or POLLHUP: do not spin on it. */
	if (!n && pfd.revents)
		usleep(PAUSE_US);
	return n;
}

static bool may_reuse(const struct zerocopy *z, unsigned int slot)
{
#ifdef COPYSCOPE_TEST_REUSE_EARLY /* the bug that --verify exists to catch; a test builds it */
	(void)z;
	(void)slot;
	return true;
#else
	return zc_ring_slot_free(&z->ring, slot);
#endif
}

/* The error queue is read only when the ring is exhausted: completions merge while they wait there,
 * so fewer calls bring more of them.
 */
static int zerocopy_acquire(struct sender *s, struct message **m)
{
	struct zerocopy *z = s->mode_data;
	unsigned int slot = (z->slot + 1) % s->message_cnt;
	int64_t n = 0;

	if (!may_reuse(z, slot))
		n = read_completions(s, z);
	if (n >= 0 && !may_reuse(z, slot))
		s->account.completion_waits++;
	while (n >= 0 && !may_reuse(z, slot))
		n = wait_completions(s, z);
	if (n < 0)
		return (int)n;
	z->slot = slot;
	*m = &s->message[slot];
	return 0;
}

/* ENOBUFS: no option memory for another notification (net.core.optmem_max), or the pages of this
 * call exceed what the user may pin (ulimit -l; of all sockets of the user together). The first
 * ends when we read completions. The second may never end for a message larger than the limit, so
 * offer less.
 */
static int wait_for_buffers(struct sender *s, struct zerocopy *z, unsigned int *refusals)
{
	int64_t n;

	s->account.enobufs_waits++;
	if (zc_ring_in_flight(&z->ring)) {
		n = wait_completions(s, z);
		return n < 0 ? (int)n : 0;
	}
	if (atomic_load_explicit(&s->crew->abandon, memory_order_relaxed))
		return -ECANCELED;
	if (z->chunk_bytes > CHUNK_MIN) {
		z->chunk_bytes = MAX(z->chunk_bytes / 2, CHUNK_MIN);
		return 0;
	}
	if (++*refusals > REFUSALS_MAX) {
		s->error = xstrdup("zero-copy sends are refused (ENOBUFS): raise `ulimit -l` or "
				   "sysctl net.core.optmem_max");
		return -ENOBUFS;
	}
	usleep(PAUSE_US);
	return 0;
}

static int zerocopy_send(struct sender *s, struct message *m)
{
	struct zerocopy *z = s->mode_data;
	struct iovec iov[MESSAGE_FIELDS];
	struct msghdr msg = {.msg_iov = iov};
	unsigned int refusals = 0;
	size_t sent = 0, offered;
	ssize_t n, room;
	int err;

	z->chunk_bytes = MIN(z->chunk_bytes * 2, m->bytes); /* the limit may be gone */
	while (sent < m->bytes) {
		room = sender_claim(s, MIN(z->chunk_bytes, m->bytes - sent));
		if (room < 0)
			return (int)room;
		msg.msg_iovlen = message_iov(m, sent, (size_t)room, iov, &offered);
		n = TEMP_FAILURE_RETRY(sendmsg(s->fd, &msg, MSG_ZEROCOPY | MSG_NOSIGNAL));
		if (n < 0 && errno == ENOBUFS) {
			err = wait_for_buffers(s, z, &refusals);
			if (err)
				return err;
			continue;
		}
		if (n < 0)
			return -errno;
		zc_ring_issue(&z->ring, z->slot);
		s->account.zc_ids_issued++;
		sender_count(s, (size_t)n, offered);
		s->account.field_pages += message_pages(m, sent, (size_t)n);
		sent += (size_t)n;
		refusals = 0;
	}
	s->account.least_pages += m->least_pages;
	return 0;
}

static int zerocopy_drain(struct sender *s)
{
	struct zerocopy *z = s->mode_data;
	struct stall stall = {0};
	int64_t n = 0;

	while (n >= 0 && zc_ring_in_flight(&z->ring)) {
		n = wait_completions(s, z);
		if (n > 0)
			stall = (struct stall){0};
		if (n == 0 && sock_stalled(&stall, s->fd))
			n = -ETIMEDOUT;
	}
	if ((n == -ETIMEDOUT || n == -ECANCELED) && !s->error)
		s->error = xasprintf("%llu of %llu zero-copy ids were not completed: the client "
				     "does not read, or the path lost them",
				     (unsigned long long)zc_ring_in_flight(&z->ring),
				     (unsigned long long)z->ring.issued);
	return n < 0 ? (int)n : 0;
}

static void zerocopy_fini(struct sender *s)
{
	struct zerocopy *z = s->mode_data;

	if (!z)
		return;
	zc_ring_free(&z->ring);
	free(z);
	s->mode_data = NULL;
}

#define ZEROCOPY_CALLS                      \
	.init = zerocopy_init,              \
	.acquire = zerocopy_acquire,        \
	.send = zerocopy_send,              \
	.drain = zerocopy_drain,            \
	.fini = zerocopy_fini

const struct send_mode mode_zerocopy = {
	.name = "A3",
	.aliases = (const char *const[]){"2", "zero-copy", "zerocopy", NULL},
	.title = "zero-copy",
	.help = "sendmsg(MSG_ZEROCOPY) from a ring of messages, reused when the kernel completes "
		"them",
	.traits = {.way = WAY_ZEROCOPY, .takes_ids = true, .has_completions = true},
	.original = true,
	.supported = zerocopy_supported,
	ZEROCOPY_CALLS,
};

/* References are taken on pages, so where a field begins decides how many: the same, in the best case. */
const struct send_mode mode_zerocopy_page = {
	.name = "A3p",
	.aliases = (const char *const[]){"zero-copy-aligned", NULL},
	.title = "zero-copy-aligned",
	.help = "as A3, but each field begins a page: what alignment alone is worth",
	.traits = {.way = WAY_ZEROCOPY,
		   .buffers = BUFFERS_PAGE,
		   .takes_ids = true,
		   .has_completions = true},
	.supported = zerocopy_supported,
	ZEROCOPY_CALLS,
};

/* An skb of UDP has to hold all that one call sends, and no more than MAX_SKB_FRAGS references: in one piece. */
const struct send_mode mode_udp_gso_zc = {
	.name = "udp-gso-zc",
	.aliases = (const char *const[]){"datagrams-zero-copy", NULL},
	.title = "datagrams-zero-copy",
	.help = "udp-gso with MSG_ZEROCOPY: datagrams refer to the sender's pages",
	.traits = {.way = WAY_ZEROCOPY,
		   .buffers = BUFFERS_FLAT,
		   .transport = TRANSPORT_UDP,
		   .takes_ids = true,
		   .has_completions = true},
	.supported = datagrams_supported,
	ZEROCOPY_CALLS,
};
