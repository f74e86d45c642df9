// SPDX-License-Identifier: GPL-2.0-only
/* Reads results.json, which anybody may have written: nothing is believed. Each field is checked for
 * presence, type and range, each index against its table; the first fault is printed with its place
 * and ends the reading. Metrics, reasons and kinds that a newer program knows and this one does not are
 * left out, or kept as text. Version 1 is brought into today's form first: result_json_v1.c. This file: the
 * document and its tables; result_json_results.c: the results.
 */
#include "core/result_json.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "core/log.h"
#include "core/result_json_fields.h"
#include "core/result_json_v1.h"

/* ---- plan and tables ----------------------------------------------------------------------- */

static int add_mode(struct reader *rd, void *entry, void *unused)
{
	struct run_plan *p = &rd->set->plan;

	(void)unused;
	p->mode = xreallocarray(p->mode, p->mode_cnt + 1, sizeof(*p->mode));
	p->mode[p->mode_cnt++] = *(struct mode_info *)entry;
	return 0;
}

static int add_variant(struct reader *rd, void *entry, void *unused)
{
	struct run_plan *p = &rd->set->plan;

	(void)unused;
	p->variant = xreallocarray(p->variant, p->variant_cnt + 1, sizeof(*p->variant));
	p->variant[p->variant_cnt++] = *(struct run_variant *)entry;
	return 0;
}

static int read_axes(struct reader *rd, const json_t *plan)
{
	struct run_plan *p = &rd->set->plan;
	json_t *sizes, *threads, *j;
	uint64_t v = 0;
	size_t i;
	int err;

	if ((err = get_array(rd, plan, "size_bytes", &sizes)) ||
	    (err = get_array(rd, plan, "threads", &threads)))
		return err;
	if (json_array_size(sizes) > PLAN_ITEMS_MAX || json_array_size(threads) > PLAN_ITEMS_MAX)
		return bad(rd, "more than %d sizes or thread counts", PLAN_ITEMS_MAX);
	p->size_bytes = xcalloc(json_array_size(sizes), sizeof(*p->size_bytes));
	json_array_foreach(sizes, i, j) {
		err = read_u64(rd, j, "size_bytes", 1, MAX_SIZE_BYTES, &p->size_bytes[i]);
		if (err)
			return err;
		p->size_cnt = i + 1;
	}
	p->threads = xcalloc(json_array_size(threads), sizeof(*p->threads));
	json_array_foreach(threads, i, j) {
		err = read_u64(rd, j, "threads", 1, MAX_THREADS, &v);
		if (err)
			return err;
		p->threads[i] = (unsigned int)v;
		p->thread_cnt = i + 1;
	}
	return 0;
}

static int read_plan(struct reader *rd, const json_t *root)
{
	const json_t *o = json_object_get(root, "plan");
	int err;

	at(rd, "plan");
	err = read_members(rd, o, &plan_fields, &rd->set->plan);
	err = err ?: read_list(rd, o, "modes", false, &mode_fields, add_mode, NULL);
	if (!err && json_object_get(o, "variants"))
		err = read_list(rd, o, "variants", false, &variant_fields, add_variant, NULL);
	return err ?: read_axes(rd, o);
}

static int add_owner(struct reader *rd, void *entry, void *unused)
{
	struct run_set *set = rd->set;
	const struct owner *o = entry;

	(void)unused;
	if (run_set_owner_by_label(set, o->label) < set->owner_cnt)
		return bad(rd, "the same label twice");
	if ((o->flow == FLOW_WHOLE) != (set->owner_cnt == OWNER_WHOLE))
		return bad(rd, "the first owner is the whole, and no other");
	set->owner[set->owner_cnt++] = *o;
	return 0;
}

static int read_owners(struct reader *rd, const json_t *root)
{
	int err;

	rd->set->owner_cnt = 0;
	err = read_list(rd, root, "owners", true, &owner_fields, add_owner, NULL);
	if (!err && rd->set->owner_cnt < 2)
		return bad(rd, "owners lacks the whole or the kernel");
	return err;
}

