// SPDX-License-Identifier: GPL-2.0-only
/* How bytes enter the kernel in a send: copied, referenced or spliced. */
#include "calls.bpf.h"
#include "io_thread.bpf.h"
#include "ubuf.bpf.h"

/* ---- tracepoint tier ---------------------------------------------------------------------
 * tcp_sendmsg_locked fires once per turn of the send loop, before any byte moves, and shows the
 * message's flags; sock_send_length fires after the call with its result. The first tells the way, the
 * second the bytes; the task ties them together.
 */

/* A buffer of io_uring's; of MSG_ZEROCOPY there is none yet. */
static __always_inline const struct ubuf_info *own_ubuf(const struct msghdr *msg)
{
	return msg->msg_flags & MSG_ZEROCOPY ? CS_FOLLOW(true, struct msghdr, msg, msg_ubuf) : NULL;
}

/* Each turn copies at most once; a turn that finds no memory copies nothing and comes again, so this is an upper bound.
 * Its bytes are counted when the call returns.
 */
static __always_inline void add_turn(struct cs_counts *counts, enum cs_call call)
{
	if (counts && cs_way_of(call) == CS_Q_USER_TO_KERNEL)
		counts->stat[CS_BANK_TRACEPOINT][CS_Q_USER_TO_KERNEL].count++;
}

static __always_inline int on_first_turn(struct sock *sk, struct msghdr *msg)
{
	__u32 owner = cs_watched_call(sk, true);
	struct cs_counts *counts = cs_counts_of(owner);
	const struct ubuf_info *ubuf = cs_active ? own_ubuf(msg) : NULL;
	enum cs_call call;
	struct cs_task *task;

	if (ubuf)
		cs_note_ubuf(ubuf, owner);
	if (!counts || (msg->msg_flags & MSG_SPLICE_PAGES && cs_is_tls(sk, true)))
		return 0;
	call = cs_call_of(sk, msg, true);
	if (cs_way_of(call) == CS_Q_ZEROCOPY && !cs_zc_seen)
		cs_zc_seen = 1;
	task = cs_this_task_new();
	if (!task)
		return 0;
	task->step_sk = sk;
	task->step_owner = owner;
	task->step_call = call;
	task->step_loops_back = cs_loops_back(sk, true);
	task->step_misaligned = cs_misaligned(msg, call, true);
	add_turn(counts, call);
	return 0;
}

/* All but the first of a call's turns are like that. Where its end was missed the next call is taken for more of it, and
 * that a run was skipped is told.
 */
static __always_inline int on_send_step(struct sock *sk, struct msghdr *msg)
{
	const struct cs_task *task = cs_active ? cs_this_task() : NULL;

	if (!task || task->step_sk != sk)
		return on_first_turn(sk, msg);
	add_turn(cs_counts_of(task->step_owner), task->step_call);
	return 0;
}

SEC("?tp_btf/tcp_sendmsg_locked")
int BPF_PROG(send_step_tp, struct sock *sk, struct msghdr *msg)
{
	return on_send_step(sk, msg);
}

/* The turns of its loop, at most: each takes as much as a half of the send buffer, and never less than 32 KiB of that
 * (unix_stream_sendmsg(), UNIX_SKB_FRAGS_SZ).
 */
static __always_inline __u64 unix_turns(const struct sock *sk, __u32 bytes)
{
	__u32 turn = ((__u32)sk->sk_sndbuf >> 1) - 64;

	if (turn > 32768)
		turn = 32768;
	return turn ? (bytes + turn - 1) / turn : 0;
}

/* Of each datagram there is a copy into its first part and one a page at most, and none is smaller than IP's least MTU
 * makes it. Where the socket may send by reference nothing shows what this call did.
 */
static __always_inline void on_udp_done(struct cs_counts *counts, const struct sock *sk, __u32 bytes)
{
	unsigned long zerocopy_bit = 1UL << bpf_core_enum_value(enum sock_flags, SOCK_ZEROCOPY);

	if (!(sk->__sk_common.skc_flags & zerocopy_bit))
		cs_add_alone(counts, CS_BANK_TRACEPOINT, CS_Q_USER_TO_KERNEL, bytes / 256 + 2, bytes);
	else if (cs_cfg.calls[0]) /* else it is known that it is asked for, and told as such */
		cs_drop_one(CS_DROP_UNCLASSIFIED);
}

/* What its end alone shows. kTLS's have no steps: what it gives TCP are records. */
static __always_inline enum cs_call unstepped_call(const struct sock *sk)
{
	if (cs_is_udp(sk, true))
		return CS_CALL_UDP;
	if (cs_is_unix(sk, true))
		return CS_CALL_UNIX;
	return cs_cfg.calls[0] && cs_is_tls(sk, true) ? CS_CALL_KTLS : CS_CALL_SEND_UNSEEN;
}

