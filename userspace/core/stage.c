// SPDX-License-Identifier: GPL-2.0-only
#include "core/stage.h"

#include "core/result.h"

const struct stage_def stage_defs[] = {
#define STAGE(id, name_, title_, short_title_, layer_, direction_, kind_, traits_, colour_, bytes_, count_) \
	[STAGE_##id] = {                                                                           \
		.name = (name_),                                                                   \
		.title = (title_),                                                                 \
		.short_title = (short_title_),                                                     \
		.layer = LAYER_##layer_,                                                           \
		.direction = DIRECTION_##direction_,                                               \
		.kind = STAGE_##kind_,                                                             \
		.traits = (traits_),                                                               \
		.colour = (colour_),                                                               \
		.bytes = (bytes_),                                                                 \
		.count = (count_),                                                                 \
	},
#include "core/stage.def.h"
#undef STAGE
};
static_assert_complete(stage_defs, STAGE_MAX_);

const char *const stage_kind_nouns[] = {
	[STAGE_COPY] = "copies",
	[STAGE_REFERENCE] = "references",
	[STAGE_TRANSFORM] = "transforms",
	[STAGE_DISCARD] = "discards",
};
static_assert_complete(stage_kind_nouns, STAGE_KIND_MAX_);

enum stage stage_by_name(const char *name)
{
	return (enum stage)row_by_name(stage_defs, name);
}

static void add_count(struct stage_sum *sum, enum stage s, const struct run_set *set,
		      const struct run_result *r)
{
	struct metric_value count = {0};

	if (stage_defs[s].count != METRIC_MAX_)
		count = run_result_sum(set, r, stage_flow(s), stage_defs[s].count);
	sum->count_known = value_known(&count) && (sum->count_known || !sum->known_cells);
	if (!value_known(&count))
		return;
	sum->count += count.value;
	sum->count_bound |= count.bound;
}

static bool is_idle(enum stage s, const struct run_set *set, const struct run_result *r)
{
	const struct mode_info *mode = run_set_mode(set, r);

	return (stage_defs[s].traits & STAGE_OF_FILES && mode && !mode_sends_file(&mode->traits)) ||
	       (stage_defs[s].traits & STAGE_OF_ZCRX && set->plan.receive_way != RECEIVE_ZCRX);
}

void stage_sum_add(struct stage_sum *sum, enum stage s, const struct run_set *set,
		   const struct run_result *r)
{
	struct metric_value v = run_result_sum(set, r, stage_flow(s), stage_defs[s].bytes);
	struct metric_value payload = run_result_payload(set, r, stage_flow(s));

	sum->cells++;
	if (!sum->reason && v.reason)
		sum->reason = v.reason;
	if (!value_known(&v)) {
		sum->idle_cells += is_idle(s, set, r);
		return;
	}
	add_count(sum, s, set, r);
	sum->known_cells++;
	sum->bound |= v.bound;
	sum->bytes += v.value;
	if (!value_known(&payload))
		return;
	sum->payload += payload.value;
	sum->payload_bound |= payload.bound;
}

struct copies_per_byte stages_copies_per_byte(const struct stage_sum sum[STAGE_MAX_])
{
	struct copies_per_byte out = {.must_see = STAGE_MAX_};
	enum stage s;

	for (s = 0; s < STAGE_MAX_; s++) {
		if (!stage_counts(s))
			continue;
		out.value += stage_per_byte(&sum[s]);
		out.bound |= stage_per_byte_bound(&sum[s]);
		if (stage_defs[s].traits & STAGE_MUST_BE_SEEN && !sum[s].known_cells && out.must_see == STAGE_MAX_)
			out.must_see = s;
	}
	return out;
}
