/* SPDX-License-Identifier: GPL-2.0-only */
/* Who makes a send: its caller, or a thread of io_uring's. */
#ifndef IO_THREAD_BPF_H
#define IO_THREAD_BPF_H

#include "core.bpf.h"

/* A thread of io_uring's makes the sends that its program asked for: one of the program's own. */
static __always_inline bool cs_in_io_thread(void)
{
	return CS_READ(true, bpf_get_current_task_btf(), flags) & PF_IO_WORKER;
}

/* A worker, or who polls a ring? Its name would tell, but that the program may change. A worker's pool has left
 * something with it. Asked for as a number: to the verifier a pointer of the kernel's may not be NULL.
 */
static __always_inline bool cs_is_worker(const struct task_struct *io_thread)
{
	const struct task_struct___5_16 *before = (const void *)io_thread;

	if (bpf_core_field_exists(io_thread->worker_private))
		return BPF_CORE_READ(io_thread, worker_private);
	return bpf_core_field_exists(before->pf_io_worker) && BPF_CORE_READ(before, pf_io_worker);
}

/* In such a thread, beside CS_Q_SEND. */
static __always_inline void cs_add_made_for(struct cs_counts *counts, enum cs_bank bank, __u64 sends, __u64 bytes)
{
	if (!counts)
		return;
	if (cs_is_worker(bpf_get_current_task_btf()))
		cs_add_to(counts, bank, CS_Q_SEND_IOWQ, sends, bytes);
	else
		cs_add_to(counts, bank, CS_Q_SEND_SQPOLL, sends, bytes);
}

#endif
