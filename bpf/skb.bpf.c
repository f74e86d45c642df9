// SPDX-License-Identifier: GPL-2.0-only
/* What happens to skbs between the sockets: where the kernel copies bytes once more and from where it
 * was called, what TCP sends again.
 */
#include "core.bpf.h"

/* Fragments of a zero-copy skb, and whether it could take no more: MAX_SKB_FRAGS (include/linux/skbuff.h) is the
 * length of an array that this kernel's BTF has.
 */
static __always_inline void count_frags(struct cs_counts *counts, enum cs_bank bank, const struct sk_buff *skb,
					bool typed)
{
	const struct skb_shared_info *shinfo = cs_shinfo(skb, typed);
	const struct skb_shared_info___sized *sized = (const void *)shinfo;
	__u32 frags = CS_READ(CS_TYPED(typed), shinfo, nr_frags);

	cs_add_alone(counts, bank, CS_Q_ZC_FRAGS, 1, frags);
	if (frags >= bpf_core_field_size(sized->frags) / bpf_core_field_size(sized->frags[0]))
		cs_add_alone(counts, bank, CS_Q_ZC_FULL, 1, 0);
}

/* ---- tracepoint tier --------------------------------------------------------------------- */

/* An skb that still references user pages when it is received is about to be copied whole:
 * skb_orphan_frags_rx() -> skb_copy_ubufs(). Up to 6.12 that is in __netif_receive_skb_core(), so at the
 * first hop and never again; later in ip_local_deliver_finish(), so only where it is delivered, and a
 * forwarded skb passes here once a hop. Both are counted; user space takes the deliveries, and the hops
 * where there was no delivery of user pages.
 */
static __always_inline int on_zerocopy_received(struct sk_buff *skb)
{
	__u32 data_len = cs_active && (cs_zc_seen || !cs_cfg.send_steps) ? skb->data_len : 0;
	struct cs_counts *counts;
	bool delivered;
	__u64 ubuf;

	ubuf = data_len ? cs_ubuf_of(skb, true) : 0;
	if (!ubuf)
		return 0;
	counts = cs_counts_of(cs_owner_of_skb(skb, ubuf, true));
	delivered = CS_FOLLOW(true, struct sk_buff, skb, dev, nd_net.net, ns.inum) == cs_cfg.receive_netns;
	if (!counts) {
		if (delivered && !cs_tcp_of_ubuf(ubuf, true))
			cs_drop_one(CS_DROP_ORPHAN);
		return 0;
	}
	cs_add_alone(counts, CS_BANK_TRACEPOINT, CS_Q_COPY_UBUFS_HOPS, 1, data_len);
	count_frags(counts, CS_BANK_TRACEPOINT, skb, true);
	if (delivered)
		cs_add_alone(counts, CS_BANK_TRACEPOINT, CS_Q_COPY_UBUFS, 1, data_len);
	return 0;
}

SEC("?tp_btf/netif_receive_skb")
int BPF_PROG(copy_ubufs_tp, struct sk_buff *skb)
{
	return on_zerocopy_received(skb);
}

static __always_inline int on_retransmit(const struct sock *sk, const struct sk_buff *skb)
{
	struct cs_counts *counts = cs_counts_of(cs_watched(sk, true));

	if (counts)
		cs_add_alone(counts, CS_BANK_TRACEPOINT, CS_Q_RETRANSMIT, 1, skb->len);
	return 0;
}

/* Since 6.17 (ad892e912b84) the event also tells of attempts that sent nothing, by a third argument: mostly
 * -EBUSY, for an skb that is still in a queue of this host.
 */
SEC("?tp_btf/tcp_retransmit_skb")
int BPF_PROG(retransmit_tp, const struct sock *sk, const struct sk_buff *skb)
{
	if (bpf_core_field_exists(struct trace_event_raw_tcp_retransmit_skb___err, err) && (int)ctx[2])
		return 0;
	return on_retransmit(sk, skb);
}

/* ---- function tier: copies inside the path -----------------------------------------------
 * These functions call each other (skb_copy() and __pskb_pull_tail() copy through skb_copy_bits(),
 * skb_segment() through it and skb_copy_and_csum_bits()), so each is counted only for the bytes it
 * moves itself. The stack tells the reason: sym/copy_reason.c.
 */
static __always_inline int path_copy(void *ctx, __u64 caller, bool typed, const struct sk_buff *skb,
				     enum cs_function function, __u64 bytes)
{
	struct cs_path zero = {}, *path;
	struct cs_path_key key = {};
	struct cs_counts *counts;
	__u32 owner;

