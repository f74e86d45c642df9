// SPDX-License-Identifier: GPL-2.0-only
/* What happens to skbs between the sockets: who owns a zero-copy buffer, where the kernel replaces its
 * pages by a private copy, what TCP sends again.
 */
#include "core.bpf.h"

/* The ubuf_info of a zero-copy skb, 0 for any other. */
static __always_inline __u64 zerocopy_ubuf(const struct sk_buff *skb)
{
	const struct skb_shared_info *shinfo = cs_shinfo(skb);

	if (!(BPF_CORE_READ(shinfo, flags) & SKBFL_ZEROCOPY_ENABLE))
		return 0;
	return (__u64)BPF_CORE_READ(shinfo, destructor_arg);
}

/* The last point at which every skb still has its socket: loopback_xmit() orphans it next. */
SEC("?tp_btf")
int BPF_PROG(ubuf_owner_tp, struct sk_buff *skb)
{
	__u64 ubuf;
	__u32 owner, *known;
	int slot;

	if (!cs_active)
		return 0;
	ubuf = zerocopy_ubuf(skb);
	if (!ubuf)
		return 0;
	slot = cs_slot_of_sock(BPF_CORE_READ(skb, sk));
	if (slot < 0)
		return 0;
	owner = (__u32)slot;
	known = bpf_map_lookup_elem(&cs_ubufs, &ubuf);
	if (!known || *known != owner)
		bpf_map_update_elem(&cs_ubufs, &ubuf, &owner, BPF_ANY);
	return 0;
}

/* An skb that still references user pages when it is received locally is about to be copied whole:
 * skb_orphan_frags_rx() -> skb_copy_ubufs(), in __netif_receive_skb_core() up to 6.12 and in
 * ip_local_deliver_finish() later. A forwarded skb passes here once a hop, hence receive_netns.
 */
SEC("?tp_btf")
int BPF_PROG(copy_ubufs_tp, struct sk_buff *skb)
{
	__u32 *owner, data_len;
	__u64 ubuf;
	int slot;

	if (!cs_active)
		return 0;
	ubuf = zerocopy_ubuf(skb);
	data_len = BPF_CORE_READ(skb, data_len);
	if (!ubuf || !data_len)
		return 0;
	if (cs_cfg.receive_netns &&
	    BPF_CORE_READ(skb, dev, nd_net.net, ns.inum) != cs_cfg.receive_netns)
		return 0;
	slot = cs_slot_of_sock(BPF_CORE_READ(skb, sk));
	if (slot < 0) {
		/* Not ours (another program's zero-copy traffic) or no longer known: without an owner
		 * the two look alike, so only what is on record counts and the rest is reported.
		 */
		owner = bpf_map_lookup_elem(&cs_ubufs, &ubuf);
		if (!owner) {
			cs_drop_one(CS_DROP_ORPHAN);
			return 0;
		}
		slot = (int)*owner;
	}
	cs_add(slot, CS_Q_COPY_UBUFS, 1, data_len);
	return 0;
}

SEC("?tp_btf")
int BPF_PROG(retransmit_tp, const struct sock *sk, const struct sk_buff *skb)
{
	int slot;

	if (!cs_active)
		return 0;
	slot = cs_slot_of_sock(sk);
	if (slot >= 0)
		cs_add(slot, CS_Q_RETRANSMIT, 1, BPF_CORE_READ(skb, len));
	return 0;
}
