// SPDX-License-Identifier: GPL-2.0-only
/* The only place where facts are read out of prose: version 1 had nothing else. */
#include "core/result_json_v1.h"

#include <string.h>

#include "core/copy_reason.h"
#include "core/drop.h"
#include "core/metric.h"
#include "core/mode.h"
#include "core/result.h"

/* Behind a prefix, or NULL. */
static const char *after(const char *s, const char *prefix)
{
	size_t len = strlen(prefix);

	return s && !strncmp(s, prefix, len) ? s + len : NULL;
}

static json_t *text_or_null(const char *s)
{
	return s ? json_string(s) : json_null();
}

/* ---- reasons: "fentry: refused; kprobe: not in this kernel; tracepoint: none shows x" ------ */

static const char *tier_prefix(const char *s, const char **tier)
{
	const char *rest = NULL;
	size_t i;

	for (i = TIER_FENTRY; i < TIER_MAX_ && !rest; i++) {
		rest = after(s, tier_names[i]);
		rest = rest ? after(rest, ": ") : NULL;
		*tier = tier_names[i];
	}
	return rest;
}

static void add_reason(json_t *list, enum reason_code code, const char *tier, const char *text,
		       size_t len)
{
	json_array_append_new(list, json_pack("[s, o, o]", reason_names[code], text_or_null(tier),
					      json_stringn(text, len)));
}

/* The next tier's part begins at "; TIER: ". */
static size_t part_len(const char *s)
{
	const char *at, *tier;

	for (at = strstr(s, "; "); at; at = strstr(at + 1, "; "))
		if (tier_prefix(at + 2, &tier))
			return (size_t)(at - s);
	return strlen(s);
}

static json_t *reasons_of(const char *text)
{
	static const char derived[] = " was not measured: ";
	json_t *list = json_array();
	const char *inner = text ? strstr(text, derived) : NULL, *tier = NULL, *part, *shows;

	if (inner) {
		add_reason(list, REASON_INPUT_ABSENT, NULL, text, (size_t)(inner - text));
		text = inner + strlen(derived);
	}
	while (text && *text) {
		part = tier_prefix(text, &tier);
		if (!part) {
			add_reason(list, REASON_OTHER, NULL, text, strlen(text));
			break;
		}
		text = part + part_len(part);
		shows = after(part, "none shows ");
		if (shows && shows <= text)
			add_reason(list, REASON_NO_TRACEPOINT, tier, shows, (size_t)(text - shows));
		else
			add_reason(list, REASON_OTHER, tier, part, (size_t)(text - part));
		text = after(text, "; ");
	}
	return list;
}

static void upgrade_how(json_t *root)
{
	json_t *list = json_object_get(root, "how"), *row;
	size_t i;

	json_array_foreach(list, i, row) {
		const char *status = json_string_value(json_array_get(row, 0));
		const char *text = json_string_value(json_array_get(row, 2)), *rest;
		const char *bound = NULL;

		if (json_array_size(row) != 3 || !status)
			continue;
		if (!strcmp(status, "lossy")) {
			rest = after(text, "upper bound: ");
			bound = bound_names[rest ? BOUND_UPPER : BOUND_LOWER];
			text = rest ?: after(text, "lower bound: ") ?: text;
		}
		json_array_set_new(list, i,
				   json_pack("{s:s, s:o, s:O, s:o}", "status", bound ? "ok" : status,
					     "bound", text_or_null(bound), "via", json_array_get(row, 1),
					     "reasons", reasons_of(text)));
	}
}

static void upgrade_probes(json_t *root)
{
	json_t *row;
	size_t i;

	json_array_foreach(json_object_get(root, "probes"), i, row)
		json_object_set_new(
			row, "reasons",
			reasons_of(json_string_value(json_object_get(row, "reason"))));
}

/* ---- modes: what they promise shows in what they did --------------------------------------- */

static bool any_positive(const json_t *root, const char *mode, enum metric_id m)
{
	const json_t *r;
	size_t i;

	json_array_foreach(json_object_get(root, "results"), i, r) {
		const char *of = json_string_value(json_object_get(r, "mode"));
		const json_t *server = json_object_get(json_object_get(r, "values"), "server");
		const json_t *v = json_object_get(server, metric_defs[m].name);

		if (of && mode && !strcmp(of, mode) && json_number_value(json_array_get(v, 0)) > 0)
			return true;
	}
	return false;
}

