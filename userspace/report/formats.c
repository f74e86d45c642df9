// SPDX-License-Identifier: GPL-2.0-only
/* The table of formats, in the order in which they are written. */
#include "report/report.h"

#include <errno.h>
#include <string.h>

#include "core/log.h"
#include "report/report_ctx.h"

const struct report_format report_formats[] = {
	{
		.name = "json",
		.file = "results.json",
		.help = "everything that was measured; all other formats are made from it",
		.write = fmt_json_write,
	}, {
		.name = "csv",
		.file = "results.csv",
		.help = "one row for each cell and repetition",
		.write = fmt_csv_write,
	}, {
		.name = "folded",
		.file = "*.folded",
		.help = "stacks of each mode, as flamegraph.pl and speedscope read them",
		.write = fmt_folded_write,
	}, {
		.name = "flame",
		.file = "*-*.svg",
		.help = "flamegraphs on-CPU (flame-MODE.svg) and off-CPU (offcpu-MODE.svg)",
		.write = fmt_flame_write,
	}, {
		.name = "flame-diff",
		.file = "diff-*.svg",
		.help = "flamegraphs of what differs between the first mode and each later one, per byte",
		.write = fmt_flame_diff_write,
	}, {
		.name = "speedscope",
		.file = "speedscope.json",
		.help = "all stacks for speedscope: a profile for each mode, role and kind",
		.write = fmt_speedscope_write,
	}, {
		.name = "pprof",
		.file = "profile-*.pb.gz",
		.help = "stacks of each mode for pprof (profile.proto, gzip), labelled mode and role",
		.write = fmt_pprof_write,
	}, {
		.name = "openmetrics",
		.file = "metrics.om",
		.help = "every measured value as OpenMetrics text, for Prometheus",
		.write = fmt_openmetrics_write,
	}, {
		.name = "plots",
		.file = "plots",
		.help = "gnuplot plots, SVG and PNG",
		.needs = REPORT_NEEDS_PLOTS,
		.write = fmt_plots_write,
	}, {
		.name = "md",
		.file = "report.md",
		.help = "the report as Markdown; brings the plots",
		.needs = REPORT_NEEDS_PLOTS,
		.write = fmt_md_write,
	}, {
		.name = "html",
		.file = "index.html",
		.help = "the report as one self-contained page; brings the plots",
		.needs = REPORT_NEEDS_PLOTS,
		.write = fmt_html_write,
	},
};
const size_t report_formats_cnt = ARRAY_SIZE(report_formats);

static int check_format(const char *item, void *unused)
{
	const char *names[ARRAY_SIZE(report_formats)], *near;
	size_t i;

	(void)unused;
	for (i = 0; i < ARRAY_SIZE(report_formats); i++) {
		names[i] = report_formats[i].name;
		if (!strcmp(item, names[i]))
			return 0;
	}
	near = nearest_name(item, names, ARRAY_SIZE(names));
	return fail_r(-EINVAL, "unknown format '%s'%s%s%s: see `copyscope list formats`", item,
		      near ? ", did you mean '" : "", near ? near : "", near ? "'" : "");
}

int report_check_formats(const char *list)
{
	size_t bad;

	if (!list)
		return 0;
	if (!*list)
		return fail_r(-EINVAL, "no format given: see `copyscope list formats`");
	return parse_list(list, check_format, NULL, &bad);
}
