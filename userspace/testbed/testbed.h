/* SPDX-License-Identifier: GPL-2.0-only */
/* The place a run happens in: network namespaces joined by a path, and one cgroup v2 a role.
 * Everything a run makes carries its mark, which is its id (6 hex digits), and behind it the user's
 * unless that is root: namespaces cs-<mark>-srv and cs-<mark>-cli, cgroups
 * copyscope-<mark>/{server,client}. The file /run/copyscope/<id> (of another user
 * /run/copyscope-<uid>/<id>) is locked by the run while it lives. So what a killed run left is
 * found by its name alone, two runs do not collide, and two users do not meet. Not thread-safe: one thread owns a testbed.
 */
#ifndef TESTBED_TESTBED_H
#define TESTBED_TESTBED_H

#include <sys/types.h>

#include "core/role.h"
#include "core/util.h"

struct testbed;

/* A way the roles' packets go: one row a path. up() finds the namespaces made, everything in them
 * down, and must leave nothing outside them: removing the namespaces is the way down.
 */
struct testbed_path {
	const char *name;
	const char *argument; /* for help, "IF1,IF2"; NULL: takes none */
	const char *help;
	const char *address[ROLE_MAX_];	 /* of the server and the client, */
	const char *address6[ROLE_MAX_]; /* and over IPv6 */
	bool one_netns;			/* both roles in the server's namespace */
	bool remote;			/* no namespace is made: the server is in ours, the client on another host */
	int (*up)(struct testbed *tb);
	/* Before the namespaces go, of a run that ends by itself; NULL: they take all with them. */
	void (*down)(struct testbed *tb);
};

extern const struct testbed_path *const testbed_paths[]; /* NULL-terminated, default first */

/* The row of "name" or "name:argument"; NULL if there is none or the argument is missing or too
 * much.
 */
const struct testbed_path *testbed_path_find(const char *spec);
bool testbed_path_known(const char *spec);

/* Remove what this user's runs that no longer live have left: processes in their cgroups, cgroups,
 * namespaces and their mounts. Returns how many runs; complains about what stays, which is no obstacle
 * to the next run; or -errno after one line: the state cannot be read.
 */
int testbed_recover(void);

/* path: a name of the table, with ":argument" where it takes one; it must outlive the testbed. ipv6: the
 * addresses are IPv6 ones, and there are no others. Returns 0; -EPERM (not root), -EINVAL (no such path),
 * -ENOTSUP (no iproute2, no cgroup v2, no IPv6) or -errno, after one line that says why. Nothing stays
 * behind on failure.
 */
int testbed_up(const char *path, bool ipv6, struct testbed **out);

/* Kills what is left in the cgroups and removes everything. Complains once a thing that stays; the
 * next testbed_recover() tries it again. NULL-safe.
 */
void testbed_down(struct testbed **tb);

const char *testbed_id(const struct testbed *tb); /* "3fa29c" */
const char *testbed_netns_name(const struct testbed *tb, enum role role); /* of `ip netns`; NULL: not made by us */
uint64_t testbed_netns_inode(const struct testbed *tb, enum role role);	  /* 0: on another host */
const char *testbed_address(const struct testbed *tb, enum role role);	  /* numeric */

/* Move the calling process, a single-threaded child that will exec, into the role's namespace. This
 * gives up the child's hold on the run's lock, so a child must put itself into its cgroup before:
 * then recovery either waits for it or finds it there, whenever the parent is killed.
 */
int testbed_enter_netns(const struct testbed *tb, enum role role);

/* A new local socket, bound and not listening yet, and a handle of it: whoever has that connects by
 * /proc/self/fd/HANDLE, and nobody else can. Both are the caller's. 0, or -errno after one line.
 */
int testbed_local_socket(const struct testbed *tb, int *bound, int *handle);

/* Whose ssh it is: called in a child that will exec, become() makes it theirs. */
struct testbed_user {
	uid_t uid;
	gid_t gid;
	int (*become)(const char *place);
};

/* A path that leads to another host: connect to it and bring the client program there, which must outlive the testbed. 0
 * at once on other paths; or -errno after one line that ends in the remedy.
 */
int testbed_connect(struct testbed *tb, const char *program, const struct testbed_user *user);
bool testbed_is_remote(const struct testbed *tb, enum role role);

/* Start the client there with these arguments, the first of which is left out. err_fd: what it says. *stream: its
 * standard input and output; when the caller closes it, it ends. The pid of the ssh that stands for it here, or
 * -errno after one line. A connection that is gone is made again.
 */
pid_t testbed_remote_start(struct testbed *tb, char *const argv[], int err_fd, int *stream);

/* The same with the copyscope of that host, as root; while a client is there. */
pid_t testbed_remote_observe(struct testbed *tb, char *const argv[], int err_fd, int *stream);
/* The last line that was said on an err_fd; "" if none was. The caller frees. */
char *testbed_remote_words(int err_fd);
/* Why that cannot be, in words; NULL: it can. */
const char *testbed_unobserved(const struct testbed *tb);

/* What bpf_get_current_cgroup_id() reports for a process of the role. */
uint64_t testbed_cgroup_id(const struct testbed *tb, enum role role);
int testbed_cgroup_add(const struct testbed *tb, enum role role, pid_t pid);
/* fork() of a process with one thread, without libc's handlers; the child is in the role's cgroup. */
pid_t testbed_fork(const struct testbed *tb, enum role role);

#endif
