/* SPDX-License-Identifier: GPL-2.0-only */
/* The calls of an owner by way and size; and which way a send of TCP's goes. */
#ifndef CALLS_BPF_H
#define CALLS_BPF_H

#include "owner.bpf.h"

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, CS_ACCOUNTS * CS_CALL_MAX_); /* user space makes it as long as it has owners */
	__type(key, __u32); /* account * CS_CALL_MAX_ + way */
	__type(value, struct cs_sizes);
} cs_sizes SEC(".maps");

static __always_inline __u32 log2_u64(__u64 v)
{
	__u32 r = 0, shift;

	for (shift = 32; shift; shift >>= 1) {
		if (v >> shift) {
			v >>= shift;
			r += shift;
		}
	}
	return r;
}

static __always_inline void add_size(struct cs_sizes *sizes, __u64 bytes, __u64 calls)
{
	struct cs_stat *stat = &sizes->size[log2_u64(bytes) & (CS_SIZES - 1)];

	__sync_fetch_and_add(&stat->count, calls);
	__sync_fetch_and_add(&stat->amount, calls * bytes);
}

static __always_inline void add_to_socket(const struct sock *sk, enum cs_call call, __u64 calls, __u64 bytes)
{
	struct cs_socket *socket = cs_cfg.sockets && sk ? cs_user_of_sock(sk) : NULL;
	struct cs_stat *stat;

	if (!socket)
		return;
	stat = call >= CS_CALL_RECV ? &socket->received : &socket->sent;
	__sync_fetch_and_add(&stat->count, calls);
	__sync_fetch_and_add(&stat->amount, bytes);
	if (call == CS_CALL_KTLS)
		socket->ktls = 1;
}

/* A call that has moved so many bytes before, 0 at first, has moved more: it changes its place. That may be on another
 * CPU; together they are right. No return of the call is needed. sk NULL: a local socket, or not known.
 */
static __always_inline void cs_add_bytes(enum cs_bank bank, const struct sock *sk, __u32 owner, enum cs_call call,
					 __u64 before, __u64 bytes)
{
	const __u32 counts = cs_cfg.calls[call >= CS_CALL_RECV];
	__u32 key = owner * CS_CALL_MAX_ + call;
	struct cs_sizes *sizes;

	if (counts != 1 + bank || !owner || !bytes)
		return;
	sizes = bpf_map_lookup_elem(&cs_sizes, &key);
	if (!sizes)
		return;
	if (before)
		add_size(sizes, before, -1);
	add_size(sizes, before + bytes, 1);
	add_to_socket(sk, call, !before, bytes);
}

static __always_inline __u32 cs_syscall(struct task_struct *task)
{
	const struct pt_regs___kernel *regs = (const void *)bpf_task_pt_regs(task);

#if defined(__TARGET_ARCH_arm64)
	return (__u32)regs->syscallno;
#else
	return (__u32)regs->orig_ax;
#endif
}

/* By way of an io_uring: a thread of its own, io_uring_enter(), or task work on the way back from any call that does not
 * send itself.
 */
static __always_inline bool cs_sends_by_ring(void)
{
	struct task_struct *task = bpf_get_current_task_btf();

	if (task->flags & PF_IO_WORKER)
		return true;
	if (!task->io_uring)
		return false;
	switch (cs_syscall(task)) {
	case __NR_write:
	case __NR_writev:
	case __NR_sendto:
	case __NR_sendmsg:
	case __NR_sendmmsg:
	case __NR_sendfile:
	case __NR_splice:
		return false;
	}
	return true;
}

/* The decision tcp_sendmsg_locked() itself makes: zero-copy and splicing only over a route with
 * scatter-gather, and MSG_ZEROCOPY only on a socket with SO_ZEROCOPY (or a buffer of io_uring's).
 */
static __always_inline enum cs_call cs_call_of(const struct sock *sk, const struct msghdr *msg, bool typed)
{
	unsigned int flags = CS_READ(typed, msg, msg_flags);
	bool sg = CS_READ(typed, sk, sk_route_caps) & NETIF_F_SG;
	unsigned long zerocopy_bit;

	if (!(flags & (MSG_ZEROCOPY | MSG_SPLICE_PAGES)))
		return cs_cfg.calls[0] && cs_sends_by_ring() ? CS_CALL_URING : CS_CALL_SEND;
	if (!sg)
		return CS_CALL_NO_SG;
	if (flags & MSG_SPLICE_PAGES)
		return CS_CALL_SENDFILE;
	if (CS_FOLLOW(typed, struct msghdr, msg, msg_ubuf))
		return CS_CALL_URING_ZC;
	zerocopy_bit = 1UL << bpf_core_enum_value(enum sock_flags, SOCK_ZEROCOPY);
	return CS_READ(typed, sk, __sk_common.skc_flags) & zerocopy_bit ? CS_CALL_ZEROCOPY : CS_CALL_ZEROCOPY_UNSET;
}

/* What the bytes of such a call are counted as. */
static __always_inline enum cs_quantity cs_way_of(enum cs_call call)
{
	if (call == CS_CALL_SENDFILE)
		return CS_Q_SPLICE;
	return call == CS_CALL_ZEROCOPY || call == CS_CALL_URING_ZC ? CS_Q_ZEROCOPY : CS_Q_USER_TO_KERNEL;
}

/* What it is to refer to begins within a page: one reference more for each call. Asked before anything is taken of it. */
static __always_inline bool cs_misaligned(const struct msghdr *msg, enum cs_call call, bool typed)
{
	const struct iov_iter___6_4 *iter = (const void *)&msg->msg_iter;
	const struct iov_iter___before *before = (const void *)iter;
	const struct iovec *iov = NULL;
	__u64 begin = 0;
	__u8 type;

	if (!cs_cfg.calls[0] || (call != CS_CALL_ZEROCOPY && call != CS_CALL_URING_ZC))
		return false;
	type = BPF_CORE_READ(iter, iter_type);
	if (type == bpf_core_enum_value(enum iter_type, ITER_UBUF))
		begin = (__u64)BPF_CORE_READ(iter, ubuf);
	else if (type != bpf_core_enum_value(enum iter_type, ITER_IOVEC))
		return false; /* registered */
	else if (bpf_core_field_exists(iter->__iov))
		iov = BPF_CORE_READ(iter, __iov);
	else
		iov = BPF_CORE_READ(before, iov);
	if (iov)
		begin = (__u64)BPF_CORE_READ(iov, iov_base);
	return (begin + BPF_CORE_READ(iter, iov_offset)) & (cs_cfg.page_bytes - 1);
}

/* Its route leads to the receiver within this host. */
static __always_inline bool cs_loops_back(const struct sock *sk, bool typed)
{
	return cs_cfg.calls[0] && CS_FOLLOW(typed, struct sock, sk, sk_dst_cache, dev, flags) & IFF_LOOPBACK;
}

#endif
