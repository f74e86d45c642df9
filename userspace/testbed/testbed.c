// SPDX-License-Identifier: GPL-2.0-only
/* A testbed's life: up, the questions a run asks it, down. */
#include "testbed/testbed.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/caps.h"
#include "core/log.h"
#include "testbed/internal.h"

#define ID_ATTEMPTS 16

static bool netns_taken(const char *id)
{
	unsigned int which;

	for (which = 0; which < NETNS_MAX_; which++) {
		_cleanup_free_ char *name = run_netns_name(id, which);
		_cleanup_free_ char *path = netns_path(name);

		if (!faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW))
			return true;
	}
	return false;
}

/* What the way down opens must be there to be had, whatever fails on the way up or in the run. */
static int reserve_files(struct testbed *tb)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(tb->reserve); i++) {
		tb->reserve[i] = open("/", O_PATH | O_CLOEXEC);
		if (tb->reserve[i] < 0)
			return err_r(-errno, "cannot keep files for cleaning up (ulimit -n 1024)");
	}
	return 0;
}

static void release_reserve(struct testbed *tb)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(tb->reserve); i++)
		if (tb->reserve[i] >= 0)
			close(take_fd(&tb->reserve[i]));
}

/* A state file under an id that is free everywhere, and the run's cgroup. */
static int claim_id(struct run_state *run, int *cgroup_fd)
{
	_cleanup_free_ char *base = state_base();
	int attempt, err;

	for (attempt = 0; attempt < ID_ATTEMPTS; attempt++) {
		err = run_state_create(base, run);
		if (err)
			return err;
		*cgroup_fd = netns_taken(run->id) ? -EEXIST : cgroup_make(run->id);
		if (*cgroup_fd != -EEXIST)
			return MIN(*cgroup_fd, 0);
		run_state_remove(base, run); /* the id is not ours */
	}
	return fail_r(-EEXIST, "no free run id: remove leftovers cs-* (ip netns) and copyscope-* "
			       "(cgroups)");
}

static int make_cgroups(struct testbed *tb, int run_fd)
{
	enum role role;
	int fd;

	for (role = 0; role < ROLE_MAX_; role++) {
		fd = cgroup_make_child(run_fd, role_names[role]);
		if (fd < 0)
			return err_r(fd, "cannot make the %s's cgroup", role_names[role]);
		tb->cgroup_fd[role] = fd;
	}
	return 0;
}

static int open_netns(struct testbed *tb, enum role role)
{
	_cleanup_free_ char *path = netns_path(tb->netns[role]);

	tb->netns_fd[role] = open(path, O_RDONLY | O_CLOEXEC);
	return tb->netns_fd[role] < 0 ? err_r(-errno, "open %s", path) : 0;
}

static int make_netns(struct testbed *tb)
{
	char *server, *client;
	int err;

	if (tb->path->remote) {
		tb->netns_fd[ROLE_SERVER] = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
		return tb->netns_fd[ROLE_SERVER] < 0 ? err_r(-errno, "open /proc/self/ns/net") : 0;
	}
	tb->netns[ROLE_SERVER] = server = run_netns_name(tb->run.id, ROLE_SERVER);
	if (tb->path->one_netns) {
		tb->netns[ROLE_CLIENT] = xstrdup(server);
		err = ip_batch(tb, NULL, "netns add %s\n", server);
	} else {
		tb->netns[ROLE_CLIENT] = client = run_netns_name(tb->run.id, ROLE_CLIENT);
		err = ip_batch(tb, NULL, "netns add %s\nnetns add %s\n", server, client);
	}
	err = err ?: open_netns(tb, ROLE_SERVER);
	err = err ?: open_netns(tb, ROLE_CLIENT);
	err = err ?: netns_prepare(tb, server);
	return err ?: netns_prepare(tb, tb->netns[ROLE_CLIENT]);
}

static struct testbed *testbed_new(const struct testbed_path *path, const char *argument, bool ipv6)
{
	struct testbed *tb = xcalloc(1, sizeof(*tb));
	enum role role;

	tb->path = path;
	tb->argument = argument;
	tb->ipv6 = ipv6;
	tb->run = RUN_STATE_NONE;
	for (role = 0; role < ROLE_MAX_; role++)
		tb->netns_fd[role] = tb->cgroup_fd[role] = -1;
	memset(tb->reserve, -1, sizeof(tb->reserve));
	return tb;
}

static void testbed_free(struct testbed *tb)
{
	enum role role;

	for (role = 0; role < ROLE_MAX_; role++) {
		cleanup_close(&tb->netns_fd[role]);
		cleanup_close(&tb->cgroup_fd[role]);
		free(tb->netns[role]);
		free(tb->moved_nic[role]);
	}
	release_reserve(tb);
	run_state_release(&tb->run);
	free(tb->address);
	free(tb);
}

