// SPDX-License-Identifier: GPL-2.0-only
#include "core/reason.h"

const char *const tier_names[] = {
	[TIER_NONE] = NULL,
	[TIER_FENTRY] = "fentry",
	[TIER_KPROBE] = "kprobe",
	[TIER_TRACEPOINT] = "tracepoint",
	[TIER_PERF_EVENT] = "perf event",
};
static_assert_complete(tier_names, TIER_MAX_);

#define REASON(id, name, text, remedy) [REASON_##id] = (name),
const char *const reason_names[] = {
#include "core/reason.def.h"
};
#undef REASON
static_assert_complete(reason_names, REASON_MAX_);

static const struct {
	const char *text, *remedy;
} rows[] = {
#define REASON(id, name, text_, remedy_) [REASON_##id] = {(text_), (remedy_)},
#include "core/reason.def.h"
#undef REASON
};

char *reason_text_one(const struct reason *r)
{
	_cleanup_free_ char *text = text_with(rows[r->code].text, r->detail);
	const char *remedy = rows[r->code].remedy;

	return xasprintf("%s%s%s", text, remedy ? ": " : "", remedy ?: "");
}

/* These two lead to what follows them. */
static bool introduces(const struct reason *r)
{
	return r->code == REASON_INPUT_ABSENT || r->code == REASON_NOT_ON_PMU;
}

char *reason_text(const struct reason *list)
{
	char *all = xstrdup("");
	const char *separator = "";

	for (; list; list = list->next) {
		_cleanup_free_ char *before = all, *one = reason_text_one(list);

		all = xasprintf("%s%s%s%s%s", before, separator, tier_names[list->tier] ?: "",
				tier_names[list->tier] ? ": " : "", one);
		separator = introduces(list) ? ": " : "; ";
	}
	return all;
}
