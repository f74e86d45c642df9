// SPDX-License-Identifier: GPL-2.0-only
/* The directory of a report: begun beside its place, and put there whole. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <ftw.h>
#include <string.h>
#include <sys/stat.h>

#include "core/log.h"
#include "core/result_json.h"
#include "report/report_ctx.h"

static void cleanup_closedir(DIR **d)
{
	if (*d)
		closedir(*d);
}

#define _cleanup_closedir_ __attribute__((cleanup(cleanup_closedir)))

/* Without "." and ".."; NULL at the end. */
static const struct dirent *next_entry(DIR *d)
{
	const struct dirent *e;

	do {
		e = readdir(d);
	} while (e && (!strcmp(e->d_name, ".") || !strcmp(e->d_name, "..")));
	return e;
}

static bool is_empty(const char *dir)
{
	_cleanup_closedir_ DIR *d = opendir(dir);

	return d && !next_entry(d);
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
	char *path = realpath(dir, NULL) ?: xstrdup(*dir ? dir : ".");
	size_t len;

	for (len = strlen(path); len > 1 && path[len - 1] == '/'; len--)
		path[len - 1] = '\0';
	return path;
}

int report_dir_begin(const char *dir, const struct report_opts *opts, char **tmp, int *fd)
{
	_cleanup_free_ char *target = real_target(dir), *path = NULL;
	_cleanup_close_ int dirfd = -1;
	int err = report_check_dir(dir);

	if (err)
		return err;
	path = opts->tmp ? xstrdup(opts->tmp) : xasprintf("%s.tmp-XXXXXX", target);
	if (!opts->tmp && !mkdtemp(path))
		return err_r(-errno, "create a directory beside %s (choose a writable place with "
			     "--out)", target);
	dirfd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dirfd < 0 || fchmod(dirfd, 0755)) {
		err = err_r(-errno, "open %s", path);
		rmdir(path);
		return err;
	}
	*tmp = take_ptr(path);
	*fd = take_fd(&dirfd);
	return 0;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void report_dir_remove(const char *path)
{
	nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

/* ---- ownership ----------------------------------------------------------------------------- */

/* Of a directory and all below it; fd is closed. */
static int chown_tree(int fd, const struct report_opts *opts)
{
	_cleanup_closedir_ DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *e;
	int err = 0;

	if (!d || fchown(fd, opts->uid, opts->gid))
		return -errno;
	while (!err && (e = next_entry(d))) {
		if (e->d_type == DT_DIR)
			err = chown_tree(openat(fd, e->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW |
						O_CLOEXEC), opts);
		else if (fchownat(fd, e->d_name, opts->uid, opts->gid, AT_SYMLINK_NOFOLLOW))
			err = -errno;
	}
	return err;
}

/* ---- into place ---------------------------------------------------------------------------- */

/* Whether some format writes files of this name. */
static bool is_ours(const char *name)
{
	size_t i;

	for (i = 0; i < report_formats_cnt; i++)
		if (!fnmatch(report_formats[i].file, name, 0))
			return true;
	return false;
}

/* What is in the old directory and not in the new one moves over, unless this report was to replace
 * it: a foreign file, or with opts->formats a file of a format not asked for.
 */
static int carry_over(const char *old, const char *new, const struct report_opts *opts)
{
	_cleanup_closedir_ DIR *d = opendir(old);
	const struct dirent *e;

	if (!d)
		return -errno;
	while ((e = next_entry(d))) {
		_cleanup_free_ char *from = xasprintf("%s/%s", old, e->d_name);
		_cleanup_free_ char *to = xasprintf("%s/%s", new, e->d_name);

		if (!opts->formats && is_ours(e->d_name))
			continue;
		if (access(to, F_OK) && rename(from, to))
			return -errno;
	}
	return 0;
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
	if (carry_over(old, dir, opts))
		log_warn("%s: kept, because a file of it could not be moved to %s", old, dir);
	else
		report_dir_remove(old);
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

	if (opts->uid != (uid_t)-1 || opts->gid != (gid_t)-1)
		err = chown_tree(openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), opts);
	if (err)
		return err_r(err, "give %s to its owner", dir);
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
