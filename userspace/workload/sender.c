// SPDX-License-Identifier: GPL-2.0-only
/* The thread of one connection on the server: from the start gate to the last completion. */
#include "workload/sender.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "core/log.h"
#include "workload/tls.h"

#define REQUEST_BYTES 8

/* Each message begins a page of the block, whatever the sizes. */
static size_t stride_bytes(const struct sender *s)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (s->opt->common.size_bytes + page - 1) / page * page;
}

static int map_block(struct sender *s, unsigned int n)
{
	switch (s->opt->buffers) {
	case BUFFERS_FLAT:
		return block_map_plain(&s->block, n * stride_bytes(s), s->budget);
	case BUFFERS_HUGE:
		return block_map_huge(&s->block, n * stride_bytes(s), s->budget);
	default:
		return 0;
	}
}

int sender_alloc_messages(struct sender *s, unsigned int n)
{
	const size_t bytes = s->opt->common.size_bytes;
	unsigned int i;
	int err = s->block.start ? 0 : map_block(s, n);

	if (err)
		return err;
	s->message = xcalloc(n, sizeof(*s->message));
	s->message_cnt = n;
	for (i = 0; !err && i < n; i++) {
		if (s->block.start)
			message_place(&s->message[i], bytes, s->block.start + i * stride_bytes(s));
		else
			err = message_alloc(&s->message[i], bytes, s->opt->buffers, s->budget);
	}
	/* Only now: what does not fit must fail before it has driven the machine into a corner. */
	for (i = 0; !err && i < n; i++)
		message_fill(&s->message[i], s->opt->mode->repeats ? i * bytes : 0);
	return err;
}

int sender_map_file(struct sender *s, unsigned int n, int fd)
{
	int err = block_map_file(&s->block, fd, n * stride_bytes(s), s->budget);

	return err ?: sender_alloc_messages(s, n);
}

static void free_messages(struct sender *s)
{
	unsigned int i;

	for (i = 0; s->message && i < s->message_cnt; i++)
		message_free(&s->message[i]);
	free(s->message);
	s->message = NULL;
	block_unmap(&s->block);
}

static void account_block(struct sender *s)
{
	if (s->block.hugetlb)
		s->account.hugetlb_bytes = s->block.bytes;
	else if (s->block.transparent)
		s->account.thp_bytes = block_granted_bytes(&s->block);
}

static bool sends_datagrams(const struct sender *s)
{
	return s->opt->mode->traits.transport == TRANSPORT_UDP;
}

ssize_t sender_claim(struct sender *s, size_t bytes)
{
	int err;

	if (!sends_datagrams(s))
		return (ssize_t)bytes;
	bytes = MIN(bytes, s->datagrams.call_bytes);
	err = datagram_claim(&s->datagrams, bytes);
	return err ?: (ssize_t)bytes;
}

void sender_count(struct sender *s, size_t got, size_t offered)
{
	s->account.calls++;
	s->account.bytes += got;
	s->account.partial_sends += got < offered;
	if (s->opt->mode->traits.transport == TRANSPORT_TCP)
		account_retransmits(&s->account, s->fd, s->crew->start_ns, false);
	s->datagrams.sent += got;
}

int sender_gather(struct sender *s, const struct message *m,
		  ssize_t (*call)(struct sender *s, const struct msghdr *msg))
{
	struct iovec iov[MESSAGE_FIELDS];
	struct msghdr msg = {.msg_iov = iov};
	size_t sent = 0, offered;
	ssize_t n;

	while (sent < m->bytes) {
		msg.msg_iovlen = message_iov(m, sent, m->bytes, iov, &offered);
		n = call(s, &msg);
		if (n < 0)
			return (int)n;
		sender_count(s, (size_t)n, offered);
		sent += (size_t)n;
	}
	return 0;
}

int sender_send(struct sender *s, const uint8_t *from, size_t bytes, size_t chunk)
{
	size_t sent = 0, offered;
	ssize_t n;
	int more;

	while (sent < bytes) {
		offered = MIN(chunk, bytes - sent);
		more = sent + offered < bytes ? MSG_MORE : 0;
		n = TEMP_FAILURE_RETRY(send(s->fd, from + sent, offered, MSG_NOSIGNAL | more));
		if (n < 0)
			return -errno;
		sender_count(s, (size_t)n, offered);
		sent += (size_t)n;
	}
	return 0;
}

int sender_write(struct sender *s, struct message *m)
{
	size_t sent = 0;
	ssize_t n, room;

	while (sent < m->bytes) {
		room = sender_claim(s, m->bytes - sent);
		if (room < 0)
			return (int)room;
		n = TEMP_FAILURE_RETRY(write(s->fd, message_flat(m) + sent, (size_t)room));
		if (n < 0)
			return -errno;
		sender_count(s, (size_t)n, (size_t)room);
		sent += (size_t)n;
	}
	return 0;
}

static int send_message(struct sender *s)
{
	struct message *m = &s->message[s->next++ % s->message_cnt];
	int err = s->opt->mode->acquire ? s->opt->mode->acquire(s, &m) : 0;

	if (err)
		return err;
	if (s->opt->common.verify && !s->opt->mode->repeats)
		message_fill(m, s->offset);
	err = s->opt->mode->send(s, m);
	if (err)
		return err;
	s->offset += m->bytes;
	s->account.messages++;
	return 0;
}

static int send_stream(struct sender *s)
{
	int err = 0;

	while (!err && !crew_halted(s->crew))
		err = send_message(s);
	return err;
}

