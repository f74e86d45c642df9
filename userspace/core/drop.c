// SPDX-License-Identifier: GPL-2.0-only
#include "core/drop.h"

const struct drop_def drop_defs[] = {
#define DROP(id, name_, text_, effect_) \
	[DROP_##id] = {.name = (name_), .text = (text_), .effect = DROP_EFFECT_##effect_},
#include "core/drop.def.h"
#undef DROP
};
static_assert_complete(drop_defs, DROP_MAX_);

enum drop_kind drop_by_name(const char *name)
{
	return (enum drop_kind)row_by_name(drop_defs, name);
}

char *drop_text(enum drop_kind kind, const char *detail)
{
	return text_with(drop_defs[kind].text, detail);
}
