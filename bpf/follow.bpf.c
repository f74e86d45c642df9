// SPDX-License-Identifier: GPL-2.0-only
/* Where owners are processes: their children are the same owner's. And what has ended is forgotten before its number, or
 * its address, is another's. Followed is also while the gate is closed: who is to be observed is known before.
 */
#include "owner.bpf.h"

/* Raised in the parent; of a thread, too, whose process is known. */
SEC("?tp_btf/sched_process_fork")
int BPF_PROG(fork_tp, const struct task_struct *parent, const struct task_struct *child)
{
	__u32 tgid = (__u32)child->tgid, owner;

	if (tgid == (__u32)parent->tgid)
		return 0;
	owner = cs_owner_of_tgid((__u32)parent->tgid);
	if (!owner)
		return 0;
	if (bpf_map_update_elem(&cs_processes, &tgid, &owner, BPF_ANY))
		cs_drop_one(CS_DROP_PROCESS);
	else if (cs_active)
		cs_add(CS_BANK_TRACEPOINT, owner, CS_Q_FOLLOWED, 1, 0);
	return 0;
}

/* Another program, in the same process. */
SEC("?tp_btf/sched_process_exec")
int BPF_PROG(exec_tp, const struct task_struct *task)
{
	__u32 tgid = (__u32)task->tgid;

	if (!cs_cfg.everyone)
		return 0;
	bpf_map_delete_elem(&cs_processes, &tgid);
	__sync_fetch_and_add(&cs_changes, 1);
	return 0;
}

/* Raised by each thread; by then the last has counted itself out (do_exit()). */
SEC("?tp_btf/sched_process_exit")
int BPF_PROG(exit_tp, const struct task_struct *task)
{
	__u32 tgid = (__u32)task->tgid;

	if (!CS_FOLLOW(true, struct task_struct, task, signal, live.counter))
		bpf_map_delete_elem(&cs_processes, &tgid);
	__sync_fetch_and_add(&cs_changes, 1); /* its address may be another's */
	return 0;
}

/* UDP has no such event: whoever uses the next socket at that address takes it. */
SEC("?tp_btf/tcp_destroy_sock")
int BPF_PROG(sock_gone_tp, const struct sock *sk)
{
	cs_forget_sock(sk);
	return 0;
}
