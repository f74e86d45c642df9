// SPDX-License-Identifier: GPL-2.0-only
#include "report/plots.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "core/log.h"
#include "report/number.h"
#include "report/plots_data.h"
#include "report/report_ctx.h"

extern char **environ;

const char *plot_name(enum plot plot)
{
	return plot_defs[plot].name;
}

const char *mode_colour(size_t mode)
{
	static const char *const okabe_ito[] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7",
						"#e69f00", "#56b4e9", "#8f8f8f"};

	return okabe_ito[mode % ARRAY_SIZE(okabe_ito)];
}

/* ---- scripts ------------------------------------------------------------------------------- */

static bool has_scripts(const char *dir)
{
	_cleanup_free_ char *path = xasprintf("%s/common.gp", dir);

	return !access(path, R_OK);
}

/* Directory with the *.gp; the caller frees. NULL if there is none. */
static char *find_scripts(const struct report_opts *opts)
{
	const char *wish[] = {opts->datadir, getenv("COPYSCOPE_DATADIR")};
	static const char *const beside[] = {"../scripts/plots", "../share/copyscope"};
	char exe[4096];
	ssize_t len = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	char *slash, *dir;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(wish); i++)
		if (wish[i] && has_scripts(wish[i]))
			return realpath(wish[i], NULL);
	exe[MAX(len, (ssize_t)0)] = '\0';
	slash = strrchr(exe, '/');
	if (!slash)
		return NULL;
	*slash = '\0';
	for (i = 0; i < ARRAY_SIZE(beside); i++) {
		_cleanup_free_ char *path = xasprintf("%s/%s", exe, beside[i]);

		if (has_scripts(path)) {
			dir = realpath(path, NULL);
			return dir;
		}
	}
	return NULL;
}

/* ---- data ---------------------------------------------------------------------------------- */

struct job {
	const struct plot_def *def;
	const struct plot_source *source;
	char *title;
	pid_t pid;
};

/* A key entry of harmless ASCII: gnuplot interprets quotes and backslashes, and what it writes into an
 * SVG it escapes only in part.
 */
static void put_key(const struct mode_info *mode, const struct plot_series *series, FILE *out)
{
	_cleanup_free_ char *text = xasprintf("%.24s %.30s", mode->name,
					      series->label ? series->label
					      : mode->title ? mode->title
							    : "");
	char *p;

	for (p = text; *p; p++)
		if ((unsigned char)*p >= 0x80 ||
		    (!isalnum((unsigned char)*p) && !strchr(" -_.,+:/", *p)))
			*p = '_';
	fprintf(out, "\"%s\"", text);
}

/* What the points of one plot come to. */
struct extent {
	double most, least; /* least: of those above 0; 0 when there is none */
	bool bars; /* some cell has repetitions */
};

/* Points of one mode and series: x, median, low, high. Returns how many there are. */
static size_t put_points(const struct run_set *set, const struct job *job, size_t mode, size_t series,
			 struct extent *extent, FILE *out)
{
	const struct plot_source *source = job->source;
	bool upper = job->def->stacked && series;
	size_t tick, known = 0;

	for (tick = 0; tick < plot_ticks(&set->plan, job->def); tick++) {
		struct plot_cell cell = plot_cell(&set->plan, job->def, tick);
		struct spread s = plot_point(set, &source->series[series], mode, cell);
		double base = upper ? plot_point(set, &source->series[0], mode, cell).median : 0;

		if (!s.n)
			continue;
		known++;
		extent->most = MAX(extent->most, base + s.max);
		if (s.min > 0 && (extent->least <= 0 || base + s.min < extent->least))
			extent->least = base + s.min;
		extent->bars |= s.n > 1;
		if (out)
			fprintf(out, "%zu %.9g %.9g %.9g\n", tick, base + s.median, base + s.min,
				base + s.max);
	}
	return known;
}

static void put_ticks(const struct run_plan *plan, const struct plot_def *def, FILE *out)
{
	char label[NUMBER_LEN];
	size_t tick;

	fputs("set xtics (", out);
	for (tick = 0; tick < plot_ticks(plan, def); tick++) {
		struct plot_cell cell = plot_cell(plan, def, tick);

		if (def->axis == AXIS_SIZE)
			number_size(cell.size_bytes, label);
		else
			snprintf(label, sizeof(label), "%u", cell.threads);
		fprintf(out, "%s\"%s\" %zu", tick ? ", " : "", label, tick);
	}
	fputs(")\n", out);
}

static struct job job_of(const struct run_set *set, size_t plot)
{
	return (struct job){.def = &plot_defs[plot], .source = plot_source(set, &plot_defs[plot])};
}

/* One block of data: a mode and series with points. */
struct block {
	size_t mode, series;
};

/* All blocks in the order in which they are drawn and named: by mode, what stands on another before
 * what it stands on. The caller frees.
 */
