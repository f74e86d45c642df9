// SPDX-License-Identifier: GPL-2.0-only
/* Reads the "results" member of results.json; see result_json_read.c. */
#include "core/result_json_fields.h"

#include <math.h>
#include <string.h>

#include "core/hist_json.h"

/* [number or null, index into how, coverage if not 1] */
static int read_value(struct reader *rd, const json_t *j, const char *name, const struct tables *t,
		      struct metric_value *v)
{
	const json_t *number = json_array_get(j, 0), *coverage = json_array_get(j, 2);
	uint64_t how = 0;
	double c = 1;
	int err;

	if (!json_is_array(j) || json_array_size(j) < 2 || json_array_size(j) > 3)
		return bad(rd, "%s is not [value, how] or [value, how, coverage]", name);
	err = read_u64(rd, json_array_get(j, 1), "how", 0, UINT32_MAX, &how);
	if (err)
		return err;
	if (how >= t->how_cnt)
		return bad(rd, "%s: how %u of %zu", name, (unsigned int)how, t->how_cnt);
	*v = t->how[how];
	if (!value_known(v)) {
		if (!json_is_null(number))
			return bad(rd, "%s is %s and yet has a value", name,
				   value_status_names[v->status]);
		return 0;
	}
	if (!json_is_number(number) || !isfinite(json_number_value(number)))
		return bad(rd, "%s is not a number", name);
	if (coverage) {
		c = json_number_value(coverage);
		if (!json_is_number(coverage) || !(c >= 0 && c <= 1))
			return bad(rd, "%s: coverage is not in 0..1", name);
	}
	v->value = json_number_value(number);
	v->coverage = (float)c;
	return 0;
}

static int read_values(struct reader *rd, json_t *o, const struct tables *t)
{
	json_t *values = json_object_get(o, "values"), *of_owner, *j;
	const char *label, *name;
	unsigned int owner;
	enum metric_id m;
	int err;

	if (!json_is_object(values))
		return bad(rd, "values is not an object");
	json_object_foreach(values, label, of_owner) {
		owner = run_set_owner_by_label(rd->set, label);
		if (owner == rd->set->owner_cnt || !json_is_object(of_owner))
			return bad(rd, "values has a member that is no owner");
		json_object_foreach(of_owner, name, j) {
			struct metric_value ignored;

			m = metric_by_name(name);
			err = read_value(rd, j, m < METRIC_MAX_ ? name : "a metric", t,
					 m < METRIC_MAX_ ? &t->r->v[owner][m] : &ignored);
			if (err)
				return err;
		}
	}
	return 0;
}

static int add_wait(struct reader *rd, void *entry, void *ctx)
{
	(void)rd;
	run_result_wait(((struct tables *)ctx)->r, entry);
	return 0;
}

static int add_copy(struct reader *rd, void *entry, void *ctx)
{
	const struct copy_entry *e = entry;
	struct path_copy c = {.owner = e->owner,
			      .stage = stage_by_name(e->stage),
			      .function = e->function,
			      .reason = copy_reason_by_name(e->reason),
			      .detail = e->detail,
			      .count = e->count,
			      .bytes = e->bytes};

	(void)rd;
	if (c.stage == STAGE_MAX_)
		c.stage = STAGE_OTHER;
	if (c.reason == COPY_REASON_MAX_) {
		c.reason = COPY_REASON_UNKNOWN;
		c.detail = c.detail ?: e->reason;
	}
	run_result_copy(((struct tables *)ctx)->r, &c);
	return 0;
}

static int add_call(struct reader *rd, void *entry, void *ctx)
{
	const struct call_entry *e = entry;
	struct call_size c = {.owner = e->owner, .way = call_way_by_name(e->way), .from_bytes = e->from_bytes,
			      .calls = e->calls, .bytes = e->bytes};

	(void)rd;
	if (c.way != CALL_WAY_MAX_) /* else a newer copyscope's */
		run_result_call(((struct tables *)ctx)->r, &c);
	return 0;
}

static int add_socket(struct reader *rd, void *entry, void *ctx)
{
	(void)rd;
	run_result_socket(((struct tables *)ctx)->r, entry);
	return 0;
}

static int add_drop(struct reader *rd, void *entry, void *ctx)
{
	const struct drop_entry *e = entry;
	enum drop_kind kind = drop_by_name(e->kind);
	bool known = kind != DROP_MAX_;

	(void)rd;
	run_result_drop(((struct tables *)ctx)->r, known ? kind : DROP_OTHER,
			known ? e->detail : e->kind, e->count);
	return 0;
}

