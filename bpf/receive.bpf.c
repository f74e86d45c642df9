// SPDX-License-Identifier: GPL-2.0-only
/* How bytes leave the kernel in a receive: copied, mapped or spliced; and the notifications a sender reads there. */
#include "calls.bpf.h"

/* ---- tracepoint tier --------------------------------------------------------------------- */

/* way: what was done with the bytes, if it is not counted where it is done (CS_Q_RECV): CS_Q_DISCARD or
 * CS_Q_SPLICED_TO_PIPE. Received is what left the socket by any call, so more than one program counts it.
 */
static __always_inline int on_recv(enum cs_bank bank, const struct sock *sk, long ret, enum cs_quantity way,
				   enum cs_call call)
{
	__u32 owner = ret > 0 ? cs_watched_call(sk, true) : CS_NOBODY;
	struct cs_counts *counts = cs_counts_of(owner);

	if (!counts)
		return 0;
	cs_add_to(counts, bank, CS_Q_RECV, 1, (__u64)ret);
	cs_add_bytes(bank, sk, owner, call, 0, (__u64)ret);
	if (way != CS_Q_RECV)
		cs_add_alone(counts, bank, way, 1, (__u64)ret);
	return 0;
}

static __always_inline enum cs_quantity way_of(int flags)
{
	return flags & MSG_TRUNC ? CS_Q_DISCARD : CS_Q_RECV;
}

static __always_inline enum cs_call recv_call_of(const struct sock *sk, int flags)
{
	if (cs_is_udp(sk, true))
		return CS_CALL_RECV_UDP;
	if (cs_is_unix(sk, true))
		return CS_CALL_RECV_UNIX;
	return flags & MSG_TRUNC ? CS_CALL_RECV_DISCARD : CS_CALL_RECV;
}

/* An skb in UDP's receive queue has no socket, and what has no fragments is copied without an event: of a datagram all
 * is copied that the call returns (MSG_TRUNC only makes it return more).
 */
SEC("?tp_btf/sock_recv_length")
int BPF_PROG(recv_done_tp, struct sock *sk, int ret, int flags)
{
	struct cs_counts *counts = cs_is_udp(sk, true) && ret > 0 ? cs_counts_of(cs_watched_call(sk, true)) : NULL;

	if (counts)
		cs_add_to(counts, CS_BANK_TRACEPOINT, CS_Q_KERNEL_TO_USER, 1, (__u64)ret);
	if (flags & MSG_PEEK) /* nothing was taken */
		return 0;
	return on_recv(CS_BANK_TRACEPOINT, sk, ret, counts ? CS_Q_RECV : way_of(flags), recv_call_of(sk, flags));
}

/* What kTLS has decrypted lies in skbs of its own, without a socket and from no device: the reader's. */
static __always_inline __u32 owner_of_received(const struct sk_buff *skb, bool typed)
{
	const struct sock *sk = CS_FOLLOW(typed, struct sk_buff, skb, sk);

	if (!sk && !CS_FOLLOW(typed, struct sk_buff, skb, dev))
		return cs_active ? cs_owner_of_task(bpf_get_current_task_btf()) : CS_NOBODY;
	return cs_watched_call(sk, typed);
}

static __always_inline int on_copy_to_user(enum cs_bank bank, const struct sk_buff *skb, int len, bool typed)
{
	__u32 owner = len > 0 ? owner_of_received(skb, typed) : CS_NOBODY;
	struct cs_counts *counts = cs_counts_of(owner);

	if (counts)
		cs_add_alone(counts, bank, CS_Q_KERNEL_TO_USER, 1, (__u64)len);
	return 0;
}

/* ip_recv_error() hands a notification to the application through skb_copy_datagram_msg() with nothing
 * to copy. A carrier skb holds no data, its control block says what happened: struct sock_exterr_skb.
 */
