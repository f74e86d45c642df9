// SPDX-License-Identifier: GPL-2.0-only
/* The two ends of the path: how bytes enter the kernel in a TCP send (copied, referenced or spliced)
 * and how they leave it in a receive.
 *
 * Tracepoint tier: tcp_sendmsg_locked fires once per turn of the send loop, before any byte moves, and
 * shows the message's flags; sock_send_length fires after the call with its result. The first tells
 * the way, the second the bytes; the task ties them together.
 */
#include "core.bpf.h"

/* The decision tcp_sendmsg_locked() itself makes: zero-copy and splicing only over a route with
 * scatter-gather, and MSG_ZEROCOPY only on a socket with SO_ZEROCOPY (or a buffer of io_uring's).
 */
static __always_inline enum cs_quantity send_way(const struct sock *sk, const struct msghdr *msg)
{
	unsigned int flags = BPF_CORE_READ(msg, msg_flags);
	unsigned long zerocopy_bit;

	if (!(flags & (MSG_ZEROCOPY | MSG_SPLICE_PAGES)) ||
	    !(BPF_CORE_READ(sk, sk_route_caps) & NETIF_F_SG))
		return CS_Q_USER_TO_KERNEL;
	if (flags & MSG_SPLICE_PAGES)
		return CS_Q_SPLICE;
	zerocopy_bit = 1UL << bpf_core_enum_value(enum sock_flags, SOCK_ZEROCOPY);
	if (BPF_CORE_READ(msg, msg_ubuf) ||
	    (BPF_CORE_READ(sk, __sk_common.skc_flags) & zerocopy_bit))
		return CS_Q_ZEROCOPY;
	return CS_Q_USER_TO_KERNEL;
}

SEC("?tp_btf")
int BPF_PROG(send_step_tp, struct sock *sk, struct msghdr *msg)
{
	struct cs_task *task;
	int slot;

	if (!cs_active)
		return 0;
	slot = cs_slot_of_sock(sk);
	if (slot < 0)
		return 0;
	task = bpf_task_storage_get(&cs_tasks, bpf_get_current_task_btf(), 0,
				    BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!task) {
		cs_drop_one(CS_DROP_TASK_STORAGE);
		return 0;
	}
	task->send_sk = sk;
	task->send_quantity = send_way(sk, msg);
	/* Each turn copies at most once; a turn that finds no memory copies nothing and comes again,
	 * so this is an upper bound. Its bytes are counted when the call returns.
	 */
	if (task->send_quantity == CS_Q_USER_TO_KERNEL)
		cs_add(slot, CS_Q_USER_TO_KERNEL, 1, 0);
	return 0;
}

SEC("?tp_btf")
int BPF_PROG(send_done_tp, struct sock *sk, int ret)
{
	struct cs_task *task;
	__u32 way;
	int slot;

	if (!cs_active || ret <= 0)
		return 0;
	slot = cs_slot_of_sock(sk);
	if (slot < 0)
		return 0;
	cs_add(slot, CS_Q_SEND, 1, (__u64)ret);
	task = bpf_task_storage_get(&cs_tasks, bpf_get_current_task_btf(), 0, 0);
	if (!task || task->send_sk != sk) {
		cs_drop_one(CS_DROP_UNCLASSIFIED);
		return 0;
	}
	task->send_sk = NULL;
	way = task->send_quantity;
	if (way == CS_Q_USER_TO_KERNEL)
		cs_add(slot, CS_Q_USER_TO_KERNEL, 0, (__u64)ret);
	else if (way == CS_Q_ZEROCOPY)
		cs_add(slot, CS_Q_ZEROCOPY, 1, (__u64)ret);
	else
		cs_add(slot, CS_Q_SPLICE, 1, (__u64)ret);
	return 0;
}

SEC("?tp_btf")
int BPF_PROG(recv_done_tp, struct sock *sk, int ret)
{
	int slot;

	if (!cs_active || ret <= 0)
		return 0;
	slot = cs_slot_of_sock(sk);
	if (slot >= 0)
		cs_add(slot, CS_Q_RECV, 1, (__u64)ret);
	return 0;
}

/* Fires in skb_copy_datagram_iter(), for each skb of a receive. An skb in a TCP receive queue has its
 * receiver's socket. Zero lengths are error-queue reads: zerocopy.bpf.c.
 */
SEC("?tp_btf")
int BPF_PROG(copy_to_user_tp, struct sk_buff *skb, int len)
{
	int slot;

	if (!cs_active || len <= 0)
		return 0;
	slot = cs_slot_of_sock(BPF_CORE_READ(skb, sk));
	if (slot >= 0)
		cs_add(slot, CS_Q_KERNEL_TO_USER, 1, (__u64)len);
	return 0;
}
