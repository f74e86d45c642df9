// SPDX-License-Identifier: GPL-2.0-only
/* Reading what the BPF programs counted, and starting a new count. The stacks: stacks.c. */
#include "probe/session.h"

#include <errno.h>
#include <string.h>

#include "core/log.h"

static const char *const drop_names[] = {
	[CS_DROP_STACK] = "stack traces (table full or colliding)",
	[CS_DROP_SAMPLE] = "CPU samples (table full)",
	[CS_DROP_OFFCPU] = "off-CPU spans (table full)",
	[CS_DROP_TASK_STORAGE] = "task states (no memory)",
	[CS_DROP_UNCLASSIFIED] = "sends whose way was not seen",
	[CS_DROP_ORPHAN] = "zero-copy skbs received whose owner is unknown",
	[CS_DROP_PATH] = "places of copies inside the path (table full or colliding)",
};
static_assert_complete(drop_names, CS_DROP_MAX_);

/* Their shares of the path copies are told apart by reason: see probe_for_each_path(). */
static const enum metric_id path_metrics[] = {
	M_GSO_COPY_BYTES, M_HEAD_COPIES, M_HEAD_COPY_BYTES, M_OTHER_COPY_BYTES,
};

_Static_assert(CS_HIST_BUCKETS == HIST_BUCKETS && CS_HIST_SUB_BITS == HIST_SUB_BITS,
	       "the histogram in the kernel and core/hist.h must have one layout");

/* ---- start and stop ---------------------------------------------------------------------- */

static int zero_percpu_array(struct bpf_map *map)
{
	size_t value_size = bpf_map__value_size(map);
	size_t size = ((value_size + 7) & ~7UL) * (size_t)libbpf_num_possible_cpus();
	_cleanup_free_ void *zero = xcalloc(1, size);
	__u32 key, n = bpf_map__max_entries(map);

	for (key = 0; key < n; key++)
		if (bpf_map__update_elem(map, &key, sizeof(key), zero, size, BPF_ANY))
			return -errno;
	return 0;
}

static int empty_map(struct bpf_map *map)
{
	size_t key_size = bpf_map__key_size(map);
	_cleanup_free_ void *key = xcalloc(1, key_size);

	while (!bpf_map__get_next_key(map, NULL, key, key_size))
		if (bpf_map__delete_elem(map, key, key_size, 0))
			return -errno;
	return 0;
}

int probe_start(struct probe *p)
{
	size_t i;
	int err;

	err = zero_percpu_array(p->skel->maps.cs_stats);
	err = err ?: zero_percpu_array(p->skel->maps.cs_drops);
	err = err ?: zero_percpu_array(p->skel->maps.cs_latency);
	err = err ?: empty_map(p->skel->maps.cs_path);
	err = err ?: empty_map(p->skel->maps.cs_path_stacks);
	err = err ?: empty_map(p->skel->maps.cs_zc_sends);
	err = err ?: empty_map(p->skel->maps.cs_samples);
	err = err ?: empty_map(p->skel->maps.cs_offcpu);
	err = err ?: empty_map(p->skel->maps.cs_stacks);
	err = err ?: empty_map(p->skel->maps.cs_stacks_spill);
	if (err)
		return err_r(err, "empty the BPF maps");
	for (i = 0; i < probe_program_cnt; i++)
		if (p->plan.program[i].wanted)
			p->skipped_at_start[i] = program_skipped_runs(p, i);
	__atomic_store_n(&p->skel->bss->cs_active, 1, __ATOMIC_RELEASE);
	return 0;
}

void probe_stop(struct probe *p)
{
	__atomic_store_n(&p->skel->bss->cs_active, 0, __ATOMIC_RELEASE);
}

/* ---- counters ---------------------------------------------------------------------------- */

static int read_stat(const struct probe *p, enum cs_bank bank, enum cs_slot slot,
		     enum cs_quantity q, struct cs_stat *sum)
{
	int cpu, cpus = libbpf_num_possible_cpus();
	_cleanup_free_ struct cs_stat *v = xcalloc((size_t)cpus, sizeof(*v));
	__u32 key = (bank * CS_SLOT_MAX_ + slot) * CS_Q_MAX_ + q;

	if (bpf_map__lookup_elem(p->skel->maps.cs_stats, &key, sizeof(key), v,
				 (size_t)cpus * sizeof(*v), 0))
		return err_r(-errno, "read the BPF counters");
	*sum = (struct cs_stat){0};
	for (cpu = 0; cpu < cpus; cpu++) {
		sum->count += v[cpu].count;
		sum->amount += v[cpu].amount;
	}
	return 0;
}

/* The tracepoint tier sees a zero-copy skb come in, and has to infer where it is copied: see
 * copy_ubufs_tp in bpf/skb.bpf.c.
 */
static int read_quantity(const struct probe *p, enum cs_bank bank, enum cs_slot slot,
			 enum cs_quantity q, struct cs_stat *sum)
{
	int err = read_stat(p, bank, slot, q, sum);

