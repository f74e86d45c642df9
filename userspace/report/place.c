// SPDX-License-Identifier: GPL-2.0-only
#include "report/place.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <string.h>
#include <sys/stat.h>

#include "core/log.h"
#include "core/result_json.h"

#define DIR_FLAGS (O_RDONLY | O_DIRECTORY | O_CLOEXEC)
#define NAMES_MAX 1000

/* ---- what is there ------------------------------------------------------------------------- */

/* A results.json that begins as ours do: enough to know an earlier report from a home directory. */
static bool is_report(int dirfd)
{
	_cleanup_close_ int fd = openat(dirfd, "results.json", O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
	char head[256];
	struct stat st;
	ssize_t len;

	if (fd < 0 || fstat(fd, &st) || !S_ISREG(st.st_mode))
		return false;
	len = read(fd, head, sizeof(head) - 1);
	head[MAX(len, (ssize_t)0)] = '\0';
	return strstr(head, "\"schema\"") && strstr(head, "\"" RESULT_SCHEMA "\"");
}

/* It has something of somebody's: it is neither empty nor a report. */
static bool is_foreign(int fd)
{
	return !stage_dir_is_empty(fd, true) && !is_report(fd);
}

/* ---- opening ------------------------------------------------------------------------------- */

/* There is no directory of that name: what is there instead? */
static int explain(const char *path, int err)
{
	struct stat st;

	if (err == -ENOENT && !lstat(path, &st))
		return fail_r(err, "%s is a symbolic link that leads nowhere: remove it, or choose another "
			      "directory", path);
	if (err == -ENOTDIR && !stat(path, &st))
		return fail_r(err, "%s is not a directory: choose another one", path);
	return err_r(err, "%s", path);
}

static int open_parent(struct report_place *place)
{
	_cleanup_free_ char *above = xstrdup(place->path), *copy = xstrdup(place->path);
	const char *parent = dirname(above), *name = basename(copy);

	place->parent_fd = open(parent, DIR_FLAGS);
	if (place->parent_fd < 0)
		return errno == ENOENT ? fail_r(-ENOENT, "%s: there is no directory %s: make it, or choose "
						"another with --out", place->path, parent) :
					 err_r(-errno, "%s", parent);
	place->name = xstrdup(name);
	return 0;
}

static int open_target(struct report_place *place)
{
	int err;

	place->target_fd = open(place->path, DIR_FLAGS);
	if (place->target_fd < 0) {
		struct stat st;

		err = -errno;
		if (err != -ENOENT || !lstat(place->path, &st))
			return explain(place->path, err);
		return open_parent(place);
	}
	place->parent_fd = dup(place->target_fd);
	if (place->parent_fd < 0)
		return err_r(-errno, "%s", place->path);
	stages_recover(place->parent_fd, true);
	if (is_foreign(place->target_fd))
		return fail_r(-ENOTEMPTY, "%s is not empty and not an earlier report: choose another "
			      "directory", place->path);
	return 0;
}

int place_open(struct report_place *place)
{
	size_t len = strlen(place->path);
	int err;

	place->parent_fd = place->target_fd = place->stage_fd = place->manifest_fd = -1;
	while (len > 1 && place->path[len - 1] == '/')
		place->path[--len] = '\0';
	err = open_target(place);
	if (err)
		return err;
	if (place->name)
		stages_recover(place->parent_fd, false);
	err = stage_make(place);
	return err ? err_r(err, "cannot write to %s (choose a writable place with --out)", place->path) : 0;
}

/* ---- into place ---------------------------------------------------------------------------- */

/* The directory gets the mode that mkdir would have given it. */
static void open_up(int fd)
{
	mode_t mask = umask(077);

	umask(mask);
	fchmod(fd, 0777 & ~mask);
}

static void take_name(struct report_place *place, char *name)
{
	const char *slash = strrchr(place->path, '/');
	char *path = xasprintf("%.*s%s", slash ? (int)(slash + 1 - place->path) : 0, place->path, name);

	free(place->path);
	place->path = path;
	free(place->name);
	place->name = name;
}

/* The first of NAME, NAME-2, NAME-3 ... that is free; renaming a directory does not replace anything but an
 * empty one.
 */
static int appear(struct report_place *place)
{
	_cleanup_free_ char *name = xstrdup(place->name);
	unsigned int i;

	open_up(place->stage_fd);
	for (i = 2; renameat(place->parent_fd, place->stage, place->parent_fd, place->name); i++) {
		if ((errno != EEXIST && errno != ENOTEMPTY && errno != ENOTDIR) || !place->any_name ||
		    i > NAMES_MAX)
			return -errno;
		take_name(place, xasprintf("%s-%u", name, i));
	}
	place->stage[0] = '\0';
	return 0;
}

static int merge(struct report_place *place)
{
	int err = stage_merge(place->parent_fd, place->stage, place->stage_fd, place->target_fd,
			      &place->written);

	if (!err || err == -EEXIST)
		place->stage[0] = '\0';
	return err;
}

/* Somebody made the directory while we measured. */
static int appear_late(struct report_place *place)
{
	place->target_fd = openat(place->parent_fd, place->name, DIR_FLAGS | O_NOFOLLOW);
	if (place->target_fd >= 0 && !is_foreign(place->target_fd))
		return merge(place);
	place->any_name = true;
	log_warn("%s has meanwhile been taken by something else", place->path);
	return appear(place);
}

/* A report that is only rendered again in part keeps the rest. */
static void keep_rest(struct report_place *place)
{
	struct manifest old;
	size_t i;

	if (place->target_fd < 0 || place->replaces)
		return;
	if (manifest_read(place->target_fd, &old))
		manifest_add(&place->written, "results.json"); /* by it we knew the report */
	for (i = 0; i < old.cnt; i++)
		manifest_add(&place->written, old.name[i]);
	manifest_free(&old);
}

int place_commit(struct report_place *place)
{
	int err;

	keep_rest(place);
	unlinkat(place->stage_fd, "plots", AT_REMOVEDIR); /* only if there are none */
	err = manifest_write(&place->written, place->manifest_fd);
	if (!err && place->target_fd >= 0)
		return merge(place);
	if (!err)
		err = appear(place);
	if (err == -EEXIST || err == -ENOTEMPTY || err == -ENOTDIR)
		err = appear_late(place);
	return err;
}

void place_close(struct report_place *place)
{
	if (place->stage[0])
		stage_remove(place->parent_fd, place->stage, place->stage_fd);
	cleanup_close(&place->manifest_fd);
	cleanup_close(&place->stage_fd);
	cleanup_close(&place->target_fd);
	cleanup_close(&place->parent_fd);
	manifest_free(&place->written);
	free(place->failed);
	free(place->name);
	free(place->path);
}
