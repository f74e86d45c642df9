// SPDX-License-Identifier: GPL-2.0-only
/* What another copyscope has observed, of which one result is part of ours. */
#include "core/result.h"

struct taking {
	struct run_set *set; /* ours */
	struct run_result *r;
	unsigned int owner;
	const struct run_set *from;
	const struct run_result *was;
	unsigned int from_owner;
};

static void take_metrics(const struct taking *t)
{
	enum metric_id m;

	for (m = 0; m < METRIC_MAX_; m++) {
		struct metric_value v = t->was->v[t->from_owner][m];

		if (metric_defs[m].source != FROM_BPF && !value_known(&v))
			continue;
		v.via = run_set_str(t->set, v.via);
		v.reason = run_set_reason(t->set, v.reason);
		t->r->v[t->owner][m] = v;
	}
}

static void take_stack(const struct taking *t, const struct stack *from)
{
	_cleanup_free_ unsigned int *frame = xcalloc(from->depth, sizeof(*frame));
	struct stack s = *from;
	unsigned int i;

	for (i = 0; i < s.depth; i++) {
		const struct frame *f = &t->from->frame[from->frame[i]];

		frame[i] = run_set_frame(t->set, f->name, f->module, f->kind);
	}
	s.frame = frame;
	s.owner = t->owner;
	run_result_stack(t->r, &s);
}

static void take_lists(const struct taking *t)
{
	size_t i;

	for (i = 0; i < t->was->wait_cnt; i++) {
		struct wait_time w = t->was->wait[i];

		w.reason = run_set_str(t->set, w.reason);
		if (w.owner == t->from_owner && (w.owner = t->owner))
			run_result_wait(t->r, &w);
	}
	for (i = 0; i < t->was->copy_cnt; i++) {
		struct path_copy c = t->was->copy[i];

		c.function = run_set_str(t->set, c.function);
		c.detail = run_set_str(t->set, c.detail);
		if (c.owner == t->from_owner && (c.owner = t->owner))
			run_result_copy(t->r, &c);
	}
	for (i = 0; i < t->was->stack_cnt; i++)
		if (t->was->stack[i].owner == t->from_owner)
			take_stack(t, &t->was->stack[i]);
	for (i = 0; i < t->was->drop_cnt; i++) {
		const struct drop *d = &t->was->drop[i];

		run_result_drop(t->r, d->kind, run_set_str(t->set, d->detail), d->count);
	}
}

void run_result_take(struct run_set *set, struct run_result *r, unsigned int owner, const struct run_set *from,
		     unsigned int from_owner)
{
	struct taking t = {set, r, owner, from, &from->result[0], from_owner};

	take_metrics(&t);
	take_lists(&t);
}
