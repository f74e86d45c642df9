// SPDX-License-Identifier: GPL-2.0-only
/* Reading what the BPF programs counted, and starting a new count. The stacks: stacks.c. */
#include "probe/session.h"

#include <errno.h>
#include <string.h>

#include "core/log.h"

/* core/drop.def.h has a row for each drop of the BPF programs, in their order. */
#define DROP(...)
#define BPF_DROP(id, ...) _Static_assert((int)DROP_##id == CS_DROP_##id, "the order of enum cs_drop");
#include "core/drop.def.h"
#define BPF_DROP(...) +1
_Static_assert(CS_DROP_MAX_ ==
#include "core/drop.def.h"
	       , "a row a drop");
#undef DROP

_Static_assert(CS_HIST_BUCKETS == HIST_BUCKETS && CS_HIST_SUB_BITS == HIST_SUB_BITS,
	       "the histogram in the kernel and core/hist.h must have one layout");

/* ---- start and stop ---------------------------------------------------------------------- */

/* One call for the whole map: before a pass each call counts. */
static int zero_percpu_array(struct bpf_map *map)
{
	size_t value_size = bpf_map__value_size(map);
	size_t size = ((value_size + 7) & ~7UL) * (size_t)libbpf_num_possible_cpus();
	__u32 i, n = bpf_map__max_entries(map);
	_cleanup_free_ void *zero = xcalloc(n, size);
	_cleanup_free_ __u32 *key = xcalloc(n, sizeof(*key));

	for (i = 0; i < n; i++)
		key[i] = i;
	return bpf_map_update_batch(bpf_map__fd(map), key, zero, &n, NULL);
}

/* The next key is asked for while its predecessor is there: without that the map is searched from its
 * beginning each time.
 */
static int empty_map(struct bpf_map *map)
{
	size_t key_size = bpf_map__key_size(map);
	_cleanup_free_ void *key = xcalloc(1, key_size), *next = xcalloc(1, key_size);
	int end = bpf_map__get_next_key(map, NULL, key, key_size);

	while (!end) {
		end = bpf_map__get_next_key(map, key, next, key_size);
		if (bpf_map__delete_elem(map, key, key_size, 0))
			return -errno;
		memcpy(key, next, key_size);
	}
	return 0;
}

/* The first sample of each account and CPU comes anywhere within the first interval. */
static int begin_offcpu_samples(const struct probe *p)
{
	int cpu, cpus = libbpf_num_possible_cpus(), err = 0;
	_cleanup_free_ __u64 *due_ns = xcalloc((size_t)cpus, sizeof(*due_ns));
	uint64_t random = monotonic_ns();
	__u32 account;

	for (account = 1; account <= p->config.owner_cnt && !err && p->config.offcpu_sample_ns; account++) {
		for (cpu = 0; cpu < cpus; cpu++)
			due_ns[cpu] = next_random(&random) % p->config.offcpu_sample_ns;
		err = bpf_map__update_elem(p->skel->maps.cs_offcpu_due, &account, sizeof(account), due_ns,
					   (size_t)cpus * sizeof(*due_ns), BPF_ANY);
	}
	return err;
}

int probe_start(struct probe *p)
{
	int err;

	err = zero_percpu_array(p->skel->maps.cs_counts);
	err = err ?: zero_percpu_array(p->skel->maps.cs_drops);
	err = err ?: zero_percpu_array(p->skel->maps.cs_latency);
	err = err ?: zero_percpu_array(p->skel->maps.cs_sizes);
	err = err ?: empty_map(p->skel->maps.cs_path);
	err = err ?: empty_map(p->skel->maps.cs_path_stacks);
	err = err ?: empty_map(p->skel->maps.cs_zc_sends);
	err = err ?: empty_map(p->skel->maps.cs_ubufs);
	err = err ?: empty_map(p->skel->maps.cs_samples);
	err = err ?: empty_map(p->skel->maps.cs_offcpu);
	err = err ?: begin_offcpu_samples(p);
	err = err ?: empty_map(p->skel->maps.cs_stacks);
	err = err ?: empty_map(p->skel->maps.cs_stacks_spill);
	if (err)
		return err_r(err, "empty the BPF maps");
	programs_note_skipped_runs(p);
	p->skel->bss->cs_zc_seen = p->skel->bss->cs_ubufs_seen = 0;
	__atomic_store_n(&p->skel->bss->cs_active, 1, __ATOMIC_RELEASE);
	return 0;
}

void probe_stop(struct probe *p)
{
	__atomic_store_n(&p->skel->bss->cs_active, 0, __ATOMIC_RELEASE);
}

/* ---- counters ---------------------------------------------------------------------------- */