static __always_inline int on_completion_read(const struct sk_buff *skb)
{
	const struct sock_extended_err *err;
	struct cs_counts *counts;
	__u64 ids;

	if (!cs_active || skb->len != 0)
		return 0;
	err = (const void *)skb->cb + bpf_core_field_offset(struct sock_exterr_skb, ee);
	if (err->ee_origin != SO_EE_ORIGIN_ZEROCOPY)
		return 0;
	counts = cs_counts_of(cs_owner_of_sock(CS_FOLLOW(true, struct sk_buff, skb, sk), true));
	if (!counts)
		return 0;
	/* 32-bit ids wrap: the width of the range does not. */
	ids = (__u32)(err->ee_data - err->ee_info) + 1ULL;
	cs_add_alone(counts, CS_BANK_TRACEPOINT, CS_Q_COMPLETION, 1, ids);
	if (err->ee_code & SO_EE_CODE_ZEROCOPY_COPIED)
		cs_add_alone(counts, CS_BANK_TRACEPOINT, CS_Q_COMPLETION_COPIED, 1, ids);
	return 0;
}

/* Fires in skb_copy_datagram_iter(), for each skb of a receive. An skb in a TCP receive queue has its
 * receiver's socket, one in an AF_UNIX queue its sender's. Zero lengths are error-queue reads.
 */
SEC("?tp_btf/skb_copy_datagram_iovec")
int BPF_PROG(copy_datagram_tp, struct sk_buff *skb, int len)
{
	return len ? on_copy_to_user(CS_BANK_TRACEPOINT, skb, len, true) : on_completion_read(skb);
}

/* ---- function tier ----------------------------------------------------------------------- */

static __always_inline __u32 copied_seq(const struct sock *sk)
{
	return BPF_CORE_READ((const struct tcp_sock *)sk, copied_seq);
}

SEC("?fexit/tcp_recvmsg")
int BPF_PROG(recv_fentry, struct sock *sk, struct msghdr *msg, size_t len, int flags)
{
	int ret = (int)cs_func_ret(ctx);

	return flags & MSG_PEEK ? 0 : on_recv(CS_BANK_FUNCTION, sk, ret, way_of(flags), recv_call_of(sk, flags));
}

SEC("?fexit/tcp_splice_read")
int BPF_PROG(recv_splice_fentry, struct socket *sock)
{
	return on_recv(CS_BANK_FUNCTION, CS_FOLLOW(true, struct socket, sock, sk), (long)cs_func_ret(ctx),
		       CS_Q_SPLICED_TO_PIPE, CS_CALL_RECV_SPLICE);
}

/* Without its return, as with a send: tcp_cleanup_rbuf() is told how much the call has taken so far, before it
 * waits and before it returns; an error is told, too, and ends it.
 */
static __always_inline struct cs_task *on_recv_enter(const struct sock *sk, __u32 owner, enum cs_quantity way,
						     enum cs_call call)
{
	struct cs_task *task = cs_task_of_call(owner);

	if (task)
		task->receive = (struct cs_receive){.sk = owner ? sk : NULL, .owner = owner,
						    .seq = copied_seq(sk), .way = way, .call = call};
	return task;
}

SEC("?kprobe/tcp_recvmsg")
int BPF_KPROBE(recv_enter_kprobe, struct sock *sk, struct msghdr *msg, size_t len, int flags)
{
	on_recv_enter(sk, flags & MSG_PEEK ? CS_NOBODY : cs_watched_call(sk, false), way_of(flags),
		      flags & MSG_TRUNC ? CS_CALL_RECV_DISCARD : CS_CALL_RECV);
	return 0;
}

SEC("?kprobe/tcp_splice_read")
int BPF_KPROBE(recv_enter_splice_kprobe, struct socket *sock)
{
	const struct sock *sk = BPF_CORE_READ(sock, sk);

	on_recv_enter(sk, cs_watched_call(sk, false), CS_Q_SPLICED_TO_PIPE, CS_CALL_RECV_SPLICE);
	return 0;
}

/* quantity: a constant, or the verifier does not know where that lies. */
static __always_inline void add_received(const struct cs_receive *receive, enum cs_quantity quantity, __u32 taken)
{
	cs_add(CS_BANK_FUNCTION, receive->owner, quantity, !receive->taken, taken - receive->taken);
}

