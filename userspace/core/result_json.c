// SPDX-License-Identifier: GPL-2.0-only
/* Writes results.json. The layout is by hand: one line for each thing that changes on its own, so that
 * two runs can be compared with diff(1); nothing is repeated that a table can hold once. The reader
 * is result_json_read.c, the description docs/results-json.md.
 */
#include "core/result_json.h"

#include <errno.h>
#include <math.h>
#include <search.h>
#include <string.h>

#include "core/hist_json.h"
#include "core/result_json_fields.h"
#include "core/stack_tree.h"

struct writer {
	FILE *out;
	const struct run_set *set;
	/* how: each distinct (status, bound, via, reasons) once, in order of first use */
	void *how_root;
	struct how **how;
	size_t how_cnt, how_cap;
	struct stack_tree tree;
};

/* ---- how ----------------------------------------------------------------------------------- */

struct how {
	struct metric_value v; /* but for the number */
	unsigned int index;
};

static int compare_text(const char *a, const char *b)
{
	return a == b ? 0 : !a ? -1 : !b ? 1 : strcmp(a, b);
}

static int compare_reasons(const struct reason *a, const struct reason *b)
{
	int by_detail;

	for (; a && b && a != b; a = a->next, b = b->next) {
		if (a->code != b->code || a->tier != b->tier)
			return a->code < b->code || (a->code == b->code && a->tier < b->tier) ? -1 : 1;
		by_detail = compare_text(a->detail, b->detail);
		if (by_detail)
			return by_detail;
	}
	return a == b ? 0 : a ? 1 : -1;
}

static int compare_how(const void *pa, const void *pb)
{
	const struct metric_value *a = &((const struct how *)pa)->v, *b = &((const struct how *)pb)->v;
	int by_via;

	if (a->status != b->status)
		return a->status < b->status ? -1 : 1;
	if (a->bound != b->bound)
		return a->bound < b->bound ? -1 : 1;
	by_via = compare_text(a->via, b->via);
	return by_via ? by_via : compare_reasons(a->reason, b->reason);
}

static unsigned int how_index(struct writer *w, const struct metric_value *v)
{
	static const struct reason not_finite = {.code = REASON_NOT_FINITE};
	struct how key = {.v = *v}, *added;
	struct how **found;

	if (value_known(v) && !isfinite(v->value))
		key.v = (struct metric_value){
			.status = VALUE_FAILED, .via = v->via, .reason = &not_finite};
	found = tfind(&key, &w->how_root, compare_how);
	if (found)
		return (*found)->index;
	added = xmalloc(sizeof(*added));
	*added = key;
	added->index = (unsigned int)w->how_cnt;
	if (!tsearch(added, &w->how_root, compare_how))
		abort();
	array_grow(w->how, w->how_cnt, w->how_cap);
	w->how[w->how_cnt++] = added;
	return added->index;
}

static bool worth_writing(const struct metric_value *v)
{
	return v->status != VALUE_ABSENT || v->reason;
}

static void collect_tables(struct writer *w)
{
	enum metric_id m;
	unsigned int o;
	size_t i, j;

	for (i = 0; i < w->set->result_cnt; i++) {
		const struct run_result *r = &w->set->result[i];

		for (o = 0; o < r->owner_cnt; o++)
			for (m = 0; m < METRIC_MAX_; m++)
				if (worth_writing(&r->v[o][m]))
					how_index(w, &r->v[o][m]);
		for (j = 0; j < r->stack_cnt; j++)
			stack_tree_add(&w->tree, &r->stack[j]);
	}
}

/* [[code, tier, detail], ...] */
static void put_reasons(struct writer *w, const struct reason *list)
{
	const char *separator = "";

	fputc('[', w->out);
	for (; list; list = list->next, separator = ", ") {
		struct reason_entry e = {reason_names[list->code], list->tier, list->detail};

		fputs(separator, w->out);
		put_tuple(w->out, w->set, &reason_fields, &e);
	}
	fputc(']', w->out);
}

/* ---- sections ------------------------------------------------------------------------------ */

/* A line an entry; key, "[" and "]" included. cnt entries of fields->size each. */
static void put_table(struct writer *w, const char *key, const struct fields *fields, const void *list,
		      size_t cnt)
{
	size_t i;

	fprintf(w->out, " \"%s\": [", key);
	for (i = 0; i < cnt; i++) {
		fputs(i ? ",\n  " : "\n  ", w->out);
		put_tuple(w->out, w->set, fields, (const char *)list + i * fields->size);
	}
	fputs("\n ],\n", w->out);
}

/* Nothing where there are none. */
static void put_variants(struct writer *w, const struct run_plan *p)
{
	size_t i;

	for (i = 0; i < p->variant_cnt; i++) {
		fputs(i ? ",\n   {" : "\"variants\": [\n   {", w->out);
		put_members(w->out, w->set, &variant_fields, &p->variant[i]);
		fputs(i + 1 < p->variant_cnt ? "}" : "}\n  ],\n  ", w->out);
	}
}

