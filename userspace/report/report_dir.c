// SPDX-License-Identifier: GPL-2.0-only
#include "report/report_dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <ftw.h>
#include <string.h>
#include <sys/stat.h>

#include "core/log.h"
#include "core/result_json.h"

static bool is_empty(const char *dir)
{
	DIR *d = opendir(dir);
	const struct dirent *e;
	bool empty = true;

	if (!d)
		return false;
	while (empty && (e = readdir(d)))
		empty = !strcmp(e->d_name, ".") || !strcmp(e->d_name, "..");
	closedir(d);
	return empty;
}

/* A results.json that begins as ours do: enough to know an earlier report from a home directory. */
static bool is_report(const char *dir)
{
	_cleanup_free_ char *path = xasprintf("%s/results.json", dir);
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
	char head[256];
	struct stat st;
	ssize_t len;

	if (fd < 0 || fstat(fd, &st) || !S_ISREG(st.st_mode))
		return false;
	len = read(fd, head, sizeof(head) - 1);
	head[MAX(len, (ssize_t)0)] = '\0';
	return strstr(head, "\"schema\"") && strstr(head, "\"" RESULT_SCHEMA "\"");
}

int report_check_dir(const char *dir)
{
	struct stat st;

	if (stat(dir, &st)) {
		if (errno == ENOENT)
			return 0;
		return err_r(-errno, "%s", dir);
	}
	if (!S_ISDIR(st.st_mode))
		return fail_r(-ENOTDIR, "%s is not a directory: choose another with --out", dir);
	if (!is_empty(dir) && !is_report(dir))
		return fail_r(-ENOTEMPTY, "%s is not empty and not an earlier report: choose another "
			      "directory with --out", dir);
	return 0;
}

/* dir without trailing slashes and, if it is a symbolic link, what it leads to: rename(2) must get
 * the directory itself. The caller frees.
 */
static char *real_target(const char *dir)
{
	char *path = realpath(dir, NULL);
	size_t len;

	if (path)
		return path;
	path = xstrdup(*dir ? dir : ".");
	for (len = strlen(path); len > 1 && path[len - 1] == '/'; len--)
		path[len - 1] = '\0';
	return path;
}

