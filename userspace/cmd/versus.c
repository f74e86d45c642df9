// SPDX-License-Identifier: GPL-2.0-only
/* --versus, of run and report: two modes of the plan. */
#include <errno.h>

#include "cmd/run.h"
#include "core/cli.h"
#include "core/log.h"
#include "workload/workload.h"

/* By the name the plan has, or by any that the table of modes knows. */
static const char *in_plan(const struct run_plan *plan, const char *item)
{
	const struct send_mode *mode = send_mode_find(item);
	size_t i = plan_mode(plan, item);

	if (i == plan->mode_cnt && mode)
		i = plan_mode(plan, mode->name);
	return i < plan->mode_cnt ? plan->mode[i].name : NULL;
}

static int add(void *ctx, const char *item)
{
	struct run_plan *plan = ctx;
	const char *name = in_plan(plan, item);

	if (!name)
		return fail_r(-EINVAL, "--versus '%s': no mode of this run", item);
	if (plan->versus_b || name == plan->versus_a)
		return fail_r(-EINVAL, "--versus: two modes, as in A1,A3");
	if (plan->versus_a)
		plan->versus_b = name;
	else
		plan->versus_a = name;
	return 0;
}

int versus_parse(const char *arg, struct run_set *set)
{
	struct run_plan *plan = &set->plan;

	plan->versus_a = plan->versus_b = NULL;
	if (cli_list("--versus", arg, add, plan))
		return EXIT_USAGE;
	if (plan->versus_b)
		return CLI_GO_ON;
	log_error("--versus %s: two modes, as in A1,A3", arg);
	return EXIT_USAGE;
}
