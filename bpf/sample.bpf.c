// SPDX-License-Identifier: GPL-2.0-only
/* Where the CPU time goes: a stack a timer tick, on every CPU, of the owners' threads and of softirq
 * work that runs outside them.
 */
#include "owner.bpf.h"

/* ksoftirqd does the owners' network work, and interrupts from idle may: kept apart as "kernel", since
 * no task tells whose work it was. User space drops idle stacks without a softirq in them.
 */
static __always_inline bool runs_softirqs(const struct task_struct *task)
{
	char comm[16] = {};

	if (!(BPF_CORE_READ(task, flags) & PF_KTHREAD))
		return false;
	if (BPF_CORE_READ(task, pid) == 0)
		return true;
	BPF_CORE_READ_INTO(&comm, task, comm);
	return bpf_strncmp(comm, sizeof("ksoftirqd") - 1, "ksoftirqd") == 0;
}

SEC("?perf_event")
int cpu_sample(struct bpf_perf_event_data *ctx)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct cs_sample_key key = {};
	__u64 zero = 0, *n;
	__u32 owner;

	if (!cs_active)
		return 0;
	owner = cs_owner_of_task(task);
	if (!owner && !runs_softirqs(task))
		return 0;
	key.owner = owner;
	key.tgid = BPF_CORE_READ(task, tgid);
	key.kernel_stack = cs_stack_id(ctx, 0);
	key.user_stack = owner != CS_KERNEL ? cs_stack_id(ctx, BPF_F_USER_STACK) : -1;
	cs_add(CS_BANK_TRACEPOINT, owner, CS_Q_CPU_SAMPLE, 1, 0);
	n = cs_lookup_or_init(&cs_samples, &key, &zero);
	if (n)
		__sync_fetch_and_add(n, 1);
	else
		cs_drop_one(CS_DROP_SAMPLE);
	return 0;
}
