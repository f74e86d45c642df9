// SPDX-License-Identifier: GPL-2.0-only
/* --level full: how long the copy functions run. Entry and return of each, so twice the probes and a
 * clock reading on either side of every copy: not for comparing throughput.
 *
 * What __check_object_size() announces cannot be timed: it returns before the copy begins.
 */
#include "ubuf.bpf.h"

struct span {
	__u64 since_ns; /* 0: not inside */
	__u32 owner;
	__u32 pad;
};

/* skb_copy_ubufs() runs with softirqs off, so on one CPU from beginning to end and never nested. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct span);
} cs_softirq_span SEC(".maps");

/* The others run in the task that sends or receives, and may sleep or be preempted. */
struct task_spans {
	struct span zerocopy, copy_to_user;
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct task_spans);
} cs_task_spans SEC(".maps");

static __always_inline int timer_begin(struct span *span, __u32 owner)
{
	if (!span || !owner)
		return 0;
	span->owner = owner;
	span->since_ns = bpf_ktime_get_ns();
	return 0;
}

static __always_inline int timer_end(struct span *span, enum cs_quantity quantity)
{
	__u64 since_ns = span ? span->since_ns : 0;

	if (!since_ns)
		return 0;
	span->since_ns = 0;
	if (cs_active)
		cs_add(CS_BANK_FUNCTION, span->owner, quantity, 1,
		       bpf_ktime_get_ns() - since_ns);
	return 0;
}

static __always_inline struct span *softirq_span(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&cs_softirq_span, &zero);
}

static __always_inline struct task_spans *task_spans(__u64 flags)
{
	return bpf_task_storage_get(&cs_task_spans, bpf_get_current_task_btf(), 0, flags);
}

static __always_inline struct task_spans *task_spans_of(__u32 owner)
{
	struct task_spans *spans = owner ? task_spans(BPF_LOCAL_STORAGE_GET_F_CREATE) : NULL;

	if (owner && !spans)
		cs_drop_one(CS_DROP_TASK_STORAGE);
	return spans;
}

/* ---- skb_copy_ubufs ---------------------------------------------------------------------- */

static __always_inline int on_copy_ubufs_begin(const struct sk_buff *skb, bool typed)
{
	__u64 ubuf = cs_active ? cs_ubuf_of(skb, typed) : 0;

	return ubuf ? timer_begin(softirq_span(), cs_owner_of_skb(skb, ubuf, typed)) : 0;
}

static __always_inline int on_copy_ubufs_end(void)
{
	return timer_end(softirq_span(), CS_Q_COPY_UBUFS_TIME);
}

CS_AT_ENTRY(skb_copy_ubufs, copy_ubufs_begin, on_copy_ubufs_begin(skb, typed), struct sk_buff *skb)
CS_AT_RETURN(skb_copy_ubufs, copy_ubufs_end, on_copy_ubufs_end(), int)

/* ---- skb_zerocopy_iter_stream: pinning and attaching pages ------------------------------- */

static __always_inline int on_zerocopy_begin(const struct sock *sk, bool typed)
{
	__u32 owner = cs_watched_call(sk, typed);
	struct task_spans *spans = task_spans_of(owner);

	return timer_begin(spans ? &spans->zerocopy : NULL, owner);
}

static __always_inline int on_zerocopy_end(void)
{
	struct task_spans *spans = task_spans(0);

	return timer_end(spans ? &spans->zerocopy : NULL, CS_Q_ZEROCOPY_TIME);
}

CS_AT_ENTRY(skb_zerocopy_iter_stream, zerocopy_begin, on_zerocopy_begin(sk, typed), struct sock *sk)
CS_AT_RETURN(skb_zerocopy_iter_stream, zerocopy_end, on_zerocopy_end(), int)

/* ---- skb_copy_datagram_iter -------------------------------------------------------------- */

static __always_inline int on_copy_to_user_begin(const struct sk_buff *skb, bool typed)
{
	__u32 owner = owner_of_received(skb, typed);
	struct task_spans *spans = task_spans_of(owner);

	return timer_begin(spans ? &spans->copy_to_user : NULL, owner);
}

static __always_inline int on_copy_to_user_end(void)
{
	struct task_spans *spans = task_spans(0);

	return timer_end(spans ? &spans->copy_to_user : NULL, CS_Q_KERNEL_TO_USER_TIME);
}

CS_AT_ENTRY(skb_copy_datagram_iter, copy_to_user_begin, on_copy_to_user_begin(skb, typed), struct sk_buff *skb)
CS_AT_RETURN(skb_copy_datagram_iter, copy_to_user_end, on_copy_to_user_end(), int)
