// SPDX-License-Identifier: GPL-2.0-only
/* server - veth - router - veth - client: each packet is forwarded once, as in a host that routes
 * between containers. A zero-copy byte must be counted where it is copied, not at each hop.
 */
#include <errno.h>
#include <fcntl.h>

#include "core/log.h"
#include "testbed/internal.h"
#include "testbed/ip.h"

#define FORWARDING "/proc/sys/net/ipv4/ip_forward"

static int enable_forwarding(void *arg)
{
	_cleanup_close_ int fd = open(FORWARDING, O_WRONLY | O_CLOEXEC);

	(void)arg;
	if (fd < 0 || write(fd, "1", 1) != 1)
		return err_r(-errno, "write " FORWARDING);
	return 0;
}

static int make_links(const struct testbed *tb, const char *router)
{
	_cleanup_free_ char *commands =
		xasprintf("netns add %s\n"
			  "link add veth-server netns %s type veth peer name to-server netns %s\n"
			  "link add veth-client netns %s type veth peer name to-client netns %s\n",
			  router, tb->netns[ROLE_SERVER], router, tb->netns[ROLE_CLIENT], router);

	return ip_batch(NULL, commands, tb->run.lock_fd);
}

static int routed_up(struct testbed *tb, const char *argument)
{
	_cleanup_free_ char *router = run_router_name(tb->run.id);
	int err = make_links(tb, router);

	(void)argument;
	err = err ?: path_configure_end(tb, ROLE_SERVER, "veth-server");
	err = err ?: path_configure_end(tb, ROLE_CLIENT, "veth-client");
	err = err ?: ip_batch(router,
			      "link set lo up\n"
			      "address add 10.0.0.254/24 dev to-server\nlink set to-server up\n"
			      "address add 10.0.1.254/24 dev to-client\nlink set to-client up\n",
			      tb->run.lock_fd);
	err = err ?: ip_batch(tb->netns[ROLE_SERVER], "route add default via 10.0.0.254\n",
			      tb->run.lock_fd);
	err = err ?: ip_batch(tb->netns[ROLE_CLIENT], "route add default via 10.0.1.254\n",
			      tb->run.lock_fd);
	return err ?: run_in_netns(router, enable_forwarding, NULL);
}

const struct testbed_path path_routed = {
	.name = "routed",
	.help = "two network namespaces and a third that forwards between them, over veth",
	.address = {[ROLE_SERVER] = "10.0.0.1", [ROLE_CLIENT] = "10.0.1.2"},
	.up = routed_up,
};
