// SPDX-License-Identifier: GPL-2.0-only
/* Making listening and connected sockets with the options asked for. */
#include "workload/sock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>

#include "core/log.h"

#define BACKOFF_FIRST_NS NSEC_PER_MSEC
#define BACKOFF_MAX_NS	 (50 * NSEC_PER_MSEC)

const char *sock_unix_path(const char *address)
{
	return strncmp(address, "unix:", 5) ? NULL : address + 5;
}

static int unix_address(const char *path, struct sockaddr_storage *addr, socklen_t *len)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};

	if (!*path || strlen(path) >= sizeof(un.sun_path))
		return -EINVAL;
	strcpy(un.sun_path, path);
	memcpy(addr, &un, sizeof(un));
	*len = sizeof(un);
	return 0;
}

int sock_address(const char *ip, uint16_t port, struct sockaddr_storage *addr, socklen_t *len)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(port)};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};

	if (sock_unix_path(ip))
		return unix_address(sock_unix_path(ip), addr, len);
	if (inet_pton(AF_INET, ip, &in.sin_addr) == 1) {
		memcpy(addr, &in, sizeof(in));
		*len = sizeof(in);
		return 0;
	}
	if (inet_pton(AF_INET6, ip, &in6.sin6_addr) == 1) {
		memcpy(addr, &in6, sizeof(in6));
		*len = sizeof(in6);
		return 0;
	}
	return -EINVAL;
}

/* A line of names in a sysctl; "" if it cannot be read. */
static void read_names(const char *path, char *names, size_t size)
{
	_cleanup_fclose_ FILE *f = fopen(path, "re");

	*names = '\0';
	if (f && fgets(names, (int)size, f))
		names[strcspn(names, "\n")] = '\0';
}

static int set_congestion_control(int fd, const char *name)
{
	char available[256];

	if (!setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name, (socklen_t)strlen(name)))
		return 0;
	if (errno == EPERM)
		return fail_r(-EPERM, "congestion control '%s' is for root only: run with sudo or "
				      "add it to sysctl net.ipv4.tcp_allowed_congestion_control",
			      name);
	read_names("/proc/sys/net/ipv4/tcp_available_congestion_control", available,
		   sizeof(available));
	return fail_r(-ENOENT, "no congestion control '%s' here: choose one of: %s", name,
		      available);
}

int sock_with_congestion(const char *ip, const char *name, int *out)
{
	_cleanup_close_ int fd = socket(strchr(ip, ':') ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int err;

	if (fd < 0)
		return err_r(-errno, "socket");
	err = set_congestion_control(fd, name);
	if (!err)
		*out = take_fd(&fd);
	return err;
}

char *sock_default_congestion(void)
{
	_cleanup_close_ int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char name[17] = ""; /* TCP_CA_NAME_MAX, and a terminator */
	socklen_t len = sizeof(name) - 1;

	if (fd < 0 || getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name, &len) || !*name)
		return NULL;
	return xstrdup(name);
}

bool sock_has_congestion(const char *name)
{
	char available[256], *save = NULL, *item;

	read_names("/proc/sys/net/ipv4/tcp_available_congestion_control", available, sizeof(available));
	for (item = strtok_r(available, " ", &save); item; item = strtok_r(NULL, " ", &save))
		if (!strcmp(item, name))
			return true;
	return false;
}

/* The kernel doubles the value and clamps it silently. */
static int set_buffer(int fd, int option, const char *sysctl, uint64_t bytes)
{
	int value = (int)bytes, got;
	socklen_t len = sizeof(got);

	if (!bytes)
		return 0;
	if (setsockopt(fd, SOL_SOCKET, option, &value, sizeof(value)))
		return err_r(-errno, "socket buffer of %d bytes", value);
	if (!getsockopt(fd, SOL_SOCKET, option, &got, &len) && got / 2 < value)
		log_warn("socket buffer is %d bytes, not %d: raise sysctl %s", got / 2, value,
			 sysctl);
	return 0;
}

int sock_set_buffers(int fd, const struct workload_options *o)
{
	int err = set_buffer(fd, SO_SNDBUF, "net.core.wmem_max", o->sndbuf_bytes);

	return err ?: set_buffer(fd, SO_RCVBUF, "net.core.rmem_max", o->rcvbuf_bytes);
}

