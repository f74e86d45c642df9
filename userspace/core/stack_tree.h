/* SPDX-License-Identifier: GPL-2.0-only */
/* Stacks as a prefix tree: roots that many stacks share are kept once. */
#ifndef CORE_STACK_TREE_H
#define CORE_STACK_TREE_H

#include "core/result.h"

struct stack_node {
	unsigned int parent, frame; /* parent is index + 1, 0 = none */
};

struct stack_tree {
	struct stack_node *node;
	size_t cnt, cap;
	unsigned int *slot; /* open addressing; index + 1, 0 = free */
	size_t slots;	    /* a power of two */
};

/* Index + 1 of the node that ends this stack; 0 for an empty one. */
unsigned int stack_tree_add(struct stack_tree *tree, const struct stack *s);
void stack_tree_free(struct stack_tree *tree);

#endif
