// SPDX-License-Identifier: GPL-2.0-only
/* MODE.folded: on-CPU samples; offcpu-MODE.folded: off-CPU ns. The format has no place to say how they were sampled,
 * so that is the root of the off-CPU ones.
 */
#include "report/escape.h"
#include "report/flame.h"
#include "report/report_ctx.h"

static void put_stacks(const struct flame_tree *tree, const char *root, FILE *out)
{
	_cleanup_free_ const struct flame_node **path = xcalloc(tree->max_depth + 1, sizeof(*path));
	unsigned int depth;
	size_t i;

	for (i = 0; i < tree->cnt; i++) {
		const struct flame_node *n = &tree->node[i];

		path[n->depth] = n;
		if (!n->self)
			continue;
		if (root) {
			put_folded(out, root);
			fputc(';', out);
		}
		for (depth = 0; depth <= n->depth; depth++) {
			fputs(depth ? ";" : "", out);
			put_folded(out, flame_node_name(path[depth]));
		}
		fprintf(out, " %llu\n", (unsigned long long)n->self);
	}
}

int fmt_folded(const struct report_part *part, FILE *out)
{
	struct flame_tree tree;
	_cleanup_free_ char *sampling =
		part->kind == STACK_OFFCPU ? offcpu_sampling_text(&part->ctx->set->plan) : NULL;
	_cleanup_free_ char *root = sampling ? xasprintf("off-CPU, %s", sampling) : NULL;

	flame_tree_build(part->ctx->set, mode_name(part->ctx, part->mode), part->kind, NULL, &tree);
	put_stacks(&tree, root, out);
	flame_tree_free(&tree);
	return 0;
}
