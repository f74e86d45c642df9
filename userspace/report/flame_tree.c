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

/* A stack, of which the first frames may be one. */
struct path {
	const struct stack *of;
	unsigned int folded; /* so many of them are; 0: none */
	unsigned int depth;
};

/* Index of a frame of the set; that of flame_entry is behind them. */
static unsigned int path_frame(const struct path *p, unsigned int i, const struct run_set *set)
{
	if (!p->folded)
		return p->of->frame[i];
	return i ? p->of->frame[p->folded + i - 1] : (unsigned int)set->frame_cnt;
}

static const struct frame *frame_at(const struct run_set *set, size_t i)
{
	return i == set->frame_cnt ? &flame_entry : &set->frame[i];
}

struct ranking {
	const struct run_set *set;
	unsigned int *rank; /* by frame index, that of flame_entry included; owned */
};

static struct ranking rank_frames(const struct run_set *set)
{
	size_t cnt = set->frame_cnt + 1, i;
	_cleanup_free_ const struct frame **sorted = xcalloc(cnt, sizeof(*sorted));
	struct ranking ranking = {set, xcalloc(cnt, sizeof(*ranking.rank))};

	for (i = 0; i < cnt; i++)
		sorted[i] = frame_at(set, i);
	qsort(sorted, cnt, sizeof(*sorted), compare_frame);
	for (i = 0; i < cnt; i++)
		ranking.rank[sorted[i] == &flame_entry ? cnt - 1 : (size_t)(sorted[i] - set->frame)] = (unsigned int)i;
	return ranking;
}

static int compare_path(const void *pa, const void *pb, void *arg)
{
	const struct path *a = pa, *b = pb;
	const struct ranking *r = arg;
	unsigned int i, x, y;

	if (a->of->owner != b->of->owner)
		return a->of->owner < b->of->owner ? -1 : 1;
	for (i = 0; i < a->depth && i < b->depth; i++) {
		x = path_frame(a, i, r->set);
		y = path_frame(b, i, r->set);
		if (x != y)
			return r->rank[x] < r->rank[y] ? -1 : 1;
	}
	return a->depth < b->depth ? -1 : a->depth > b->depth;
}

static struct path path_of(const struct stack *s, const enum flame_way *way)
{
	unsigned int folded = way ? flame_entry_depth(s, way) : 0;

	return (struct path){s, folded, folded ? s->depth - folded + 1 : s->depth};
}

/* The stacks of a mode and kind, sorted; the caller frees. */
static struct path *collect(const struct run_set *set, const char *mode, enum stack_kind kind,
			    const enum flame_way *way, size_t *cnt)
{
	struct ranking ranking = rank_frames(set);
	struct path *list = NULL;
	size_t cap = 0, i, j;

	*cnt = 0;
	for (i = 0; i < set->result_cnt; i++) {
		const struct run_result *r = &set->result[i];

		for (j = 0; r->key.mode == mode && j < r->stack_cnt; j++) {
			if (r->stack[j].kind != kind || !stack_value(&r->stack[j]))
				continue;
			array_grow(list, *cnt, cap);
			list[(*cnt)++] = path_of(&r->stack[j], way);
		}
	}
	if (*cnt)
		qsort_r(list, *cnt, sizeof(*list), compare_path, &ranking);
	free(ranking.rank);
	return list;
}

/* Depth (in nodes, the owner included) that two stacks share. */
static unsigned int shared_depth(const struct path *a, const struct path *b, const struct run_set *set)
{
	unsigned int i;

	if (!a || a->of->owner != b->of->owner)
		return 0;
	for (i = 0; i < a->depth && i < b->depth; i++)
		if (path_frame(a, i, set) != path_frame(b, i, set))
			break;
	return i + 1;
}

static struct flame_node node_of(const struct run_set *set, const struct path *p, unsigned int depth)
{
	return (struct flame_node){
		.frame = depth ? frame_at(set, path_frame(p, depth - 1, set)) : NULL,
		.owner = p->of->owner,
		.label = set->owner[p->of->owner].label,
		.depth = depth,
	};
}

void flame_tree_build(const struct run_set *set, const char *mode, enum stack_kind kind,
		      const enum flame_way *way, struct flame_tree *tree)
{
	_cleanup_free_ struct path *list = NULL;
	_cleanup_free_ size_t *open = NULL; /* the current node at each depth */
	size_t cnt, i, open_cap = 0;
	unsigned int depth;

	memset(tree, 0, sizeof(*tree));
	list = collect(set, mode, kind, way, &cnt);
	for (i = 0; i < cnt; i++) {
		const struct path *p = &list[i];
		uint64_t value = stack_value(p->of);

		if (p->depth + 1 > open_cap) {
			open_cap = p->depth + 64;
			open = xreallocarray(open, open_cap, sizeof(*open));
		}
		for (depth = shared_depth(i ? p - 1 : NULL, p, set); depth <= p->depth; depth++) {
			array_grow(tree->node, tree->cnt, tree->cap);
			open[depth] = tree->cnt;
			tree->node[tree->cnt] = node_of(set, p, depth);
			tree->node[tree->cnt++].start = tree->total;
		}
		for (depth = 0; depth <= p->depth; depth++)
			tree->node[open[depth]].value += value;
		tree->node[open[p->depth]].self += value;
		tree->total += value;
		tree->max_depth = MAX(tree->max_depth, p->depth);
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
