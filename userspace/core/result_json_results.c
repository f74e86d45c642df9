// SPDX-License-Identifier: GPL-2.0-only
/* Reads the "results" member of results.json; see result_json_read.c. */
#include "core/result_json_reader.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "core/hist_json.h"

static int read_key(struct reader *rd, const json_t *o, struct run_key *key)
{
	const struct run_plan *plan = &rd->set->plan;
	unsigned int pass;
	size_t i;
	int err;

	if (!json_is_object(o))
		return bad(rd, "not an object");
	if ((err = get_str(rd, o, "mode", false, &key->mode)) ||
	    (err = as_u64(rd, json_object_get(o, "size_bytes"), "size_bytes", 1, MAX_SIZE_BYTES,
			  &key->size_bytes)) ||
	    (err = as_uint(rd, json_object_get(o, "threads"), "threads", 1, MAX_THREADS,
			   &key->threads)) ||
	    (err = as_uint(rd, json_object_get(o, "repetition"), "repetition", 1, UINT32_MAX,
			   &key->repetition)) ||
	    (err = as_name(rd, json_object_get(o, "pass"), "pass", pass_names, PASS_MAX_, &pass)))
		return err;
	key->pass = (enum pass)pass;
	for (i = 0; i < plan->mode_cnt; i++)
		if (plan->mode[i].name == key->mode)
			return 0;
	return bad(rd, "the mode is not one of plan.modes");
}