/* A splice() takes in turns, and tells of each. Others may call this, too, with their own count: the socket tells
 * whether as many bytes left it since this receive began; a FIN or an urgent byte may be one more.
 */
SEC("?kprobe/tcp_cleanup_rbuf")
int BPF_KPROBE(recv_copied_kprobe, struct sock *sk, int copied)
{
	struct cs_task *task = cs_active ? cs_this_task() : NULL;
	struct cs_receive *receive;
	__u32 taken;

	if (!task || !task->receive.sk || task->receive.sk != sk)
		return 0;
	receive = &task->receive;
	taken = (__u32)copied + (receive->way == CS_Q_SPLICED_TO_PIPE ? receive->taken : 0);
	if (copied < 0 || copied_seq(sk) - receive->seq - taken > 1) {
		receive->sk = NULL;
		return 0;
	}
	if (taken <= receive->taken)
		return 0;
	add_received(receive, CS_Q_RECV, taken);
	cs_add_bytes(CS_BANK_FUNCTION, receive->sk, receive->owner, receive->call, receive->taken,
		     taken - receive->taken);
	if (receive->way == CS_Q_DISCARD)
		add_received(receive, CS_Q_DISCARD, taken);
	else if (receive->way == CS_Q_SPLICED_TO_PIPE)
		add_received(receive, CS_Q_SPLICED_TO_PIPE, taken);
	else if (receive->way == CS_Q_ZCRX)
		add_received(receive, CS_Q_ZCRX, taken);
	receive->taken = taken;
	return 0;
}

SEC("?fexit/skb_copy_datagram_iter")
int BPF_PROG(copy_to_user_fentry, struct sk_buff *skb, int offset, struct iov_iter *to, int len,
	     int ret)
{
	return ret ? 0 : on_copy_to_user(CS_BANK_FUNCTION, skb, len, true);
}

/* At entry, where the arguments are: a copy that faults is counted although it failed. */
SEC("?kprobe/skb_copy_datagram_iter")
int BPF_KPROBE(copy_to_user_kprobe, struct sk_buff *skb, int offset, struct iov_iter *to, int len)
{
	return on_copy_to_user(CS_BANK_FUNCTION, skb, len, false);
}

static __always_inline int on_mapped(__u32 owner, const struct tcp_zerocopy_receive *zc)
{
	__u32 bytes = BPF_CORE_READ(zc, length);

	if (cs_active && owner && bytes)
		cs_add(CS_BANK_FUNCTION, owner, CS_Q_MAPPED, 1, bytes);
	return 0;
}

SEC("?fexit/tcp_zerocopy_receive")
int BPF_PROG(mapped_fentry, struct sock *sk, struct tcp_zerocopy_receive *zc, void *tss, int ret)
{
	__s32 copied = BPF_CORE_READ(zc, copybuf_len); /* or -errno: none */

	if (ret)
		return 0;
	on_mapped(cs_watched_call(sk, true), zc);
	return on_recv(CS_BANK_FUNCTION, sk, (long)BPF_CORE_READ(zc, length) + (copied > 0 ? copied : 0), CS_Q_RECV,
		       CS_CALL_RECV_MAP);
}

SEC("?kprobe/tcp_zerocopy_receive")
int BPF_KPROBE(mapped_enter_kprobe, struct sock *sk, struct tcp_zerocopy_receive *zc)
{
	__u32 owner = cs_watched_call(sk, false);
	struct cs_task *task = on_recv_enter(sk, owner, CS_Q_RECV, CS_CALL_RECV_MAP);

	if (task) {
		task->mapped = zc;
		task->mapped_owner = owner;
	}
	return 0;
}

SEC("?kretprobe/tcp_zerocopy_receive")
int BPF_KRETPROBE(mapped_exit_kprobe, int ret)
{
	struct cs_task *task = cs_this_task();
	const struct tcp_zerocopy_receive *zc;

	if (!task || !task->mapped)
		return 0;
	zc = task->mapped;
	task->mapped = NULL;
	return ret ? 0 : on_mapped(task->mapped_owner, zc);
}
