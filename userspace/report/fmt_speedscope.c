// SPDX-License-Identifier: GPL-2.0-only
/* speedscope.json: one profile for each mode, role and kind of stack, in the format of
 * https://www.speedscope.app/file-format-schema.json. Frames are shared by all profiles.
 */
#include "report/escape.h"
#include "report/flame.h"
#include "report/report_ctx.h"

static const struct {
	const char *name, *unit;
} kinds[] = {
	[STACK_ONCPU] = {"on-CPU samples", "none"},
	[STACK_OFFCPU] = {"off-CPU time", "nanoseconds"},
};
static_assert_complete(kinds, STACK_KIND_MAX_);

static void put_frames(const struct run_set *set, FILE *out)
{
	size_t i;

	fputs("\"shared\": {\"frames\": [", out);
	for (i = 0; i < set->frame_cnt; i++) {
		const struct frame *f = &set->frame[i];

		fputs(i ? ",\n" : "\n", out);
		put_jsonf(out, "{\"name\": %s", *f->name ? f->name : "[unnamed]");
		if (f->module || f->kind == FRAME_KERNEL)
			put_jsonf(out, ", \"file\": %s", f->module ?: "[kernel]");
		fputc('}', out);
	}
	fputs("\n]}", out);
}

/* The node after a subtree in preorder. */
static size_t subtree_end(const struct flame_tree *tree, size_t root)
{
	size_t i = root + 1;

	while (i < tree->cnt && tree->node[i].depth > tree->node[root].depth)
		i++;
	return i;
}

/* Every node with a value of its own is a sample: the path to it, root first. */
static void put_samples(const struct run_set *set, const struct flame_tree *tree, size_t root,
			size_t end, FILE *out)
{
	_cleanup_free_ size_t *path = xcalloc(tree->max_depth + 1, sizeof(*path));
	const char *separator = "\n[";
	unsigned int depth;
	size_t i;

	for (i = root; i < end; i++) {
		const struct flame_node *n = &tree->node[i];

		path[n->depth] = n->frame ? (size_t)(n->frame - set->frame) : 0;
		if (!n->self)
			continue;
		fputs(separator, out);
		for (depth = 1; depth <= n->depth; depth++)
			fprintf(out, depth > 1 ? ",%zu" : "%zu", path[depth]);
		fputc(']', out);
		separator = ",\n[";
	}
}

static void put_profile(const struct run_set *set, const struct flame_tree *tree, size_t root,
			const char *mode, enum stack_kind kind, FILE *out)
{
	const struct flame_node *top = &tree->node[root];
	_cleanup_free_ char *sampling = kind == STACK_OFFCPU ? offcpu_sampling_text(&set->plan) : NULL;
	_cleanup_free_ char *name = xasprintf("%s %s, %s%s%s", mode, top->label, kinds[kind].name,
					      sampling ? ", " : "", sampling ?: "");
	size_t end = subtree_end(tree, root), i;
	const char *separator = "";

	put_jsonf(out,
		  "{\"type\": \"sampled\", \"name\": %s, \"unit\": %s, \"startValue\": 0, "
		  "\"endValue\": %llu, \"samples\": [",
		  name, kinds[kind].unit, (unsigned long long)top->value);
	put_samples(set, tree, root, end, out);
	fputs("\n], \"weights\": [", out);
	for (i = root; i < end; i++) {
		if (!tree->node[i].self)
			continue;
		fprintf(out, "%s%llu", separator, (unsigned long long)tree->node[i].self);
		separator = ",";
	}
	fputs("]}", out);
}

int fmt_speedscope(const struct report_part *part, FILE *out)
{
	const struct run_set *set = part->ctx->set;
	const char *separator = "\n";
	struct flame_tree tree;
	enum stack_kind kind;
	size_t mode, i;

	put_jsonf(out,
		  "{\"$schema\": \"https://www.speedscope.app/file-format-schema.json\",\n"
		  "\"exporter\": \"copyscope\",\n\"name\": %s,\n",
		  set->command ?: "copyscope");
	put_frames(set, out);
	fputs(",\n\"profiles\": [", out);
	for (kind = 0; kind < STACK_KIND_MAX_; kind++) {
		for (mode = 0; mode < set->plan.mode_cnt; mode++) {
			flame_tree_build(set, set->plan.mode[mode].name, kind, NULL, &tree);
			for (i = 0; i < tree.cnt; i = subtree_end(&tree, i)) {
				fputs(separator, out);
				put_profile(set, &tree, i, set->plan.mode[mode].name, kind, out);
				separator = ",\n";
			}
			flame_tree_free(&tree);
		}
	}
	fputs("\n]}\n", out);
	return 0;
}
