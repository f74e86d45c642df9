// SPDX-License-Identifier: GPL-2.0-only
/* Removing a directory tree as root. Every step is relative to a descriptor opened with O_NOFOLLOW,
 * so nobody can lead the removal elsewhere by exchanging a directory for a link meanwhile.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "testbed/internal.h"

#define DEPTH_MAX 64

static int remove_entry(int dir_fd, const char *name, dev_t device, int depth);

static int remove_content(int fd, dev_t device, int depth)
{
	struct dirent *e;
	DIR *d = fdopendir(fd);
	int err = 0;

	if (!d) {
		close(fd);
		return -ENOMEM;
	}
	while ((e = readdir(d)))
		if (strcmp(e->d_name, ".") && strcmp(e->d_name, ".."))
			err = remove_entry(dirfd(d), e->d_name, device, depth - 1) ?: err;
	closedir(d);
	return err;
}

/* device: where the entry must be, or something is mounted there. */
static int remove_entry(int dir_fd, const char *name, dev_t device, int depth)
{
	struct stat st;
	int fd, err;

	if (!unlinkat(dir_fd, name, 0) || errno == ENOENT)
		return 0;
	err = -errno;
	/* Read-only comes before not there. */
	if (err == -EROFS && fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) && errno == ENOENT)
		return 0;
	if (err != -EISDIR && err != -EPERM) /* POSIX gives EPERM for a directory */
		return err;
	fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (!depth || fstat(fd, &st) || st.st_dev != device) {
		close(fd);
		return depth ? -EXDEV : -ELOOP;
	}
	err = remove_content(fd, device, depth);
	if (!unlinkat(dir_fd, name, AT_REMOVEDIR))
		return 0;
	return err ?: -errno;
}

int tree_remove(const char *path)
{
	_cleanup_free_ char *copy = xstrdup(path);
	_cleanup_close_ int at = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	char *save = NULL, *name, *next;
	struct stat st;

	name = strtok_r(copy, "/", &save);
	if (path[0] != '/' || !name || at < 0)
		return -EINVAL;
	while ((next = strtok_r(NULL, "/", &save))) {
		int fd = openat(at, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

		if (fd < 0)
			return errno == ENOENT ? 0 : -errno;
		close(at);
		at = fd;
		name = next;
	}
	return fstat(at, &st) ? -errno : remove_entry(at, name, st.st_dev, DEPTH_MAX);
}
