/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of this folder share about a testbed that is up. */
#ifndef TESTBED_INTERNAL_H
#define TESTBED_INTERNAL_H

#include "testbed/state.h"
#include "testbed/testbed.h"

struct testbed {
	struct run_dir run;
	const struct testbed_path *path;
	char *netns[ROLE_MAX_]; /* names; owned; server and client only */
	int netns_fd[ROLE_MAX_];
	int cgroup_fd[ROLE_MAX_];
	uint64_t cgroup_id[ROLE_MAX_];
	char *moved_nic[ROLE_MAX_]; /* owned; a NIC that path "nic" moved into the namespace */
};

/* "cs-<id>-srv" or "cs-<id>-cli". The caller frees. */
char *run_netns_name(const char *id, enum role role);
/* "cs-<id>-rtr": the namespace between the two, where the path has one. The caller frees. */
char *run_router_name(const char *id);

/* The rows of testbed_paths[]. */
extern const struct testbed_path path_veth, path_loopback, path_routed, path_nic;

/* lo up, the path's address of the role on device, device up; in the role's namespace. */
int path_configure_end(const struct testbed *tb, enum role role, const char *device);

/* fn(arg) in a child inside the named namespace. Returns what fn does: 0 or -errno. */
int run_in_netns(const char *netns, int (*fn)(void *arg), void *arg);

/* Remove all that carries the run's id, and its remembered paths. Complains about what stays;
 * returns the first error. The state directory is the caller's.
 */
int run_tear_down(const struct run_dir *run);

#endif
