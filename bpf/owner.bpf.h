/* SPDX-License-Identifier: GPL-2.0-only */
/* The one place that decides who owns a socket or a task. */
#ifndef OWNER_BPF_H
#define OWNER_BPF_H

#include "core.bpf.h"

/* ---- the owners -------------------------------------------------------------------------- */

/* An owner that is a process, with its children: by tgid. User space puts in those that are there, fork_tp their
 * children.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, CS_PROCESSES_MAX);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u32);   /* tgid */
	__type(value, __u32); /* owner */
} cs_processes SEC(".maps");

/* Where everyone is one: the programs that have an account. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, CS_OWNERS_MAX);
	__type(key, struct cs_program);
	__type(value, __u32); /* owner */
} cs_programs SEC(".maps");

/* That asked for one. */
__u32 cs_programs_cnt = 0;

/* Where owners are processes: whose the sockets are that they have used. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, CS_SOCKETS_MAX);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u64); /* struct sock */
	__type(value, struct cs_socket);
} cs_sockets SEC(".maps");

/* Larger ones that are gone, the last of them. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, CS_CLOSED_MAX);
	__type(key, __u32); /* in their order */
	__type(value, struct cs_socket);
} cs_closed SEC(".maps");

__u32 cs_closed_cnt = 0;

/* Where owners are processes: whose the last call on this CPU was. Most calls are of the task and on the socket of the
 * one before, and all of the machine pass here.
 */
struct cs_last_call {
	__u64 turn; /* odd: just being written */
	__u64 changes;
	const struct task_struct *task;
	const struct sock *sk;
	__u64 owner;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct cs_last_call);
} cs_last_call SEC(".maps");

/* Of what such an answer depends on: whose a socket is, and whose a task, as far as its address tells. */
__u64 cs_changes = 0;

/* Of the one so many levels below the root that this one is, or lies in; 0: it is not so deep. */
static __always_inline __u64 cs_ancestor_id(const struct cgroup *cgroup, __u32 level)
{
	const struct cgroup *ancestor = NULL;
	const void *list = (const void *)cgroup + bpf_core_field_offset(struct cgroup___ancestors, ancestors);

	if ((__u32)BPF_CORE_READ(cgroup, level) < level ||
	    bpf_probe_read_kernel(&ancestor, sizeof(ancestor), list + level * sizeof(ancestor)))
		return 0;
	return BPF_CORE_READ(ancestor, kn, id);
}

/* The configuration is constant when the verifier sees this: what is left are as many comparisons as owners. */
static __always_inline __u32 cs_owner_of_cgroup(__u64 id)
{
	const __u32 cnt = cs_cfg.owner_cnt; /* one load for all: it stays when its comparisons go */
	__u32 i;

#pragma unroll
	for (i = 0; i < CS_NAMED_MAX; i++)
		if (i < cnt && cs_cfg.owner[i] == id)
			return i + 1;
	return CS_NOBODY;
}

static __always_inline __u32 cs_owner_of_subtree(const struct cgroup *cgroup)
{
	const __u32 cnt = cs_cfg.owner_cnt;
	__u32 i;

	for (i = 0; i < CS_NAMED_MAX && i < cnt; i++)
		if (cs_cfg.owner[i] && cs_ancestor_id(cgroup, cs_cfg.level[i]) == cs_cfg.owner[i])
			return i + 1;
	return CS_NOBODY;
}

static __always_inline __u32 cs_owner_of_tgid(__u32 tgid)
{
	const __u32 *owner = tgid ? bpf_map_lookup_elem(&cs_processes, &tgid) : NULL; /* 0: a CPU's idle task */

	return owner ? *owner : CS_NOBODY;
}

/* ---- sockets ----------------------------------------------------------------------------- */

static __always_inline bool cs_is_observed(unsigned short protocol)
{
	return protocol == IPPROTO_TCP || (cs_cfg.udp && protocol == IPPROTO_UDP);
}

