// SPDX-License-Identifier: GPL-2.0-only
/* The sockets over which most moved: those that are open, and the larger ones of the last that were closed. */
#include "probe/session.h"

#include <arpa/inet.h>
#include <string.h>

#include "core/log.h"

struct list {
	struct cs_socket *socket;
	bool *closed; /* of the same row */
	size_t cnt;
};

static uint64_t moved(const struct cs_socket *s)
{
	return s->sent.amount + s->received.amount;
}

static void keep(struct list *l, const struct cs_socket *socket, bool closed)
{
	size_t at;

	if (!moved(socket) || (l->cnt == SOCKETS_LISTED && moved(socket) <= moved(&l->socket[l->cnt - 1])))
		return;
	if (l->cnt < SOCKETS_LISTED)
		l->cnt++;
	for (at = l->cnt - 1; at && moved(&l->socket[at - 1]) < moved(socket); at--) {
		l->socket[at] = l->socket[at - 1];
		l->closed[at] = l->closed[at - 1];
	}
	l->socket[at] = *socket;
	l->closed[at] = closed;
}

/* While it goes on, entries come and go: one that is gone begins the walk anew, which may show one twice. After
 * probe_stop() none does but those that are closed.
 */
static void read_map(struct list *l, struct bpf_map *map, size_t key_size, bool closed)
{
	char key[8], next[8], *last = NULL;
	size_t left = bpf_map__max_entries(map);
	struct cs_socket socket;

	for (; left-- && !bpf_map__get_next_key(map, last, next, key_size); last = key) {
		memcpy(key, next, key_size);
		if (!bpf_map__lookup_elem(map, key, key_size, &socket, sizeof(socket), 0))
			keep(l, &socket, closed);
	}
}

/* "10.0.0.1:443", "[::1]:443"; an IPv4 address in an IPv6 socket as what it is. The caller frees. */
static char *endpoint(const struct cs_socket *s, const __u8 address[16], __u16 port)
{
	static const __u8 mapped[12] = {[10] = 0xff, [11] = 0xff};
	bool v4 = s->family == AF_INET, inside = !v4 && !memcmp(address, mapped, sizeof(mapped));
	char text[INET6_ADDRSTRLEN];

	if (!inet_ntop(v4 || inside ? AF_INET : AF_INET6, inside ? address + 12 : address, text, sizeof(text)))
		return xstrdup("?");
	return xasprintf(v4 || inside ? "%s:%u" : "[%s]:%u", text, port);
}

static void add_socket(const struct cs_socket *s, bool closed, struct run_set *set, struct run_result *r)
{
	_cleanup_free_ char *local = endpoint(s, s->local, s->local_port), *remote = endpoint(s, s->remote, s->remote_port);

	run_result_socket(r, &(struct socket_use){
				     .owner = s->owner,
				     .protocol = run_set_str(set, s->protocol == IPPROTO_UDP ? "udp" : s->ktls ? "tcp, kTLS" : "tcp"),
				     .local = run_set_str(set, local),
				     .remote = run_set_str(set, remote),
				     .closed = closed,
				     .sends = s->sent.count,
				     .sent_bytes = s->sent.amount,
				     .receives = s->received.count,
				     .received_bytes = s->received.amount,
			     });
}

void probe_list_sockets(struct probe *p, struct run_set *set, struct run_result *r)
{
	struct list l = {.socket = xcalloc(SOCKETS_LISTED, sizeof(*l.socket)), .closed = xcalloc(SOCKETS_LISTED, sizeof(bool))};
	size_t i;

	if (p->config.extras & EXTRA_BIT(EXTRA_CALLS)) {
		read_map(&l, p->skel->maps.cs_sockets, sizeof(__u64), false);
		read_map(&l, p->skel->maps.cs_closed, sizeof(__u32), true);
	}
	for (i = 0; i < l.cnt; i++)
		add_socket(&l.socket[i], l.closed[i], set, r);
	free(l.socket);
	free(l.closed);
}
