// SPDX-License-Identifier: GPL-2.0-only
/* Merging: stacks are sorted by the rank of their frames' names; then each stack shares a prefix with
 * the one before it, and the tree comes out in preorder, sorted, without any lookup.
 */
#include "report/flame.h"

#include <string.h>

#include "report/escape.h"

struct ranked {
	const struct stack *stack;
	const unsigned int *rank; /* by frame index */
	uint64_t value;
};

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
	const struct frame **sorted = xcalloc(set->frame_cnt, sizeof(*sorted));
	unsigned int *rank = xcalloc(set->frame_cnt, sizeof(*rank));
	size_t i;

	for (i = 0; i < set->frame_cnt; i++)
		sorted[i] = &set->frame[i];
	if (set->frame_cnt)
		qsort(sorted, set->frame_cnt, sizeof(*sorted), compare_frame);
	for (i = 0; i < set->frame_cnt; i++)
		rank[sorted[i] - set->frame] = (unsigned int)i;
	free(sorted);
	return rank;
}

static int compare_ranked(const void *pa, const void *pb)
{
	const struct ranked *a = pa, *b = pb;
	const struct stack *x = a->stack, *y = b->stack;
	unsigned int i;

	if (x->owner != y->owner)
		return x->owner < y->owner ? -1 : 1;
	for (i = 0; i < x->depth && i < y->depth; i++)
		if (x->frame[i] != y->frame[i])
			return a->rank[x->frame[i]] < b->rank[y->frame[i]] ? -1 : 1;
	return x->depth < y->depth ? -1 : x->depth > y->depth;
}

static struct ranked *collect(const struct run_set *set, const char *mode, enum stack_kind kind,
			      const unsigned int *rank, size_t *cnt)
{
	struct ranked *list = NULL;
	size_t cap = 0, i, j;

	*cnt = 0;
	for (i = 0; i < set->result_cnt; i++) {
		const struct run_result *r = &set->result[i];

		if (r->key.mode != mode)
			continue;
		for (j = 0; j < r->stack_cnt; j++) {
			const struct stack *s = &r->stack[j];
			uint64_t value = kind == STACK_OFFCPU ? s->ns : s->count;

			if (s->kind != kind || !value)
				continue;
			array_grow(list, *cnt, cap);
			list[(*cnt)++] = (struct ranked){s, rank, value};
		}
	}
	if (*cnt)
		qsort(list, *cnt, sizeof(*list), compare_ranked);
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
	_cleanup_free_ unsigned int *rank = rank_frames(set);
	_cleanup_free_ struct ranked *list = NULL;
	_cleanup_free_ size_t *open = NULL; /* the current node at each depth */
	const struct stack *before = NULL;
	size_t cnt, i, depth, open_cap = 0;

	memset(tree, 0, sizeof(*tree));
	list = collect(set, mode, kind, rank, &cnt);
	for (i = 0; i < cnt; i++) {
		const struct stack *s = list[i].stack;

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
			tree->node[open[depth]].value += list[i].value;
		tree->node[open[s->depth]].self += list[i].value;
		tree->total += list[i].value;
		tree->max_depth = MAX(tree->max_depth, s->depth);
		before = s;
	}
}

void flame_tree_free(struct flame_tree *tree)
{
	free(tree->node);
	memset(tree, 0, sizeof(*tree));
}

void flame_folded(const struct flame_tree *tree, FILE *out)
{
	_cleanup_free_ const struct flame_node **path =
		xcalloc(tree->max_depth + 1, sizeof(*path));
	unsigned int depth;
	size_t i;

	for (i = 0; i < tree->cnt; i++) {
		const struct flame_node *n = &tree->node[i];

		path[n->depth] = n;
		if (!n->self)
			continue;
		for (depth = 0; depth <= n->depth; depth++) {
			fputs(depth ? ";" : "", out);
			put_folded(out, path[depth]->frame ? path[depth]->frame->name
							   : path[depth]->label);
		}
		fprintf(out, " %llu\n", (unsigned long long)n->self);
	}
}
