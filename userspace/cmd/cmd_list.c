// SPDX-License-Identifier: GPL-2.0-only
/* `copyscope list TABLE`: the tables, as tab-separated lines. */
#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/probes_json.h"
#include "cmd/run.h"
#include "core/cli.h"
#include "core/copy_reason.h"
#include "core/log.h"
#include "core/metric.h"
#include "core/stage.h"
#include "probe/probe.h"
#include "report/escape.h"
#include "report/report.h"
#include "testbed/testbed.h"
#include "workload/workload.h"

struct list_options {
	size_t table; /* ARRAY_SIZE(tables): none was named */
	bool json;
};

static void list_modes(const struct list_options *options)
{
	size_t i;
	int err;

	(void)options;
	for (i = 0; i < send_mode_cnt; i++) {
		const struct send_mode *m = send_modes[i];

		err = send_mode_unsupported(m);
		printf("%s\t%s\t%s\t%s%s\n", m->name, m->title, m->help,
		       err ? "not on this kernel: " : "supported", err ? strerror(-err) : "");
	}
}

static void list_receives(const struct list_options *options)
{
	size_t i;
	int err;

	(void)options;
	for (i = 0; i < recv_mode_cnt; i++) {
		err = recv_mode_unsupported(recv_modes[i]);
		printf("%s\t%s\t%s%s\n", recv_modes[i]->name, recv_modes[i]->help,
		       err ? "not on this kernel: " : "supported", err ? recv_mode_obstacle(recv_modes[i], err) : "");
	}
}

/* Without the privilege to try them: what the table knows. */
static void list_probe_table(void)
{
	const char *name, *help;
	char *ways;
	size_t i;

	for (i = 0; (ways = probe_quantity(i, &name, &help)); i++) {
		printf("%s\t%s\t%s\n", name, help, ways);
		free(ways);
	}
}

/* Name, tier, how, and why no better tier; by really attaching. */
static void list_probes(const struct list_options *options)
{
	struct run_set *set = run_set_new();
	size_t i;

	if (!environment_need_files(NULL))
		probe_survey(&(struct probe_config){.tier = TIER_NONE}, set);
	if (!set->probe_cnt) {
		list_probe_table();
		run_set_free(&set);
		return;
	}
	if (options->json) {
		json_t *list = probes_to_json(set);

		json_dumpf(list, stdout, JSON_INDENT(1));
		putchar('\n');
		json_decref(list);
	}
	for (i = 0; !options->json && i < set->probe_cnt; i++) {
		const struct probe_note *p = &set->probe[i];
		_cleanup_free_ char *reason = reason_text(p->reason), *why = plain_text(reason);
		_cleanup_free_ char *via = plain_text(p->via ?: "-");

		printf("%s\t%s\t%s\t%s\n", p->quantity, tier_names[p->tier] ?: "absent", via,
		       *why ? why : "-");
	}
	run_set_free(&set);
}

static void list_formats(const struct list_options *options)
{
	size_t i;

	(void)options;
	for (i = 0; i < report_formats_cnt; i++)
		printf("%s\t%s\t%s\n", report_formats[i].name, report_formats[i].file,
		       report_formats[i].help);
}

static void list_metrics(const struct list_options *options)
{
	size_t i;

	(void)options;
	for (i = 0; i < METRIC_MAX_; i++) {
		const char *unit = unit_names[metric_defs[i].unit];

		printf("%s\t%s\t%s\t%s\n", metric_defs[i].name, *unit ? unit : "-",
		       source_names[metric_defs[i].source], metric_defs[i].help);
	}
}

static void list_paths(const struct list_options *options)
{
	size_t i;

	(void)options;
	for (i = 0; testbed_paths[i]; i++)
		printf("%s%s%s\t%s\n", testbed_paths[i]->name, testbed_paths[i]->argument ? ":" : "",
		       testbed_paths[i]->argument ? testbed_paths[i]->argument : "",
		       testbed_paths[i]->help);
}

static void list_reasons(const struct list_options *options)
{
	size_t i;

	(void)options;
	for (i = COPY_REASON_UNKNOWN + 1; i < COPY_REASON_MAX_; i++) {
		const struct copy_reason_def *d = &copy_reason_defs[i];

		printf("%s\t%s\t%s\t%s\n", d->name, stage_defs[d->stage].name, d->test ?: "-", d->remedy ?: "-");
	}
}

static const struct {
	const char *name;
	void (*list)(const struct list_options *options);
	const char *help;
} tables[] = {
	{"modes", list_modes, "ways to send, and whether this kernel knows them"},
	{"receives", list_receives, "ways to receive, and whether this kernel knows them"},
	{"probes", list_probes, "what is observed, and how on this kernel; without privilege: the plan"},
	{"formats", list_formats, "files of a report"},
	{"metrics", list_metrics, "numbers of a report: unit, source, meaning"},
	{"paths", list_paths, "ways from server to client"},
	{"reasons", list_reasons, "why the kernel copies: stage, guest test that has it do so, remedy"},
};

static int set_table(void *ctx, const char *arg)
{
	const char *names[ARRAY_SIZE(tables)], *near;
	_cleanup_free_ char *all = NULL;
	struct list_options *options = ctx;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(tables); i++) {
		names[i] = tables[i].name;
		if (!strcmp(arg, tables[i].name)) {
			options->table = i;
			return 0;
		}
	}
	near = nearest_name(arg, names, ARRAY_SIZE(tables));
	for (i = 0; i < ARRAY_SIZE(tables); i++)
		xappend(&all, ", ", "%s", names[i]);
	return near ? fail_r(-1, "there is no table '%s': did you mean %s? There are %s", arg, near, all)
		    : fail_r(-1, "there is no table '%s': there are %s", arg, all);
}

static void print_tables(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(tables); i++)
		cli_print_row(tables[i].help, "  %s", tables[i].name);
}

static void print_notes(void)
{
	puts("\nTABLE is one of these, which are told without it:");
	print_tables();
}

static const struct cli_option arguments[] = {{.name = "[TABLE]", CLI_CALL(set_table)}};

static const struct cli_option rows[] = {
	{"json", NULL, "probes: as a JSON array", CLI_FLAG(struct list_options, json)},
};

static const struct cli list_cli = {
	.program = "copyscope list",
	.about = "Print a table of what copyscope knows, one tab-separated line a row.",
	.positional = CLI_ROWS(arguments),
	.option = CLI_ROWS(rows),
	.notes = print_notes,
};

int cmd_list(int argc, char **argv)
{
	struct list_options options = {.table = ARRAY_SIZE(tables)};
	int code = cli_parse(&list_cli, argc, argv, &options);

	if (code != CLI_GO_ON)
		return code;
	if (options.table < ARRAY_SIZE(tables))
		tables[options.table].list(&options);
	else
		print_tables();
	return EXIT_OK;
}