static int set_options(int fd, sa_family_t family, const struct workload_options *o)
{
	int one = 1, err;

	err = o->cc ? set_congestion_control(fd, o->cc) : 0;
	err = err ?: sock_set_buffers(fd, o);
	/* A round trip must not wait for Nagle's algorithm; a stream is left as it is. */
	if (!err && o->pattern == PATTERN_RR && family != AF_UNIX &&
	    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)))
		err = err_r(-errno, "TCP_NODELAY");
	return err;
}

static bool is_deserted(const char *path)
{
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_storage addr;
	struct stat st;
	socklen_t len;

	return fd >= 0 && !lstat(path, &st) && S_ISSOCK(st.st_mode) && !unix_address(path, &addr, &len) &&
	       connect(fd, (struct sockaddr *)&addr, len) && errno == ECONNREFUSED;
}

static int bind_unix_failed(int err, const char *path)
{
	if (err != EADDRINUSE)
		return err_r(-err, "cannot make a socket at %s", path);
	if (is_deserted(path))
		return fail_r(-err, "%s is the socket of a server that is gone: remove it (rm %s)", path, path);
	return fail_r(-err, "%s is in use: pass another --bind, or stop the other server", path);
}

static int bind_failed(int err, const char *ip, uint16_t port)
{
	if (sock_unix_path(ip))
		return bind_unix_failed(err, sock_unix_path(ip));
	if (err == EADDRINUSE)
		return fail_r(-err, "port %u is in use: pass --port or stop the other server",
			      port);
	if (err == EACCES)
		return fail_r(-err, "port %u is for root only: pass --port 1024 or above", port);
	if (err == EADDRNOTAVAIL)
		return fail_r(-err, "%s is not an address of this machine: see `ip addr`, pass "
				    "--bind", ip);
	return err_r(-err, "bind %s port %u", ip, port);
}

int sock_listen(const char *ip, const struct workload_options *o, int *out, uint16_t *port)
{
	struct sockaddr_storage addr;
	_cleanup_close_ int fd = -1;
	socklen_t len;
	int one = 1, err;
	bool bound;

	if (sock_address(ip, o->port, &addr, &len))
		return fail_r(-EINVAL, "'%s' is not an IPv4 or IPv6 address", ip);
	bound = o->socket_fd >= 0 && addr.ss_family == AF_UNIX;
	fd = o->socket_fd >= 0 ? o->socket_fd : socket(addr.ss_family, SOCK_STREAM, 0);
	if (fd < 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) || fcntl(fd, F_SETFL, O_NONBLOCK))
		return err_r(-errno, "socket");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	err = set_options(fd, addr.ss_family, o);
	if (err)
		return err;
	if ((!bound && bind(fd, (struct sockaddr *)&addr, len)) || listen(fd, WORKLOAD_THREADS_MAX))
		return bind_failed(errno, ip, o->port);
	if (getsockname(fd, (struct sockaddr *)&addr, &len))
		return err_r(-errno, "getsockname");
	/* sin_port and sin6_port are at the same place. */
	*port = addr.ss_family == AF_UNIX ? 0 : ntohs(((struct sockaddr_in *)&addr)->sin_port);
	*out = take_fd(&fd);
	return 0;
}

/* TCP's simultaneous open lets a socket connect to itself when the target is a local port of the
 * ephemeral range on which nobody listens.
 */
static bool is_self_connected(int fd)
{
	struct sockaddr_storage here = {0}, there = {0};
	socklen_t here_len = sizeof(here), there_len = sizeof(there);

	return !getsockname(fd, (struct sockaddr *)&here, &here_len) &&
	       !getpeername(fd, (struct sockaddr *)&there, &there_len) && here_len == there_len &&
	       !memcmp(&here, &there, here_len);
}

/* One attempt, over by deadline_ns. 0 or -errno. */
static int connect_once(int fd, const struct sockaddr_storage *addr, socklen_t len,
			uint64_t deadline_ns)
{
	struct pollfd pfd = {.fd = fd, .events = POLLOUT};
	uint64_t now = monotonic_ns();
	socklen_t err_len = sizeof(int);
	int err = 0, left;

	if (!connect(fd, (const struct sockaddr *)addr, len))
		return 0;
	if (errno != EINPROGRESS)
		return -errno;
	left = deadline_ns > now ? (int)((deadline_ns - now) / NSEC_PER_MSEC) + 1 : 0;
	if (poll(&pfd, 1, left) <= 0)
		return -ETIMEDOUT;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &err_len))
		return -errno;
	return -err;
}

