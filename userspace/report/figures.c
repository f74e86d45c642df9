// SPDX-License-Identifier: GPL-2.0-only
/* The pictures of the report: as links to the files beside it, or drawn into the page. */
#include <fcntl.h>

#include "report/cpu_svg.h"
#include "report/escape.h"
#include "report/fmt_flame.h"
#include "report/fmt_flame_diff.h"
#include "report/path_svg.h"
#include "report/sections.h"

/* ---- path and CPU: the tables below say the same ------------------------------------------- */

static void draw_paths(const struct figure *figure, FILE *out)
{
	const struct report_ctx *ctx = figure->of;
	const struct verdict *v = &ctx->verdict;
	size_t i;

	fputs("<div class=\"paths\">\n", out);
	for (i = 0; i < v->mode_cnt; i++) {
		const struct mode_copies *c = &v->copies[i];

		if (!c->cells)
			continue;
		fprintf(out, "<figure><figcaption><i style=\"background:%s\"></i><b>", mode_colour(i));
		put_xml(out, c->mode->name);
		fputs("</b> ", out);
		put_xml(out, c->mode->title ? c->mode->title : "");
		fprintf(out, " <span>%s%.2f copies per byte</span></figcaption>\n",
			c->copies.lower_bound ? "\u2265 " : "", c->copies.value);
		path_svg(c, out);
		fputs("</figure>\n", out);
	}
	fputs("</div>\n<p class=\"legend\"><i class=\"copy\"></i>copied "
	      "<i class=\"ref\"></i>referenced, not copied <i class=\"unknown\"></i>not visible here; "
	      "width by bytes</p>\n",
	      out);
}

void figure_paths(struct doc *d, const struct report_ctx *ctx)
{
	doc_figure(d, &(struct figure){.draw = draw_paths, .of = ctx});
}

static void draw_cpu(const struct figure *figure, FILE *out)
{
	const struct report_ctx *ctx = figure->of;

	fputs("<figure class=\"cpu\">\n", out);
	cpu_svg(ctx->set, out);
	fputs("</figure>\n", out);
}

void figure_cpu(struct doc *d, const struct report_ctx *ctx)
{
	doc_figure(d, &(struct figure){.draw = draw_cpu, .of = ctx});
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

/* As an image and not inline: gnuplot numbers its ids from 1 in every file. */
static void put_plot(const struct report_ctx *ctx, enum plot p, FILE *out)
{
	_cleanup_free_ char *name = xasprintf("plots/%s.svg", plot_name(p));
	_cleanup_close_ int fd = openat(ctx->dirfd, name, O_RDONLY | O_CLOEXEC);
	_cleanup_fclose_ FILE *in = fd >= 0 ? fdopen(fd, "r") : NULL;

	if (!in)
		return;
	take_fd(&fd);
	fputs("<figure><img alt=\"", out);
	put_xml(out, ctx->plot[p].title);
	fputs("\" src=\"data:image/svg+xml;base64,", out);
	put_base64(out, in);
	fputs("\"></figure>\n", out);
}

static void draw_plots(const struct figure *figure, FILE *out)
{
	const struct report_ctx *ctx = figure->of;
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
				.file = xasprintf("plots/%s.svg", plot_name(p)),
			};
	doc_figure(d, &figure);
	while (figure.link_cnt)
		free(link[--figure.link_cnt].file);
}

/* ---- flamegraphs --------------------------------------------------------------------------- */

static void draw_flame(const struct figure *figure, enum stack_kind kind, FILE *out)
{
	const struct report_ctx *ctx = figure->of;

	fputs("<figure class=\"scroll\">\n", out);
	flame_put(ctx->set, figure->number, kind, false, out);
	fputs("</figure>\n", out);
}

static void draw_oncpu(const struct figure *figure, FILE *out)
{
	draw_flame(figure, STACK_ONCPU, out);
}

static void draw_offcpu(const struct figure *figure, FILE *out)
{
	draw_flame(figure, STACK_OFFCPU, out);
}

static void draw_flame_diff(const struct figure *figure, FILE *out)
{
	const struct report_ctx *ctx = figure->of;

	fputs("<figure class=\"scroll\">\n", out);
	flame_diff_put(ctx->set, figure->number, false, out);
	fputs("</figure>\n", out);
}

static void put_linked(struct doc *d, const struct report_ctx *ctx, size_t mode, struct figure_link link,
		       void (*draw)(const struct figure *figure, FILE *out))
{
	doc_figure(d, &(struct figure){
			      .link = &link, .link_cnt = 1, .draw = draw, .of = ctx, .number = mode});
	free(link.lead);
	free(link.file);
}

void figure_flame(struct doc *d, const struct report_ctx *ctx, size_t mode, enum stack_kind kind)
{
	bool oncpu = kind == STACK_ONCPU;
	struct figure_link link = {
		.lead = xstrdup(ctx->set->plan.mode[mode].name),
		.text = oncpu ? "on-CPU" : "off-CPU",
		.file = xasprintf("%s-%s.svg", oncpu ? "flame" : "offcpu", ctx->mode_file[mode]),
	};

	put_linked(d, ctx, mode, link, oncpu ? draw_oncpu : draw_offcpu);
}

void figure_flame_diff(struct doc *d, const struct report_ctx *ctx, size_t mode)
{
	const struct mode_info *info = ctx->set->plan.mode;
	struct figure_link link = {
		.lead = xasprintf("%s against %s", info[mode].name, info[0].name),
		.text = "on-CPU, difference",
		.file = xasprintf("diff-%s-%s.svg", ctx->mode_file[0], ctx->mode_file[mode]),
	};

	put_linked(d, ctx, mode, link, draw_flame_diff);
}
