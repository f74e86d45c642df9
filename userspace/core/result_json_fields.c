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

/* most: entries of a list of them */
#define TABLE(name, structure, most, ...)                          \
	static const struct field name##_table[] = {__VA_ARGS__};  \
	const struct fields name##_fields = FIELDS(structure, name##_table, most)

TABLE(head, struct run_set, 1,
      FIELD(struct run_set, tool_version, TEXT, .max = MAX_NAME),
      FIELD(struct run_set, started_utc, TEXT, .max = MAX_NAME),
      FIELD(struct run_set, elapsed_ns, U64),
      FIELD(struct run_set, command, TEXT, .max = MAX_COMMAND),
      FIELD(struct run_set, partial_reason, TEXT, .max = MAX_TEXT));

TABLE(plan, struct run_plan, 1,
      FIELD(struct run_plan, repetitions, UINT),
      FIELD(struct run_plan, attributions, UINT, .min = 1, .max = RESULTS_MAX, .optional = true),
      FIELD(struct run_plan, seed, UINT, .min = 1, .max = UINT32_MAX, .optional = true),
      FIELD(struct run_plan, margin_percent, UINT, .min = 1, .max = MARGIN_PERCENT_MAX, .optional = true),
      FIELD(struct run_plan, duration_ns, U64),
      FIELD(struct run_plan, warmup_ns, U64, .optional = true),
      FIELD(struct run_plan, path, TEXT, .max = MAX_NAME),
      FIELD(struct run_plan, attached, BOOL, .optional = true),
      FIELD(struct run_plan, ipv6, BOOL, .optional = true),
      FIELD(struct run_plan, pattern, TEXT, .max = MAX_NAME),
      FIELD(struct run_plan, tier, TEXT, .max = MAX_NAME),
      FIELD(struct run_plan, level, TEXT, .max = MAX_NAME),
      FIELD(struct run_plan, congestion, TEXT, .max = MAX_NAME),
      FIELD(struct run_plan, frequency_hz, UINT),
      FIELD(struct run_plan, offcpu_sample_ns, U64, .min = 1, .optional = true),
      FIELD(struct run_plan, ring, UINT, .min = 1, .max = MAX_THREADS, .optional = true),
      FIELD(struct run_plan, file_dir, TEXT, .max = MAX_TEXT, .optional = true),
      FIELD(struct run_plan, direct, BOOL, .optional = true),
      FIELD(struct run_plan, chunk_bytes, U64, .min = 1, .max = MAX_SIZE_BYTES, .optional = true),
      FIELD(struct run_plan, batch, UINT, .min = 1, .max = MAX_THREADS, .optional = true),
      FIELD(struct run_plan, issue, NAME, NAMES(issue_names), .min = ISSUE_OTHER, .optional = true),
      FIELD(struct run_plan, pipe_bytes, U64, .min = 1, .max = MAX_SIZE_BYTES, .optional = true),
      FIELD(struct run_plan, receive, TEXT, .max = MAX_NAME, .optional = true),
      FIELD(struct run_plan, receive_way, NAME, NAMES(receive_way_names), .min = RECEIVE_OTHER, .optional = true),
      FIELD(struct run_plan, versus_a, TEXT, .max = MAX_NAME, .optional = true),
      FIELD(struct run_plan, versus_b, TEXT, .max = MAX_NAME, .optional = true),
      FIELD(struct run_plan, verify, BOOL));

TABLE(variant, struct run_variant, VARIANTS_MAX,
      FIELD(struct run_variant, pattern, TEXT, .max = MAX_NAME),
      FIELD(struct run_variant, congestion, TEXT, .max = MAX_NAME),
      FIELD(struct run_variant, size_bytes, U64, .max = MAX_SIZE_BYTES, .optional = true),
      FIELD(struct run_variant, threads, UINT, .max = MAX_THREADS, .optional = true));

#define TRAIT(member, type_, ...)                                                                     \
	{.name = #member, .offset = offsetof(struct mode_info, traits.member), .type = FIELD_##type_, \
	 __VA_ARGS__}

TABLE(mode, struct mode_info, PLAN_ITEMS_MAX,
      FIELD(struct mode_info, name, STR, .max = MAX_NAME),
      FIELD(struct mode_info, title, TEXT, .max = MAX_NAME),
      FIELD(struct mode_info, help, TEXT, .max = MAX_TEXT),
      TRAIT(way, NAME, NAMES(way_names), .min = WAY_OTHER),
      TRAIT(buffers, NAME, NAMES(buffers_names), .min = BUFFERS_OTHER),
      TRAIT(transport, NAME, NAMES(transport_names), .min = TRANSPORT_OTHER, .optional = true),
      TRAIT(flattens, BOOL),
      TRAIT(takes_ids, BOOL),
      TRAIT(has_completions, BOOL),
      TRAIT(resumes, BOOL, .optional = true),
      TRAIT(registers, BOOL, .optional = true),
      TRAIT(requests, BOOL, .optional = true));

TABLE(owner, struct owner, OWNERS_MAX,
      FIELD(struct owner, label, STR, .max = MAX_SYMBOL),
      FIELD(struct owner, flow, NAME, NAMES(flow_names)));

TABLE(env, struct env_fact, MAX_LIST,
      FIELD(struct env_fact, name, STR, .max = MAX_NAME),
      FIELD(struct env_fact, value, STR, .max = MAX_TEXT));