static struct block *list_blocks(const struct run_set *set, const struct job *job, size_t *cnt,
				 struct extent *extent)
{
	size_t series_cnt = plot_series_cnt(job->source), mode, i;
	struct block *blocks = xcalloc(series_cnt * set->plan.mode_cnt + 1, sizeof(*blocks));

	*cnt = 0;
	for (mode = 0; mode < set->plan.mode_cnt; mode++)
		for (i = 0; i < series_cnt; i++) {
			size_t series = job->def->stacked ? series_cnt - 1 - i : i;

			if (put_points(set, job, mode, series, extent, NULL))
				blocks[(*cnt)++] = (struct block){mode, series};
		}
	return blocks;
}

static int fill_data(struct report_ctx *ctx, FILE *out, size_t plot)
{
	const struct job job = job_of(ctx->set, plot);
	struct extent extent = {0};
	_cleanup_free_ struct block *blocks = NULL;
	size_t cnt, i;

	blocks = list_blocks(ctx->set, &job, &cnt, &extent);
	for (i = 0; i < cnt; i++) {
		fputs(i ? "\n\n" : "", out);
		put_points(ctx->set, &job, blocks[i].mode, blocks[i].series, &extent, out);
	}
	return 0;
}

/* NAME.set: what the script must know, as gnuplot assignments. Numbers, words of our own and sanitised
 * keys: nothing untrusted.
 */
static int fill_settings(struct report_ctx *ctx, FILE *out, size_t plot)
{
	const struct run_set *set = ctx->set;
	const struct job job = job_of(set, plot);
	bool count = metric_defs[job.source->series[0].metric].unit == UNIT_COUNT;
	struct extent extent = {0};
	_cleanup_free_ struct block *blocks = NULL;
	size_t cnt, i;

	blocks = list_blocks(set, &job, &cnt, &extent);
	fprintf(out, "array key[%zu]\narray mode[%zu]\narray level[%zu]\n", cnt, cnt, cnt);
	for (i = 0; i < cnt; i++) {
		fprintf(out, "mode[%zu] = %zu\nlevel[%zu] = %zu\nkey[%zu] = ", i + 1, blocks[i].mode,
			i + 1, blocks[i].series, i + 1);
		put_key(&set->plan.mode[blocks[i].mode], &job.source->series[blocks[i].series], out);
		fputc('\n', out);
	}
	fprintf(out, "blocks = %zu\nseries = %zu\nmodes = %zu\nticks = %zu\nbars = %d\n", cnt,
		plot_series_cnt(job.source), set->plan.mode_cnt, plot_ticks(&set->plan, job.def),
		extent.bars);
	fprintf(out, "most = %.9g\nleast = %.9g\nlogy = %d\n", extent.most, extent.least,
		job.def->log_y && extent.least > 0);
	fprintf(out, "xname = \"%s\"\nyname = \"%s\"\nyformat = \"%s\"\n",
		job.def->axis == AXIS_SIZE ? "message size" : "threads", job.source->ylabel,
		count ? "%.1s%c" : "%g");
	put_ticks(&set->plan, job.def, out);
	return 0;
}

/* ---- drawing ------------------------------------------------------------------------------- */