static void add_counts(struct cs_counts *sum, const struct cs_counts *one)
{
	int bank, q;

	for (bank = 0; bank < CS_BANK_MAX_; bank++) {
		for (q = 0; q < CS_Q_MAX_; q++) {
			sum->stat[bank][q].count += one->stat[bank][q].count;
			sum->stat[bank][q].amount += one->stat[bank][q].amount;
		}
	}
}

static int read_counts(struct probe *p)
{
	int cpu, cpus = libbpf_num_possible_cpus();
	_cleanup_free_ struct cs_counts *v = xcalloc((size_t)cpus, sizeof(*v));
	unsigned int owner;

	memset(p->counted, 0, sizeof(p->counted));
	for (owner = 1; owner <= p->config.owner_cnt; owner++) {
		if (bpf_map__lookup_elem(p->skel->maps.cs_counts, &owner, sizeof(owner), v,
					 (size_t)cpus * sizeof(*v), 0))
			return err_r(-errno, "read the BPF counters");
		for (cpu = 0; cpu < cpus; cpu++)
			add_counts(&p->counted[owner], &v[cpu]);
	}
	return 0;
}

static int read_drops(struct probe *p)
{
	int cpu, cpus = libbpf_num_possible_cpus();
	_cleanup_free_ __u64 *v = xcalloc((size_t)cpus, sizeof(*v));
	__u32 drop;

	for (drop = 0; drop < CS_DROP_MAX_; drop++) {
		p->dropped[drop] = 0;
		if (bpf_map__lookup_elem(p->skel->maps.cs_drops, &drop, sizeof(drop), v,
					 (size_t)cpus * sizeof(*v), 0))
			return err_r(-errno, "read the drop counters");
		for (cpu = 0; cpu < cpus; cpu++)
			p->dropped[drop] += v[cpu];
	}
	return 0;
}

static const struct cs_stat *counted(const struct probe *p, const struct probe_impl *impl, unsigned int owner,
				     enum cs_quantity q)
{
	const struct cs_stat *stat = p->counted[owner].stat[probe_bank(impl->tier)];

	return !impl->stands_in || stat[q].count ? &stat[q] : &stat[impl->stands_in];
}

struct metric_value counted_value(double value, const char *via, enum bound bound,
				  const struct reason *why, const struct reason *skipped)
{
	struct metric_value v = value_ok(value, via);

	if (skipped && bound == BOUND_UPPER)
		return value_unsupported(skipped);
	if (bound == BOUND_UPPER && value <= 0) /* at most nothing is nothing */
		return v;
	if (skipped || bound)
		value_make_bound(&v, skipped ? BOUND_LOWER : bound, skipped ?: why);
	return v;
}

static void set_value(struct metric_value v[METRIC_MAX_], enum metric_id m, struct metric_value value)
{
	if (m != METRIC_MAX_)
		v[m] = value;
}

static void note_difference(struct run_set *set, struct run_result *r, enum cs_quantity q,
			    unsigned int owner, const char *what, uint64_t a, uint64_t b)
{
	_cleanup_free_ char *detail = NULL;

	if (a == b)
		return;
	detail = xasprintf("%s of %s, %s: %llu and %llu, difference", what, probe_defs[q].name,
			   set->owner[owner].label, (unsigned long long)a, (unsigned long long)b);
	run_result_drop(r, DROP_DISAGREEMENT, run_set_str(set, detail), a > b ? a - b : b - a);
}

/* What of this owner's passed unseen, so that it is no number; NULL: nothing. */
static const char *blind_to(const struct probe_impl *impl, const struct run_set *set, const struct run_result *r,
			    unsigned int owner)
{
	const struct mode_info *mode = run_set_mode(set, r);

	if (set->owner[owner].flow & FLOW_RECEIVES && !receive_is_traced(set->plan.receive_way))
		return impl->blind_to;
	if (set->owner[owner].flow & FLOW_SENDS && mode && mode->traits.transport == TRANSPORT_UDP &&
	    mode->traits.way == WAY_ZEROCOPY)
		return impl->blind_to_references;
	return NULL;
}

/* Of kTLS the functions count records, the tracepoints calls. */
static bool counts_records(const struct probe *p, unsigned int owner)
{
	const struct cs_stat *stat = p->counted[owner].stat[CS_BANK_FUNCTION];

	return stat[CS_Q_TLS_FRAMING].count || stat[CS_Q_DECRYPT].count;
}

