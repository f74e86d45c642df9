// SPDX-License-Identifier: GPL-2.0-only
/* Why the kernel copied inside its path: a table from functions on the stack to reasons (what these mean and
 * where they are counted: core/copy_reason.def.h). Versions in comments say where a row was seen; they are not
 * conditions.
 */
#include "sym/classify.h"

#include <string.h>

static const struct {
	const char *function;
	enum copy_reason reason;
} rows[] = {
	/* Packet taps: dev_queue_xmit_nit() clones for each AF_PACKET socket (all versions). */
	{"dev_queue_xmit_nit", COPY_REASON_PACKET_TAP},
	{"packet_rcv", COPY_REASON_PACKET_TAP},
	{"tpacket_rcv", COPY_REASON_PACKET_TAP},

	/* SO_TIMESTAMPING without OPT_TSONLY: the clone goes to the sender's error queue. */
	{"__skb_tstamp_tx", COPY_REASON_TX_TIMESTAMP},

	/* Software segmentation: the device lacks scatter-gather, checksum or TSO. */
	{"skb_segment", COPY_REASON_SOFTWARE_GSO},
	{"skb_segment_list", COPY_REASON_SOFTWARE_GSO},
	{"tcp_gso_segment", COPY_REASON_SOFTWARE_GSO},
	{"skb_mac_gso_segment", COPY_REASON_SOFTWARE_GSO},

	/* One linear buffer for a device that takes no fragments, or for in-place work. */
	{"skb_checksum_help", COPY_REASON_SOFTWARE_CHECKSUM},
	{"skb_copy_expand", COPY_REASON_EXPANDED_COPY},
	{"skb_copy", COPY_REASON_FULL_COPY},
	{"validate_xmit_skb", COPY_REASON_LINEARIZE},

	/* TCP itself. */
	{"tcp_collapse", COPY_REASON_COLLAPSE},
	{"tcp_mtu_probe", COPY_REASON_MTU_PROBE},
	{"skb_condense", COPY_REASON_CONDENSE},
	{"tcp_add_backlog", COPY_REASON_CONDENSE}, /* skb_condense inlined */
	{"tcp_try_coalesce", COPY_REASON_COALESCE},
	{"__tcp_retransmit_skb", COPY_REASON_RETRANSMIT},
	{"tcp_fragment", COPY_REASON_SPLIT},
	{"tso_fragment", COPY_REASON_SPLIT},

	/* kTLS, which looks how long a record is, and copies one that TCP's buffer would not hold, or not in sequence. */
	{"tls_rx_msg_size", COPY_REASON_TLS_HEADER},
	{"tls_strp_copyin", COPY_REASON_TLS_GATHER},
	{"tls_strp_copyin_frag", COPY_REASON_TLS_GATHER}, /* since 6.4 */
	{"tls_strp_copyin_skb", COPY_REASON_TLS_GATHER},
	{"tls_strp_read_copy", COPY_REASON_TLS_GATHER},
	{"tls_strp_check_rcv", COPY_REASON_TLS_HEADER}, /* the first, inlined */
	{"tls_data_ready", COPY_REASON_TLS_HEADER},

	/* Headers: pulled into the linear part to be read, moved to make room for more. */
	{"skb_cow_head", COPY_REASON_HEADER_ROOM},
	{"skb_expand_head", COPY_REASON_HEADER_ROOM}, /* ip_finish_output2(), ip6_xmit() */
	{"skb_ensure_writable", COPY_REASON_HEADER_WRITE},
	{"__skb_unclone_keeptruesize", COPY_REASON_HEADER_UNCLONE},
	{"__pskb_pull_tail", COPY_REASON_HEADER_PULL},
	{"__tcp_transmit_skb", COPY_REASON_HEADER_COPY},

	/* For whoever looks at packets, or writes over them: all in one buffer, or in pages of its own. */
	{"skb_zerocopy", COPY_REASON_QUEUED},		  /* its head, or all of a small one */
	{"skb_cow_data", COPY_REASON_ENCRYPTION},
	{"skb_pp_cow_data", COPY_REASON_XDP},		  /* 6.12, 7.3 */
	{"veth_xdp_rcv_skb", COPY_REASON_XDP},		  /* 6.1 */
	{"do_xdp_generic", COPY_REASON_XDP},

	/* Of an skb with two owners' pages: skb_segment() of what GRO joined. */
	{"skb_zerocopy_clone", COPY_REASON_MIXED_BUFFERS},

	/* Another process, namespace or guest takes over: user pages must not go there. */
	{"tun_net_xmit", COPY_REASON_TUN},
	{"ip_forward", COPY_REASON_FORWARDING},
	{"ip6_forward", COPY_REASON_FORWARDING},
	{"ip_local_deliver_finish", COPY_REASON_LOCAL_DELIVERY},	/* since 6.18 or before */
	{"ip6_input_finish", COPY_REASON_LOCAL_DELIVERY},
	{"ip6_protocol_deliver_rcu", COPY_REASON_LOCAL_DELIVERY},
	{"__netif_receive_skb_core", COPY_REASON_LOCAL_DELIVERY},	/* 6.1, 6.12 */
	{"__netif_receive_skb_one_core", COPY_REASON_LOCAL_DELIVERY},
	{"__netif_receive_skb_list_core", COPY_REASON_LOCAL_DELIVERY},
};

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

enum copy_reason copy_reason_of(const char *function, const char *const *leaf_first, size_t cnt)
{
	int row = -1, caller;
	size_t i;

	for (i = 0; i < cnt && row < 0; i++)
		if (leaf_first[i] && !same_function(leaf_first[i], function))
			row = row_of(leaf_first[i]);
	if (row < 0)
		return COPY_REASON_UNKNOWN;
	caller = asks_its_caller(row) && i < cnt ? row_of(leaf_first[i]) : -1;
	return rows[caller >= 0 ? caller : row].reason;
}
