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

#endif