static void put_plan(struct writer *w, const struct run_plan *p)
{
	size_t i;

	fputs(" \"plan\": {\n  \"modes\": [", w->out);
	for (i = 0; i < p->mode_cnt; i++) {
		fputs(i ? ",\n   {" : "\n   {", w->out);
		put_members(w->out, w->set, &mode_fields, &p->mode[i]);
		fputc('}', w->out);
	}
	fputs("\n  ],\n  \"size_bytes\": [", w->out);
	for (i = 0; i < p->size_cnt; i++) {
		fputs(i ? ", " : "", w->out);
		put_json_u64(w->out, p->size_bytes[i]);
	}
	fputs("],\n  \"threads\": [", w->out);
	for (i = 0; i < p->thread_cnt; i++)
		fprintf(w->out, "%s%u", i ? ", " : "", p->threads[i]);
	fputs("],\n  ", w->out);
	put_variants(w, p);
	put_members(w->out, w->set, &plan_fields, p);
	fputs("\n },\n", w->out);
}

static void put_probes(struct writer *w)
{
	size_t i;

	fputs(" \"probes\": [", w->out);
	for (i = 0; i < w->set->probe_cnt; i++) {
		fputs(i ? ",\n  {" : "\n  {", w->out);
		put_members(w->out, w->set, &probe_fields, &w->set->probe[i]);
		fputs(", \"reasons\": ", w->out);
		put_reasons(w, w->set->probe[i].reason);
		fputc('}', w->out);
	}
	fputs("\n ],\n", w->out);
}

static void put_shared(struct writer *w)
{
	size_t i;

	fputs(" \"how\": [", w->out);
	for (i = 0; i < w->how_cnt; i++) {
		fputs(i ? ",\n  {" : "\n  {", w->out);
		put_members(w->out, w->set, &how_fields, &w->how[i]->v);
		fputs(", \"reasons\": ", w->out);
		put_reasons(w, w->how[i]->v.reason);
		fputc('}', w->out);
	}
	fputs("\n ],\n \"stack_nodes\": [", w->out);
	for (i = 0; i < w->tree.cnt; i++)
		fprintf(w->out, "%s%s%u,%u", i ? "," : "", i % 16 ? "" : "\n  ",
			w->tree.node[i].parent, w->tree.node[i].frame);
	fputs("\n ],\n", w->out);
}

/* ---- results ------------------------------------------------------------------------------- */

static void put_value(struct writer *w, const struct metric_value *v)
{
	fputc('[', w->out);
	if (value_known(v) && isfinite(v->value))
		put_double(w->out, v->value);
	else
		fputs("null", w->out);
	fprintf(w->out, ",%u", how_index(w, v));
	if (value_known(v) && v->coverage != 1) {
		fputc(',', w->out);
		put_double(w->out, (double)v->coverage);
	}
	fputc(']', w->out);
}

static void put_values(struct writer *w, const struct run_result *r)
{
	bool first_owner = true, first;
	enum metric_id m;
	unsigned int o;

	fputs(",\n   \"values\": {", w->out);
	for (o = 0; o < r->owner_cnt; o++) {
		for (m = 0, first = true; m < METRIC_MAX_; m++) {
			if (!worth_writing(&r->v[o][m]))
				continue;
			if (first) {
				fputs(first_owner ? "\n    " : ",\n    ", w->out);
				put_json_text(w->out, w->set->owner[o].label, SIZE_MAX);
				fputs(": {", w->out);
			}
			fprintf(w->out, "%s\"%s\": ", first ? "" : ", ", metric_defs[m].name);
			first = first_owner = false;
			put_value(w, &r->v[o][m]);
		}
		if (!first)
			fputc('}', w->out);
	}
	fputs("\n   }", w->out);
}

static void put_copies(struct writer *w, const struct run_result *r)
{
	size_t i;

	fputs("],\n   \"copies\": [", w->out);
	for (i = 0; i < r->copy_cnt; i++) {
		const struct path_copy *c = &r->copy[i];
		struct copy_entry e = {c->owner, stage_defs[c->stage].name, c->function,
				       copy_reason_defs[c->reason].name, c->detail, c->count, c->bytes};

		fputs(i ? ",\n    " : "\n    ", w->out);
		put_tuple(w->out, w->set, &copy_fields, &e);
	}
}

/* Nothing where there are none. */
static void put_calls(struct writer *w, const struct run_result *r)
{
	size_t i;

	for (i = 0; i < r->call_cnt; i++) {
		const struct call_size *c = &r->call[i];
		struct call_entry e = {c->owner, call_way_defs[c->way].name, c->from_bytes, c->calls, c->bytes};

		fputs(i ? ",\n    " : "],\n   \"calls\": [\n    ", w->out);
		put_tuple(w->out, w->set, &call_fields, &e);
	}
}

static void put_sockets(struct writer *w, const struct run_result *r)
{
	size_t i;

	for (i = 0; i < r->socket_cnt; i++) {
		fputs(i ? ",\n    " : "],\n   \"sockets\": [\n    ", w->out);
		put_tuple(w->out, w->set, &socket_fields, &r->socket[i]);
	}
}