/* A full socket, and TCP's, or UDP's where that is observed, too. */
static __always_inline bool cs_is_inet(const struct sock *sk, bool typed)
{
	unsigned short family;
	unsigned char state;

	if (!sk)
		return false;
	state = CS_READ(typed, sk, __sk_common.skc_state);
	if (state == TCP_TIME_WAIT || state == TCP_NEW_SYN_RECV)
		return false;
	family = CS_READ(typed, sk, __sk_common.skc_family);
	return (family == AF_INET || family == AF_INET6) &&
	       cs_is_observed(CS_READ(typed, sk, sk_protocol));
}

/* Of a full socket. */
static __always_inline bool cs_is_udp(const struct sock *sk, bool typed)
{
	return cs_cfg.udp && sk && CS_READ(typed, sk, __sk_common.skc_family) != AF_UNIX &&
	       CS_READ(typed, sk, sk_protocol) == IPPROTO_UDP;
}

static __always_inline struct cs_socket *cs_user_of_sock(const struct sock *sk)
{
	__u64 key = (__u64)sk;

	return bpf_map_lookup_elem(&cs_sockets, &key);
}

/* The owner of a socket is the cgroup that created it (socket() or the listener at accept); where owners are processes,
 * the last that has used it. `current` says nothing in softirq: there the receiver often does the sender's work, and
 * vice versa.
 */
static __always_inline __u32 cs_owner_by_sock(const struct sock *sk, bool typed)
{
	const struct cs_socket *user = cs_cfg.by_task ? cs_user_of_sock(sk) : NULL;

	if (user)
		return user->owner;
	if (cs_cfg.by_task && !cs_cfg.by_cgroup)
		return CS_NOBODY;
	if (cs_cfg.subtrees)
		return cs_owner_of_subtree(CS_FOLLOW(typed, struct sock, sk, sk_cgrp_data.cgroup));
	return cs_owner_of_cgroup(CS_FOLLOW(typed, struct sock, sk, sk_cgrp_data.cgroup, kn, id));
}

static __always_inline __u32 cs_owner_of_sock(const struct sock *sk, bool typed)
{
	return cs_is_inet(sk, typed) ? cs_owner_by_sock(sk, typed) : CS_NOBODY;
}

/* kTLS has taken over the socket's sends, or receives: TCP gets records from it, and gives it records. */
static __always_inline bool cs_is_tls(const struct sock *sk, bool typed)
{
	const struct inet_connection_sock *icsk = CS_CAST(typed, struct inet_connection_sock, sk);
	const struct tcp_ulp_ops *ulp = CS_READ(CS_TYPED(typed), icsk, icsk_ulp_ops);

	return ulp && BPF_CORE_READ(ulp, name[0]) == 't' && BPF_CORE_READ(ulp, name[1]) == 'l' &&
	       BPF_CORE_READ(ulp, name[2]) == 's';
}

/* While the gate is open. */
static __always_inline __u32 cs_watched(const struct sock *sk, bool typed)
{
	return cs_active ? cs_owner_of_sock(sk, typed) : CS_NOBODY;
}

/* Of bpf_get_current_task_btf(), or a tracepoint's argument. */
static __always_inline __u32 cs_owner_of_task(const struct task_struct *task)
{
	__u32 owner = cs_cfg.by_task ? cs_owner_of_tgid((__u32)task->tgid) : CS_NOBODY;

	if (owner || (cs_cfg.by_task && !cs_cfg.by_cgroup))
		return owner;
	if (cs_cfg.subtrees)
		return cs_owner_of_subtree(CS_FOLLOW(true, struct task_struct, task, cgroups, dfl_cgrp));
	return cs_owner_of_cgroup(CS_FOLLOW(true, struct task_struct, task, cgroups, dfl_cgrp, kn, id));
}

static __always_inline bool cs_is_unix(const struct sock *sk, bool typed)
{
	return cs_cfg.unix_streams && sk && CS_READ(typed, sk, __sk_common.skc_family) == AF_UNIX &&
	       CS_READ(typed, sk, sk_type) == SOCK_STREAM;
}

