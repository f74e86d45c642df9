/* SPDX-License-Identifier: GPL-2.0-only */
/* The two ends of the workload. As an owner of a result an end is number role + 1: see result.h. */
#ifndef CORE_ROLE_H
#define CORE_ROLE_H

/* The server sends the payload, the client receives it. */
enum role { ROLE_SERVER, ROLE_CLIENT, ROLE_MAX_ };

enum {
	ROLES_SERVER = 1 << ROLE_SERVER,
	ROLES_CLIENT = 1 << ROLE_CLIENT,
	ROLES_BOTH = ROLES_SERVER | ROLES_CLIENT,
};

extern const char *const role_names[ROLE_MAX_]; /* "server", "client" */

/* ROLE_MAX_ if there is no such name. */
enum role role_by_name(const char *name);

static inline unsigned int owner_of_role(enum role role)
{
	return (unsigned int)role + 1;
}

#endif
