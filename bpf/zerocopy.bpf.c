// SPDX-License-Identifier: GPL-2.0-only
/* Zero-copy ids, function tier: completed, whether the kernel says COPIED, and how long it took. The tracepoint tier sees
 * them where the application reads them: receive.bpf.c. What stands for them where io_uring sends is seen there only.
 */
#include "calls.bpf.h"
#include "ubuf.bpf.h"

/* ---- function tier: ids ------------------------------------------------------------------ */

struct completion {
	struct cs_zc_key key; /* of the first id */
	__u64 now_ns;
	__u32 owner;
};

/* hist_index() of core/hist.c */
static __always_inline __u32 hist_bucket(__u64 v)
{
	__u32 exponent;

	if (v < CS_HIST_SUB)
		return (__u32)v;
	exponent = log2_u64(v) - CS_HIST_SUB_BITS;
	return (exponent + 1) * CS_HIST_SUB + (__u32)((v >> exponent) - CS_HIST_SUB);
}

/* An id that is not there was evicted, or its time could not be kept in the first place (no state of the
 * task, a skipped run). Aborted sends are not among them: net_zcopy_put_abort() takes the id out of its
 * range, and the next send gets it again and overwrites the time. What remains are ids given out before
 * the gate opened. They would be counted, too; telling them apart would take the first id of each socket
 * at every send, and user space opens the gate before it lets an owner run.
 */
static long complete_one(__u32 i, void *arg)
{
	const struct completion *c = arg;
	struct cs_zc_key key = c->key;
	__u64 *sent_ns, *n, ns;
	__u32 bucket;

	key.id += i;
	sent_ns = bpf_map_lookup_elem(&cs_zc_sends, &key);
	if (!sent_ns) {
		if (cs_cfg.zc_times)
			cs_drop_one(CS_DROP_ZC_SEND);
		return 0;
	}
	ns = c->now_ns - *sent_ns;
	bpf_map_delete_elem(&cs_zc_sends, &key);
	cs_add(CS_BANK_FUNCTION, c->owner, CS_Q_ZC_LATENCY, 1, ns);
	bucket = hist_bucket(ns);
	n = bpf_map_lookup_elem(&cs_latency, &bucket);
	if (n)
		__sync_fetch_and_add(n, 1);
	return 0;
}

/* The buffer lives in the control block of the carrier skb, whose socket is the sender's: skb_from_uarg(). */
static __always_inline int on_completion(const struct ubuf_info_msgzc *uarg, bool copied)
{
	const struct sk_buff *carrier;
	const struct sock *sk;
	struct completion c = {};
	__u32 ids;

	if (!cs_active)
		return 0;
	carrier = (const void *)uarg - bpf_core_field_offset(struct sk_buff, cb);
	sk = BPF_CORE_READ(carrier, sk);
	c.owner = cs_owner_of_sock(sk, false);
	ids = BPF_CORE_READ(uarg, len);
	if (!c.owner || !ids) /* an aborted send leaves an empty range */
		return 0;
	cs_add(CS_BANK_FUNCTION, c.owner, CS_Q_COMPLETION, 1, ids);
	if (copied || !BPF_CORE_READ_BITFIELD_PROBED(uarg, zerocopy))
		cs_add(CS_BANK_FUNCTION, c.owner, CS_Q_COMPLETION_COPIED, 1, ids);
	c.key.sk = (__u64)sk;
	c.key.id = BPF_CORE_READ(uarg, id);
	c.now_ns = bpf_ktime_get_ns();
	bpf_loop(ids, complete_one, &c, 0);
	return 0;
}

/* Runs once a range, when its last skb has gone. */
CS_AT_ENTRY(__msg_zerocopy_callback, completion, on_completion(uarg, false), struct ubuf_info_msgzc *uarg)

/* Its caller since 6.10, where the compiler made one function of the two (GCC 16): runs for each skb, and for the
 * send itself. Whoever finds one reference is the last. That two find two at once takes an skb that was sent twice
 * or a device that is later than the acknowledgement: all others give back under the socket's lock, or before the
 * acknowledgement that frees the last.
 */
static __always_inline int on_complete(const struct ubuf_info *uarg, bool success)
{
	if (!cs_active || BPF_CORE_READ(uarg, refcnt.refs.counter) != 1)
		return 0;
	return on_completion((const struct ubuf_info_msgzc *)uarg, !success);
}

CS_AT_ENTRY(msg_zerocopy_complete, complete, on_complete(uarg, success), struct sk_buff *skb,
	    struct ubuf_info *uarg, bool success)

/* ---- tracepoint tier: notifications of io_uring -------------------------------------------
 * The ring is told by work of the task that sent, or of a thread beside it, so the task tells the owner.
 */
static __always_inline int on_uring_complete(__s32 res, __u32 flags)
{
	struct cs_counts *counts;

	if (!cs_active || !(flags & IORING_CQE_F_NOTIF))
		return 0;
	counts = cs_counts_of(cs_owner_of_task(bpf_get_current_task_btf()));
	if (counts) /* the sign bit is IORING_NOTIF_USAGE_ZC_COPIED */
		cs_add_alone(counts, CS_BANK_TRACEPOINT, CS_Q_NOTIFICATION, 1, res < 0);
	return 0;
}

SEC("?tp_btf/io_uring_complete")
int BPF_PROG(notification_tp, const void *ring, const void *request, const struct io_uring_cqe *cqe)
{
	return on_uring_complete(cqe->res, cqe->flags);
}

/* As long as the event had the entry's members for arguments. The kernel refuses the other program then, and this one
 * where it has fewer arguments.
 */
SEC("?tp_btf/io_uring_complete")
int BPF_PROG(notification_members_tp, const void *ring, const void *request, __u64 user_data, __s32 res, __u32 flags)
{
	return on_uring_complete(res, flags);
}
