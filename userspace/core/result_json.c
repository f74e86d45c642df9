// SPDX-License-Identifier: GPL-2.0-only
/* Writes results.json. The layout is by hand: one line for each thing that changes on its own, so that
 * two runs can be compared with diff(1); nothing is repeated that a table can hold once. The reader
 * is result_json_read.c, the description docs/results-json.md.
 */
#include "core/result_json.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <search.h>
#include <string.h>

#include "core/hist_json.h"
#include "core/stack_tree.h"
#include "core/utf8.h"

/* JSON must be UTF-8: what is not becomes U+FFFD. */
static void put_str(FILE *out, const char *s)
{
	char utf8[5];
	uint32_t c;

	if (!s) {
		fputs("null", out);
		return;
	}
	fputc('"', out);
	while (*s) {
		s += utf8_decode(s, &c);
		if (c == '"' || c == '\\') {
			fprintf(out, "\\%c", (int)c);
		} else if (c < 0x20 || c == 0x7f) {
			fprintf(out, "\\u%04x", c);
		} else {
			utf8_encode(c, utf8);
			fputs(utf8, out);
		}
	}
	fputc('"', out);
}

static void put_field(FILE *out, const char *key, const char *s)
{
	fprintf(out, "\"%s\": ", key);
	put_str(out, s);
}

/* JSON numbers here are signed 64 bit. */
static void put_u64(FILE *out, uint64_t v)
{
	fprintf(out, "%" PRIu64, MIN(v, (uint64_t)INT64_MAX));
}

/* The shortest decimal that reads back as the same double. */
static void put_double(FILE *out, double v)
{
	char buf[40];
	int digits;

	for (digits = 6; digits <= 17; digits++) {
		snprintf(buf, sizeof(buf), "%.*g", digits, v);
		if (strtod(buf, NULL) == v)
			break;
	}
	fputs(buf, out);
}

/* ---- how: each distinct (status, via, reason), once ---------------------------------------- */

struct how {
	enum value_status status;
	const char *via, *reason;
	unsigned int index;
};

struct how_table {
	void *root;
	struct how **list; /* in order of first use */
	size_t cnt, cap;
};

static int compare_text(const char *a, const char *b)
{
	return a == b ? 0 : !a ? -1 : !b ? 1 : strcmp(a, b);
}

static int compare_how(const void *pa, const void *pb)
{
	const struct how *a = pa, *b = pb;
	int by_via;

	if (a->status != b->status)
		return a->status < b->status ? -1 : 1;
	by_via = compare_text(a->via, b->via);
	return by_via ? by_via : compare_text(a->reason, b->reason);
}

static unsigned int how_index(struct how_table *table, const struct metric_value *v)
{
	struct how key = {.status = v->status, .via = v->via, .reason = v->reason}, *added;
	struct how **found;

	if (value_known(v) && !isfinite(v->value)) {
		key.status = VALUE_FAILED;
		key.reason = "not a finite number";
	}
	found = tfind(&key, &table->root, compare_how);
	if (found)
		return (*found)->index;
	added = xmalloc(sizeof(*added));
	*added = key;
	added->index = (unsigned int)table->cnt;
	if (!tsearch(added, &table->root, compare_how))
		abort();
	array_grow(table->list, table->cnt, table->cap);
	table->list[table->cnt++] = added;
	return added->index;
}

static void how_free(struct how_table *table)
{
	tdestroy(table->root, free);
	free(table->list);
}

static bool worth_writing(const struct metric_value *v)
{
	return v->status != VALUE_ABSENT || v->reason;
}

static void how_collect(const struct run_set *set, struct how_table *table)
{
	enum metric_id m;
	enum role role;
	size_t i;

	for (i = 0; i < set->result_cnt; i++)
		for (role = 0; role < ROLE_MAX_; role++)
			for (m = 0; m < METRIC_MAX_; m++)
				if (worth_writing(&set->result[i].v[role][m]))
					how_index(table, &set->result[i].v[role][m]);
}

static void put_how(FILE *out, const struct how_table *table)
{
	size_t i;

	fputs(" \"how\": [", out);
	for (i = 0; i < table->cnt; i++) {
		const struct how *h = table->list[i];

		fprintf(out, "%s\n  [\"%s\", ", i ? "," : "", value_status_names[h->status]);
		put_str(out, h->via);
		fputs(", ", out);
		put_str(out, h->reason);
		fputc(']', out);
	}
	fputs("\n ],\n", out);
}

