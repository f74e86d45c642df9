// SPDX-License-Identifier: GPL-2.0-only
/* Two real NICs of this machine, joined by a cable or a switch, each moved into a namespace of its own
 * so that the traffic has to leave the host. When the namespaces go, the kernel moves NICs back to
 * where they came from (default_device_exit_net()); virtual devices it would destroy, so those are
 * refused.
 */
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "core/log.h"
#include "testbed/internal.h"

#define CARRIER_TIMEOUT_NS (15 * NSEC_PER_SEC) /* autonegotiation takes seconds */

/* A link-local address comes by itself with each interface that is up. */
static bool is_given(const struct sockaddr *address)
{
	if (address->sa_family == AF_INET6)
		return !IN6_IS_ADDR_LINKLOCAL(&((const struct sockaddr_in6 *)address)->sin6_addr);
	return address->sa_family == AF_INET;
}

static bool has_address(const char *name)
{
	struct ifaddrs *list, *a;
	bool found = false;

	if (getifaddrs(&list))
		return true; /* cannot tell: assume it is in use */
	for (a = list; a; a = a->ifa_next)
		found |= !strcmp(a->ifa_name, name) && a->ifa_addr && is_given(a->ifa_addr);
	freeifaddrs(list);
	return found;
}

/* A NIC nobody uses: taking one with an address away may cut the user off. */
static int check_nic(const char *name)
{
	_cleanup_free_ char *device = NULL;

	if (!*name || strlen(name) >= IFNAMSIZ || strchr(name, '/'))
		return fail_r(-EINVAL, "'%s' is no interface name: --path nic:IF1,IF2", name);
	if (!if_nametoindex(name))
		return fail_r(-ENODEV, "no interface %s here: see `ip link`", name);
	device = xasprintf("/sys/class/net/%s/device", name);
	if (access(device, F_OK))
		return fail_r(-EINVAL, "%s is no NIC (it has no device behind it): --path veth makes "
				       "virtual links", name);
	if (has_address(name))
		return fail_r(-EBUSY, "%s has an address and may be in use: if it is free, remove it: ip "
				      "address flush dev %s", name, name);
	return 0;
}

static int wait_for_carrier(void *arg)
{
	const char *name = arg;
	uint64_t give_up_ns = monotonic_ns() + CARRIER_TIMEOUT_NS;
	_cleanup_close_ int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq request = {0};

	strncpy(request.ifr_name, name, IFNAMSIZ - 1);
	while (fd >= 0 && !ioctl(fd, SIOCGIFFLAGS, &request)) {
		if (request.ifr_flags & IFF_RUNNING)
			return 0;
		if (monotonic_ns() > give_up_ns)
			return fail_r(-ENOLINK, "%s has no link: are the two NICs connected?", name);
		usleep(20000);
	}
	return err_r(-errno, "ask for the link of %s", name);
}

static int move_nic(struct testbed *tb, enum role role, const char *name)
{
	int err = ip_batch(tb, NULL, "link set %s netns %s\n", name, tb->netns[role]);

	if (err)
		return err;
	tb->moved_nic[role] = xstrdup(name);
	return path_configure_end(tb, role, name);
}

/* The kernel would bring them back when the namespaces go, but some time later: the next run, or the
 * user, wants them now.
 */
static void nic_down(struct testbed *tb)
{
	enum role role;

	for (role = 0; role < ROLE_MAX_; role++)
		if (tb->moved_nic[role])
			ip_batch(tb, tb->netns[role], "link set %s netns %d\n", tb->moved_nic[role],
				 (int)getpid());
}

static int nic_up(struct testbed *tb)
{
	_cleanup_free_ char *server = xstrdup(tb->argument);
	char *client = strchr(server, ',');
	int err;

	if (!client)
		return fail_r(-EINVAL, "--path nic:%s: give two interfaces, nic:IF1,IF2",
			      tb->argument);
	*client++ = '\0';
	if (!strcmp(server, client))
		return fail_r(-EINVAL, "--path nic:%s: give two different interfaces",
			      tb->argument);
	err = check_nic(server);
	err = err ?: check_nic(client);
	err = err ?: move_nic(tb, ROLE_SERVER, server);
	err = err ?: move_nic(tb, ROLE_CLIENT, client);
	err = err ?: run_in_netns(tb->netns[ROLE_SERVER], wait_for_carrier, server);
	return err ?: run_in_netns(tb->netns[ROLE_CLIENT], wait_for_carrier, client);
}

const struct testbed_path path_nic = {
	.name = "nic",
	.argument = "IF1,IF2",
	.help = "two NICs of this machine, connected to each other: IF1 is the server's",
	.address = {[ROLE_SERVER] = "10.0.0.1", [ROLE_CLIENT] = "10.0.0.2"},
	.address6 = {[ROLE_SERVER] = "fd00::1", [ROLE_CLIENT] = "fd00::2"},
	.up = nic_up,
	.down = nic_down,
};
