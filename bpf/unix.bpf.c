// SPDX-License-Identifier: GPL-2.0-only
/* Sends and receives on AF_UNIX streams, as functions show them. All is done in the call: each turn of a send's loop
 * copies into an skb, queues that to the other end and wakes it; a receive copies out of what is queued
 * (copy_to_user_fentry, copy_to_user_kprobe).
 */
#include "calls.bpf.h"
#include "io_thread.bpf.h"

/* A call that moved bytes, with typed arguments. Its owner. */
static __always_inline __u32 add_unix_call(const struct sock *sk, enum cs_quantity quantity, long bytes)
{
	__u32 owner = bytes > 0 ? cs_watched_call(sk, true) : CS_NOBODY;

	if (owner)
		cs_add(CS_BANK_FUNCTION, owner, quantity, 1, (__u64)bytes);
	return owner;
}

SEC("?fexit/unix_stream_sendmsg")
int BPF_PROG(unix_send_fentry, struct socket *sock)
{
	int ret = (int)cs_func_ret(ctx);
	__u32 owner = add_unix_call(CS_FOLLOW(true, struct socket, sock, sk), CS_Q_SEND, ret);

	cs_add_bytes(CS_BANK_FUNCTION, NULL, owner, CS_CALL_UNIX, 0, (__u64)ret);
	if (owner && cs_in_io_thread())
		cs_add_made_for(cs_counts_of(owner), CS_BANK_FUNCTION, 1, (__u64)ret);
	return 0;
}

SEC("?fexit/skb_copy_datagram_from_iter")
int BPF_PROG(unix_copy_fentry, struct sk_buff *skb, int offset, struct iov_iter *from, int len, int ret)
{
	if (!ret)
		add_unix_call(CS_FOLLOW(true, struct sk_buff, skb, sk), CS_Q_USER_TO_KERNEL, len);
	return 0;
}

/* Without discards: MSG_TRUNC copies here like the rest. */
SEC("?fexit/unix_stream_recvmsg")
int BPF_PROG(unix_recv_fentry, struct socket *sock, struct msghdr *msg, size_t len, int flags)
{
	int ret = flags & MSG_PEEK ? 0 : (int)cs_func_ret(ctx);
	__u32 owner = add_unix_call(CS_FOLLOW(true, struct socket, sock, sk), CS_Q_RECV, ret);

	cs_add_bytes(CS_BANK_FUNCTION, NULL, owner, CS_CALL_RECV_UNIX, 0, (__u64)ret);
	return 0;
}

/* ---- by entries alone -------------------------------------------------------------------- */

/* sock NULL: what it moves does not count. */
static __always_inline int on_unix_call(const struct socket *sock)
{
	__u32 owner = sock ? cs_watched_call(BPF_CORE_READ(sock, sk), false) : CS_NOBODY;
	struct cs_task *task = cs_task_of_call(owner);

	if (task)
		task->unix_call = (struct cs_unix_call){.owner = owner};
	return 0;
}

/* The call that the current task is in or was in last; NULL: not on such a stream of an owner's. */
static __always_inline struct cs_unix_call *unix_call_on(const struct sock *sk)
{
	struct cs_task *task = cs_active && cs_is_unix(sk, false) ? cs_this_task() : NULL;

	return task && task->unix_call.owner ? &task->unix_call : NULL;
}

static __always_inline void add_moved(struct cs_unix_call *call, enum cs_quantity quantity, __u32 bytes)
{
	cs_add(CS_BANK_FUNCTION, call->owner, quantity, !call->moved, bytes);
	cs_add_bytes(CS_BANK_FUNCTION, NULL, call->owner, quantity == CS_Q_SEND ? CS_CALL_UNIX : CS_CALL_RECV_UNIX, call->moved,
		     bytes);
	call->moved += bytes;
}

SEC("?kprobe/unix_stream_sendmsg")
int BPF_KPROBE(unix_send_enter_kprobe, struct socket *sock)
{
	return on_unix_call(sock);
}

/* As with what is copied to user: a copy that faults is counted although it failed. */
SEC("?kprobe/skb_copy_datagram_from_iter")
int BPF_KPROBE(unix_copy_kprobe, struct sk_buff *skb, int offset, struct iov_iter *from, int len)
{
	struct cs_unix_call *call = unix_call_on(BPF_CORE_READ(skb, sk));

	if (!call || len <= 0)
		return 0;
	cs_add(CS_BANK_FUNCTION, call->owner, CS_Q_USER_TO_KERNEL, 1, (__u64)len);
	call->copied = (__u32)len;
	return 0;
}

/* The other end is woken: it has what was copied. In a softirq it is a socket of TCP's. */
SEC("?kprobe/sock_def_readable")
int BPF_KPROBE(unix_sent_kprobe, struct sock *sk)
{
	struct cs_unix_call *call = unix_call_on(sk);

	if (!call || !call->copied)
		return 0;
	if (cs_in_io_thread())
		cs_add_made_for(cs_counts_of(call->owner), CS_BANK_FUNCTION, !call->moved, call->copied);
	add_moved(call, CS_Q_SEND, call->copied);
	call->copied = 0;
	return 0;
}

SEC("?kprobe/unix_stream_recvmsg")
int BPF_KPROBE(unix_recv_enter_kprobe, struct socket *sock, struct msghdr *msg, size_t len, int flags)
{
	return on_unix_call(flags & MSG_PEEK ? NULL : sock);
}

/* Told what it takes of each skb. */
SEC("?kprobe/unix_stream_read_actor")
int BPF_KPROBE(unix_recv_copied_kprobe, struct sk_buff *skb, int skip, int chunk)
{
	struct cs_unix_call *call = unix_call_on(BPF_CORE_READ(skb, sk));

	if (call && chunk > 0)
		add_moved(call, CS_Q_RECV, (__u32)chunk);
	return 0;
}
