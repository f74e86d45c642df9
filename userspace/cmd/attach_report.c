// SPDX-License-Identifier: GPL-2.0-only
/* The report of an observation, written by a process that is the user behind sudo for good. */
#include "cmd/attach.h"
#include "cmd/invoker.h"
#include "report/report.h"

struct writing {
	const char *dir;
	const struct run_set *set;
};

static int find_place(void *ctx)
{
	const struct writing *w = ctx;
	struct report_place *place = NULL;
	int err = report_open(w->dir, false, &place);

	report_close(&place);
	return err;
}

static int write_report(void *ctx)
{
	const struct writing *w = ctx;

	return report_write(w->set, w->dir, NULL, NULL);
}

int attach_report_place(const char *dir)
{
	return invoker_do(dir, find_place, &(struct writing){.dir = dir});
}

int attach_report(const char *dir, const struct run_set *set)
{
	return invoker_do(dir, write_report, &(struct writing){dir, set});
}