/* Two tiers saw the same events, each through its own programs and counters. */
static void cross_check(struct probe *p, enum cs_quantity q, unsigned int owner,
			const struct cs_stat *first, struct run_set *set, struct run_result *r)
{
	const struct probe_def *def = &probe_defs[q];
	const struct quantity_plan *plan = &p->plan.quantity[q];
	const struct cs_stat *second;

	/* Where runs were skipped a difference is explained, and the value marked already. */
	if (!plan->check || blind_to(plan->check, set, r, owner) || probe_skipped(p, plan->impl, set) ||
	    probe_skipped(p, plan->check, set))
		return;
	second = counted(p, plan->check, owner, q);
	if (def->count != METRIC_MAX_ && !plan->impl->count_bound && !plan->check->count_bound &&
	    !counts_records(p, owner))
		note_difference(set, r, q, owner, "count", first->count, second->count);
	if (def->amount != METRIC_MAX_)
		note_difference(set, r, q, owner, "amount", first->amount, second->amount);
}

/* Told apart there, by place and reason. */
static bool in_path_map(const struct probe *p, const struct probe_impl *impl)
{
	enum stage s = copy_stage(impl->copy_function, impl->copy_reason);

	return stage_defs[s].direction == DIRECTION_PATH && p->plan.quantity[CS_Q_PATH_COPY].impl;
}

static void add_copy(const struct probe_impl *impl, unsigned int owner, const struct cs_stat *stat,
		     struct run_set *set, struct run_result *r)
{
	if (stat->amount)
		run_result_copy(r, &(struct path_copy){
					   .owner = owner,
					   .stage = copy_stage(impl->copy_function, impl->copy_reason),
					   .function = run_set_str(set, impl->copy_function),
					   .reason = impl->copy_reason,
					   .count = stat->count,
					   .bytes = stat->amount,
				   });
}

/* "tracepoint:sock_send_length" */
static const char *provenance(struct run_set *set, enum tier tier, const char *via)
{
	_cleanup_free_ char *text = xasprintf("%s:%s", tier_names[tier], via);

	return run_set_str(set, text);
}

static void collect_observed(struct probe *p, enum cs_quantity q, unsigned int owner,
			     struct run_set *set, struct run_result *r)
{
	const struct probe_def *def = &probe_defs[q];
	const struct probe_impl *impl = p->plan.quantity[q].impl;
	_cleanup_free_ char *how = impl_via(impl, p->plan.extras);
	const char *via = provenance(set, impl->tier, how);
	const char *amount_via = impl->amount_via ? provenance(set, impl->tier, impl->amount_via) : via;
	const struct reason *skipped = probe_skipped(p, impl, set);
	/* what a program does that is not ours nobody knows beforehand */
	const bool blind = set->plan.attached && impl->blind_to;
	const enum bound least = blind ? BOUND_LOWER : BOUND_NONE;
	const struct reason *why = run_set_reason(
		set, blind ? &(struct reason){.code = REASON_WAYS_UNSEEN, .detail = impl->blind_to} :
			     &(struct reason){.code = impl->bound_reason});
	const struct cs_stat *stat = counted(p, impl, owner, q);

	if (def->shape == SHAPE_LATENCY) {
		if (stat->count) /* else there is nothing it could be the mean of */
			set_value(r->v[owner], def->amount,
				  value_ok((double)stat->amount / (double)stat->count, via));
		return;
	}
	set_value(r->v[owner], def->amount,
		  counted_value((double)stat->amount, amount_via, impl->amount_bound | least, why, skipped));
	set_value(r->v[owner], def->count,
		  counted_value((double)stat->count, via, impl->count_bound | least, why, skipped));
	if (impl->copy_function && !in_path_map(p, impl))
		add_copy(impl, owner, stat, set, r);
	cross_check(p, q, owner, stat, set, r);
}

static void collect_quantity(struct probe *p, enum cs_quantity q, struct run_set *set,
			     struct run_result *r)
{
	const struct probe_def *def = &probe_defs[q];
	const struct quantity_plan *plan = &p->plan.quantity[q];
	struct reason unseen = {.code = REASON_NO_TRACEPOINT, .tier = TIER_TRACEPOINT, .next = plan->reason};
	struct metric_value absent;
	unsigned int owner;

	if (!probe_asked(def, p->config.extras))
		return;
	for (owner = 1; owner <= p->config.owner_cnt; owner++) {
		unseen.detail = plan->impl ? blind_to(plan->impl, set, r, owner) : NULL;
		if (plan->impl && !unseen.detail) {
			collect_observed(p, q, owner, set, r);
			continue;
		}
		absent = value_unsupported(run_set_reason(set, plan->impl ? &unseen : plan->reason));
		if (def->count != METRIC_MAX_)
			r->v[owner][def->count] = absent;
		if (def->amount != METRIC_MAX_)
			r->v[owner][def->amount] = absent;
	}
}

