// SPDX-License-Identifier: GPL-2.0-only
/* What `copyscope attach` tells, and where: of each interval, and at the end. */
#include <errno.h>

#include "cmd/attach.h"
#include "cmd/invoker.h"
#include "cmd/top.h"
#include "core/log.h"
#include "core/result_json.h"
#include "report/attach_by.h"
#include "report/attach_csv.h"
#include "report/attach_metrics.h"
#include "report/attach_text.h"
#include "report/report.h"

/* ---- formats ------------------------------------------------------------------------------ */

/* Where stdout has a document, or a command's own, the lines go to stderr. */
static void text_interval(struct attach *a, struct run_set *interval)
{
	const struct attach_options *o = a->options;
	FILE *out = o->command || (o->format != FORMAT_TEXT && !o->out) ? stderr : stdout;

	if (!interval->result[0].call_cnt && interval->plan.duration_ns < o->interval_ns / 10)
		return; /* the rest of the last one, in which nothing came */
	if (!o->by) {
		attach_lines(out, interval);
		return;
	}
	fprintf(out, "after %.1f s\n", (double)interval->elapsed_ns / NSEC_PER_SEC);
	attach_by(out, interval, o->by, o->number);
}

static int text_whole(struct attach *a)
{
	const struct attach_options *o = a->options;

	if (o->by)
		attach_by(a->out, a->set, o->by, o->number);
	else
		attach_text(a->out, a->set, o->number);
	return 0;
}

static int json_whole(struct attach *a)
{
	return run_set_write_json(a->set, a->out);
}

static void jsonl_interval(struct attach *a, struct run_set *interval)
{
	run_set_write_json_line(interval, a->out);
}

static int jsonl_whole(struct attach *a)
{
	return run_set_write_json_line(a->set, a->out);
}

static void csv_interval(struct attach *a, struct run_set *interval)
{
	if (!a->told)
		attach_csv_header(a->out);
	attach_csv_rows(a->out, interval);
	fflush(a->out);
}

static int csv_whole(struct attach *a)
{
	csv_interval(a, a->set);
	return 0;
}

/* Where intervals are the data, the whole is told only if there are none: it is their sum. */
static const struct {
	void (*interval)(struct attach *a, struct run_set *interval);
	int (*whole)(struct attach *a);
	bool by_intervals;
} formats[] = {
	[FORMAT_TEXT] = {text_interval, text_whole, false},
	[FORMAT_JSON] = {text_interval, json_whole, false},
	[FORMAT_JSONL] = {jsonl_interval, jsonl_whole, true},
	[FORMAT_CSV] = {csv_interval, csv_whole, true},
};
static_assert_complete(formats, FORMAT_MAX_);

/* ---- files -------------------------------------------------------------------------------- */

static int replace_by(const char *path, int (*fill)(const struct attach *a, const struct run_set *set, FILE *out),
		      const struct attach *a, const struct run_set *set)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	int err = out ? fill(a, set, out) : -errno;

	if (out && fclose(out) && !err)
		err = -errno;
	err = err ? err_r(err, "write %s", path) : invoker_replace(path, text, len);
	free(text);
	return err;
}

static int fill_metrics(const struct attach *a, const struct run_set *set, FILE *out)
{
	attach_metrics(out, set, a->set);
	return 0;
}

static int fill_profile(const struct attach *a, const struct run_set *set, FILE *out)
{
	(void)a;
	return report_pprof(set, out);
}

static int write_files(const struct attach *a, const struct run_set *set)
{
	const struct attach_options *o = a->options;
	int err = 0, failed = 0;

	if (o->textfile)
		err = replace_by(o->textfile, fill_metrics, a, set);
	if (o->pprof)
		failed = replace_by(o->pprof, fill_profile, a, set);
	return err ?: failed;
}

/* Of an earlier result there may be more, which stays until there is another; a pipe or a device has no length. */
static int begin_anew(struct attach *a)
{
	if (a->options->out && !a->begun_anew && ftruncate(fileno(a->out), 0) && errno != EINVAL)
		return -errno;
	a->begun_anew = true;
	return 0;
}

/* ---- meanwhile ---------------------------------------------------------------------------- */

struct run_set *attach_so_far(struct attach *a, bool stacks)
{
	struct run_set *set = run_set_new();

	attach_plan(set, a->options);
	set->elapsed_ns = set->plan.duration_ns = monotonic_ns() - a->begun_ns;
	if (observer_peek(a->observer, set, &the_observation, stacks))
		run_set_free(&set);
	return set;
}

/* What has come since the last that was told. */
static struct run_set *interval_to(const struct attach *a, const struct run_set *now)
{
	struct run_set *interval = run_set_since(now, a->told);

	attach_plan(interval, a->options);
	interval->tool_version = run_set_str(interval, a->set->tool_version);
	interval->started_utc = run_set_str(interval, a->set->started_utc);
	interval->command = run_set_str(interval, a->set->command);
	interval->elapsed_ns = now->elapsed_ns;
	interval->plan.duration_ns = now->elapsed_ns - (a->told ? a->told->elapsed_ns : 0);
	run_set_derive(interval);
	return interval;
}

static int tell(struct attach *a, const struct run_set *now)
{
	struct run_set *interval = interval_to(a, now);
	int err = 0;

	if (a->top)
		top_draw(a->top, now, interval, a->options->by == BY_WAY);
	else if (!formats[a->options->format].by_intervals || !(err = begin_anew(a)))
		formats[a->options->format].interval(a, interval);
	run_set_free(&interval);
	return err;
}

void attach_tell_interval(struct attach *a)
{
	struct run_set *now = attach_so_far(a, a->options->pprof);

	if (!now)
		return;
	tell(a, now);
	write_files(a, now);
	run_set_free(&a->told);
	a->told = now;
}

/* ---- at the end --------------------------------------------------------------------------- */

static int tell_whole(struct attach *a)
{
	bool intervals = a->options->interval_ns && !a->options->top;
	int err = 0;

	if (intervals)
		err = tell(a, a->set);
	if (!err && (!intervals || !formats[a->options->format].by_intervals))
		err = begin_anew(a) ?: formats[a->options->format].whole(a);
	if (!err && (fflush(a->out) || ferror(a->out)))
		err = -errno;
	return err;
}

int attach_tell_end(struct attach *a)
{
	int err, failed;

	run_set_derive(a->set);
	err = tell_whole(a);
	if (err && a->options->out) /* of stdout our end tells, and of stderr nobody could */
		err_r(err, "write %s", a->options->out);
	failed = write_files(a, a->set);
	if (a->options->report && attach_report(a->options->report, a->set))
		failed = -EIO;
	return err ?: failed;
}
