// SPDX-License-Identifier: GPL-2.0-only
#include "core/copy_reason.h"

#include <string.h>

const struct copy_reason_def copy_reason_defs[] = {
#define COPY_REASON(id, name_, stage_, remedy_) \
	[COPY_REASON_##id] = {.name = (name_), .stage = STAGE_##stage_, .remedy = (remedy_)},
#include "core/copy_reason.def.h"
#undef COPY_REASON
};
static_assert_complete(copy_reason_defs, COPY_REASON_MAX_);

enum copy_reason copy_reason_by_name(const char *name)
{
	enum copy_reason r;

	for (r = 0; r < COPY_REASON_MAX_; r++)
		if (!strcmp(copy_reason_defs[r].name, name))
			break;
	return r;
}

enum stage copy_stage(const char *function, enum copy_reason reason)
{
	static const struct {
		const char *function;
		enum stage stage;
	} rows[] = {
		{"skb_copy_ubufs", STAGE_COPY_UBUFS},
		{"pskb_expand_head", STAGE_HEAD},
		{"__pskb_copy_fclone", STAGE_HEAD},
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		if (!strcmp(function, rows[i].function))
			return rows[i].stage;
	return copy_reason_defs[reason].stage;
}

char *copy_reason_text(enum copy_reason reason, const char *detail)
{
	return xasprintf("%s%s%s", copy_reason_defs[reason].name, detail ? ": " : "", detail ?: "");
}
