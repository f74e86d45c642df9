// SPDX-License-Identifier: GPL-2.0-only
/* The report of an observation, written by a process that is the user behind sudo for good. */
#include <errno.h>
#include <sys/wait.h>

#include "cmd/attach.h"
#include "cmd/invoker.h"
#include "core/log.h"
#include "report/report.h"

static int as_invoker(const char *dir, const struct run_set *set, int (*work)(const char *dir, const struct run_set *set))
{
	int pid, status;

	fflush(NULL);
	pid = fork();
	if (pid < 0)
		return err_r(-errno, "start the writer of the report");
	if (!pid)
		_exit(invoker_become(dir) || work(dir, set) ? EXIT_FAILED : EXIT_OK);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return err_r(-errno, "wait for the writer of the report");
	return WIFEXITED(status) && WEXITSTATUS(status) == EXIT_OK ? 0 : -EIO; /* it said why */
}

static int find_place(const char *dir, const struct run_set *set)
{
	struct report_place *place = NULL;
	int err = report_open(dir, false, &place);

	(void)set;
	report_close(&place);
	return err;
}

static int write_report(const char *dir, const struct run_set *set)
{
	return report_write(set, dir, NULL, NULL);
}

int attach_report_place(const char *dir)
{
	return as_invoker(dir, NULL, find_place);
}

int attach_report(const char *dir, const struct run_set *set)
{
	return as_invoker(dir, set, write_report);
}
