// SPDX-License-Identifier: GPL-2.0-only
/* Reads results.json, which anybody may have written: nothing is believed. Each field is checked for
 * presence, type and range, each index against its table; the first fault is printed with its place
 * and ends the reading. This file: the document and its tables; result_json_results.c: the results.
 */
#include "core/result_json.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "core/log.h"
#include "core/result_json_reader.h"

/* ---- plan and tables ----------------------------------------------------------------------- */

static int read_modes(struct reader *rd, const json_t *plan)
{
	struct run_plan *p = &rd->set->plan;
	json_t *list, *j;
	size_t i;
	int err = get_array(rd, plan, "modes", &list);

	if (err)
		return err;
	if (json_array_size(list) > MAX_PLAN_ITEMS)
		return bad(rd, "more than %d modes", MAX_PLAN_ITEMS);
	p->mode = xcalloc(json_array_size(list), sizeof(*p->mode));
	json_array_foreach(list, i, j) {
		struct mode_info *m = &p->mode[i];

		at(rd, "plan.modes[%zu]", i);
		if ((err = get_str(rd, j, "name", false, &m->name)) ||
		    (err = get_str(rd, j, "title", true, &m->title)) ||
		    (err = get_str(rd, j, "help", true, &m->help)))
			return err;
		p->mode_cnt = i + 1;
	}
	return 0;
}

static int read_axes(struct reader *rd, const json_t *plan)
{
	struct run_plan *p = &rd->set->plan;
	json_t *sizes, *threads, *j;
	size_t i;
	int err;

	at(rd, "plan");
	if ((err = get_array(rd, plan, "size_bytes", &sizes)) ||
	    (err = get_array(rd, plan, "threads", &threads)))
		return err;
	if (json_array_size(sizes) > MAX_PLAN_ITEMS || json_array_size(threads) > MAX_PLAN_ITEMS)
		return bad(rd, "more than %d sizes or thread counts", MAX_PLAN_ITEMS);
	p->size_bytes = xcalloc(json_array_size(sizes), sizeof(*p->size_bytes));
	json_array_foreach(sizes, i, j) {
		err = as_u64(rd, j, "size_bytes", 1, MAX_SIZE_BYTES, &p->size_bytes[i]);
		if (err)
			return err;
		p->size_cnt = i + 1;
	}
	p->threads = xcalloc(json_array_size(threads), sizeof(*p->threads));
	json_array_foreach(threads, i, j) {
		err = as_uint(rd, j, "threads", 1, MAX_THREADS, &p->threads[i]);
		if (err)
			return err;
		p->thread_cnt = i + 1;
	}
	return 0;
}

static int read_plan(struct reader *rd, const json_t *root)
{
	const json_t *o = json_object_get(root, "plan");
	struct run_plan *p = &rd->set->plan;
	int err;

	at(rd, "plan");
	if (!json_is_object(o))
		return bad(rd, "not an object");
	if ((err = read_modes(rd, o)) || (err = read_axes(rd, o)) ||
	    (err = as_uint(rd, json_object_get(o, "repetitions"), "repetitions", 0, UINT32_MAX,
			   &p->repetitions)) ||
	    (err = as_u64(rd, json_object_get(o, "duration_ns"), "duration_ns", 0, INT64_MAX,
			  &p->duration_ns)) ||
	    (err = get_str(rd, o, "path", true, &p->path)) ||
	    (err = get_str(rd, o, "pattern", true, &p->pattern)) ||
	    (err = get_str(rd, o, "tier", true, &p->tier)) ||
	    (err = get_str(rd, o, "level", true, &p->level)) ||
	    (err = get_str(rd, o, "congestion", true, &p->congestion)) ||
	    (err = as_uint(rd, json_object_get(o, "frequency_hz"), "frequency_hz", 0, UINT32_MAX,
			   &p->frequency_hz)))
		return err;
	return as_bool(rd, json_object_get(o, "verify"), "verify", &p->verify);
}

