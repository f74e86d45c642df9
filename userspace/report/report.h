/* SPDX-License-Identifier: GPL-2.0-only */
/* From a run_set to what a person sees. This folder knows core and nothing else: no BPF, no sockets,
 * no root. One fmt_*.c and one row in formats.c a format.
 */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include <signal.h>
#include <stdio.h>

#include "core/result.h"

struct report_part; /* report_ctx.h */

struct report_format {
	const char *name; /* in --format */
	const char *file; /* what it writes, as fnmatch(3) pattern relative to the report */
	const char *help;
	bool shows_plots; /* plots/ are drawn even if not asked for */
	bool of_observation; /* there is one of what `copyscope attach` observed, too */
	/* What its files are called, where they are several: one a mode, for which %1$s stands
	 * (%2$s: the first mode), and with two names one a mode and kind of stack.
	 */
	const char *path[STACK_KIND_MAX_];
	bool (*wanted)(const struct report_part *part); /* NULL: always */
	int (*fill)(const struct report_part *part, FILE *out);
};

extern const struct report_format report_formats[];
extern const size_t report_formats_cnt;

/* 0, or -EINVAL with one line naming the unknown format. */
int report_check_formats(const char *list);
/* The same for those that there are of an observation. */
int report_check_observation_formats(const char *list);

/* A report in three steps, so that a long measurement finds out first whether it has a place (place.h). They
 * print one line when they fail, but for what is told apart.
 *
 * path may be absent, empty, or an earlier report (with a results.json of ours); anything else is refused with
 * -ENOTEMPTY. any_name: should it be taken meanwhile, another will do.
 */
struct report_place;
int report_open(const char *path, bool any_name, struct report_place **place);

/* Before all else: what was measured, as it is in json_fd from its beginning. lasting: it is on the disk then; who
 * has nowhere else to put it takes what the kernel keeps.
 */
int report_save(struct report_place *place, int json_fd, bool lasting);

/* formats: comma separated names; NULL = all. All that can be written is, also when something cannot: what and
 * why is to be told by the second, with what to do about it. Derived metrics must be filled in (run_set_derive). tell: where
 * the verdict is told in a few lines; NULL: nowhere.
 */
int report_render(struct report_place *place, const struct run_set *set, const char *formats, FILE *tell);
void report_tell_failed(const struct report_place *place, const char *remedy);

/* Puts into place what was written: files of an earlier report are replaced, and removed if all formats are
 * written or it is a new measurement; files that are not ours stay (-EEXIST, after words, if one was in the way; other failures are without).
 */
int report_commit(struct report_place *place);

/* What it has become, for words. */
const char *report_path(const struct report_place *place);

/* `latest` beside a report that was not there before leads to it, atomically. -EEXIST if there is something
 * called latest that is not a link.
 */
int report_link_latest(const struct report_place *place);

/* Without a commit everything is as it was before. Safe on NULL. */
void report_close(struct report_place **place);

/* The profile of the plan's first mode alone, as the format pprof has it. */
int report_pprof(const struct run_set *set, FILE *out);

/* All of it: the report of set in dir is written wholly, or dir stays as it was. It ends early, with -EINTR, once
 * *stop is not 0; NULL: never.
 */
int report_write(const struct run_set *set, const char *dir, const char *formats,
		 const volatile sig_atomic_t *stop);

#endif