/* [number or null, index into how, coverage if not 1] */
static int read_value(struct reader *rd, const json_t *j, const char *name, struct metric_value *v)
{
	const json_t *number = json_array_get(j, 0), *coverage = json_array_get(j, 2);
	unsigned int how;
	double c = 1;
	int err;

	if (!json_is_array(j) || json_array_size(j) < 2 || json_array_size(j) > 3)
		return bad(rd, "%s is not [value, how] or [value, how, coverage]", name);
	err = as_uint(rd, json_array_get(j, 1), "how", 0, UINT32_MAX, &how);
	if (err)
		return err;
	if (how >= rd->how_cnt)
		return bad(rd, "%s: how %u of %zu", name, how, rd->how_cnt);
	*v = rd->how[how];
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

static int read_values(struct reader *rd, json_t *o, struct run_result *r)
{
	json_t *values = json_object_get(o, "values"), *of_role, *j;
	const char *role_name, *name;
	enum metric_id m;
	enum role role;
	int err;

	if (!json_is_object(values))
		return bad(rd, "values is not an object");
	json_object_foreach(values, role_name, of_role) {
		role = role_by_name(role_name);
		if (role == ROLE_MAX_ || !json_is_object(of_role))
			return bad(rd, "values has a member that is no role");
		json_object_foreach(of_role, name, j) {
			m = metric_by_name(name);
			if (m == METRIC_MAX_)
				return bad(rd, "values.%s has an unknown metric", role_name);
			err = read_value(rd, j, metric_defs[m].name, &r->v[role][m]);
			if (err)
				return err;
		}
	}
	return 0;
}

static int read_waits(struct reader *rd, const json_t *o, struct run_result *r)
{
	struct wait_time w;
	unsigned int role;
	json_t *list, *j;
	size_t i;
	int err = get_array(rd, o, "waits", &list);

	if (err)
		return err;
	json_array_foreach(list, i, j) {
		if ((err = is_tuple(rd, j, 5)) ||
		    (err = as_name(rd, json_array_get(j, 0), "role", role_names, ROLE_MAX_,
				   &role)) ||
		    (err = as_str(rd, json_array_get(j, 1), "reason", false, &w.reason)) ||
		    (err = as_bool(rd, json_array_get(j, 2), "voluntary", &w.voluntary)) ||
		    (err = as_u64(rd, json_array_get(j, 3), "count", 0, INT64_MAX, &w.count)) ||
		    (err = as_u64(rd, json_array_get(j, 4), "ns", 0, INT64_MAX, &w.ns)))
			return err;
		w.role = (enum role)role;
		run_result_wait(r, &w);
	}
	return 0;
}

static int read_copies(struct reader *rd, const json_t *o, struct run_result *r)
{
	struct path_copy c;
	unsigned int role;
	json_t *list, *j;
	size_t i;
	int err = get_array(rd, o, "copies", &list);

	if (err)
		return err;
	json_array_foreach(list, i, j) {
		if ((err = is_tuple(rd, j, 5)) ||
		    (err = as_name(rd, json_array_get(j, 0), "role", role_names, ROLE_MAX_,
				   &role)) ||
		    (err = as_str(rd, json_array_get(j, 1), "function", false, &c.function)) ||
		    (err = as_str(rd, json_array_get(j, 2), "reason", false, &c.reason)) ||
		    (err = as_u64(rd, json_array_get(j, 3), "count", 0, INT64_MAX, &c.count)) ||
		    (err = as_u64(rd, json_array_get(j, 4), "bytes", 0, INT64_MAX, &c.bytes)))
			return err;
		c.role = (enum role)role;
		run_result_copy(r, &c);
	}
	return 0;
}

static int read_drops(struct reader *rd, const json_t *o, struct run_result *r)
{
	const char *name;
	uint64_t count;
	json_t *list, *j;
	size_t i;
	int err = get_array(rd, o, "drops", &list);

	if (err)
		return err;
	json_array_foreach(list, i, j) {
		if ((err = is_tuple(rd, j, 2)) ||
		    (err = as_str(rd, json_array_get(j, 0), "drop", false, &name)) ||
		    (err = as_u64(rd, json_array_get(j, 1), "count", 0, INT64_MAX, &count)))
			return err;
		run_result_drop(r, name, count);
	}
	return 0;
}

/* [kind, role, node + 1, count, ns] */
static int read_stack(struct reader *rd, const json_t *j, struct run_result *r)
{
	unsigned int kind, role, node, frames[MAX_STACK_DEPTH];
	struct stack s = {.frame = frames};
	unsigned int i;
	int err;

	if ((err = is_tuple(rd, j, 5)) ||
	    (err = as_uint(rd, json_array_get(j, 0), "kind", 0, STACK_KIND_MAX_ - 1, &kind)) ||
	    (err = as_uint(rd, json_array_get(j, 1), "role", 0, ROLE_MAX_ - 1, &role)) ||
	    (err = as_uint(rd, json_array_get(j, 2), "node", 0, UINT32_MAX, &node)) ||
	    (err = as_u64(rd, json_array_get(j, 3), "count", 0, INT64_MAX, &s.count)) ||
	    (err = as_u64(rd, json_array_get(j, 4), "ns", 0, INT64_MAX, &s.ns)))
		return err;
	if (node > rd->node_cnt)
		return bad(rd, "stack node %u of %zu", node, rd->node_cnt);
	s.kind = (enum stack_kind)kind;
	s.role = (enum role)role;
	s.depth = node ? rd->node_depth[node - 1] : 0;
	rd->frames_unfolded += s.depth;
	if (rd->frames_unfolded > MAX_STACK_FRAMES)
		return bad(rd, "more than %d frames in all stacks", MAX_STACK_FRAMES);
	for (i = s.depth; i > 0; i--) {
		frames[i - 1] = rd->node_frame[node - 1];
		node = rd->node_parent[node - 1];
	}
	run_result_stack(r, &s);
	return 0;
}

static int read_stacks(struct reader *rd, const json_t *o, struct run_result *r)
{
	json_t *list, *j;
	size_t i;
	int err = get_array(rd, o, "stacks", &list);

	if (err)
		return err;
	json_array_foreach(list, i, j) {
		err = read_stack(rd, j, r);
		if (err)
			return err;
	}
	return 0;
}

static int read_hist(struct reader *rd, const json_t *o, const char *name, struct hist **hist)
{
	const json_t *member = json_object_get(o, name);

	if (member && hist_from_json(member, hist))
		return bad(rd, "%s is not a histogram", name);
	return 0;
}

static int read_result(struct reader *rd, json_t *o)
{
	struct run_result *r;
	unsigned int status;
	struct run_key key;
	int err;

	err = read_key(rd, o, &key);
	if (err)
		return err;
	if (run_set_find(rd->set, &key))
		return bad(rd, "the same cell, repetition and pass twice");
	r = run_set_add(rd->set, &key);
	if ((err = as_name(rd, json_object_get(o, "status"), "status", result_status_names,
			   RESULT_STATUS_MAX_, &status)) ||
	    (err = get_str(rd, o, "reason", true, &r->reason)) ||
	    (err = as_uint(rd, json_object_get(o, "attempts"), "attempts", 0, UINT32_MAX,
			   &r->attempts)) ||
	    (err = read_values(rd, o, r)))
		return err;
	r->status = (enum result_status)status;
	if ((err = read_hist(rd, o, "latency", &r->latency)) ||
	    (err = read_hist(rd, o, "completion", &r->completion)) || (err = read_waits(rd, o, r)) ||
	    (err = read_copies(rd, o, r)) || (err = read_drops(rd, o, r)))
		return err;
	return read_stacks(rd, o, r);
}

int read_results(struct reader *rd, const json_t *root)
{
	json_t *list, *o;
	size_t i;
	int err;

	at(rd, "%s", "");
	err = get_array(rd, root, "results", &list);
	if (err)
		return err;
	if (json_array_size(list) > MAX_RESULTS)
		return bad(rd, "more than %d results", MAX_RESULTS);
	json_array_foreach(list, i, o) {
		at(rd, "results[%zu]", i);
		err = read_result(rd, o);
		if (err)
			return err;
	}
	return 0;
}
