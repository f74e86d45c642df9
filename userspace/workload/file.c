// SPDX-License-Identifier: GPL-2.0-only
#include "workload/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>

static int open_in(struct sender *s, const char *dir)
{
	int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600), err = errno;

	if (fd < 0)
		s->error = xasprintf("--file-dir %s: %s: name a directory that user %u may write to, on a file system "
				     "with O_TMPFILE", dir, strerror(err), (unsigned int)geteuid());
	return fd < 0 ? -err : fd;
}

/* By its inode, not by F_SETFL: of a memfd that knows O_DIRECT (tmpfs, 6.6), the open file does not. */
static int open_direct(struct sender *s, int fd)
{
	_cleanup_free_ char *path = xasprintf("/proc/self/fd/%d", fd);
	int direct = open(path, O_RDONLY | O_DIRECT | O_CLOEXEC), err = errno;

	if (direct < 0)
		s->error = xasprintf("--direct: %s: name a directory on a file system that takes O_DIRECT (--file-dir)",
				     strerror(err));
	return direct < 0 ? -err : direct;
}

int file_alloc_messages(struct sender *s, int *out)
{
	const char *dir = s->opt->file_dir;
	_cleanup_close_ int fd = dir ? open_in(s, dir) : memfd_create("copyscope", MFD_CLOEXEC);
	int err;

	if (fd < 0)
		return dir ? fd : -errno;
	err = sender_map_file(s, s->opt->ring, fd);
	if (err)
		return err;
	*out = s->opt->direct ? open_direct(s, fd) : take_fd(&fd);
	return MIN(*out, 0);
}

int file_error(struct sender *s, ssize_t n)
{
	int err = n ? errno : EIO; /* the file ends where no message ends */

	if (err == EINVAL && s->opt->direct && !s->error)
		s->error = xstrdup("--direct: this file system reads whole blocks only: use a SIZE and a --chunk of such");
	return -err;
}
