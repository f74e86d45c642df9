// SPDX-License-Identifier: GPL-2.0-only
/* `copyscope list WHAT`: the tables, as tab-separated lines. */
#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"
#include "core/cli.h"
#include "core/log.h"
#include "core/metric.h"
#include "probe/registry.h"
#include "report/report.h"
#include "testbed/testbed.h"
#include "workload/workload.h"

static void list_modes(void)
{
	size_t i;
	int err;

	for (i = 0; i < send_mode_cnt; i++) {
		const struct send_mode *m = send_modes[i];

		err = m->supported ? m->supported() : 0;
		printf("%s\t%s\t%s\t%s%s\n", m->name, m->title, m->help,
		       err ? "not on this kernel: " : "supported", err ? strerror(-err) : "");
	}
}

static void list_probes(void)
{
	size_t q, i;

	for (q = 0; q < CS_Q_MAX_; q++) {
		const struct probe_def *def = &probe_defs[q];

		printf("%s\t%s\t", def->name, def->help);
		for (i = 0; i < IMPLS_MAX && def->impl[i].program[0]; i++)
			printf("%s%s:%s", i ? "; " : "", tier_names[def->impl[i].tier],
			       def->impl[i].via);
		putchar('\n');
	}
}

static void list_formats(void)
{
	size_t i;

	for (i = 0; i < report_formats_cnt; i++)
		printf("%s\t%s\t%s\n", report_formats[i].name, report_formats[i].file,
		       report_formats[i].help);
}

static void list_metrics(void)
{
	size_t i;

	for (i = 0; i < METRIC_MAX_; i++)
		printf("%s\t%s\t%s\t%s\n", metric_defs[i].name, unit_names[metric_defs[i].unit],
		       source_names[metric_defs[i].source], metric_defs[i].help);
}

static void list_paths(void)
{
	size_t i;

	for (i = 0; testbed_paths[i]; i++)
		printf("%s%s%s\t%s\n", testbed_paths[i]->name, testbed_paths[i]->argument ? ":" : "",
		       testbed_paths[i]->argument ? testbed_paths[i]->argument : "",
		       testbed_paths[i]->help);
}

static const struct {
	const char *name;
	void (*list)(void);
} tables[] = {
	{"modes", list_modes}, {"probes", list_probes}, {"formats", list_formats},
	{"metrics", list_metrics}, {"paths", list_paths},
};

static int set_table(void *ctx, const char *arg)
{
	const char *names[ARRAY_SIZE(tables)], *near;
	size_t i, *chosen = ctx;

	for (i = 0; i < ARRAY_SIZE(tables); i++) {
		names[i] = tables[i].name;
		if (!strcmp(arg, tables[i].name)) {
			*chosen = i;
			return 0;
		}
	}
	near = nearest_name(arg, names, ARRAY_SIZE(tables));
	return fail_r(-1, "cannot list '%s'%s%s%s: see `copyscope list --help`", arg,
		      near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

static const struct cli list_cli = {
	.program = "copyscope list",
	.synopsis = "modes|probes|formats|metrics|paths",
	.about = "Print a table of what copyscope knows, one tab-separated line a row.",
	.positional = set_table,
};

int cmd_list(int argc, char **argv)
{
	size_t chosen = ARRAY_SIZE(tables);
	int code = cli_parse(&list_cli, argc, argv, &chosen);

	if (code != CLI_GO_ON)
		return code;
	if (chosen == ARRAY_SIZE(tables))
		return fail_r(EXIT_USAGE, "list what? See `copyscope list --help`");
	tables[chosen].list();
	return EXIT_OK;
}
