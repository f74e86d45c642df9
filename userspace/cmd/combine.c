// SPDX-License-Identifier: GPL-2.0-only
/* What makes no sense together: told in one line, before anything is begun. */
#include <errno.h>

#include "cmd/run.h"
#include "core/log.h"
#include "workload/workload.h"

static int check_receive(const struct run_plan *plan)
{
	const struct recv_mode *recv = plan->receive ? recv_mode_find(plan->receive) : NULL;
	size_t i;

	for (i = 0; recv && i < plan->mode_cnt; i++) {
		const char *misfit = recv_mode_misfit(recv, &plan->mode[i].traits);

		if (misfit)
			return fail_r(-EINVAL, "--recv %s %s: leave it out", plan->receive, misfit);
	}
	return 0;
}

static int check_direct(const struct run_plan *plan)
{
	size_t i;

	for (i = 0; plan->direct && i < plan->mode_cnt; i++)
		if (!mode_sends_file(&plan->mode[i].traits))
			return fail_r(-EINVAL, DIRECT_NO_FILE, plan->mode[i].name);
	return 0;
}

static int check_issue(const struct run_plan *plan)
{
	size_t i;

	for (i = 0; plan->issue && i < plan->mode_cnt; i++)
		if (!plan->mode[i].traits.requests)
			return fail_r(-EINVAL, ISSUE_NO_RING, issue_names[plan->issue], plan->mode[i].name);
	return 0;
}

static int check_local(const struct run_plan *plan, bool congestion_asked)
{
	const bool alone = !plan_has(plan, TRANSPORT_TCP);

	if (alone && congestion_asked)
		return fail_r(-EINVAL, "only TCP has a congestion control: leave it out, or add a mode over TCP");
	if (alone && plan->ipv6 && plan_has(plan, TRANSPORT_UNIX) && !plan_has(plan, TRANSPORT_UDP))
		return fail_r(-EINVAL, "--ipv6: a local socket has no address: leave it out, or add a mode over TCP");
	return 0;
}

/* The client is on another host. */
static int check_remote(const struct run_plan *plan)
{
	const struct recv_mode *recv = plan->receive ? recv_mode_find(plan->receive) : NULL;
	size_t i;

	if (!testbed_path_find(plan->path)->remote)
		return 0;
	for (i = 0; i < plan->mode_cnt; i++)
		if (plan->mode[i].traits.transport == TRANSPORT_UNIX)
			return fail_r(-EINVAL, "--path %s: the local socket of mode %s leads to no other host: leave it out",
				      plan->path, plan->mode[i].name);
	if (recv && recv->net_admin)
		return fail_r(-EINVAL, "--recv %s takes rights over the NIC that nobody has there: leave it out", recv->name);
	return 0;
}

int plan_combines(const struct run_plan *plan, bool congestion_asked)
{
	return check_receive(plan) ?: check_direct(plan) ?: check_issue(plan) ?: check_local(plan, congestion_asked) ?:
	       check_remote(plan);
}