	if (err || q != CS_Q_COPY_UBUFS || bank != CS_BANK_TRACEPOINT || sum->count)
		return err;
	return read_stat(p, bank, slot, CS_Q_COPY_UBUFS_HOPS, sum);
}

static void set_value(struct metric_value v[METRIC_MAX_], enum metric_id m, uint64_t value,
		      const char *via, const char *bound)
{
	if (m == METRIC_MAX_)
		return;
	v[m] = value_ok((double)value, via);
	if (bound) {
		v[m].status = VALUE_LOSSY;
		v[m].reason = bound;
	}
}

static void set_unsupported(struct metric_value v[METRIC_MAX_], enum metric_id m,
			    const char *reason)
{
	if (m != METRIC_MAX_)
		v[m] = value_unsupported(reason);
}

static void note_difference(struct run_set *set, struct run_result *r, enum cs_quantity q,
			    enum cs_slot slot, const char *what, uint64_t a, uint64_t b)
{
	_cleanup_free_ char *name = NULL;

	if (a == b)
		return;
	name = xasprintf("tiers disagree: %s of %s, %s: %llu and %llu, difference", what,
			 probe_defs[q].name, role_names[slot_role[slot]], (unsigned long long)a,
			 (unsigned long long)b);
	run_result_drop(r, run_set_str(set, name), a > b ? a - b : b - a);
}

/* Runs the kernel skipped are events not seen: the count is too small, by at most that many. */
static const char *skipped_runs(struct probe *p, const struct probe_impl *impl, struct run_set *set)
{
	uint64_t skipped = 0;
	size_t i;

	for (i = 0; i < IMPL_PROGRAMS_MAX && impl->program[i]; i++) {
		size_t program = (size_t)probe_program_index(impl->program[i]);

		skipped += program_skipped_runs(p, program) - p->skipped_at_start[program];
	}
	if (skipped) {
		_cleanup_free_ char *text = xasprintf("lower bound: the kernel skipped %llu runs of "
						      "its probes as nested",
						      (unsigned long long)skipped);

		return run_set_str(set, text);
	}
	return NULL;
}

/* Two tiers saw the same events, each through its own programs and counters. */
static int cross_check(struct probe *p, enum cs_quantity q, enum cs_slot slot,
		       const struct cs_stat *first, struct run_set *set, struct run_result *r)
{
	const struct probe_def *def = &probe_defs[q];
	const struct quantity_plan *plan = &p->plan.quantity[q];
	struct cs_stat second;
	int err;

	/* Where runs were skipped a difference is explained, and the value marked already. */
	if (!plan->check || skipped_runs(p, plan->impl, set) || skipped_runs(p, plan->check, set))
		return 0;
	err = read_quantity(p, probe_bank(plan->check->tier), slot, q, &second);
	if (err)
		return err;
	if (def->count != METRIC_MAX_ && !plan->impl->count_bound && !plan->check->count_bound)
		note_difference(set, r, q, slot, "count", first->count, second.count);
	if (def->amount != METRIC_MAX_)
		note_difference(set, r, q, slot, "amount", first->amount, second.amount);
	return 0;
}

static int collect_slot(struct probe *p, enum cs_quantity q, enum cs_slot slot, struct run_set *set,
			struct run_result *r)
{
	const struct probe_def *def = &probe_defs[q];
	const struct probe_impl *impl = p->plan.quantity[q].impl;
	_cleanup_free_ char *text = xasprintf("%s:%s", tier_names[impl->tier], impl->via);
	const char *via = run_set_str(set, text);
	enum role role = slot_role[slot];
	struct cs_stat stat = {0};
	const char *skipped;
	int err = read_quantity(p, probe_bank(impl->tier), slot, q, &stat);

	if (err)
		return err;
	skipped = skipped_runs(p, impl, set);
	set_value(r->v[role], def->count, stat.count, via, skipped ? skipped : impl->count_bound);
	set_value(r->v[role], def->amount, stat.amount, via, skipped);
	if (impl->copy_function && stat.amount && !p->plan.quantity[CS_Q_PATH_COPY].impl)
		run_result_copy(r, &(struct path_copy){
					   .role = role,
					   .function = run_set_str(set, impl->copy_function),
					   .reason = run_set_str(set, impl->copy_reason),
					   .count = stat.count,
					   .bytes = stat.amount,
				   });
	return cross_check(p, q, slot, &stat, set, r);
}

static int collect_quantity(struct probe *p, enum cs_quantity q, struct run_set *set,
			    struct run_result *r)
{
	const struct probe_def *def = &probe_defs[q];
	const struct quantity_plan *plan = &p->plan.quantity[q];
	const char *reason = run_set_str(set, plan->reason);
	enum cs_slot slot;
	int err = 0;

