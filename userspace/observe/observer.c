// SPDX-License-Identifier: GPL-2.0-only
#include "observe/observer.h"

#include <errno.h>
#include <string.h>

#include "core/log.h"
#include "observe/fold.h"
#include "perf/sampler.h"

struct observer {
	struct run_set *set;
	struct probe *probe;
	struct perf_sampler *sampler; /* NULL: no samples */
	struct symbolizer *symbols;
	bool attached, once, everyone;
	struct observer_cost cost;
};

/* Without samples there is no flame graph, and the rest is as good as ever. */
static void open_sampler(struct observer *o, unsigned int hz)
{
	int err = hz ? perf_sampler_open(hz, &o->sampler) : 0;

	if (!hz)
		run_set_note(o->set, "perf", "no CPU samples: --freq 0");
	else if (err)
		run_set_note(o->set, "perf", "no CPU samples: %s", strerror(-err));
	else
		run_set_note(o->set, "perf", "CPU samples by %s at %u Hz a CPU",
			     perf_sampler_event(o->sampler), perf_sampler_hz(o->sampler));
}

static void open_symbols(struct observer *o)
{
	int err = sym_new(&o->symbols);

	if (err)
		run_set_note(o->set, "sym", "kernel functions have no names (%s): needs CAP_SYSLOG "
			     "and sysctl kernel.kptr_restrict below 2", strerror(-err));
}

/* A stack of a waiting thread is taken so many times as rarely as one of a running: many may wait at a time. */
#define OFFCPU_PERIODS 5

static int open_probe(struct observer *o, const struct observer_config *config)
{
	const uint64_t sample_ns =
		config->frequency_hz ? OFFCPU_PERIODS * NSEC_PER_SEC / config->frequency_hz : 0;
	struct probe_owner owner[OBSERVED_MAX];
	struct probe_config probe_config = {
		.owner = owner,
		.owner_cnt = MIN(config->owner_cnt, (unsigned int)OBSERVED_MAX),
		.everyone = config->everyone,
		.subtrees = config->subtrees,
		.tier = config->tier,
		.receive_netns = config->receive_netns,
		.offcpu_sample_ns = sample_ns,
		.full = config->full,
		.extras = config->extras,
		.cross_check = config->cross_check,
	};
	unsigned int i;
	int err;

	for (i = 0; i < probe_config.owner_cnt; i++) {
		owner[i] = (struct probe_owner){config->owner[i].cgroup_id, config->owner[i].level};
		run_set_add_owner(o->set, config->owner[i].label, config->owner[i].flow);
	}
	err = probe_open(&probe_config, &o->probe);
	if (err)
		return err;
	probe_describe(o->probe, o->set);
	o->set->plan.offcpu_sample_ns = sample_ns;
	if (config->cross_check)
		run_set_note(o->set, "probe", "cross-check: %zu quantities are observed by a second "
			     "tier as well", probe_cross_checked(o->probe));
	return 0;
}

int observer_open(const struct observer_config *config, struct run_set *set, struct observer **out)
{
	struct observer *o = xcalloc(1, sizeof(*o));
	int err;

	o->set = set;
	o->once = config->once;
	o->everyone = config->everyone;
	open_sampler(o, config->frequency_hz);
	open_symbols(o);
	err = open_probe(o, config);
	if (err)
		observer_close(&o);
	else
		*out = o;
	return err;
}

void observer_close(struct observer **o)
{
	if (!*o)
		return;
	probe_close(&(*o)->probe);
	perf_sampler_close(&(*o)->sampler);
	sym_free(&(*o)->symbols);
	free(*o);
	*o = NULL;
}

int observer_attach(struct observer *o)
{
	size_t i, n = o->sampler ? perf_sampler_cnt(o->sampler) : 0;
	_cleanup_free_ int *fd = xcalloc(n, sizeof(*fd));
	uint64_t from_ns = monotonic_ns();
	int err;

	if (o->attached)
		return 0;
	for (i = 0; i < n; i++)
		fd[i] = perf_sampler_fd(o->sampler, i);
	err = probe_attach(o->probe, fd, n);
	o->attached = !err;
	o->cost.attached += !err;
	log_debug("attached after %.1f ms", (double)(monotonic_ns() - from_ns) / NSEC_PER_MSEC);
	return err;
}

int observer_begin(struct observer *o)
{
	uint64_t from_ns = monotonic_ns();
	int err = observer_attach(o) ?: probe_start(o->probe);

	from_ns = monotonic_ns() - from_ns;
	log_debug("observation began after %.1f ms", (double)from_ns / NSEC_PER_MSEC);
	o->cost.begin_ns = MAX(o->cost.begin_ns, from_ns);
	return err;
}

int observer_watch(struct observer *o, unsigned int owner, int tgid)
{
	return probe_watch(o->probe, owner, tgid);
}

void observer_detach(struct observer *o)
{
	probe_detach(o->probe);
	o->attached = false;
}

static int collect(struct observer *o, struct run_result *r)
{
	int err = probe_collect(o->probe, o->set, r);

	if (err)
		return err;
	r->series = run_set_series(o->set);
	probe_list_sockets(o->probe, o->set, r);
	err = fold_stacks(o->probe, o->symbols, o->set, r);
	if (!err) /* of copies it knows the reasons */
		run_result_doubt(o->set, r);
	return err;
}

int observer_peek(struct observer *o, struct run_set *set, const struct run_key *key, bool stacks)
{
	struct run_result *r;
	unsigned int i;
	int err = o->everyone ? probe_name_programs(o->probe, set) : 0;

	for (i = 1; i + 1 < o->set->owner_cnt && !o->everyone; i++)
		run_set_add_owner(set, o->set->owner[i].label, o->set->owner[i].flow);
	if (err)
		return err;
	r = run_set_add(set, key);
	err = probe_collect(o->probe, set, r);
	if (err || !stacks)
		return err;
	err = fold_stacks(o->probe, o->symbols, set, r);
	sym_forget(o->symbols); /* a process may load or become something else meanwhile */
	return err;
}

int observer_name_owners(struct observer *o)
{
	return o->everyone ? probe_name_programs(o->probe, o->set) : 0;
}

int observer_end(struct observer *o, struct run_result *r)
{
	int err, changed;

	probe_stop(o->probe);
	err = r ? collect(o, r) : 0;
	sym_forget(o->symbols);
	if (err || !r)
		return err;
	changed = o->once ? 0 : probe_adapt(o->probe);
	if (changed)
		observer_detach(o);
	if (changed > 0) {
		probe_describe(o->probe, o->set);
		run_set_note(o->set, "probe", "this kernel preempts fentry programs and then skips runs of "
			     "them: from there on kprobes observed");
	}
	return changed;
}

void observer_note_costs(struct observer *o)
{
	probe_note_costs(o->probe, o->set);
}

struct observer_cost observer_cost(const struct observer *o)
{
	struct observer_cost cost = o->cost;

	cost.first_attach_ns = probe_first_attach_ns(o->probe);
	return cost;
}
