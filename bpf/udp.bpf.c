// SPDX-License-Identifier: GPL-2.0-only
/* Datagrams, as functions show them. What a send copies or refers to is the task's until the skb that has all of it is
 * given to IP: with MSG_MORE that is a later call's. A receive copies what it takes, and the tracepoint of that copy does
 * not show skbs without fragments (copy_linear_skb()), so it is counted where it is over.
 */
#include "calls.bpf.h"
#include "io_thread.bpf.h"
#include "ubuf.bpf.h"

static __always_inline int on_udp_send(const struct sock *sk, bool typed)
{
	__u32 owner = cs_watched_call(sk, typed);
	struct cs_task *task = cs_task_of_call(owner);

	if (!task || (owner && task->udp.sk == sk && BPF_CORE_READ((const struct udp_sock *)sk, pending)))
		return 0;
	task->udp = (struct cs_datagram){.sk = owner ? sk : NULL, .owner = owner};
	return 0;
}

CS_AT_ENTRY(udp_sendmsg, udp_send_enter, on_udp_send(sk, typed), struct sock *sk)
CS_AT_ENTRY(udpv6_sendmsg, udp6_send_enter, on_udp_send(sk, typed), struct sock *sk)

/* Of a datagram that is being made; NULL: of nobody's. */
static __always_inline struct cs_datagram *current_datagram(void)
{
	struct cs_task *task = cs_active ? cs_this_task() : NULL;

	return task && task->udp.sk ? &task->udp : NULL;
}

static __always_inline int on_udp_copy(int len)
{
	struct cs_datagram *datagram = len > 0 ? current_datagram() : NULL;

	if (datagram) {
		datagram->copies++;
		datagram->copied += (__u32)len;
	}
	return 0;
}

CS_AT_ENTRY(ip_generic_getfrag, udp_copy, on_udp_copy(len), void *from, char *to, int offset, int len)

/* Of the fragments: MSG_ZEROCOPY's buffer says whether the pages are the sender's, since the send takes an id, too, where
 * the route makes it copy.
 */
static __always_inline bool refers(const struct sk_buff *skb, const struct sock *sk, const struct ubuf_info *ubuf)
{
	return cs_sock_of_ubuf((__u64)ubuf, false) != sk ||
	       BPF_CORE_READ_BITFIELD_PROBED((const struct ubuf_info_msgzc *)ubuf, zerocopy);
}

static __always_inline void on_udp_zerocopy(const struct sk_buff *skb, const struct sock *sk, __u32 owner, bool typed)
{
	const struct ubuf_info *ubuf = (const void *)cs_ubuf_of(skb, typed);

	if (!ubuf)
		return;
	if (cs_sock_of_ubuf((__u64)ubuf, false) == sk) {
		cs_add(CS_BANK_FUNCTION, owner, CS_Q_ZC_ID, 1, 0);
		cs_zc_sent(sk, (const struct ubuf_info_msgzc *)ubuf);
	}
	if (refers(skb, sk, ubuf))
		cs_add(CS_BANK_FUNCTION, owner, CS_Q_ZEROCOPY, 1, CS_READ(typed, skb, data_len));
}

/* It begins with IP's header, and knows where UDP's is. */
static __always_inline int on_udp_sent(const struct sk_buff *skb, bool typed)
{
	const struct sock *sk = CS_FOLLOW(typed, struct sk_buff, skb, sk);
	__u32 owner = cs_is_udp(sk, CS_TYPED(typed)) ? cs_watched_call(sk, CS_TYPED(typed)) : CS_NOBODY;
	struct cs_counts *counts = cs_counts_of(owner);
	struct cs_datagram *datagram;
	__u32 headers, bytes;

	if (!counts)
		return 0;
	headers = CS_READ(typed, skb, transport_header) - CS_READ(typed, skb, network_header) + sizeof(struct udphdr);
	bytes = CS_READ(typed, skb, len) - headers;
	cs_add_to(counts, CS_BANK_FUNCTION, CS_Q_SEND, 1, bytes);
	cs_add_bytes(CS_BANK_FUNCTION, sk, owner, CS_CALL_UDP, 0, bytes);
	if (cs_in_io_thread())
		cs_add_made_for(counts, CS_BANK_FUNCTION, 1, bytes);
	on_udp_zerocopy(skb, sk, owner, typed);
	datagram = current_datagram();
	if (!datagram || datagram->sk != sk)
		return 0;
	cs_add(CS_BANK_FUNCTION, owner, CS_Q_USER_TO_KERNEL, datagram->copies, datagram->copied);
	cs_add(CS_BANK_FUNCTION, owner, CS_Q_PAGE_REF, datagram->ref_calls, datagram->refs);
	*datagram = (struct cs_datagram){0};
	return 0;
}

CS_AT_ENTRY(ip_send_skb, udp_sent, on_udp_sent(skb, typed), struct net *net, struct sk_buff *skb)
CS_AT_ENTRY(ip6_send_skb, udp6_sent, on_udp_sent(skb, typed), struct sk_buff *skb)

/* len < 0: it stays, MSG_PEEK. */
static __always_inline int on_udp_received(const struct sock *sk, int len, bool typed)
{
	__u32 owner = len > 0 && cs_is_udp(sk, typed) ? cs_watched_call(sk, typed) : CS_NOBODY;

	if (!owner)
		return 0;
	cs_add(CS_BANK_FUNCTION, owner, CS_Q_RECV, 1, (__u32)len);
	cs_add_bytes(CS_BANK_FUNCTION, sk, owner, CS_CALL_RECV_UDP, 0, (__u32)len);
	cs_add(CS_BANK_FUNCTION, owner, CS_Q_KERNEL_TO_USER, 1, (__u32)len);
	return 0;
}

CS_AT_ENTRY(skb_consume_udp, udp_received, on_udp_received(sk, len, typed), struct sock *sk, struct sk_buff *skb, int len)