TABLE(note, struct plan_note, MAX_LIST,
      FIELD(struct plan_note, area, STR, .max = MAX_NAME),
      FIELD(struct plan_note, text, STR, .max = MAX_TEXT));

TABLE(probe, struct probe_note, MAX_LIST,
      FIELD(struct probe_note, quantity, STR, .max = MAX_NAME),
      FIELD(struct probe_note, tier, NAME, NAMES(tier_names)),
      FIELD(struct probe_note, via, TEXT, .max = MAX_TEXT),
      FIELD(struct probe_note, series, UINT, .max = SERIES_MAX - 1, .optional = true));

TABLE(frame, struct frame, UINT32_MAX,
      FIELD(struct frame, kind, NAME, NAMES(frame_kind_names)),
      FIELD(struct frame, name, STR, .max = MAX_SYMBOL),
      FIELD(struct frame, module, TEXT, .max = MAX_SYMBOL));

TABLE(how, struct metric_value, UINT32_MAX,
      FIELD(struct metric_value, status, NAME, NAMES(value_status_names)),
      FIELD(struct metric_value, bound, NAME, NAMES(bound_names)),
      FIELD(struct metric_value, via, TEXT, .max = MAX_TEXT));

TABLE(reason, struct reason_entry, MAX_REASONS,
      FIELD(struct reason_entry, code, STR, .max = MAX_NAME),
      FIELD(struct reason_entry, tier, NAME, NAMES(tier_names)),
      FIELD(struct reason_entry, detail, TEXT, .max = MAX_TEXT));

TABLE(key, struct run_key, 1,
      FIELD(struct run_key, mode, STR, .max = MAX_NAME),
      FIELD(struct run_key, size_bytes, U64, .max = MAX_SIZE_BYTES),
      FIELD(struct run_key, threads, UINT, .max = MAX_THREADS),
      FIELD(struct run_key, repetition, UINT, .min = 1),
      FIELD(struct run_key, pass, NAME, NAMES(pass_names)),
      FIELD(struct run_key, variant, UINT, .max = VARIANTS_MAX, .optional = true));

TABLE(result, struct run_result, 1,
      FIELD(struct run_result, status, NAME, NAMES(result_status_names)),
      FIELD(struct run_result, reason, TEXT, .max = MAX_TEXT),
      FIELD(struct run_result, attempts, UINT),
      FIELD(struct run_result, series, UINT, .max = SERIES_MAX - 1, .optional = true));

TABLE(wait, struct wait_time, MAX_LIST,
      FIELD(struct wait_time, owner, OWNER),
      FIELD(struct wait_time, reason, STR, .max = MAX_NAME),
      FIELD(struct wait_time, voluntary, BOOL),
      FIELD(struct wait_time, main_thread, BOOL),
      FIELD(struct wait_time, count, U64),
      FIELD(struct wait_time, ns, U64));

TABLE(copy, struct copy_entry, MAX_LIST,
      FIELD(struct copy_entry, owner, OWNER),
      FIELD(struct copy_entry, stage, STR, .max = MAX_NAME),
      FIELD(struct copy_entry, function, STR, .max = MAX_SYMBOL),
      FIELD(struct copy_entry, reason, STR, .max = MAX_NAME),
      FIELD(struct copy_entry, detail, TEXT, .max = MAX_TEXT),
      FIELD(struct copy_entry, count, U64),
      FIELD(struct copy_entry, bytes, U64));

TABLE(call, struct call_entry, OWNERS_MAX * CALL_WAY_MAX_ * 64,
      FIELD(struct call_entry, owner, OWNER),
      FIELD(struct call_entry, way, STR, .max = MAX_NAME),
      FIELD(struct call_entry, from_bytes, U64, .min = 1),
      FIELD(struct call_entry, calls, U64),
      FIELD(struct call_entry, bytes, U64));

TABLE(socket, struct socket_use, SOCKETS_LISTED,
      FIELD(struct socket_use, owner, OWNER),
      FIELD(struct socket_use, protocol, STR, .max = MAX_NAME),
      FIELD(struct socket_use, local, STR, .max = MAX_NAME),
      FIELD(struct socket_use, remote, STR, .max = MAX_NAME),
      FIELD(struct socket_use, closed, BOOL),
      FIELD(struct socket_use, sends, U64),
      FIELD(struct socket_use, sent_bytes, U64),
      FIELD(struct socket_use, receives, U64),
      FIELD(struct socket_use, received_bytes, U64),
      FIELD(struct socket_use, device, TEXT, .max = MAX_NAME, .optional = true));

TABLE(drop, struct drop_entry, MAX_LIST,
      FIELD(struct drop_entry, kind, STR, .max = MAX_NAME),
      FIELD(struct drop_entry, detail, TEXT, .max = MAX_TEXT),
      FIELD(struct drop_entry, count, U64));

TABLE(stack, struct stack_entry, UINT32_MAX,
      FIELD(struct stack_entry, kind, UINT, .max = STACK_KIND_MAX_ - 1),
      FIELD(struct stack_entry, owner, UINT, .max = OWNERS_MAX),
      FIELD(struct stack_entry, node, UINT),
      FIELD(struct stack_entry, count, U64),
      FIELD(struct stack_entry, ns, U64));