int report_dir_begin(const char *dir, const struct report_opts *opts, char **tmp, int *fd)
{
	_cleanup_free_ char *target = real_target(dir), *path = NULL;
	int err = report_check_dir(dir), dirfd;

	if (err)
		return err;
	path = opts->tmp ? xstrdup(opts->tmp) : xasprintf("%s.tmp-XXXXXX", target);
	if (!opts->tmp && !mkdtemp(path))
		return err_r(-errno, "create a directory beside %s (choose a writable place with "
			     "--out)", target);
	dirfd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dirfd < 0 || fchmod(dirfd, 0755)) {
		err = err_r(-errno, "open %s", path);
		if (dirfd >= 0)
			close(dirfd);
		rmdir(path);
		return err;
	}
	*tmp = take_ptr(path);
	*fd = dirfd;
	return 0;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void remove_tree(const char *path)
{
	nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

void report_dir_abort(const char *tmp)
{
	remove_tree(tmp);
}

/* ---- ownership ----------------------------------------------------------------------------- */

static int chown_entries(int dirfd, const struct report_opts *opts)
{
	int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), err = 0;
	const struct dirent *e;
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;

	if (!d) {
		err = -errno;
		if (fd >= 0)
			close(fd);
		return err;
	}
	while (!err && (e = readdir(d))) {
		int sub;

		if (!strcmp(e->d_name, ".."))
			continue;
		if (fchownat(dirfd, e->d_name, opts->uid, opts->gid, AT_SYMLINK_NOFOLLOW)) {
			err = -errno;
		} else if (e->d_type == DT_DIR && strcmp(e->d_name, ".")) {
			sub = openat(dirfd, e->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
			err = sub < 0 ? -errno : chown_entries(sub, opts);
			if (sub >= 0)
				close(sub);
		}
	}
	closedir(d);
	return err;
}

/* ---- into place ---------------------------------------------------------------------------- */

/* The format that writes a file of this name, or NULL: then it is not ours. */
static const struct report_format *writer_of(const char *name)
{
	size_t i;

	for (i = 0; i < report_formats_cnt; i++)
		if (!fnmatch(report_formats[i].file, name, 0))
			return &report_formats[i];
	return NULL;
}

/* What is in the old directory and not in the new one moves over, unless this report was to replace
 * it: a foreign file, or with opts->formats a file of a format not asked for.
 */
static int carry_over(const char *old, const char *new, const struct report_opts *opts)
{
	const struct dirent *e;
	DIR *d = opendir(old);
	int err = 0;

	if (!d)
		return -errno;
	while (!err && (e = readdir(d))) {
		_cleanup_free_ char *from = NULL, *to = NULL;

		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		if (!opts->formats && writer_of(e->d_name))
			continue;
		from = xasprintf("%s/%s", old, e->d_name);
		to = xasprintf("%s/%s", new, e->d_name);
		if (access(to, F_OK) && rename(from, to))
			err = -errno;
	}
	closedir(d);
	return err;
}

static int exchange(const char *dir, const char *tmp, const struct report_opts *opts)
{
	_cleanup_free_ char *old = NULL;
	int err;

	if (!renameat2(AT_FDCWD, tmp, AT_FDCWD, dir, RENAME_EXCHANGE)) {
		old = xstrdup(tmp); /* the names have changed places */
	} else {
		/* file systems without exchange: for a moment there is no report */
		old = xasprintf("%s.old", tmp);
		if (rename(dir, old))
			return -errno;
		if (rename(tmp, dir)) {
			err = -errno;
			rename(old, dir);
			return err;
		}
	}
	err = carry_over(old, dir, opts);
	if (err) {
		log_warn("%s: kept, because a file of it could not be moved to %s", old, dir);
		return 0;
	}
	remove_tree(old);
	return 0;
}

/* Not under the name of opts->tmp: who cleans up after a killed run removes that, and between the
 * exchange and its end it would hold files that are not ours.
 */
static int replace(const char *dir, const char *tmp, const struct report_opts *opts)
{
	_cleanup_free_ char *new = xasprintf("%s.new-%ld", dir, (long)getpid());
	int err;

	if (!opts->tmp)
		return exchange(dir, tmp, opts);
	if (rename(tmp, new))
		return -errno;
	err = exchange(dir, new, opts);
	if (err)
		rename(new, tmp);
	return err;
}

int report_dir_commit(const char *dir, const char *tmp, int fd, const struct report_opts *opts)
{
	_cleanup_free_ char *target = real_target(dir);
	int err = 0;

	if (opts->uid != (uid_t)-1 || opts->gid != (gid_t)-1) {
		err = chown_entries(fd, opts);
		if (err)
			return err_r(err, "give %s to its owner", dir);
	}
	/* also takes the place of an empty directory */
	if (!rename(tmp, target))
		return 0;
	err = errno == ENOTEMPTY || errno == EEXIST ? replace(target, tmp, opts) : -errno;
	return err ? err_r(err, "rename %s to %s", tmp, target) : 0;
}

int report_link_latest(const char *parent, const char *name)
{
	_cleanup_free_ char *link = xasprintf("%s/latest", parent);
	_cleanup_free_ char *tmp = xasprintf("%s/.latest-%ld", parent, (long)getpid());
	struct stat st;
	int err;

	if (!lstat(link, &st) && !S_ISLNK(st.st_mode))
		return fail_r(-EEXIST, "%s is not a symbolic link: move it away", link);
	unlink(tmp);
	if (symlink(name, tmp))
		return err_r(-errno, "create %s", tmp);
	if (rename(tmp, link)) {
		err = -errno;
		unlink(tmp);
		return err_r(err, "rename %s to %s", tmp, link);
	}
	return 0;
}
