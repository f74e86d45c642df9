// SPDX-License-Identifier: GPL-2.0-only
/* Stages: the hidden directories that reports grow in. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "core/log.h"
#include "report/place.h"

#define DIR_FLAGS    (O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
#define ATTEMPTS_MAX 64

static void cleanup_closedir(DIR **d)
{
	if (*d)
		closedir(*d);
}

#define _cleanup_closedir_ __attribute__((cleanup(cleanup_closedir)))

/* Another reader of the same directory. */
static DIR *list(int dirfd)
{
	int fd = openat(dirfd, ".", DIR_FLAGS);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);

	if (!d && fd >= 0)
		close(fd);
	return d;
}

static bool stage_is_name(const char *name)
{
	const size_t mark = strlen(STAGE_MARK);

	return !strncmp(name, STAGE_MARK, mark) && strlen(name) == mark + 8 &&
	       strspn(name + mark, "0123456789abcdef") == 8;
}

bool stage_dir_is_empty(int dirfd, bool but_for_stages)
{
	_cleanup_closedir_ DIR *d = list(dirfd);
	const struct dirent *e;

	if (!d)
		return false;
	while ((e = readdir(d)))
		if (strcmp(e->d_name, ".") && strcmp(e->d_name, "..") &&
		    !(but_for_stages && stage_is_name(e->d_name)))
			return false;
	return true;
}

/* The entry is the directory that fd has open. */
static bool is_entry(int parent_fd, const char *name, int fd)
{
	struct stat a, b;

	return !fstat(fd, &a) && !fstatat(parent_fd, name, &b, AT_SYMLINK_NOFOLLOW) &&
	       a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* ---- making -------------------------------------------------------------------------------- */

/* What mkdir made, and nothing that was put in its place. */
static bool is_fresh(int fd)
{
	struct stat st;

	return !fstat(fd, &st) && st.st_uid == geteuid() && (st.st_mode & 0777) == 0700 &&
	       stage_dir_is_empty(fd, false);
}

/* -EAGAIN: somebody who cleans up took it for a dead one's before it was locked. */
static int lock_new(struct report_place *place)
{
	_cleanup_close_ int fd = openat(place->parent_fd, place->stage, DIR_FLAGS), manifest_fd = -1;
	int err;

	if (fd < 0)
		return errno == ENOENT ? -EAGAIN : -errno;
	if (!is_fresh(fd))
		return -EAGAIN;
	manifest_fd = openat(fd, MANIFEST_NAME, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (manifest_fd < 0)
		err = errno == ENOENT ? -EAGAIN : -errno;
	else if (flock(manifest_fd, LOCK_EX | LOCK_NB))
		err = -EAGAIN;
	else
		err = manifest_begin(manifest_fd);
	if (!err && !is_entry(place->parent_fd, place->stage, fd))
		err = -EAGAIN;
	if (err) {
		stage_remove(place->parent_fd, place->stage, fd);
		return err;
	}
	place->stage_fd = take_fd(&fd);
	place->manifest_fd = take_fd(&manifest_fd);
	return 0;
}

int stage_make(struct report_place *place)
{
	int attempt, err = -EEXIST;
	unsigned int random;

	for (attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
		if (getrandom(&random, sizeof(random), 0) != sizeof(random))
			return -EIO;
		snprintf(place->stage, sizeof(place->stage), STAGE_MARK "%08x", random);
		if (!mkdirat(place->parent_fd, place->stage, 0700))
			err = lock_new(place);
		else if (errno != EEXIST)
			err = -errno;
		if (!err)
			return 0;
		if (err != -EAGAIN && err != -EEXIST)
			break;
	}
	place->stage[0] = '\0';
	return err == -EAGAIN ? -EBUSY : err;
}

/* ---- removing ------------------------------------------------------------------------------ */

/* All but the manifest, which says whose this is. Links are removed, not followed. */
static void empty(int fd, int depth)
{
	_cleanup_closedir_ DIR *d = list(fd);
	const struct dirent *e;
	struct stat st;

	while (d && (e = readdir(d))) {
		_cleanup_close_ int sub = -1;

		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, "..") || !strcmp(e->d_name, MANIFEST_NAME))
			continue;
		if (!unlinkat(fd, e->d_name, 0) || !depth)
			continue;
		sub = openat(fd, e->d_name, DIR_FLAGS);
		if (sub < 0 || fstat(sub, &st) || st.st_uid != geteuid())
			continue;
		empty(sub, depth - 1);
		unlinkat(fd, e->d_name, AT_REMOVEDIR);
	}
}

void stage_remove(int parent_fd, const char *name, int stage_fd)
{
	empty(stage_fd, 1);
	unlinkat(stage_fd, MANIFEST_NAME, 0);
	if (is_entry(parent_fd, name, stage_fd))
		unlinkat(parent_fd, name, AT_REMOVEDIR);
}

/* ---- into an existing report --------------------------------------------------------------- */

/* A report's directory with that of its plots. */
struct tree {
	int fd, plots_fd; /* -1: there is none */
};

static struct tree tree_of(int fd)
{
	return (struct tree){fd, openat(fd, "plots", DIR_FLAGS)};
}

/* Where the name is, and what it is there. */
static int place_of(const struct tree *tree, const char *name, const char **leaf)
{
	bool plot = !strncmp(name, "plots/", 6);

	*leaf = plot ? name + 6 : name;
	return plot ? tree->plots_fd : tree->fd;
}

static bool entry_stat(const struct tree *tree, const char *name, struct stat *st)
{
	const char *leaf;
	int fd = place_of(tree, name, &leaf);

	return fd >= 0 && !fstatat(fd, leaf, st, AT_SYMLINK_NOFOLLOW);
}

