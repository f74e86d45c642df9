/* SPDX-License-Identifier: GPL-2.0-only */
/* The state of a run is a file <base>/<id> that holds its pid and is locked while it lives; each user has
 * a base of their own. A file whose lock can be had belongs to a dead run. Nothing else needs writing
 * down: all that a run makes is named after its id, and the file is there before any of it.
 */
#ifndef TESTBED_STATE_H
#define TESTBED_STATE_H

#include "core/util.h"

#define STATE_BASE  "/run/copyscope" /* root's */
#define RUN_ID_SIZE 7		     /* 6 hex digits */

struct run_state {
	char id[RUN_ID_SIZE];
	int lock_fd; /* owned; -1 = none */
};

#define RUN_STATE_NONE ((struct run_state){.lock_fd = -1})

struct run_ids {
	char (*id)[RUN_ID_SIZE]; /* owned */
	size_t cnt, cap;
};

bool run_id_valid(const char *id);

/* STATE_BASE for root, "/run/copyscope-<uid>" for a user with capabilities. The caller frees. */
char *state_base(void);

/* What the things of our own run with this id carry in their names: "3fa29c", and "3fa29c-<uid>" unless
 * we are root. So nothing that recovery reads can lead it to what is another user's. The caller frees.
 */
char *run_mark(const char *id);

/* A new locked file under a random free id. Returns 0 or -errno after one line. */
int run_state_create(const char *base, struct run_state *out);

/* Lock the file of a dead run. -EWOULDBLOCK: it lives; -ENOENT: gone meanwhile; another -errno after one
 * line, also for what has such a name and is no file.
 */
int run_state_take(const char *base, const char *id, struct run_state *out);

/* The names under base that could be ids, dead or alive. No base: none. Returns 0, or -errno after one
 * line.
 */
int run_states_list(const char *base, struct run_ids *ids);

/* Is the process that made the file gone, though something still holds its lock? */
bool run_state_owner_gone(const char *base, const char *id);

/* Remove the file, and base if it was the last one; releases the lock. */
int run_state_remove(const char *base, struct run_state *run);
void run_state_release(struct run_state *run); /* keep the file, let go of the lock */

#endif
