// SPDX-License-Identifier: GPL-2.0-only
/* An interval of an observation: what its counts have grown by. */
#include <string.h>

#include "core/result.h"

struct interval {
	struct run_set *set; /* being made */
	struct run_result *r;
	const struct run_set *now, *before;
	const struct run_result *was;	/* NULL: nothing has been before */
	unsigned int then[OWNERS_MAX]; /* by owner of now: its number before; OWNERS_MAX: it was not there */
};

/* Owners keep their names while more of them come. */
static void match_owners(struct interval *iv)
{
	unsigned int o;

	for (o = 0; o < iv->now->owner_cnt; o++) {
		const char *label = iv->now->owner[o].label;

		iv->then[o] = iv->was ? run_set_owner_by_label(iv->before, label) : OWNERS_MAX;
		if (iv->was && iv->then[o] == iv->before->owner_cnt)
			iv->then[o] = OWNERS_MAX;
		if (o && o + 1 < iv->now->owner_cnt)
			run_set_add_owner(iv->set, label, iv->now->owner[o].flow);
	}
}

static struct metric_value grown(struct interval *iv, unsigned int owner, enum metric_id m)
{
	struct metric_value v = iv->now->result[0].v[owner][m];

	if (metric_defs[m].source != FROM_BPF || m == M_COMPLETION_LATENCY_NS) /* a mean is of the whole */
		return (struct metric_value){0};
	if (iv->then[owner] < OWNERS_MAX && value_known(&v))
		v.value -= value_or_0(&iv->was->v[iv->then[owner]][m]);
	v.via = run_set_str(iv->set, v.via);
	v.reason = run_set_reason(iv->set, v.reason);
	return v;
}

static void add_calls(struct interval *iv, const struct call_size *now)
{
	struct call_size c = *now;
	size_t i;

	for (i = 0; iv->was && i < iv->was->call_cnt; i++) {
		const struct call_size *was = &iv->was->call[i];

		if (was->owner != iv->then[c.owner] || was->way != c.way || was->from_bytes != c.from_bytes)
			continue;
		c.calls -= was->calls;
		c.bytes -= was->bytes;
	}
	if (c.calls)
		run_result_call(iv->r, &c);
}

static void add_drops(struct interval *iv, const struct drop *now)
{
	uint64_t count = now->count;
	size_t i;

	for (i = 0; iv->was && i < iv->was->drop_cnt; i++) {
		const struct drop *was = &iv->was->drop[i];

		if (was->kind == now->kind && !strcmp(was->detail ?: "", now->detail ?: ""))
			count -= was->count;
	}
	if (count)
		run_result_drop(iv->r, now->kind, run_set_str(iv->set, now->detail), count);
}

struct run_set *run_set_since(const struct run_set *now, const struct run_set *before)
{
	struct interval iv = {.set = run_set_new(), .now = now, .before = before, .was = before ? &before->result[0] : NULL};
	const struct run_result *r = &now->result[0];
	enum metric_id m;
	unsigned int o;
	size_t i;

	match_owners(&iv);
	iv.r = run_set_add(iv.set, &r->key);
	for (o = 0; o < now->owner_cnt; o++)
		for (m = 0; m < METRIC_MAX_; m++)
			iv.r->v[o][m] = grown(&iv, o, m);
	for (i = 0; i < r->call_cnt; i++)
		add_calls(&iv, &r->call[i]);
	for (i = 0; i < r->drop_cnt; i++)
		add_drops(&iv, &r->drop[i]);
	return iv.set;
}
