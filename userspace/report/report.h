/* SPDX-License-Identifier: GPL-2.0-only */
/* From a run_set to what a person sees. This folder knows core and nothing else: no BPF, no sockets,
 * no root. One fmt_*.c and one row in formats.c a format.
 */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include <sys/types.h>

#include "core/result.h"

struct report_opts {
	const char *formats; /* comma separated names; NULL = all */
	const char *datadir; /* where the *.gp are; NULL = search, see plots.c */
	const char *tmp;     /* empty directory beside dir, to write into; NULL = make one */
	uid_t uid;	     /* owner of what is written; (uid_t)-1 = whoever writes */
	gid_t gid;
};

#define REPORT_OPTS_DEFAULT ((struct report_opts){.uid = (uid_t)-1, .gid = (gid_t)-1})

struct report_part; /* report_ctx.h */

struct report_format {
	const char *name; /* in --format */
	const char *file; /* what it writes, as fnmatch(3) pattern relative to the report */
	const char *help;
	bool shows_plots; /* plots/ are drawn even if not asked for */
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

/* Writes the report of set as directory dir: into a temporary directory beside it, renamed at the
 * end, so that dir never holds half a report. dir may be absent, empty, or an earlier report (with a
 * results.json of ours). An earlier report's files are replaced (with opts->formats: only those
 * asked for); files that are not ours stay. Anything else is refused with -ENOTEMPTY.
 * Derived metrics must be filled in (run_set_derive). Failures print one line and leave dir as it was.
 */
int report_write(const struct run_set *set, const char *dir, const struct report_opts *opts);

/* 0 if report_write() would accept dir as it is now: to be asked before a long run. */
int report_check_dir(const char *dir);

/* parent/latest becomes a symbolic link to name, atomically. -EEXIST, with one line, if there is
 * something called latest that is not a link.
 */
int report_link_latest(const char *parent, const char *name);

#endif
