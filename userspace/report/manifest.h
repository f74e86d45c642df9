/* SPDX-License-Identifier: GPL-2.0-only */
/* MANIFEST, the list of the files that we wrote into a report: nothing else there is ever replaced or removed.
 * Its first line says what it is, a name a line follows, and "end" comes last. While the report is being made it
 * lies in its stage, locked: who finds the lock free knows that the maker is dead, and whether it was done.
 */
#ifndef REPORT_MANIFEST_H
#define REPORT_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>

#define MANIFEST_NAME "MANIFEST"

struct manifest {
	char **name; /* relative to the report: "report.md", "plots/latency.svg"; owned */
	size_t cnt, cap;
	bool complete; /* it ended with "end" */
};

/* Once, however often it is added. */
void manifest_add(struct manifest *m, const char *name);
bool manifest_has(const struct manifest *m, const char *name);

/* Both are at the file's beginning. 0 or -errno. */
int manifest_begin(int fd);
int manifest_write(const struct manifest *m, int fd);

/* Of a directory that may be hostile: a manifest is only believed if it is a regular file of the user that we
 * are, and names that could lead elsewhere are left out. -ENOENT: there is none.
 */
int manifest_read(int dirfd, struct manifest *m);
int manifest_parse(const char *text, struct manifest *m);

void manifest_free(struct manifest *m);

#endif
