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

int file_alloc_messages(struct sender *s, int *out)
{
	const char *dir = s->opt->file_dir;
	_cleanup_close_ int fd = dir ? open_in(s, dir) : memfd_create("copyscope", MFD_CLOEXEC);
	int err;

	if (fd < 0)
		return dir ? fd : -errno;
	err = sender_map_file(s, s->opt->ring, fd);
	if (!err)
		*out = take_fd(&fd);
	return err;
}
