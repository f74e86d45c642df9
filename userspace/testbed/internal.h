/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of this folder share about a testbed that is up. */
#ifndef TESTBED_INTERNAL_H
#define TESTBED_INTERNAL_H

#include "testbed/state.h"
#include "testbed/testbed.h"

struct testbed {
	struct run_dir run;
	const struct testbed_path *path;
	char *netns[ROLE_MAX_]; /* names; owned; server and client only */
	int netns_fd[ROLE_MAX_];
	int cgroup_fd[ROLE_MAX_];
	uint64_t cgroup_id[ROLE_MAX_];
};

/* "cs-<id>-srv" or "cs-<id>-cli". The caller frees. */
char *run_netns_name(const char *id, enum role role);

/* Remove all that carries the run's id, and its remembered paths. Complains about what stays;
 * returns the first error. The state directory is the caller's.
 */
int run_tear_down(const struct run_dir *run);

#endif
