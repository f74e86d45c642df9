/* SPDX-License-Identifier: GPL-2.0-only */
/* A made-up run_set in several flavours, deterministic and self-consistent: its ledger balances unless
 * the flavour says otherwise. Shared by the unit tests; the inputs of tests/golden too.
 */
#ifndef TESTS_RESULT_FIXTURE_H
#define TESTS_RESULT_FIXTURE_H

#include <string.h>

#include "core/result.h"

/* Its owners, as those of a run. */
enum { OWNER_CELL = OWNER_WHOLE, OWNER_SERVER, OWNER_CLIENT, OWNER_KERNEL };

enum {
	FIXTURE_ONE_REPETITION = 1,
	FIXTURE_NO_PMU = 2,
	FIXTURE_NO_STACKS = 4,
	FIXTURE_PARTIAL = 8,
	FIXTURE_HOSTILE = 16,
	FIXTURE_OFF_BY_ONE = 32, /* one byte is missing in one cell */
	FIXTURE_MANY = 64,	 /* twelve repetitions */
};

static const struct {
	const char *flavour;
	unsigned int flags;
} fixtures[] = {
	{"normal", 0},
	{"one-repetition", FIXTURE_ONE_REPETITION | FIXTURE_NO_STACKS},
	{"no-pmu", FIXTURE_NO_PMU},
	{"no-stacks", FIXTURE_NO_STACKS | FIXTURE_OFF_BY_ONE},
	{"partial", FIXTURE_PARTIAL | FIXTURE_ONE_REPETITION | FIXTURE_NO_PMU},
	{"hostile", FIXTURE_HOSTILE | FIXTURE_ONE_REPETITION},
};

static const char hostile_text[] =
	"<script>alert(1)</script>\"';,|`*_[x](y)\n=cmd()\xe2\x80\xae\xff\xc0\xaf&amp;]]>-->";

static uint64_t fixture_random(uint64_t *state)
{
	*state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
	return *state >> 33;
}

/* base +- 4 % */
static double fixture_noisy(uint64_t *state, double base)
{
	return base * (0.96 + 0.08 * (double)(fixture_random(state) % 1000) / 1000);
}

static void fixture_plan(struct run_set *set, unsigned int flags)
{
	static const uint64_t sizes[] = {16 * KIB, 64 * KIB, 256 * KIB, 1 * MIB};
	static const unsigned int threads[] = {1, 4};
	bool hostile = flags & FIXTURE_HOSTILE;
	struct mode_info modes[] = {
		{hostile ? hostile_text : "A1", "two-copy", "flatten, then send", {.flattens = true}},
		{hostile ? "../../etc/x" : "A2", "one-copy", "sendmsg with 8 iovecs", {.way = WAY_COPY}},
		{"A3", hostile ? hostile_text : "zero-copy", "sendmsg with MSG_ZEROCOPY",
		 {.way = WAY_ZEROCOPY, .takes_ids = true, .has_completions = true}},
	};
	struct run_plan *p = &set->plan;
	size_t i;

	p->mode_cnt = ARRAY_SIZE(modes);
	p->mode = xcalloc(p->mode_cnt, sizeof(*p->mode));
	for (i = 0; i < p->mode_cnt; i++)
		p->mode[i] = (struct mode_info){run_set_str(set, modes[i].name),
						run_set_str(set, modes[i].title),
						run_set_str(set, modes[i].help), modes[i].traits};
	p->size_cnt = flags & ~(unsigned int)FIXTURE_MANY ? 2 : ARRAY_SIZE(sizes);
	p->size_bytes = xcalloc(p->size_cnt, sizeof(*sizes));
	memcpy(p->size_bytes, sizes, p->size_cnt * sizeof(*sizes));
	p->thread_cnt = ARRAY_SIZE(threads);
	p->threads = xcalloc(p->thread_cnt, sizeof(*threads));
	memcpy(p->threads, threads, sizeof(threads));
	p->repetitions = flags & FIXTURE_ONE_REPETITION ? 1 : flags & FIXTURE_MANY ? 12 : 3;
	p->duration_ns = NSEC_PER_SEC;
	p->path = run_set_str(set, "veth");
	p->pattern = run_set_str(set, "stream");
	p->tier = run_set_str(set, "tracepoint");
	p->level = run_set_str(set, "light");
	p->congestion = run_set_str(set, "cubic");
	p->frequency_hz = 999;
}

