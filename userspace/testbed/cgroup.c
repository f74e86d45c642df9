// SPDX-License-Identifier: GPL-2.0-only
/* The v2 hierarchy is found in mountinfo, not assumed under /sys/fs/cgroup (v1 and v2 may be
 * mounted side by side). Where none is mounted, as in a bare chroot, a detached mount is used: it
 * has no place in the file system, so no crash can leave it behind.
 */
#include "testbed/cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <time.h>

#include "core/log.h"
#include "testbed/mountinfo.h"

#define DIR_FLAGS      (O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
#define EMPTY_WAIT_NS  (5 * NSEC_PER_SEC)
#define POLL_NS	       (2 * NSEC_PER_MSEC)
#define FILEID_KERNFS_ 0xfe /* FILEID_KERNFS: the handle is the 64-bit kernfs id */

/* Called with the root of a hierarchy; nonzero stops the search and is its result. */
typedef int (*hierarchy_fn)(int root_fd, const char *id);

static int try_mount(const struct cgroup2_mount *m, hierarchy_fn fn, const char *id)
{
	_cleanup_close_ int fd = open(m->mount_point, DIR_FLAGS);
	struct statfs fs;

	/* Something else may be mounted over it. */
	if (fd < 0 || fstatfs(fd, &fs) || fs.f_type != CGROUP2_SUPER_MAGIC)
		return 0;
	return fn(fd, id);
}

/* Try the mounts of the hierarchy's root first: ids and limits are then as everyone sees them. */
static int each_mounted(hierarchy_fn fn, const char *id, bool *any)
{
	_cleanup_free_ char *line = NULL;
	int pass, err = 0;
	size_t cap = 0;

	for (pass = 0; pass < 2 && !err; pass++) {
		_cleanup_fclose_ FILE *f = fopen("/proc/self/mountinfo", "re");
		struct cgroup2_mount m;

		if (!f)
			return 0;
		while (!err && getline(&line, &cap, f) > 0) {
			if (!mountinfo_parse_cgroup2(line, &m))
				continue;
			if (!m.read_only && m.whole == (pass == 0)) {
				*any = true;
				err = try_mount(&m, fn, id);
			}
			cgroup2_mount_clear(&m);
		}
	}
	return err;
}

/* Mounting cgroup2 anew sets the options of the whole hierarchy, so take over those the host chose.
 */
static void copy_host_options(int fs_fd)
{
	_cleanup_fclose_ FILE *f = fopen("/proc/1/mountinfo", "re");
	_cleanup_free_ char *line = NULL;
	char *option, *save = NULL;
	struct cgroup2_mount m;
	size_t cap = 0;

	while (f && getline(&line, &cap, f) > 0) {
		if (!mountinfo_parse_cgroup2(line, &m))
			continue;
		for (option = strtok_r(m.super_options, ",", &save); option;
		     option = strtok_r(NULL, ",", &save))
			if (strcmp(option, "rw") && strcmp(option, "ro"))
				syscall(SYS_fsconfig, fs_fd, FSCONFIG_SET_FLAG, option, NULL, 0);
		cgroup2_mount_clear(&m);
		return;
	}
}

