// SPDX-License-Identifier: GPL-2.0-only
#include "core/copy_reason.h"

const struct copy_reason_def copy_reason_defs[] = {
#define COPY_REASON(id, name_, stage_, test_, remedy_) \
	[COPY_REASON_##id] = {.name = (name_), .stage = STAGE_##stage_, .test = (test_), .remedy = (remedy_)},
#include "core/copy_reason.def.h"
#undef COPY_REASON
};
static_assert_complete(copy_reason_defs, COPY_REASON_MAX_);

enum copy_reason copy_reason_by_name(const char *name)
{
	return (enum copy_reason)row_by_name(copy_reason_defs, name);
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
	size_t i = row_by_name(rows, function);

	return i < ARRAY_SIZE(rows) ? rows[i].stage : copy_reason_defs[reason].stage;
}

char *copy_reason_text(enum copy_reason reason, const char *detail)
{
	return xasprintf("%s%s%s", copy_reason_defs[reason].name, detail ? ": " : "", detail ?: "");
}
