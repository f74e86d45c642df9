// SPDX-License-Identifier: GPL-2.0-only
/* A role on another host: ssh stands for it here, and what it and its host used it tells in its result. */
#include <errno.h>
#include <sys/mman.h>

#include "cmd/role_process.h"
#include "core/log.h"

static int start(struct role_process *p, struct testbed *tb, const struct role_args *args, char **why)
{
	struct role_args a = *args;
	pid_t pid;

	(void)why;
	p->stderr_fd = memfd_create("workload-stderr", MFD_CLOEXEC);
	if (p->stderr_fd < 0)
		return err_r(-errno, "make a buffer for the %s's messages", role_names[p->role]);
	a.v[a.n++] = "--remote";
	pid = testbed_remote_start(tb, a.v, p->stderr_fd, &p->reader.fd);
	if (pid < 0)
		return pid;
	p->pid = pid;
	return 0;
}

/* It said that it rests, and counts itself from the window's begin on. */
static int rest(struct role_process *p)
{
	(void)p;
	return 0;
}

/* The whole is both hosts. Where one does not tell, nobody can. */
static void add_host(struct metric_value *whole, struct metric_value *there)
{
	static const enum metric_id of_host[] = {M_BUSY_CPU_NS, M_KERNEL_CPU_NS, M_OTHER_CPU_NS, M_STEAL_NS};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(of_host); i++) {
		struct metric_value *sum = &whole[of_host[i]], *more = &there[of_host[i]];

		if (value_known(sum) && value_known(more))
			sum->value += more->value;
		else
			*sum = (struct metric_value){0};
		*more = (struct metric_value){0};
	}
}

static int settle(struct role_process *p, struct run_set *set, struct run_result *r)
{
	(void)set;
	add_host(r->v[OWNER_WHOLE], r->v[owner_of_role(p->role)]);
	return 0;
}

const struct role_kind role_remote = {.start = start, .rest = rest, .settle = settle, .remote = true};