static int mount_detached(void)
{
	_cleanup_close_ int fs_fd = (int)syscall(SYS_fsopen, "cgroup2", FSOPEN_CLOEXEC);
	int fd;

	if (fs_fd < 0)
		return -errno;
	copy_host_options(fs_fd);
	if (syscall(SYS_fsconfig, fs_fd, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		return -errno;
	fd = (int)syscall(SYS_fsmount, fs_fd, FSMOUNT_CLOEXEC,
			  MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
	return fd < 0 ? -errno : fd;
}

/* fn on every hierarchy that can be reached, until one gives nonzero. -ENOTSUP: there is none. */
static int each_hierarchy(hierarchy_fn fn, const char *id)
{
	_cleanup_close_ int mount_fd = -1, root_fd = -1;
	bool any = false;
	int err = each_mounted(fn, id, &any);

	if (err || any)
		return err;
	mount_fd = mount_detached();
	if (mount_fd < 0)
		return -ENOTSUP;
	root_fd = openat(mount_fd, ".", DIR_FLAGS); /* fsmount() gives an O_PATH descriptor */
	return root_fd < 0 ? -ENOTSUP : fn(root_fd, id);
}

/* ---- making -------------------------------------------------------------------------------- */

int cgroup_make_child(int parent_fd, const char *name)
{
	int fd;

	if (mkdirat(parent_fd, name, 0755))
		return -errno;
	fd = openat(parent_fd, name, DIR_FLAGS);
	return fd < 0 ? -errno : fd;
}

static char *run_cgroup_name(const char *id)
{
	return xasprintf("copyscope-%s", id);
}

/* 0 (try the next hierarchy) unless made or the name is taken; a descriptor is handed on plus 1. */
static int make_in(int root_fd, const char *id)
{
	_cleanup_free_ char *name = run_cgroup_name(id);
	int fd = cgroup_make_child(root_fd, name);

	return fd >= 0 ? fd + 1 : fd == -EEXIST ? -EEXIST : 0;
}

int cgroup_make(const char *id)
{
	int r = each_hierarchy(make_in, id);

	if (r > 0)
		return r - 1;
	if (r == -EEXIST)
		return r;
	return fail_r(-ENOTSUP, "no writable cgroup v2 hierarchy: mount one with "
				"`mount -t cgroup2 none DIR` (kernel with CONFIG_CGROUPS)");
}

uint64_t cgroup_id(int fd)
{
	union {
		struct file_handle h;
		char room[sizeof(struct file_handle) + sizeof(uint64_t)];
	} u = {.h.handle_bytes = sizeof(uint64_t)};
	struct stat st;
	uint64_t id;
	int mount_id;

	if (!name_to_handle_at(fd, "", &u.h, &mount_id, AT_EMPTY_PATH) &&
	    u.h.handle_type == FILEID_KERNFS_ && u.h.handle_bytes == sizeof(id)) {
		memcpy(&id, u.room + offsetof(struct file_handle, f_handle), sizeof(id));
		return id;
	}
	/* The inode number is the kernfs id where ino_t has 64 bits. */
	return fstat(fd, &st) ? 0 : st.st_ino;
}

/* ---- removing ------------------------------------------------------------------------------ */

static void kill_listed(int dir_fd)
{
	int fd = openat(dir_fd, "cgroup.procs", O_RDONLY | O_CLOEXEC);
	_cleanup_fclose_ FILE *f = fd < 0 ? NULL : fdopen(fd, "r");
	int pid;

	/* 0: a process of another pid namespace; kill(0) would hit ourselves. */
	while (f && fscanf(f, "%d", &pid) == 1)
		if (pid > 0 && pid != getpid())
			kill(pid, SIGKILL);
}

static void kill_all(int dir_fd)
{
	_cleanup_close_ int fd = openat(dir_fd, "cgroup.kill", O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, "1", 1) != 1) /* before Linux 5.14 */
		kill_listed(dir_fd);
}

/* Remove dir_fd/name with all cgroups below it, depth first. */
static int remove_below(int dir_fd, const char *name, int depth)
{
	int fd = openat(dir_fd, name, DIR_FLAGS), err = 0;
	struct dirent *e;
	DIR *d;

	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	kill_all(fd);
	d = fdopendir(fd);
	if (!d) {
		close(fd);
		return -ENOMEM;
	}
	while ((e = readdir(d)))
		if (e->d_type == DT_DIR && e->d_name[0] != '.' && depth)
			err = remove_below(fd, e->d_name, depth - 1) ?: err;
	closedir(d);
	if (!unlinkat(dir_fd, name, AT_REMOVEDIR) || errno == ENOENT)
		return 0;
	return err ?: -errno;
}

static int remove_in(int root_fd, const char *id)
{
	static const struct timespec poll = {.tv_nsec = POLL_NS};
	_cleanup_free_ char *name = run_cgroup_name(id);
	uint64_t deadline_ns = monotonic_ns() + EMPTY_WAIT_NS;
	int err;

	/* EBUSY until the last killed process is gone. */
	while ((err = remove_below(root_fd, name, 4)) == -EBUSY && monotonic_ns() < deadline_ns)
		nanosleep(&poll, NULL);
	if (err)
		return err_r(err, "cannot remove cgroup %s (kill its processes, then rmdir it)",
			     name);
	return 0;
}

int cgroup_remove(const char *id)
{
	int err = each_hierarchy(remove_in, id);

	return err == -ENOTSUP ? 0 : err; /* no hierarchy, no cgroups */
}