static __always_inline void cs_describe_sock(struct cs_socket *socket, const struct sock *sk)
{
	__u16 port;

	socket->family = BPF_CORE_READ(sk, __sk_common.skc_family);
	socket->protocol = BPF_CORE_READ(sk, sk_protocol);
	socket->local_port = BPF_CORE_READ(sk, __sk_common.skc_num);
	port = BPF_CORE_READ(sk, __sk_common.skc_dport);
	socket->remote_port = __builtin_bswap16(port);
	if (socket->family == AF_INET) {
		BPF_CORE_READ_INTO((__be32 *)socket->local, sk, __sk_common.skc_rcv_saddr);
		BPF_CORE_READ_INTO((__be32 *)socket->remote, sk, __sk_common.skc_daddr);
	} else if (bpf_core_field_exists(sk->__sk_common.skc_v6_daddr)) {
		BPF_CORE_READ_INTO((struct in6_addr *)socket->local, sk, __sk_common.skc_v6_rcv_saddr);
		BPF_CORE_READ_INTO((struct in6_addr *)socket->remote, sk, __sk_common.skc_v6_daddr);
	}
}

/* A function, as it is long, and called once a socket. */
static __attribute__((noinline)) int cs_new_sock(const struct sock *sk, __u32 owner)
{
	struct cs_socket socket = {.owner = owner};
	__u64 key = (__u64)sk;

	cs_describe_sock(&socket, sk);
	if (bpf_map_update_elem(&cs_sockets, &key, &socket, BPF_ANY))
		cs_drop_one(CS_DROP_SOCKET);
	else
		cs_add(CS_BANK_TRACEPOINT, owner, CS_Q_SOCKET, 1, 0);
	return 0;
}

/* What moved over it stays with its owner's sums, and in the list if it was much. */
static __always_inline void cs_forget_sock(const struct sock *sk)
{
	const struct cs_socket *socket = cs_user_of_sock(sk);
	__u64 key = (__u64)sk;
	__u32 order;

	if (!socket)
		return;
	__sync_fetch_and_add(&cs_changes, 1);
	if (socket->sent.amount + socket->received.amount >= CS_CLOSED_BYTES) {
		order = __sync_fetch_and_add(&cs_closed_cnt, 1);
		bpf_map_update_elem(&cs_closed, &order, socket, BPF_ANY);
	}
	bpf_map_delete_elem(&cs_sockets, &key);
}

/* Used in a call: from now on it is that owner's (CS_NOBODY: nobody's any more). */
static __always_inline void cs_take_sock(const struct sock *sk, __u32 owner)
{
	const struct cs_socket *socket = cs_user_of_sock(sk);

	if (socket && socket->owner == owner)
		return;
	if (socket)
		cs_forget_sock(sk);
	if (owner)
		cs_new_sock(sk, owner);
}

/* A program that sends or receives for the first time, as far as its name goes. Two that do so at the same time may leave
 * an account empty.
 */
static __always_inline __u32 cs_owner_of_program(const struct task_struct *task)
{
	struct cs_program program = {};
	__u32 fresh, *owner;

	BPF_CORE_READ_INTO(&program.comm, task, group_leader, comm);
	owner = bpf_map_lookup_elem(&cs_programs, &program);
	if (owner)
		return *owner;
	if (cs_programs_cnt > CS_OWNERS_MAX - CS_FIRST_PROGRAM)
		return CS_OTHERS;
	fresh = CS_FIRST_PROGRAM + __sync_fetch_and_add(&cs_programs_cnt, 1);
	if (fresh > CS_OWNERS_MAX)
		return CS_OTHERS;
	if (!bpf_map_update_elem(&cs_programs, &program, &fresh, BPF_NOEXIST))
		return fresh;
	owner = bpf_map_lookup_elem(&cs_programs, &program);
	return owner ? *owner : CS_OTHERS;
}

/* Of a process that is nobody's yet. */
static __always_inline __u32 cs_adopt(const struct task_struct *task)
{
	__u32 tgid = (__u32)task->tgid, owner = cs_owner_of_program(task);

	if (bpf_map_update_elem(&cs_processes, &tgid, &owner, BPF_ANY))
		cs_drop_one(CS_DROP_PROCESS);
	return owner;
}