static void fixture_workload(struct run_set *set, struct run_result *r, size_t mode, double bytes,
			     uint64_t *state)
{
	static const char via[] = "workload";
	struct metric_value *s = r->v[OWNER_SERVER], *c = r->v[OWNER_CLIENT];
	double seconds = 1, gbps = bytes * 8 / 1e9 / seconds;
	double latency = (double)r->key.size_bytes * r->key.threads / bytes * 1e6;
	unsigned int i;

	(void)set;
	s[M_APP_BYTES] = c[M_APP_BYTES] = value_ok(bytes, via);
	s[M_THROUGHPUT_GBPS] = value_ok(gbps * 1.001, via);
	c[M_THROUGHPUT_GBPS] = value_ok(gbps, via);
	c[M_LATENCY_AVG_US] = value_ok(latency, via);
	c[M_LATENCY_P50_US] = value_ok(latency * 0.9, via);
	c[M_LATENCY_P99_US] = value_ok(latency * 3, via);
	c[M_LATENCY_P999_US] = value_ok(latency * 9, via);
	s[M_ELAPSED_NS] = c[M_ELAPSED_NS] = value_ok(seconds * 1e9, via);
	s[M_MESSAGES] = c[M_MESSAGES] = s[M_APP_CALLS] = value_ok(bytes / (double)r->key.size_bytes, via);
	c[M_APP_CALLS] = value_ok(bytes / 32768, via);
	s[M_FLATTEN_BYTES] = value_ok(mode == 0 ? bytes : 0, via);
	if (mode == 2) {
		double ids = bytes / (double)r->key.size_bytes;

		s[M_ZC_IDS_ISSUED] = s[M_ZC_IDS_COMPLETED] = value_ok(ids, via);
		s[M_ZC_IDS_COPIED] = value_ok(ids, via);
	}
	r->latency = xcalloc(1, sizeof(*r->latency));
	for (i = 0; i < 20; i++)
		hist_record(r->latency, (uint64_t)(fixture_noisy(state, latency) * 1000));
}

/* A slow start, and one bin in which nothing comes because it is sent again. */
static void fixture_time(struct run_result *r, size_t mode, double bytes)
{
	uint64_t left = (uint64_t)bytes, bins = 20, i;
	enum timeline_kind kind;

	for (kind = 0; kind < TIMELINE_MAX_; kind++) {
		r->timeline[kind] = xcalloc(1, sizeof(*r->timeline[kind]));
		r->timeline[kind]->kind = kind;
	}
	for (i = 0; i < bins; i++) {
		bool stalls = mode == 2 && i == 4 + r->key.repetition, samples = i != 7;
		uint64_t n = i + 1 == bins ? left : stalls ? 0 : (uint64_t)(bytes / (double)bins) / (i ? 1 : 2);

		left -= n;
		timeline_put(r->timeline[TIMELINE_RECEIVED], i * TIMELINE_BIN_NS, n);
		timeline_put(r->timeline[TIMELINE_RETRANSMITTED], i * TIMELINE_BIN_NS, stalls ? 1448 : 0);
		if (samples)
			timeline_put(r->timeline[TIMELINE_RUNNABLE], i * TIMELINE_BIN_NS, 2 * r->key.threads - stalls);
	}
}

