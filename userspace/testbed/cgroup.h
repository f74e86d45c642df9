/* SPDX-License-Identifier: GPL-2.0-only */
/* The cgroups of a run, by its id, in whatever cgroup v2 hierarchy can be reached. */
#ifndef TESTBED_CGROUP_H
#define TESTBED_CGROUP_H

#include "core/util.h"

/* Makes copyscope-<id> and returns its directory descriptor; -EEXIST: the name is taken; -ENOTSUP
 * (one line printed): no cgroup v2 hierarchy can be had. The caller closes.
 */
int cgroup_make(const char *id);

/* Makes child `name` in the directory and returns its descriptor. */
int cgroup_make_child(int parent_fd, const char *name);

/* Kills every process in copyscope-<id>, waits until they are gone and removes it. A run without
 * one is fine. Returns 0, or -errno after one line.
 */
int cgroup_remove(const char *id);

/* The kernel's id of the cgroup, 0 if it cannot be had. */
uint64_t cgroup_id(int fd);

#endif
