// SPDX-License-Identifier: GPL-2.0-only
/* Making, locking and removing the state of runs. A lock on the base directory, held for moments only,
 * orders these against each other: no file can be seen before its lock.
 * flock(2) locks belong to the open file, so they vanish with the last process that has it, however
 * that ends.
 */
#include "testbed/state.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "core/log.h"

#define DIR_FLAGS   (O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
#define ID_ATTEMPTS 64

bool run_id_valid(const char *id)
{
	return strlen(id) == RUN_ID_SIZE - 1 && strspn(id, "0123456789abcdef") == RUN_ID_SIZE - 1;
}

char *state_base(void)
{
	return geteuid() ? xasprintf(STATE_BASE "-%u", geteuid()) : xstrdup(STATE_BASE);
}

char *run_mark(const char *id)
{
	return geteuid() ? xasprintf("%s-%u", id, geteuid()) : xstrdup(id);
}

/* Is fd still what the path names? */
static bool is_current(const char *path, int fd)
{
	struct stat a, b;

	return !fstat(fd, &a) && !lstat(path, &b) && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

static int cannot_use_base_r(int err, const char *base)
{
	if (err == -ENOTDIR || err == -ELOOP)
		return fail_r(err, "%s is no directory: remove it (rm %s)", base, base);
	return err_r(err, "cannot keep the state of runs in %s%s", base,
		     err == -EMFILE ? " (ulimit -n 1024)" : " (run with sudo, where /run can be written)");
}

/* Whoever can write to the base can have things removed. */
static int check_owner(const char *base, int fd)
{
	struct stat st;

	if (fstat(fd, &st))
		return -errno;
	if (st.st_uid == geteuid() && !(st.st_mode & 022))
		return 0;
	return fail_r(-EPERM, "%s is another user's, or others can write to it: remove it (rm -r %s)", base,
		      base);
}

/* Opens and locks base; made if `create`. -ENOENT, silently: not there, and not to be made. */
static int lock_base(const char *base, bool create)
{
	int err;

	for (;;) {
		_cleanup_close_ int fd = -1;

		if (create && mkdir(base, 0700) && errno != EEXIST)
			return cannot_use_base_r(-errno, base);
		fd = open(base, DIR_FLAGS);
		if (fd < 0 && errno == ENOENT) {
			if (create)
				continue; /* its last run just removed it */
			return -ENOENT;
		}
		if (fd < 0) {
			err = -errno;
			rmdir(base); /* fails unless it is empty */
			return cannot_use_base_r(err, base);
		}
		err = check_owner(base, fd);
		if (err)
			return err;
		/* Held for moments: a signal that wants us to stop can wait. */
		if (TEMP_FAILURE_RETRY(flock(fd, LOCK_EX)))
			return cannot_use_base_r(-errno, base);
		if (is_current(base, fd))
			return take_fd(&fd);
		if (!create)
			return -ENOENT;
	}
}

/* Called with the base locked. */
static int lock_file(int base_fd, const char *id, int flags, struct run_state *out)
{
	_cleanup_close_ int fd =
		openat(base_fd, id, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | flags, 0600);
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	if (flock(fd, LOCK_EX | LOCK_NB))
		return -errno;
	strcpy(out->id, id);
	out->lock_fd = take_fd(&fd);
	return 0;
}

static int create_locked(int base_fd, struct run_state *out)
{
	unsigned char random[3];
	char id[RUN_ID_SIZE];
	int attempt, err = -EEXIST;

	for (attempt = 0; attempt < ID_ATTEMPTS && err == -EEXIST; attempt++) {
		if (getrandom(random, sizeof(random), 0) != sizeof(random))
			return -EIO;
		snprintf(id, sizeof(id), "%02x%02x%02x", random[0], random[1], random[2]);
		err = lock_file(base_fd, id, O_CREAT | O_EXCL, out);
	}
	if (!err && dprintf(out->lock_fd, "%d\n", (int)getpid()) < 0) {
		err = -errno;
		unlinkat(base_fd, id, 0);
		run_state_release(out);
	}
	return err;
}

int run_state_create(const char *base, struct run_state *out)
{
	_cleanup_close_ int base_fd = lock_base(base, true);
	int err;

	if (base_fd < 0)
		return base_fd;
	*out = RUN_STATE_NONE;
	err = create_locked(base_fd, out);
	if (!err)
		return 0;
	rmdir(base); /* fails unless it is empty */
	return cannot_use_base_r(err, base);
}

int run_state_take(const char *base, const char *id, struct run_state *out)
{
	_cleanup_close_ int base_fd = lock_base(base, false);
	int err;

	if (base_fd < 0)
		return base_fd;
	*out = RUN_STATE_NONE;
	err = lock_file(base_fd, id, 0, out);
	if (!err || err == -EWOULDBLOCK || err == -ENOENT)
		return err;
	if (err == -EINVAL || err == -EISDIR || err == -ELOOP)
		return fail_r(err, "%s/%s is not the state of a run: left alone (rm -r %s/%s)", base, id,
			      base, id);
	return err_r(err, "cannot lock %s/%s", base, id);
}

int run_states_list(const char *base, struct run_ids *ids)
{
	int fd = lock_base(base, false);
	struct dirent *e;
	DIR *d;

	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	d = fdopendir(fd);
	if (!d) {
		close(fd);
		return cannot_use_base_r(-ENOMEM, base);
	}
	while ((e = readdir(d))) {
		if (!run_id_valid(e->d_name))
			continue;
		array_grow(ids->id, ids->cnt, ids->cap);
		strcpy(ids->id[ids->cnt++], e->d_name);
	}
	closedir(d); /* and with it the lock */
	return 0;
}

bool run_state_owner_gone(const char *base, const char *id)
{
	_cleanup_free_ char *path = xasprintf("%s/%s", base, id);
	_cleanup_fclose_ FILE *f = fopen(path, "re");
	int pid;

	return f && fscanf(f, "%d", &pid) == 1 && pid > 0 && kill(pid, 0) && errno == ESRCH;
}

void run_state_release(struct run_state *run)
{
	cleanup_close(&run->lock_fd);
	*run = RUN_STATE_NONE;
}

int run_state_remove(const char *base, struct run_state *run)
{
	_cleanup_close_ int base_fd = lock_base(base, false);
	int err = base_fd < 0 ? base_fd : 0;

	if (!err && unlinkat(base_fd, run->id, 0))
		err = err_r(-errno, "cannot remove %s/%s (remove it by hand)", base, run->id);
	if (!err)
		rmdir(base); /* fails while other runs are in it */
	run_state_release(run);
	return err;
}
