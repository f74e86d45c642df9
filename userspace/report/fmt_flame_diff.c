// SPDX-License-Identifier: GPL-2.0-only
/* diff-FIRST-MODE.svg: what a mode costs more and less than the first one, for each later mode. */
#include "report/fmt_flame_diff.h"

#include "report/diff_print.h"
#include "report/report_ctx.h"

static void compare_with_first(const struct run_set *set, size_t mode, struct diff *diff)
{
	const struct mode_info *info = set->plan.mode;
	struct diff_side a = {set, info[0].name, info[0].name};
	struct diff_side b = {set, info[mode].name, info[mode].name};

	diff_init(diff, &a, &b);
}

bool flame_diff_possible(const struct run_set *set, size_t mode)
{
	struct diff diff;
	bool possible;

	compare_with_first(set, mode, &diff);
	possible = !diff_flame_missing(&diff);
	diff_free(&diff);
	return possible;
}

void flame_diff_put(const struct run_set *set, size_t mode, bool standalone, FILE *out)
{
	struct diff diff;

	compare_with_first(set, mode, &diff);
	diff_put_flame(&diff, standalone, out);
	diff_free(&diff);
}

static int fill(struct report_ctx *ctx, FILE *out, size_t mode)
{
	flame_diff_put(ctx->set, mode, true, out);
	return 0;
}

int fmt_flame_diff_write(struct report_ctx *ctx)
{
	size_t mode;
	int err;

	for (mode = 1; mode < ctx->set->plan.mode_cnt; mode++) {
		_cleanup_free_ char *name =
			xasprintf("diff-%s-%s.svg", ctx->mode_file[0], ctx->mode_file[mode]);

		if (!flame_diff_possible(ctx->set, mode))
			continue;
		err = report_put_file(ctx, name, fill, mode);
		if (err)
			return err;
	}
	return 0;
}
