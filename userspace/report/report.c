// SPDX-License-Identifier: GPL-2.0-only
/* One report from beginning to end: what the formats share is computed once, every selected format
 * writes into a temporary directory, report_dir.c puts that into place.
 */
#include "report/report.h"

#include <string.h>

#include "report/escape.h"
#include "report/report_ctx.h"
#include "report/report_dir.h"

static bool selected(const struct report_opts *opts, const char *name)
{
	size_t len = strlen(name);
	const char *p = opts->formats;

	if (!p)
		return true;
	for (; p; p = strchr(p, ',') ? strchr(p, ',') + 1 : NULL)
		if (!strncmp(p, name, len) && (p[len] == ',' || !p[len]))
			return true;
	return false;
}

/* Modes whose names fold to the same file name get their number appended. */
static void name_modes(struct report_ctx *ctx)
{
	size_t cnt = ctx->set->plan.mode_cnt, i, j;

	ctx->mode_file = xcalloc(cnt, sizeof(*ctx->mode_file));
	for (i = 0; i < cnt; i++) {
		ctx->mode_file[i] = safe_file_name(ctx->set->plan.mode[i].name);
		for (j = 0; j < i; j++) {
			char *longer;

			if (strcmp(ctx->mode_file[j], ctx->mode_file[i]))
				continue;
			longer = xasprintf("%s-%zu", ctx->mode_file[i], i + 1);
			free(ctx->mode_file[i]);
			ctx->mode_file[i] = longer;
			j = (size_t)-1;
		}
	}
}

static int write_formats(struct report_ctx *ctx)
{
	bool plots = false;
	size_t i;
	int err;

	for (i = 0; i < report_formats_cnt; i++)
		plots |= selected(ctx->opts, report_formats[i].name) &&
			 (report_formats[i].needs & REPORT_NEEDS_PLOTS);
	if (plots) {
		err = plots_start(ctx);
		if (err)
			return err;
	}
	for (i = 0; i < report_formats_cnt; i++) {
		if (!selected(ctx->opts, report_formats[i].name))
			continue;
		/* until then gnuplot has the other CPU */
		if (report_formats[i].needs & REPORT_NEEDS_PLOTS)
			plots_finish(ctx);
		err = report_formats[i].write(ctx);
		if (err)
			return err;
	}
	return 0;
}

int report_write(const struct run_set *set, const char *dir, const struct report_opts *opts)
{
	struct report_ctx ctx = {.set = set, .opts = opts, .dirfd = -1};
	_cleanup_free_ char *tmp = NULL;
	size_t i;
	int err = report_check_formats(opts->formats);

	if (err)
		return err;
	err = report_dir_begin(dir, opts, &tmp, &ctx.dirfd);
	if (err)
		return err;
	ctx.dir = tmp;
	verdict_build(set, &ctx.verdict);
	name_modes(&ctx);
	err = write_formats(&ctx);
	plots_finish(&ctx);
	if (!err)
		err = report_dir_commit(dir, tmp, ctx.dirfd, opts);
	if (err)
		report_dir_abort(tmp);
	close(ctx.dirfd);
	plots_free(&ctx);
	verdict_free(&ctx.verdict);
	for (i = 0; i < set->plan.mode_cnt; i++)
		free(ctx.mode_file[i]);
	free(ctx.mode_file);
	return err;
}