/* Where owners are processes. A thread of the kernel's works for whoever has used the socket: kTLS has records sent so.
 * Most calls of the machine are nobody's: of those only UDP's sockets are looked for, whose end nothing tells. One of TCP's
 * that was handed on remains its owner's for what softirqs do.
 */
static __always_inline __u32 cs_find_user(const struct task_struct *task, const struct sock *sk, bool typed)
{
	bool local = cs_is_unix(sk, typed); /* all is done in the call */
	__u32 owner = cs_owner_of_task(task);

	if (!local && !cs_is_inet(sk, typed))
		return CS_NOBODY;
	if (task->flags & PF_KTHREAD)
		return cs_owner_by_sock(sk, typed) ?: cs_cfg.everyone ? CS_KERNEL_THREADS : CS_NOBODY;
	if (!owner && cs_cfg.everyone)
		owner = cs_adopt(task);
	if (local || (!owner && !cs_is_udp(sk, typed)))
		return owner;
	cs_take_sock(sk, owner);
	return owner;
}

/* A task changes its cgroup without a sign, and other sockets than TCP's end without one. A thread of the kernel's works
 * for whoever has the socket by then.
 */
static __always_inline bool cs_may_remember(const struct task_struct *task, const struct sock *sk, bool typed)
{
	return !cs_cfg.by_cgroup && !(task->flags & PF_KTHREAD) && cs_is_inet(sk, typed) && !cs_is_udp(sk, typed);
}

/* A program that is preempted, where the kernel does that, may find that the next one has been here: then it knows
 * nothing.
 */
static __always_inline bool cs_is_last_call(struct cs_last_call *last, const struct task_struct *task,
					    const struct sock *sk, __u32 *owner)
{
	__u64 turn = READ_ONCE(last->turn);

	if (turn & 1 || last->task != task || last->sk != sk || last->changes != cs_changes)
		return false;
	barrier();
	*owner = (__u32)READ_ONCE(last->owner);
	barrier();
	return READ_ONCE(last->turn) == turn;
}

static __always_inline void cs_remember_call(struct cs_last_call *last, const struct task_struct *task,
					     const struct sock *sk, __u32 owner, __u64 changes)
{
	__u64 turn = READ_ONCE(last->turn);

	if (turn & 1 || !__sync_bool_compare_and_swap(&last->turn, turn, turn + 1))
		return;
	last->changes = changes;
	last->task = task;
	last->sk = sk;
	last->owner = owner;
	barrier();
	WRITE_ONCE(last->turn, turn + 2);
}

static __always_inline __u32 cs_owner_by_user(const struct sock *sk, bool typed)
{
	const struct task_struct *task = bpf_get_current_task_btf();
	const __u64 changes = READ_ONCE(cs_changes);
	struct cs_last_call *last;
	__u32 owner, zero = 0;

	last = bpf_map_lookup_elem(&cs_last_call, &zero);
	if (last && cs_is_last_call(last, task, sk, &owner))
		return owner;
	owner = cs_find_user(task, sk, typed);
	if (last && cs_may_remember(task, sk, typed))
		cs_remember_call(last, task, sk, owner, changes);
	return owner;
}

/* In a send or a receive of a program, whose task it is. Where owners are cgroups that matters only for AF_UNIX: there
 * all is copied in the call, and who connects makes the sockets of both ends. So the task is the owner, if the socket is
 * any owner's: that of --control is not, copyscope has made it.
 */
static __always_inline __u32 cs_watched_call(const struct sock *sk, bool typed)
{
	__u32 owner;

	if (cs_cfg.by_task)
		return cs_active ? cs_owner_by_user(sk, typed) : CS_NOBODY;
	if (!cs_is_unix(sk, typed)) {
		owner = cs_watched(sk, typed);
		if (cs_cfg.sockets && owner)
			cs_take_sock(sk, owner);
		return owner;
	}
	return cs_active && cs_owner_by_sock(sk, typed) ? cs_owner_of_task(bpf_get_current_task_btf()) : CS_NOBODY;
}

#endif
