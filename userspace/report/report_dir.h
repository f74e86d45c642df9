/* SPDX-License-Identifier: GPL-2.0-only */
/* The directory of a report appears whole or not at all, and takes the place only of its own kind. */
#ifndef REPORT_REPORT_DIR_H
#define REPORT_REPORT_DIR_H

#include "report/report.h"

/* Checks dir, makes the temporary directory beside it (or takes opts->tmp); the caller frees *tmp and
 * closes *fd.
 */
int report_dir_begin(const char *dir, const struct report_opts *opts, char **tmp, int *fd);
/* Hands ownership over as opts says and renames. On failure dir is as before. */
int report_dir_commit(const char *dir, const char *tmp, int fd, const struct report_opts *opts);
void report_dir_abort(const char *tmp);

#endif
