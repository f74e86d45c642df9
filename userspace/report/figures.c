// SPDX-License-Identifier: GPL-2.0-only
/* Plots and flamegraphs in the report: as links to the files beside it, or drawn into the page. */
#include <fcntl.h>

#include "report/escape.h"
#include "report/sections.h"

void put_mode_key(const struct report_ctx *ctx, size_t mode, FILE *out)
{
	const struct mode_info *info = &ctx->set->plan.mode[mode];

	put_xmlf(out, "<i style=\"background:%s\"></i><b>%s</b> %s", mode_colour(mode), info->name,
		 info->title ?: "");
}

/* ---- plots --------------------------------------------------------------------------------- */

static void put_base64(FILE *out, FILE *in)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	unsigned char b[3];
	size_t n;

	while ((n = fread(b, 1, 3, in)) > 0) {
		uint32_t v = (uint32_t)b[0] << 16 | (n > 1 ? (uint32_t)b[1] << 8 : 0) |
			     (n > 2 ? b[2] : 0);

		fputc(digits[v >> 18], out);
		fputc(digits[v >> 12 & 63], out);
		fputc(n > 1 ? digits[v >> 6 & 63] : '=', out);
		fputc(n > 2 ? digits[v & 63] : '=', out);
	}
}

static char *plot_file(enum plot p)
{
	return xasprintf("plots/%s.svg", plot_defs[p].name);
}

/* As an image and not inline: gnuplot numbers its ids from 1 in every file. */
static void put_plot(const struct report_ctx *ctx, enum plot p, FILE *out)
{
	_cleanup_free_ char *name = plot_file(p);
	_cleanup_close_ int fd = openat(ctx->dirfd, name, O_RDONLY | O_CLOEXEC);
	_cleanup_fclose_ FILE *in = fd >= 0 ? fdopen(fd, "r") : NULL;

	if (!in)
		return;
	take_fd(&fd);
	put_xmlf(out, "<figure><img alt=\"%s\" src=\"data:image/svg+xml;base64,",
		 ctx->plot[p].title);
	put_base64(out, in);
	fputs("\"></figure>\n", out);
}

static void draw_plots(const void *of, FILE *out)
{
	const struct report_ctx *ctx = of;
	enum plot p;

	fputs("<div class=\"plots\">\n", out);
	for (p = 0; p < PLOT_MAX_; p++)
		if (ctx->plot[p].drawn)
			put_plot(ctx, p, out);
	fputs("</div>\n", out);
}

void figure_plots(struct doc *d, const struct report_ctx *ctx)
{
	struct figure_link link[PLOT_MAX_];
	struct figure figure = {.link = link, .draw = draw_plots, .of = ctx};
	enum plot p;

	for (p = 0; p < PLOT_MAX_; p++)
		if (ctx->plot[p].drawn)
			link[figure.link_cnt++] = (struct figure_link){
				.text = ctx->plot[p].title,
				.file = plot_file(p),
			};
	doc_figure(d, &figure);
	while (figure.link_cnt)
		free(link[--figure.link_cnt].file);
}

/* ---- flamegraphs --------------------------------------------------------------------------- */

static const struct {
	const char *format;
	enum stack_kind kind;
	const char *lead; /* %1$s: the mode; %2$s: the first */
	const char *text;
} flames[] = {
	{"flame", STACK_ONCPU, "%1$s", "on-CPU"},
	{"flame-diff", STACK_ONCPU, "%1$s against %2$s", "on-CPU, difference"},
	{"flame", STACK_OFFCPU, "%1$s", "off-CPU"},
};

struct flame_figure {
	const struct report_format *format;
	struct report_part part;
};

static void draw_flame(const void *of, FILE *out)
{
	const struct flame_figure *flame = of;

	fputs("<figure class=\"scroll\" tabindex=\"0\">\n", out);
	flame->format->fill(&flame->part, out);
	fputs("</figure>\n", out);
}

static bool put_flame(struct doc *d, const struct report_ctx *ctx, size_t row, size_t mode)
{
	const struct report_format *format = report_format_named(flames[row].format);
	struct report_part part = {
		.ctx = ctx, .mode = mode, .kind = flames[row].kind, .embedded = true};
	_cleanup_free_ char *lead = NULL, *file = NULL;

	if (!format->wanted(&part))
		return false;
	lead = xasprintf(flames[row].lead, mode_name(ctx, mode), mode_name(ctx, 0));
	file = report_part_path(&part, format->path[part.kind]);
	doc_figure(d, &(struct figure){
			      .link = &(struct figure_link){lead, flames[row].text, file},
			      .link_cnt = 1,
			      .draw = draw_flame,
			      .of = &(struct flame_figure){format, part},
		      });
	return true;
}

void figure_flames(struct doc *d, const struct report_ctx *ctx)
{
	bool any = false;
	size_t i, mode;

	for (i = 0; i < ARRAY_SIZE(flames); i++)
		for (mode = 0; mode < ctx->set->plan.mode_cnt; mode++)
			any |= put_flame(d, ctx, i, mode);
	if (!any)
		doc_para(d, TONE_MUTED, "No stacks were sampled in this run.");
}
