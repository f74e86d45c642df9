// SPDX-License-Identifier: GPL-2.0-only
/* The table of formats, in the order in which they are written. */
#include <errno.h>
#include <string.h>

#include "core/log.h"
#include "report/flame.h"
#include "report/report_ctx.h"

/* mode: NULL = any. */
static bool is_sampled(const struct run_set *set, const char *mode, enum stack_kind kind)
{
	size_t i;

	for (i = 0; i < set->result_cnt; i++)
		if ((!mode || set->result[i].key.mode == mode) &&
		    result_sampled(&set->result[i], kind))
			return true;
	return false;
}

static bool if_sampled(const struct report_part *part)
{
	return is_sampled(part->ctx->set, mode_name(part->ctx, part->mode), part->kind);
}

static bool if_mode_sampled(const struct report_part *part)
{
	const char *mode = mode_name(part->ctx, part->mode);

	return is_sampled(part->ctx->set, mode, STACK_ONCPU) ||
	       is_sampled(part->ctx->set, mode, STACK_OFFCPU);
}

static bool if_any_sampled(const struct report_part *part)
{
	return is_sampled(part->ctx->set, NULL, STACK_ONCPU) ||
	       is_sampled(part->ctx->set, NULL, STACK_OFFCPU);
}

const struct report_format report_formats[] = {
	{
		.name = "json",
		.file = "results.json",
		.help = "everything that was measured; all other formats are made from it",
		.fill = fmt_json,
	}, {
		.name = "csv",
		.file = "results.csv",
		.help = "one row for each cell and repetition",
		.fill = fmt_csv,
	}, {
		.name = "folded",
		.file = "*.folded",
		.help = "stacks of each mode, as flamegraph.pl and speedscope read them",
		.path = {"%1$s.folded", "offcpu-%1$s.folded"},
		.wanted = if_sampled,
		.fill = fmt_folded,
	}, {
		.name = "flame",
		.file = "*-*.svg",
		.help = "flamegraphs on-CPU (flame-MODE.svg) and off-CPU (offcpu-MODE.svg)",
		.path = {"flame-%1$s.svg", "offcpu-%1$s.svg"},
		.wanted = if_sampled,
		.fill = fmt_flame,
	}, {
		.name = "flame-diff",
		.file = "diff-*.svg",
		.help = "flamegraphs of what differs between the first mode and each later one, per byte",
		.path = {"diff-%2$s-%1$s.svg"},
		.wanted = fmt_flame_diff_wanted,
		.fill = fmt_flame_diff,
	}, {
		.name = "speedscope",
		.file = "speedscope.json",
		.help = "all stacks for speedscope: a profile for each mode, role and kind",
		.wanted = if_any_sampled, /* a file without profiles is an error to speedscope */
		.fill = fmt_speedscope,
	}, {
		.name = "pprof",
		.file = "profile-*.pb.gz",
		.help = "stacks of each mode for pprof (profile.proto, gzip), labelled mode and role",
		.path = {"profile-%1$s.pb.gz"},
		.wanted = if_mode_sampled,
		.fill = fmt_pprof,
	}, {
		.name = "openmetrics",
		.file = "metrics.om",
		.help = "every measured value as OpenMetrics text, for Prometheus",
		.fill = fmt_openmetrics,
	}, {
		.name = "plots",
		.file = "plots",
		.help = "gnuplot plots, SVG and PNG",
		.shows_plots = true,
	}, {
		.name = "md",
		.file = "report.md",
		.help = "the report as Markdown; brings the plots",
		.shows_plots = true,
		.fill = fmt_md,
	}, {
		.name = "html",
		.file = "index.html",
		.help = "the report as one self-contained page; brings the plots",
		.shows_plots = true,
		.fill = fmt_html,
	},
};
const size_t report_formats_cnt = ARRAY_SIZE(report_formats);

const struct report_format *report_format_named(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(report_formats); i++)
		if (!strcmp(name, report_formats[i].name))
			return &report_formats[i];
	return NULL;
}

static int check_format(const char *item, void *unused)
{
	const char *names[ARRAY_SIZE(report_formats)], *near;
	size_t i;

	(void)unused;
	if (report_format_named(item))
		return 0;
	for (i = 0; i < ARRAY_SIZE(names); i++)
		names[i] = report_formats[i].name;
	near = nearest_name(item, names, ARRAY_SIZE(names));
	return fail_r(-EINVAL, "unknown format '%s'%s%s%s: see `copyscope list formats`", item,
		      near ? ", did you mean '" : "", near ? near : "", near ? "'" : "");
}

int report_check_formats(const char *list)
{
	if (!list)
		return 0;
	if (!*list)
		return fail_r(-EINVAL, "no format given: see `copyscope list formats`");
	return parse_list(list, check_format, NULL, NULL);
}
