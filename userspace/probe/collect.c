// SPDX-License-Identifier: GPL-2.0-only
/* Reading what the BPF programs counted, and starting a new count. */
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
};
static_assert_complete(drop_names, CS_DROP_MAX_);

static const enum role slot_role[] = {
	[CS_SLOT_SERVER] = ROLE_SERVER,
	[CS_SLOT_CLIENT] = ROLE_CLIENT,
	[CS_SLOT_KERNEL] = ROLE_KERNEL,
};
static_assert_complete(slot_role, CS_SLOT_MAX_);

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
	err = err ?: empty_map(p->skel->maps.cs_samples);
	err = err ?: empty_map(p->skel->maps.cs_offcpu);
	err = err ?: empty_map(p->skel->maps.cs_stacks);
	err = err ?: empty_map(p->skel->maps.cs_stacks_spill);
	if (err)
		return err_r(err, "empty the BPF maps");
	for (i = 0; i < probe_program_cnt; i++)
		if (p->plan.program[i].wanted)
			p->misses_at_start[i] = program_recursion_misses(p, i);
	__atomic_store_n(&p->skel->bss->cs_active, 1, __ATOMIC_RELEASE);
	return 0;
}

void probe_stop(struct probe *p)
{
	__atomic_store_n(&p->skel->bss->cs_active, 0, __ATOMIC_RELEASE);
}

/* ---- counters ---------------------------------------------------------------------------- */

static int read_stat(const struct probe *p, enum cs_slot slot, enum cs_quantity q,
		     struct cs_stat *sum)
{
	int cpu, cpus = libbpf_num_possible_cpus();
	_cleanup_free_ struct cs_stat *v = xcalloc((size_t)cpus, sizeof(*v));
	__u32 key = slot * CS_Q_MAX_ + q;

	if (bpf_map__lookup_elem(p->skel->maps.cs_stats, &key, sizeof(key), v,
				 (size_t)cpus * sizeof(*v), 0))
		return err_r(-errno, "read the BPF counters");
	*sum = (struct cs_stat){0};
	for (cpu = 0; cpu < cpus; cpu++) {
		sum->count += v[cpu].count;
		sum->amount += v[cpu].amount;
		sum->ns += v[cpu].ns;
	}
	return 0;
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

static int collect_quantity(struct probe *p, enum cs_quantity q, struct run_set *set,
			    struct run_result *r)
{
	const struct probe_def *def = &probe_defs[q];
	const struct probe_impl *impl = p->plan.quantity[q].impl;
	const char *reason = run_set_str(set, p->plan.quantity[q].reason);
	struct cs_stat stat = {0};
	enum cs_slot slot;
	int err;

	for (slot = CS_SLOT_SERVER; slot <= CS_SLOT_CLIENT; slot++) {
		struct metric_value *v = r->v[slot_role[slot]];

		if (!impl) {
			set_unsupported(v, def->count, reason);
			set_unsupported(v, def->amount, reason);
			continue;
		}
		err = read_stat(p, slot, q, &stat);
		if (err)
			return err;
		set_value(v, def->count, stat.count, impl->via, impl->count_bound);
		set_value(v, def->amount, stat.amount, impl->via, NULL);
		if (impl->copy_function && stat.amount)
			run_result_copy(r, &(struct path_copy){
						   .role = slot_role[slot],
						   .function = run_set_str(set, impl->copy_function),
						   .reason = run_set_str(set, impl->copy_reason),
						   .count = stat.count,
						   .bytes = stat.amount,
					   });
	}
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
		sum = program_recursion_misses(p, i) - p->misses_at_start[i];
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
	return collect_drops(p, set, r);
}

/* ---- stacks ------------------------------------------------------------------------------ */

static unsigned int read_stack(struct probe *p, __s32 id, uint64_t *addr)
{
	bool spilled = id >= CS_STACK_SPILL;
	struct bpf_map *map = spilled ? p->skel->maps.cs_stacks_spill : p->skel->maps.cs_stacks;
	__u32 key = (__u32)(spilled ? id - CS_STACK_SPILL : id);
	unsigned int n = 0;

	if (id < 0 || bpf_map__lookup_elem(map, &key, sizeof(key), addr,
					   CS_STACK_DEPTH * sizeof(*addr), 0))
		return 0;
	while (n < CS_STACK_DEPTH && addr[n])
		n++;
	return n;
}

static int emit_stack(struct probe *p, struct raw_stack *s, __s32 kernel, __s32 user,
		      int (*fn)(const struct raw_stack *s, void *ctx), void *ctx)
{
	uint64_t kernel_addr[CS_STACK_DEPTH], user_addr[CS_STACK_DEPTH];

	s->kernel = kernel_addr;
	s->user = user_addr;
	s->kernel_cnt = read_stack(p, kernel, kernel_addr);
	s->user_cnt = read_stack(p, user, user_addr);
	return fn(s, ctx);
}

static int each_sample(struct probe *p, int (*fn)(const struct raw_stack *s, void *ctx), void *ctx)
{
	struct bpf_map *map = p->skel->maps.cs_samples;
	struct cs_sample_key key, *prev = NULL, next;
	__u64 n;
	int err;

	for (; !bpf_map__get_next_key(map, prev, &next, sizeof(next)); prev = &key) {
		key = next;
		if (key.slot >= CS_SLOT_MAX_ ||
		    bpf_map__lookup_elem(map, &key, sizeof(key), &n, sizeof(n), 0))
			continue;
		err = emit_stack(p,
				 &(struct raw_stack){
					 .kind = STACK_ONCPU,
					 .role = slot_role[key.slot],
					 .tgid = (int)key.tgid,
					 .count = n,
				 },
				 key.kernel_stack, key.user_stack, fn, ctx);
		if (err)
			return err;
	}
	return 0;
}

static int each_offcpu(struct probe *p, int (*fn)(const struct raw_stack *s, void *ctx), void *ctx)
{
	struct bpf_map *map = p->skel->maps.cs_offcpu;
	struct cs_offcpu_key key, *prev = NULL, next;
	struct cs_offcpu span;
	int err;

	for (; !bpf_map__get_next_key(map, prev, &next, sizeof(next)); prev = &key) {
		key = next;
		if (key.slot >= CS_SLOT_MAX_ ||
		    bpf_map__lookup_elem(map, &key, sizeof(key), &span, sizeof(span), 0))
			continue;
		err = emit_stack(p,
				 &(struct raw_stack){
					 .kind = STACK_OFFCPU,
					 .role = slot_role[key.slot],
					 .tgid = (int)key.tgid,
					 .voluntary = key.voluntary,
					 .count = span.count,
					 .ns = span.ns,
				 },
				 key.kernel_stack, key.user_stack, fn, ctx);
		if (err)
			return err;
	}
	return 0;
}

int probe_for_each_stack(struct probe *p, int (*fn)(const struct raw_stack *s, void *ctx), void *ctx)
{
	return each_sample(p, fn, ctx) ?: each_offcpu(p, fn, ctx);
}

/* ---- description ------------------------------------------------------------------------- */

void probe_describe(const struct probe *p, struct run_set *set)
{
	int q;

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
