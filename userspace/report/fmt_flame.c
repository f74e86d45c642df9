// SPDX-License-Identifier: GPL-2.0-only
/* flame-MODE.svg and offcpu-MODE.svg. */
#include "report/fmt_flame.h"

#include "report/flame.h"
#include "report/report_ctx.h"

static const struct {
	const char *file, *title, *unit;
	double divide;
} kinds[] = {
	[STACK_ONCPU] = {"flame", "on-CPU", "samples", 1},
	[STACK_OFFCPU] = {"offcpu", "off-CPU (asleep or waiting for a CPU)", "ms", 1e6},
};
static_assert_complete(kinds, STACK_KIND_MAX_);

void flame_put(const struct run_set *set, size_t mode, enum stack_kind kind, bool standalone,
	       FILE *out)
{
	const struct mode_info *info = &set->plan.mode[mode];
	_cleanup_free_ char *title = xasprintf("%s%s%s, %s", info->name, info->title ? " " : "",
					       info->title ? info->title : "", kinds[kind].title);
	struct flame_style style = {
		.title = title,
		.unit = kinds[kind].unit,
		.divide = kinds[kind].divide,
		.standalone = standalone,
	};
	struct flame_tree tree;

	flame_tree_build(set, info->name, kind, &tree);
	flame_svg(&tree, &style, out);
	flame_tree_free(&tree);
}

static int fill_oncpu(struct report_ctx *ctx, FILE *out, size_t mode)
{
	flame_put(ctx->set, mode, STACK_ONCPU, true, out);
	return 0;
}

static int fill_offcpu(struct report_ctx *ctx, FILE *out, size_t mode)
{
	flame_put(ctx->set, mode, STACK_OFFCPU, true, out);
	return 0;
}

int fmt_flame_write(struct report_ctx *ctx)
{
	enum stack_kind kind;
	size_t mode;
	int err;

	for (mode = 0; mode < ctx->set->plan.mode_cnt; mode++) {
		for (kind = 0; kind < STACK_KIND_MAX_; kind++) {
			_cleanup_free_ char *name = NULL;

			if (!mode_has_stacks(ctx->set, mode, kind))
				continue;
			name = xasprintf("%s-%s.svg", kinds[kind].file, ctx->mode_file[mode]);
			err = report_put_file(
				ctx, name, kind == STACK_ONCPU ? fill_oncpu : fill_offcpu, mode);
			if (err)
				return err;
		}
	}
	return 0;
}