static int connect_unix_failed(int err, const char *path)
{
	if (err == -ECONNREFUSED || err == -ENOENT)
		return fail_r(err, "nobody listens at %s: start `server MODE SIZE SECONDS --bind unix:%s` first", path,
			      path);
	return err_r(err, "connect to %s", path);
}

static int connect_failed(int err, const char *ip, uint16_t port)
{
	if (sock_unix_path(ip))
		return connect_unix_failed(err, sock_unix_path(ip));
	if (err == -ECONNREFUSED || err == -ECONNRESET)
		return fail_r(err, "nobody listens on %s port %u: start `server MODE SIZE SECONDS "
				   "--bind %s` there first, or pass --port", ip, port, ip);
	if (err == -ENETUNREACH || err == -EHOSTUNREACH)
		return fail_r(err, "%s is unreachable: check `ip route get %s` and that the link "
				   "is up", ip, ip);
	if (err == -ETIMEDOUT)
		return fail_r(err, "no answer from %s port %u: check the address, the link and the "
				   "firewall", ip, port);
	return err_r(err, "connect to %s port %u", ip, port);
}

/* For a server that is about to come, or has to accept others first (EAGAIN: AF_UNIX does not queue us). */
static bool is_worth_another_try(int err)
{
	return err == -ECONNREFUSED || err == -ECONNRESET || err == -ENOENT || err == -EAGAIN;
}

int sock_connect(const char *ip, const struct workload_options *o, uint64_t deadline_ns, int *out)
{
	uint64_t backoff_ns = BACKOFF_FIRST_NS;
	struct sockaddr_storage addr;
	socklen_t len;
	int err;

	if (sock_address(ip, o->port, &addr, &len))
		return fail_r(-EINVAL, "'%s' is not an IPv4 or IPv6 address", ip);
	for (;;) {
		struct timespec pause = {.tv_nsec = (long)backoff_ns};
		_cleanup_close_ int fd =
			socket(addr.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

		if (fd < 0)
			return err_r(-errno, "socket");
		err = set_options(fd, addr.ss_family, o);
		if (err)
			return err;
		err = connect_once(fd, &addr, len, deadline_ns);
		if (!err && is_self_connected(fd))
			err = -ECONNREFUSED;
		if (!err) {
			fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
			*out = take_fd(&fd);
			return 0;
		}
		if (!is_worth_another_try(err) || monotonic_ns() + backoff_ns > deadline_ns)
			return connect_failed(err, ip, o->port);
		nanosleep(&pause, NULL);
		backoff_ns = MIN(backoff_ns * 2, BACKOFF_MAX_NS);
	}
}

/* Without any where it is no TCP socket. */
static bool tcp_info_of(int fd, struct tcp_info *info)
{
	socklen_t len = sizeof(*info);

	*info = (struct tcp_info){0};
	return !getsockopt(fd, IPPROTO_TCP, TCP_INFO, info, &len);
}

uint64_t sock_bytes_retransmitted(int fd)
{
	struct tcp_info info;

	tcp_info_of(fd, &info);
	return info.tcpi_bytes_retrans;
}

/* What changes while the peer takes bytes: those that it acknowledged, words by which it tells, or with AF_UNIX those
 * that it has yet to take.
 */
static uint64_t progress_of(int fd)
{
	struct tcp_info info;
	int left = 0;

	if (tcp_info_of(fd, &info))
		return info.tcpi_bytes_acked + info.tcpi_bytes_received;
	ioctl(fd, SIOCOUTQ, &left);
	return (uint64_t)left;
}

bool sock_stalled(struct stall *s, int fd)
{
	uint64_t progress = progress_of(fd), now = monotonic_ns();

	if (!s->since_ns || progress != s->progress)
		*s = (struct stall){.progress = progress, .since_ns = now};
	return now - s->since_ns > SOCK_STALL_NS;
}

uint32_t sock_held_back_bytes(int fd)
{
	struct tcp_info info;

	if (!tcp_info_of(fd, &info) || info.tcpi_unacked || info.tcpi_snd_wnd < info.tcpi_snd_mss)
		return 0;
	return info.tcpi_notsent_bytes;
}
