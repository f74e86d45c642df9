// SPDX-License-Identifier: GPL-2.0-only
/* `copyscope diff A B`: compare two runs, or with --modes two modes; fail a build with --fail-if. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "cmd/cmd.h"
#include "cmd/invoker.h"
#include "core/cli.h"
#include "core/log.h"
#include "core/result_json.h"
#include "report/attach_diff_text.h"
#include "report/diff_print.h"

#define EXIT_CONDITION_HOLDS 3

/* What is compared unless --metric says otherwise: one number for each question of the report. */
static const struct diff_pick headlines[] = {
	{.metric = M_THROUGHPUT_GBPS, .flow = FLOW_RECEIVES},
	{.metric = M_LATENCY_AVG_US, .flow = FLOW_RECEIVES},
	{.metric = M_LATENCY_P99_US, .flow = FLOW_RECEIVES},
	{.metric = M_CPU_NS_PER_BYTE, .flow = FLOW_WHOLE},
	{.metric = M_CYCLES_PER_BYTE, .flow = FLOW_WHOLE},
	{.metric = M_LLC_MISSES, .flow = FLOW_SENDS},
	{.metric = M_LLC_MISSES, .flow = FLOW_RECEIVES},
	{.metric = M_COPIES_PER_BYTE, .flow = FLOW_WHOLE},
	{.metric = M_CONTEXT_SWITCHES, .flow = FLOW_SENDS},
	{.metric = M_CONTEXT_SWITCHES, .flow = FLOW_RECEIVES},
	{.metric = M_COPIED_IDS_RATIO, .flow = FLOW_SENDS},
	{.metric = M_RETRANSMIT_BYTES, .flow = FLOW_SENDS},
};

struct diff_args {
	const char *path[2];
	char *mode[2];
	const char *flame;
	size_t format;
	bool all;
	struct diff_pick *pick;
	size_t pick_cnt, pick_cap;
	struct diff_condition *condition;
	size_t condition_cnt, condition_cap;
};

static void put_text(const struct diff *diff, const struct diff_args *args)
{
	(void)args;
	diff_put_text(diff, stdout);
}

static void put_md(const struct diff *diff, const struct diff_args *args)
{
	(void)args;
	diff_put_md(diff, stdout);
}

static void put_json(const struct diff *diff, const struct diff_args *args)
{
	diff_put_json(diff, args->condition, args->condition_cnt, stdout);
}

static const struct {
	const char *name;
	void (*put)(const struct diff *diff, const struct diff_args *args);
} formats[] = {
	{"text", put_text},
	{"md", put_md},
	{"json", put_json},
};

/* ---- command line ------------------------------------------------------------------------- */

static int set_format(void *ctx, const char *arg)
{
	struct diff_args *args = ctx;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(formats); i++) {
		if (!strcmp(arg, formats[i].name)) {
			args->format = i;
			return 0;
		}
	}
	return fail_r(-EINVAL, "unknown format '%s': choose text, md or json", arg);
}

static int set_modes(void *ctx, const char *arg)
{
	struct diff_args *args = ctx;
	const char *comma = strchr(arg, ',');

	if (!comma || comma == arg || !comma[1])
		return fail_r(-EINVAL, "--modes wants two modes, as A1,A3, not '%s'", arg);
	free(args->mode[0]);
	free(args->mode[1]);
	args->mode[0] = xasprintf("%.*s", (int)(comma - arg), arg);
	args->mode[1] = xstrdup(comma + 1);
	return 0;
}

static int add_metric(void *ctx, const char *item)
{
	struct diff_args *args = ctx;

	if (!strcmp(item, "all")) {
		args->all = true;
		return 0;
	}
	array_grow(args->pick, args->pick_cnt, args->pick_cap);
	if (diff_parse_pick(item, &args->pick[args->pick_cnt]))
		return -EINVAL;
	args->pick_cnt++;
	return 0;
}

static int add_condition(void *ctx, const char *arg)
{
	struct diff_args *args = ctx;

	array_grow(args->condition, args->condition_cnt, args->condition_cap);
	if (diff_parse_condition(arg, &args->condition[args->condition_cnt]))
		return -EINVAL;
	args->condition_cnt++;
	return 0;
}

static const struct cli_option diff_arguments[] = {
	{.name = "A", CLI_TEXT(struct diff_args, path[0])},
	{.name = "[B]", CLI_TEXT(struct diff_args, path[1])},
};