/* Its words on stderr are the user's: a sound plot has none. */
static int start_gnuplot(struct report_ctx *ctx, const char *scripts, struct job *job)
{
	_cleanup_free_ char *script = xasprintf("%s/%s", scripts, job->def->script);
	_cleanup_free_ char *common = xasprintf("%s/common.gp", scripts);
	_cleanup_free_ char *base = xasprintf("%s/plots/%s", ctx->dir, job->def->name);
	const char *const argv[] = {"gnuplot", "-c", script, common, base, job->title, NULL};
	posix_spawn_file_actions_t actions;
	int err;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	/* Some symbols of gnuplot's come through iconv, which in the C locale knows none of them. */
	setenv("LC_ALL", "C.UTF-8", 1);
	err = posix_spawnp(&job->pid, "gnuplot", &actions, NULL, (char *const *)argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	return -err;
}

/* gnuplot draws in black: a dark page needs it light. The rules override its attributes. */
static int adapt_svg(struct report_ctx *ctx, const char *name)
{
	static const char style[] =
		"<style>@media (prefers-color-scheme:dark){text,[fill=\"black\"]{fill:#e6e7ea}"
		"[stroke=\"black\"],[stroke=\"rgb(  0,   0,   0)\"]{stroke:#a3a9b3}"
		"[color=\"black\"]{color:#a3a9b3}}</style>\n";
	_cleanup_free_ char *path = xasprintf("%s/plots/%s.svg", ctx->dir, name), *text = NULL;
	_cleanup_fclose_ FILE *f = fopen(path, "r+");
	const char *root, *end;
	size_t len;
	long size;

	if (!f || fseek(f, 0, SEEK_END) || (size = ftell(f)) <= 0)
		return -ENOENT;
	rewind(f);
	text = xmalloc((size_t)size + 1);
	len = fread(text, 1, (size_t)size, f);
	text[len] = '\0';
	root = strstr(text, "<svg");
	end = root ? strchr(root, '>') : NULL;
	if (!end || !strstr(end, "</svg>"))
		return -ENOENT;
	rewind(f);
	fwrite(text, 1, (size_t)(end + 1 - text), f);
	fputs(style, f);
	fputs(end + 1, f);
	return fflush(f) || ferror(f) ? -EIO : 0;
}

static void forget(struct report_ctx *ctx, const char *name, bool picture)
{
	static const char *const ends[] = {"dat", "set", "svg", "png"};
	size_t i;

	for (i = 0; i < (picture ? ARRAY_SIZE(ends) : 2); i++) {
		_cleanup_free_ char *path = xasprintf("plots/%s.%s", name, ends[i]);

		unlinkat(ctx->dirfd, path, 0);
	}
}

static void finish_job(struct report_ctx *ctx, struct job *job, struct plot_outcome *out)
{
	int status = -1, err;

	while (waitpid(job->pid, &status, 0) < 0 && errno == EINTR)
		;
	err = status ? -EIO : adapt_svg(ctx, job->def->name);
	out->drawn = !err;
	if (err) {
		out->reason = xstrdup("gnuplot failed, its own words are above");
		log_warn("plot %s: %s", job->def->name, out->reason);
	}
	forget(ctx, job->def->name, err != 0);
}

/* What the plot is called; false when there is nothing to draw. */
static bool prepare(struct report_ctx *ctx, enum plot p, struct job *job)
{
	const struct run_plan *plan = &ctx->set->plan;
	const struct plot_def *def = &plot_defs[p];
	char size[NUMBER_LEN];
	struct plot_cell cell;

	*job = job_of(ctx->set, p);
	job->pid = -1;
	if (!plot_ticks(plan, def)) {
		job->title = xstrdup(def->title);
		return false;
	}
	cell = plot_cell(plan, def, 0);
	if (def->axis == AXIS_SIZE)
		job->title = xasprintf("%s (%u thread%s)", def->title, cell.threads,
				       cell.threads == 1 ? "" : "s");
	else
		job->title = xasprintf("%s (%s)", def->title, number_size(cell.size_bytes, size));
	return job->source != NULL;
}

static int put_inputs(struct report_ctx *ctx, enum plot p)
{
	_cleanup_free_ char *data = xasprintf("plots/%s.dat", plot_defs[p].name);
	_cleanup_free_ char *settings = xasprintf("plots/%s.set", plot_defs[p].name);
	int err = report_put_file(ctx, data, fill_data, p);

	return err ? err : report_put_file(ctx, settings, fill_settings, p);
}

int plots_start(struct report_ctx *ctx)
{
	_cleanup_free_ char *scripts = find_scripts(ctx->opts);
	const char *cannot = NULL;
	struct job *jobs;
	enum plot p;
	int err = 0;

	if (mkdirat(ctx->dirfd, "plots", 0755))
		return err_r(-errno, "create plots/");
	ctx->plot_jobs = jobs = xcalloc(PLOT_MAX_, sizeof(*jobs));
	if (!scripts)
		cannot = "the plot scripts were not found: set COPYSCOPE_DATADIR to scripts/plots";
	for (p = 0; p < PLOT_MAX_ && !err; p++) {
		struct plot_outcome *out = &ctx->plot[p];
		bool wanted = prepare(ctx, p, &jobs[p]);

		out->title = jobs[p].title;
		if (!wanted || cannot) {
			out->reason = !wanted ? plot_why_absent(ctx->set, &plot_defs[p]) : xstrdup(cannot);
			continue;
		}
		err = put_inputs(ctx, p);
		if (!err && start_gnuplot(ctx, scripts, &jobs[p])) {
			cannot = "gnuplot could not be started: install it (apt-get install "
				 "gnuplot-nox) and run `copyscope report` again";
			out->reason = xstrdup(cannot);
			jobs[p].pid = -1;
			forget(ctx, plot_defs[p].name, true);
		}
	}
	if (cannot)
		log_warn("no plots: %s", cannot);
	return err;
}

void plots_finish(struct report_ctx *ctx)
{
	struct job *jobs = ctx->plot_jobs;
	enum plot p;

	for (p = 0; jobs && p < PLOT_MAX_; p++)
		if (jobs[p].def && jobs[p].pid > 0)
			finish_job(ctx, &jobs[p], &ctx->plot[p]);
	free(jobs);
	ctx->plot_jobs = NULL;
}

void plots_free(struct report_ctx *ctx)
{
	enum plot p;

	for (p = 0; p < PLOT_MAX_; p++) {
		free(ctx->plot[p].title);
		free(ctx->plot[p].reason);
	}
}
