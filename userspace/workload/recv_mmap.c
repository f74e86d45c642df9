// SPDX-License-Identifier: GPL-2.0-only
/* mmap: TCP_ZEROCOPY_RECEIVE, which maps what lies in whole pages of the kernel's own to the receiver. What does not is
 * copied: in the same call what of the message is no whole page, the rest by recv().
 */
#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "workload/receiver.h"

/* Where pages of the socket appear. */
struct window {
	uint8_t *start;
	size_t bytes; /* whole pages */
};

static int window_open(struct window *w, int fd, size_t bytes)
{
	w->start = mmap(NULL, bytes, PROT_READ, MAP_SHARED, fd, 0);
	if (w->start == MAP_FAILED)
		return -errno;
	w->bytes = bytes;
	return 0;
}

static size_t whole_pages(size_t bytes)
{
	return bytes - bytes % (size_t)sysconf(_SC_PAGESIZE);
}

static int ask(int fd, struct tcp_zerocopy_receive *zc)
{
	socklen_t len = sizeof(*zc);

	return getsockopt(fd, IPPROTO_TCP, TCP_ZEROCOPY_RECEIVE, zc, &len) ? -errno : 0;
}

static int supported(void)
{
	_cleanup_close_ int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct tcp_zerocopy_receive zc = {0};
	struct window w = {0};
	int err = fd < 0 ? -errno : window_open(&w, fd, (size_t)sysconf(_SC_PAGESIZE));

	if (err)
		return err;
	zc.address = (uintptr_t)w.start;
	err = ask(fd, &zc);
	munmap(w.start, w.bytes);
	return err;
}

static int mmap_init(struct receiver *r)
{
	size_t bytes = whole_pages(r->opt->common.size_bytes);

	r->mode_data = xcalloc(1, sizeof(struct window));
	return bytes ? window_open(r->mode_data, r->fd, bytes) : 0;
}

static void mmap_fini(struct receiver *r)
{
	struct window *w = r->mode_data;

	if (w && w->bytes)
		munmap(w->start, w->bytes);
	free(w);
	r->mode_data = NULL;
}

/* What was mapped comes before what was copied. */
static void keep(struct receiver *r, size_t at, const struct tcp_zerocopy_receive *zc, size_t copied)
{
	const struct window *w = r->mode_data;

	memmove(r->buf + at + zc->length, r->buf + at, copied);
	memcpy(r->buf + at, w->start, zc->length);
}

static ssize_t mmap_receive(struct receiver *r, size_t at, size_t len)
{
	const struct window *w = r->mode_data;
	const size_t whole = whole_pages(len);
	struct tcp_zerocopy_receive zc = {
		.address = (uintptr_t)w->start, .length = (uint32_t)whole,
		.copybuf_address = (uintptr_t)(r->buf + at), .copybuf_len = (int32_t)(len - whole)};
	size_t copied;
	int err;

	if (!whole)
		return receiver_recv(r, at, len, 0);
	err = crew_await(r->crew, r->fd);
	err = err ?: ask(r->fd, &zc);
	if (err == -EIO) /* the end: recv() tells */
		zc = (struct tcp_zerocopy_receive){0};
	else if (err || zc.err)
		return err ?: zc.err;
	copied = zc.copybuf_len > 0 ? (size_t)zc.copybuf_len : 0;
	if (!zc.length && !copied)
		return receiver_recv(r, at, zc.recv_skip_hint ? MIN(len, zc.recv_skip_hint) : len, 0);
	r->account.calls++;
	if (r->opt->common.verify)
		keep(r, at, &zc, copied);
	return (ssize_t)(zc.length + copied);
}

const struct recv_mode recv_mmap = {
	.name = "mmap",
	.help = "TCP_ZEROCOPY_RECEIVE: whole pages are mapped to the receiver, the rest is copied; few senders fill such pages",
	.way = RECEIVE_MAP,
	.keeps = true,
	.supported = supported,
	.init = mmap_init,
	.receive = mmap_receive,
	.fini = mmap_fini,
};