/* AF_UNIX copies whatever is not spliced. */
static __always_inline void on_classified(struct cs_counts *counts, const struct sock *sk, enum cs_call call, __u32 bytes)
{
	enum cs_quantity way = cs_way_of(call);

	if (call == CS_CALL_UDP)
		on_udp_done(counts, sk, bytes);
	else if (call == CS_CALL_UNIX)
		cs_add_alone(counts, CS_BANK_TRACEPOINT, CS_Q_USER_TO_KERNEL, unix_turns(sk, bytes), bytes);
	else if (call == CS_CALL_SEND_UNSEEN || call == CS_CALL_KTLS)
		cs_drop_one(CS_DROP_UNCLASSIFIED);
	else if (way == CS_Q_ZEROCOPY)
		cs_add_alone(counts, CS_BANK_TRACEPOINT, CS_Q_ZEROCOPY, 1, bytes);
	else if (way == CS_Q_SPLICE)
		cs_add_alone(counts, CS_BANK_TRACEPOINT, CS_Q_SPLICE, 1, bytes);
	else /* copies were counted at each turn */
		counts->stat[CS_BANK_TRACEPOINT][CS_Q_USER_TO_KERNEL].amount += bytes;
}

/* The step before knows the owner, too. */
static __always_inline int on_send_done(struct sock *sk, int ret)
{
	struct cs_task *task = cs_cfg.send_steps && cs_active ? cs_this_task() : NULL;
	bool stepped = task && task->step_sk == sk;
	struct cs_counts *counts;
	enum cs_call call;
	__u32 owner;

	if (stepped)
		task->step_sk = NULL;
	if (ret <= 0)
		return 0;
	owner = stepped ? task->step_owner : cs_watched_call(sk, true);
	counts = cs_counts_of(owner);
	if (!counts)
		return 0;
	cs_add_alone(counts, CS_BANK_TRACEPOINT, CS_Q_SEND, 1, (__u64)ret);
	if (stepped ? task->step_loops_back : cs_loops_back(sk, true))
		cs_add_alone(counts, CS_BANK_TRACEPOINT, CS_Q_SEND_LOOPBACK, 1, (__u64)ret);
	if (stepped && task->step_misaligned)
		cs_add_alone(counts, CS_BANK_TRACEPOINT, CS_Q_ZC_MISALIGNED, 1, (__u64)ret);
	if (cs_in_io_thread())
		cs_add_made_for(counts, CS_BANK_TRACEPOINT, 1, (__u64)ret);
	call = stepped ? task->step_call : unstepped_call(sk);
	cs_add_bytes(CS_BANK_TRACEPOINT, sk, owner, call, 0, (__u64)ret);
	if (cs_cfg.send_steps)
		on_classified(counts, sk, call, (__u32)ret);
	return 0;
}

SEC("?tp_btf/sock_send_length")
int BPF_PROG(send_done_tp, struct sock *sk, int ret)
{
	return on_send_done(sk, ret);
}

/* ---- function tier -----------------------------------------------------------------------
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

static __always_inline int on_send_begin(const struct sock *sk, enum cs_quantity way, enum cs_call call, bool misaligned,
					 bool typed)
{
	__u32 owner = cs_watched_call(sk, typed);
	struct cs_task *task = cs_task_of_call(owner);

	if (!task)
		return 0;
	__builtin_memset(&task->send, 0, sizeof(task->send));
	if (!owner)
		return 0;
	if (way == CS_Q_SPLICE && cs_is_tls(sk, typed)) {
		way = CS_Q_TLS_PUSH;
		if (!cs_cfg.tls)
			cs_drop_one(CS_DROP_UNCLASSIFIED);
	}
	task->send.sk = sk;
	task->send.owner = owner;
	task->send.way = way;
	task->send.call = call;
	task->send.loops_back = cs_loops_back(sk, typed);
	task->send.misaligned = misaligned;
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
	if (send->way == CS_Q_TLS_PUSH) { /* their payload was counted when they were encrypted */
		add_send(send, CS_Q_TLS_PUSH, bytes);
		goto out;
	}
	if (cs_in_io_thread())
		cs_add_made_for(cs_counts_of(send->owner), CS_BANK_FUNCTION, !(send->counted & (1U << CS_Q_SEND)), bytes);
	if (send->loops_back)
		cs_add(CS_BANK_FUNCTION, send->owner, CS_Q_SEND_LOOPBACK, !send->sent, bytes);
	if (send->misaligned)
		cs_add(CS_BANK_FUNCTION, send->owner, CS_Q_ZC_MISALIGNED, !send->sent, bytes);
	cs_add_bytes(CS_BANK_FUNCTION, send->sk, send->owner, send->call, send->sent, bytes);
	send->sent += bytes;
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
	if (send->way == CS_Q_TLS_PUSH) /* for good */
		way = CS_Q_TLS_PUSH;
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

	if (!send || send->way == CS_Q_TLS_PUSH)
		return 0;
	if (send->pushed)
		send_step(send, CS_Q_USER_TO_KERNEL);
	send->copies++;
	send->copied += bytes;
	return 0;
}