	if (!cs_active || !bytes)
		return 0;
	owner = cs_owner_of_skb(skb, cs_ubuf_of(skb, typed), typed);
	counts = cs_counts_of(owner);
	if (!counts)
		return 0;
	if (function == CS_F_SKB_COPY_UBUFS) {
		cs_add_alone(counts, CS_BANK_FUNCTION, CS_Q_COPY_UBUFS, 1, bytes);
		count_frags(counts, CS_BANK_FUNCTION, skb, typed);
	}
	cs_add(CS_BANK_FUNCTION, owner, CS_Q_PATH_COPY, 1, bytes); /* of several programs */
	key.owner = owner;
	key.function = function;
	key.caller = caller;
	key.kernel_stack = cs_stack_id_in(&cs_path_stacks, ctx, 0);
	if (key.kernel_stack == -EEXIST || key.kernel_stack == -ENOMEM)
		cs_drop_one(CS_DROP_PATH);
	path = cs_lookup_or_init(&cs_path, &key, &zero);
	if (!path) {
		cs_drop_one(CS_DROP_PATH);
		return 0;
	}
	__sync_fetch_and_add(&path->count, 1);
	__sync_fetch_and_add(&path->bytes, bytes);
	return 0;
}

/* At a function's entry arm64 has not saved the frame yet: the unwinder of a kprobe goes from the function
 * straight to its caller's caller, and the link register has what is missing. x86 unwinds by tables.
 */
#if defined(__TARGET_ARCH_arm64)
#define KPROBE_CALLER(ctx) PT_REGS_RET(ctx)
#else
#define KPROBE_CALLER(ctx) 0
#endif

/* As CS_AT_ENTRY(); the call is made with caller and typed. */
#define COPY_AT_ENTRY(function, name, call, args...)                          \
	SEC("?fentry/" #function) int BPF_PROG(name##_fentry, ##args)         \
	{                                                                     \
		const __u64 caller = 0;                                       \
		const bool typed = true;                                      \
									      \
		return call;                                                  \
	}                                                                     \
	SEC("?kprobe/" #function) int BPF_KPROBE(name##_kprobe, ##args)       \
	{                                                                     \
		const __u64 caller = KPROBE_CALLER(ctx);                      \
		const bool typed = false;                                     \
									      \
		return call;                                                  \
	}

/* All frags of a zero-copy skb; its linear part stays. */
static __always_inline int on_copy_ubufs(void *ctx, __u64 caller, bool typed, const struct sk_buff *skb)
{
	if (!cs_active || !cs_ubuf_of(skb, typed))
		return 0; /* no user pages (any more): only the reference is dropped */
	return path_copy(ctx, caller, typed, skb, CS_F_SKB_COPY_UBUFS, CS_READ(typed, skb, data_len));
}

static __always_inline int on_copy_bits(void *ctx, __u64 caller, bool typed, const struct sk_buff *skb,
					enum cs_function function, int len)
{
	return path_copy(ctx, caller, typed, skb, function, len > 0 ? (__u64)len : 0);
}

/* memcpy(data + nhead, skb->head, skb_tail_pointer(skb) - skb->head) */
static __always_inline int on_expand_head(void *ctx, __u64 caller, bool typed, const struct sk_buff *skb)
{
	return path_copy(ctx, caller, typed, skb, CS_F_PSKB_EXPAND_HEAD, CS_READ(typed, skb, tail));
}

/* Copies the linear part, shares the rest. */
static __always_inline int on_copy_fclone(void *ctx, __u64 caller, bool typed, const struct sk_buff *skb)
{
	return path_copy(ctx, caller, typed, skb, CS_F_PSKB_COPY_FCLONE,
			 CS_READ(typed, skb, len) - CS_READ(typed, skb, data_len));
}

COPY_AT_ENTRY(skb_copy_ubufs, copy_ubufs, on_copy_ubufs(ctx, caller, typed, skb), struct sk_buff *skb)
COPY_AT_ENTRY(skb_copy_bits, copy_bits, on_copy_bits(ctx, caller, typed, skb, CS_F_SKB_COPY_BITS, len),
	      struct sk_buff *skb, int offset, void *to, int len)
COPY_AT_ENTRY(skb_copy_and_csum_bits, copy_csum,
	      on_copy_bits(ctx, caller, typed, skb, CS_F_SKB_COPY_AND_CSUM_BITS, len),
	      struct sk_buff *skb, int offset, __u8 *to, int len)
COPY_AT_ENTRY(pskb_expand_head, expand_head, on_expand_head(ctx, caller, typed, skb), struct sk_buff *skb)
COPY_AT_ENTRY(__pskb_copy_fclone, copy_fclone, on_copy_fclone(ctx, caller, typed, skb), struct sk_buff *skb)