static void fixture_perf(struct run_set *set, struct run_result *r, size_t mode, double bytes,
			 unsigned int flags, uint64_t *state)
{
	static const enum metric_id hardware[] = {M_CYCLES, M_INSTRUCTIONS, M_L1D_MISSES,
						  M_LLC_MISSES};
	static const double per_byte[] = {1.1, 1.4, 0.031, 0.0004};
	static const double cost[] = {1.25, 1.0, 1.12};
	static const unsigned int owners[] = {OWNER_SERVER, OWNER_CLIENT};
	struct metric_value *whole = r->v[OWNER_WHOLE];
	double overhead = r->key.pass == PASS_ATTRIBUTION ? 1.03 : 1, tasks_ns = 0;
	const struct reason none = {.detail = "no hardware PMU (perf_event_open: ENOENT)"};
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(owners); i++) {
		struct metric_value *v = r->v[owners[i]];

		for (j = 0; j < ARRAY_SIZE(hardware); j++) {
			v[hardware[j]] = value_unsupported(run_set_reason(set, &none));
			if (flags & FIXTURE_NO_PMU)
				continue;
			v[hardware[j]] = value_ok(
				(double)(uint64_t)fixture_noisy(
					state, bytes * cost[mode] * per_byte[j] * overhead),
				"perf:cpu");
			v[hardware[j]].status = VALUE_SCALED;
			v[hardware[j]].coverage = 0.5f;
		}
		v[M_TASK_CLOCK_NS] = value_ok((double)(uint64_t)fixture_noisy(
						      state, bytes * cost[mode] * 0.35 * overhead),
					      "perf:software");
		v[M_CONTEXT_SWITCHES] = value_ok((double)(500 * (mode + 1) + i), "perf:software");
		tasks_ns += v[M_TASK_CLOCK_NS].value;
	}
	whole[M_BUSY_CPU_NS] = value_ok((double)(uint64_t)(tasks_ns * 1.09), "/proc/stat");
	whole[M_KERNEL_CPU_NS] = value_ok((double)(uint64_t)(tasks_ns * 0.04), "/proc/PID/schedstat");
	whole[M_OTHER_CPU_NS] = value_ok((double)(uint64_t)(tasks_ns * 0.02), "/proc/PID/stat");
	whole[M_STEAL_NS] = value_ok(0, "/proc/stat");
}

static void fixture_bpf(struct run_set *set, struct run_result *r, size_t mode, double bytes,
			unsigned int flags)
{
	static const char send[] = "tracepoint:sock_send_length", recv[] = "tracepoint:sock_recv_length",
			  switches[] = "tracepoint:sched_switch", proc[] = "/proc/PID/task/*/status",
			  zc_sends[] = "tracepoint:sock_send_length, MSG_ZEROCOPY by tcp_sendmsg_locked",
			  arrived[] = "tracepoint:netif_receive_skb of skbs with user pages",
			  to_user[] = "tracepoint:skb_copy_datagram_iovec",
			  notes[] = "tracepoint:skb_copy_datagram_iovec of error-queue skbs";
	const struct reason no_gso = {.detail = "no tracepoint tells of it: needs fentry or kprobe"};
	struct metric_value *s = r->v[OWNER_SERVER], *c = r->v[OWNER_CLIENT];
	struct path_copy copy = {.owner = OWNER_SERVER};
	struct wait_time wait = {.owner = OWNER_SERVER,
				 .reason = run_set_str(set, "sndbuf full"),
				 .voluntary = true,
				 .count = 40,
				 .ns = 90000000};
	double zc = mode == 2 ? bytes : 0;

	s[M_SENT_CALLS] = value_ok(bytes / (double)r->key.size_bytes, send);
	s[M_SENT_BYTES] = value_ok(bytes, send);
	s[M_USER_TO_KERNEL_BYTES] = value_ok(bytes - zc, send);
	s[M_USER_TO_KERNEL_COPIES] = value_ok((bytes - zc) / 16384, send);
	s[M_ZEROCOPY_BYTES] = value_ok(zc, send);
	s[M_ZEROCOPY_SENDS] = value_ok(zc / (double)r->key.size_bytes, zc_sends);
	s[M_SPLICED_BYTES] = value_ok(0, send);
	s[M_COPY_UBUFS_BYTES] = value_ok(zc, arrived);
	s[M_COPY_UBUFS_SKBS] = value_ok(zc / 65536, arrived);
	s[M_GSO_COPY_BYTES] = s[M_OTHER_COPY_BYTES] = s[M_HEAD_COPY_BYTES] = s[M_HEAD_COPIES] =
		value_unsupported(run_set_reason(set, &no_gso));
	c[M_RECEIVED_BYTES] = value_ok(bytes, recv);
	c[M_RECEIVED_CALLS] = value_ok(bytes / 32768, recv);
	c[M_KERNEL_TO_USER_BYTES] = value_ok(bytes, to_user);
	c[M_KERNEL_TO_USER_COPIES] = value_ok(bytes / 32768, to_user);
	c[M_MAPPED_BYTES] = value_unsupported(run_set_reason(set, &no_gso));
	s[M_CTX_VOLUNTARY] = value_ok(400, switches);
	s[M_PROC_CTX_VOLUNTARY] = value_ok(400, proc);
	s[M_CTX_INVOLUNTARY] = value_ok(31, switches);
	s[M_PROC_CTX_INVOLUNTARY] = value_ok(31, proc);
	s[M_OFFCPU_NS] = value_ok((double)wait.ns, switches);
	if (mode == 2) {
		s[M_COMPLETION_IDS] = s[M_COMPLETION_COPIED_IDS] =
			value_ok(bytes / (double)r->key.size_bytes, notes);
		copy.function = run_set_str(set, "skb_copy_ubufs");
		copy.reason = COPY_REASON_LOCAL_DELIVERY;
		copy.stage = STAGE_COPY_UBUFS;
		copy.count = (uint64_t)(zc / 65536);
		copy.bytes = (uint64_t)zc;
		run_result_copy(r, &copy);
	}
	run_result_wait(r, &wait);
	if (flags & FIXTURE_OFF_BY_ONE && r->key.threads == 4 && mode == 1 &&
	    r->key.size_bytes == 64 * KIB && r->key.repetition == 2)
		c[M_KERNEL_TO_USER_BYTES].value -= 1;
	if (flags & FIXTURE_HOSTILE)
		run_result_drop(r, DROP_OTHER, run_set_str(set, hostile_text), 7);
}

