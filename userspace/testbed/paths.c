// SPDX-License-Identifier: GPL-2.0-only
/* The table of paths between server and client, and those that need nothing but ip. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "core/log.h"
#include "testbed/internal.h"

#define FORWARDING "/proc/sys/net/ipv4/ip_forward"

int path_configure_end(const struct testbed *tb, enum role role, const char *device)
{
	return ip_batch(tb, tb->netns[role],
			"link set lo up\naddress add %s/24 dev %s\nlink set %s up\n",
			tb->path->address[role], device, device);
}

static int loopback_up(struct testbed *tb)
{
	return ip_batch(tb, tb->netns[ROLE_SERVER], "link set lo up\n");
}

static const struct testbed_path path_loopback = {
	.name = "loopback",
	.help = "both roles in one network namespace, over lo",
	.address = {[ROLE_SERVER] = "127.0.0.1", [ROLE_CLIENT] = "127.0.0.1"},
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
	.up = veth_up,
};

static int enable_forwarding(void *arg)
{
	_cleanup_close_ int fd = open(FORWARDING, O_WRONLY | O_CLOEXEC);

	(void)arg;
	if (fd < 0 || write(fd, "1", 1) != 1)
		return err_r(-errno, "write " FORWARDING);
	return 0;
}

/* server - veth - router - veth - client: each packet is forwarded once, as in a host that routes
 * between containers. A zero-copy byte must be counted where it is copied, not at each hop.
 */
static int routed_up(struct testbed *tb)
{
	_cleanup_free_ char *router = run_netns_name(tb->run.id, NETNS_ROUTER);
	const char *server = tb->netns[ROLE_SERVER], *client = tb->netns[ROLE_CLIENT];
	int err = ip_batch(tb, NULL,
			   "netns add %s\n"
			   "link add veth-server netns %s type veth peer name to-server netns %s\n"
			   "link add veth-client netns %s type veth peer name to-client netns %s\n",
			   router, server, router, client, router);

	err = err ?: path_configure_end(tb, ROLE_SERVER, "veth-server");
	err = err ?: path_configure_end(tb, ROLE_CLIENT, "veth-client");
	err = err ?: ip_batch(tb, router,
			      "link set lo up\n"
			      "address add 10.0.0.254/24 dev to-server\nlink set to-server up\n"
			      "address add 10.0.1.254/24 dev to-client\nlink set to-client up\n");
	err = err ?: ip_batch(tb, server, "route add default via 10.0.0.254\n");
	err = err ?: ip_batch(tb, client, "route add default via 10.0.1.254\n");
	return err ?: run_in_netns(router, enable_forwarding, NULL);
}

static const struct testbed_path path_routed = {
	.name = "routed",
	.help = "two network namespaces and a third that forwards between them, over veth",
	.address = {[ROLE_SERVER] = "10.0.0.1", [ROLE_CLIENT] = "10.0.1.2"},
	.up = routed_up,
};

const struct testbed_path *const testbed_paths[] = {
	&path_veth, &path_loopback, &path_routed, &path_nic, NULL,
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
