// SPDX-License-Identifier: GPL-2.0-only
/* Context switches of the owners' threads and how long they were off the CPU, all of them; and where they
 * were meanwhile, by samples: a stack costs more than all else a switch costs us.
 *
 * Samples are taken as a profiler takes those of CPU time, one each time that so much of the threads' time has
 * gone by: a span is hit as often as it is long. The stack of a thread that does not run does not change, so it
 * is early enough to look at it when the span is over and its length is known.
 */
#include "owner.bpf.h"

static __always_inline void span_begin(void *ctx, struct task_struct *prev, __u32 owner, bool voluntary,
				       __u64 now_ns)
{
	struct cs_task *task = bpf_task_storage_get(&cs_tasks, prev, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);

	/* No memory; or, on a kernel that preempts programs, one was just then in such a call on this CPU. */
	if (!task) {
		cs_drop_one(CS_DROP_OFFCPU_OPEN);
		return;
	}
	/* The task came back unseen: the event was never raised (6.18 leaves out some switches, from ftrace,
	 * too), our run was skipped, the task was in no owner's cgroup just then, or the gate was closed. The
	 * span is in no total.
	 */
	if (task->offcpu_since_ns)
		cs_drop_one(CS_DROP_OFFCPU_OPEN);
	task->offcpu_owner = owner;
	task->voluntary = voluntary;
	if (cs_cfg.offcpu_user_stacks) /* another thread's are not to be had later */
		task->user_stack = cs_stack_id(ctx, BPF_F_USER_STACK);
	task->offcpu_since_ns = now_ns;
}

__u64 cs_hash_frames(const struct cs_offcpu *sample);

/* A function with a verification of its own: the loop's many ends must not be followed into what comes after. */
__attribute__((noinline)) __u64 cs_hash_frames(const struct cs_offcpu *sample)
{
	__u64 hash = CS_FNV_BASIS;
	__u32 i;

	if (!sample)
		return 0;
	for (i = 0; i < CS_STACK_DEPTH && i < sample->frames; i++)
		hash = CS_FNV_1A(hash, sample->kernel[i]);
	return hash ^ hash >> 32;
}

static __always_inline void span_sample(struct task_struct *next, const struct cs_task *task, __u64 samples)
{
	struct cs_offcpu_key key = {
		.owner = task->offcpu_owner,
		.tgid = next->tgid,
		.user_stack = cs_cfg.offcpu_user_stacks ? task->user_stack : -1,
		.voluntary = task->voluntary,
		.main_thread = next->pid == next->tgid,
	};
	struct cs_offcpu *sample, *kept;
	__u32 zero = 0;
	long bytes;

	sample = bpf_map_lookup_elem(&cs_offcpu_new, &zero);
	if (!sample)
		return;
	bytes = bpf_get_task_stack(next, sample->kernel, sizeof(sample->kernel), 0);
	sample->frames = bytes < 0 ? bytes : (__s64)((__u64)bytes / sizeof(sample->kernel[0]));
	sample->samples = 0;
	key.kernel_hash = cs_hash_frames(sample);
	kept = cs_lookup_or_init(&cs_offcpu, &key, sample);
	if (kept)
		__sync_fetch_and_add(&kept->samples, samples);
	else
		cs_drop(CS_DROP_OFFCPU, samples);
}

static __always_inline void span_end(struct task_struct *next, __u64 now_ns)
{
	struct cs_task *task = bpf_task_storage_get(&cs_tasks, next, 0, 0);
	struct cs_counts *counts;
	__u64 ns, *due_ns;
	__u32 owner;

	if (!task || !task->offcpu_since_ns)
		return;
	owner = task->offcpu_owner;
	ns = now_ns > task->offcpu_since_ns ? now_ns - task->offcpu_since_ns : 0;
	task->offcpu_since_ns = 0;
	counts = cs_counts_of(owner);
	if (counts)
		cs_add_alone(counts, CS_BANK_TRACEPOINT, CS_Q_OFFCPU, 1, ns);
	due_ns = cs_cfg.offcpu_sample_ns ? bpf_map_lookup_elem(&cs_offcpu_due, &owner) : NULL;
	if (!due_ns)
		return;
	*due_ns += ns;
	if (*due_ns < cs_cfg.offcpu_sample_ns)
		return;
	span_sample(next, task, *due_ns / cs_cfg.offcpu_sample_ns);
	*due_ns %= cs_cfg.offcpu_sample_ns;
}

/* The clock of the run queue, which the scheduler has just read for this switch and by which it tells run delays
 * (/proc/PID/schedstat). Reading one of our own would be half of what a switch costs us: a time stamp counter waits
 * until all before it is done. Where CPUs have no clock in common (sched_clock() marked unstable) two of these
 * may differ by as much as a tick. Without CONFIG_FAIR_GROUP_SCHED nothing leads from a task to its run queue.
 */
static __always_inline __u64 switch_ns(const struct task_struct *prev)
{
	if (bpf_core_field_exists(prev->se.cfs_rq))
		return CS_FOLLOW(true, struct task_struct, prev, se.cfs_rq, rq, clock);
	return bpf_ktime_get_ns();
}

/* The kernel's own rule for nvcsw/nivcsw, __schedule(): voluntary is "not preempted and not runnable".
 * prev_state is the value it decided on; prev->__state may have changed since.
 */
SEC("?tp_btf/sched_switch")
int BPF_PROG(switch_tp, bool preempt, struct task_struct *prev, struct task_struct *next,
	     unsigned int prev_state)
{
	struct cs_counts *counts;
	__u32 leaves, comes;
	__u64 from, to, now_ns;
	bool voluntary;

	if (!cs_active)
		return 0;
	/* As cs_owner_of_task(), by loads that need no check: this runs often and is verified once. Before all
	 * branches, since the verifier goes a walk again for each way that leads to it.
	 */
	if (cs_cfg.by_task || cs_cfg.subtrees) {
		leaves = cs_owner_of_task(prev);
		comes = cs_owner_of_task(next);
	} else {
		from = CS_READ(true, prev, cgroups, dfl_cgrp, kn, id);
		to = CS_READ(true, next, cgroups, dfl_cgrp, kn, id);
		barrier_var(from);
		barrier_var(to);
		leaves = cs_owner_of_cgroup(from);
		comes = cs_owner_of_cgroup(to);
	}
	if (!leaves && !comes)
		return 0;
	now_ns = switch_ns(prev);
	if (leaves) {
		voluntary = !preempt && prev_state != 0;
		counts = cs_counts_of(leaves);
		if (counts && voluntary)
			cs_add_alone(counts, CS_BANK_TRACEPOINT, CS_Q_SWITCH_VOLUNTARY, 1, 0);
		else if (counts)
			cs_add_alone(counts, CS_BANK_TRACEPOINT, CS_Q_SWITCH_INVOLUNTARY, 1, 0);
		span_begin(ctx, prev, leaves, voluntary, now_ns);
	}
	if (comes)
		span_end(next, now_ns);
	return 0;
}
