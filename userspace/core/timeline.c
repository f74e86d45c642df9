// SPDX-License-Identifier: GPL-2.0-only
#include "core/timeline.h"

#include <errno.h>

const struct timeline_def timeline_defs[] = {
	[TIMELINE_RECEIVED] = {"received_bytes", .samples = false},
	[TIMELINE_RETRANSMITTED] = {"retransmit_bytes", .samples = false},
	[TIMELINE_RUNNABLE] = {"runnable_threads", .samples = true},
};
static_assert_complete(timeline_defs, TIMELINE_MAX_);

static uint64_t combine(enum timeline_kind kind, uint64_t a, uint64_t b)
{
	if (!timeline_defs[kind].samples)
		return a + b;
	return a == TIMELINE_NONE ? b : b == TIMELINE_NONE ? a : MAX(a, b);
}

void timeline_widen(struct timeline *t)
{
	size_t i;

	for (i = 0; i < t->cnt; i += 2)
		t->bin[i / 2] = i + 1 < t->cnt ? combine(t->kind, t->bin[i], t->bin[i + 1]) : t->bin[i];
	t->cnt = (t->cnt + 1) / 2;
	t->bin_ns *= 2;
}

void timeline_put(struct timeline *t, uint64_t at_ns, uint64_t n)
{
	uint64_t empty = timeline_defs[t->kind].samples ? TIMELINE_NONE : 0;
	size_t i;

	t->bin_ns = t->bin_ns ?: TIMELINE_BIN_NS;
	while (at_ns / t->bin_ns >= TIMELINE_BINS)
		timeline_widen(t);
	i = at_ns / t->bin_ns;
	while (t->cnt <= i)
		t->bin[t->cnt++] = empty;
	t->bin[i] = combine(t->kind, t->bin[i], n);
}

void timeline_cut(struct timeline *t, const struct timeline *window)
{
	while (t->bin_ns < window->bin_ns)
		timeline_widen(t);
	t->cnt = MIN(t->cnt, (window->cnt * window->bin_ns + t->bin_ns - 1) / t->bin_ns);
}

void timeline_merge(struct timeline *to, const struct timeline *from)
{
	size_t i;

	while (to->bin_ns && to->bin_ns < from->bin_ns)
		timeline_widen(to);
	for (i = 0; i < from->cnt; i++)
		timeline_put(to, i * from->bin_ns, from->bin[i]);
}

json_t *timeline_to_json(const struct timeline *t)
{
	json_t *bins = json_array();
	size_t i;

	for (i = 0; i < t->cnt; i++)
		json_array_append_new(bins, t->bin[i] == TIMELINE_NONE ? json_null() :
									 json_integer((json_int_t)t->bin[i]));
	return json_pack("{s:I, s:o}", "bin_ns", (json_int_t)t->bin_ns, "bins", bins);
}

static int read_bin(const json_t *json, enum timeline_kind kind, uint64_t *bin)
{
	if (json_is_null(json) && timeline_defs[kind].samples)
		*bin = TIMELINE_NONE;
	else if (json_is_integer(json) && json_integer_value(json) >= 0)
		*bin = (uint64_t)json_integer_value(json);
	else
		return -EINVAL;
	return 0;
}

int timeline_from_json(const json_t *json, enum timeline_kind kind, struct timeline **out)
{
	const json_t *bins = json_object_get(json, "bins");
	json_int_t bin_ns = json_integer_value(json_object_get(json, "bin_ns"));
	_cleanup_free_ struct timeline *t = xcalloc(1, sizeof(*t));
	uint64_t sum = 0;

	if (!json_is_array(bins) || !json_array_size(bins) || json_array_size(bins) > TIMELINE_BINS ||
	    bin_ns <= 0 || (uint64_t)bin_ns > TIMELINE_BIN_MAX_NS)
		return -EINVAL;
	*t = (struct timeline){.kind = kind, .bin_ns = (uint64_t)bin_ns};
	for (; t->cnt < json_array_size(bins); t->cnt++) {
		if (read_bin(json_array_get(bins, t->cnt), kind, &t->bin[t->cnt]))
			return -EINVAL;
		if (!timeline_defs[kind].samples && __builtin_add_overflow(sum, t->bin[t->cnt], &sum))
			return -EINVAL;
	}
	*out = take_ptr(t);
	return 0;
}
