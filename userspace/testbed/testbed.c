// SPDX-License-Identifier: GPL-2.0-only
/* A testbed's life: up, the questions a run asks it, down. */
#include "testbed/testbed.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <limits.h>
#include <sched.h>
#include <string.h>

#include "core/caps.h"
#include "core/log.h"
#include "testbed/cgroup.h"
#include "testbed/internal.h"
#include "testbed/ip.h"

#define ID_ATTEMPTS 16

static const enum role roles[] = {ROLE_SERVER, ROLE_CLIENT};

static bool netns_taken(const char *id)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(roles); i++) {
		_cleanup_free_ char *name = run_netns_name(id, roles[i]);
		_cleanup_free_ char *path = netns_path(name);

		if (!faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW))
			return true;
	}
	return false;
}

/* A state directory under an id that is free everywhere, and the run's cgroup, whose descriptor is
 * given.
 */
static int claim_id(struct run_dir *run)
{
	int attempt, err, fd;

	for (attempt = 0; attempt < ID_ATTEMPTS; attempt++) {
		err = run_dir_create(STATE_BASE, run);
		if (err)
			return err;
		fd = netns_taken(run->id) ? -EEXIST : cgroup_make(run->id);
		if (fd >= 0)
			return fd;
		run_dir_remove(STATE_BASE, run);
		if (fd != -EEXIST)
			return fd;
	}
	return fail_r(-EEXIST, "no free run id: remove leftovers cs-* (ip netns) and copyscope-* "
			       "(cgroups)");
}

static int make_cgroups(struct testbed *tb, int run_fd)
{
	enum role role;
	size_t i;
	int fd;

	for (i = 0; i < ARRAY_SIZE(roles); i++) {
		role = roles[i];
		fd = cgroup_make_child(run_fd, role_names[role]);
		if (fd < 0)
			return err_r(fd, "cannot make the %s's cgroup", role_names[role]);
		tb->cgroup_fd[role] = fd;
		tb->cgroup_id[role] = cgroup_id(fd);
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
	_cleanup_free_ char *commands = NULL;
	int err;

	tb->netns[ROLE_SERVER] = run_netns_name(tb->run.id, ROLE_SERVER);
	tb->netns[ROLE_CLIENT] =
		run_netns_name(tb->run.id, tb->path->one_netns ? ROLE_SERVER : ROLE_CLIENT);
	commands = tb->path->one_netns ? xasprintf("netns add %s\n", tb->netns[ROLE_SERVER])
				       : xasprintf("netns add %s\nnetns add %s\n",
						   tb->netns[ROLE_SERVER], tb->netns[ROLE_CLIENT]);
	err = ip_batch(NULL, commands, tb->run.lock_fd);
	if (!err)
		err = open_netns(tb, ROLE_SERVER);
	if (!err)
		err = open_netns(tb, ROLE_CLIENT);
	return err;
}

static struct testbed *testbed_new(const struct testbed_path *path)
{
	struct testbed *tb = xcalloc(1, sizeof(*tb));
	enum role role;

	tb->path = path;
	tb->run = RUN_DIR_NONE;
	for (role = 0; role < ROLE_MAX_; role++)
		tb->netns_fd[role] = tb->cgroup_fd[role] = -1;
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
	run_dir_release(&tb->run);
	free(tb);
}

static int unknown_path_r(const char *spec)
{
	_cleanup_free_ char *known = xstrdup("");
	size_t i;

	for (i = 0; testbed_paths[i]; i++) {
		_cleanup_free_ char *before = take_ptr(known);
		const char *argument = testbed_paths[i]->argument;

		known = xasprintf("%s%s%s%s%s", before, i ? ", " : "", testbed_paths[i]->name,
				  argument ? ":" : "", argument ? argument : "");
	}
	return fail_r(-EINVAL, "no path '%s': use one of %s", spec, known);
}

int testbed_up(const struct testbed_config *config, struct testbed **out)
{
	const struct testbed_path *path = testbed_path_find(config->path);
	_cleanup_close_ int run_fd = -1;
	struct testbed *tb;
	const char *colon;
	int err;

	if (!path)
		return unknown_path_r(config->path);
	if (!capability_held(CAP_SYS_ADMIN) || !capability_held(CAP_NET_ADMIN))
		return fail_r(-EPERM, "needs root (CAP_SYS_ADMIN, CAP_NET_ADMIN): run with sudo");
	tb = testbed_new(path);
	run_fd = claim_id(&tb->run);
	if (run_fd < 0) {
		testbed_free(tb);
		return run_fd;
	}
	err = make_cgroups(tb, run_fd);
	if (!err)
		err = make_netns(tb);
	colon = strchr(config->path, ':');
	if (!err)
		err = path->up(tb, colon ? colon + 1 : NULL);
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

	if (!tb)
		return;
	if (tb->path->down)
		tb->path->down(tb);
	if (!run_tear_down(&tb->run))
		run_dir_remove(STATE_BASE, &tb->run);
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
	return tb->path->address[role];
}

int testbed_enter_netns(const struct testbed *tb, enum role role)
{
	if (setns(tb->netns_fd[role], CLONE_NEWNET))
		return err_r(-errno, "cannot enter network namespace %s", tb->netns[role]);
	close(tb->run.lock_fd); /* this process's share of the lock; the parent keeps its own */
	return 0;
}

uint64_t testbed_cgroup_id(const struct testbed *tb, enum role role)
{
	return tb->cgroup_id[role];
}

int testbed_cgroup_add(const struct testbed *tb, enum role role, pid_t pid)
{
	_cleanup_close_ int fd = openat(tb->cgroup_fd[role], "cgroup.procs", O_WRONLY | O_CLOEXEC);

	if (fd < 0 || dprintf(fd, "%d", (int)pid) < 0)
		return err_r(-errno, "cannot put process %d into the %s's cgroup", (int)pid,
			     role_names[role]);
	return 0;
}

/* The path as recovery will walk it: absolute, and free of links but for its last component. */
static int canonical(const char *path, char **out)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	_cleanup_free_ char *dir = slash ? strndup(path, (size_t)(slash - path) ?: 1) : strdup(".");
	_cleanup_free_ char *real = dir ? realpath(dir, NULL) : NULL, *full = NULL;

	if (!real)
		return -errno;
	full = xasprintf("%s/%s", strcmp(real, "/") ? real : "", name);
	if (!temp_path_valid(full))
		return -EINVAL;
	*out = take_ptr(full);
	return 0;
}

static int note_path(struct testbed *tb, enum state_op op, const char *path)
{
	_cleanup_free_ char *full = NULL;
	int err = canonical(path, &full);

	if (!err)
		err = state_append(&tb->run, op, full);
	return err ? err_r(err, "cannot note %s in the run's state", path) : 0;
}

int testbed_remember_path(struct testbed *tb, const char *path)
{
	return note_path(tb, STATE_TEMP, path);
}

int testbed_forget_path(struct testbed *tb, const char *path)
{
	return note_path(tb, STATE_FORGET, path);
}
