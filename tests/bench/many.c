// SPDX-License-Identifier: GPL-2.0-only
/* many serve | many load PORT SECONDS SOCKETS RATE
 * A server that answers two kinds of clients until SIGTERM, then says what it sent and received; and these: SOCKETS that
 * stay open, on each of which QUESTION bytes a second go there and back, and RATE more a second (0: as many as can be)
 * that ask once, get ANSWER bytes and are gone. Those begin when a line comes on stdin.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define QUESTION     64
#define ANSWER	     1000
#define LOADERS	     2
#define AT_A_TIME    64
#define NSEC_PER_SEC 1000000000ULL

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	perror(what);
	_exit(1);
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * NSEC_PER_SEC + (uint64_t)t.tv_nsec;
}

static struct sockaddr_in local(unsigned int port)
{
	return (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
				    .sin_port = htons((uint16_t)port)};
}

/* ---- the server --------------------------------------------------------------------------- */

struct served {
	uint64_t connections, sends, sent, receives, received;
};

static void watch(int poll_fd, int fd)
{
	struct epoll_event e = {.events = EPOLLIN, .data.fd = fd};

	must(!epoll_ctl(poll_fd, EPOLL_CTL_ADD, fd, &e), "epoll_ctl");
}

/* One that begins with '1' asks once; the others get back what they sent. */
static void serve_one(int fd, struct served *served)
{
	static char buf[ANSWER];
	ssize_t n = read(fd, buf, QUESTION), len;

	if (n <= 0) {
		close(fd);
		return;
	}
	served->receives++;
	served->received += (uint64_t)n;
	len = write(fd, buf, buf[0] == '1' ? ANSWER : (size_t)n);
	must(len > 0, "write");
	served->sends++;
	served->sent += (uint64_t)len;
	if (buf[0] == '1')
		close(fd);
}

static void accept_all(int poll_fd, int listener, struct served *served)
{
	int fd;

	while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
		served->connections++;
		watch(poll_fd, fd);
	}
	must(errno == EAGAIN || errno == ECONNABORTED, "accept");
}

static int serve(void)
{
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), poll_fd = epoll_create1(0), end_fd, n, i;
	struct sockaddr_in address = local(0);
	struct epoll_event event[AT_A_TIME];
	struct served served = {0};
	socklen_t len = sizeof(address);
	bool over = false;
	sigset_t term;

	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_BLOCK, &term, NULL);
	end_fd = signalfd(-1, &term, 0);
	must(!bind(listener, (struct sockaddr *)&address, len) && !listen(listener, 4096) &&
		     !getsockname(listener, (struct sockaddr *)&address, &len),
	     "listen");
	watch(poll_fd, listener);
	watch(poll_fd, end_fd);
	printf("port %u\n", ntohs(address.sin_port));
	fflush(stdout);
	while (!over && (n = epoll_wait(poll_fd, event, AT_A_TIME, -1)) >= 0) {
		for (i = 0; i < n; i++) {
			if (event[i].data.fd == listener)
				accept_all(poll_fd, listener, &served);
			else if (event[i].data.fd == end_fd)
				over = true;
			else
				serve_one(event[i].data.fd, &served);
		}
	}
	printf("connections %llu\nsends %llu\nsent %llu\nreceives %llu\nreceived %llu\n",
	       (unsigned long long)served.connections, (unsigned long long)served.sends, (unsigned long long)served.sent,
	       (unsigned long long)served.receives, (unsigned long long)served.received);
	return 0;
}

/* ---- its clients -------------------------------------------------------------------------- */

static int connect_to(const struct sockaddr_in *server)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	must(fd >= 0 && !connect(fd, (const struct sockaddr *)server, sizeof(*server)), "connect");
	return fd;
}

static void write_whole(int fd, char kind)
{
	char buf[QUESTION];

	memset(buf, kind, sizeof(buf));
	must(write(fd, buf, sizeof(buf)) == (ssize_t)sizeof(buf), "write");
}

static void read_whole(int fd, size_t left)
{
	char buf[ANSWER];
	ssize_t n;

	for (; left; left -= (size_t)n) {
		n = read(fd, buf, left);
		must(n > 0, "read");
	}
}

/* The server closes first; the reset that answers leaves no TIME_WAIT, of which there are too few for this. */
static void ask_once(const struct sockaddr_in *server)
{
	const struct linger reset = {.l_onoff = 1};
	int fd = connect_to(server);
	char end;

	write_whole(fd, '1');
	read_whole(fd, ANSWER);
	must(!read(fd, &end, 1), "the end");
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	close(fd);
}

static void ask_often(const struct sockaddr_in *server, uint64_t begun_ns, uint64_t end_ns, uint64_t rate, uint64_t *asked)
{
	uint64_t now;

	while ((now = now_ns()) < end_ns) {
		if (rate && *asked * NSEC_PER_SEC > rate * (now - begun_ns)) {
			usleep(500);
			continue;
		}
		ask_once(server);
		++*asked;
	}
}

/* Each in turn, once a second. */
static void trickle(const int *fd, size_t cnt, uint64_t begun_ns, uint64_t end_ns)
{
	uint64_t now, done = 0, due, i;

	while (cnt && (now = now_ns()) < end_ns) {
		due = (now - begun_ns) / 1000 * cnt / (NSEC_PER_SEC / 1000);
		if (due - done > cnt)
			due = done + cnt; /* what it owes is more than a socket holds */
		for (i = done; i < due; i++)
			write_whole(fd[i % cnt], '2');
		for (; done < due; done++)
			read_whole(fd[done % cnt], QUESTION);
		usleep(10000);
	}
}

static int load(unsigned int port, uint64_t seconds, size_t cnt, uint64_t rate)
{
	uint64_t *asked = mmap(NULL, LOADERS * sizeof(*asked), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct sockaddr_in server = local(port);
	int *fd = calloc(cnt + 1, sizeof(*fd)), status = 0, i;
	uint64_t begun_ns, end_ns;
	size_t n;

	must(fd && asked != MAP_FAILED, "memory");
	for (n = 0; n < cnt; n++)
		fd[n] = connect_to(&server);
	puts("open");
	fflush(stdout);
	if (getchar() == EOF)
		return 1;
	begun_ns = now_ns();
	end_ns = begun_ns + seconds * NSEC_PER_SEC;
	for (i = 0; i < LOADERS; i++) {
		if (fork())
			continue;
		ask_often(&server, begun_ns, end_ns, rate / LOADERS, &asked[i]);
		_exit(0);
	}
	trickle(fd, cnt, begun_ns, end_ns);
	while (wait(&i) > 0)
		status |= i;
	printf("rate %.0f\n", (double)(asked[0] + asked[1]) * 1e9 / (double)(now_ns() - begun_ns));
	return status ? 1 : 0;
}

int main(int argc, char **argv)
{
	struct rlimit files;

	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	signal(SIGPIPE, SIG_IGN);
	if (argc == 2 && !strcmp(argv[1], "serve"))
		return serve();
	if (argc == 6 && !strcmp(argv[1], "load"))
		return load((unsigned int)atoi(argv[2]), strtoull(argv[3], NULL, 10), strtoull(argv[4], NULL, 10),
			    strtoull(argv[5], NULL, 10));
	fputs("usage: many serve | many load PORT SECONDS SOCKETS RATE\n", stderr);
	return 2;
}