static void put_lists(struct writer *w, const struct run_result *r)
{
	size_t i;

	fputs(",\n   \"waits\": [", w->out);
	for (i = 0; i < r->wait_cnt; i++) {
		fputs(i ? ",\n    " : "\n    ", w->out);
		put_tuple(w->out, w->set, &wait_fields, &r->wait[i]);
	}
	put_copies(w, r);
	put_calls(w, r);
	put_sockets(w, r);
	fputs("],\n   \"drops\": [", w->out);
	for (i = 0; i < r->drop_cnt; i++) {
		struct drop_entry e = {drop_defs[r->drop[i].kind].name, r->drop[i].detail,
				       r->drop[i].count};

		fputs(i ? ", " : "", w->out);
		put_tuple(w->out, w->set, &drop_fields, &e);
	}
	fputs("],\n   \"stacks\": [", w->out);
	for (i = 0; i < r->stack_cnt; i++) {
		const struct stack *s = &r->stack[i];

		fprintf(w->out, "%s%s[%u,%u,%u,", i ? "," : "", i % 8 ? "" : "\n    ", s->kind, s->owner,
			stack_tree_add(&w->tree, s));
		put_json_u64(w->out, s->count);
		fputc(',', w->out);
		put_json_u64(w->out, s->ns);
		fputc(']', w->out);
	}
	fputc(']', w->out);
}

static void put_hist(FILE *out, const char *name, const struct hist *hist)
{
	json_t *json;

	if (!hist)
		return;
	json = hist_to_json(hist);
	fprintf(out, ",\n   \"%s\": ", name);
	json_dumpf(json, out, JSON_COMPACT | JSON_ENCODE_ANY);
	json_decref(json);
}

/* Nothing where there are none. */
static void put_timelines(FILE *out, const struct run_result *r)
{
	json_t *all = json_object();
	enum timeline_kind kind;

	for (kind = 0; kind < TIMELINE_MAX_; kind++)
		if (r->timeline[kind])
			json_object_set_new(all, timeline_defs[kind].name, timeline_to_json(r->timeline[kind]));
	if (json_object_size(all)) {
		fputs(",\n   \"timelines\": ", out);
		json_dumpf(all, out, JSON_COMPACT);
	}
	json_decref(all);
}

static void put_result(struct writer *w, const struct run_result *r)
{
	fputs("\n  {", w->out);
	put_members(w->out, w->set, &key_fields, &r->key);
	fputs(", ", w->out);
	put_members(w->out, w->set, &result_fields, r);
	put_values(w, r);
	put_hist(w->out, "latency", r->latency);
	put_hist(w->out, "completion", r->completion);
	put_timelines(w->out, r);
	put_lists(w, r);
	fputc('}', w->out);
}

int run_set_write_json(const struct run_set *set, FILE *out)
{
	struct writer w = {.out = out, .set = set};
	size_t i;

	collect_tables(&w);
	errno = 0;
	fprintf(out, "{\n \"schema\": \"%s\", \"version\": %d,\n ", RESULT_SCHEMA,
		RESULT_SCHEMA_VERSION);
	put_members(out, set, &head_fields, set);
	fputs(",\n", out);
	put_plan(&w, &set->plan);
	put_table(&w, "owners", &owner_fields, set->owner, set->owner_cnt);
	put_table(&w, "environment", &env_fields, set->env, set->env_cnt);
	put_probes(&w);
	put_table(&w, "notes", &note_fields, set->note, set->note_cnt);
	put_table(&w, "frames", &frame_fields, set->frame, set->frame_cnt);
	put_shared(&w);
	fputs(" \"results\": [", out);
	for (i = 0; i < set->result_cnt; i++) {
		fputs(i ? "," : "", out);
		put_result(&w, &set->result[i]);
	}
	fputs("\n ]\n}\n", out);
	tdestroy(w.how_root, free);
	free(w.how);
	stack_tree_free(&w.tree);
	if (!fflush(out) && !ferror(out))
		return 0;
	return errno ? -errno : -EIO;
}

int run_set_json(const struct run_set *set, char **text, size_t *len)
{
	FILE *out = open_memstream(text, len);
	int err = out ? run_set_write_json(set, out) : -errno;

	if (out && fclose(out) && !err)
		err = -errno;
	return err;
}

/* No string has a line break as such: what follows one is indentation. */
static void put_joined(FILE *out, const char *text)
{
	for (; *text; text += strspn(text, "\n ")) {
		size_t len = strcspn(text, "\n");

		fwrite(text, 1, len, out);
		text += len;
	}
	fputc('\n', out);
}

int run_set_write_json_line(const struct run_set *set, FILE *out)
{
	_cleanup_free_ char *text = NULL;
	size_t len;
	int err = run_set_json(set, &text, &len);

	if (err)
		return err;
	errno = 0;
	put_joined(out, text);
	if (!fflush(out) && !ferror(out))
		return 0;
	return errno ? -errno : -EIO;
}