static int add_stack(struct reader *rd, void *entry, void *ctx)
{
	const struct stack_entry *e = entry;
	struct tables *t = ctx;
	unsigned int frames[MAX_STACK_DEPTH], node = e->node, i;
	struct stack s = {.kind = (enum stack_kind)e->kind,
			  .owner = e->owner,
			  .count = e->count,
			  .ns = e->ns,
			  .frame = frames};

	if (node > t->node_cnt)
		return bad(rd, "stack node %u of %zu", node, t->node_cnt);
	if (s.owner >= rd->set->owner_cnt)
		return bad(rd, "owner %u of %u", s.owner, rd->set->owner_cnt);
	s.depth = node ? t->node_depth[node - 1] : 0;
	t->frames_unfolded += s.depth;
	if (t->frames_unfolded > MAX_STACK_FRAMES)
		return bad(rd, "more than %d frames in all stacks", MAX_STACK_FRAMES);
	for (i = s.depth; i > 0; i--) {
		frames[i - 1] = t->node_frame[node - 1];
		node = t->node_parent[node - 1];
	}
	run_result_stack(t->r, &s);
	return 0;
}

static int read_hist(struct reader *rd, const json_t *o, const char *name, struct hist **hist)
{
	const json_t *member = json_object_get(o, name);

	int err = member ? take_memory(rd, sizeof(**hist)) : 0;

	if (!err && member && hist_from_json(member, hist))
		return bad(rd, "%s is not a histogram", name);
	return err;
}

static int read_timelines(struct reader *rd, const json_t *o, struct timeline *timeline[TIMELINE_MAX_])
{
	const json_t *all = json_object_get(o, "timelines"), *one;
	enum timeline_kind kind;
	int err;

	for (kind = 0; kind < TIMELINE_MAX_; kind++) {
		one = json_object_get(all, timeline_defs[kind].name);
		if (!one)
			continue;
		err = take_memory(rd, sizeof(*timeline[kind]));
		if (err)
			return err;
		if (timeline_from_json(one, kind, &timeline[kind]))
			return bad(rd, "%s is not a timeline", timeline_defs[kind].name);
	}
	return 0;
}

static int read_key(struct reader *rd, const json_t *o, struct run_key *key)
{
	const struct run_plan *plan = &rd->set->plan;
	size_t i;
	int err = read_members(rd, o, &key_fields, key);

	if (err)
		return err;
	if (!plan->attached && (!key->size_bytes || !key->threads))
		return bad(rd, "a cell without a size or threads");
	if (key->variant > plan->variant_cnt)
		return bad(rd, "the variant is not one of plan.variants");
	for (i = 0; i < plan->mode_cnt; i++)
		if (plan->mode[i].name == key->mode)
			return 0;
	return bad(rd, "the mode is not one of plan.modes");
}

static int read_result(struct reader *rd, json_t *o, struct tables *t)
{
	struct run_key key = {0};
	int err = read_key(rd, o, &key);

	if (err)
		return err;
	if (run_set_find(rd->set, &key))
		return bad(rd, "the same cell, repetition and pass twice");
	err = take_memory(rd, sizeof(*t->r) + rd->set->owner_cnt * sizeof(*t->r->v));
	if (err)
		return err;
	t->r = run_set_add(rd->set, &key);
	err = read_members(rd, o, &result_fields, t->r);
	err = err ?: read_values(rd, o, t);
	err = err ?: read_hist(rd, o, "latency", &t->r->latency);
	err = err ?: read_hist(rd, o, "completion", &t->r->completion);
	err = err ?: read_timelines(rd, o, t->r->timeline);
	err = err ?: read_list(rd, o, "waits", true, &wait_fields, add_wait, t);
	err = err ?: read_list(rd, o, "copies", true, &copy_fields, add_copy, t);
	if (!err && json_object_get(o, "calls"))
		err = read_list(rd, o, "calls", true, &call_fields, add_call, t);
	if (!err && json_object_get(o, "sockets"))
		err = read_list(rd, o, "sockets", true, &socket_fields, add_socket, t);
	err = err ?: read_list(rd, o, "drops", true, &drop_fields, add_drop, t);
	return err ?: read_list(rd, o, "stacks", true, &stack_fields, add_stack, t);
}

int read_results(struct reader *rd, const json_t *root, struct tables *t)
{
	json_t *list, *o;
	size_t i;
	int err;

	at(rd, "%s", "");
	err = get_array(rd, root, "results", &list);
	if (err)
		return err;
	if (json_array_size(list) > RESULTS_MAX)
		return bad(rd, "more than %d results", RESULTS_MAX);
	json_array_foreach(list, i, o) {
		at(rd, "results[%zu]", i);
		err = read_result(rd, o, t);
		if (err)
			return err;
	}
	return 0;
}
