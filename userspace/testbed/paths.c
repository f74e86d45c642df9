// SPDX-License-Identifier: GPL-2.0-only
/* The table of paths between server and client, and those that need nothing but ip. */
#include <string.h>

#include "testbed/internal.h"

/* Without nodad an IPv6 address may not be used for a second, until nobody else has claimed it. */
static int configure(const struct testbed *tb, const char *netns, const char *device, const char *address)
{
	return ip_batch(tb, netns, "link set lo up\naddress add %s/%s dev %s\nlink set %s up\n", address,
			tb->ipv6 ? "64 nodad" : "24", device, device);
}

int path_configure_end(const struct testbed *tb, enum role role, const char *device)
{
	return configure(tb, tb->netns[role], device, testbed_address(tb, role));
}

static int loopback_up(struct testbed *tb)
{
	return ip_batch(tb, tb->netns[ROLE_SERVER], "link set lo up\n");
}

static const struct testbed_path path_loopback = {
	.name = "loopback",
	.help = "both roles in one network namespace, over lo",
	.address = {[ROLE_SERVER] = "127.0.0.1", [ROLE_CLIENT] = "127.0.0.1"},
	.address6 = {[ROLE_SERVER] = "::1", [ROLE_CLIENT] = "::1"},
	.one_netns = true,
	.up = loopback_up,
};

/* Both ends are born in their namespaces: nothing watches or renames them in ours. */
static int veth_up(struct testbed *tb)
{
	int err = ip_batch(tb, NULL, "link add veth-server netns %s type veth "
				     "peer name veth-client netns %s\n",
			   tb->netns[ROLE_SERVER], tb->netns[ROLE_CLIENT]);

	err = err ?: path_configure_end(tb, ROLE_SERVER, "veth-server");
	return err ?: path_configure_end(tb, ROLE_CLIENT, "veth-client");
}

static const struct testbed_path path_veth = {
	.name = "veth",
	.help = "two network namespaces joined by a veth pair",
	.address = {[ROLE_SERVER] = "10.0.0.1", [ROLE_CLIENT] = "10.0.0.2"},
	.address6 = {[ROLE_SERVER] = "fd00::1", [ROLE_CLIENT] = "fd00::2"},
	.up = veth_up,
};

/* Whoever forwards over IPv6 asks for a neighbour from a link-local address. The one that comes by itself comes
 * late, and is not used before nobody else has claimed it: for seconds nothing would get through.
 */
static int start_router(const struct testbed *tb, const char *router)
{
	int err;

	if (!tb->ipv6)
		return netns_set(router, "/proc/sys/net/ipv4/ip_forward", '1');
	err = ip_batch(tb, router, "address add fe80::fe/64 dev to-server nodad\n"
				   "address add fe80::fe/64 dev to-client nodad\n");
	return err ?: netns_set(router, "/proc/sys/net/ipv6/conf/all/forwarding", '1');
}

/* server - veth - router - veth - client: each packet is forwarded once, as in a host that routes
 * between containers. A zero-copy byte must be counted where it is copied, not at each hop.
 */
static int routed_up(struct testbed *tb)
{
	_cleanup_free_ char *router = run_netns_name(tb->run.id, NETNS_ROUTER);
	const char *server = tb->netns[ROLE_SERVER], *client = tb->netns[ROLE_CLIENT];
	const char *to_server = tb->ipv6 ? "fd00::fe" : "10.0.0.254";
	const char *to_client = tb->ipv6 ? "fd00:0:0:1::fe" : "10.0.1.254";
	int err = ip_batch(tb, NULL,
			   "netns add %s\n"
			   "link add veth-server netns %s type veth peer name to-server netns %s\n"
			   "link add veth-client netns %s type veth peer name to-client netns %s\n",
			   router, server, router, client, router);

	err = err ?: netns_prepare(tb, router);
	err = err ?: path_configure_end(tb, ROLE_SERVER, "veth-server");
	err = err ?: path_configure_end(tb, ROLE_CLIENT, "veth-client");
	err = err ?: configure(tb, router, "to-server", to_server);
	err = err ?: configure(tb, router, "to-client", to_client);
	err = err ?: ip_batch(tb, server, "route add default via %s\n", to_server);
	err = err ?: ip_batch(tb, client, "route add default via %s\n", to_client);
	return err ?: start_router(tb, router);
}

static const struct testbed_path path_routed = {
	.name = "routed",
	.help = "two network namespaces and a third that forwards between them, over veth",
	.address = {[ROLE_SERVER] = "10.0.0.1", [ROLE_CLIENT] = "10.0.1.2"},
	.address6 = {[ROLE_SERVER] = "fd00::1", [ROLE_CLIENT] = "fd00:0:0:1::2"},
	.up = routed_up,
};

const struct testbed_path *const testbed_paths[] = {
	&path_veth, &path_loopback, &path_routed, &path_nic, &path_ssh, NULL,
};

const struct testbed_path *testbed_path_find(const char *spec)
{
	size_t n = strcspn(spec, ":"), i;

	for (i = 0; testbed_paths[i]; i++) {
		const struct testbed_path *p = testbed_paths[i];

		if (strlen(p->name) == n && !strncmp(p->name, spec, n))
			return !p->argument == !spec[n] ? p : NULL;
	}
	return NULL;
}

bool testbed_path_known(const char *spec)
{
	return testbed_path_find(spec) != NULL;
}
