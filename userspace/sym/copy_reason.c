// SPDX-License-Identifier: GPL-2.0-only
/* Why the kernel copied inside its path: a table from functions on the stack to reasons. Versions in
 * comments say where a row was seen; they are not conditions.
 */
#include "sym/classify.h"

#include <string.h>

static const struct {
	const char *function, *reason;
	enum copy_kind kind; /* of copies other than skb_copy_ubufs */
} rows[] = {
	/* Packet taps: dev_queue_xmit_nit() clones for each AF_PACKET socket (all versions). */
	{"dev_queue_xmit_nit", "packet tap", COPY_PAYLOAD},
	{"packet_rcv", "packet tap", COPY_PAYLOAD},
	{"tpacket_rcv", "packet tap", COPY_PAYLOAD},

	/* Software segmentation: the device lacks scatter-gather, checksum or TSO. */
	{"skb_segment", "software GSO", COPY_GSO},
	{"skb_segment_list", "software GSO", COPY_GSO},
	{"tcp_gso_segment", "software GSO", COPY_GSO},
	{"skb_mac_gso_segment", "software GSO", COPY_GSO},

	/* One linear buffer for a device that takes no fragments, or for in-place work. */
	{"skb_checksum_help", "software checksum", COPY_HEAD},
	{"skb_copy_expand", "expanded copy", COPY_PAYLOAD},
	{"skb_copy", "full copy", COPY_PAYLOAD},
	{"validate_xmit_skb", "linearize", COPY_PAYLOAD},

	/* TCP itself. */
	{"tcp_collapse", "receive queue collapse", COPY_PAYLOAD},
	{"tcp_mtu_probe", "MTU probe", COPY_PAYLOAD},
	{"skb_condense", "receive-side condense", COPY_PAYLOAD},
	{"tcp_add_backlog", "receive-side condense", COPY_PAYLOAD}, /* skb_condense inlined */
	{"tcp_try_coalesce", "receive-side coalesce", COPY_PAYLOAD},
	{"__tcp_retransmit_skb", "retransmit", COPY_HEAD},
	{"tcp_fragment", "split before sending", COPY_HEAD},
	{"tso_fragment", "split before sending", COPY_HEAD},

	/* Headers: pulled into the linear part to be read, moved to make room for more. */
	{"skb_cow_head", "header room", COPY_HEAD},
	{"skb_ensure_writable", "header write", COPY_HEAD},
	{"__skb_unclone_keeptruesize", "header unclone", COPY_HEAD},
	{"__pskb_pull_tail", "header pull", COPY_HEAD},
	{"__tcp_transmit_skb", "header copy", COPY_HEAD},

	/* Another process, namespace or guest takes over: user pages must not go there. */
	{"tun_net_xmit", "tun device", COPY_PAYLOAD},
	{"ip_forward", "forwarding", COPY_PAYLOAD},
	{"ip6_forward", "forwarding", COPY_PAYLOAD},
	{"ip_local_deliver_finish", "local delivery", COPY_PAYLOAD},	/* since 6.18 or before */
	{"ip6_protocol_deliver_rcu", "local delivery", COPY_PAYLOAD},
	{"__netif_receive_skb_core", "local delivery", COPY_PAYLOAD},	/* 6.1, 6.12 */
	{"__netif_receive_skb_one_core", "local delivery", COPY_PAYLOAD},
	{"__netif_receive_skb_list_core", "local delivery", COPY_PAYLOAD},
};

static bool is_header_copy(const char *function)
{
	return !strcmp(function, "pskb_expand_head") || !strcmp(function, "__pskb_copy_fclone");
}

/* The kind follows from the function where that copies only headers, or is the zero-copy undo. */
static enum copy_kind kind_of(const char *function, enum copy_kind by_reason)
{
	if (!strcmp(function, "skb_copy_ubufs"))
		return COPY_UBUFS;
	return is_header_copy(function) ? COPY_HEAD : by_reason;
}

/* Row of a function, or -1. */
static int row_of(const char *name)
{
	size_t row;

	for (row = 0; name && row < ARRAY_SIZE(rows); row++)
		if (same_function(name, rows[row].function))
			return (int)row;
	return -1;
}

/* Serves many purposes: if its direct caller has a row, that one says more. */
static bool asks_its_caller(int row)
{
	return !strcmp(rows[row].function, "__pskb_pull_tail");
}

struct copy_reason copy_reason(const char *function, const char *const *leaf_first, size_t cnt)
{
	int row = -1, caller;
	size_t i;

	for (i = 0; i < cnt && row < 0; i++)
		if (leaf_first[i] && !same_function(leaf_first[i], function))
			row = row_of(leaf_first[i]);
	if (row < 0)
		return (struct copy_reason){
			.reason = "unknown",
			.kind = kind_of(function, COPY_PAYLOAD),
		};
	caller = asks_its_caller(row) && i < cnt ? row_of(leaf_first[i]) : -1;
	if (caller >= 0)
		row = caller;
	return (struct copy_reason){
		.reason = rows[row].reason,
		.kind = kind_of(function, rows[row].kind),
		.known = true,
	};
}
