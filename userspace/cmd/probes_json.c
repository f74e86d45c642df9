// SPDX-License-Identifier: GPL-2.0-only
#include "cmd/probes_json.h"

json_t *json_or_null(const char *text)
{
	return text ? json_string(text) : json_null();
}

json_t *probes_to_json(const struct run_set *set)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < set->probe_cnt; i++) {
		const struct probe_note *p = &set->probe[i];
		_cleanup_free_ char *why = reason_text(p->reason);

		json_array_append_new(list, json_pack("{s:s, s:s?, s:s?, s:s?}",
						      "quantity", p->quantity,
						      "tier", tier_names[p->tier], "via", p->via,
						      "reason", *why ? why : NULL));
	}
	return list;
}