static const struct cli_option diff_options[] = {
	{"modes", "A1,A3",
	 "compare these two modes, of one run or the first of A and the second of B (default: each "
	 "mode of A with the one of the same name in B)", CLI_CALL(set_modes), .letter = 'm'},
	{"metric", "LIST",
	 "compare these, METRIC[@OWNER], or all (default: one for each question of the report and "
	 "those of --fail-if)", CLI_LIST(add_metric)},
	{"format", "FORMAT", "text (default), md or json", CLI_CALL(set_format), .letter = 'f'},
	{"flame", "FILE.svg",
	 "also write the differential flamegraph there: CPU time per byte sent, red grew, blue "
	 "shrank", CLI_TEXT(struct diff_args, flame)},
	{"fail-if", "CONDITION",
	 "METRIC[@OWNER]>RATIO, or >= < <=, as 'cpu_ns_per_byte>1.05': exit with 3 if B / A is so "
	 "in any cell and its interval does not span 1. Without @OWNER the cell's number counts, "
	 "or that of every owner. A value that is missing: exit with 1. Repeatable",
	 CLI_CALL(add_condition)},
};

static const struct cli diff_cli = {
	.program = "copyscope diff",
	.about = "Compare two reports (directories or results.json files), or with --modes two modes. "
		 "Ratios are B / A. Exit 0, 1 failed, 2 usage, 3 a condition of --fail-if holds.",
	.positional = CLI_ROWS(diff_arguments),
	.option = CLI_ROWS(diff_options),
};

/* ---- comparing ---------------------------------------------------------------------------- */

static int read_run(const char *arg, struct run_set **set)
{
	_cleanup_free_ char *path = NULL;
	struct stat st;
	int err;

	path = !stat(arg, &st) && S_ISDIR(st.st_mode) ? xasprintf("%s/results.json", arg)
						     : xstrdup(arg);
	err = run_set_read_json(path, set);
	if (!err)
		run_set_derive(*set);
	return err;
}

/* The set's own copy of a mode's name: modes compare by pointer. */
static int find_mode(const struct run_set *set, const char *path, const char *wanted,
		     const char **mode)
{
	_cleanup_free_ const char **names = xcalloc(set->plan.mode_cnt, sizeof(*names));
	const char *near;
	size_t i;

	for (i = 0; i < set->plan.mode_cnt; i++) {
		names[i] = set->plan.mode[i].name;
		if (!strcmp(names[i], wanted)) {
			*mode = names[i];
			return 0;
		}
	}
	near = nearest_name(wanted, names, set->plan.mode_cnt);
	return fail_r(-EINVAL, "%s has no mode '%s'%s%s%s: its results.json names those it has", path,
		      wanted, near ? ", did you mean '" : "", near ? near : "", near ? "'" : "");
}

/* An owner's name can be judged only where the owners are known. */
static int compare_pick(struct diff *diff, const struct diff_pick *pick)
{
	const struct run_set *set = diff->side[0].set;
	_cleanup_free_ char *owners = xstrdup("");
	unsigned int o;

	if (diff_owners(diff, pick)) {
		diff_compare(diff, pick);
		return 0;
	}
	for (o = 0; o < set->owner_cnt; o++) {
		_cleanup_free_ char *before = owners;

		owners = xasprintf("%s%s%s", before, set->owner[o].flow & metric_defs[pick->metric].flow ? " " : "",
				   set->owner[o].flow & metric_defs[pick->metric].flow ? set->owner[o].label : "");
	}
	return fail_r(-EINVAL, "%s is not kept for '%s': choose of%s", metric_defs[pick->metric].name,
		      pick->owner, owners);
}

static int compare(struct diff *diff, const struct diff_args *args)
{
	enum metric_id m;
	int err = 0;
	size_t i;

	for (m = 0; args->all && m < METRIC_MAX_; m++)
		diff_compare(diff, &(struct diff_pick){.metric = m, .flow = FLOW_ALL});
	for (i = 0; !err && i < args->pick_cnt; i++)
		err = compare_pick(diff, &args->pick[i]);
	for (i = 0; !args->pick_cnt && i < ARRAY_SIZE(headlines); i++)
		diff_compare(diff, &headlines[i]);
	for (i = 0; !err && i < args->condition_cnt; i++)
		err = compare_pick(diff, &args->condition[i].pick);
	return err;
}

