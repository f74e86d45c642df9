// SPDX-License-Identifier: GPL-2.0-only
/* Where a run's report goes. It grows in a temporary directory beside its place, which the testbed
 * remembers: whenever the run is killed, the next one removes it.
 */
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "cmd/invoker.h"
#include "cmd/run.h"
#include "core/log.h"
#include "report/report.h"

/* A directory of the invoking user's, if it is not there yet. */
static int ensure_directory(const char *path)
{
	struct invoker who = invoker_get();

	if (!mkdir(path, 0755))
		return chown(path, who.uid, who.gid) ? err_r(-errno, "chown %s", path) : 0;
	return errno == EEXIST ? 0 : err_r(-errno, "cannot make %s (choose a writable place with --out)",
					   path);
}

int output_choose(struct run_options *options, struct run_set *set)
{
	const char *parent = getenv("COPYSCOPE_REPORTS") ?: "reports";
	_cleanup_free_ char *dir = NULL;
	char stamp[32], host[HOST_NAME_MAX + 1] = "localhost";
	time_t now = time(NULL);
	int err;

	if (options->out_dir)
		return report_check_dir(options->out_dir);
	err = ensure_directory(parent);
	if (err)
		return err;
	gethostname(host, sizeof(host) - 1);
	strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", gmtime(&now));
	dir = xasprintf("%s/%s-%s", parent, stamp, host);
	options->out_dir = run_set_str(set, dir);
	options->link_latest = true;
	return report_check_dir(options->out_dir);
}

/* The directory out_dir is in, or will be; what it really is where out_dir is a link. The caller frees. */
static char *parent_of(const char *out_dir)
{
	_cleanup_free_ char *real = realpath(out_dir, NULL);
	_cleanup_free_ char *path = xstrdup(real ? real : out_dir);

	return xstrdup(dirname(path));
}

/* The last step is a rename, and a mount point cannot be renamed over. */
static int check_not_mounted(const char *out_dir, const char *parent)
{
	struct stat in, above;

	if (stat(out_dir, &in) || stat(parent, &above) || in.st_dev == above.st_dev)
		return 0;
	return fail_r(-EXDEV, "%s is a mount point: choose a directory inside it with --out", out_dir);
}

int output_stage(struct run_context *ctx)
{
	const char *out_dir = ctx->options->out_dir;
	_cleanup_free_ char *parent = parent_of(out_dir), *stage = NULL;
	int err = check_not_mounted(out_dir, parent);

	if (err)
		return err;
	if (access(parent, F_OK))
		return fail_r(-ENOENT, "%s: there is no directory %s: make it, or choose another with "
			      "--out", out_dir, parent);
	stage = xasprintf("%s/." TESTBED_TEMP_MARK "%s", parent, testbed_id(ctx->testbed));
	err = testbed_remember_path(ctx->testbed, stage);
	if (err)
		return err;
	if (mkdir(stage, 0700))
		return err_r(-errno, "cannot write to %s (choose a writable place with --out)", parent);
	ctx->stage_dir = run_set_str(ctx->set, stage);
	return 0;
}

int output_write(const struct run_context *ctx)
{
	const struct run_options *options = ctx->options;
	_cleanup_free_ char *parent = xstrdup(options->out_dir), *name = xstrdup(options->out_dir);
	struct invoker who = invoker_get();
	struct report_opts opts = REPORT_OPTS_DEFAULT;
	int err;

	opts.formats = options->formats;
	opts.tmp = ctx->stage_dir;
	opts.uid = who.uid;
	opts.gid = who.gid;
	run_set_derive(ctx->set);
	err = report_write(ctx->set, options->out_dir, &opts);
	if (!err && options->link_latest)
		report_link_latest(dirname(parent), basename(name));
	return err;
}
