// SPDX-License-Identifier: GPL-2.0-only
#include "workload/datagram.h"

#include <endian.h>
#include <errno.h>
#include <linux/udp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "core/log.h"
#include "workload/account.h"
#include "workload/sock.h"

#define ETHERNET_MTU  1500
#define HEADERS_4     (20 + 8)
#define HEADERS_6     (40 + 8)
#define PAYLOAD_MAX   (65535 - HEADERS_4) /* of one call, whatever the family */
#define SEGMENTS_MAX  64		  /* UDP_MAX_SEGMENTS of old kernels */
#define RCVBUF_BYTES  (4 * MIB)		  /* asked for: net.core.rmem_max decides */
#define DATAGRAM_COST 1280		  /* memory that one takes beside its bytes, at most (struct sk_buff, its head) */
#define REFERRED_COST (36 * KIB)	  /* that a zero-copy skb takes, once its pages are copied */
#define SPILL_BYTES   (64 * KIB)
#define TICK_MS	      500

static sa_family_t family_of(int fd)
{
	struct sockaddr_storage addr = {0};
	socklen_t len = sizeof(addr);

	return getsockname(fd, (struct sockaddr *)&addr, &len) ? AF_UNSPEC : addr.ss_family;
}

/* The connection's addresses and ports: UDP's are others of the same number. */
static int beside(int session_fd, int fd)
{
	struct sockaddr_storage here = {0}, there = {0};
	socklen_t here_len = sizeof(here), there_len = sizeof(there);

	if (getsockname(session_fd, (struct sockaddr *)&here, &here_len) ||
	    getpeername(session_fd, (struct sockaddr *)&there, &there_len) ||
	    bind(fd, (struct sockaddr *)&here, here_len) || connect(fd, (struct sockaddr *)&there, there_len))
		return -errno;
	return 0;
}

