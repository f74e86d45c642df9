// SPDX-License-Identifier: GPL-2.0-only
#include "core/role.h"

#include <string.h>

#include "core/util.h"

const char *const role_names[] = {
	[ROLE_SERVER] = "server",
	[ROLE_CLIENT] = "client",
};
static_assert_complete(role_names, ROLE_MAX_);

enum role role_by_name(const char *name)
{
	enum role r;

	for (r = 0; r < ROLE_MAX_; r++)
		if (!strcmp(role_names[r], name))
			break;
	return r;
}
