/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of this folder share: a testbed that is up, and the things it is made of. */
#ifndef TESTBED_INTERNAL_H
#define TESTBED_INTERNAL_H

#include "testbed/ssh.h"
#include "testbed/state.h"
#include "testbed/testbed.h"

struct testbed {
	struct run_state run;
	const struct testbed_path *path;
	const char *argument;	/* of the path; NULL if it takes none */
	bool ipv6;
	char *netns[ROLE_MAX_]; /* names; owned */
	int netns_fd[ROLE_MAX_];
	int cgroup_fd[ROLE_MAX_];
	int reserve[10];	    /* descriptors set aside for the way down; -1 = none */
	struct remote *remote;	/* owned; the path's, if it leads to another host */
	char *address;		/* owned; the server's, of a path that has none of its own */
	char *moved_nic[ROLE_MAX_]; /* owned; a NIC that path "nic" moved into the namespace */
};

/* ---- paths ------------------------------------------------------------------------------- */

extern const struct testbed_path path_nic, path_ssh; /* rows of testbed_paths[] */

/* lo up, the path's address of the role on device, device up; in the role's namespace. */
int path_configure_end(const struct testbed *tb, enum role role, const char *device);

/* ---- network namespaces ------------------------------------------------------------------ */

/* Those of a run: a role's has the role's number. */
enum { NETNS_ROUTER = ROLE_MAX_, NETNS_MAX_ }; /* between the two, where the path has one */

/* "cs-<mark>-srv", "-cli" or "-rtr". The caller frees. */
char *run_netns_name(const char *id, unsigned int which);

/* Where ip keeps a named namespace. The caller frees. */
char *netns_path(const char *name);

/* As `ip netns delete`, without needing the program; a name that does not exist is fine. */
int netns_remove(const char *name);

/* fn(arg) in a child inside the named namespace. Returns what fn does: 0 or -errno. */
int run_in_netns(const char *netns, int (*fn)(void *arg), void *arg);

/* A file of /proc/sys/net, which is the namespace's own, to one character. 0, or -errno after one line. */
int netns_set(const char *netns, const char *path, char value);

/* So that a namespace that was made for the run takes the addresses that it will get. */
int netns_prepare(const struct testbed *tb, const char *netns);

/* Run the commands, one a line, with `ip -batch`, inside the named namespace (NULL: the caller's).
 * ip inherits the run's lock: what it makes after our death is then made under our lock. Returns 0,
 * -ENOTSUP (no ip program) or -EIO (a command failed), after one line.
 */
int ip_batch(const struct testbed *tb, const char *netns, const char *commands, ...) __printf(3, 4);

/* ---- cgroups, in whatever cgroup v2 hierarchy can be reached ----------------------------- */

/* Makes copyscope-<mark> and returns its directory descriptor; -EEXIST: the name is taken; or after one
 * line -ENOTSUP, no cgroup v2 hierarchy can be had, or another -errno. The caller closes.
 */
int cgroup_make(const char *id);

/* Makes child `name` in the directory and returns its descriptor. */
int cgroup_make_child(int parent_fd, const char *name);

/* Kills every process in copyscope-<mark>, waits until they are gone and removes it. A run without
 * one is fine. Returns 0, or -errno after one line.
 */
int cgroup_remove(const char *id);

/* ---- local sockets ----------------------------------------------------------------------- */

/* What of one is left in the file system. 0, also if there is nothing; or -errno after one line. */
int local_socket_remove(const char *id);

/* ---- ssh --------------------------------------------------------------------------------- */

/* Where the socket of a run's ssh is. The caller frees. */
char *ssh_place(const char *id);

/* Without what is in it. A run without one is fine. 0, or -errno after one line. */
int ssh_place_remove(const char *id);

/* ---- the way down ------------------------------------------------------------------------ */

/* Remove all that carries the run's id. Complains about what stays; returns an error if something does.
 * The state is the caller's.
 */
int run_tear_down(const struct run_state *run);

#endif