/* 1: a whole request came; 0: end of file; -EINTR: a pause instead; or another -errno. */
static int read_request(struct sender *s)
{
	char request[REQUEST_BYTES];
	ssize_t n;

	if (sends_datagrams(s))
		return datagram_await_request(&s->datagrams);
	n = crew_recv(s->crew, s->fd, request, sizeof(request), MSG_WAITALL);
	if (n < 0)
		return (int)n;
	s->account.reverse_bytes += (uint64_t)n;
	return n == sizeof(request);
}

static int send_responses(struct sender *s)
{
	int more = 0, err = 0;

	while (!err && !crew_halted(s->crew) && (more = read_request(s)) > 0)
		err = send_message(s);
	return more < 0 && more != -EINTR ? more : err;
}

/* The client closes its end when it has everything, so the window ends for both at the same instant. It may
 * have sent a request we did not answer: both sides' accounts must agree on it.
 */
static void await_end(struct sender *s)
{
	shutdown(s->session_fd, SHUT_WR);
	while (read_request(s) > 0)
		;
}

static void set_error(struct sender *s, int err, const char *what)
{
	char size[24];

	if (s->error)
		return;
	if (err == -ENOMEM)
		s->error = xasprintf("no memory for messages of %s: use a smaller SIZE, fewer "
				     "clients or a smaller --ring",
				     format_size(s->opt->common.size_bytes, size));
	else if (sends_datagrams(s) && err == -ETIMEDOUT && !s->datagrams.window)
		s->error = xstrdup("the client has not said what it has room for: it needs --udp");
	else if (sends_datagrams(s) && err == -ETIMEDOUT)
		s->error = xasprintf("of %llu bytes in datagrams the client took %llu: the others were lost, and UDP sends "
				     "none again; or it does not read",
				     (unsigned long long)s->datagrams.sent, (unsigned long long)s->datagrams.taken);
	else if (sends_datagrams(s) && err == -EIO)
		s->error = xstrdup("the device computes no checksums, and this kernel makes no segments for such a one: "
				   "ethtool -K DEV tx on, or another mode");
	else
		s->error = xasprintf("%s: %s", what, strerror(-err));
}

static int drain(struct sender *s)
{
	int err = s->opt->mode->drain ? s->opt->mode->drain(s) : 0;

	if (err)
		set_error(s, err, "error queue");
	return err;
}

/* Until we are told to end, or an error. */
static int transfer(struct sender *s)
{
	bool rr = s->opt->common.pattern == PATTERN_RR;
	int err;

	for (;;) {
		err = rr ? send_responses(s) : send_stream(s);
		err = err ?: s->opt->mode->flush ? s->opt->mode->flush(s) : 0;
		if (!err && sends_datagrams(s))
			err = datagram_settle(&s->datagrams, rr);
		if (err || !crew_paused(s->crew))
			break;
		err = drain(s);
		if (err)
			return err;
		crew_rest(s->crew);
		account_restart(&s->account, s->fd);
	}
	if (err == -EPIPE || err == -ECONNRESET || err == -ECONNREFUSED) /* a client that is done says so by leaving */
		err = 0;
	if (err)
		set_error(s, err, "send");
	return err;
}

/* Returns whether the kernel needs our memory no more. */
static bool converse(struct sender *s)
{
	int err = transfer(s);

	if (err)
		shutdown(s->session_fd, SHUT_WR);
	else
		await_end(s);
	err = drain(s);
	account_socket(&s->account, s->fd);
	if (s->opt->mode->traits.transport == TRANSPORT_TCP)
		account_retransmits(&s->account, s->fd, s->crew->start_ns, true);
	account_block(s);
	if (s->account.bytes) { /* the server knows when it began */
		s->account.start_ns = s->crew->start_ns;
		s->account.end_ns = monotonic_ns();
	}
	return !err;
}

static int open_datagrams(struct sender *s)
{
	int err = datagram_socket(s->session_fd, &s->opt->common, &s->fd);

	s->datagrams = (struct datagram_sender){
		.crew = s->crew, .account = &s->account, .session_fd = s->session_fd,
		.message_bytes = s->opt->common.size_bytes,
		.by_reference = s->opt->mode->traits.way == WAY_ZEROCOPY,
	};
	return err ?: datagram_sender_init(&s->datagrams, s->fd);
}

/* Whether the gate opened on an error or not: a thread that failed to prepare must not hold up the
 * others, and only the server's main thread decides what becomes of the run. Memory is given back when
 * everything that counts us has been read.
 */
void *sender_main(void *arg)
{
	struct sender *s = arg;
	const struct send_mode *mode = s->opt->mode;
	int err = sends_datagrams(s) ? open_datagrams(s) : 0;
	bool drained = true;

	err = err ?: mode->init ? mode->init(s) : sender_alloc_messages(s, 1);
	if (!err && mode->traits.way == WAY_ENCRYPT)
		err = tls_encrypt(s->fd, &s->error);

	if (err)
		set_error(s, err, mode->title);
	crew_ready(s->crew);
	if (err)
		shutdown(s->session_fd, SHUT_WR);
	else
		drained = converse(s);
	atomic_store(&s->finished, true);
	crew_done(s->crew);
	if (mode->fini)
		mode->fini(s);
	/* Pages the kernel may still read must keep their content: sender_free() has them. */
	if (drained)
		free_messages(s);
	return NULL;
}

void sender_free(struct sender *s)
{
	free_messages(s);
	free(s->error);
	if (s->fd != s->session_fd)
		cleanup_close(&s->fd);
	cleanup_close(&s->session_fd);
	free(s);
}
