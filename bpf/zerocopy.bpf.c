// SPDX-License-Identifier: GPL-2.0-only
/* Zero-copy completions: the ranges of ids the kernel gives back, and whether it says COPIED. */
#include "core.bpf.h"

/* ip_recv_error() hands a notification to the application through skb_copy_datagram_msg() with nothing
 * to copy. A carrier skb holds no data, its control block says what happened: struct sock_exterr_skb.
 */
SEC("?tp_btf")
int BPF_PROG(completion_read_tp, struct sk_buff *skb, int len)
{
	const struct sock_exterr_skb *serr;
	__u64 ids;
	int slot;

	if (!cs_active || len != 0 || BPF_CORE_READ(skb, len) != 0)
		return 0;
	serr = (const void *)skb + bpf_core_field_offset(struct sk_buff, cb);
	if (BPF_CORE_READ(serr, ee.ee_origin) != SO_EE_ORIGIN_ZEROCOPY)
		return 0;
	slot = cs_slot_of_sock(BPF_CORE_READ(skb, sk));
	if (slot < 0)
		return 0;
	/* 32-bit ids wrap: the width of the range does not. */
	ids = (__u32)(BPF_CORE_READ(serr, ee.ee_data) - BPF_CORE_READ(serr, ee.ee_info)) + 1ULL;
	cs_add(slot, CS_Q_COMPLETION, 1, ids);
	if (BPF_CORE_READ(serr, ee.ee_code) & SO_EE_CODE_ZEROCOPY_COPIED)
		cs_add(slot, CS_Q_COMPLETION_COPIED, 1, ids);
	return 0;
}