static int add_env(struct reader *rd, void *entry, void *unused)
{
	const struct env_fact *fact = entry;

	(void)unused;
	run_set_env(rd->set, fact->name, "%s", fact->value);
	return 0;
}

static int add_note(struct reader *rd, void *entry, void *unused)
{
	const struct plan_note *note = entry;

	(void)unused;
	run_set_note(rd->set, note->area, "%s", note->text);
	return 0;
}

/* The last first, so that each can point to the next. */
static int read_reasons(struct reader *rd, const json_t *o, const struct reason **out)
{
	const struct reason *next = NULL;
	json_t *list;
	size_t i;
	int err = get_array(rd, o, "reasons", &list);

	if (err)
		return err;
	if (json_array_size(list) > reason_fields.most)
		return bad(rd, "more than %zu reasons", reason_fields.most);
	for (i = json_array_size(list); i-- > 0;) {
		struct reason_entry e = {0};
		struct reason r = {.next = next};
		_cleanup_free_ char *unknown = NULL;

		err = read_tuple(rd, json_array_get(list, i), &reason_fields, &e);
		if (err)
			return err;
		r.code = (enum reason_code)row_by_name(reason_names, e.code);
		r.tier = e.tier;
		r.detail = e.detail;
		if (r.code == REASON_MAX_) {
			r.code = REASON_OTHER;
			r.detail = unknown = xasprintf("%s%s%s", e.code, e.detail ? ": " : "",
						       e.detail ?: "");
		}
		next = run_set_reason(rd->set, &r);
	}
	*out = next;
	return 0;
}

static int read_probes(struct reader *rd, const json_t *root)
{
	struct run_set *set = rd->set;
	json_t *list, *j;
	size_t i;
	int err = get_array(rd, root, "probes", &list);

	if (err)
		return err;
	if (json_array_size(list) > probe_fields.most)
		return bad(rd, "more than %zu probes", probe_fields.most);
	json_array_foreach(list, i, j) {
		struct probe_note n = {0};

		at(rd, "probes[%zu]", i);
		if ((err = read_members(rd, j, &probe_fields, &n)) ||
		    (err = read_reasons(rd, j, &n.reason)))
			return err;
		array_grow(set->probe, set->probe_cnt, set->probe_cap);
		set->probe[set->probe_cnt++] = n;
	}
	return 0;
}

static int add_frame(struct reader *rd, void *entry, void *ctx)
{
	const struct frame *f = entry;
	struct tables *t = ctx;

	t->frame[t->frame_cnt++] = run_set_frame(rd->set, f->name, f->module, f->kind);
	return 0;
}

static int read_frames(struct reader *rd, const json_t *root, struct tables *t)
{
	t->frame = xcalloc(json_array_size(json_object_get(root, "frames")), sizeof(*t->frame));
	return read_list(rd, root, "frames", true, &frame_fields, add_frame, t);
}

static int read_how(struct reader *rd, const json_t *root, struct tables *t)
{
	json_t *list, *j;
	size_t i;
	int err = get_array(rd, root, "how", &list);

	if (err)
		return err;
	t->how = xcalloc(json_array_size(list), sizeof(*t->how));
	json_array_foreach(list, i, j) {
		at(rd, "how[%zu]", i);
		if ((err = read_members(rd, j, &how_fields, &t->how[i])) ||
		    (err = read_reasons(rd, j, &t->how[i].reason)))
			return err;
		if (!value_known(&t->how[i]) && t->how[i].bound != BOUND_NONE)
			return bad(rd, "a bound of nothing");
		t->how_cnt = i + 1;
	}
	return 0;
}

