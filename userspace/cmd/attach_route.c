// SPDX-License-Identifier: GPL-2.0-only
/* Over which kind of device the bytes of a socket left: whether zero-copy can pay depends on it, and no probe tells. The
 * kernel is asked for the route, in the network namespace of the socket's owner, when all has been observed: what holds a
 * namespace open meanwhile would keep it alive. An address that is not local there has no route.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "cmd/attach.h"
#include "core/log.h"

/* ---- the kernel's answers ----------------------------------------------------------------- */

struct question {
	struct nlmsghdr head;
	union {
		struct rtmsg route;
		struct ifinfomsg link;
	};
	char room[128];
};

union answer {
	struct nlmsghdr head;
	char room[16384];
};

static void add_attribute(struct question *q, unsigned short type, const void *value, size_t len)
{
	struct rtattr *at = (struct rtattr *)((char *)q + NLMSG_ALIGN(q->head.nlmsg_len));

	*at = (struct rtattr){.rta_type = type, .rta_len = (unsigned short)RTA_LENGTH(len)};
	memcpy(RTA_DATA(at), value, len);
	q->head.nlmsg_len = (unsigned int)(NLMSG_ALIGN(q->head.nlmsg_len) + RTA_SPACE(len));
}

/* The attributes of the answer, behind a header of so many bytes; NULL: there is none. */
static const struct rtattr *ask(int netlink, const struct question *q, union answer *a, size_t header, int *len)
{
	ssize_t n = send(netlink, q, q->head.nlmsg_len, 0);

	if (n > 0)
		n = recv(netlink, a, sizeof(*a), 0);
	if (n < 0 || !NLMSG_OK(&a->head, (size_t)n) || a->head.nlmsg_type == NLMSG_ERROR ||
	    a->head.nlmsg_len < NLMSG_SPACE(header))
		return NULL;
	*len = (int)(a->head.nlmsg_len - NLMSG_SPACE(header));
	return (const struct rtattr *)((const char *)NLMSG_DATA(&a->head) + NLMSG_ALIGN(header));
}

static const struct rtattr *find(const struct rtattr *at, int len, unsigned short type)
{
	while (RTA_OK(at, len) && (at->rta_type & NLA_TYPE_MASK) != type)
		at = RTA_NEXT(at, len);
	return RTA_OK(at, len) ? at : NULL;
}

struct address {
	int family;
	unsigned char byte[16];
	size_t len;
};

/* Index of the device; 0: not known. */
static int route(int netlink, const struct address *from, const struct address *to)
{
	struct question q = {.head = {.nlmsg_len = NLMSG_LENGTH(sizeof(q.route)), .nlmsg_type = RTM_GETROUTE,
				      .nlmsg_flags = NLM_F_REQUEST},
			     .route = {.rtm_family = (unsigned char)to->family, .rtm_dst_len = (unsigned char)(8 * to->len),
				       .rtm_src_len = (unsigned char)(8 * from->len)}};
	const struct rtattr *at, *out;
	union answer a;
	int len, device = 0;

	add_attribute(&q, RTA_DST, to->byte, to->len);
	add_attribute(&q, RTA_SRC, from->byte, from->len);
	at = ask(netlink, &q, &a, sizeof(struct rtmsg), &len);
	out = at ? find(at, len, RTA_OIF) : NULL;
	if (out)
		memcpy(&device, RTA_DATA(out), sizeof(device));
	return device;
}

static const char *kind_of(int netlink, int device, struct run_set *set)
{
	struct question q = {.head = {.nlmsg_len = NLMSG_LENGTH(sizeof(q.link)), .nlmsg_type = RTM_GETLINK,
				      .nlmsg_flags = NLM_F_REQUEST},
			     .link = {.ifi_index = device}};
	const struct rtattr *at, *info, *kind;
	union answer a;
	int len;

	at = ask(netlink, &q, &a, sizeof(struct ifinfomsg), &len);
	info = at ? find(at, len, IFLA_LINKINFO) : NULL;
	kind = info ? find(RTA_DATA(info), (int)RTA_PAYLOAD(info), IFLA_INFO_KIND) : NULL;
	return kind ? run_set_str(set, RTA_DATA(kind)) : NULL;
}

/* ---- where to ask ------------------------------------------------------------------------- */

static int open_netlink(void)
{
	const struct timeval patience = {.tv_sec = 1};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	if (fd >= 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	return fd;
}

/* A socket is of the namespace that it was made in. Of a process that is gone, or may not be looked into, we ask in ours. */
static int open_netlink_of(int pid)
{
	_cleanup_free_ char *path = xasprintf("/proc/%d/ns/net", pid);
	_cleanup_close_ int theirs = open(path, O_RDONLY | O_CLOEXEC), ours = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	int fd;

	if (!pid || theirs < 0 || ours < 0 || setns(theirs, CLONE_NEWNET))
		return open_netlink();
	fd = open_netlink();
	if (setns(ours, CLONE_NEWNET))
		abort(); /* nothing that follows would be where it has to be */
	return fd;
}

/* One that lives; 0: none is known. */
static int process_of(const struct attach_target *target)
{
	_cleanup_free_ char *path = NULL;
	_cleanup_fclose_ FILE *list = NULL;
	size_t i;
	int pid;

	for (i = 0; i < target->pid_cnt; i++)
		if (!kill(target->pid[i], 0) || errno == EPERM)
			return target->pid[i];
	if (!target->cgroup)
		return 0;
	path = xasprintf("%s/cgroup.procs", target->cgroup);
	list = fopen(path, "re");
	return list && fscanf(list, "%d", &pid) == 1 ? pid : 0;
}

/* ---- sockets ------------------------------------------------------------------------------ */

/* "10.0.0.1:443", "[::1]:443" */
static bool read_address(const char *endpoint, struct address *a)
{
	char text[INET6_ADDRSTRLEN + 2];
	size_t len = strcspn(endpoint, "]");

	*a = *endpoint == '[' ? (struct address){.family = AF_INET6, .len = 16} : (struct address){.family = AF_INET, .len = 4};
	if (*endpoint == '[')
		endpoint++, len--;
	else
		len = strcspn(endpoint, ":");
	if (len >= sizeof(text))
		return false;
	snprintf(text, sizeof(text), "%.*s", (int)len, endpoint);
	return inet_pton(a->family, text, a->byte) == 1;
}

static void find_device(int netlink, struct socket_use *s, struct run_set *set)
{
	struct address from, to;
	int device;

	if (!s->sent_bytes || !read_address(s->local, &from) || !read_address(s->remote, &to) || from.family != to.family)
		return;
	device = route(netlink, &from, &to);
	if (device)
		s->device = kind_of(netlink, device, set);
}

void attach_routes(const struct attach_targets *t, struct run_set *set, struct run_result *r)
{
	unsigned int o;
	size_t i;

	for (o = 1; o + 1 < set->owner_cnt; o++) {
		_cleanup_close_ int netlink = open_netlink_of(o <= t->cnt ? process_of(&t->target[o - 1]) : 0);

		for (i = 0; i < r->socket_cnt && netlink >= 0; i++)
			if (r->socket[i].owner == o)
				find_device(netlink, &r->socket[i], set);
	}
}
