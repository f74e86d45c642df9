// SPDX-License-Identifier: GPL-2.0-only
/* copyscope report DIR: render an earlier run again. Needs no root and nothing but results.json. */
#include <argp.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "cmd/cmd.h"
#include "core/log.h"
#include "core/result_json.h"
#include "report/report.h"

struct report_args {
	const char *dir, *out;
	struct report_opts opts;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct report_args *args = state->input;

	switch (key) {
	case 'f':
		args->opts.formats = arg;
		return 0;
	case 'o':
		args->out = arg;
		return 0;
	case 'v':
		log_init("copyscope", LOG_DEBUG);
		return 0;
	case ARGP_KEY_ARG:
		if (args->dir)
			argp_error(state, "one DIR at a time: '%s' is too many", arg);
		args->dir = arg;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "name the DIR of a report (it holds a results.json)");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* The list of formats in --help is the table's. */
static char *filter_help(int key, const char *text, void *input)
{
	char *help, *longer;
	size_t i;

	(void)input;
	if (key != ARGP_KEY_HELP_POST_DOC)
		return (char *)text;
	help = xstrdup("Formats:\n");
	for (i = 0; i < report_formats_cnt; i++) {
		longer = xasprintf("%s  %-8s%-14s%s\n", help, report_formats[i].name,
				   report_formats[i].file, report_formats[i].help);
		free(help);
		help = longer;
	}
	return help; /* argp frees it */
}

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

int cmd_report(int argc, char **argv)
{
	static const struct argp_option options[] = {
		{"format", 'f', "LIST", 0, "Formats to write, comma separated (default: all)", 0},
		{"out", 'o', "DIR", 0, "Write there instead of into the report itself; absent, empty "
		 "or an earlier report", 0},
		{"debug", 'v', NULL, 0, "Say more, gnuplot's own words included", 0},
		{0},
	};
	static const struct argp argp = {
		.options = options,
		.parser = parse,
		.args_doc = "DIR",
		.doc = "Render the report in DIR again from its results.json.\v",
		.help_filter = filter_help,
	};
	struct report_args args = {.opts = REPORT_OPTS_DEFAULT};
	_cleanup_free_ char *dir = NULL, *json = NULL;
	struct run_set *set = NULL;
	int err;

	argp_err_exit_status = EXIT_USAGE;
	if (argp_parse(&argp, argc, argv, 0, NULL, &args))
		return EXIT_USAGE;
	if (report_check_formats(args.opts.formats))
		return EXIT_USAGE;
	locate(args.dir, &dir, &json);
	if (run_set_read_json(json, &set))
		return EXIT_FAILED;
	run_set_derive(set);
	err = report_write(set, args.out ? args.out : dir, &args.opts);
	run_set_free(&set);
	if (err)
		return EXIT_FAILED;
	printf("%s\n", args.out ? args.out : dir);
	return EXIT_OK;
}
