// SPDX-License-Identifier: GPL-2.0-only
/* Merging: stacks are sorted by the rank of their frames' names; then each stack shares a prefix with
 * the one before it, and the tree comes out in preorder, sorted, without any lookup.
 */
#include "report/flame.h"

#include <string.h>

#include "report/number.h"

bool result_sampled(const struct run_result *r, enum stack_kind kind)
{
	size_t i;

	for (i = 0; i < r->stack_cnt; i++)
		if (r->stack[i].kind == kind && stack_value(&r->stack[i]))
			return true;
	return false;
}

static int compare_text(const char *a, const char *b)
{
	return a == b ? 0 : !a ? -1 : !b ? 1 : strcmp(a, b);
}

int flame_frame_order(const struct frame *a, const struct frame *b)
{
	int by_name = compare_text(a->name, b->name);

	if (by_name)
		return by_name;
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	return compare_text(a->module, b->module);
}

static int compare_frame(const void *pa, const void *pb)
{
	return flame_frame_order(*(const struct frame *const *)pa,
				 *(const struct frame *const *)pb);
}

static unsigned int *rank_frames(const struct run_set *set)
{
	_cleanup_free_ const struct frame **sorted = xcalloc(set->frame_cnt, sizeof(*sorted));
	unsigned int *rank = xcalloc(set->frame_cnt, sizeof(*rank));
	size_t i;

	for (i = 0; i < set->frame_cnt; i++)
		sorted[i] = &set->frame[i];
	if (set->frame_cnt)
		qsort(sorted, set->frame_cnt, sizeof(*sorted), compare_frame);
	for (i = 0; i < set->frame_cnt; i++)
		rank[sorted[i] - set->frame] = (unsigned int)i;
	return rank;
}

/* rank: by frame index. */
static int compare_stack(const void *pa, const void *pb, void *rank)
{
	const struct stack *a = *(const struct stack *const *)pa;
	const struct stack *b = *(const struct stack *const *)pb;
	const unsigned int *rank_of = rank;
	unsigned int i;

	if (a->owner != b->owner)
		return a->owner < b->owner ? -1 : 1;
	for (i = 0; i < a->depth && i < b->depth; i++)
		if (a->frame[i] != b->frame[i])
			return rank_of[a->frame[i]] < rank_of[b->frame[i]] ? -1 : 1;
	return a->depth < b->depth ? -1 : a->depth > b->depth;
}

/* The stacks of a mode and kind, sorted; the caller frees. */
static const struct stack **collect(const struct run_set *set, const char *mode,
				    enum stack_kind kind, size_t *cnt)
{
	_cleanup_free_ unsigned int *rank = rank_frames(set);
	const struct stack **list = NULL;
	size_t cap = 0, i, j;

	*cnt = 0;
	for (i = 0; i < set->result_cnt; i++) {
		const struct run_result *r = &set->result[i];

		for (j = 0; r->key.mode == mode && j < r->stack_cnt; j++) {
			if (r->stack[j].kind != kind || !stack_value(&r->stack[j]))
				continue;
			array_grow(list, *cnt, cap);
			list[(*cnt)++] = &r->stack[j];
		}
	}
	if (*cnt)
		qsort_r(list, *cnt, sizeof(*list), compare_stack, rank);
	return list;
}

/* Depth (in nodes, the owner included) that two stacks share. */
static unsigned int shared_depth(const struct stack *a, const struct stack *b)
{
	unsigned int i;

	if (!a || a->owner != b->owner)
		return 0;
	for (i = 0; i < a->depth && i < b->depth; i++)
		if (a->frame[i] != b->frame[i])
			break;
	return i + 1;
}

void flame_tree_build(const struct run_set *set, const char *mode, enum stack_kind kind,
		      struct flame_tree *tree)
{
	_cleanup_free_ const struct stack **list = NULL;
	_cleanup_free_ size_t *open = NULL; /* the current node at each depth */
	const struct stack *before = NULL;
	size_t cnt, i, depth, open_cap = 0;

	memset(tree, 0, sizeof(*tree));
	list = collect(set, mode, kind, &cnt);
	for (i = 0; i < cnt; i++) {
		const struct stack *s = list[i];
		uint64_t value = stack_value(s);

		if (s->depth + 1 > open_cap) {
			open_cap = s->depth + 64;
			open = xreallocarray(open, open_cap, sizeof(*open));
		}
		for (depth = shared_depth(before, s); depth <= s->depth; depth++) {
			array_grow(tree->node, tree->cnt, tree->cap);
			open[depth] = tree->cnt;
			tree->node[tree->cnt++] = (struct flame_node){
				.frame = depth ? &set->frame[s->frame[depth - 1]] : NULL,
				.owner = s->owner,
				.label = set->owner[s->owner].label,
				.depth = (unsigned int)depth,
				.start = tree->total,
			};
		}
		for (depth = 0; depth <= s->depth; depth++)
			tree->node[open[depth]].value += value;
		tree->node[open[s->depth]].self += value;
		tree->total += value;
		tree->max_depth = MAX(tree->max_depth, s->depth);
		before = s;
	}
}

void flame_tree_free(struct flame_tree *tree)
{
	free(tree->node);
	memset(tree, 0, sizeof(*tree));
}

char *offcpu_sampling_text(const struct run_plan *plan)
{
	if (!plan->offcpu_sample_ns)
		return NULL;
	return xasprintf("a sample for each %s ms",
			 number_short((double)plan->offcpu_sample_ns / NSEC_PER_MSEC).text);
}