/* Root's pass on by themselves, those of a file end at exec. */
static bool ip_is_privileged(void)
{
	static const unsigned int needed[] = {CAP_SYS_ADMIN, CAP_NET_ADMIN, CAP_DAC_OVERRIDE};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(needed) && geteuid(); i++)
		if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, needed[i], 0, 0) != 1)
			return false;
	return true;
}

/* Asking for a socket loads the module, where IPv6 is one. */
static bool kernel_has_ipv6(void)
{
	_cleanup_close_ int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return fd >= 0 || errno != EAFNOSUPPORT;
}

int testbed_up(const char *spec, bool ipv6, struct testbed **out)
{
	const struct testbed_path *path = testbed_path_find(spec);
	_cleanup_close_ int run_fd = -1;
	struct testbed *tb;
	int err;

	if (!path)
		return fail_r(-EINVAL, "no path '%s': see copyscope list paths", spec);
	if (!capability_held(CAP_SYS_ADMIN) || !capability_held(CAP_NET_ADMIN))
		return fail_r(-EPERM, "needs root (CAP_SYS_ADMIN, CAP_NET_ADMIN): run with sudo");
	if (!ip_is_privileged())
		return fail_r(-EPERM, "ip (iproute2) would not have this program's capabilities: run with "
				      "sudo, or hold them as ambient ones (setpriv --ambient-caps)");
	if (ipv6 && !kernel_has_ipv6())
		return fail_r(-ENOTSUP, "this kernel has no IPv6: boot it without ipv6.disable=1, or one with "
					"CONFIG_IPV6; or run without -6");
	tb = testbed_new(path, path->argument ? strchr(spec, ':') + 1 : NULL, ipv6);
	err = reserve_files(tb);
	err = err ?: claim_id(&tb->run, &run_fd);
	err = err ?: make_cgroups(tb, run_fd);
	err = err ?: make_netns(tb);
	err = err ?: path->up(tb);
	if (err) {
		testbed_down(&tb);
		return err;
	}
	*out = tb;
	return 0;
}

void testbed_down(struct testbed **ptb)
{
	struct testbed *tb = take_ptr(*ptb);
	_cleanup_free_ char *base = state_base();

	if (!tb)
		return;
	release_reserve(tb);
	if (tb->path->down)
		tb->path->down(tb);
	if (tb->run.lock_fd >= 0 && !run_tear_down(&tb->run))
		run_state_remove(base, &tb->run);
	testbed_free(tb);
}

const char *testbed_id(const struct testbed *tb)
{
	return tb->run.id;
}

const char *testbed_netns_name(const struct testbed *tb, enum role role)
{
	return tb->netns[role];
}

const char *testbed_address(const struct testbed *tb, enum role role)
{
	if (tb->path->remote)
		return role == ROLE_SERVER ? tb->address : NULL;
	return tb->ipv6 ? tb->path->address6[role] : tb->path->address[role];
}

/* The kernel's number of a namespace is the inode of its file. */
uint64_t testbed_netns_inode(const struct testbed *tb, enum role role)
{
	struct stat st;

	return fstat(tb->netns_fd[role], &st) ? 0 : st.st_ino;
}

int testbed_enter_netns(const struct testbed *tb, enum role role)
{
	if (setns(tb->netns_fd[role], CLONE_NEWNET))
		return err_r(-errno, "cannot enter network namespace %s", tb->netns[role] ?: "of our own");
	close(tb->run.lock_fd); /* this process's share of the lock; the parent keeps its own */
	return 0;
}

uint64_t testbed_cgroup_id(const struct testbed *tb, enum role role)
{
	struct stat st;

	/* The kernel's id of a cgroup is its inode number (Linux 5.5, 64 bits). */
	return fstat(tb->cgroup_fd[role], &st) ? 0 : st.st_ino;
}

int testbed_cgroup_add(const struct testbed *tb, enum role role, pid_t pid)
{
	_cleanup_close_ int fd = openat(tb->cgroup_fd[role], "cgroup.procs", O_WRONLY | O_CLOEXEC);

	if (fd < 0 || dprintf(fd, "%d", (int)pid) < 0)
		return err_r(-errno, "cannot put process %d into the %s's cgroup", (int)pid,
			     role_names[role]);
	return 0;
}

/* Joining a cgroup later makes every fork of the machine wait for an RCU grace period, some 10 ms; being born there
 * does not (clone3, Linux 5.7; containers may forbid it).
 */
pid_t testbed_fork(const struct testbed *tb, enum role role)
{
	struct clone_args args = {
		.flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD, .cgroup = (__u64)tb->cgroup_fd[role]};
	pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));

	if (pid >= 0)
		return pid;
	pid = fork();
	if (!pid && testbed_cgroup_add(tb, role, getpid()))
		_exit(EXIT_FAILED);
	return pid;
}
