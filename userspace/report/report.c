// SPDX-License-Identifier: GPL-2.0-only
/* One report from beginning to end: what the formats share is computed once, every selected format
 * writes into a temporary directory, report_dir.c puts that into place.
 */
#include "report/report.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "core/log.h"
#include "report/escape.h"
#include "report/report_ctx.h"

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
		ctx->mode_file[i] = safe_file_name(mode_name(ctx, i));
		for (j = 0; j < i; j++) {
			if (strcmp(ctx->mode_file[j], ctx->mode_file[i]))
				continue;
			xappend(&ctx->mode_file[i], "-", "%zu", i + 1);
			j = (size_t)-1; /* the longer name may be taken, too */
		}
	}
}

/* ---- files ---------------------------------------------------------------------------------- */

int report_create(const struct report_ctx *ctx, const char *name, FILE **out)
{
	_cleanup_close_ int fd = openat(ctx->dirfd, name,
					O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
	FILE *f = fd >= 0 ? fdopen(fd, "w") : NULL;

	if (!f)
		return err_r(-errno, "create %s", name);
	take_fd(&fd);
	*out = f;
	errno = 0; /* of what is written; see report_finish() */
	return 0;
}

int report_finish(FILE *out, const char *name, int err)
{
	if (!err && (fflush(out) || ferror(out)))
		err = errno ? -errno : -EIO;
	/* delayed allocation reports a full disk only here */
	if (fclose(out) && !err)
		err = errno ? -errno : -EIO;
	if (!err)
		return 0;
	return err_r(err, "write %s (free some space and run `copyscope report` again)", name);
}

char *report_part_path(const struct report_part *part, const char *path)
{
	return xasprintf(path, part->ctx->mode_file[part->mode], part->ctx->mode_file[0]);
}

static int write_part(const struct report_format *format, const struct report_part *part,
		      const char *path)
{
	_cleanup_free_ char *name = NULL;
	FILE *out;
	int err;

	if (format->wanted && !format->wanted(part))
		return 0;
	name = report_part_path(part, path);
	err = report_create(part->ctx, name, &out);
	return err ? err : report_finish(out, name, format->fill(part, out));
}

static int write_format(const struct report_ctx *ctx, const struct report_format *format)
{
	struct report_part part = {.ctx = ctx};
	int err = 0;

	if (!format->path[0])
		return format->fill ? write_part(format, &part, format->file) : 0;
	for (part.mode = 0; part.mode < ctx->set->plan.mode_cnt; part.mode++)
		for (part.kind = 0; !err && part.kind < STACK_KIND_MAX_; part.kind++)
			if (format->path[part.kind])
				err = write_part(format, &part, format->path[part.kind]);
	return err;
}

static int write_formats(struct report_ctx *ctx)
{
	bool plots = false;
	size_t i;
	int err = 0;

	for (i = 0; i < report_formats_cnt; i++)
		plots |= report_formats[i].shows_plots &&
			 selected(ctx->opts, report_formats[i].name);
	if (plots)
		err = plots_start(ctx);
	for (i = 0; !err && i < report_formats_cnt; i++) {
		if (!selected(ctx->opts, report_formats[i].name))
			continue;
		/* until then gnuplot has the other CPU */
		if (report_formats[i].shows_plots)
			plots_finish(ctx);
		err = write_format(ctx, &report_formats[i]);
	}
	return err;
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
		report_dir_remove(tmp);
	close(ctx.dirfd);
	plots_free(&ctx);
	verdict_free(&ctx.verdict);
	for (i = 0; i < set->plan.mode_cnt; i++)
		free(ctx.mode_file[i]);
	free(ctx.mode_file);
	return err;
}
