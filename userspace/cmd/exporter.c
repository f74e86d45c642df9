// SPDX-License-Identifier: GPL-2.0-only
#include "cmd/exporter.h"

#include <errno.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "core/log.h"

#define REQUEST_MAX 4096
#define PATIENCE_NS NSEC_PER_SEC /* with one scraper, all in all */

static int resolve(const char *where, struct addrinfo **found)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE};
	_cleanup_free_ char *text = xstrdup(where);
	char *colon = strrchr(text, ':'), *host = "127.0.0.1", *port = text;
	uint64_t number;

	if (colon) {
		*colon = '\0';
		port = colon + 1;
		host = text;
		if (*host == '[' && colon[-1] == ']') {
			colon[-1] = '\0';
			host++;
		}
	}
	if (parse_u64(port, 1, UINT16_MAX, &number) || getaddrinfo(host, port, &hints, found))
		return fail_r(-EINVAL, "--prometheus '%s' is not ADDR:PORT, with a numeric address, or PORT", where);
	return 0;
}

int exporter_listen(const char *where)
{
	struct addrinfo *at = NULL;
	int one = 1, fd, err = resolve(where, &at);

	if (err)
		return err;
	fd = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) || bind(fd, at->ai_addr, at->ai_addrlen) ||
	    listen(fd, 8)) {
		err = err_r(-errno, "listen on %s for Prometheus", where);
		if (fd >= 0)
			close(fd);
		fd = err;
	}
	freeaddrinfo(at);
	return fd;
}

/* To the end of the header; what follows it is nobody's business. */
static bool read_request(int fd, char request[REQUEST_MAX], uint64_t until_ns)
{
	size_t len = 0;
	ssize_t n;

	do {
		n = recv(fd, request + len, REQUEST_MAX - 1 - len, 0);
		if (n <= 0)
			return false;
		len += (size_t)n;
		request[len] = '\0';
		if (strstr(request, "\r\n\r\n"))
			return true;
	} while (len < REQUEST_MAX - 1 && monotonic_ns() < until_ns);
	return false;
}

static void send_all(int fd, const char *text, size_t len, uint64_t until_ns)
{
	ssize_t n;

	while (len && monotonic_ns() < until_ns && (n = send(fd, text, len, MSG_NOSIGNAL)) > 0) {
		text += n;
		len -= (size_t)n;
	}
}

static void respond(int fd, uint64_t until_ns, const char *status, const char *type, const char *body, size_t len)
{
	_cleanup_free_ char *head = xasprintf("HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n",
					      status, type, len);

	send_all(fd, head, strlen(head), until_ns);
	send_all(fd, body, len, until_ns);
}

static void answer(int fd, const char *type, void (*fill)(FILE *out, void *ctx), void *ctx)
{
	static const char elsewhere[] = "there is /metrics, and nothing else\n";
	char request[REQUEST_MAX], *body = NULL;
	uint64_t until_ns = monotonic_ns() + PATIENCE_NS;
	size_t len = 0;
	FILE *out;

	if (!read_request(fd, request, until_ns))
		return;
	if (strncmp(request, "GET /metrics ", 13) && strncmp(request, "GET /metrics?", 13)) {
		respond(fd, until_ns, "404 Not Found", "text/plain", elsewhere, strlen(elsewhere));
		return;
	}
	out = open_memstream(&body, &len);
	if (!out)
		return;
	fill(out, ctx);
	if (!fclose(out))
		respond(fd, until_ns, "200 OK", type, body, len);
	free(body);
}

void exporter_answer(int listen_fd, const char *type, void (*fill)(FILE *out, void *ctx), void *ctx)
{
	const struct timeval patience = {.tv_sec = 1};
	int fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0)
		return;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	answer(fd, type, fill, ctx);
	close(fd);
}