/* A node's parent comes before it, which also proves that there is no cycle. */
static int read_nodes(struct reader *rd, const json_t *root, struct tables *t)
{
	uint64_t parent, frame;
	json_t *list;
	size_t i, cnt;
	int err = get_array(rd, root, "stack_nodes", &list);

	if (err)
		return err;
	cnt = json_array_size(list) / 2;
	if (json_array_size(list) % 2 || cnt >= UINT32_MAX)
		return bad(rd, "stack_nodes is not a list of pairs");
	t->node_parent = xcalloc(cnt, sizeof(*t->node_parent));
	t->node_frame = xcalloc(cnt, sizeof(*t->node_frame));
	t->node_depth = xcalloc(cnt, sizeof(*t->node_depth));
	for (i = 0; i < cnt; i++) {
		at(rd, "stack_nodes[%zu]", i);
		if ((err = read_u64(rd, json_array_get(list, 2 * i), "parent", 0, i, &parent)) ||
		    (err = read_u64(rd, json_array_get(list, 2 * i + 1), "frame", 0,
				    t->frame_cnt ? t->frame_cnt - 1 : 0, &frame)))
			return err;
		if (!t->frame_cnt)
			return bad(rd, "there are no frames");
		t->node_parent[i] = (unsigned int)parent;
		t->node_frame[i] = t->frame[frame];
		t->node_depth[i] = parent ? t->node_depth[parent - 1] + 1 : 1;
		if (t->node_depth[i] > MAX_STACK_DEPTH)
			return bad(rd, "deeper than %d frames", MAX_STACK_DEPTH);
	}
	t->node_cnt = cnt;
	return 0;
}

/* ---- the document -------------------------------------------------------------------------- */

static int read_head(struct reader *rd, json_t *root)
{
	const json_t *version = json_object_get(root, "version");
	const char *schema = json_string_value(json_object_get(root, "schema"));
	int err;

	if (!json_is_object(root))
		return bad(rd, "not an object");
	if (!schema || strcmp(schema, RESULT_SCHEMA))
		return bad(rd, "schema is not \"" RESULT_SCHEMA "\"");
	if (!json_is_integer(version) || json_integer_value(version) < 1)
		return bad(rd, "version is not a positive integer");
	if (json_integer_value(version) > RESULT_SCHEMA_VERSION)
		return fail_r(-ENOTSUP, "%s: schema version %lld, this copyscope reads up to %d: "
			      "use the newer one", rd->path,
			      (long long)json_integer_value(version), RESULT_SCHEMA_VERSION);
	if (json_integer_value(version) == 1) {
		err = take_memory(rd, rd->memory); /* most of it once more */
		if (err)
			return err;
		result_json_upgrade_v1(root);
	}
	return read_members(rd, root, &head_fields, rd->set);
}

static int read_document(struct reader *rd, json_t *root, struct tables *t)
{
	int err = read_head(rd, root);

	err = err ?: read_plan(rd, root);
	at(rd, "%s", "");
	err = err ?: read_owners(rd, root);
	err = err ?: read_list(rd, root, "environment", true, &env_fields, add_env, NULL);
	err = err ?: read_list(rd, root, "notes", true, &note_fields, add_note, NULL);
	err = err ?: read_probes(rd, root);
	at(rd, "%s", "");
	err = err ?: read_frames(rd, root, t);
	err = err ?: read_how(rd, root, t);
	err = err ?: read_nodes(rd, root, t);
	return err ?: read_results(rd, root, t);
}

/* jansson would wait for ever on a pipe and swallow a device. */
static int open_regular(const char *path, FILE **out)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	if (fd < 0 && errno == ENOENT)
		return fail_r(-ENOENT, "there is no %s: name the directory of a report, as reports/latest, or a file that copyscope wrote",
			      path);
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

int run_set_read_json_from(FILE *in, const char *path, struct run_set **out)
{
	struct reader rd = {.path = path};
	struct tables t = {.r = NULL};
	json_t *root;
	int err;

	err = load_json(&rd, in, &root);
	if (err)
		return err;
	rd.set = run_set_new();
	err = read_document(&rd, root, &t);
	json_decref(root);
	free(t.how);
	free(t.frame);
	free(t.node_parent);
	free(t.node_frame);
	free(t.node_depth);
	if (err)
		run_set_free(&rd.set);
	else
		*out = rd.set;
	return err;
}

int run_set_read_json(const char *path, struct run_set **out)
{
	_cleanup_fclose_ FILE *in = NULL;
	int err = open_regular(path, &in);

	return err ?: run_set_read_json_from(in, path, out);
}
