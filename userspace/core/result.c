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

const char *const stack_kind_names[] = {
	[STACK_ONCPU] = "on-cpu",
	[STACK_OFFCPU] = "off-cpu",
};
static_assert_complete(stack_kind_names, STACK_KIND_MAX_);

/* Open addressing over run_set.frame; a slot holds index + 1, 0 is free. */
struct frame_index {
	size_t slots; /* a power of two */
	unsigned int slot[];
};

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
	unsigned int o;

	for (o = 0; o < set->owner_cnt; o++)
		if (!strcmp(set->owner[o].label, label))
			break;
	return o;
}

void run_result_clear(struct run_result *r)
{
	struct run_result empty = {.key = r->key, .v = r->v, .owner_cnt = r->owner_cnt};
	size_t i;

	for (i = 0; i < r->stack_cnt; i++)
		free(r->stack[i].frame);
	free(r->stack);
	free(r->wait);
	free(r->copy);
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
	free(set->env);
	free(set->probe);
	free(set->note);
	free(set->frame);
	free(set->frame_index);
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

/* Interned strings: their addresses are their identity. */
static size_t frame_hash(const struct frame *f)
{
	uint64_t h = (uintptr_t)f->name * 0x9e3779b97f4a7c15ULL;

	h ^= ((uintptr_t)f->module + f->kind) * 0xc2b2ae3d27d4eb4fULL;
	return (size_t)(h ^ (h >> 29));
}

static unsigned int *frame_slot(const struct run_set *set, struct frame_index *index,
				const struct frame *f)
{
	size_t i = frame_hash(f) & (index->slots - 1);

	for (;; i = (i + 1) & (index->slots - 1)) {
		const struct frame *at;

		if (!index->slot[i])
			return &index->slot[i];
		at = &set->frame[index->slot[i] - 1];
		if (at->name == f->name && at->module == f->module && at->kind == f->kind)
			return &index->slot[i];
	}
}

static void frame_index_grow(struct run_set *set)
{
	struct frame_index *old = set->frame_index, *index;
	size_t slots = old ? old->slots * 2 : 256, i;

	index = xcalloc(1, sizeof(*index) + slots * sizeof(index->slot[0]));
	index->slots = slots;
	for (i = 0; i < set->frame_cnt; i++)
		*frame_slot(set, index, &set->frame[i]) = (unsigned int)i + 1;
	free(old);
	set->frame_index = index;
}

unsigned int run_set_frame(struct run_set *set, const char *name, const char *module,
			   enum frame_kind kind)
{
	struct frame f = {
		.name = run_set_str(set, name),
		.module = run_set_str(set, module),
		.kind = kind,
	};
	struct frame_index *index = set->frame_index;
	unsigned int *slot;

	/* at most half full */
	if (!index || set->frame_cnt * 2 >= index->slots)
		frame_index_grow(set);
	slot = frame_slot(set, set->frame_index, &f);
	if (!*slot) {
		array_grow(set->frame, set->frame_cnt, set->frame_cap);
		set->frame[set->frame_cnt++] = f;
		*slot = (unsigned int)set->frame_cnt;
	}
	return *slot - 1;
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
		    k->repetition == key->repetition && k->pass == key->pass &&
		    !strcmp(k->mode, key->mode))
			return &set->result[i];
	}
	return NULL;
}
