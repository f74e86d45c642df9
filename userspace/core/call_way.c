// SPDX-License-Identifier: GPL-2.0-only
#include "core/call_way.h"

const struct call_way_def call_way_defs[] = {
#define CALL_WAY(id, name_, title_, flow_, kind_, remedy_)                                        \
	[CALL_WAY_##id] = {.name = (name_), .title = (title_), .flow = FLOW_##flow_, .kind = CALL_##kind_, \
			   .remedy = (remedy_)},
#include "core/call_way.def.h"
#undef CALL_WAY
};
static_assert_complete(call_way_defs, CALL_WAY_MAX_);

enum call_way call_way_by_name(const char *name)
{
	return (enum call_way)row_by_name(call_way_defs, name);
}
