// SPDX-License-Identifier: GPL-2.0-only
/* Newline-terminated JSON over a stream: writing whole lines, reading them from pieces. */
#include "workload/control.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

/* To another host it is a pipe: SIGPIPE is ignored then. */
static ssize_t send_some(int fd, const char *buf, size_t len)
{
	ssize_t n = TEMP_FAILURE_RETRY(send(fd, buf, len, MSG_NOSIGNAL));

	return n < 0 && errno == ENOTSOCK ? TEMP_FAILURE_RETRY(write(fd, buf, len)) : n;
}

static int write_all(int fd, const char *buf, size_t len)
{
	ssize_t n;

	while (len) {
		n = send_some(fd, buf, len);
		if (n < 0)
			return -errno;
		buf += n;
		len -= (size_t)n;
	}
	return 0;
}

int control_send(int fd, json_t *event)
{
	_cleanup_free_ char *text = json_dumps(event, JSON_COMPACT);
	_cleanup_free_ char *line = NULL;

	json_decref(event);
	if (!text)
		return -ENOMEM;
	line = xasprintf("%s\n", text);
	return write_all(fd, line, strlen(line));
}

/* The first complete line in the buffer becomes an event. -EAGAIN: there is none yet. */
static int take_line(struct control_reader *r, json_t **event)
{
	char *end = r->len ? memchr(r->buf, '\n', r->len) : NULL;
	json_t *o;

	if (!end)
		return r->len > CONTROL_LINE_MAX ? -EPROTO : -EAGAIN;
	o = json_loadb(r->buf, (size_t)(end - r->buf), JSON_REJECT_DUPLICATES, NULL);
	r->len -= (size_t)(end + 1 - r->buf);
	memmove(r->buf, end + 1, r->len);
	if (!json_is_string(json_object_get(o, "event"))) {
		json_decref(o);
		return -EPROTO;
	}
	*event = o;
	return 0;
}

static int read_more(struct control_reader *r)
{
	ssize_t n;

	if (r->cap - r->len < 4096) {
		r->cap = r->cap ? r->cap * 2 : 16 * KIB;
		r->buf = xreallocarray(r->buf, r->cap, 1);
	}
	n = read(r->fd, r->buf + r->len, r->cap - r->len);
	if (n < 0)
		return errno == ECONNRESET ? -EPIPE : -errno;
	if (!n)
		return -EPIPE;
	r->len += (size_t)n;
	return 0;
}

int control_read_event(struct control_reader *r, int timeout_ms, json_t **event)
{
	uint64_t deadline = monotonic_ns() + (uint64_t)MAX(timeout_ms, 0) * NSEC_PER_MSEC, now;
	struct pollfd pfd = {.fd = r->fd, .events = POLLIN};
	int err, n;

	while ((err = take_line(r, event)) == -EAGAIN) {
		now = monotonic_ns();
		n = now < deadline ? (int)((deadline - now + NSEC_PER_MSEC - 1) / NSEC_PER_MSEC)
				   : 0;
		n = poll(&pfd, 1, timeout_ms < 0 ? -1 : n);
		if (n < 0)
			return -errno;
		if (!n)
			return -ETIMEDOUT;
		err = read_more(r);
		if (err)
			return err;
	}
	return err;
}

int control_expect(struct control_reader *r, int timeout_ms, const char *name, json_t **event)
{
	int err = control_read_event(r, timeout_ms, event);

	if (err || !strcmp(json_string_value(json_object_get(*event, "event")), name))
		return err;
	json_decref(*event);
	return -EPROTO;
}

void control_reader_free(struct control_reader *r)
{
	free(r->buf);
	r->buf = NULL;
	r->len = r->cap = 0;
}
