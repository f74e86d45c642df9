// SPDX-License-Identifier: GPL-2.0-only
#include "core/stack_tree.h"

#include <string.h>

static unsigned int *find_slot(struct stack_tree *tree, struct stack_node n)
{
	uint64_t h = ((uint64_t)n.parent << 32 | n.frame) * 0x9e3779b97f4a7c15ULL;
	size_t i = (h >> 20) & (tree->slots - 1);

	for (; tree->slot[i]; i = (i + 1) & (tree->slots - 1)) {
		const struct stack_node *at = &tree->node[tree->slot[i] - 1];

		if (at->parent == n.parent && at->frame == n.frame)
			break;
	}
	return &tree->slot[i];
}

static void grow(struct stack_tree *tree)
{
	size_t i;

	free(tree->slot);
	tree->slots = tree->slots ? tree->slots * 2 : 1024;
	tree->slot = xcalloc(tree->slots, sizeof(*tree->slot));
	for (i = 0; i < tree->cnt; i++)
		*find_slot(tree, tree->node[i]) = (unsigned int)i + 1;
}

unsigned int stack_tree_add(struct stack_tree *tree, const struct stack *s)
{
	unsigned int at = 0, i;

	for (i = 0; i < s->depth; i++) {
		struct stack_node n = {.parent = at, .frame = s->frame[i]};
		unsigned int *slot;

		if (tree->cnt * 2 >= tree->slots)
			grow(tree);
		slot = find_slot(tree, n);
		if (!*slot) {
			array_grow(tree->node, tree->cnt, tree->cap);
			tree->node[tree->cnt++] = n;
			*slot = (unsigned int)tree->cnt;
		}
		at = *slot;
	}
	return at;
}

void stack_tree_free(struct stack_tree *tree)
{
	free(tree->node);
	free(tree->slot);
	memset(tree, 0, sizeof(*tree));
}
