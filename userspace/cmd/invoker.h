/* SPDX-License-Identifier: GPL-2.0-only */
/* Who runs us: with sudo, the user behind it. Reports belong to that user and workloads run as them. */
#ifndef CMD_INVOKER_H
#define CMD_INVOKER_H

#include <sys/types.h>

struct invoker {
	uid_t uid;
	gid_t gid;
};

struct invoker invoker_get(void);

/* From here on this process is the invoking user and has no more rights than they, for good. What it opens and
 * writes for them afterwards is what they could open and write themselves, however paths and directories change
 * meanwhile.
 *
 * place: where it will write, which may not exist yet; NULL: nowhere in particular. If the user behind sudo may
 * not write there, the process becomes the owner of that directory instead (a checkout of root's or of a
 * colleague's), as long as no symbolic link leads to it. Returns 0, or -errno after one line.
 */
int invoker_become(const char *place);

/* Calls work in a process of its own that has become them; place as above. Returns 0 if work did, or -errno after one line,
 * which is work's own if it failed.
 */
int invoker_do(const char *place, int (*work)(void *ctx), void *ctx);

/* A file to write to, opened or made with no more rights than theirs, as invoker_become() has them; what is in it stays.
 * This process keeps its own rights. Returns a descriptor, or -errno after one line.
 */
int invoker_open(const char *path);

/* Makes this the content of a file of theirs, new or an earlier one, in one step: who reads it sees all of the one or all of
 * the other. text NULL: only finds out whether there is a place for it. Returns 0, or -errno after one line.
 */
int invoker_replace(const char *path, const char *text, size_t len);

#endif
