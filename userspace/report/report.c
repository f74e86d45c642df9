// SPDX-License-Identifier: GPL-2.0-only
/* One report from beginning to end: what the formats share is computed once, every selected format
 * writes into a temporary directory, report_dir.c puts that into place.
 */
#include "report/report.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "core/log.h"
#include "report/escape.h"
#include "report/report_ctx.h"
#include "report/report_dir.h"

bool mode_has_stacks(const struct run_set *set, size_t mode, enum stack_kind kind)
{
	size_t i, j;

	for (i = 0; i < set->result_cnt; i++) {
		const struct run_result *r = &set->result[i];

		for (j = 0; r->key.mode == set->plan.mode[mode].name && j < r->stack_cnt; j++)
			if (r->stack[j].kind == kind &&
			    (kind == STACK_OFFCPU ? r->stack[j].ns : r->stack[j].count))
				return true;
	}
	return false;
}

int report_put_file(struct report_ctx *ctx, const char *name,
		    int (*fill)(struct report_ctx *ctx, FILE *out, size_t mode), size_t mode)
{
	_cleanup_close_ int fd = openat(ctx->dirfd, name,
					O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
	_cleanup_fclose_ FILE *out = NULL;
	int err;

	if (fd < 0)
		return err_r(-errno, "create %s", name);
	out = fdopen(fd, "w");
	if (!out)
		return err_r(-errno, "create %s", name);
	take_fd(&fd);
	errno = 0;
	err = fill(ctx, out, mode);
	if (!err && (fflush(out) || ferror(out)))
		err = errno ? -errno : -EIO;
	/* delayed allocation reports a full disk only here */
	if (fclose(take_ptr(out)) && !err)
		err = errno ? -errno : -EIO;
	if (err)
		return err_r(err, "write %s (free some space and run `copyscope report` again)", name);
	return 0;
}

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
