/* SPDX-License-Identifier: GPL-2.0-only */
/* State directories: <base>/<id>/{lock,state}, one a run; each user has a base of their own. Who holds
 * the lock is alive; a directory whose lock can be had belongs to a dead run. Nothing but temporary
 * paths needs writing down: all else a run makes is named after its id, and the directory is there
 * before any of it.
 */
#ifndef TESTBED_STATE_H
#define TESTBED_STATE_H

#include "core/util.h"

#define STATE_BASE  "/run/copyscope" /* root's */
#define RUN_ID_SIZE 7 /* 6 hex digits */

struct run_dir {
	char id[RUN_ID_SIZE];
	int dir_fd, lock_fd; /* owned; -1 = none */
};

#define RUN_DIR_NONE ((struct run_dir){.dir_fd = -1, .lock_fd = -1})

struct path_list {
	char **path;
	size_t cnt, cap;
};

bool run_id_valid(const char *id);

/* STATE_BASE for root, "/run/copyscope-<uid>" for a user with capabilities. The caller frees. */
char *state_base(void);

/* What the things of our own run with this id carry in their names: "3fa29c", and "3fa29c-<uid>" unless
 * we are root. So nothing that recovery reads can lead it to what is another user's. The caller frees.
 */
char *run_mark(const char *id);

/* A new directory with its lock held, under a random free id. Returns 0 or -errno after one line.
 */
int run_dir_create(const char *base, struct run_dir *out);

/* Lock the directory of a dead run. -EWOULDBLOCK: it lives; -ENOENT: gone meanwhile; another -errno after
 * one line.
 */
int run_dir_take(const char *base, const char *id, struct run_dir *out);

/* The ids under base that look like ours, dead or alive. No base: none. Returns 0, or -errno after one
 * line.
 */
int run_dirs_list(const char *base, struct path_list *ids);

/* Is the process that made the directory gone, though something still holds its lock? */
bool run_dir_owner_gone(const char *base, const char *id);

/* Remove the directory, and base if it was the last one; releases the lock. */
int run_dir_remove(const char *base, struct run_dir *run);
void run_dir_release(struct run_dir *run); /* keep the directory, let go of the lock */

/* Remember a temporary path, which must satisfy temp_path_valid(). */
int state_append(const struct run_dir *run, const char *path);

/* The temporary paths that were remembered. The file may be cut off (a torn last line is a thing
 * never made) or hostile: lines that are not ours are dropped and counted in *rejected. Overwrites
 * text.
 */
void state_parse(char *text, struct path_list *temps, size_t *rejected);
int state_read(const struct run_dir *run, struct path_list *temps, size_t *rejected);
void path_list_free(struct path_list *list);

/* Absolute, no ".", ".." or empty component, no control characters, and the last component ours. */
bool temp_path_valid(const char *path);

#endif
