// SPDX-License-Identifier: GPL-2.0-only
/* Context switches of the owners' threads, and how long and why they were off the CPU. */
#include "core.bpf.h"

static __always_inline void span_begin(void *ctx, struct task_struct *prev, __u32 owner, bool voluntary)
{
	struct cs_task *task = bpf_task_storage_get(&cs_tasks, prev, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
	bool all = cs_cfg.offcpu_stacks == CS_OFFCPU_ALL;

	if (!task) {
		cs_drop_one(CS_DROP_TASK_STORAGE);
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
	task->kernel_stack = all || voluntary ? cs_stack_id(ctx, 0) : -1;
	task->user_stack = all ? cs_stack_id(ctx, BPF_F_USER_STACK) : -1;
	task->offcpu_since_ns = bpf_ktime_get_ns();
}

static __always_inline void span_end(struct task_struct *next)
{
	struct cs_task *task = bpf_task_storage_get(&cs_tasks, next, 0, 0);
	struct cs_offcpu_key key = {};
	struct cs_offcpu zero = {}, *span;
	__u64 ns;

	if (!task || !task->offcpu_since_ns)
		return;
	ns = bpf_ktime_get_ns() - task->offcpu_since_ns;
	task->offcpu_since_ns = 0;
	key.owner = task->offcpu_owner;
	key.tgid = BPF_CORE_READ(next, tgid);
	key.kernel_stack = task->kernel_stack;
	key.user_stack = task->user_stack;
	key.voluntary = task->voluntary;
	key.main_thread = BPF_CORE_READ(next, pid) == (int)key.tgid;
	cs_add(CS_BANK_TRACEPOINT, task->offcpu_owner, CS_Q_OFFCPU, 1, ns);
	span = cs_lookup_or_init(&cs_offcpu, &key, &zero);
	if (!span) {
		cs_drop_one(CS_DROP_OFFCPU);
		return;
	}
	__sync_fetch_and_add(&span->count, 1);
	__sync_fetch_and_add(&span->ns, ns);
}

/* The kernel's own rule for nvcsw/nivcsw, __schedule(): voluntary is "not preempted and not runnable".
 * prev_state is the value it decided on; prev->__state may have changed since.
 */
SEC("?tp_btf/sched_switch")
int BPF_PROG(switch_tp, bool preempt, struct task_struct *prev, struct task_struct *next,
	     unsigned int prev_state)
{
	bool voluntary = !preempt && prev_state != 0;
	__u32 owner;

	if (!cs_active)
		return 0;
	owner = cs_owner_of_task(prev);
	if (owner) {
		cs_add(CS_BANK_TRACEPOINT, owner,
		       voluntary ? CS_Q_SWITCH_VOLUNTARY : CS_Q_SWITCH_INVOLUNTARY, 1, 0);
		span_begin(ctx, prev, owner, voluntary);
	}
	if (cs_owner_of_task(next))
		span_end(next);
	return 0;
}