	for (slot = CS_SLOT_SERVER; slot <= CS_SLOT_CLIENT && !err; slot++) {
		if (plan->impl) {
			err = collect_slot(p, q, slot, set, r);
			continue;
		}
		set_unsupported(r->v[slot_role[slot]], def->count, reason);
		set_unsupported(r->v[slot_role[slot]], def->amount, reason);
	}
	return err;
}

/* Each part begins as well known as the whole: nothing of it is 0 only where path copies were watched,
 * and a lower bound where runs were skipped. User space adds the places it has told apart.
 */
static void prepare_path_metrics(struct run_result *r)
{
	enum cs_slot slot;
	size_t i;

	for (slot = CS_SLOT_SERVER; slot <= CS_SLOT_CLIENT; slot++) {
		struct metric_value *v = r->v[slot_role[slot]];

		for (i = 0; i < ARRAY_SIZE(path_metrics); i++) {
			v[path_metrics[i]] = v[M_PATH_COPY_BYTES];
			v[path_metrics[i]].value = 0;
		}
	}
}

/* The quantity holds a sum of times; the metric is their mean, and there is a histogram besides. */
static int collect_completion_latency(struct probe *p, struct run_result *r)
{
	int cpu, cpus = libbpf_num_possible_cpus(), err;
	_cleanup_free_ __u64 *v = xcalloc((size_t)cpus, sizeof(*v));
	struct metric_value *mean = &r->v[ROLE_SERVER][M_COMPLETION_LATENCY_NS];
	struct cs_stat stat = {0};
	__u32 i;

	r->v[ROLE_CLIENT][M_COMPLETION_LATENCY_NS] = (struct metric_value){0};
	if (!p->plan.quantity[CS_Q_ZC_LATENCY].impl)
		return 0;
	err = read_stat(p, CS_BANK_FUNCTION, CS_SLOT_SERVER, CS_Q_ZC_LATENCY, &stat);
	if (err || !stat.count) {
		*mean = (struct metric_value){0}; /* nothing was sent zero-copy */
		return err;
	}
	mean->value = (double)stat.amount / (double)stat.count;
	free(r->completion);
	r->completion = xcalloc(1, sizeof(*r->completion));
	for (i = 0; i < HIST_BUCKETS; i++) {
		if (bpf_map__lookup_elem(p->skel->maps.cs_latency, &i, sizeof(i), v,
					 (size_t)cpus * sizeof(*v), 0))
			return err_r(-errno, "read the completion latencies");
		for (cpu = 0; cpu < cpus; cpu++)
			hist_record_n(r->completion, hist_bucket_low(i), v[cpu]);
	}
	r->completion->sum = stat.amount;
	return 0;
}

static int collect_drops(struct probe *p, struct run_set *set, struct run_result *r)
{
	int cpu, cpus = libbpf_num_possible_cpus();
	_cleanup_free_ __u64 *v = xcalloc((size_t)cpus, sizeof(*v));
	__u64 sum;
	__u32 drop;
	size_t i;

	for (drop = 0; drop < CS_DROP_MAX_; drop++) {
		if (bpf_map__lookup_elem(p->skel->maps.cs_drops, &drop, sizeof(drop), v,
					 (size_t)cpus * sizeof(*v), 0))
			return err_r(-errno, "read the drop counters");
		for (sum = 0, cpu = 0; cpu < cpus; cpu++)
			sum += v[cpu];
		if (sum)
			run_result_drop(r, run_set_str(set, drop_names[drop]), sum);
	}
	for (i = 0; i < probe_program_cnt; i++) {
		_cleanup_free_ char *name = NULL;

		if (!p->plan.program[i].wanted)
			continue;
		sum = program_skipped_runs(p, i) - p->skipped_at_start[i];
		if (!sum)
			continue;
		name = xasprintf("runs of %s skipped as nested", probe_programs[i].name);
		run_result_drop(r, run_set_str(set, name), sum);
	}
	return 0;
}

int probe_collect(struct probe *p, struct run_set *set, struct run_result *r)
{
	int q, err;

	for (q = 0; q < CS_Q_MAX_; q++) {
		err = collect_quantity(p, (enum cs_quantity)q, set, r);
		if (err)
			return err;
	}
	prepare_path_metrics(r);
	err = collect_completion_latency(p, r);
	return err ?: collect_drops(p, set, r);
}

/* ---- description ------------------------------------------------------------------------- */

void probe_describe(const struct probe *p, struct run_set *set)
{
	int q;

	set->probe_cnt = 0;
	for (q = 0; q < CS_Q_MAX_; q++) {
		const struct quantity_plan *plan = &p->plan.quantity[q];

		array_grow(set->probe, set->probe_cnt, set->probe_cap);
		set->probe[set->probe_cnt++] = (struct probe_note){
			.quantity = run_set_str(set, probe_defs[q].name),
			.tier = plan->impl ? run_set_str(set, tier_names[plan->impl->tier]) : NULL,
			.via = plan->impl ? run_set_str(set, plan->impl->via) : NULL,
			.reason = run_set_str(set, plan->reason),
		};
	}
}