static void fixture_stacks(struct run_set *set, struct run_result *r, size_t mode,
			   unsigned int flags, uint64_t *state)
{
	static const char *const paths[][8] = {
		{"_start", "main", "serve", "send", "k:do_syscall_64", "k:tcp_sendmsg_locked",
		 "k:_copy_from_iter", NULL},
		{"_start", "main", "serve", "send", "k:do_syscall_64", "k:tcp_sendmsg_locked",
		 "k:tcp_write_xmit", NULL},
		{"_start", "main", "serve", "flatten", "__memmove_avx_unaligned_erms", NULL},
		{"_start", "main", "receive", "recv", "k:do_syscall_64", "k:tcp_recvmsg_locked",
		 "k:_copy_to_iter", NULL},
		{"k:ret_from_fork", "k:run_ksoftirqd", "k:net_rx_action", "k:skb_copy_ubufs", NULL},
		{"_start", "main", "serve", "send", "k:do_syscall_64", "k:sk_stream_wait_memory",
		 "k:schedule", NULL},
	};
	static const unsigned int owners[] = {OWNER_SERVER, OWNER_SERVER, OWNER_SERVER,
					  OWNER_CLIENT, OWNER_KERNEL, OWNER_SERVER};
	size_t i, d;

	for (i = 0; i < ARRAY_SIZE(paths); i++) {
		unsigned int frames[9];
		struct stack s = {.kind = i == 5 ? STACK_OFFCPU : STACK_ONCPU,
				  .owner = owners[i],
				  .count = 50 + fixture_random(state) % 100,
				  .ns = i == 5 ? 90000000 : 0,
				  .frame = frames};

		if ((i == 2 && mode) || (i == 4 && mode != 2))
			continue;
		for (d = 0; paths[i][d]; d++) {
			const char *name = paths[i][d];
			bool kernel = !strncmp(name, "k:", 2);

			frames[s.depth++] = run_set_frame(set, name + (kernel ? 2 : 0),
							  kernel ? NULL : d > 2 ? "libc.so.6" : "server",
							  kernel ? FRAME_KERNEL : FRAME_USER);
		}
		if (flags & FIXTURE_HOSTILE)
			frames[s.depth++] = run_set_frame(set, hostile_text, hostile_text,
							  FRAME_OTHER);
		run_result_stack(r, &s);
	}
}

