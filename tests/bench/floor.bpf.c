// SPDX-License-Identifier: GPL-2.0-only
/* The floor of what observing may cost: programs that do nothing, where copyscope's tracepoint tier has its own. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define EMPTY(event)                                    \
	SEC("tp_btf/" #event) int empty_##event(void *ctx) \
	{                                               \
		return 0;                               \
	}

EMPTY(sched_switch)
EMPTY(tcp_sendmsg_locked)
EMPTY(sock_send_length)
EMPTY(sock_recv_length)
EMPTY(skb_copy_datagram_iovec)
EMPTY(netif_receive_skb)
EMPTY(tcp_retransmit_skb)

char LICENSE[] SEC("license") = "GPL";
