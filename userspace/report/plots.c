// SPDX-License-Identifier: GPL-2.0-only
#include "report/plots.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "core/log.h"
#include "report/assets.h"
#include "report/number.h"
#include "report/sections.h"

const char *mode_colour(size_t mode)
{
	/* those of assets/common.gp */
	static const char *const colours[] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9",
					      "#8f8f8f", "#8f295c", "#999933", "#593da5", "#a5552a", "#6f6f00",
					      "#117733", "#44aa99", "#aa4499", "#b5a64f"};

	return colours[mode % ARRAY_SIZE(colours)];
}

/* ---- data ---------------------------------------------------------------------------------- */

/* A mode and series with points. */
struct block {
	size_t mode, series;
	enum bound bound; /* of any point */
};

/* All that is drawn of one plot. */
struct plot_data {
	const struct run_set *set;
	const struct plot_def *def;
	const struct plot_source *source;
	struct block *block; /* by mode; what stands on another before what it stands on */
	size_t cnt;
	double most, least; /* least: of those above 0; 0 when there is none */
	bool dots;	    /* some cell has repetitions */
};

/* Where its values stand: on the first series' median, if on anything. */
static double base_of(const struct plot_data *data, const struct block *block, struct plot_cell cell)
{
	if (!data->def->stacked || !block->series)
		return 0;
	return plot_point(data->set, &data->source->series[0], block->mode, cell, NULL).median;
}

/* Tick and median of the points of one mode and series; their extent becomes the data's. Returns how many there are. */
static size_t put_points(struct plot_data *data, struct block *block, FILE *out)
{
	const struct plot_series *series = &data->source->series[block->series];
	size_t tick, known = 0;

	for (tick = 0; tick < plot_ticks(&data->set->plan, data->def); tick++) {
		struct plot_cell cell = plot_cell(&data->set->plan, data->def, tick);
		struct spread s = plot_point(data->set, series, block->mode, cell, NULL);
		double base = base_of(data, block, cell);

		if (!s.n)
			continue;
		known++;
		block->bound |= s.bound;
		data->most = MAX(data->most, base + s.max);
		if (s.min > 0 && (data->least <= 0 || base + s.min < data->least))
			data->least = base + s.min;
		data->dots |= s.n > 1;
		fprintf(out, "%zu %.9g\n", tick, base + s.median);
	}
	return known;
}

/* Tick and value of each repetition. */
static void put_dots(const struct plot_data *data, const struct block *block, FILE *out)
{
	const struct plot_series *series = &data->source->series[block->series];
	double v[MAX_SAMPLES];
	size_t tick, i;

	for (tick = 0; tick < plot_ticks(&data->set->plan, data->def); tick++) {
		struct plot_cell cell = plot_cell(&data->set->plan, data->def, tick);
		struct spread s = plot_point(data->set, series, block->mode, cell, v);
		double base = base_of(data, block, cell);

		for (i = 0; i < s.n; i++)
			fprintf(out, "%zu %.9g\n", tick, base + v[i]);
	}
	fputs("\n\n", out);
}

/* $data and $dots: the blocks, two empty lines behind each. Fills in what the settings say of them. */
static void put_blocks(struct plot_data *data, FILE *out)
{
	size_t series_cnt = plot_series_cnt(data->source), mode, i;

	data->block = xcalloc(series_cnt * data->set->plan.mode_cnt, sizeof(*data->block));
	fputs("$data << END\n", out);
	for (mode = 0; mode < data->set->plan.mode_cnt; mode++)
		for (i = 0; i < series_cnt; i++) {
			struct block block = {mode, data->def->stacked ? series_cnt - 1 - i : i, BOUND_NONE};

			if (!put_points(data, &block, out))
				continue;
			fputs("\n\n", out);
			data->block[data->cnt++] = block;
		}
	fputs("END\n$dots << END\n", out);
	for (i = 0; i < data->cnt; i++)
		put_dots(data, &data->block[i], out);
	fputs("END\n", out);
}

/* So many have their titles in the key, too. */
#define FEW_MODES 6

/* A key entry of harmless ASCII: gnuplot interprets quotes and backslashes, and what it writes into
 * an SVG it escapes only in part.
 */
