// SPDX-License-Identifier: GPL-2.0-only
/* copyscope report DIR: render an earlier run again. Needs no root and nothing but results.json. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "cmd/cmd.h"
#include "cmd/invoker.h"
#include "cmd/run.h"
#include "cmd/stop.h"
#include "core/cli.h"
#include "core/log.h"
#include "core/result_json.h"
#include "report/attach_by.h"
#include "report/attach_text.h"
#include "report/report.h"

#define ALL UINT32_MAX /* rows, and answers */

struct report_args {
	const char *dir, *out;
	const char *formats;
	unsigned int margin_percent; /* 0: the run's own */
	const char *versus;	     /* NULL: as the run had it */
	unsigned int by;
	bool verbose;
};

static const struct cli_option arguments[] = {{.name = "DIR", CLI_TEXT(struct report_args, dir)}};

static const struct cli_option rows[] = {
	{"format", "LIST", "formats to write; default all: see `copyscope list formats`",
	 CLI_TEXT(struct report_args, formats), .check = report_check_formats, .letter = 'f'},
	{"out", "DIR",
	 "write there, not into the report itself; absent, empty or an earlier report",
	 CLI_TEXT(struct report_args, out), .letter = 'o'},
	{"margin", "PERCENT", "what is no difference to speak of; default: as the run had it, or 3",
	 CLI_UINT(struct report_args, margin_percent, 1, MARGIN_PERCENT_MAX)},
	{"versus", "MODE,MODE", VERSUS_HELP, CLI_TEXT(struct report_args, versus)},
	{"by", "TABLE", "of an observation: instead of its answers one table: process, cgroup, way, socket, reason",
	 CLI_CHOICE(struct report_args, by, attach_by_names)},
	{"verbose", NULL, "say more", CLI_FLAG(struct report_args, verbose), .letter = 'v'},
};

static const struct cli report_cli = {
	.program = "copyscope report",
	.about = "Render the report in DIR again from its results.json; or tell again what `copyscope attach` wrote to a file.",
	.positional = CLI_ROWS(arguments),
	.option = CLI_ROWS(rows),
};

/* DIR or the file in it. The caller frees both. */
static void locate(const char *arg, char **dir, char **json)
{
	const char *slash = strrchr(arg, '/');
	struct stat st;

	if (!stat(arg, &st) && S_ISREG(st.st_mode)) {
		*json = xstrdup(arg);
		*dir = slash ? xasprintf("%.*s", (int)MAX(slash - arg, (ptrdiff_t)1), arg)
			     : xstrdup(".");
		return;
	}
	*dir = xstrdup(arg);
	*json = xasprintf("%s/results.json", arg);
}

static int write_report(const struct report_args *args, const char *dir, const struct run_set *set)
{
	int err = report_write(set, args->out ?: dir, args->formats, &stop_signal);

	if (err == -EINTR)
		raise(stop_signal); /* the end that a shell expects */
	if (err)
		return EXIT_FAILED;
	printf("%s\n", args->out ?: dir);
	return EXIT_OK;
}

/* Of an observation there are its answers, as text, or a report. */
static int tell_attached(const struct report_args *args, const char *dir, const struct run_set *set)
{
	if (args->versus)
		return fail_r(EXIT_USAGE, "--versus is of modes: this is of `copyscope attach`");
	if (report_check_observation_formats(args->formats))
		return EXIT_USAGE;
	if (args->out || args->formats)
		return write_report(args, dir, set);
	if (args->by)
		attach_by(stdout, set, args->by, ALL);
	else
		attach_text(stdout, set, ALL);
	return EXIT_OK;
}

int cmd_report(int argc, char **argv)
{
	struct report_args args = {0};
	_cleanup_free_ char *dir = NULL, *json = NULL;
	struct run_set *set = NULL;
	int code = cli_parse(&report_cli, argc, argv, &args);

	if (code != CLI_GO_ON)
		return code;
	if (args.verbose)
		log_init("copyscope", LOG_DEBUG);
	stop_on_signals();
	locate(args.dir, &dir, &json);
	if (invoker_become(NULL) || run_set_read_json(json, &set))
		return EXIT_FAILED;
	if (args.margin_percent)
		set->plan.margin_percent = args.margin_percent;
	if (args.by && !set->plan.attached)
		code = fail_r(EXIT_USAGE, "--by is of what `copyscope attach` observed: this is a run");
	if (args.versus && !set->plan.attached)
		code = versus_parse(args.versus, set);
	if (code == CLI_GO_ON) {
		run_set_derive(set);
		code = set->plan.attached ? tell_attached(&args, dir, set) : write_report(&args, dir, set);
	}
	run_set_free(&set);
	return code;
}
