/* SPDX-License-Identifier: GPL-2.0-only */
/* The one place that decides who owns a socket or a task. */
#ifndef OWNER_BPF_H
#define OWNER_BPF_H

#include "core.bpf.h"

/* The configuration is constant when the verifier sees this: what is left are as many comparisons as owners. */
static __always_inline __u32 cs_owner_of_cgroup(__u64 id)
{
	const __u32 cnt = cs_cfg.owner_cnt; /* one load for all: it stays when its comparisons go */
	__u32 i;

#pragma unroll
	for (i = 0; i < CS_OWNERS_MAX; i++)
		if (i < cnt && cs_cfg.owner[i] == id)
			return i + 1;
	return CS_NOBODY;
}

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

/* The owner of a socket is the cgroup that created it (socket() or the listener at accept).
 * `current` says nothing in softirq: there the receiver often does the sender's work, and vice versa.
 */
static __always_inline __u32 cs_owner_by_sock(const struct sock *sk, bool typed)
{
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
	return cs_owner_of_cgroup(CS_FOLLOW(true, struct task_struct, task, cgroups, dfl_cgrp, kn, id));
}

static __always_inline bool cs_is_unix(const struct sock *sk, bool typed)
{
	return cs_cfg.unix_streams && sk && CS_READ(typed, sk, __sk_common.skc_family) == AF_UNIX &&
	       CS_READ(typed, sk, sk_type) == SOCK_STREAM;
}

/* In a send or a receive of a program, whose task it is. Only where AF_UNIX is concerned that matters: there all is
 * copied in the call, and who connects makes the sockets of both ends. So the task is the owner, if the socket is any
 * owner's: that of --control is not, copyscope has made it.
 */
static __always_inline __u32 cs_watched_call(const struct sock *sk, bool typed)
{
	if (!cs_is_unix(sk, typed))
		return cs_watched(sk, typed);
	return cs_active && cs_owner_by_sock(sk, typed) ? cs_owner_of_task(bpf_get_current_task_btf()) : CS_NOBODY;
}

/* A call that moved bytes, with typed arguments. NULL: none, or nobody's. */
static __always_inline struct cs_counts *cs_add_call(enum cs_bank bank, const struct sock *sk,
						     enum cs_quantity quantity, long bytes)
{
	struct cs_counts *counts = cs_counts_of(bytes > 0 ? cs_watched_call(sk, true) : CS_NOBODY);

	if (counts)
		cs_add_to(counts, bank, quantity, 1, (__u64)bytes);
	return counts;
}

#endif