static void upgrade_modes(json_t *root)
{
	json_t *modes = json_object_get(json_object_get(root, "plan"), "modes"), *mode;
	size_t i;

	/* The work is the product of both; the reader refuses more of either. */
	if (json_array_size(modes) > PLAN_ITEMS_MAX ||
	    json_array_size(json_object_get(root, "results")) > RESULTS_MAX)
		return;
	json_array_foreach(modes, i, mode) {
		const char *name = json_string_value(json_object_get(mode, "name"));
		bool ids = any_positive(root, name, M_ZC_IDS_ISSUED);
		bool zerocopy = ids || any_positive(root, name, M_ZEROCOPY_BYTES);
		enum way way = zerocopy				       ? WAY_ZEROCOPY :
			       any_positive(root, name, M_APP_BYTES) ? WAY_COPY :
								       WAY_OTHER;
		json_t *traits = json_pack("{s:s, s:s, s:b, s:b, s:b}", "way", way_names[way], "buffers",
					   buffers_names[BUFFERS_HEAP], "flattens",
					   any_positive(root, name, M_FLATTEN_BYTES), "takes_ids", ids,
					   "has_completions", ids);

		json_object_update(mode, traits);
		json_decref(traits);
	}
}

/* ---- lists of a result --------------------------------------------------------------------- */

static json_t *wait_of(const json_t *row)
{
	static const char suffix[] = ", main thread";
	const char *reason = json_string_value(json_array_get(row, 1));
	size_t len = reason ? strlen(reason) : 0;
	bool main_thread = len >= strlen(suffix) && !strcmp(reason + len - strlen(suffix), suffix);

	if (json_array_size(row) != 5 || !reason)
		return NULL;
	return json_pack("[O, o, O, b, O, O]", json_array_get(row, 0),
			 json_stringn(reason, main_thread ? len - strlen(suffix) : len),
			 json_array_get(row, 2), main_thread, json_array_get(row, 3),
			 json_array_get(row, 4));
}

static json_t *copy_of(const json_t *row)
{
	const char *function = json_string_value(json_array_get(row, 1));
	const char *text = json_string_value(json_array_get(row, 2)), *frames = after(text, "unknown:");
	enum copy_reason reason;

	if (json_array_size(row) != 5 || !function || !text)
		return NULL;
	reason = frames ? COPY_REASON_UNKNOWN : copy_reason_by_name(text);
	if (frames)
		frames = after(frames, " ") ?: frames;
	else if (reason == COPY_REASON_MAX_)
		frames = text;
	if (reason == COPY_REASON_MAX_)
		reason = COPY_REASON_UNKNOWN;
	return json_pack("[O, s, O, s, o, O, O]", json_array_get(row, 0),
			 stage_defs[copy_stage(function, reason)].name, json_array_get(row, 1),
			 copy_reason_defs[reason].name, text_or_null(frames), json_array_get(row, 3),
			 json_array_get(row, 4));
}

static json_t *drop_of(const json_t *row)
{
	const char *name = json_string_value(json_array_get(row, 0)), *detail = name, *inner;
	enum drop_kind kind = DROP_OTHER, k;
	size_t len;

	if (json_array_size(row) != 2 || !name)
		return NULL;
	len = strlen(name);
	for (k = 0; k < DROP_MAX_; k++)
		if (!strcmp(drop_defs[k].text, name)) {
			kind = k;
			detail = NULL;
		}
	inner = after(name, "tiers disagree: ");
	if (inner) {
		kind = DROP_DISAGREEMENT;
		detail = inner;
		len = strlen(inner);
	}
	inner = strstr(name, " skipped as nested");
	if (inner && after(name, "runs of ")) {
		kind = DROP_SKIPPED_RUNS;
		detail = after(name, "runs of ");
		len = (size_t)(inner - detail);
	}
	return json_pack("[s, o, O]", drop_defs[kind].name,
			 detail ? json_stringn(detail, len) : json_null(), json_array_get(row, 1));
}

static void upgrade_list(json_t *o, const char *key, json_t *(*upgrade)(const json_t *row))
{
	json_t *list = json_object_get(o, key), *row, *upgraded;
	size_t i;

	json_array_foreach(list, i, row) {
		upgraded = upgrade(row);
		if (upgraded)
			json_array_set_new(list, i, upgraded);
	}
}

void result_json_upgrade_v1(json_t *root)
{
	json_t *r;
	size_t i;

	json_object_set_new(root, "owners",
			    json_pack("[[s, s], [s, s], [s, s], [s, s]]", "cell",
				      flow_names[FLOW_WHOLE], "server", flow_names[FLOW_SENDS], "client",
				      flow_names[FLOW_RECEIVES], "kernel", flow_names[FLOW_NONE]));
	upgrade_modes(root);
	upgrade_probes(root);
	upgrade_how(root);
	json_array_foreach(json_object_get(root, "results"), i, r) {
		upgrade_list(r, "waits", wait_of);
		upgrade_list(r, "copies", copy_of);
		upgrade_list(r, "drops", drop_of);
	}
}
