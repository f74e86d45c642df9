// SPDX-License-Identifier: GPL-2.0-only
/* The two ends of the path: how bytes enter the kernel in a TCP send (copied, referenced or spliced)
 * and how they leave it in a receive.
 */
#include "core.bpf.h"

/* ---- tracepoint tier: sending ------------------------------------------------------------
 * tcp_sendmsg_locked fires once per turn of the send loop, before any byte moves, and shows the
 * message's flags; sock_send_length fires after the call with its result. The first tells the way, the
 * second the bytes; the task ties them together.
 */

/* The decision tcp_sendmsg_locked() itself makes: zero-copy and splicing only over a route with
 * scatter-gather, and MSG_ZEROCOPY only on a socket with SO_ZEROCOPY (or a buffer of io_uring's).
 */
static __always_inline enum cs_quantity send_way(const struct sock *sk, const struct msghdr *msg)
{
	unsigned int flags = msg->msg_flags;
	unsigned long zerocopy_bit;

	if (!(flags & (MSG_ZEROCOPY | MSG_SPLICE_PAGES)) || !(sk->sk_route_caps & NETIF_F_SG))
		return CS_Q_USER_TO_KERNEL;
	if (flags & MSG_SPLICE_PAGES)
		return CS_Q_SPLICE;
	zerocopy_bit = 1UL << bpf_core_enum_value(enum sock_flags, SOCK_ZEROCOPY);
	if ((sk->__sk_common.skc_flags & zerocopy_bit) || CS_FOLLOW(true, struct msghdr, msg, msg_ubuf))
		return CS_Q_ZEROCOPY;
	return CS_Q_USER_TO_KERNEL;
}

static __always_inline int on_send_step(struct sock *sk, struct msghdr *msg)
{
	__u32 owner = cs_watched(sk, true);
	struct cs_counts *counts = cs_counts_of(owner);
	enum cs_quantity way;
	struct cs_task *task;

	if (!counts)
		return 0;
	way = send_way(sk, msg);
	if (way == CS_Q_ZEROCOPY && !cs_zc_seen)
		cs_zc_seen = 1;
	task = cs_this_task_new();
	if (!task)
		return 0;
	task->step_sk = sk;
	task->step_owner = owner;
	task->step_way = way;
	/* Each turn copies at most once; a turn that finds no memory copies nothing and comes again,
	 * so this is an upper bound. Its bytes are counted when the call returns.
	 */
	if (way == CS_Q_USER_TO_KERNEL)
		counts->stat[CS_BANK_TRACEPOINT][CS_Q_USER_TO_KERNEL].count++;
	return 0;
}

SEC("?tp_btf/tcp_sendmsg_locked")
int BPF_PROG(send_step_tp, struct sock *sk, struct msghdr *msg)
{
	return on_send_step(sk, msg);
}

/* The step before knows the owner, too. */
static __always_inline int on_send_done(struct sock *sk, int ret)
{
	struct cs_task *task = cs_cfg.send_steps && cs_active ? cs_this_task() : NULL;
	bool stepped = task && task->step_sk == sk;
	struct cs_counts *counts;

	if (stepped)
		task->step_sk = NULL;
	if (ret <= 0)
		return 0;
	counts = cs_counts_of(stepped ? task->step_owner : cs_watched(sk, true));
	if (!counts)
		return 0;
	cs_add_alone(counts, CS_BANK_TRACEPOINT, CS_Q_SEND, 1, (__u64)ret);
	if (!cs_cfg.send_steps)
		return 0;
	if (!stepped)
		cs_drop_one(CS_DROP_UNCLASSIFIED);
	else if (task->step_way == CS_Q_ZEROCOPY)
		cs_add_alone(counts, CS_BANK_TRACEPOINT, CS_Q_ZEROCOPY, 1, (__u64)ret);
	else if (task->step_way == CS_Q_SPLICE)
		cs_add_alone(counts, CS_BANK_TRACEPOINT, CS_Q_SPLICE, 1, (__u64)ret);
	else /* copies were counted at each turn */
		counts->stat[CS_BANK_TRACEPOINT][CS_Q_USER_TO_KERNEL].amount += (__u64)ret;
	return 0;
}

SEC("?tp_btf/sock_send_length")
int BPF_PROG(send_done_tp, struct sock *sk, int ret)
{
	return on_send_done(sk, ret);
}

/* ---- tracepoint tier: receiving ---------------------------------------------------------- */

static __always_inline int on_recv(enum cs_bank bank, const struct sock *sk, int ret)
{
	struct cs_counts *counts = cs_counts_of(ret > 0 ? cs_watched(sk, true) : CS_NOBODY);

	if (counts)
		cs_add_alone(counts, bank, CS_Q_RECV, 1, (__u64)ret);
	return 0;
}

SEC("?tp_btf/sock_recv_length")
int BPF_PROG(recv_done_tp, struct sock *sk, int ret)
{
	return on_recv(CS_BANK_TRACEPOINT, sk, ret);
}

