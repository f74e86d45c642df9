/* SPDX-License-Identifier: GPL-2.0-only */
/* Stacks of one mode merged into a tree, and the tree as folded text or as a flamegraph in SVG. */
#ifndef REPORT_FLAME_H
#define REPORT_FLAME_H

#include "core/result.h"

/* Nodes in preorder: a node's subtree follows it. */
struct flame_node {
	const struct frame *frame; /* NULL: an owner, the first level */
	unsigned int owner;
	const char *label; /* the owner's */
	unsigned int depth; /* 0 = owner */
	uint64_t value;	    /* with all below it */
	uint64_t self;
	uint64_t start; /* sum of what is drawn left of it */
};

struct flame_tree {
	struct flame_node *node;
	size_t cnt, cap;
	uint64_t total;
	unsigned int max_depth;
};

/* All stacks of a mode and kind, over all its results, siblings sorted by name. The value of an
 * on-CPU stack is its samples, of an off-CPU stack its ns. The tree refers to the set's frames.
 */
void flame_tree_build(const struct run_set *set, const char *mode, enum stack_kind kind,
		      struct flame_tree *tree);
void flame_tree_free(struct flame_tree *tree);

/* The order of siblings: by name, kind, module. Frames of different sets may be compared. */
int flame_frame_order(const struct frame *a, const struct frame *b);

/* "owner;frame;frame value" lines. */
void flame_folded(const struct flame_tree *tree, FILE *out);

struct flame_style {
	const char *title, *unit; /* "samples", "ms" */
	double divide;		  /* value to unit */
	bool standalone;	  /* a file of its own: brings its style and script */
};

void flame_svg(const struct flame_tree *tree, const struct flame_style *style, FILE *out);

#endif