/* old: what an earlier report says it wrote; NULL: it is from before there were manifests, when only its
 * names could tell.
 */
static bool in_the_way(const struct tree *target, const struct manifest *old, const char *name)
{
	struct stat st;

	if (!strncmp(name, "plots/", 6) && target->plots_fd < 0)
		return true;
	if (!entry_stat(target, name, &st))
		return false;
	return S_ISDIR(st.st_mode) || (old && !manifest_has(old, name));
}

/* What cannot go to its place leaves the stage and its manifest. Returns whether there was any. */
static bool leave_out(const struct tree *stage, const struct tree *target, const struct manifest *old,
		      struct manifest *written)
{
	size_t i, kept = 0;
	const char *leaf;
	struct stat st;
	bool any = false;
	int fd;

	for (i = 0; i < written->cnt; i++) {
		char *name = written->name[i];

		if (!entry_stat(stage, name, &st) || !in_the_way(target, old, name)) {
			written->name[kept++] = name;
			continue;
		}
		log_error("%s in the report's directory is not ours and was left alone: move it away and run "
			  "`copyscope report` again", name);
		fd = place_of(stage, name, &leaf);
		unlinkat(fd, leaf, 0);
		free(name);
		any = true;
	}
	written->cnt = kept;
	return any;
}

static int move_all(const struct tree *stage, const struct tree *target, const struct manifest *written)
{
	const char *leaf;
	size_t i;

	for (i = 0; i < written->cnt; i++) {
		int from = place_of(stage, written->name[i], &leaf), to = place_of(target, written->name[i], &leaf);

		if (from >= 0 && renameat(from, leaf, to, leaf) && errno != ENOENT)
			return -errno;
	}
	return 0;
}

static void remove_old(const struct tree *target, const struct manifest *old, const struct manifest *written)
{
	const char *leaf;
	size_t i;

	for (i = 0; i < old->cnt; i++) {
		int fd = place_of(target, old->name[i], &leaf);

		if (fd >= 0 && !manifest_has(written, old->name[i]))
			unlinkat(fd, leaf, 0);
	}
	unlinkat(target->fd, "plots", AT_REMOVEDIR); /* only if nothing is left in it */
}

static int merge(const struct tree *stage, const struct tree *target, struct manifest *written)
{
	struct manifest old;
	bool legacy = manifest_read(target->fd, &old) && !faccessat(target->fd, "results.json", F_OK, 0);
	_cleanup_close_ int manifest_fd = openat(stage->fd, MANIFEST_NAME, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	bool left_out = leave_out(stage, target, legacy ? NULL : &old, written);
	int err = manifest_fd < 0 ? -errno : 0;

	if (!err && left_out)
		err = ftruncate(manifest_fd, 0) ? -errno : manifest_write(written, manifest_fd);
	err = err ?: move_all(stage, target, written);
	if (!err) {
		remove_old(target, &old, written);
		empty(stage->fd, 1); /* while the manifest still says whose it is */
		err = renameat(stage->fd, MANIFEST_NAME, target->fd, MANIFEST_NAME) ? -errno : 0;
	}
	manifest_free(&old);
	return err ?: left_out ? -EEXIST : 0;
}

int stage_merge(int parent_fd, const char *name, int stage_fd, int target_fd, struct manifest *written)
{
	struct tree stage = tree_of(stage_fd), target;
	int err;

	if (stage.plots_fd >= 0)
		mkdirat(target_fd, "plots", 0777);
	target = tree_of(target_fd);
	err = merge(&stage, &target, written);
	cleanup_close(&stage.plots_fd);
	cleanup_close(&target.plots_fd);
	if (!err || err == -EEXIST)
		stage_remove(parent_fd, name, stage_fd);
	return err;
}

/* ---- dead makers' -------------------------------------------------------------------------- */

/* Complete, but killed before the last step. */
static void finish(int parent_fd, const char *name, int stage_fd, bool is_target, struct manifest *written)
{
	_cleanup_free_ char *found = xasprintf("recovered-%s", name + strlen(STAGE_MARK));

	if (is_target) {
		if (!stage_merge(parent_fd, name, stage_fd, parent_fd, written))
			log_info("completed the report that an earlier command was killed over");
	} else if (!fchmod(stage_fd, 0755) && !renameat(parent_fd, name, parent_fd, found)) {
		log_info("a run was killed when its report was complete: that is now %s", found);
	}
}

static void recover(int parent_fd, const char *name, bool is_target)
{
	_cleanup_close_ int fd = openat(parent_fd, name, DIR_FLAGS), manifest_fd = -1;
	struct manifest written;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) || st.st_uid != geteuid())
		return;
	manifest_fd = openat(fd, MANIFEST_NAME, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (manifest_fd < 0) { /* killed where it had none yet or no more, it is empty */
		unlinkat(fd, "plots", AT_REMOVEDIR);
		unlinkat(parent_fd, name, AT_REMOVEDIR);
	}
	if (manifest_fd < 0 || flock(manifest_fd, LOCK_EX | LOCK_NB))
		return;
	if (manifest_read(fd, &written))
		return; /* nothing of ours */
	if (written.complete)
		finish(parent_fd, name, fd, is_target, &written);
	else
		stage_remove(parent_fd, name, fd);
	manifest_free(&written);
}

void stages_recover(int parent_fd, bool is_target)
{
	_cleanup_closedir_ DIR *d = list(parent_fd);
	const struct dirent *e;

	while (d && (e = readdir(d)))
		if (stage_is_name(e->d_name))
			recover(parent_fd, e->d_name, is_target);
}
