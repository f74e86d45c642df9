// SPDX-License-Identifier: GPL-2.0-only
/* What happens to skbs between the sockets: where the kernel copies bytes once more and from where it
 * was called, what TCP sends again.
 */
#include "ubuf.bpf.h"

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
 * first hop and never again; later in ip_local_deliver_finish() or ip6_input_finish(), so only where it is
 * delivered, and a forwarded skb passes here once a hop. Both are counted; user space takes the deliveries,
 * and the hops where there was no delivery of user pages.
 */
static __always_inline int on_zerocopy_received(struct sk_buff *skb)
{
	__u32 data_len = cs_active && (cs_zc_seen || !cs_cfg.send_steps || cs_cfg.udp) ? skb->data_len : 0;
	struct cs_counts *counts;
	bool delivered;
	__u64 ubuf;

	ubuf = data_len ? cs_ubuf_of(skb, true) : 0;
	if (!ubuf)
		return 0;
	counts = cs_counts_of(cs_owner_of_skb(skb, ubuf, true));
	delivered = CS_FOLLOW(true, struct sk_buff, skb, dev, nd_net.net, ns.inum) == cs_cfg.receive_netns;
	if (!counts) {
		if (delivered && !cs_noted_owner(ubuf) && !cs_sock_of_ubuf(ubuf, true))
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

/* At a function's entry arm64 has not saved the frame yet: the unwinder of a kprobe goes from the function
 * straight to its caller's caller, and the link register has what is missing. x86 unwinds by tables.
 */
#if defined(__TARGET_ARCH_arm64)
#define KPROBE_CALLER(ctx) PT_REGS_RET(ctx)
#else
#define KPROBE_CALLER(ctx) 0
#endif

/* Unwinding by tables takes 1 to 2 us, at the same few places again and again, a tenth of what a zero-copy skb costs
 * that is delivered on this machine. Whoever stands on the stack, nearest first, shows without: what looks like an
 * address of the kernel's text, and where it lies. The same there is the same way here. Leftovers of earlier calls are
 * among it, so a way has more than one such signature. 0: none to be had.
 */
#if defined(__TARGET_ARCH_x86)
static __always_inline __u64 stack_signature(const void *sp)
{
	__u64 hash = CS_FNV_BASIS; /* what does not count only moves on */
	const __u64 *words = sp;
	__u32 i;

	if (!cs_cfg.casts || cs_cfg.all_path_stacks)
		return 0;
#pragma unroll
	for (i = 0; i < CS_PATH_WORDS; i++) {
		__u64 word, text;

		/* The first registers of struct pt_regs are 16 plain words. */
		if (i % 16 == 0)
			words = bpf_rdonly_cast(i ? words + 16 : words, bpf_core_type_id_kernel(struct pt_regs));
		word = words[i % 16];
		/* 1 from 0xffffffff80000000 on, else 0, without a branch. Nor may the compiler make a mask of it: the
		 * verifier of 7.3 follows either of its values, twice as many ways with each word.
		 */
		text = ((word >> 31 ^ 0x1ffffffff) - 1) >> 63;
		barrier_var(text);
		hash = CS_FNV_1A(hash, word * text);
	}
	return hash | 1;
}
#else
#define stack_signature(sp) 0
#endif

static __always_inline struct cs_path *path_of(void *ctx, const void *sp, struct cs_path_key *key)
{
	struct cs_path fresh = {}, *path;

	key->way = stack_signature(sp);
	path = key->way ? bpf_map_lookup_elem(&cs_path, key) : NULL;
	if (path)
		return path;
	fresh.kernel_stack = cs_stack_id_in(&cs_path_stacks, ctx, 0);
	if (!key->way)
		key->way = (__u32)fresh.kernel_stack;
	return cs_lookup_or_init(&cs_path, key, &fresh);
}

static __always_inline int path_copy(void *ctx, bool typed, const struct sk_buff *skb,
				     enum cs_function function, __u64 bytes)
{
	struct cs_path_key key = {};
	struct cs_path *path;
	struct cs_counts *counts;
	__u32 owner;
	__u64 ubuf;

	if (!cs_active || !bytes)
		return 0;
	ubuf = cs_ubuf_of(skb, typed);
	if (function == CS_F_SKB_COPY_UBUFS && !ubuf)
		return 0; /* no user pages (any more): only the reference is dropped */
	owner = cs_owner_of_skb(skb, ubuf, typed);
	counts = cs_counts_of(owner);
	if (!counts)
		return 0;
	if (function == CS_F_SKB_COPY_UBUFS) {
		cs_add_alone(counts, CS_BANK_FUNCTION, CS_Q_COPY_UBUFS, 1, bytes);
		count_frags(counts, CS_BANK_FUNCTION, skb, typed);
	}
	cs_add_to(counts, CS_BANK_FUNCTION, CS_Q_PATH_COPY, 1, bytes); /* of several programs */
	key.owner = owner;
	key.function = function;
	key.caller = typed ? 0 : KPROBE_CALLER(ctx);
	path = path_of(ctx, typed ? ctx : (const void *)PT_REGS_SP((struct pt_regs *)ctx), &key);
	if (!path || path->kernel_stack == -EEXIST || path->kernel_stack == -ENOMEM)
		cs_drop_one(CS_DROP_PATH);
	if (!path)
		return 0;
	__sync_fetch_and_add(&path->count, 1);
	__sync_fetch_and_add(&path->bytes, bytes);
	return 0;
}

static __always_inline int on_copy_bits(void *ctx, bool typed, const struct sk_buff *skb, enum cs_function function,
					int len)
{
	return path_copy(ctx, typed, skb, function, len > 0 ? (__u64)len : 0);
}

/* memcpy(data + nhead, skb->head, skb_tail_pointer(skb) - skb->head) */
static __always_inline int on_expand_head(void *ctx, bool typed, const struct sk_buff *skb)
{
	return path_copy(ctx, typed, skb, CS_F_PSKB_EXPAND_HEAD, CS_READ(typed, skb, tail));
}

/* Copies the linear part, shares the rest. */
static __always_inline int on_copy_fclone(void *ctx, bool typed, const struct sk_buff *skb)
{
	return path_copy(ctx, typed, skb, CS_F_PSKB_COPY_FCLONE,
			 CS_READ(typed, skb, len) - CS_READ(typed, skb, data_len));
}

/* All frags of a zero-copy skb; its linear part stays. */
CS_AT_ENTRY(skb_copy_ubufs, copy_ubufs,
	    path_copy(ctx, typed, skb, CS_F_SKB_COPY_UBUFS, CS_READ(typed, skb, data_len)), struct sk_buff *skb)
CS_AT_ENTRY(skb_copy_bits, copy_bits, on_copy_bits(ctx, typed, skb, CS_F_SKB_COPY_BITS, len),
	    struct sk_buff *skb, int offset, void *to, int len)
CS_AT_ENTRY(skb_copy_and_csum_bits, copy_csum, on_copy_bits(ctx, typed, skb, CS_F_SKB_COPY_AND_CSUM_BITS, len),
	    struct sk_buff *skb, int offset, __u8 *to, int len)
CS_AT_ENTRY(pskb_expand_head, expand_head, on_expand_head(ctx, typed, skb), struct sk_buff *skb)
CS_AT_ENTRY(__pskb_copy_fclone, copy_fclone, on_copy_fclone(ctx, typed, skb), struct sk_buff *skb)