static void fixture_result(struct run_set *set, struct run_key *key, size_t mode,
			   unsigned int flags, uint64_t *state)
{
	static const double speed[] = {2.4e9, 2.9e9, 2.5e9};
	struct run_result *r = run_set_add(set, key);
	double bytes = fixture_noisy(state, speed[mode]) * (key->threads == 4 ? 1.8 : 1);

	/* equal at the smallest size, zero-copy a little ahead at the largest */
	if (key->size_bytes == 16 * KIB)
		bytes = fixture_noisy(state, 1.5e9);
	if (key->size_bytes == MIB && mode == 2)
		bytes *= 1.3;
	bytes = (double)((uint64_t)(bytes / 1048576) * 1048576);
	if (flags & FIXTURE_PARTIAL && (key->size_bytes == 64 * KIB || mode == 2)) {
		r->status = mode == 2 ? RESULT_FAILED : RESULT_SKIPPED;
		r->attempts = mode == 2 ? 3 : 0;
		r->reason = run_set_str(set, mode == 2 ? "server died of signal 9" : "interrupted");
		return;
	}
	fixture_workload(set, r, mode, bytes, state);
	if (!(flags & FIXTURE_ONE_REPETITION)) /* flavours of which there are files of version 1, too, which has no timelines */
		fixture_time(r, mode, bytes);
	fixture_perf(set, r, mode, bytes, flags, state);
	if (key->pass != PASS_ATTRIBUTION)
		return;
	fixture_bpf(set, r, mode, bytes, flags);
	if (!(flags & FIXTURE_NO_STACKS))
		fixture_stacks(set, r, mode, flags, state);
}

static struct run_set *fixture_make(unsigned int flags)
{
	const struct reason no_gso = {.detail = "no tracepoint tells of it: needs fentry or kprobe"};
	struct run_set *set = run_set_new();
	struct run_plan *p = &set->plan;
	uint64_t state = 1;
	size_t mode, s, t;
	unsigned int rep;
	enum pass pass;

	run_set_add_owner(set, "server", FLOW_SENDS);
	run_set_add_owner(set, "client", FLOW_RECEIVES);
	set->tool_version = run_set_str(set, "0.1.0");
	set->started_utc = run_set_str(set, "2026-01-31T12:00:00Z");
	set->elapsed_ns = 160 * NSEC_PER_SEC;
	set->command = run_set_str(set, flags & FIXTURE_HOSTILE
						? hostile_text
						: "copyscope run --mode all --duration 1");
	if (flags & FIXTURE_PARTIAL)
		set->partial_reason = run_set_str(set, "interrupted by SIGINT");
	fixture_plan(set, flags);
	run_set_env(set, "Kernel", "%s", "6.18.44");
	run_set_env(set, "CPU", "%s", flags & FIXTURE_HOSTILE ? hostile_text : "2 x example");
	run_set_env(set, "CPUs online", "%d", 4);
	run_set_note(set, "probe", "%s", "fentry refused by policy: tracepoint tier");
	array_grow(set->probe, set->probe_cnt, set->probe_cap);
	set->probe[set->probe_cnt++] = (struct probe_note){
		.quantity = run_set_str(set, "software GSO copies"),
		.reason = run_set_reason(set, &no_gso)};
	for (s = 0; s < p->size_cnt; s++)
		for (t = 0; t < p->thread_cnt; t++)
			for (rep = 1; rep <= p->repetitions; rep++)
				for (mode = 0; mode < p->mode_cnt; mode++)
					for (pass = 0; pass < PASS_MAX_; pass++) {
						struct run_key key = {p->mode[mode].name,
								      p->size_bytes[s],
								      p->threads[t], rep, pass, 0};

						fixture_result(set, &key, mode, flags, &state);
					}
	run_set_derive(set);
	return set;
}

#endif
