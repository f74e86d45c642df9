// SPDX-License-Identifier: GPL-2.0-only
/* Life cycle of a run_set: who owns what, interning of strings and frames, appending to results.
 * Nothing here computes; see result_derive.c for that and result_json.c for the file form.
 */
#include "core/result.h"

#include <search.h>
#include <stdarg.h>
#include <string.h>

const char *const pass_names[] = {
	[PASS_CLEAN] = "clean",
	[PASS_ATTRIBUTION] = "attribution",
};
static_assert_complete(pass_names, PASS_MAX_);

const char *const result_status_names[] = {
	[RESULT_OK] = "ok",
	[RESULT_FAILED] = "failed",
	[RESULT_SKIPPED] = "skipped",
};
static_assert_complete(result_status_names, RESULT_STATUS_MAX_);

struct run_set *run_set_new(void)
{
	struct run_set *set = xcalloc(1, sizeof(*set));

	set->owner[set->owner_cnt++] = (struct owner){run_set_str(set, "cell"), FLOW_WHOLE};
	set->owner[set->owner_cnt++] = (struct owner){run_set_str(set, "kernel"), FLOW_NONE};
	return set;
}

unsigned int run_set_add_owner(struct run_set *set, const char *label, enum flow flow)
{
	unsigned int at = set->owner_cnt - 1;

	if (set->owner_cnt == OWNERS_MAX || set->result_cnt)
		abort(); /* the caller's mistake: results have as many rows as there are owners */
	set->owner[set->owner_cnt++] = set->owner[at];
	set->owner[at] = (struct owner){run_set_str(set, label), flow};
	return at;
}

unsigned int run_set_owner(const struct run_set *set, enum flow flow)
{
	unsigned int o;

	for (o = 1; o < set->owner_cnt; o++)
		if (set->owner[o].flow & flow)
			return o;
	return OWNER_WHOLE;
}

unsigned int run_set_owner_by_label(const struct run_set *set, const char *label)
{
	return (unsigned int)rows_find(set->owner, set->owner_cnt, sizeof(set->owner[0]), label);
}

void run_result_clear(struct run_result *r)
{
	struct run_result empty = {.key = r->key, .v = r->v, .owner_cnt = r->owner_cnt};
	size_t i;

	for (i = 0; i < TIMELINE_MAX_; i++)
		free(r->timeline[i]);
	for (i = 0; i < r->stack_cnt; i++)
		free(r->stack[i].frame);
	free(r->stack);
	free(r->wait);
	free(r->copy);
	free(r->call);
	free(r->socket);
	free(r->drop);
	free(r->latency);
	free(r->completion);
	*r = empty;
	memset(r->v, 0, r->owner_cnt * sizeof(*r->v));
}

void run_set_drop_last(struct run_set *set)
{
	struct run_result *r = &set->result[--set->result_cnt];

	run_result_clear(r);
	free(r->v);
}

void run_set_free(struct run_set **setp)
{
	struct run_set *set = *setp;

	if (!set)
		return;
	while (set->result_cnt)
		run_set_drop_last(set);
	free(set->result);
	free(set->plan.mode);
	free(set->plan.size_bytes);
	free(set->plan.threads);
	free(set->plan.variant);
	free(set->env);
	free(set->probe);
	free(set->note);
	free(set->frame);
	tdestroy(set->frame_index, free);
	tdestroy(set->reasons, free);
	strpool_free(&set->strings);
	free(set);
	*setp = NULL;
}

const char *run_set_str(struct run_set *set, const char *s)
{
	return strpool_add(&set->strings, s);
}

static int compare_reason(const void *pa, const void *pb)
{
	return memcmp(pa, pb, sizeof(struct reason));
}

/* From the end: lists that end alike share their end. */
const struct reason *run_set_reason(struct run_set *set, const struct reason *list)
{
	struct reason *key;
	const struct reason **found;

	if (!list)
		return NULL;
	key = xcalloc(1, sizeof(*key)); /* the padding, too, is compared */
	key->code = list->code;
	key->tier = list->tier;
	key->detail = run_set_str(set, list->detail);
	key->next = run_set_reason(set, list->next);
	found = tsearch(key, &set->reasons, compare_reason);
	if (!found)
		abort();
	if (*found != key)
		free(key);
	return *found;
}

static const char *intern_format(struct run_set *set, const char *fmt, va_list ap)
{
	_cleanup_free_ char *text = NULL;

	if (vasprintf(&text, fmt, ap) < 0) {
		text = NULL;
		return run_set_str(set, "");
	}
	return run_set_str(set, text);
}

void run_set_note(struct run_set *set, const char *area, const char *fmt, ...)
{
	struct plan_note note = {.area = run_set_str(set, area)};
	va_list ap;

	va_start(ap, fmt);
	note.text = intern_format(set, fmt, ap);
	va_end(ap);
	array_grow(set->note, set->note_cnt, set->note_cap);
	set->note[set->note_cnt++] = note;
}

void run_set_env(struct run_set *set, const char *name, const char *fmt, ...)
{
	struct env_fact fact = {.name = run_set_str(set, name)};
	va_list ap;

	va_start(ap, fmt);
	fact.value = intern_format(set, fmt, ap);
	va_end(ap);
	array_grow(set->env, set->env_cnt, set->env_cap);
	set->env[set->env_cnt++] = fact;
}

const char *run_set_env_value(const struct run_set *set, const char *name)
{
	size_t i;

	for (i = 0; i < set->env_cnt; i++)
		if (!strcmp(set->env[i].name, name))
			return set->env[i].value;
	return NULL;
}

struct numbered_frame {
	struct frame frame;
	unsigned int index;
};

