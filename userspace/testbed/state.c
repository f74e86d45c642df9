// SPDX-License-Identifier: GPL-2.0-only
/* Making, locking and removing state directories. A lock on the base directory, held for moments
 * only, orders these against each other: no run can be seen between its mkdir and its lock.
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

/* Open base/id and lock it; the caller holds the base lock. */
static int lock_run(int base_fd, const char *id, struct run_dir *out)
{
	_cleanup_close_ int dir_fd = openat(base_fd, id, DIR_FLAGS), lock_fd = -1;

	if (dir_fd < 0)
		return -errno;
	lock_fd = openat(dir_fd, "lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (lock_fd < 0 || flock(lock_fd, LOCK_EX | LOCK_NB))
		return -errno;
	*out = RUN_DIR_NONE;
	strcpy(out->id, id);
	out->dir_fd = take_fd(&dir_fd);
	out->lock_fd = take_fd(&lock_fd);
	return 0;
}

void run_dir_release(struct run_dir *run)
{
	cleanup_close(&run->lock_fd);
	cleanup_close(&run->dir_fd);
	*run = RUN_DIR_NONE;
}

static void forget(int base_fd, const char *id, struct run_dir *run)
{
	_cleanup_free_ char *lock = xasprintf("%s/lock", id);

	unlinkat(base_fd, lock, 0);
	unlinkat(base_fd, id, AT_REMOVEDIR);
	run_dir_release(run);
}

static int create_locked(int base_fd, struct run_dir *out)
{
	unsigned char random[3];
	char id[RUN_ID_SIZE];
	int attempt, err;

	for (attempt = 0; attempt < ID_ATTEMPTS; attempt++) {
		if (getrandom(random, sizeof(random), 0) != sizeof(random))
			return -EIO;
		snprintf(id, sizeof(id), "%02x%02x%02x", random[0], random[1], random[2]);
		if (mkdirat(base_fd, id, 0700)) {
			if (errno == EEXIST)
				continue;
			return -errno;
		}
		err = lock_run(base_fd, id, out);
		if (!err && dprintf(out->lock_fd, "%d\n", (int)getpid()) < 0)
			err = -errno;
		if (err)
			forget(base_fd, id, out);
		return err;
	}
	return -EEXIST;
}

int run_dir_create(const char *base, struct run_dir *out)
{
	_cleanup_close_ int base_fd = lock_base(base, true);
	int err;

	if (base_fd < 0)
		return base_fd;
	*out = RUN_DIR_NONE;
	err = create_locked(base_fd, out);
	if (!err)
		return 0;
	rmdir(base); /* fails unless it is empty */
	return cannot_use_base_r(err, base);
}

int run_dir_take(const char *base, const char *id, struct run_dir *out)
{
	_cleanup_close_ int base_fd = lock_base(base, false);
	int err;

	if (base_fd < 0)
		return base_fd;
	err = lock_run(base_fd, id, out);
	if (err == -EWOULDBLOCK || err == -ENOENT)
		return err;
	return err ? err_r(err, "cannot lock %s/%s (remove it)", base, id) : 0;
}

int run_dirs_list(const char *base, struct path_list *ids)
{
	int fd = lock_base(base, false);
	struct dirent *e;
	DIR *d;

	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	d = fdopendir(fd);
	if (!d) {
		close(fd);
		return -ENOMEM;
	}
	while ((e = readdir(d))) {
		if (!run_id_valid(e->d_name))
			continue;
		array_grow(ids->path, ids->cnt, ids->cap);
		ids->path[ids->cnt++] = xstrdup(e->d_name);
	}
	closedir(d); /* and with it the lock */
	return 0;
}

bool run_dir_owner_gone(const char *base, const char *id)
{
	_cleanup_free_ char *path = xasprintf("%s/%s/lock", base, id);
	_cleanup_fclose_ FILE *f = fopen(path, "re");
	int pid;

	return f && fscanf(f, "%d", &pid) == 1 && pid > 0 && kill(pid, 0) && errno == ESRCH;
}

int run_dir_remove(const char *base, struct run_dir *run)
{
	_cleanup_close_ int base_fd = lock_base(base, false);
	int err = base_fd < 0 ? base_fd : 0;

	if (!err) {
		/* The lock goes last, and with the base locked nobody can come between. */
		unlinkat(run->dir_fd, "state", 0);
		unlinkat(run->dir_fd, "lock", 0);
		if (unlinkat(base_fd, run->id, AT_REMOVEDIR))
			err = err_r(-errno, "cannot remove %s/%s (remove it by hand)", base, run->id);
		rmdir(base); /* fails while other runs are in it */
	}
	run_dir_release(run);
	return err;
}
