// SPDX-License-Identifier: GPL-2.0-only
#include "core/role.h"

#include "core/util.h"

const char *const role_names[] = {
	[ROLE_SERVER] = "server",
	[ROLE_CLIENT] = "client",
};
static_assert_complete(role_names, ROLE_MAX_);

enum role role_by_name(const char *name)
{
	return (enum role)row_by_name(role_names, name);
}