/* Interned strings: their addresses are their identity. */
static int compare_frame(const void *pa, const void *pb)
{
	const struct frame *a = &((const struct numbered_frame *)pa)->frame;
	const struct frame *b = &((const struct numbered_frame *)pb)->frame;

	if (a->name != b->name)
		return (uintptr_t)a->name < (uintptr_t)b->name ? -1 : 1;
	if (a->module != b->module)
		return (uintptr_t)a->module < (uintptr_t)b->module ? -1 : 1;
	return (int)a->kind - (int)b->kind;
}

unsigned int run_set_frame(struct run_set *set, const char *name, const char *module,
			   enum frame_kind kind)
{
	struct numbered_frame key = {
		.frame = {.name = run_set_str(set, name), .module = run_set_str(set, module), .kind = kind},
		.index = (unsigned int)set->frame_cnt,
	}, *added, **found;

	found = tfind(&key, &set->frame_index, compare_frame);
	if (found)
		return (*found)->index;
	added = xmalloc(sizeof(*added));
	*added = key;
	if (!tsearch(added, &set->frame_index, compare_frame))
		abort();
	array_grow(set->frame, set->frame_cnt, set->frame_cap);
	set->frame[set->frame_cnt++] = key.frame;
	return key.index;
}

struct run_result *run_set_add(struct run_set *set, const struct run_key *key)
{
	struct run_result *r;

	array_grow(set->result, set->result_cnt, set->result_cap);
	r = &set->result[set->result_cnt++];
	memset(r, 0, sizeof(*r));
	r->key = *key;
	r->key.mode = run_set_str(set, key->mode);
	r->owner_cnt = set->owner_cnt;
	r->v = xcalloc(r->owner_cnt, sizeof(*r->v));
	r->attempts = 1;
	return r;
}

void run_result_wait(struct run_result *r, const struct wait_time *w)
{
	array_grow(r->wait, r->wait_cnt, r->wait_cap);
	r->wait[r->wait_cnt++] = *w;
}

void run_result_copy(struct run_result *r, const struct path_copy *c)
{
	array_grow(r->copy, r->copy_cnt, r->copy_cap);
	r->copy[r->copy_cnt++] = *c;
}

void run_result_call(struct run_result *r, const struct call_size *c)
{
	array_grow(r->call, r->call_cnt, r->call_cap);
	r->call[r->call_cnt++] = *c;
}

void run_result_socket(struct run_result *r, const struct socket_use *s)
{
	array_grow(r->socket, r->socket_cnt, r->socket_cap);
	r->socket[r->socket_cnt++] = *s;
}

void run_result_drop(struct run_result *r, enum drop_kind kind, const char *detail, uint64_t count)
{
	array_grow(r->drop, r->drop_cnt, r->drop_cap);
	r->drop[r->drop_cnt++] = (struct drop){.kind = kind, .detail = detail, .count = count};
}

void run_result_stack(struct run_result *r, const struct stack *s)
{
	struct stack copy = *s;

	copy.frame = xreallocarray(NULL, s->depth, sizeof(*copy.frame));
	if (s->depth)
		memcpy(copy.frame, s->frame, s->depth * sizeof(*copy.frame));
	array_grow(r->stack, r->stack_cnt, r->stack_cap);
	r->stack[r->stack_cnt++] = copy;
}

struct metric_value run_result_sum(const struct run_set *set, const struct run_result *r, enum flow flow,
				   enum metric_id m)
{
	struct metric_value sum = {0};
	bool any = false;
	unsigned int o;

	for (o = 1; o < r->owner_cnt; o++) {
		const struct metric_value *v = &r->v[o][m];

		if (!(set->owner[o].flow & flow))
			continue;
		if (!any || !value_known(v)) {
			sum = *v;
			if (!value_known(v))
				return sum;
		} else {
			sum.value += v->value;
			value_inherit(&sum, v);
		}
		any = true;
	}
	return sum;
}

struct metric_value run_result_payload(const struct run_set *set, const struct run_result *r,
				       enum flow flow)
{
	struct metric_value arrived = run_result_sum(set, r, FLOW_RECEIVES, M_APP_BYTES);

	if (value_known(&arrived))
		return arrived;
	return flow & FLOW_RECEIVES ? run_result_sum(set, r, FLOW_RECEIVES, M_RECEIVED_BYTES) :
				      run_result_sum(set, r, FLOW_SENDS, M_SENT_BYTES);
}

unsigned int run_set_series(const struct run_set *set)
{
	return set->probe_cnt ? set->probe[set->probe_cnt - 1].series : 0;
}

size_t plan_mode(const struct run_plan *plan, const char *name)
{
	size_t i;

	for (i = 0; name && i < plan->mode_cnt; i++)
		if (!strcmp(plan->mode[i].name, name))
			return i;
	return plan->mode_cnt;
}

const struct mode_info *run_set_mode(const struct run_set *set, const struct run_result *r)
{
	size_t i;

	for (i = 0; i < set->plan.mode_cnt; i++)
		if (set->plan.mode[i].name == r->key.mode)
			return &set->plan.mode[i];
	return NULL;
}

const struct run_result *run_set_find(const struct run_set *set, const struct run_key *key)
{
	size_t i;

	for (i = 0; i < set->result_cnt; i++) {
		const struct run_key *k = &set->result[i].key;

		if (k->size_bytes == key->size_bytes && k->threads == key->threads &&
		    k->repetition == key->repetition && k->pass == key->pass && k->variant == key->variant &&
		    !strcmp(k->mode, key->mode))
			return &set->result[i];
	}
	return NULL;
}