static void put_key(const struct run_plan *plan, const struct block *block, const struct plot_series *series, FILE *out)
{
	const struct mode_info *mode = &plan->mode[block->mode];
	const char *more = series->label ? series->label : plan->mode_cnt > FEW_MODES ? NULL : mode->title;
	_cleanup_free_ char *text = xasprintf("%s%.24s%s%.30s", bound_words(block->bound), mode->name, more ? " " : "",
					      more ?: "");
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

#define LINK_WITHIN 4 /* times the most that was measured; with more above it the plot is squeezed */

/* What the link can carry: of what is drawn, so that it is in sight. */
static void put_limit(struct plot_data *data, FILE *out)
{
	double limit = data->def->link ? link_limit_gbps(data->set) : 0;

	if (limit > LINK_WITHIN * data->most)
		limit = 0;
	data->most = MAX(data->most, limit);
	fprintf(out, "limit = %.9g\nlimitname = \"link: %.3g Gbit/s\"\n", limit, limit);
}

#define LOG_FROM 20 /* less has too few ticks of a logarithmic axis */

/* What the script must know, as gnuplot assignments. Numbers, words of our own and sanitised keys: nothing
 * untrusted.
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
		put_key(plan, b, &series[b->series], out);
	}
	fprintf(out, "blocks = %zu\nseries = %zu\nmodes = %zu\nticks = %zu\ndots = %d\n", cnt,
		plot_series_cnt(data->source), plan->mode_cnt, plot_ticks(plan, data->def),
		data->dots);
	put_limit(data, out);
	fprintf(out, "most = %.9g\nleast = %.9g\nlogy = %d\n", data->most, data->least,
		data->def->log_y && data->least > 0 && data->most > LOG_FROM * data->least);
	fprintf(out, "xname = \"%s\"\nyname = \"%s\"\nyformat = \"%s\"\n",
		data->def->axis == AXIS_SIZE ? "message size" : "threads", data->source->ylabel,
		count ? "%.1s%c" : "%g");
	put_ticks(plan, data->def, out);
}

/* All that gnuplot reads. */
static void put_commands(const struct report_ctx *ctx, const struct plot_def *def,
			 const struct plot_source *source, const char *title, FILE *out)
{
	struct plot_data data = {.set = plot_set(ctx, def), .def = def, .source = source};

	put_blocks(&data, out);
	fprintf(out, "name = \"%s\"\n", title);
	put_settings(&data, out);
	fprintf(out, "%.*s", ASSET(common_gp));
	if (def->style == PLOT_BARS)
		fprintf(out, "%.*s", ASSET(bars_gp));
	else
		fprintf(out, "%.*s", ASSET(lines_gp));
	free(data.block);
}

/* ---- drawing ------------------------------------------------------------------------------- */

static int start(const struct report_ctx *ctx, const struct plot_def *def,
		 const struct plot_source *source, struct plot_drawing *drawing)
{
	int err = gnuplot_open(&drawing->gnuplot);

	if (err)
		return err;
	put_commands(ctx, def, source, drawing->title, drawing->gnuplot.commands);
	err = gnuplot_start(&drawing->gnuplot);
	if (err)
		gnuplot_close(&drawing->gnuplot);
	return err;
}

/* All of a picture; NULL if it cannot be read. The caller frees. */
static char *read_picture(int fd, size_t *len)
{
	off_t size = lseek(fd, 0, SEEK_END);
	char *text = xmalloc((size_t)MAX(size, (off_t)0) + 1);
	ssize_t n = pread(fd, text, (size_t)MAX(size, (off_t)0), 0);

	*len = (size_t)MAX(n, (ssize_t)0);
	text[*len] = '\0';
	return text;
}

static int put_picture(const struct report_ctx *ctx, const char *name, const char *suffix,
		       const char *const part[3], const size_t len[3])
{
	_cleanup_free_ char *path = xasprintf("plots/%s.%s", name, suffix);
	FILE *out;
	size_t i;
	int err = report_create(ctx, path, &out);

	if (err)
		return err;
	for (i = 0; i < 3; i++)
		fwrite(part[i], 1, len[i], out);
	return report_finish(ctx, out, path, 0);
}

static int put_png(const struct report_ctx *ctx, const char *name, int fd)
{
	static const char last_chunk[] = "IEND";
	size_t len;
	_cleanup_free_ char *png = read_picture(fd, &len);

	/* a type and a checksum of four bytes each; gnuplot ends well also when it could not write */
	if (len < 8 || memcmp(png + len - 8, last_chunk, 4))
		return -ENODATA;
	return put_picture(ctx, name, "png", (const char *const[]){png, "", ""},
			   (const size_t[]){len, 0, 0});
}

/* gnuplot draws in black: a dark page needs it light. The rules override its attributes. */
static int put_svg(const struct report_ctx *ctx, const char *name, int fd)
{
	static const char style[] =
		"<style>@media (prefers-color-scheme:dark){text,[fill=\"black\"]{fill:#e6e7ea}"
		"[stroke=\"black\"],[stroke=\"rgb(  0,   0,   0)\"]{stroke:#a3a9b3}"
		"[color=\"black\"]{color:#a3a9b3}}</style>\n";
	size_t len, head;
	_cleanup_free_ char *svg = read_picture(fd, &len);
	const char *root = strstr(svg, "<svg"), *end = root ? strchr(root, '>') : NULL;

	if (!end || !strstr(end, "</svg>"))
		return -ENODATA;
	head = (size_t)(end + 1 - svg);
	return put_picture(ctx, name, "svg", (const char *const[]){svg, style, svg + head},
			   (const size_t[]){head, strlen(style), len - head});
}

static char *title_of(const struct run_set *set, const struct plot_def *def)
{
	const char *title = plot_title(set, def);
	struct plot_cell cell;

	if (!plot_ticks(&set->plan, def))
		return xstrdup(title);
	cell = plot_cell(&set->plan, def, 0);
	if (def->axis == AXIS_SIZE)
		return xasprintf("%s (%u thread%s)", title, cell.threads, cell.threads == 1 ? "" : "s");
	return xasprintf("%s (%s)", title, number_size(cell.size_bytes).text);
}

void plots_start(struct report_ctx *ctx)
{
	const char *cannot = NULL;
	enum plot p;

	if (mkdirat(ctx->dirfd, "plots", 0777))
		report_failed(ctx, "plots/", -errno);
	for (p = 0; p < PLOT_MAX_; p++) {
		const struct plot_def *def = &plot_defs[p];
		const struct run_set *set = plot_set(ctx, def);
		const struct plot_source *source = plot_source(set, def);
		struct plot_drawing *drawing = &ctx->plot[p];

		drawing->title = title_of(set, def);
		if (!source || cannot) {
			drawing->reason = source ? xstrdup(cannot) : plot_why_absent(set, def);
			continue;
		}
		if (start(ctx, def, source, drawing)) {
			cannot = "gnuplot could not be started: install it (apt-get install "
				 "gnuplot-nox) and run `copyscope report` again";
			drawing->reason = xstrdup(cannot);
		}
	}
	if (cannot)
		log_warn("no plots: %s", cannot);
}

static void finish(struct report_ctx *ctx, const char *name, struct plot_drawing *drawing)
{
	int err;

	drawing->reason = gnuplot_finish(&drawing->gnuplot);
	err = drawing->reason ? 0 : put_png(ctx, name, drawing->gnuplot.png_fd);
	if (!drawing->reason && !err)
		err = put_svg(ctx, name, drawing->gnuplot.svg_fd);
	if (err)
		drawing->reason = xstrdup(err == -ENODATA ? "gnuplot did not draw all of it" :
							    "its files could not be written");
	drawing->drawn = !drawing->reason;
	if (!drawing->drawn && (!err || err == -ENODATA)) /* else it is told with all that failed */
		log_warn("plot %s: %s", name, drawing->reason);
	gnuplot_close(&drawing->gnuplot);
}

void plots_finish(struct report_ctx *ctx)
{
	enum plot p;

	for (p = 0; p < PLOT_MAX_; p++)
		if (ctx->plot[p].gnuplot.pid)
			finish(ctx, plot_defs[p].name, &ctx->plot[p]);
}

void plots_free(struct report_ctx *ctx)
{
	enum plot p;

	for (p = 0; p < PLOT_MAX_; p++) {
		gnuplot_close(&ctx->plot[p].gnuplot);
		free(ctx->plot[p].title);
		free(ctx->plot[p].reason);
	}
}
