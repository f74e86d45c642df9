// SPDX-License-Identifier: GPL-2.0-only
/* Any command line of run, server and client: help or refused with one line, or options that are within
 * their limits. The first byte says whose it is, each further line is an argument.
 */
#include <string.h>

#include "cmd/run.h"
#include "core/cli.h"
#include "workload/options.h"

#define ARGS_MAX 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void must_be_code(int code)
{
	must(code == CLI_GO_ON || code == EXIT_OK || code == EXIT_USAGE);
}

static void run_line(int argc, char **argv)
{
	struct run_set *set = run_set_new();
	const struct run_plan *plan = &set->plan;
	struct run_options options;
	int code = run_options_parse(argc, argv, &options, set);
	size_t i;

	must_be_code(code);
	if (code == CLI_GO_ON) {
		must(plan->mode_cnt && plan->size_cnt && plan->thread_cnt && plan->repetitions);
		must(plan->size_cnt <= PLAN_ITEMS_MAX && plan->thread_cnt <= PLAN_ITEMS_MAX);
		must(plan->duration_ns && plan->duration_ns <= 3600 * NSEC_PER_SEC);
		for (i = 0; i < plan->size_cnt; i++)
			must(plan->size_bytes[i] && plan->size_bytes[i] <= WORKLOAD_SIZE_MAX_BYTES);
		for (i = 0; i < plan->thread_cnt; i++)
			must(plan->threads[i] && plan->threads[i] <= WORKLOAD_THREADS_MAX);
	}
	run_set_free(&set);
}

static void must_be_workload(const struct workload_options *o)
{
	must(o->size_bytes && o->size_bytes <= WORKLOAD_SIZE_MAX_BYTES);
	must(o->port <= UINT16_MAX && o->duration_ns <= WORKLOAD_DURATION_MAX_NS);
	must(o->pattern < PATTERN_MAX_);
}

static void server_line(int argc, char **argv)
{
	struct server_options o;
	int code = server_options_parse(argc, argv, &o);

	must_be_code(code);
	if (code != CLI_GO_ON)
		return;
	must_be_workload(&o.common);
	must(o.mode && o.ring && o.ring <= WORKLOAD_THREADS_MAX && o.wait_ns);
	workload_options_free(&o.common);
}

static void client_line(int argc, char **argv)
{
	struct client_options o;
	int code = client_options_parse(argc, argv, &o);

	must_be_code(code);
	if (code != CLI_GO_ON)
		return;
	must_be_workload(&o.common);
	must(o.address && o.threads && o.threads <= WORKLOAD_THREADS_MAX);
	workload_options_free(&o.common);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const lines[])(int argc, char **argv) = {run_line, server_line, client_line};
	_cleanup_free_ char *text = NULL;
	char *argv[ARGS_MAX + 1] = {"fuzz"}, *rest;
	int argc = 1;

	if (!size)
		return 0;
	rest = text = xasprintf("%.*s", (int)size - 1, (const char *)data + 1);
	while (rest && *rest && argc < ARGS_MAX)
		argv[argc++] = strsep(&rest, "\n");
	/* --control takes a descriptor: ours are no business of theirs */
	if (!strstr(text, "control"))
		lines[*data % ARRAY_SIZE(lines)](argc, argv);
	return 0;
}
