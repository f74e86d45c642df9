// SPDX-License-Identifier: GPL-2.0-only
/* The floor of what observing may cost: programs that do nothing, where copyscope's tracepoint tier has its own, or,
 * with FUNCTION_TIER, its fentry tier; with ATTACH also where `copyscope attach` has.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define EMPTY(at, event)                                    \
	SEC(#at "/" #event) int empty_##event(void *ctx) \
	{                                                \
		return 0;                                \
	}

EMPTY(tp_btf, sched_switch)
EMPTY(tp_btf, tcp_retransmit_skb)
#ifdef FUNCTION_TIER
EMPTY(fentry, tcp_sendmsg_locked)
EMPTY(fentry, tcp_push)
EMPTY(fentry, __check_object_size)
EMPTY(fentry, skb_zerocopy_iter_stream)
EMPTY(fentry, skb_splice_from_iter)
EMPTY(fentry, get_user_pages_fast)
EMPTY(fentry, skb_copy_ubufs)
EMPTY(fentry, skb_copy_bits)
EMPTY(fentry, skb_copy_and_csum_bits)
EMPTY(fentry, pskb_expand_head)
EMPTY(fentry, __pskb_copy_fclone)
EMPTY(fentry, __msg_zerocopy_callback)
EMPTY(fexit, tcp_recvmsg)
EMPTY(fexit, skb_copy_datagram_iter)
#else
EMPTY(tp_btf, tcp_sendmsg_locked)
EMPTY(tp_btf, sock_send_length)
EMPTY(tp_btf, sock_recv_length)
EMPTY(tp_btf, skb_copy_datagram_iovec)
EMPTY(tp_btf, netif_receive_skb)
#endif
#ifdef ATTACH
EMPTY(tp_btf, tcp_destroy_sock)
EMPTY(tp_btf, io_uring_complete)
#endif

char LICENSE[] SEC("license") = "GPL";
