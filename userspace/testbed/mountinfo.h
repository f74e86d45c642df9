/* SPDX-License-Identifier: GPL-2.0-only */
/* cgroup2 mounts out of a /proc/PID/mountinfo. */
#ifndef TESTBED_MOUNTINFO_H
#define TESTBED_MOUNTINFO_H

#include "core/util.h"

struct cgroup2_mount {
	char *mount_point;   /* unescaped; owned */
	char *super_options; /* "rw,nsdelegate"; owned */
	bool whole;	     /* the hierarchy's root, not a part bound elsewhere */
	bool read_only;
};

/* Parses one line. Returns true and fills *out (the caller frees with cgroup2_mount_clear) if it is
 * a cgroup2 mount; false for any other or malformed line.
 */
bool mountinfo_parse_cgroup2(const char *line, struct cgroup2_mount *out);
void cgroup2_mount_clear(struct cgroup2_mount *m);

#endif