static __always_inline int on_zerocopy(const struct sock *sk, const struct msghdr *msg,
				       const struct ubuf_info_msgzc *uarg, bool typed)
{
	struct cs_send *send = current_send();
	bool watched = send && send->sk == sk;
	const struct ubuf_info *ubuf;

	if (watched)
		send_step(send, CS_Q_ZEROCOPY);
	if (!cs_active || !uarg || (watched && send->has_id))
		return 0;
	ubuf = BPF_CORE_READ(msg, msg_ubuf);
	if (ubuf) { /* io_uring's, which has no id; an entry of this send may have been missed */
		cs_note_ubuf(ubuf, cs_owner_of_sock(sk, typed));
		return 0;
	}
	if (!watched)
		return 0;
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
	struct task_struct *current = bpf_get_current_task_btf();
	struct cs_task *task;

	if (!cs_active || pages <= 0)
		return 0;
	if (cs_syscall(current) == __NR_vmsplice) { /* they go into a pipe, and whoever splices from it sends them */
		cs_add(CS_BANK_FUNCTION, cs_owner_of_task(current), CS_Q_PAGE_REF, 1, (__u64)pages);
		return 0;
	}
	task = cs_this_task();
	if (task && task->tls.sk) { /* until the record is encrypted */
		cs_add(CS_BANK_FUNCTION, task->tls.owner, CS_Q_PAGE_REF, 1, (__u64)pages);
	} else if (task && task->udp.sk) { /* until the datagram is sent */
		task->udp.ref_calls++;
		task->udp.refs += (__u32)pages;
	} else if (task && task->send.sk) {
		task->send.ref_calls++;
		task->send.refs += (__u64)pages;
	}
	return 0;
}

/* Which way it will be its steps tell; but records of kTLS's are spliced from the outset. */
static __always_inline int on_sendmsg_begin(const struct sock *sk, const struct msghdr *msg, bool typed)
{
	bool splices = CS_READ(typed, msg, msg_flags) & MSG_SPLICE_PAGES;
	enum cs_call call = cs_cfg.calls[0] ? cs_call_of(sk, msg, typed) : CS_CALL_SEND;

	return on_send_begin(sk, splices ? CS_Q_SPLICE : CS_Q_USER_TO_KERNEL, call, cs_misaligned(msg, call, typed), typed);
}

CS_AT_ENTRY(tcp_sendmsg_locked, send_enter, on_sendmsg_begin(sk, msg, typed), struct sock *sk, struct msghdr *msg)
CS_AT_ENTRY(tcp_push, send_push, on_send_push(sk), struct sock *sk)
CS_AT_ENTRY(__check_object_size, user_copy, on_user_copy(n, to_user), const void *ptr, unsigned long n,
	    bool to_user)
CS_AT_ENTRY(skb_zerocopy_iter_stream, zerocopy, on_zerocopy(sk, msg, uarg, typed), struct sock *sk,
	    struct sk_buff *skb, struct msghdr *msg, int len, struct ubuf_info_msgzc *uarg)
CS_AT_ENTRY(skb_splice_from_iter, splice, on_splice(), struct sk_buff *skb)
CS_AT_ENTRY(get_user_pages_fast, page_ref, on_page_ref(pages), unsigned long start, int pages)

/* The read half of sendfile() and splice(), where it does not hand out the file's own pages. The task is in the call. */
static __always_inline int on_splice_read(long bytes)
{
	if (cs_active && bytes > 0)
		cs_add(CS_BANK_FUNCTION, cs_owner_of_task(bpf_get_current_task_btf()), CS_Q_SPLICE_READ, 1,
		       (__u64)bytes);
	return 0;
}

CS_AT_RETURN(copy_splice_read, splice_read, on_splice_read(ret), long)

/* Before 6.5 sendfile() and splice() had a way of their own, do_tcp_sendpages(): a send that splices all
 * it takes. Told that more follows (MSG_SENDPAGE_NOTLAST) it does not push: the next page accounts for it.
 */
static __always_inline struct cs_send *sendpages_of(const struct sock *sk)
{
	struct cs_send *send = current_send();
	bool splices = send && (send->way == CS_Q_SPLICE || send->way == CS_Q_TLS_PUSH);

	return splices && send->sk == sk ? send : NULL;
}

static __always_inline int on_sendpages_begin(const struct sock *sk, bool typed)
{
	struct cs_send *send = sendpages_of(sk);

	if (send && !send->pushed)
		account_send(send);
	return on_send_begin(sk, CS_Q_SPLICE, CS_CALL_SENDFILE, false, typed);
}

/* Called for each page before its bytes enter: where it waited in between, others may have sent. */
static __always_inline int on_sendpages_step(const struct sock *sk)
{
	struct cs_send *send = sendpages_of(sk);

	if (send)
		send_step(send, CS_Q_SPLICE);
	return 0;
}

CS_AT_ENTRY(do_tcp_sendpages, sendpages_enter, on_sendpages_begin(sk, typed), struct sock *sk)
CS_AT_ENTRY(tcp_wmem_schedule, sendpages_step, on_sendpages_step(sk), struct sock *sk)
