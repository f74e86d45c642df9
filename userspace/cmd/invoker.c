// SPDX-License-Identifier: GPL-2.0-only
#include "cmd/invoker.h"

#include "core/util.h"

/* SUDO_UID is only believed by root: who else sets it can give away only what is theirs. */
static unsigned int sudo_id(const char *variable, unsigned int fallback)
{
	const char *text = getenv(variable);
	uint64_t id;

	if (geteuid() == 0 && text && !parse_u64(text, 0, UINT32_MAX - 1, &id))
		return (unsigned int)id;
	return fallback;
}

struct invoker invoker_get(void)
{
	return (struct invoker){
		.uid = sudo_id("SUDO_UID", getuid()),
		.gid = sudo_id("SUDO_GID", getgid()),
	};
}
