// SPDX-License-Identifier: GPL-2.0-only
#include "analysis/buffers.h"

static const struct {
	enum metric_id top, bottom;
	double times;
	bool of_seen; /* a mean of those that were seen, however many were not */
} facts[] = {
	[LAYOUT_REFS] = {M_PAGE_REFS, M_APP_BYTES, 64 * KIB, false},
	[LAYOUT_FIELDS] = {M_FIELD_PAGES, M_APP_BYTES, 64 * KIB, false},
	[LAYOUT_LEAST] = {M_LEAST_PAGES, M_APP_BYTES, 64 * KIB, false},
	[LAYOUT_CALLS] = {M_APP_CALLS, M_MESSAGES, 1, false},
	[LAYOUT_WAITS] = {M_COMPLETION_WAITS, M_MESSAGES, 1, false},
	[LAYOUT_PARTIAL] = {M_PARTIAL_SENDS, M_MESSAGES, 1, false},
	[LAYOUT_SKB_BYTES] = {M_COPY_UBUFS_BYTES, M_COPY_UBUFS_SKBS, 1, true},
	[LAYOUT_FRAGS] = {M_ZC_FRAGS, M_ZC_SKBS, 1, true},
	[LAYOUT_FULL] = {M_ZC_SKBS_FULL, M_ZC_SKBS, 1, true},
	[LAYOUT_RESERVED] = {M_HUGETLB_BYTES, M_APP_BYTES, 1, false},
	[LAYOUT_GRANTED] = {M_THP_BYTES, M_APP_BYTES, 1, false},
};
static_assert_complete(facts, LAYOUT_MAX_);

/* Of the passes in which both are known. */
static struct layout_quotient quotient(const struct run_set *set, const struct layout *l, enum layout_fact f)
{
	static const struct reason none_passed = {
		.detail = "none passed where they are counted, which is where skbs are copied or delivered on this machine"};
	struct layout_quotient q = {0};
	double top = 0, bottom = 0;
	size_t i, seen = 0;

	for (i = 0; i < set->result_cnt; i++) {
		const struct run_result *r = &set->result[i];
		struct metric_value a, b;

		if (r->status != RESULT_OK || r->key.pass != PASS_ATTRIBUTION ||
		    r->key.size_bytes != l->size_bytes || r->key.mode != set->plan.mode[l->mode].name)
			continue;
		a = run_result_sum(set, r, FLOW_SENDS, facts[f].top);
		b = run_result_sum(set, r, FLOW_SENDS, facts[f].bottom);
		q.reason = q.reason ?: a.reason ?: b.reason;
		if (!value_known(&a) || !value_known(&b))
			continue;
		seen++;
		top += a.value;
		bottom += b.value;
		if (!facts[f].of_seen)
			q.bound |= a.bound | bound_inverse(b.bound);
	}
	q.known = bottom > 0;
	if (seen && !q.known)
		q.reason = q.reason ?: &none_passed;
	q.value = q.known ? top / bottom * facts[f].times : 0;
	return q;
}

struct layout layout_of(const struct run_set *set, size_t mode, uint64_t size_bytes)
{
	struct layout l = {.mode = mode, .size_bytes = size_bytes};
	enum layout_fact f;

	for (f = 0; f < LAYOUT_MAX_; f++)
		l.fact[f] = quotient(set, &l, f);
	return l;
}

const struct layout_quotient *layout_pages(const struct layout *l)
{
	return &l->fact[l->fact[LAYOUT_REFS].known ? LAYOUT_REFS : LAYOUT_FIELDS];
}

static bool differ_in_placement_only(const struct mode_traits *a, const struct mode_traits *b)
{
	return a->buffers == BUFFERS_HEAP && b->buffers == BUFFERS_PAGE && a->way == b->way &&
	       a->way == WAY_ZEROCOPY && a->flattens == b->flattens && a->takes_ids == b->takes_ids &&
	       a->has_completions == b->has_completions;
}

static bool find_pair(const struct run_plan *plan, struct alignment *a)
{
	for (a->scattered = 0; a->scattered < plan->mode_cnt; a->scattered++)
		for (a->aligned = 0; a->aligned < plan->mode_cnt; a->aligned++)
			if (differ_in_placement_only(&plan->mode[a->scattered].traits,
						     &plan->mode[a->aligned].traits))
				return true;
	return false;
}

bool alignment_find(const struct run_set *set, const struct contests *cpu, struct alignment *out)
{
	const struct run_plan *plan = &set->plan;
	struct alignment a = {0};
	size_t i;

	if (!find_pair(plan, &a))
		return false;
	a.cnt = plan->size_cnt * plan->thread_cnt;
	a.cell = xcalloc(a.cnt, sizeof(*a.cell));
	for (i = 0; i < a.cnt; i++) {
		struct alignment_cell *c = &a.cell[i];

		c->size_bytes = plan->size_bytes[i / plan->thread_cnt];
		c->threads = plan->threads[i % plan->thread_cnt];
		c->cpu = compare_ratio(&cpu->pairs, i, a.aligned, a.scattered);
		a.compared += c->cpu.n > 0;
		a.dearer += c->cpu.has_interval && c->cpu.low > cpu->margin;
		if (!c->cpu.has_interval || c->cpu.high >= 1 / cpu->margin)
			continue;
		a.cheaper++;
		if (!a.best || c->cpu.high < a.best->cpu.high)
			a.best = c;
	}
	*out = a;
	return true;
}

void alignment_free(struct alignment *a)
{
	free(a->cell);
	*a = (struct alignment){0};
}
