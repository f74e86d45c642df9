/* SPDX-License-Identifier: GPL-2.0-only */
/* Zero-copy buffers (struct ubuf_info): when one was sent with, which an skb has, and whose bytes such an skb's are.
 */
#ifndef UBUF_BPF_H
#define UBUF_BPF_H

#include "owner.bpf.h"

/* When a send took a zero-copy id. */
struct cs_zc_key {
	__u64 sk;
	__u32 id;
	__u32 pad;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, struct cs_zc_key);
	__type(value, __u64); /* ns */
} cs_zc_sends SEC(".maps");

/* Whose bytes the skbs of a zero-copy buffer of io_uring's are, which does not tell itself: the last who sent with it. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, __u64);   /* struct ubuf_info */
	__type(value, __u32); /* owner, or CS_NOBODY */
} cs_ubufs SEC(".maps");

/* Somebody's has used a buffer of io_uring's: cs_ubufs is not empty. */
__u32 cs_ubufs_seen = 0;

/* A send took the last id of the range: msg_zerocopy_realloc() made a new buffer, or extended an older one. */
static __always_inline void cs_zc_sent(const struct sock *sk, const struct ubuf_info_msgzc *uarg)
{
	struct cs_zc_key key = {.sk = (__u64)sk};
	__u64 now = bpf_ktime_get_ns();

	if (!cs_cfg.zc_times)
		return;
	key.id = BPF_CORE_READ(uarg, id) + BPF_CORE_READ(uarg, len) - 1;
	bpf_map_update_elem(&cs_zc_sends, &key, &now, BPF_ANY);
}

/* Before a send's bytes enter an skb with this buffer. They are used again and again, and not by one socket only. */
static __always_inline void cs_note_ubuf(const struct ubuf_info *ubuf, __u32 owner)
{
	__u64 key = (__u64)ubuf;
	const __u32 *noted = bpf_map_lookup_elem(&cs_ubufs, &key);

	if (noted && *noted == owner)
		return;
	bpf_map_update_elem(&cs_ubufs, &key, &owner, BPF_ANY);
	cs_ubufs_seen = 1;
}

/* NULL: none of io_uring's. */
static __always_inline const __u32 *cs_noted_owner(__u64 ubuf)
{
	return ubuf && cs_ubufs_seen ? bpf_map_lookup_elem(&cs_ubufs, &ubuf) : NULL;
}

/* What lies in an skb's buffer: to be read as CS_TYPED(typed). */
static __always_inline const struct skb_shared_info *cs_shinfo(const struct sk_buff *skb, bool typed)
{
	const void *end = (const void *)(CS_READ(typed, skb, head) + CS_READ(typed, skb, end));

	return CS_CAST(typed, struct skb_shared_info, end);
}

/* The ubuf_info of a zero-copy skb, 0 for any other. */
static __always_inline __u64 cs_ubuf_of(const struct sk_buff *skb, bool typed)
{
	const struct skb_shared_info *shinfo = cs_shinfo(skb, typed);

	if (!(CS_READ(CS_TYPED(typed), shinfo, flags) & SKBFL_ZEROCOPY_ENABLE))
		return 0;
	return (__u64)CS_READ(CS_TYPED(typed), shinfo, destructor_arg);
}

/* The socket that made a MSG_ZEROCOPY buffer: its struct ubuf_info_msgzc is the control block of the skb that
 * will be the notification; msg_zerocopy_alloc() took that skb from the socket's option memory and holds the socket,
 * a full one (skb_from_uarg() goes the same way). Another kind of buffer is in no skb: io_uring's are in cs_ubufs; of
 * others what is read here is no socket, and its protocol hardly one of ours.
 */
static __always_inline const struct sock *cs_sock_of_ubuf(__u64 ubuf, bool typed)
{
	const void *carrier = (const void *)(ubuf - bpf_core_field_offset(struct sk_buff, cb));
	const struct sk_buff *notification = CS_CAST(typed, struct sk_buff, carrier);
	const struct sock *sk = ubuf ? CS_READ(CS_TYPED(typed), notification, sk) : NULL;

	return sk && cs_is_observed(CS_READ(CS_TYPED(typed), sk, sk_protocol)) ? sk : NULL;
}

/* The owner of an skb's bytes. A zero-copy buffer knows best: the skb may have lost its socket (clones,
 * loopback) or got the receiver's instead (early demux).
 */
static __always_inline __u32 cs_owner_of_skb(const struct sk_buff *skb, __u64 ubuf, bool typed)
{
	const __u32 *noted = cs_noted_owner(ubuf);
	const struct sock *sender;

	if (noted)
		return *noted;
	sender = cs_sock_of_ubuf(ubuf, typed);
	return sender ? cs_owner_by_sock(sender, CS_TYPED(typed)) :
			cs_owner_of_sock(CS_FOLLOW(typed, struct sk_buff, skb, sk), typed);
}

#endif
