// SPDX-License-Identifier: GPL-2.0-only
#include "workload/link.h"

#include <ifaddrs.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/utsname.h>

#include "core/util.h"
#include "workload/sock.h"

/* Each is one word of the old ioctls: they are there on every kernel, and do not tell what was asked for but what
 * holds.
 */
static const struct {
	const char *name;
	unsigned int command;
} offloads[] = {
	{"scatter-gather", ETHTOOL_GSG},
	{"TX checksum", ETHTOOL_GTXCSUM},
	{"TSO", ETHTOOL_GTSO},
	{"GRO", ETHTOOL_GGRO},
};

static void put(json_t *facts, const char *name, const char *value)
{
	if (*value)
		json_object_set_new(facts, name, json_string(value));
}

static bool ask(int fd, struct ifreq *request, void *command)
{
	request->ifr_data = command;
	return !ioctl(fd, SIOCETHTOOL, request);
}

static void put_nic(json_t *facts, const char *name)
{
	_cleanup_close_ int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ethtool_cmd link = {.cmd = ETHTOOL_GSET};
	struct ethtool_drvinfo driver = {.cmd = ETHTOOL_GDRVINFO};
	struct ifreq request = {0};
	char number[16] = "";
	size_t i;

	snprintf(request.ifr_name, IFNAMSIZ, "%s", name);
	put(facts, "NIC", name);
	if (ask(fd, &request, &driver))
		put(facts, "NIC driver", driver.driver);
	for (i = 0; i < ARRAY_SIZE(offloads); i++) {
		struct ethtool_value on = {.cmd = offloads[i].command};

		if (ask(fd, &request, &on))
			put(facts, offloads[i].name, on.data ? "on" : "off");
	}
	if (ask(fd, &request, &link) && ethtool_cmd_speed(&link) != (__u32)SPEED_UNKNOWN) {
		snprintf(number, sizeof(number), "%u", ethtool_cmd_speed(&link));
		put(facts, "link Mbit/s", number);
	}
	if (!ioctl(fd, SIOCGIFMTU, &request)) {
		snprintf(number, sizeof(number), "%d", request.ifr_mtu);
		put(facts, "MTU", number);
	}
}

static bool same_address(const struct sockaddr *a, const struct sockaddr_storage *b)
{
	if (!a || a->sa_family != b->ss_family)
		return false;
	if (a->sa_family == AF_INET)
		return ((const struct sockaddr_in *)a)->sin_addr.s_addr ==
		       ((const struct sockaddr_in *)b)->sin_addr.s_addr;
	return a->sa_family == AF_INET6 && !memcmp(&((const struct sockaddr_in6 *)a)->sin6_addr,
						   &((const struct sockaddr_in6 *)b)->sin6_addr,
						   sizeof(struct in6_addr));
}

static json_t *facts_of(const struct sockaddr_storage *address)
{
	_cleanup_free_ char *congestion = sock_default_congestion();
	json_t *facts = json_object();
	struct ifaddrs *list, *a;
	struct utsname u;

	if (!uname(&u)) {
		put(facts, "host", u.nodename);
		put(facts, "kernel", u.release);
	}
	put(facts, "congestion control", congestion ?: "");
	if (getifaddrs(&list))
		return facts;
	for (a = list; a && !same_address(a->ifa_addr, address); a = a->ifa_next)
		;
	if (a)
		put_nic(facts, a->ifa_name);
	freeifaddrs(list);
	return facts;
}

json_t *link_facts(int fd)
{
	struct sockaddr_storage address = {0};
	socklen_t len = sizeof(address);

	getsockname(fd, (struct sockaddr *)&address, &len);
	return facts_of(&address);
}

json_t *link_facts_of(const char *address)
{
	struct sockaddr_storage where = {0};
	socklen_t len;

	sock_address(address, 0, &where, &len);
	return facts_of(&where);
}
