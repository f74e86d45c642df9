/* SPDX-License-Identifier: GPL-2.0-only */
/* Real namespaces and cgroups; skipped without root. /run is a private tmpfs here, so that neither
 * other runs nor their leftovers matter; with TESTBED_TEST_HOST=1 (tests/e2e/testbed.bats) the
 * machine's own is used.
 */
#ifndef TESTBED_LIVE_H
#define TESTBED_LIVE_H

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <mntent.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "testbed/internal.h"

static bool private_run(void)
{
	return !getenv("TESTBED_TEST_HOST");
}

/* Up in the current test; taken down after it even if it fails. */
static struct testbed *tb, *other;

static int take_down(void **state)
{
	(void)state;
	testbed_down(&tb);
	testbed_down(&other);
	return 0;
}

static int set_up(void **state)
{
	(void)state;
	if (geteuid())
		return 0;
	if (!private_run()) /* runs killed before us: what they left would be counted as ours */
		return testbed_recover() < 0;
	return unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	       mount("tmpfs", "/run", "tmpfs", 0, "mode=755");
}

/* Without root the whole program is one skipped test, with its reason. */
static void need_root(void)
{
	if (geteuid()) {
		print_message("skipped: needs root\n");
		skip();
	}
}

static bool here_is_ipv6(void)
{
	return !access("/proc/net/if_inet6", F_OK);
}

/* ---- looking ------------------------------------------------------------------------------- */

static char *cgroup2_root(void)
{
	FILE *table = setmntent("/proc/self/mounts", "re");
	char *found = NULL;
	struct mntent *m;

	while (!found && (m = getmntent(table)))
		if (!strcmp(m->mnt_type, "cgroup2"))
			found = xstrdup(m->mnt_dir);
	endmntent(table);
	return found;
}

static bool exists(const char *fmt, const char *a, const char *b)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), fmt, a, b);
	return !access(path, F_OK);
}

static void assert_nothing_left(const char *id)
{
	_cleanup_free_ char *root = cgroup2_root();

	assert_false(exists("/run/copyscope/%s%s", id, ""));
	assert_false(exists("/run/copyscope/%s%s", id, ".sock"));
	assert_false(exists("/var/run/netns/cs-%s-%s", id, "srv"));
	assert_false(exists("/var/run/netns/cs-%s-%s", id, "cli"));
	if (root)
		assert_false(exists("%s/copyscope-%s", root, id));
	if (private_run())
		assert_int_equal(access(STATE_BASE, F_OK), -1);
}

/* Lines of a file, as a fingerprint of what is mounted or linked. */
static size_t line_cnt(const char *path)
{
	_cleanup_fclose_ FILE *f = fopen(path, "re");
	_cleanup_free_ char *line = NULL;
	size_t cap = 0, n = 0;

	while (getline(&line, &cap, f) > 0)
		n++;
	return n;
}

static pid_t sleeper(void)
{
	pid_t pid = fork();

	if (!pid) {
		for (;;)
			pause();
	}
	return pid;
}

#endif
