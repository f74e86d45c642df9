// SPDX-License-Identifier: GPL-2.0-only
/* The observation of `copyscope attach`: from the probes to the one result, and what is told meanwhile. */
#include <errno.h>
#include <poll.h>
#include <sys/syscall.h>

#include "cmd/attach.h"
#include "cmd/exporter.h"
#include "cmd/stop.h"
#include "cmd/top.h"
#include "core/log.h"
#include "report/attach_metrics.h"

#define FOREVER_NS (INT64_MAX / 4) /* two of them, and the time since boot, are still a number */

static int open_observer(struct attach *a)
{
	const struct attach_targets *t = &a->options->targets;
	_cleanup_free_ struct observed *owner = xcalloc(t->cnt, sizeof(*owner));
	struct observer_config config = {
		.owner = owner,
		.owner_cnt = (unsigned int)t->cnt,
		.tier = (enum tier)a->options->tier,
		.frequency_hz = a->options->frequency_hz,
		.everyone = a->options->everyone,
		.subtrees = true,
		.once = true,
		.extras = EXTRAS_ALL,
	};
	bool processes = config.everyone;
	size_t i;

	for (i = 0; i < t->cnt; i++) {
		owner[i] = (struct observed){.label = t->target[i].label, .flow = FLOW_BOTH,
					     .cgroup_id = t->target[i].cgroup_id, .level = t->target[i].level};
		processes |= t->target[i].kind == TARGET_PROCESSES;
	}
	if (!processes)
		config.extras &= ~EXTRA_BIT(EXTRA_PROCESSES);
	return observer_open(&config, a->set, &a->observer);
}

static void watch_ends(struct attach *a)
{
	const struct attach_targets *t = &a->options->targets;
	size_t i, p;

	for (i = 0; i < t->cnt; i++) {
		for (p = 0; p < t->target[i].pid_cnt; p++) {
			a->end_fd = xreallocarray(a->end_fd, a->end_cnt + 1, sizeof(*a->end_fd));
			a->end_fd[a->end_cnt] = (int)syscall(SYS_pidfd_open, t->target[i].pid[p], 0);
			a->end_cnt += a->end_fd[a->end_cnt] >= 0;
		}
		a->cgroups |= t->target[i].kind == TARGET_CGROUP;
	}
}

/* Where all that is observed was named, its end is the end. */
static bool all_ended(const struct attach *a)
{
	const struct attach_targets *t = &a->options->targets;
	size_t i;

	if (a->options->everyone || a->end_cnt)
		return false;
	for (i = 0; i < t->cnt; i++)
		if (t->target[i].kind == TARGET_CGROUP && !target_is_gone(&t->target[i]))
			return false;
	return true;
}

static void fill_metrics(FILE *out, void *ctx)
{
	struct attach *a = ctx;
	struct run_set *set = attach_so_far(a, false);

	if (set)
		attach_metrics(out, set, a->set);
	run_set_free(&set);
}

/* A process tells when it ends; a cgroup has to be looked for. */
#define LOOK_MS	 500u
#define SLEEP_MS 60000u

/* Until then, or until the last of them ends. Returns false if that is the end, or a signal came. */
static bool wait_until(struct attach *a, uint64_t until_ns)
{
	uint64_t now = monotonic_ns(), most_ms = a->cgroups ? LOOK_MS : SLEEP_MS;

	while (!stop_signal && (now = monotonic_ns()) < until_ns) {
		uint64_t left_ms = (until_ns - now + NSEC_PER_MSEC - 1) / NSEC_PER_MSEC;
		struct pollfd p[] = {{.fd = a->end_cnt ? a->end_fd[a->end_cnt - 1] : -1, .events = POLLIN},
				     {.fd = a->scrapes_fd, .events = POLLIN},
				     {.fd = a->top ? STDIN_FILENO : -1, .events = POLLIN}};

		if (all_ended(a))
			return false;
		if (poll(p, ARRAY_SIZE(p), (int)MIN(left_ms, most_ms)) <= 0)
			continue;
		if (p[0].revents)
			close(a->end_fd[--a->end_cnt]);
		if (p[1].revents)
			exporter_answer(a->scrapes_fd, ATTACH_METRICS_TYPE, fill_metrics, a);
		if (p[2].revents & ~POLLIN || (p[2].revents && !top_keys(a->top))) /* the terminal is gone, or: q */
			return false;
	}
	return !stop_signal;
}

/* The last interval is told at the end, when all of it is known. */
static void wait_by_intervals(struct attach *a, uint64_t end_ns)
{
	uint64_t at_ns = a->begun_ns, step_ns = a->options->interval_ns ?: a->top ? NSEC_PER_SEC : FOREVER_NS;

	while ((at_ns += step_ns) < end_ns && wait_until(a, at_ns))
		attach_tell_interval(a);
	if (at_ns >= end_ns)
		wait_until(a, end_ns);
}

int attach_end(struct attach *a)
{
	struct run_result *r;
	int err;

	a->set->elapsed_ns = a->set->plan.duration_ns = monotonic_ns() - a->begun_ns;
	err = observer_name_owners(a->observer);
	if (err)
		return err;
	r = run_set_add(a->set, &the_observation);
	r->attempts = 1;
	return observer_end(a->observer, r);
}

int attach_observe(struct attach *a)
{
	uint64_t duration_ns = a->options->duration_ns ?: FOREVER_NS;
	int err, watched;

	err = open_observer(a) ?: observer_attach(a->observer);
	if (err)
		return err;
	if (stop_signal)
		return fail_r(-EINTR, "interrupted before anything was observed");
	watched = targets_watch(&a->options->targets, a->observer);
	if (watched < 0)
		return watched;
	if (a->options->remote)
		return attach_obey(a);
	watch_ends(a);
	err = observer_begin(a->observer);
	if (err)
		return err;
	a->begun_ns = monotonic_ns();
	if (a->options->command && (err = command_go(&a->command, a->options->command[0])))
		return err;
	if (a->options->top && (err = top_open(&a->top)))
		return err;
	if (!a->options->quiet && !a->top)
		log_info("attached; Ctrl-C ends it");
	wait_by_intervals(a, a->begun_ns + duration_ns);
	top_close(&a->top);
	err = attach_end(a);
	if (a->set->result_cnt)
		attach_routes(&a->options->targets, a->set, &a->set->result[0]);
	observer_note_costs(a->observer);
	return err;
}
