// SPDX-License-Identifier: GPL-2.0-only
/* MODE.folded: on-CPU samples; offcpu-MODE.folded: off-CPU ns. */
#include "report/flame.h"
#include "report/report_ctx.h"

static int fill(struct report_ctx *ctx, FILE *out, size_t mode, enum stack_kind kind)
{
	struct flame_tree tree;

	flame_tree_build(ctx->set, ctx->set->plan.mode[mode].name, kind, &tree);
	flame_folded(&tree, out);
	flame_tree_free(&tree);
	return 0;
}

static int fill_oncpu(struct report_ctx *ctx, FILE *out, size_t mode)
{
	return fill(ctx, out, mode, STACK_ONCPU);
}

static int fill_offcpu(struct report_ctx *ctx, FILE *out, size_t mode)
{
	return fill(ctx, out, mode, STACK_OFFCPU);
}

int fmt_folded_write(struct report_ctx *ctx)
{
	size_t mode;
	int err;

	for (mode = 0; mode < ctx->set->plan.mode_cnt; mode++) {
		_cleanup_free_ char *on = xasprintf("%s.folded", ctx->mode_file[mode]);
		_cleanup_free_ char *off = xasprintf("offcpu-%s.folded", ctx->mode_file[mode]);

		if (mode_has_stacks(ctx->set, mode, STACK_ONCPU)) {
			err = report_put_file(ctx, on, fill_oncpu, mode);
			if (err)
				return err;
		}
		if (mode_has_stacks(ctx->set, mode, STACK_OFFCPU)) {
			err = report_put_file(ctx, off, fill_offcpu, mode);
			if (err)
				return err;
		}
	}
	return 0;
}
