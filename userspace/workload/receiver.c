// SPDX-License-Identifier: GPL-2.0-only
/* The thread of one connection on the client: receives whole messages and times each. */
#include "workload/receiver.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "workload/tls.h"

#define REQUEST_BYTES 8

ssize_t receiver_recv(struct receiver *r, size_t at, size_t len, int flags)
{
	ssize_t n;

	if (r->opt->udp)
		return datagram_receive(&r->datagrams, r->buf + at, len);
	n = crew_recv(r->crew, r->fd, r->buf + at, len, flags);
	r->account.calls += n > 0;
	return n;
}

/* Receive up to one whole message; *got is what came. 1: whole; 0: the stream ended, or we were told to
 * stop; -EINTR: a pause came instead; -EBADMSG: it ended in the middle of a message; or another -errno.
 */
static int receive_message(struct receiver *r, size_t *got)
{
	size_t size = r->opt->common.size_bytes;
	ssize_t n;

	for (*got = 0; *got < size; *got += (size_t)n) {
		n = r->opt->recv->receive(r, *got, size - *got);
		if (n < 0)
			return (int)n;
		if (!n)
			return *got && !crew_stopped(r->crew) ? -EBADMSG : 0;
		if (!r->account.start_ns)
			r->account.start_ns = monotonic_ns();
		account_received(&r->account, r->crew->start_ns, (size_t)n);
		if (crew_stopped(r->crew))
			return 0;
	}
	return 1;
}

static void check_message(struct receiver *r, size_t len)
{
	uint64_t bad, first = 0;
	uint64_t period = r->opt->period_bytes, offset = period ? r->offset % period : r->offset;

	bad = pattern_check(r->buf, len, offset, &first);
	first += r->offset - offset;
	r->offset += len;
	if (bad && !r->account.verify_errors)
		r->first_corrupt = first;
	r->account.verify_errors += bad;
	r->account.verified_bytes += len;
}

/* A socket that blocks takes so few bytes all or not at all. 0 or -errno. */
static int send_request(struct receiver *r)
{
	static const char request[REQUEST_BYTES] = "request";
	ssize_t n;

	if (r->opt->udp)
		return datagram_request(&r->datagrams);
	n = TEMP_FAILURE_RETRY(send(r->fd, request, sizeof(request), MSG_NOSIGNAL));
	if (n < 0)
		return -errno;
	r->account.reverse_bytes += (uint64_t)n;
	return 0;
}

/* One message after the other: the end of one is the begin of the next, so the clock is read once a
 * message, unless something of our own comes between.
 */
static int receive_stream(struct receiver *r)
{
	bool busy_between = r->opt->common.verify || r->opt->read_delay_us;
	uint64_t begin, end;
	size_t got;
	int more = 1;

	/* For the server's start gate, so that it is part of no message's latency. Or for a pause: a sender that gets
	 * no CPU in the warm-up sends nothing.
	 */
	if (r->opt->udp)
		datagram_await(&r->datagrams);
	else
		crew_await(r->crew, r->fd);
	begin = monotonic_ns();
	while (more > 0 && !crew_halted(r->crew)) {
		if (busy_between) {
			if (r->opt->read_delay_us)
				usleep(r->opt->read_delay_us);
			begin = monotonic_ns();
		}
		more = receive_message(r, &got);
		end = monotonic_ns();
		if (more > 0) {
			hist_record(&r->account.latency, end - begin);
			r->account.messages++;
		}
		if (r->opt->common.verify)
			check_message(r, got);
		begin = end;
	}
	return more < 0 ? more : 0;
}

/* The first round trip also waits for the server's start gate: it is no sample. */
static int request_responses(struct receiver *r)
{
	uint64_t begin;
	size_t got;
	int more = 1;

	while (more > 0 && !crew_halted(r->crew)) {
		if (r->opt->read_delay_us)
			usleep(r->opt->read_delay_us);
		begin = monotonic_ns();
		more = send_request(r);
		if (more < 0)
			break;
		more = receive_message(r, &got);
		if (more > 0 && r->account.messages++)
			hist_record(&r->account.latency, monotonic_ns() - begin);
		if (r->opt->common.verify)
			check_message(r, got);
	}
	return more < 0 ? more : 0;
}

static void set_error(struct receiver *r, int err)
{
	char size[24];

	if (r->error)
		return;
	if (err == -ENOMEM)
		r->error = xasprintf("no memory for a message of %s: use a smaller SIZE or fewer "
				     "THREADS", format_size(r->opt->common.size_bytes, size));
	else if (err == -EBADMSG)
		r->error = xasprintf("the stream ended in the middle of a message of %s: the server died "
				     "or was killed, or its SIZE is not ours",
				     format_size(r->opt->common.size_bytes, size));
	else if (err == -ECONNRESET)
		r->error = xstrdup("the server closed the connection in the middle of the stream: "
				   "see its messages");
	else
		r->error = xasprintf("receive: %s", strerror(-err));
}

static int receive(struct receiver *r)
{
	bool rr = r->opt->common.pattern == PATTERN_RR;
	int err = r->opt->udp ? datagram_begin(&r->datagrams) : 0;

	if (err)
		return err;
	for (;;) {
		err = rr ? request_responses(r) : receive_stream(r);
		if ((err && err != -EINTR) || !crew_paused(r->crew))
			return err;
		crew_rest(r->crew);
		account_restart(&r->account, r->fd);
	}
}

static int prepare_datagrams(struct receiver *r)
{
	r->datagrams = (struct datagram_receiver){
		.crew = r->crew, .account = &r->account, .session_fd = r->session_fd, .fd = r->fd,
		.asks = r->opt->common.pattern == PATTERN_RR,
	};
	return datagram_receiver_init(&r->datagrams);
}

static int prepare(struct receiver *r)
{
	const struct recv_mode *mode = r->opt->recv;
	int err;

	r->buf = memory_take(r->budget, r->opt->common.size_bytes);
	if (!r->buf)
		return -ENOMEM;
	memset(r->buf, 0, r->opt->common.size_bytes); /* no page faults while measuring */
	err = r->opt->udp ? prepare_datagrams(r) : 0;
	err = err ?: mode->init ? mode->init(r) : 0;
	if (err && !r->error)
		r->error = xasprintf("--recv %s: %s", mode->name, strerror(-err));
	return err || !r->opt->tls ? err : tls_decrypt(r->fd, &r->error);
}

void *receiver_main(void *arg)
{
	struct receiver *r = arg;
	int err = prepare(r);

	crew_ready(r->crew);
	if (!err)
		err = receive(r);
	if (r->account.bytes)
		r->account.end_ns = monotonic_ns();
	/* The server of a round trip reads until our end of file. */
	shutdown(r->session_fd, SHUT_WR);
	account_socket(&r->account, r->fd);
	/* EPIPE: the server ended while we were about to send the next request. */
	if (err && err != -EPIPE && !(crew_stopped(r->crew) && err == -ECONNRESET))
		set_error(r, err);
	if (r->account.verify_errors)
		r->error = xasprintf("%llu corrupt bytes, the first at stream offset %llu",
				     (unsigned long long)r->account.verify_errors,
				     (unsigned long long)r->first_corrupt);
	crew_done(r->crew);
	if (r->opt->recv->fini)
		r->opt->recv->fini(r);
	return NULL;
}

void receiver_free(struct receiver *r)
{
	free(r->buf);
	free(r->error);
	datagram_receiver_free(&r->datagrams);
	if (r->fd != r->session_fd)
		cleanup_close(&r->fd);
	cleanup_close(&r->session_fd);
	free(r);
}
