/* SPDX-License-Identifier: GPL-2.0-only */
/* Stacks of one mode merged into a tree, and what the flamegraphs (of one profile, or of the
 * difference of two) have in common: boxes stacked on each other as an interactive SVG.
 */
#ifndef REPORT_FLAME_H
#define REPORT_FLAME_H

#include "core/result.h"

/* Samples of an on-CPU stack, ns of an off-CPU one. */
static inline uint64_t stack_value(const struct stack *s)
{
	return s->kind == STACK_OFFCPU ? s->ns : s->count;
}

/* Whether it has stacks of a kind. */
bool result_sampled(const struct run_result *r, enum stack_kind kind);

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

/* Of a frame, on the way into the kernel (flame_entry.c). */
enum flame_way { FLAME_NONE, FLAME_USER, FLAME_CALL, FLAME_DOOR };

/* By frame of the set; the caller frees. */
enum flame_way *flame_ways(const struct run_set *set);
/* How many frames at the root are the program and its way into a system call; 0: it is in none. */
unsigned int flame_entry_depth(const struct stack *s, const enum flame_way *way);
/* What stands for them. */
extern const struct frame flame_entry;

/* All stacks of a mode and kind, over all its results, siblings sorted by name. The tree refers to
 * the set's frames. way: the way into the kernel is one frame; NULL: it is as it was.
 */
void flame_tree_build(const struct run_set *set, const char *mode, enum stack_kind kind,
		      const enum flame_way *way, struct flame_tree *tree);
void flame_tree_free(struct flame_tree *tree);

/* "a sample for each 10.0 ms"; NULL where off-CPU stacks are not samples (older files). The caller frees. */
char *offcpu_sampling_text(const struct run_plan *plan);

static inline const char *flame_node_name(const struct flame_node *n)
{
	return n->frame ? n->frame->name : n->label;
}

/* The order of siblings: by name, kind, module. Frames of different sets may be compared. */
int flame_frame_order(const struct frame *a, const struct frame *b);

struct flame_box {
	double start, value; /* from the left, and as wide; in the unit of flame_drawing.total */
	const struct flame_node *node; /* its name and depth */
};

/* What is said about a box that is wide enough to be drawn. */
struct flame_words {
	char class[4];
	char fill[8];	  /* "#rrggbb", or "": the class decides */
	char detail[192]; /* follows the name, in parentheses; holds none of its own */
};

struct flame_drawing {
	const char *title, *subtitle;
	struct {
		const char *class, *fill, *label; /* class or fill */
	} legend[3];
	const struct flame_box *box; /* preorder */
	size_t cnt;
	double total;
	bool standalone; /* a file of its own: brings its style and script */
	void (*describe)(const void *ctx, size_t i, struct flame_words *words);
	const void *ctx;
};

void flame_draw(const struct flame_drawing *d, FILE *out);

#endif
