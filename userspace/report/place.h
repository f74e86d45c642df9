/* SPDX-License-Identifier: GPL-2.0-only */
/* Where a report appears, and how: it grows in a stage (a hidden directory of ours) and goes into place in one
 * step at the end. A report that is not there yet appears by one rename. In a directory that is there already,
 * files are exchanged one by one, in an order that a later run or `copyscope report` completes should it be
 * interrupted; nobody's files but those of the MANIFEST are touched.
 *
 * The directory may belong to somebody else, who changes it meanwhile. So no path is walked twice: everything
 * is relative to descriptors, no symbolic link is followed, and what is removed has to be ours.
 */
#ifndef REPORT_PLACE_H
#define REPORT_PLACE_H

#include <signal.h>

#include "report/manifest.h"

#define STAGE_MARK ".copyscope-tmp-"

struct report_place {
	char *path;	   /* of the report, for words */
	char *name;	   /* its entry in parent; NULL: it is there already, as target */
	int parent_fd;	   /* has the stage */
	int target_fd;	   /* -1: not there yet */
	char stage[sizeof(STAGE_MARK) + 8]; /* entry in parent; "": none */
	int stage_fd;
	int manifest_fd;   /* in the stage; its lock says that we live */
	struct manifest written; /* what the stage has */
	bool any_name;	   /* if its name is taken, NAME-2 will do, and so on */
	const volatile sig_atomic_t *stop; /* nothing more is written once it is not 0; NULL: never */
	int err;	   /* the first of those with which files could not be written, */
	char *failed;	   /* and the names of those files */
	bool replaces;	   /* nothing of an earlier report may stay */
};

/* All of these print one line when they fail, and return -errno. */
int place_open(struct report_place *place);
int place_commit(struct report_place *place);
void place_close(struct report_place *place);

/* ---- stage.c: stages as such ---------------------------------------------------------------- */

/* Makes one in the directory and locks it. 0 or -errno, without words. */
int stage_make(struct report_place *place);

/* Removes it with all that is in it, as long as its entry in parent is still this directory. */
void stage_remove(int parent_fd, const char *name, int stage_fd);

/* Moves what the stage has into the report's directory, removes what an earlier report had and this one is not
 * to have (is not in `written`), and the stage. What is in the way and not ours stays, each named in a line; then
 * the result is -EEXIST, and the rest is in place. Another -errno: without words, the stage stays.
 */
int stage_merge(int parent_fd, const char *name, int stage_fd, int target_fd, struct manifest *written);

/* Looks through a directory for stages whose makers are dead: one that was complete is brought to its end,
 * any other removed. is_target: the directory is a report, into which its stages were to be merged.
 */
void stages_recover(int parent_fd, bool is_target);

/* Also false when it cannot be read. but_for_stages: those of other processes do not count. */
bool stage_dir_is_empty(int dirfd, bool but_for_stages);

#endif
