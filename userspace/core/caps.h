/* SPDX-License-Identifier: GPL-2.0-only */
/* Capabilities of this process: what we need, what for, what is missing, and what they do not help against.
 * Root is only the usual way to have them.
 */
#ifndef CORE_CAPS_H
#define CORE_CAPS_H

#include "core/util.h"

struct capability {
	unsigned int number; /* CAP_* */
	const char *name;    /* "CAP_BPF" */
	const char *need;    /* what copyscope does with it */
	bool root_only;	     /* an ordinary user who holds the others can do without */
	bool to_attach;	     /* needed without a workload, too */
};

extern const struct capability capabilities[];
extern const size_t capability_cnt;

/* Whether this process, with its user id, needs it. */
bool capability_needed(const struct capability *cap);

/* Whether it is in the effective set. */
bool capability_held(unsigned int number);

/* "CAP_BPF, CAP_PERFMON": those of the table that are needed, for a run or only to attach, and not held; NULL: all are. The
 * caller frees.
 */
char *capabilities_missing(bool to_attach);

/* In a user namespace other than the machine's: whatever is held there does not count for what the whole
 * machine shares, as BPF and perf do.
 */
bool in_user_namespace(void);

/* The level in a file as LOCKDOWN_FILE, "none [integrity] confidentiality"; NULL: it says nothing. The caller
 * frees.
 */
#define LOCKDOWN_FILE "/sys/kernel/security/lockdown"
char *lockdown_level(const char *path);

/* Not even root reads kernel memory then, by BPF or otherwise. level may be NULL. */
bool lockdown_hides_kernel(const char *level);

#endif
