// SPDX-License-Identifier: GPL-2.0-only
/* docs/results-json.md tells of each, docs/results.schema.json for machines. */
#include "core/result_json_fields.h"

static const char *const frame_kind_names[] = {
	[FRAME_USER] = "u",
	[FRAME_KERNEL] = "k",
	[FRAME_OTHER] = "o",
};
static_assert_complete(frame_kind_names, FRAME_KIND_MAX_);

#define NAMES(table) .names = (table), .max = ARRAY_SIZE(table) - 1

#define TABLE(name, structure, ...)                                 \
	static const struct field name##_table[] = {__VA_ARGS__};  \
	const struct fields name##_fields = FIELDS(structure, name##_table)

TABLE(head, struct run_set,
      FIELD(struct run_set, tool_version, TEXT),
      FIELD(struct run_set, started_utc, TEXT),
      FIELD(struct run_set, elapsed_ns, U64),
      FIELD(struct run_set, command, TEXT),
      FIELD(struct run_set, partial_reason, TEXT));

TABLE(plan, struct run_plan,
      FIELD(struct run_plan, repetitions, UINT),
      FIELD(struct run_plan, duration_ns, U64),
      FIELD(struct run_plan, path, TEXT),
      FIELD(struct run_plan, pattern, TEXT),
      FIELD(struct run_plan, tier, TEXT),
      FIELD(struct run_plan, level, TEXT),
      FIELD(struct run_plan, congestion, TEXT),
      FIELD(struct run_plan, frequency_hz, UINT),
      FIELD(struct run_plan, verify, BOOL));

#define TRAIT(member, type_, ...)                                                                     \
	{.name = #member, .offset = offsetof(struct mode_info, traits.member), .type = FIELD_##type_, \
	 __VA_ARGS__}

TABLE(mode, struct mode_info,
      FIELD(struct mode_info, name, STR),
      FIELD(struct mode_info, title, TEXT),
      FIELD(struct mode_info, help, TEXT),
      TRAIT(way, NAME, NAMES(way_names), .min = WAY_OTHER),
      TRAIT(buffers, NAME, NAMES(buffers_names), .min = BUFFERS_OTHER),
      TRAIT(flattens, BOOL),
      TRAIT(takes_ids, BOOL),
      TRAIT(has_completions, BOOL));

TABLE(owner, struct owner,
      FIELD(struct owner, label, STR),
      FIELD(struct owner, flow, NAME, NAMES(flow_names)));

TABLE(env, struct env_fact,
      FIELD(struct env_fact, name, STR),
      FIELD(struct env_fact, value, STR));

TABLE(note, struct plan_note,
      FIELD(struct plan_note, area, STR),
      FIELD(struct plan_note, text, STR));

TABLE(probe, struct probe_note,
      FIELD(struct probe_note, quantity, STR),
      FIELD(struct probe_note, tier, NAME, NAMES(tier_names)),
      FIELD(struct probe_note, via, TEXT));

TABLE(frame, struct frame,
      FIELD(struct frame, kind, NAME, NAMES(frame_kind_names)),
      FIELD(struct frame, name, STR),
      FIELD(struct frame, module, TEXT));

TABLE(how, struct metric_value,
      FIELD(struct metric_value, status, NAME, NAMES(value_status_names)),
      FIELD(struct metric_value, bound, NAME, NAMES(bound_names)),
      FIELD(struct metric_value, via, TEXT));

TABLE(reason, struct reason_entry,
      FIELD(struct reason_entry, code, STR),
      FIELD(struct reason_entry, tier, NAME, NAMES(tier_names)),
      FIELD(struct reason_entry, detail, TEXT));

TABLE(key, struct run_key,
      FIELD(struct run_key, mode, STR),
      FIELD(struct run_key, size_bytes, U64, .min = 1, .max = MAX_SIZE_BYTES),
      FIELD(struct run_key, threads, UINT, .min = 1, .max = MAX_THREADS),
      FIELD(struct run_key, repetition, UINT, .min = 1),
      FIELD(struct run_key, pass, NAME, NAMES(pass_names)));

TABLE(result, struct run_result,
      FIELD(struct run_result, status, NAME, NAMES(result_status_names)),
      FIELD(struct run_result, reason, TEXT),
      FIELD(struct run_result, attempts, UINT));

TABLE(wait, struct wait_time,
      FIELD(struct wait_time, owner, OWNER),
      FIELD(struct wait_time, reason, STR),
      FIELD(struct wait_time, voluntary, BOOL),
      FIELD(struct wait_time, main_thread, BOOL),
      FIELD(struct wait_time, count, U64),
      FIELD(struct wait_time, ns, U64));

TABLE(copy, struct copy_entry,
      FIELD(struct copy_entry, owner, OWNER),
      FIELD(struct copy_entry, stage, STR),
      FIELD(struct copy_entry, function, STR),
      FIELD(struct copy_entry, reason, STR),
      FIELD(struct copy_entry, detail, TEXT),
      FIELD(struct copy_entry, count, U64),
      FIELD(struct copy_entry, bytes, U64));

TABLE(drop, struct drop_entry,
      FIELD(struct drop_entry, kind, STR),
      FIELD(struct drop_entry, detail, TEXT),
      FIELD(struct drop_entry, count, U64));

TABLE(stack, struct stack_entry,
      FIELD(struct stack_entry, kind, UINT, .max = STACK_KIND_MAX_ - 1),
      FIELD(struct stack_entry, owner, UINT, .max = OWNERS_MAX),
      FIELD(struct stack_entry, node, UINT),
      FIELD(struct stack_entry, count, U64),
      FIELD(struct stack_entry, ns, U64));