static int read_pairs(struct reader *rd, const json_t *root, const char *key)
{
	bool env = !strcmp(key, "environment");
	const char *name, *text;
	json_t *list, *j;
	size_t i;
	int err;

	at(rd, "%s", "");
	err = get_array(rd, root, key, &list);
	if (err)
		return err;
	json_array_foreach(list, i, j) {
		at(rd, "%s[%zu]", key, i);
		if ((err = is_tuple(rd, j, 2)) ||
		    (err = as_str(rd, json_array_get(j, 0), "name", false, &name)) ||
		    (err = as_str(rd, json_array_get(j, 1), "text", false, &text)))
			return err;
		if (env)
			run_set_env(rd->set, name, "%s", text);
		else
			run_set_note(rd->set, name, "%s", text);
	}
	return 0;
}

static int read_probes(struct reader *rd, const json_t *root)
{
	struct run_set *set = rd->set;
	json_t *list, *j;
	size_t i;
	int err;

	at(rd, "%s", "");
	err = get_array(rd, root, "probes", &list);
	if (err)
		return err;
	json_array_foreach(list, i, j) {
		struct probe_note n;

		at(rd, "probes[%zu]", i);
		if ((err = get_str(rd, j, "quantity", false, &n.quantity)) ||
		    (err = get_str(rd, j, "tier", true, &n.tier)) ||
		    (err = get_str(rd, j, "via", true, &n.via)) ||
		    (err = get_str(rd, j, "reason", true, &n.reason)))
			return err;
		array_grow(set->probe, set->probe_cnt, set->probe_cap);
		set->probe[set->probe_cnt++] = n;
	}
	return 0;
}

static int read_frames(struct reader *rd, const json_t *root)
{
	static const char *const kinds[] = {
		[FRAME_USER] = "u", [FRAME_KERNEL] = "k", [FRAME_OTHER] = "o"};
	const char *name, *module;
	unsigned int kind;
	json_t *list, *j;
	size_t i;
	int err;

	at(rd, "%s", "");
	err = get_array(rd, root, "frames", &list);
	if (err)
		return err;
	rd->frame_cnt = json_array_size(list);
	rd->frame = xcalloc(rd->frame_cnt, sizeof(*rd->frame));
	json_array_foreach(list, i, j) {
		at(rd, "frames[%zu]", i);
		if ((err = is_tuple(rd, j, 3)) ||
		    (err = as_name(rd, json_array_get(j, 0), "kind", kinds, ARRAY_SIZE(kinds),
				   &kind)) ||
		    (err = as_str(rd, json_array_get(j, 1), "name", false, &name)) ||
		    (err = as_str(rd, json_array_get(j, 2), "module", true, &module)))
			return err;
		rd->frame[i] = run_set_frame(rd->set, name, module, (enum frame_kind)kind);
	}
	return 0;
}

static int read_how(struct reader *rd, const json_t *root)
{
	unsigned int status;
	json_t *list, *j;
	size_t i;
	int err;

	at(rd, "%s", "");
	err = get_array(rd, root, "how", &list);
	if (err)
		return err;
	rd->how_cnt = json_array_size(list);
	rd->how = xcalloc(rd->how_cnt, sizeof(*rd->how));
	json_array_foreach(list, i, j) {
		at(rd, "how[%zu]", i);
		if ((err = is_tuple(rd, j, 3)) ||
		    (err = as_name(rd, json_array_get(j, 0), "status", value_status_names,
				   VALUE_STATUS_MAX_, &status)) ||
		    (err = as_str(rd, json_array_get(j, 1), "via", true, &rd->how[i].via)) ||
		    (err = as_str(rd, json_array_get(j, 2), "reason", true, &rd->how[i].reason)))
			return err;
		rd->how[i].status = (enum value_status)status;
	}
	return 0;
}

/* A node's parent comes before it, which also proves that there is no cycle. */
static int read_nodes(struct reader *rd, const json_t *root)
{
	unsigned int parent, frame;
	json_t *list;
	size_t i, cnt;
	int err;

	at(rd, "%s", "");
	err = get_array(rd, root, "stack_nodes", &list);
	if (err)
		return err;
	cnt = json_array_size(list) / 2;
	if (json_array_size(list) % 2 || cnt >= UINT32_MAX)
		return bad(rd, "stack_nodes is not a list of pairs");
	rd->node_parent = xcalloc(cnt, sizeof(*rd->node_parent));
	rd->node_frame = xcalloc(cnt, sizeof(*rd->node_frame));
	rd->node_depth = xcalloc(cnt, sizeof(*rd->node_depth));
	for (i = 0; i < cnt; i++) {
		at(rd, "stack_nodes[%zu]", i);
		if ((err = as_uint(rd, json_array_get(list, 2 * i), "parent", 0, (unsigned int)i,
				   &parent)) ||
		    (err = as_uint(rd, json_array_get(list, 2 * i + 1), "frame", 0, UINT32_MAX,
				   &frame)))
			return err;
		if (frame >= rd->frame_cnt)
			return bad(rd, "frame %u of %zu", frame, rd->frame_cnt);
		rd->node_parent[i] = parent;
		rd->node_frame[i] = rd->frame[frame];
		rd->node_depth[i] = parent ? rd->node_depth[parent - 1] + 1 : 1;
		if (rd->node_depth[i] > MAX_STACK_DEPTH)
			return bad(rd, "deeper than %d frames", MAX_STACK_DEPTH);
	}
	rd->node_cnt = cnt;
	return 0;
}