static void put_tree(FILE *out, const struct stack_tree *tree)
{
	size_t i;

	fputs(" \"stack_nodes\": [", out);
	for (i = 0; i < tree->cnt; i++)
		fprintf(out, "%s%s%u,%u", i ? "," : "", i % 16 ? "" : "\n  ", tree->node[i].parent,
			tree->node[i].frame);
	fputs("\n ],\n", out);
}

/* ---- sections ------------------------------------------------------------------------------ */

static void put_plan(FILE *out, const struct run_plan *p)
{
	size_t i;

	fputs(" \"plan\": {\n  \"modes\": [", out);
	for (i = 0; i < p->mode_cnt; i++) {
		fprintf(out, "%s\n   {", i ? "," : "");
		put_field(out, "name", p->mode[i].name);
		fputs(", ", out);
		put_field(out, "title", p->mode[i].title);
		fputs(", ", out);
		put_field(out, "help", p->mode[i].help);
		fputc('}', out);
	}
	fputs("\n  ],\n  \"size_bytes\": [", out);
	for (i = 0; i < p->size_cnt; i++) {
		fputs(i ? ", " : "", out);
		put_u64(out, p->size_bytes[i]);
	}
	fputs("],\n  \"threads\": [", out);
	for (i = 0; i < p->thread_cnt; i++)
		fprintf(out, "%s%u", i ? ", " : "", p->threads[i]);
	fprintf(out, "],\n  \"repetitions\": %u, \"duration_ns\": ", p->repetitions);
	put_u64(out, p->duration_ns);
	fputs(",\n  ", out);
	put_field(out, "path", p->path);
	fputs(", ", out);
	put_field(out, "pattern", p->pattern);
	fputs(", ", out);
	put_field(out, "tier", p->tier);
	fputs(", ", out);
	put_field(out, "level", p->level);
	fputs(", ", out);
	put_field(out, "congestion", p->congestion);
	fprintf(out, ",\n  \"frequency_hz\": %u, \"verify\": %s\n },\n", p->frequency_hz,
		p->verify ? "true" : "false");
}

static void put_tables(FILE *out, const struct run_set *set)
{
	static const char kinds[] = {
		[FRAME_USER] = 'u', [FRAME_KERNEL] = 'k', [FRAME_OTHER] = 'o'};
	size_t i;

	fputs(" \"environment\": [", out);
	for (i = 0; i < set->env_cnt; i++) {
		fprintf(out, "%s\n  [", i ? "," : "");
		put_str(out, set->env[i].name);
		fputs(", ", out);
		put_str(out, set->env[i].value);
		fputc(']', out);
	}
	fputs("\n ],\n \"probes\": [", out);
	for (i = 0; i < set->probe_cnt; i++) {
		fprintf(out, "%s\n  {", i ? "," : "");
		put_field(out, "quantity", set->probe[i].quantity);
		fputs(", ", out);
		put_field(out, "tier", set->probe[i].tier);
		fputs(", ", out);
		put_field(out, "via", set->probe[i].via);
		fputs(", ", out);
		put_field(out, "reason", set->probe[i].reason);
		fputc('}', out);
	}
	fputs("\n ],\n \"notes\": [", out);
	for (i = 0; i < set->note_cnt; i++) {
		fprintf(out, "%s\n  [", i ? "," : "");
		put_str(out, set->note[i].area);
		fputs(", ", out);
		put_str(out, set->note[i].text);
		fputc(']', out);
	}
	fputs("\n ],\n \"frames\": [", out);
	for (i = 0; i < set->frame_cnt; i++) {
		fprintf(out, "%s\n  [\"%c\", ", i ? "," : "", kinds[set->frame[i].kind]);
		put_str(out, set->frame[i].name);
		fputs(", ", out);
		put_str(out, set->frame[i].module);
		fputc(']', out);
	}
	fputs("\n ],\n", out);
}

static void put_values(FILE *out, const struct run_result *r, struct how_table *table)
{
	bool first_role = true, first;
	enum metric_id m;
	enum role role;

	fputs(",\n   \"values\": {", out);
	for (role = 0; role < ROLE_MAX_; role++) {
		for (m = 0, first = true; m < METRIC_MAX_; m++) {
			const struct metric_value *v = &r->v[role][m];

			if (!worth_writing(v))
				continue;
			if (first)
				fprintf(out, "%s\n    \"%s\": {", first_role ? "" : ",",
					role_names[role]);
			fprintf(out, "%s\"%s\": [", first ? "" : ", ", metric_defs[m].name);
			first = first_role = false;
			if (value_known(v) && isfinite(v->value))
				put_double(out, v->value);
			else
				fputs("null", out);
			fprintf(out, ",%u", how_index(table, v));
			if (value_known(v) && v->coverage != 1) {
				fputc(',', out);
				put_double(out, (double)v->coverage);
			}
			fputc(']', out);
		}
		if (!first)
			fputc('}', out);
	}
	fputs("\n   }", out);
}

