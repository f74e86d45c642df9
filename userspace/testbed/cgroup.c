// SPDX-License-Identifier: GPL-2.0-only
/* The v2 hierarchy is found among the mounts, not assumed under /sys/fs/cgroup (v1 and v2 may be
 * mounted side by side). Where none is mounted, as in a bare chroot, a detached mount is used: it
 * has no place in the file system, so no crash can leave it behind.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <mntent.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#include "core/log.h"
#include "testbed/internal.h"

#define DIR_FLAGS     (O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
#define EMPTY_WAIT_NS (5 * NSEC_PER_SEC)
#define POLL_US	      2000

/* Called with the root of a hierarchy; nonzero stops the search and is its result. */
typedef int (*hierarchy_fn)(int root_fd, const char *id);

/* The next mount of type cgroup2 in the table, or NULL. */
static struct mntent *next_cgroup2(FILE *table)
{
	struct mntent *m;

	while (table && (m = getmntent(table)))
		if (!strcmp(m->mnt_type, "cgroup2"))
			return m;
	return NULL;
}

/* Not a part of it bound elsewhere: only the root has no such file. */
static bool is_hierarchy_root(int fd)
{
	return faccessat(fd, "cgroup.events", F_OK, 0) != 0;
}

/* A failure of the moment: what is there could not be looked at, which is not the same as nothing. */
static int of_the_moment(int err)
{
	return err == -EMFILE || err == -ENFILE || err == -ENOMEM || err == -EIO ? err : 0;
}

/* Try the mounts of the hierarchy's root first: ids and limits are then as everyone sees them. */
static int each_mounted(hierarchy_fn fn, const char *id, bool *any)
{
	int pass, err = 0;

	for (pass = 0; pass < 2 && !err; pass++) {
		FILE *table = setmntent("/proc/self/mounts", "re");
		struct statfs fs;
		struct mntent *m;

		if (!table)
			return of_the_moment(-errno);
		while (!err && (m = next_cgroup2(table))) {
			_cleanup_close_ int fd = -1;

			if (hasmntopt(m, "ro"))
				continue;
			*any = true;
			fd = open(m->mnt_dir, DIR_FLAGS);
			if (fd < 0 || fstatfs(fd, &fs))
				err = of_the_moment(-errno);
			else if (fs.f_type == CGROUP2_SUPER_MAGIC && /* or something is mounted over it */
				 is_hierarchy_root(fd) == (pass == 0))
				err = fn(fd, id);
		}
		endmntent(table);
	}
	return err;
}

/* Mounting cgroup2 anew sets the options of the whole hierarchy, so take over those the host chose.
 * The kernel refuses those that are of the mount only.
 */
static void copy_host_options(int fs_fd)
{
	FILE *table = setmntent("/proc/1/mounts", "re");
	struct mntent *m = next_cgroup2(table);
	char *option, *save = NULL;

	for (option = m ? strtok_r(m->mnt_opts, ",", &save) : NULL; option;
	     option = strtok_r(NULL, ",", &save))
		if (strcmp(option, "rw") && strcmp(option, "ro"))
			syscall(SYS_fsconfig, fs_fd, FSCONFIG_SET_FLAG, option, NULL, 0);
	if (table)
		endmntent(table);
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
		return of_the_moment(mount_fd) ?: -ENOTSUP;
	root_fd = openat(mount_fd, ".", DIR_FLAGS); /* fsmount() gives an O_PATH descriptor */
	return root_fd < 0 ? of_the_moment(-errno) ?: -ENOTSUP : fn(root_fd, id);
}

/* ---- making -------------------------------------------------------------------------------- */

int cgroup_make_child(int parent_fd, const char *name)
{
	int fd, err;

	if (mkdirat(parent_fd, name, 0755))
		return -errno;
	fd = openat(parent_fd, name, DIR_FLAGS);
	if (fd >= 0)
		return fd;
	err = -errno;
	unlinkat(parent_fd, name, AT_REMOVEDIR);
	return err;
}

static char *run_cgroup_name(const char *id)
{
	_cleanup_free_ char *mark = run_mark(id);

	return xasprintf("copyscope-%s", mark);
}

/* A descriptor is handed on plus 1; 0: not writable, try the next hierarchy. */
static int make_in(int root_fd, const char *id)
{
	_cleanup_free_ char *name = run_cgroup_name(id);
	int fd = cgroup_make_child(root_fd, name);

	if (fd == -EROFS || fd == -EACCES || fd == -EPERM)
		return 0;
	return fd < 0 ? fd : fd + 1;
}

int cgroup_make(const char *id)
{
	int r = each_hierarchy(make_in, id);

	if (r > 0)
		return r - 1;
	if (r == -EEXIST)
		return r;
	if (r && r != -ENOTSUP)
		return err_r(r, "cannot make a cgroup");
	return fail_r(-ENOTSUP, "no writable cgroup v2 hierarchy: mount one with "
				"`mount -t cgroup2 none DIR` (kernel with CONFIG_CGROUPS)");
}

/* ---- removing ------------------------------------------------------------------------------ */

/* The kernel kills who is inside, and nobody else: a pid that was read might be another's by now. Where it
 * does not (before Linux 5.14), the roles have died with their parent, and rmdir says if not.
 */
static void kill_all(int dir_fd)
{
	_cleanup_close_ int fd = openat(dir_fd, "cgroup.kill", O_WRONLY | O_CLOEXEC);

	if (fd >= 0 && write(fd, "1", 1) != 1)
		log_debug("cgroup.kill: %m");
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
	_cleanup_free_ char *name = run_cgroup_name(id);
	uint64_t deadline_ns = monotonic_ns() + EMPTY_WAIT_NS;
	int err;

	/* EBUSY until the last killed process is gone. */
	while ((err = remove_below(root_fd, name, 4)) == -EBUSY && monotonic_ns() < deadline_ns)
		usleep(POLL_US);
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