int datagram_socket(int session_fd, const struct workload_options *o, int *out)
{
	_cleanup_close_ int fd = socket(family_of(session_fd), SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int one = 1, rcvbuf = RCVBUF_BYTES, err;

	if (fd < 0)
		return err_r(-errno, "UDP socket");
	/* A server has one for each connection, all at its port. */
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	setsockopt(session_fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &rcvbuf, sizeof(rcvbuf));
	err = sock_set_buffers(fd, o);
	if (err)
		return err;
	err = beside(session_fd, fd);
	if (err)
		return err_r(err, "UDP beside the connection");
	*out = take_fd(&fd);
	return 0;
}

int datagram_supported(void)
{
	_cleanup_close_ int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int bytes = ETHERNET_MTU - HEADERS_4;

	if (fd < 0 || setsockopt(fd, IPPROTO_UDP, UDP_SEGMENT, &bytes, sizeof(bytes)))
		return -errno;
	return 0;
}

/* ---- the sender's end --------------------------------------------------------------------- */

int datagram_sender_init(struct datagram_sender *d, int fd)
{
	bool v6 = family_of(fd) == AF_INET6;
	int mtu = ETHERNET_MTU, segment;
	socklen_t len = sizeof(mtu);

	getsockopt(fd, v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? IPV6_MTU : IP_MTU, &mtu, &len);
	segment = MIN(mtu, ETHERNET_MTU) - (v6 ? HEADERS_6 : HEADERS_4);
	if (setsockopt(fd, IPPROTO_UDP, UDP_SEGMENT, &segment, sizeof(segment)))
		return -errno;
	d->segment_bytes = (size_t)segment;
	d->call_bytes = (size_t)segment * MIN(PAYLOAD_MAX / (size_t)segment, (size_t)SEGMENTS_MAX);
	return 0;
}

/* What waits at the receiver is charged with the memory that it takes, by the datagram, since they may come one by one,
 * or by the call. At least what one call sends, which an empty queue takes.
 */
static uint64_t window_in(const struct datagram_sender *d, uint64_t buffer_bytes)
{
	uint64_t segment = MIN(d->message_bytes, d->segment_bytes), call = MIN(d->message_bytes, d->call_bytes);
	uint64_t window = buffer_bytes / 2 * segment / (segment + DATAGRAM_COST);

	if (d->by_reference)
		window = MIN(window, buffer_bytes / 2 * call / (call + REFERRED_COST));
	return MAX(window, call);
}

/* Of what was heard. 1: a request; 0: not, and no whole word is left. */
static int look(struct datagram_sender *d)
{
	size_t at = 0;
	bool asked = false;
	uint64_t word;

	for (; !asked && at + sizeof(word) <= d->heard_cnt; at += sizeof(word)) {
		memcpy(&word, d->heard + at, sizeof(word));
		word = le64toh(word);
		if (!d->window) {
			d->window = window_in(d, word);
			continue;
		}
		d->taken = word & ~DATAGRAM_REQUEST;
		asked = word & DATAGRAM_REQUEST;
	}
	d->heard_cnt -= at;
	memmove(d->heard, d->heard + at, d->heard_cnt);
	return asked;
}

/* Wait for words. As recv(). */
static ssize_t hear(struct datagram_sender *d, int flags)
{
	ssize_t n = crew_recv(d->crew, d->session_fd, d->heard + d->heard_cnt, sizeof(d->heard) - d->heard_cnt, flags);

	if (n > 0) {
		d->heard_cnt += (size_t)n;
		d->account->reverse_bytes += (uint64_t)n;
	}
	return n;
}

static int hear_in_time(struct datagram_sender *d)
{
	struct pollfd pfd = {.fd = d->session_fd, .events = POLLIN};
	uint64_t until_ns = monotonic_ns() + DATAGRAM_STALL_NS;
	ssize_t n;

	while (poll(&pfd, 1, TICK_MS) <= 0) {
		if (atomic_load_explicit(&d->crew->abandon, memory_order_relaxed))
			return -ECANCELED;
		if (monotonic_ns() > until_ns)
			return -ETIMEDOUT;
	}
	n = hear(d, 0);
	return n > 0 || n == -EINTR ? 0 : n ? (int)n : -EPIPE;
}

int datagram_claim(struct datagram_sender *d, size_t bytes)
{
	int err = 0;

	while (!err && d->sent + bytes > d->taken + d->window) {
		err = hear_in_time(d);
		look(d);
	}
	return err;
}

int datagram_settle(struct datagram_sender *d, bool asked)
{
	int err = 0;

	while (asked && hear(d, MSG_DONTWAIT) > 0)
		look(d);
	while (!asked && !err && (!d->window || d->taken < d->sent)) {
		err = hear_in_time(d);
		look(d);
	}
	return err;
}

int datagram_await_request(struct datagram_sender *d)
{
	ssize_t n = 1;

	while (n > 0) {
		if (look(d))
			return 1;
		n = hear(d, 0);
	}
	return (int)n;
}

/* ---- the receiver's end ------------------------------------------------------------------- */

int datagram_receiver_init(struct datagram_receiver *d)
{
	int one = 1, bytes = 0;
	socklen_t len = sizeof(bytes);

	if (setsockopt(d->fd, IPPROTO_UDP, UDP_GRO, &one, sizeof(one)) ||
	    getsockopt(d->fd, SOL_SOCKET, SO_RCVBUF, &bytes, &len))
		return -errno;
	d->buffer_bytes = (uint64_t)bytes;
	d->spill = xmalloc(SPILL_BYTES);
	return 0;
}

void datagram_receiver_free(struct datagram_receiver *d)
{
	free(take_ptr(d->spill));
}

/* So few bytes are taken all or not at all. */
static int tell(struct datagram_receiver *d, uint64_t word)
{
	ssize_t n;

	word = htole64(word);
	n = TEMP_FAILURE_RETRY(send(d->session_fd, &word, sizeof(word), MSG_NOSIGNAL));
	if (n < 0)
		return -errno;
	d->account->reverse_bytes += (uint64_t)n;
	return 0;
}

static int tell_taken(struct datagram_receiver *d, uint64_t flag)
{
	d->told = d->taken;
	return tell(d, d->taken | flag);
}

int datagram_begin(struct datagram_receiver *d)
{
	return tell(d, d->buffer_bytes);
}

int datagram_request(struct datagram_receiver *d)
{
	return tell_taken(d, DATAGRAM_REQUEST);
}

/* Whether the sender may need to know, when so much of a message is to come: who asks for messages tells of a whole one
 * by asking for the next.
 */
static bool is_news(const struct datagram_receiver *d, size_t to_come)
{
	if (d->taken == d->told)
		return false;
	return !d->asks || to_come > 0;
}

/* What fits the message, the rest behind. -EAGAIN: nothing is there. */
static ssize_t take(struct datagram_receiver *d, uint8_t *to, size_t len)
{
	struct iovec iov[] = {{to, len}, {d->spill, SPILL_BYTES}};
	struct msghdr msg = {.msg_iov = iov, .msg_iovlen = ARRAY_SIZE(iov)};
	ssize_t n = TEMP_FAILURE_RETRY(recvmsg(d->fd, &msg, MSG_DONTWAIT));

	if (n <= 0)
		return n ? -errno : -EAGAIN;
	d->account->calls++;
	d->taken += (uint64_t)n;
	d->spill_at = 0;
	d->spill_cnt = (size_t)n > len ? (size_t)n - len : 0;
	return n - (ssize_t)d->spill_cnt;
}

static ssize_t from_spill(struct datagram_receiver *d, uint8_t *to, size_t len)
{
	size_t n = MIN(len, d->spill_cnt);

	memcpy(to, d->spill + d->spill_at, n);
	d->spill_at += n;
	d->spill_cnt -= n;
	return (ssize_t)n;
}

/* 1: there is something to read; 0: the connection's end of file; -EINTR: a pause. */
static int await(const struct datagram_receiver *d)
{
	struct pollfd pfd[] = {{.fd = d->fd, .events = POLLIN}, {.fd = d->session_fd, .events = POLLIN}};

	while (poll(pfd, ARRAY_SIZE(pfd), -1) < 0)
		if (errno == EINTR && crew_paused(d->crew))
			return -EINTR;
	return pfd[0].revents != 0;
}

int datagram_await(const struct datagram_receiver *d)
{
	int more = await(d);

	return more < 0 ? more : 0;
}

ssize_t datagram_receive(struct datagram_receiver *d, uint8_t *to, size_t len)
{
	ssize_t n;
	int more;

	if (d->spill_cnt)
		return from_spill(d, to, len);
	while ((n = take(d, to, len)) < 0) {
		if (n != -EAGAIN && n != -ECONNREFUSED)
			return n;
		if (is_news(d, len) && tell_taken(d, 0))
			return 0;
		more = await(d);
		if (more < 0)
			return more;
		if (!more)
			return 0;
	}
	if (is_news(d, len - (size_t)n) && d->taken - d->told >= d->buffer_bytes / 16 && tell_taken(d, 0))
		return 0;
	return n;
}
