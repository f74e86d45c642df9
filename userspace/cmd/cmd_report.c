// SPDX-License-Identifier: GPL-2.0-only
/* copyscope report DIR: render an earlier run again. Needs no root and nothing but results.json. */
#include <string.h>
#include <sys/stat.h>

#include "cmd/cmd.h"
#include "core/cli.h"
#include "core/log.h"
#include "core/result_json.h"
#include "report/report.h"

struct report_args {
	const char *dir, *out;
	struct report_opts opts;
};

static int set_format(void *ctx, const char *arg)
{
	((struct report_args *)ctx)->opts.formats = arg;
	return report_check_formats(arg);
}

static int set_out(void *ctx, const char *arg)
{
	((struct report_args *)ctx)->out = arg;
	return 0;
}

static int set_verbose(void *ctx, const char *arg)
{
	(void)ctx, (void)arg;
	log_init("copyscope", LOG_DEBUG);
	return 0;
}

static int set_dir(void *ctx, const char *arg)
{
	((struct report_args *)ctx)->dir = arg;
	return 0;
}

static const struct cli_positional arguments[] = {{"DIR", set_dir}};

static const struct cli_option rows[] = {
	{"format", "LIST", "formats to write; default all: see `copyscope list formats`", set_format,
	 'f'},
	{"out", "DIR", "write there, not into the report itself; absent, empty or an earlier report",
	 set_out, 'o'},
	{"verbose", NULL, "say more", set_verbose, 'v'},
};

static const struct cli report_cli = {
	.program = "copyscope report",
	.about = "Render the report in DIR again from its results.json.",
	.positional = arguments,
	.positional_cnt = ARRAY_SIZE(arguments),
	.option = rows,
	.option_cnt = ARRAY_SIZE(rows),
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

int cmd_report(int argc, char **argv)
{
	struct report_args args = {.opts = REPORT_OPTS_DEFAULT};
	_cleanup_free_ char *dir = NULL, *json = NULL;
	struct run_set *set = NULL;
	int code = cli_parse(&report_cli, argc, argv, &args), err;

	if (code != CLI_GO_ON)
		return code;
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