static int write_flame(const struct diff *diff, const char *path)
{
	const char *missing = diff_flame_missing(diff);
	_cleanup_fclose_ FILE *out = NULL;
	bool failed;

	if (missing)
		return fail_r(-ENODATA, "no differential flamegraph: %s; leave --flame out", missing);
	out = fopen(path, "we");
	if (!out)
		return err_r(-errno, "create %s", path);
	diff_put_flame(diff, true, out);
	failed = fflush(out) || ferror(out);
	failed |= fclose(take_ptr(out)) != 0;
	return failed ? err_r(errno ? -errno : -EIO, "write %s", path) : 0;
}

/* 3 when any condition holds, else 1 when any could not be judged. */
static int judge(const struct diff *diff, const struct diff_args *args)
{
	int code = EXIT_OK;
	size_t i;

	for (i = 0; i < args->condition_cnt; i++) {
		diff_judge(diff, &args->condition[i]);
		diff_tell(diff, &args->condition[i]);
		if (args->condition[i].state == DIFF_STATE_HOLDS)
			code = EXIT_CONDITION_HOLDS;
		else if (args->condition[i].state == DIFF_STATE_UNKNOWN && code == EXIT_OK)
			code = EXIT_FAILED;
	}
	return code;
}

static int run_diff(const struct diff_args *args, const struct diff_side *side)
{
	struct diff diff;
	int code;

	diff_init(&diff, &side[0], &side[1]);
	if (!diff.cell_cnt) {
		diff_free(&diff);
		return fail_r(EXIT_FAILED, "the two have no cell in common: run the same modes, sizes "
			      "and threads, or name the modes with --modes");
	}
	if (compare(&diff, args)) {
		diff_free(&diff);
		return EXIT_USAGE;
	}
	code = judge(&diff, args);
	formats[args->format].put(&diff, args);
	if (args->flame && write_flame(&diff, args->flame) && code == EXIT_OK)
		code = EXIT_FAILED;
	diff_free(&diff);
	return code;
}

/* Of two observations there is text. */
static int diff_attached(const struct diff_args *args, struct run_set *const set[2])
{
	if (!set[1] || !set[0]->plan.attached || !set[1]->plan.attached)
		return fail_r(EXIT_FAILED, "what `copyscope attach` found is compared with what it found another time, and nothing else");
	if (args->mode[0] || args->pick || args->condition_cnt || args->format || args->flame)
		return fail_r(EXIT_USAGE, "of two files of `copyscope attach` there is text alone, without options");
	if (attach_diff_text(stdout, set[0], set[1]))
		return EXIT_OK;
	return fail_r(EXIT_FAILED, "the two have no program in common");
}

static int read_and_compare(const struct diff_args *args)
{
	struct run_set *all[2] = {NULL, NULL}, *set[2] = {NULL, NULL};
	struct diff_side side[2] = {{0}};
	int i, code = EXIT_FAILED;

	if (read_run(args->path[0], &all[0]) || (args->path[1] && read_run(args->path[1], &all[1])))
		goto out;
	if (all[0]->plan.attached || (all[1] && all[1]->plan.attached)) {
		code = diff_attached(args, all);
		goto out;
	}
	for (i = 0; i < 2 && all[i]; i++)
		set[i] = run_set_view(all[i], 0);
	for (i = 0; i < 2; i++) {
		const char *path = args->path[i] ? args->path[i] : args->path[0];

		side[i].set = set[i] ? set[i] : set[0];
		side[i].label = args->path[1] ? path : args->mode[i];
		if (args->mode[i] && find_mode(side[i].set, path, args->mode[i], &side[i].mode)) {
			code = EXIT_USAGE;
			goto out;
		}
	}
	code = run_diff(args, side);
out:
	for (i = 0; i < 2; i++) {
		run_set_view_free(&set[i]);
		run_set_free(&all[i]);
	}
	return code;
}

int cmd_diff(int argc, char **argv)
{
	struct diff_args args = {0};
	int code = cli_parse(&diff_cli, argc, argv, &args);

	if (code == CLI_GO_ON && !args.path[1] && !args.mode[0])
		code = fail_r(EXIT_USAGE, "one run alone: name another, or two of its modes with --modes");
	if (code == CLI_GO_ON)
		code = invoker_become(NULL) ? EXIT_FAILED : read_and_compare(&args);
	free(args.mode[0]);
	free(args.mode[1]);
	free(args.pick);
	free(args.condition);
	return code;
}
