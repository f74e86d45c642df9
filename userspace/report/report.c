// SPDX-License-Identifier: GPL-2.0-only
/* One report from beginning to end: what the formats share is computed once, every selected format
 * writes into the stage (place.h), and what could be written goes into place.
 */
#include "report/report.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "core/log.h"
#include "report/escape.h"
#include "report/sections.h"

/* formats: comma separated; NULL: all. */
static bool selected(const char *formats, const char *name)
{
	size_t len = strlen(name);
	const char *p = formats;

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

static int note(struct report_place *place, const char *name, int err)
{
	xappend(&place->failed, ", ", "%s", name);
	place->err = place->err ?: err;
	return err;
}

static int create(struct report_place *place, const char *name, FILE **out)
{
	_cleanup_close_ int fd = openat(place->stage_fd, name,
					O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
	FILE *f = fd >= 0 ? fdopen(fd, "w") : NULL;

	if (!f)
		return note(place, name, -errno);
	take_fd(&fd);
	*out = f;
	errno = 0; /* of what is written; see finish() */
	return 0;
}

static int finish(struct report_place *place, FILE *out, const char *name, int err)
{
	if (!err && (fflush(out) || ferror(out)))
		err = errno ? -errno : -EIO;
	/* delayed allocation reports a full disk only here */
	if (fclose(out) && !err)
		err = errno ? -errno : -EIO;
	if (!err) {
		manifest_add(&place->written, name);
		return 0;
	}
	unlinkat(place->stage_fd, name, 0);
	return note(place, name, err);
}

int report_failed(const struct report_ctx *ctx, const char *name, int err)
{
	return note(ctx->place, name, err);
}

int report_create(const struct report_ctx *ctx, const char *name, FILE **out)
{
	return create(ctx->place, name, out);
}

int report_finish(const struct report_ctx *ctx, FILE *out, const char *name, int err)
{
	return finish(ctx->place, out, name, err);
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
	return err ?: report_finish(part->ctx, out, name, format->fill(part, out));
}

/* One file that cannot be written does not keep the others from it. */
static void write_format(const struct report_ctx *ctx, const struct report_format *format)
{
	struct report_part part = {.ctx = ctx};

	if (!format->path[0]) {
		if (format->fill)
			write_part(format, &part, format->file);
		return;
	}
	for (part.mode = 0; part.mode < ctx->set->plan.mode_cnt; part.mode++)
		for (part.kind = 0; part.kind < STACK_KIND_MAX_; part.kind++)
			if (format->path[part.kind])
				write_part(format, &part, format->path[part.kind]);
}

static bool stopped(const struct report_place *place)
{
	return place->stop && *place->stop;
}

/* Formats that there are of this, and that were asked for. */
static bool is_due(const struct report_ctx *ctx, const struct report_format *format, const char *formats)
{
	return (format->of_observation || !ctx->set->plan.attached) && selected(formats, format->name);
}

static void write_formats(struct report_ctx *ctx, const char *formats)
{
	bool plots = false;
	size_t i;

	for (i = 0; i < report_formats_cnt && !ctx->set->plan.attached; i++)
		plots |= report_formats[i].shows_plots && selected(formats, report_formats[i].name);
	if (plots)
		plots_start(ctx);
	for (i = 0; i < report_formats_cnt && !stopped(ctx->place); i++) {
		const struct report_format *format = &report_formats[i];

		if (!is_due(ctx, format, formats))
			continue;
		/* until then gnuplot has the other CPU */
		if (format->shows_plots)
			plots_finish(ctx);
		if (!format->file || !manifest_has(&ctx->place->written, format->file))
			write_format(ctx, format);
	}
	plots_finish(ctx);
}

/* ---- from place to report ------------------------------------------------------------------- */

int report_open(const char *path, bool any_name, struct report_place **out)
{
	struct report_place *place = xcalloc(1, sizeof(*place));
	int err;

	place->path = xstrdup(*path ? path : ".");
	place->any_name = any_name;
	err = place_open(place);
	if (err)
		report_close(&place);
	else
		*out = place;
	return err;
}

static int copy(int from, FILE *out, bool lasting)
{
	char buffer[64 * KIB];
	off_t at = 0;
	ssize_t n;

	while ((n = pread(from, buffer, sizeof(buffer), at)) > 0) {
		fwrite(buffer, 1, (size_t)n, out);
		at += n;
	}
	return n < 0 ? -errno : fflush(out) || (lasting && fdatasync(fileno(out))) ? -errno : 0;
}

int report_save(struct report_place *place, int json_fd, bool lasting)
{
	FILE *out;
	int err = create(place, "results.json", &out);

	place->replaces = true;
	return err ?: finish(place, out, "results.json", copy(json_fd, out, lasting));
}

int report_render(struct report_place *place, const struct run_set *set, const char *formats, FILE *tell)
{
	struct report_ctx ctx = {.all = set, .place = place, .dirfd = place->stage_fd};
	size_t i;

	place->replaces |= !formats;
	verdict_build(set, &ctx.verdict);
	ctx.set = ctx.verdict.matrix;
	name_modes(&ctx);
	write_formats(&ctx, formats);
	plots_free(&ctx);
	if (tell)
		verdict_tell(&ctx, tell);
	for (i = 0; i < set->plan.mode_cnt; i++)
		free(ctx.mode_file[i]);
	free(ctx.mode_file);
	verdict_free(&ctx.verdict);
	if (stopped(place))
		return -EINTR;
	return place->err;
}

void report_tell_failed(const struct report_place *place, const char *remedy)
{
	if (place->failed)
		log_error("cannot write %s: %s (%s)", place->failed, strerror(-place->err),
			  remedy);
}

int report_commit(struct report_place *place)
{
	return place_commit(place);
}

const char *report_path(const struct report_place *place)
{
	return place->path;
}

void report_close(struct report_place **place)
{
	if (!*place)
		return;
	place_close(*place);
	free(*place);
	*place = NULL;
}

int report_write(const struct run_set *set, const char *dir, const char *formats,
		 const volatile sig_atomic_t *stop)
{
	struct report_place *place = NULL;
	int err = report_check_formats(formats);

	err = err ?: report_open(dir, false, &place);
	if (!err) {
		place->stop = stop;
		err = report_render(place, set, formats, NULL);
		if (err && err != -EINTR)
			report_tell_failed(place, "free some space and run `copyscope report` again");
	}
	if (!err) {
		err = report_commit(place);
		if (err && err != -EEXIST) /* which was said */
			err_r(err, "cannot put the report into place as %s", place->path);
	}
	report_close(&place);
	return err;
}

int report_link_latest(const struct report_place *place)
{
	_cleanup_free_ char *tmp = xasprintf(".latest-%ld", (long)getpid());
	struct stat st;
	int err;

	if (!fstatat(place->parent_fd, "latest", &st, AT_SYMLINK_NOFOLLOW) && !S_ISLNK(st.st_mode))
		return fail_r(-EEXIST, "`latest` beside %s is not a symbolic link: move it away", place->path);
	unlinkat(place->parent_fd, tmp, 0);
	if (symlinkat(place->name, place->parent_fd, tmp))
		return err_r(-errno, "create the link `latest` beside %s", place->path);
	if (!renameat(place->parent_fd, tmp, place->parent_fd, "latest"))
		return 0;
	err = -errno;
	unlinkat(place->parent_fd, tmp, 0);
	return err_r(err, "create the link `latest` beside %s", place->path);
}
