/* SPDX-License-Identifier: GPL-2.0-only */
/* results.json: the whole run_set, read and written. The schema is described in docs/results-json.md.
 * Version history: 1 = first; 2 = facts are fields (reasons, bounds, drops, kinds of copies, modes' traits),
 * owners have labels. A file of version 1 is still read.
 */
#ifndef CORE_RESULT_JSON_H
#define CORE_RESULT_JSON_H

#include <stdio.h>

#include "core/result.h"

#define RESULT_SCHEMA	      "copyscope-results"
#define RESULT_SCHEMA_VERSION 2

/* Returns 0 or -errno (-EIO when the stream failed, e.g. disk full). Does not close out. */
int run_set_write_json(const struct run_set *set, FILE *out);

/* The same document as text, which the caller frees. *len: without its 0. */
int run_set_json(const struct run_set *set, char **text, size_t *len);

/* The same document in one line. */
int run_set_write_json_line(const struct run_set *set, FILE *out);

/* Reads a file that may be hostile: every index, name and type is checked. On failure prints one line
 * (what is wrong and where), returns -errno (-EINVAL: malformed, -ENOTSUP: a newer schema) and leaves
 * *set untouched. The caller frees *set.
 */
int run_set_read_json(const char *path, struct run_set **set);

/* The same of a stream; path is for words. Does not close in. */
int run_set_read_json_from(FILE *in, const char *path, struct run_set **set);

#endif
