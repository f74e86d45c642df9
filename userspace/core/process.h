/* SPDX-License-Identifier: GPL-2.0-only */
/* What every program of ours does first and last: standard streams that are there, output that has
 * arrived, files enough; and how one that we started ends.
 */
#ifndef CORE_PROCESS_H
#define CORE_PROCESS_H

#include <sys/types.h>

#include "core/util.h"

/* First thing in main(): a standard stream that the caller closed would otherwise be the next file we
 * open, and what we print be written into that. Returns 0 or -errno, printed.
 */
int process_begin(void);

/* Last thing in main(): code; or EXIT_FAILED, after one line, if what was printed did not arrive. */
int process_end(int code);

/* Raises the soft limit of open files to the hard one. Returns 0, or -EMFILE after one line if what is
 * to be done needs more.
 */
int process_need_files(size_t n, const char *what);

/* Waits for a child; one that takes longer is killed. status: as of waitpid(). Returns whether it went by itself. */
bool process_reap(pid_t pid, uint64_t timeout_ns, int *status);

#endif
