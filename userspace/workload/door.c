// SPDX-License-Identifier: GPL-2.0-only
#include "workload/door.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/epoll.h>

#include "core/log.h"
#include "workload/sock.h"

static const char hello[] = "copyscope client\n";

#define HELLO_BYTES (sizeof(hello) - 1)

int door_say_hello(int fd)
{
	return send(fd, hello, HELLO_BYTES, MSG_NOSIGNAL) == (ssize_t)HELLO_BYTES ? 0 : -errno;
}

static int watch(const struct door *d, int fd)
{
	struct epoll_event event = {.events = EPOLLIN};

	return epoll_ctl(d->event_fd, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

int door_open(struct door *d, const char *bind, const struct workload_options *o, uint16_t *port)
{
	int err = sock_listen(bind, o, &d->listen_fd, port);

	if (err)
		return err;
	d->path = o->socket_fd < 0 ? sock_unix_path(bind) : NULL;
	d->asks = o->control_fd < 0;
	d->event_fd = epoll_create1(EPOLL_CLOEXEC);
	if (d->event_fd < 0)
		return err_r(-errno, "epoll");
	err = watch(d, d->listen_fd);
	return err ? err_r(err, "epoll") : 0;
}

/* ---- those who wait ----------------------------------------------------------------------- */

static int take_guest(struct door *d, size_t i)
{
	int fd = d->guest[i].fd;

	d->guest_cnt--;
	memmove(&d->guest[i], &d->guest[i + 1], (d->guest_cnt - i) * sizeof(*d->guest));
	return fd;
}

/* Told once: a scan must not fill the terminal. */
static void send_away(struct door *d, size_t i)
{
	struct sockaddr_storage peer = {0};
	socklen_t len = sizeof(peer);
	char name[INET6_ADDRSTRLEN] = "?";
	int fd = take_guest(d, i);
	bool v6;

	if (!d->sent_away++ && !getpeername(fd, (struct sockaddr *)&peer, &len)) {
		v6 = peer.ss_family == AF_INET6;
		inet_ntop(peer.ss_family,
			  v6 ? (const void *)&((struct sockaddr_in6 *)&peer)->sin6_addr
			     : (const void *)&((struct sockaddr_in *)&peer)->sin_addr,
			  name, sizeof(name));
	}
	if (d->sent_away == 1)
		log_warn("sent a peer at %s away: it is no client of ours",
			 name);
	close(fd);
}

/* 1: said hello; 0: may yet; -EPROTO: is no client. */
static int listen_to(struct guest *g)
{
	char said[HELLO_BYTES];
	ssize_t n;

	while (g->heard < HELLO_BYTES) {
		n = recv(g->fd, said, HELLO_BYTES - g->heard, MSG_DONTWAIT);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return 0;
		if (n <= 0 || memcmp(said, hello + g->heard, (size_t)n) != 0)
			return -EPROTO;
		g->heard += (unsigned int)n;
	}
	return 1;
}

/* ---- those who come ----------------------------------------------------------------------- */

static int accept_failed(int err)
{
	if (err == -EMFILE || err == -ENFILE)
		return fail_r(err, "too many open files for the clients that come (RLIMIT_NOFILE): raise "
				   "it with `ulimit -n`, or start fewer");
	return err_r(err, "accept");
}

/* There is always room for who comes: the oldest has had the most time to say hello. */
static int let_in(struct door *d)
{
	struct guest g = {.until_ns = monotonic_ns() + DOOR_WAIT_NS};
	int err;

	if (d->guest_cnt == WORKLOAD_THREADS_MAX)
		send_away(d, 0);
	g.fd = accept4(d->listen_fd, NULL, NULL, SOCK_CLOEXEC);
	if (g.fd < 0 && errno == EMFILE && d->guest_cnt) {
		send_away(d, 0);
		return 0;
	}
	if (g.fd < 0)
		return errno == EAGAIN || errno == EINTR || errno == ECONNABORTED
			       ? -EAGAIN
			       : accept_failed(-errno);
	err = d->asks ? watch(d, g.fd) : 0;
	if (err) {
		close(g.fd);
		return err_r(err, "epoll");
	}
	array_grow(d->guest, d->guest_cnt, d->guest_cap);
	d->guest[d->guest_cnt++] = g;
	return 0;
}

int door_admit(struct door *d, int *fd)
{
	uint64_t now = monotonic_ns();
	size_t i = 0;
	int err = 0, heard;

	while (!err && (d->asks || !d->guest_cnt))
		err = let_in(d);
	if (err && err != -EAGAIN)
		return err;
	while (i < d->guest_cnt) {
		heard = d->asks ? listen_to(&d->guest[i]) : 1;
		if (heard > 0) {
			*fd = take_guest(d, i);
			epoll_ctl(d->event_fd, EPOLL_CTL_DEL, *fd, NULL);
			return 0;
		}
		if (heard < 0 || d->guest[i].until_ns <= now)
			send_away(d, i);
		else
			i++;
	}
	return -EAGAIN;
}

uint64_t door_deadline(const struct door *d)
{
	return d->guest_cnt ? d->guest[0].until_ns : UINT64_MAX;
}

void door_close(struct door *d)
{
	while (d->guest_cnt)
		close(take_guest(d, 0));
	free(take_ptr(d->guest));
	d->guest_cap = 0;
	if (d->path)
		unlink(d->path);
	d->path = NULL;
	cleanup_close(&d->listen_fd);
	cleanup_close(&d->event_fd);
	d->listen_fd = d->event_fd = -1;
}