static __always_inline int on_copy_to_user(enum cs_bank bank, const struct sk_buff *skb, int len, bool typed)
{
	__u32 owner = len > 0 ? cs_watched(CS_FOLLOW(typed, struct sk_buff, skb, sk), typed) : CS_NOBODY;
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
 * receiver's socket. Zero lengths are error-queue reads.
 */
SEC("?tp_btf/skb_copy_datagram_iovec")
int BPF_PROG(copy_datagram_tp, struct sk_buff *skb, int len)
{
	return len ? on_copy_to_user(CS_BANK_TRACEPOINT, skb, len, true) : on_completion_read(skb);
}

/* ---- function tier: sending --------------------------------------------------------------
 * A send is seen at its entry, at its steps, by which bytes enter, and in tcp_push(), which it calls whenever
 * bytes have entered and it is about to wait or to return. At its return it is not: a thread may sleep in a
 * send, and a kretprobe has instances for only max(10, 2 * CPUs) threads. How many bytes entered is told by the
 * socket's write_seq, which nothing but a send moves, and under the socket's lock.
 *
 * A step that was missed leaves its bytes to the way before it or to none, a push that was missed loses them:
 * what is accounted is never more than what entered. What a task copies or pins between its sends is dropped
 * when the next begins, or when no byte came of it.
 */
static __always_inline __u32 write_seq(const struct sock *sk)
{
	return BPF_CORE_READ((const struct tcp_sock *)sk, write_seq);
}

static __always_inline void send_from_here(struct cs_send *send)
{
	send->seq = write_seq(send->sk);
	send->pushed = 0;
	send->copies = send->ref_calls = 0;
	send->copied = send->refs = 0;
}

static __always_inline int on_send_begin(const struct sock *sk, enum cs_quantity way, bool typed)
{
	__u32 owner = cs_watched(sk, typed);
	struct cs_task *task = cs_task_of_call(owner);

	if (!task)
		return 0;
	__builtin_memset(&task->send, 0, sizeof(task->send));
	if (!owner)
		return 0;
	task->send.sk = sk;
	task->send.owner = owner;
	task->send.way = way;
	send_from_here(&task->send);
	return 0;
}

/* The send the current task is in or was in last; NULL: of nobody's socket. */
static __always_inline struct cs_send *current_send(void)
{
	struct cs_task *task = cs_active ? cs_this_task() : NULL;

	return task && task->send.sk ? &task->send : NULL;
}

/* Once a send, and all its bytes. */
static __always_inline void add_send(struct cs_send *send, enum cs_quantity quantity, __u64 bytes)
{
	cs_add(CS_BANK_FUNCTION, send->owner, quantity, !(send->counted & (1U << quantity)), bytes);
	send->counted |= 1U << quantity;
}

static __always_inline void account_send(struct cs_send *send)
{
	__u32 bytes = write_seq(send->sk) - send->seq;

	if (!bytes)
		goto out;
	add_send(send, CS_Q_SEND, bytes);
	if (send->has_id)
		add_send(send, CS_Q_ZC_ID, 0);
	if (send->way == CS_Q_ZEROCOPY)
		add_send(send, CS_Q_ZEROCOPY, bytes);
	else if (send->way == CS_Q_SPLICE)
		add_send(send, CS_Q_SPLICE, bytes);
	else /* the last copy may have met a fault */
		cs_add(CS_BANK_FUNCTION, send->owner, CS_Q_USER_TO_KERNEL, send->copies,
		       send->copied < bytes ? send->copied : bytes);
	cs_add(CS_BANK_FUNCTION, send->owner, CS_Q_PAGE_REF, send->ref_calls, send->refs);
out:
	send_from_here(send);
}

/* Bytes are about to enter this way. While the send waited others may have sent. */
static __always_inline void send_step(struct cs_send *send, enum cs_quantity way)
{
	if (send->pushed)
		send_from_here(send);
	else if (send->way != way)
		account_send(send);
	send->way = way;
}

static __always_inline int on_send_push(const struct sock *sk)
{
	struct cs_send *send = current_send();

	if (!send || send->sk != sk)
		return 0;
	account_send(send);
	send->pushed = 1;
	return 0;
}

/* The copy functions themselves are in lib/, built without hooks; __check_object_size(), which hardened
 * usercopy calls once for each copy with its length, is not.
 */
static __always_inline int on_user_copy(__u64 bytes, bool to_user)
{
	struct cs_send *send = to_user ? NULL : current_send();

	if (!send)
		return 0;
	if (send->pushed)
		send_step(send, CS_Q_USER_TO_KERNEL);
	send->copies++;
	send->copied += bytes;
	return 0;
}

static __always_inline int on_zerocopy(const struct sock *sk, const struct msghdr *msg,
				       const struct ubuf_info_msgzc *uarg)
{
	struct cs_send *send = current_send();

	if (!send || send->sk != sk)
		return 0;
	send_step(send, CS_Q_ZEROCOPY);
	if (send->has_id || !uarg || BPF_CORE_READ(msg, msg_ubuf))
		return 0; /* a buffer of io_uring's has no id */
	send->has_id = 1;
	cs_zc_sent(sk, uarg);
	return 0;
}

static __always_inline int on_splice(void)
{
	struct cs_send *send = current_send();

	if (send)
		send_step(send, CS_Q_SPLICE);
	return 0;
}

/* As many as it asks for, or the send fails. */
static __always_inline int on_page_ref(int pages)
{
	struct cs_send *send = current_send();

	if (!send || pages <= 0)
		return 0;
	send->ref_calls++;
	send->refs += (__u64)pages;
	return 0;
}

CS_AT_ENTRY(tcp_sendmsg_locked, send_enter, on_send_begin(sk, CS_Q_USER_TO_KERNEL, typed), struct sock *sk)
CS_AT_ENTRY(tcp_push, send_push, on_send_push(sk), struct sock *sk)
CS_AT_ENTRY(__check_object_size, user_copy, on_user_copy(n, to_user), const void *ptr, unsigned long n,
	    bool to_user)
CS_AT_ENTRY(skb_zerocopy_iter_stream, zerocopy, on_zerocopy(sk, msg, uarg), struct sock *sk,
	    struct sk_buff *skb, struct msghdr *msg, int len, struct ubuf_info_msgzc *uarg)
CS_AT_ENTRY(skb_splice_from_iter, splice, on_splice(), struct sk_buff *skb)
CS_AT_ENTRY(get_user_pages_fast, page_ref, on_page_ref(pages), unsigned long start, int pages)

/* Before 6.5 sendfile() and splice() had a way of their own, do_tcp_sendpages(): a send that splices all
 * it takes. Told that more follows (MSG_SENDPAGE_NOTLAST) it does not push: the next page accounts for it.
 */
static __always_inline int on_sendpages_begin(const struct sock *sk, bool typed)
{
	struct cs_send *send = current_send();

	if (send && send->sk == sk && send->way == CS_Q_SPLICE && !send->pushed)
		account_send(send);
	return on_send_begin(sk, CS_Q_SPLICE, typed);
}

CS_AT_ENTRY(do_tcp_sendpages, sendpages_enter, on_sendpages_begin(sk, typed), struct sock *sk)

/* ---- function tier: receiving ------------------------------------------------------------ */

static __always_inline __u32 copied_seq(const struct sock *sk)
{
	return BPF_CORE_READ((const struct tcp_sock *)sk, copied_seq);
}

SEC("?fexit/tcp_recvmsg")
int BPF_PROG(recv_fentry, struct sock *sk, struct msghdr *msg, size_t len, int flags)
{
	int ret = (int)cs_func_ret(ctx);

	return flags & MSG_PEEK ? 0 : on_recv(CS_BANK_FUNCTION, sk, ret);
}

/* Without its return, as with a send: tcp_cleanup_rbuf() is told how much the call has copied so far, before it
 * waits and before it returns; an error is told, too, and ends it.
 */
SEC("?kprobe/tcp_recvmsg")
int BPF_KPROBE(recv_enter_kprobe, struct sock *sk, struct msghdr *msg, size_t len, int flags)
{
	__u32 owner = flags & MSG_PEEK ? CS_NOBODY : cs_watched(sk, false);
	struct cs_task *task = cs_task_of_call(owner);

	if (!task)
		return 0;
	task->receive = (struct cs_receive){.sk = owner ? sk : NULL, .owner = owner, .seq = copied_seq(sk)};
	return 0;
}

/* Others that take bytes from a socket call it with their own count: splice(), TCP_ZEROCOPY_RECEIVE. The socket
 * tells whether as many left it since this receive began; a FIN or an urgent byte may be one more.
 */
SEC("?kprobe/tcp_cleanup_rbuf")
int BPF_KPROBE(recv_copied_kprobe, struct sock *sk, int copied)
{
	struct cs_task *task = cs_active ? cs_this_task() : NULL;
	struct cs_receive *receive;

	if (!task || !task->receive.sk || task->receive.sk != sk)
		return 0;
	receive = &task->receive;
	if (copied < 0 || copied_seq(sk) - receive->seq - (__u32)copied > 1) {
		receive->sk = NULL;
		return 0;
	}
	if ((__u32)copied <= receive->copied)
		return 0;
	cs_add(CS_BANK_FUNCTION, receive->owner, CS_Q_RECV, !receive->copied,
	       (__u32)copied - receive->copied);
	receive->copied = (__u32)copied;
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
	return ret ? 0 : on_mapped(cs_watched(sk, true), zc);
}

SEC("?kprobe/tcp_zerocopy_receive")
int BPF_KPROBE(mapped_enter_kprobe, struct sock *sk, struct tcp_zerocopy_receive *zc)
{
	__u32 owner = cs_watched(sk, false);
	struct cs_task *task = cs_task_of_call(owner);

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