static void begin_part(struct metric_value v[METRIC_MAX_], enum metric_id m)
{
	if (m == METRIC_MAX_ || probe_counts(m))
		return;
	v[m] = v[M_PATH_COPY_BYTES];
	v[m].value = 0;
}

/* The parts of the path copies begin as well known as the whole: nothing of one is 0 only where path copies
 * were watched, and a lower bound where runs were skipped.
 */
static void begin_path_parts(const struct probe *p, struct run_result *r)
{
	unsigned int owner;
	enum stage s;

	for (owner = 1; owner <= p->config.owner_cnt; owner++) {
		for (s = 0; s < STAGE_MAX_; s++) {
			if (stage_defs[s].direction != DIRECTION_PATH)
				continue;
			begin_part(r->v[owner], stage_defs[s].bytes);
			begin_part(r->v[owner], stage_defs[s].count);
		}
	}
}

/* Of all owners together. */
static int collect_latency(struct probe *p, struct run_result *r)
{
	int cpu, cpus = libbpf_num_possible_cpus();
	_cleanup_free_ __u64 *v = xcalloc(HIST_BUCKETS * (size_t)cpus, sizeof(*v));
	_cleanup_free_ __u32 *bucket = xcalloc(HIST_BUCKETS, sizeof(*bucket));
	__u32 i, batch, n = HIST_BUCKETS;
	struct cs_stat sum = {0};
	unsigned int owner;

	for (owner = 1; owner <= p->config.owner_cnt; owner++) {
		sum.count += p->counted[owner].stat[CS_BANK_FUNCTION][CS_Q_ZC_LATENCY].count;
		sum.amount += p->counted[owner].stat[CS_BANK_FUNCTION][CS_Q_ZC_LATENCY].amount;
	}
	if (!sum.count)
		return 0;
	if (bpf_map_lookup_batch(bpf_map__fd(p->skel->maps.cs_latency), NULL, &batch, bucket, v, &n, NULL) &&
	    errno != ENOENT) /* it has reached the end */
		return err_r(-errno, "read the completion latencies");
	free(r->completion);
	r->completion = xcalloc(1, sizeof(*r->completion));
	for (i = 0; i < n; i++)
		for (cpu = 0; cpu < cpus; cpu++)
			hist_record_n(r->completion, hist_bucket_low(bucket[i]), v[i * (__u32)cpus + (__u32)cpu]);
	r->completion->sum = sum.amount;
	return 0;
}

static void collect_drops(struct probe *p, struct run_set *set, struct run_result *r)
{
	uint64_t sum;
	__u32 drop;
	size_t i;

	for (drop = 0; drop < CS_DROP_MAX_; drop++)
		if (p->dropped[drop])
			run_result_drop(r, (enum drop_kind)drop, NULL, p->dropped[drop]);
	for (i = 0; i < p->plan.program_cnt; i++) {
		const struct program_state *program = &p->plan.program[i];

		sum = program->wanted ? program_skipped_runs(p, program) : 0;
		if (sum)
			run_result_drop(r, at_return(p, program) ? DROP_MISSED_RETURNS : DROP_SKIPPED_RUNS,
					run_set_str(set, program->name), sum);
	}
}

int probe_collect(struct probe *p, struct run_set *set, struct run_result *r)
{
	int q, err = read_counts(p) ?: read_drops(p) ?: probe_collect_calls(p, r);

	if (err)
		return err;
	for (q = 0; q < CS_Q_MAX_; q++)
		collect_quantity(p, (enum cs_quantity)q, set, r);
	begin_path_parts(p, r);
	collect_drops(p, set, r);
	return p->plan.quantity[CS_Q_ZC_LATENCY].impl ? collect_latency(p, r) : 0;
}

/* ---- description ------------------------------------------------------------------------- */

void probe_describe(const struct probe *p, struct run_set *set)
{
	unsigned int series = set->probe_cnt ? run_set_series(set) + 1 : 0;
	int q;

	for (q = 0; q < CS_Q_MAX_; q++) {
		const struct quantity_plan *plan = &p->plan.quantity[q];
		_cleanup_free_ char *via = plan->impl ? impl_via(plan->impl, p->plan.extras) : NULL;

		if (!probe_asked(&probe_defs[q], p->config.extras))
			continue;
		array_grow(set->probe, set->probe_cnt, set->probe_cap);
		set->probe[set->probe_cnt++] = (struct probe_note){
			.quantity = run_set_str(set, probe_defs[q].name),
			.tier = plan->impl ? plan->impl->tier : TIER_NONE,
			.via = via ? run_set_str(set, via) : NULL,
			.reason = run_set_reason(set, plan->reason),
			.series = series,
		};
	}
}
