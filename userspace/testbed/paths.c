// SPDX-License-Identifier: GPL-2.0-only
/* The table of paths between server and client, and the two that need nothing but ip. */
#include <errno.h>
#include <string.h>

#include "testbed/internal.h"
#include "testbed/ip.h"

#define LO_UP "link set lo up\n"

static int loopback_up(struct testbed *tb, const char *argument)
{
	(void)argument;
	return ip_batch(tb->netns[ROLE_SERVER], LO_UP, tb->run.lock_fd);
}

const struct testbed_path path_loopback = {
	.name = "loopback",
	.help = "both roles in one network namespace, over lo",
	.address = {[ROLE_SERVER] = "127.0.0.1", [ROLE_CLIENT] = "127.0.0.1"},
	.one_netns = true,
	.up = loopback_up,
};

int path_configure_end(const struct testbed *tb, enum role role, const char *device)
{
	_cleanup_free_ char *commands = xasprintf(LO_UP "address add %s/24 dev %s\n"
							"link set %s up\n",
						  tb->path->address[role], device, device);

	return ip_batch(tb->netns[role], commands, tb->run.lock_fd);
}

/* Both ends are born in their namespaces: nothing watches or renames them in ours. */
static int veth_up(struct testbed *tb, const char *argument)
{
	_cleanup_free_ char *commands = xasprintf(
		"link add veth-server netns %s type veth peer name veth-client netns %s\n",
		tb->netns[ROLE_SERVER], tb->netns[ROLE_CLIENT]);
	int err = ip_batch(NULL, commands, tb->run.lock_fd);

	(void)argument;
	if (!err)
		err = path_configure_end(tb, ROLE_SERVER, "veth-server");
	if (!err)
		err = path_configure_end(tb, ROLE_CLIENT, "veth-client");
	return err;
}

const struct testbed_path path_veth = {
	.name = "veth",
	.help = "two network namespaces joined by a veth pair",
	.address = {[ROLE_SERVER] = "10.0.0.1", [ROLE_CLIENT] = "10.0.0.2"},
	.up = veth_up,
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
