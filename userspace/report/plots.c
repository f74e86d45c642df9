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
#include "report/report_ctx.h"

extern char **environ;

const char *mode_colour(size_t mode)
{
	static const char *const okabe_ito[] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7",
						"#e69f00", "#56b4e9", "#8f8f8f"};

	return okabe_ito[mode % ARRAY_SIZE(okabe_ito)];
}

/* Directory with the *.gp: as told, in the source tree of the running executable, or installed. The
 * caller frees. NULL if there is none.
 */
static char *find_scripts(const struct report_opts *opts)
{
	char exe[4096];
	ssize_t len = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	const char *slash = len > 0 ? memrchr(exe, '/', (size_t)len) : NULL;
	int dir_len = slash ? (int)(slash - exe) : 0;
	_cleanup_free_ char *built = xasprintf("%.*s/../scripts/plots", dir_len, exe);
	_cleanup_free_ char *installed = xasprintf("%.*s/../share/copyscope", dir_len, exe);
	const char *const places[] = {opts->datadir, getenv("COPYSCOPE_DATADIR"), built, installed};
	size_t cnt = slash ? ARRAY_SIZE(places) : 2, i;

	for (i = 0; i < cnt; i++) {
		_cleanup_free_ char *common = xasprintf("%s/common.gp", places[i] ?: "");

		if (places[i] && !access(common, R_OK))
			return realpath(places[i], NULL);
	}
	return NULL;
}

/* ---- data ---------------------------------------------------------------------------------- */

/* A mode and series with points. */
struct block {
	size_t mode, series;
};

/* All that is drawn of one plot. */
struct plot_data {
	const struct run_set *set;
	const struct plot_def *def;
	const struct plot_source *source;
	struct block *block; /* by mode; what stands on another before what it stands on */
	size_t cnt;
	double most, least; /* least: of those above 0; 0 when there is none */
	bool bars;	    /* some cell has repetitions */
};

/* x, median, low, high of the points of one mode and series; their extent becomes the data's.
 * Returns how many there are.
 */
static size_t put_points(struct plot_data *data, size_t mode, size_t series, FILE *out)
{
	const struct plot_series *of = data->source->series;
	bool upper = data->def->stacked && series;
	size_t tick, known = 0;

	for (tick = 0; tick < plot_ticks(&data->set->plan, data->def); tick++) {
		struct plot_cell cell = plot_cell(&data->set->plan, data->def, tick);
		struct spread s = plot_point(data->set, &of[series], mode, cell);
		double base = upper ? plot_point(data->set, &of[0], mode, cell).median : 0;

		if (!s.n)
			continue;
		known++;
		data->most = MAX(data->most, base + s.max);
		if (s.min > 0 && (data->least <= 0 || base + s.min < data->least))
			data->least = base + s.min;
		data->bars |= s.n > 1;
		fprintf(out, "%zu %.9g %.9g %.9g\n", tick, base + s.median, base + s.min,
			base + s.max);
	}
	return known;
}

/* NAME.dat: the blocks, two empty lines behind each. Fills in what the settings say of them. */
static void put_blocks(struct plot_data *data, FILE *out)
{
	size_t series_cnt = plot_series_cnt(data->source), mode, i;

	data->block = xcalloc(series_cnt * data->set->plan.mode_cnt, sizeof(*data->block));
	for (mode = 0; mode < data->set->plan.mode_cnt; mode++)
		for (i = 0; i < series_cnt; i++) {
			size_t series = data->def->stacked ? series_cnt - 1 - i : i;

			if (!put_points(data, mode, series, out))
				continue;
			fputs("\n\n", out);
			data->block[data->cnt++] = (struct block){mode, series};
		}
}

/* A key entry of harmless ASCII: gnuplot interprets quotes and backslashes, and what it writes into
 * an SVG it escapes only in part.
 */
static void put_key(const struct mode_info *mode, const struct plot_series *series, FILE *out)
{
	_cleanup_free_ char *text =
		xasprintf("%.24s %.30s", mode->name, series->label ?: mode->title ?: "");
	char *p;

	for (p = text; *p; p++)
		if ((unsigned char)*p >= 0x80 ||
		    (!isalnum((unsigned char)*p) && !strchr(" -_.,+:/", *p)))
			*p = '_';
	fprintf(out, "\"%s\"\n", text);
}

static void put_ticks(const struct run_plan *plan, const struct plot_def *def, FILE *out)
{
	size_t tick;

	fputs("set xtics (", out);
	for (tick = 0; tick < plot_ticks(plan, def); tick++) {
		struct plot_cell cell = plot_cell(plan, def, tick);

		fputs(tick ? ", " : "", out);
		if (def->axis == AXIS_SIZE)
			fprintf(out, "\"%s\" %zu", number_size(cell.size_bytes).text, tick);
		else
			fprintf(out, "\"%u\" %zu", cell.threads, tick);
	}
	fputs(")\n", out);
}

/* NAME.set: what the script must know, as gnuplot assignments. Numbers, words of our own and sanitised
 * keys: nothing untrusted.
 */