static void put_lists(FILE *out, const struct run_result *r)
{
	size_t i;

	fputs(",\n   \"waits\": [", out);
	for (i = 0; i < r->wait_cnt; i++) {
		fprintf(out, "%s\n    [\"%s\", ", i ? "," : "", role_names[r->wait[i].role]);
		put_str(out, r->wait[i].reason);
		fprintf(out, ", %s, ", r->wait[i].voluntary ? "true" : "false");
		put_u64(out, r->wait[i].count);
		fputs(", ", out);
		put_u64(out, r->wait[i].ns);
		fputc(']', out);
	}
	fputs("],\n   \"copies\": [", out);
	for (i = 0; i < r->copy_cnt; i++) {
		fprintf(out, "%s\n    [\"%s\", ", i ? "," : "", role_names[r->copy[i].role]);
		put_str(out, r->copy[i].function);
		fputs(", ", out);
		put_str(out, r->copy[i].reason);
		fputs(", ", out);
		put_u64(out, r->copy[i].count);
		fputs(", ", out);
		put_u64(out, r->copy[i].bytes);
		fputc(']', out);
	}
	fputs("],\n   \"drops\": [", out);
	for (i = 0; i < r->drop_cnt; i++) {
		fputs(i ? ", [" : "[", out);
		put_str(out, r->drop[i].name);
		fputs(", ", out);
		put_u64(out, r->drop[i].count);
		fputc(']', out);
	}
	fputc(']', out);
}

static void put_stacks(FILE *out, const struct run_result *r, struct stack_tree *tree)
{
	size_t i;

	fputs(",\n   \"stacks\": [", out);
	for (i = 0; i < r->stack_cnt; i++) {
		const struct stack *s = &r->stack[i];

		fprintf(out, "%s%s[%d,%d,%u,", i ? "," : "", i % 8 ? "" : "\n    ", (int)s->kind,
			(int)s->role, stack_tree_add(tree, s));
		put_u64(out, s->count);
		fputc(',', out);
		put_u64(out, s->ns);
		fputc(']', out);
	}
	fputc(']', out);
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

static void put_result(FILE *out, const struct run_result *r, struct how_table *table,
		       struct stack_tree *tree)
{
	fputs("\n  {", out);
	put_field(out, "mode", r->key.mode);
	fputs(", \"size_bytes\": ", out);
	put_u64(out, r->key.size_bytes);
	fprintf(out, ", \"threads\": %u, \"repetition\": %u, \"pass\": \"%s\", \"status\": \"%s\", ",
		r->key.threads, r->key.repetition, pass_names[r->key.pass],
		result_status_names[r->status]);
	put_field(out, "reason", r->reason);
	fprintf(out, ", \"attempts\": %u", r->attempts);
	put_values(out, r, table);
	put_hist(out, "latency", r->latency);
	put_hist(out, "completion", r->completion);
	put_lists(out, r);
	put_stacks(out, r, tree);
	fputc('}', out);
}

int run_set_write_json(const struct run_set *set, FILE *out)
{
	struct how_table table = {0};
	struct stack_tree tree = {0};
	size_t i, j;

	how_collect(set, &table);
	for (i = 0; i < set->result_cnt; i++)
		for (j = 0; j < set->result[i].stack_cnt; j++)
			stack_tree_add(&tree, &set->result[i].stack[j]);

	errno = 0;
	fprintf(out, "{\n \"schema\": \"%s\", \"version\": %d,\n ", RESULT_SCHEMA,
		RESULT_SCHEMA_VERSION);
	put_field(out, "tool_version", set->tool_version);
	fputs(",\n ", out);
	put_field(out, "started_utc", set->started_utc);
	fputs(", \"elapsed_ns\": ", out);
	put_u64(out, set->elapsed_ns);
	fputs(",\n ", out);
	put_field(out, "command", set->command);
	fputs(",\n ", out);
	put_field(out, "partial_reason", set->partial_reason);
	fputs(",\n", out);
	put_plan(out, &set->plan);
	put_tables(out, set);
	put_how(out, &table);
	put_tree(out, &tree);
	fputs(" \"results\": [", out);
	for (i = 0; i < set->result_cnt; i++) {
		fputs(i ? "," : "", out);
		put_result(out, &set->result[i], &table, &tree);
	}
	fputs("\n ]\n}\n", out);
	how_free(&table);
	stack_tree_free(&tree);
	if (!fflush(out) && !ferror(out))
		return 0;
	return errno ? -errno : -EIO;
}