/* ---- the document -------------------------------------------------------------------------- */

static int read_head(struct reader *rd, const json_t *root)
{
	struct run_set *set = rd->set;
	const json_t *version = json_object_get(root, "version");
	const char *schema;
	int err;

	if (!json_is_object(root))
		return bad(rd, "not an object");
	err = get_str(rd, root, "schema", false, &schema);
	if (err)
		return err;
	if (strcmp(schema, RESULT_SCHEMA))
		return bad(rd, "schema is not \"" RESULT_SCHEMA "\"");
	if (!json_is_integer(version) || json_integer_value(version) < 1)
		return bad(rd, "version is not a positive integer");
	if (json_integer_value(version) > RESULT_SCHEMA_VERSION)
		return fail_r(-ENOTSUP, "%s: schema version %lld, this copyscope reads up to %d: "
			      "use the newer one", rd->path,
			      (long long)json_integer_value(version), RESULT_SCHEMA_VERSION);
	if ((err = get_str(rd, root, "tool_version", true, &set->tool_version)) ||
	    (err = get_str(rd, root, "started_utc", true, &set->started_utc)) ||
	    (err = as_u64(rd, json_object_get(root, "elapsed_ns"), "elapsed_ns", 0, INT64_MAX,
			  &set->elapsed_ns)) ||
	    (err = get_str(rd, root, "command", true, &set->command)))
		return err;
	return get_str(rd, root, "partial_reason", true, &set->partial_reason);
}

static int read_document(struct reader *rd, const json_t *root)
{
	int err;

	if ((err = read_head(rd, root)) || (err = read_plan(rd, root)) ||
	    (err = read_pairs(rd, root, "environment")) ||
	    (err = read_pairs(rd, root, "notes")) || (err = read_probes(rd, root)) ||
	    (err = read_frames(rd, root)) || (err = read_how(rd, root)) ||
	    (err = read_nodes(rd, root)))
		return err;
	return read_results(rd, root);
}

/* jansson would wait for ever on a pipe and swallow a device. */
static int open_regular(const char *path, FILE **out)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	if (fd < 0)
		return err_r(-errno, "open %s", path);
	if (fstat(fd, &st))
		return err_r(-errno, "stat %s", path);
	if (!S_ISREG(st.st_mode))
		return fail_r(-EINVAL, "%s: not a regular file: name a results.json", path);
	if ((uint64_t)st.st_size > MAX_FILE_BYTES)
		return fail_r(-EFBIG, "%s: larger than 1 GiB: not a results.json of ours", path);
	*out = fdopen(fd, "r");
	if (!*out)
		return err_r(-errno, "open %s", path);
	take_fd(&fd);
	return 0;
}

int run_set_read_json(const char *path, struct run_set **out)
{
	struct reader rd = {.path = path};
	_cleanup_fclose_ FILE *in = NULL;
	json_error_t where;
	json_t *root;
	int err = open_regular(path, &in);

	if (err)
		return err;
	root = json_loadf(in, JSON_REJECT_DUPLICATES, &where);
	if (!root)
		return fail_r(-EINVAL, "%s:%d:%d: not JSON: %s; use the file copyscope run wrote",
			      path, where.line, where.column, where.text);
	rd.set = run_set_new();
	err = read_document(&rd, root);
	json_decref(root);
	free(rd.how);
	free(rd.frame);
	free(rd.node_parent);
	free(rd.node_frame);
	free(rd.node_depth);
	if (err)
		run_set_free(&rd.set);
	else
		*out = rd.set;
	return err;
}
