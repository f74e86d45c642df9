// SPDX-License-Identifier: GPL-2.0-only
#include "analysis/copies.h"

#include <string.h>

static void add_place(struct mode_copies *c, const struct path_copy *p)
{
	struct copy_place *at;
	size_t i;

	for (i = 0; i < c->place_cnt; i++)
		if (c->place[i].function == p->function && c->place[i].reason == p->reason &&
		    c->place[i].detail == p->detail)
			break;
	if (i == c->place_cnt) {
		array_grow(c->place, c->place_cnt, c->place_cap);
		c->place[c->place_cnt++] =
			(struct copy_place){.stage = p->stage,
					    .function = p->function,
					    .reason = p->reason,
					    .detail = p->detail};
	}
	at = &c->place[i];
	at->count += (double)p->count;
	at->bytes += (double)p->bytes;
}

static int compare_place(const void *a, const void *b)
{
	const struct copy_place *x = a, *y = b;

	return (x->bytes < y->bytes) - (x->bytes > y->bytes);
}

static void build_mode(const struct run_set *set, struct mode_copies *c)
{
	enum stage s;
	size_t i, j;

	for (i = 0; i < set->result_cnt; i++) {
		const struct run_result *r = &set->result[i];
		struct metric_value payload = run_result_payload(set, r, FLOW_RECEIVES);

		if (r->key.mode != c->mode->name || r->key.pass != PASS_ATTRIBUTION ||
		    r->status != RESULT_OK || !value_known(&payload) || payload.value <= 0)
			continue;
		c->cells++;
		c->received += payload.value;
		for (s = 0; s < STAGE_MAX_; s++)
			stage_sum_add(&c->stage[s], s, set, r);
		for (j = 0; j < r->copy_cnt; j++)
			add_place(c, &r->copy[j]);
	}
	c->copies = stages_copies_per_byte(c->stage);
	if (c->place_cnt)
		qsort(c->place, c->place_cnt, sizeof(*c->place), compare_place);
}

struct mode_copies *copies_build(const struct run_set *set)
{
	struct mode_copies *copies = xcalloc(set->plan.mode_cnt, sizeof(*copies));
	size_t i;

	for (i = 0; i < set->plan.mode_cnt; i++) {
		copies[i].mode = &set->plan.mode[i];
		build_mode(set, &copies[i]);
	}
	return copies;
}

void copies_free(struct mode_copies *copies, size_t cnt)
{
	size_t i;

	for (i = 0; copies && i < cnt; i++)
		free(copies[i].place);
	free(copies);
}