static void put_settings(struct plot_data *data, FILE *out)
{
	const struct plot_series *series = data->source->series;
	const struct run_plan *plan = &data->set->plan;
	bool count = metric_defs[series[0].metric].unit == UNIT_COUNT;
	size_t cnt = data->cnt, i;

	fprintf(out, "array key[%zu]\narray mode[%zu]\narray level[%zu]\n", cnt, cnt, cnt);
	for (i = 0; i < cnt; i++) {
		const struct block *b = &data->block[i];

		fprintf(out, "mode[%zu] = %zu\nlevel[%zu] = %zu\nkey[%zu] = ", i + 1, b->mode,
			i + 1, b->series, i + 1);
		put_key(&plan->mode[b->mode], &series[b->series], out);
	}
	fprintf(out, "blocks = %zu\nseries = %zu\nmodes = %zu\nticks = %zu\nbars = %d\n", cnt,
		plot_series_cnt(data->source), plan->mode_cnt, plot_ticks(plan, data->def),
		data->bars);
	fprintf(out, "most = %.9g\nleast = %.9g\nlogy = %d\n", data->most, data->least,
		data->def->log_y && data->least > 0);
	fprintf(out, "xname = \"%s\"\nyname = \"%s\"\nyformat = \"%s\"\n",
		data->def->axis == AXIS_SIZE ? "message size" : "threads", data->source->ylabel,
		count ? "%.1s%c" : "%g");
	put_ticks(plan, data->def, out);
}

static int put_file(struct report_ctx *ctx, struct plot_data *data, const char *suffix,
		    void (*put)(struct plot_data *data, FILE *out))
{
	_cleanup_free_ char *name = xasprintf("plots/%s.%s", data->def->name, suffix);
	FILE *out;
	int err = report_create(ctx, name, &out);

	if (err)
		return err;
	put(data, out);
	return report_finish(out, name, 0);
}

static int put_inputs(struct report_ctx *ctx, const struct plot_def *def,
		      const struct plot_source *source)
{
	struct plot_data data = {.set = ctx->set, .def = def, .source = source};
	int err = put_file(ctx, &data, "dat", put_blocks);

	if (!err)
		err = put_file(ctx, &data, "set", put_settings);
	free(data.block);
	return err;
}

/* ---- drawing ------------------------------------------------------------------------------- */

/* Its words on stderr are the user's: a sound plot has none. */
static int start_gnuplot(struct report_ctx *ctx, const char *scripts, const struct plot_def *def,
			 struct plot_drawing *drawing)
{
	_cleanup_free_ char *script = xasprintf("%s/%s", scripts, def->script);
	_cleanup_free_ char *common = xasprintf("%s/common.gp", scripts);
	_cleanup_free_ char *base = xasprintf("%s/plots/%s", ctx->dir, def->name);
	const char *const argv[] = {"gnuplot", "-c", script, common, base, drawing->title, NULL};
	posix_spawn_file_actions_t actions;
	int err;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	/* Some symbols of gnuplot's come through iconv, which in the C locale knows none of them. */
	setenv("LC_ALL", "C.UTF-8", 1);
	err = posix_spawnp(&drawing->gnuplot, *argv, &actions, NULL, (char *const *)argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (err)
		drawing->gnuplot = 0;
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
	static const char *const suffixes[] = {"dat", "set", "svg", "png"};
	size_t i;

	for (i = 0; i < (picture ? ARRAY_SIZE(suffixes) : 2); i++) {
		_cleanup_free_ char *path = xasprintf("plots/%s.%s", name, suffixes[i]);

		unlinkat(ctx->dirfd, path, 0);
	}
}

static char *title_of(const struct run_plan *plan, const struct plot_def *def)
{
	struct plot_cell cell;

	if (!plot_ticks(plan, def))
		return xstrdup(def->title);
	cell = plot_cell(plan, def, 0);
	if (def->axis == AXIS_SIZE)
		return xasprintf("%s (%u thread%s)", def->title, cell.threads,
				 cell.threads == 1 ? "" : "s");
	return xasprintf("%s (%s)", def->title, number_size(cell.size_bytes).text);
}

int plots_start(struct report_ctx *ctx)
{
	_cleanup_free_ char *scripts = find_scripts(ctx->opts);
	const char *cannot = NULL;
	enum plot p;
	int err = 0;

	if (mkdirat(ctx->dirfd, "plots", 0755))
		return err_r(-errno, "create plots/");
	if (!scripts)
		cannot = "the plot scripts were not found: set COPYSCOPE_DATADIR to scripts/plots";
	for (p = 0; p < PLOT_MAX_ && !err; p++) {
		const struct plot_def *def = &plot_defs[p];
		const struct plot_source *source = plot_source(ctx->set, def);
		struct plot_drawing *drawing = &ctx->plot[p];

		drawing->title = title_of(&ctx->set->plan, def);
		if (!source || cannot) {
			drawing->reason = source ? xstrdup(cannot) : plot_why_absent(ctx->set, def);
			continue;
		}
		err = put_inputs(ctx, def, source);
		if (!err && start_gnuplot(ctx, scripts, def, drawing)) {
			cannot = "gnuplot could not be started: install it (apt-get install "
				 "gnuplot-nox) and run `copyscope report` again";
			drawing->reason = xstrdup(cannot);
			forget(ctx, def->name, true);
		}
	}
	if (cannot)
		log_warn("no plots: %s", cannot);
	return err;
}

static void finish(struct report_ctx *ctx, const char *name, struct plot_drawing *drawing)
{
	int status = -1;

	while (waitpid(drawing->gnuplot, &status, 0) < 0 && errno == EINTR)
		;
	drawing->gnuplot = 0;
	drawing->drawn = !status && !adapt_svg(ctx, name);
	if (!drawing->drawn) {
		drawing->reason = xstrdup("gnuplot failed, its own words are above");
		log_warn("plot %s: %s", name, drawing->reason);
	}
	forget(ctx, name, !drawing->drawn);
}

void plots_finish(struct report_ctx *ctx)
{
	enum plot p;

	for (p = 0; p < PLOT_MAX_; p++)
		if (ctx->plot[p].gnuplot)
			finish(ctx, plot_defs[p].name, &ctx->plot[p]);
}

void plots_free(struct report_ctx *ctx)
{
	enum plot p;

	for (p = 0; p < PLOT_MAX_; p++) {
		free(ctx->plot[p].title);
		free(ctx->plot[p].reason);
	}
}
