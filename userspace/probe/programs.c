// SPDX-License-Identifier: GPL-2.0-only
/* The BPF programs and the kernel names they attach to, by file of bpf/. */
#include "probe/registry.h"

#include <string.h>

const struct probe_program probe_programs[] = {
	/* copy.bpf.c */
	{"send_step_tp", ATTACH_TP_BTF, "tcp_sendmsg_locked"},
	{"send_done_tp", ATTACH_TP_BTF, "sock_send_length"},
	{"recv_done_tp", ATTACH_TP_BTF, "sock_recv_length"},
	{"copy_to_user_tp", ATTACH_TP_BTF, "skb_copy_datagram_iovec"},
	{"send_enter_fentry", ATTACH_FENTRY, "tcp_sendmsg_locked"},
	{"send_exit_fentry", ATTACH_FENTRY, "tcp_sendmsg_locked"},
	{"user_copy_fentry", ATTACH_FENTRY, "__check_object_size"},
	{"zerocopy_fentry", ATTACH_FENTRY, "skb_zerocopy_iter_stream"},
	{"splice_fentry", ATTACH_FENTRY, "skb_splice_from_iter"},
	{"sendpages_enter_fentry", ATTACH_FENTRY, "do_tcp_sendpages"},
	{"sendpages_exit_fentry", ATTACH_FENTRY, "do_tcp_sendpages"},
	{"sendpages_enter_kprobe", ATTACH_KPROBE, "do_tcp_sendpages"},
	{"sendpages_exit_kprobe", ATTACH_KRETPROBE, "do_tcp_sendpages"},
	{"page_ref_fentry", ATTACH_FENTRY, "get_user_pages_fast"},
	{"recv_fentry", ATTACH_FENTRY, "tcp_recvmsg"},
	{"copy_to_user_fentry", ATTACH_FENTRY, "skb_copy_datagram_iter"},
	{"mapped_fentry", ATTACH_FENTRY, "tcp_zerocopy_receive"},
	{"send_enter_kprobe", ATTACH_KPROBE, "tcp_sendmsg_locked"},
	{"send_exit_kprobe", ATTACH_KRETPROBE, "tcp_sendmsg_locked"},
	{"user_copy_kprobe", ATTACH_KPROBE, "__check_object_size"},
	{"zerocopy_kprobe", ATTACH_KRETPROBE, "skb_zerocopy_iter_stream"},
	{"splice_kprobe", ATTACH_KRETPROBE, "skb_splice_from_iter"},
	{"page_ref_kprobe", ATTACH_KRETPROBE, "get_user_pages_fast"},
	{"recv_enter_kprobe", ATTACH_KPROBE, "tcp_recvmsg"},
	{"recv_exit_kprobe", ATTACH_KRETPROBE, "tcp_recvmsg"},
	{"copy_to_user_kprobe", ATTACH_KPROBE, "skb_copy_datagram_iter"},
	{"mapped_enter_kprobe", ATTACH_KPROBE, "tcp_zerocopy_receive"},
	{"mapped_exit_kprobe", ATTACH_KRETPROBE, "tcp_zerocopy_receive"},
	/* zerocopy.bpf.c */
	{"completion_read_tp", ATTACH_TP_BTF, "skb_copy_datagram_iovec"},
	{"zc_id_fentry", ATTACH_FENTRY, "msg_zerocopy_realloc"},
	{"completion_fentry", ATTACH_FENTRY, "__msg_zerocopy_callback"},
	{"zc_id_kprobe", ATTACH_KRETPROBE, "msg_zerocopy_realloc"},
	{"completion_kprobe", ATTACH_KPROBE, "__msg_zerocopy_callback"},
	/* skb.bpf.c */
	{"copy_ubufs_tp", ATTACH_TP_BTF, "netif_receive_skb"},
	{"retransmit_tp", ATTACH_TP_BTF, "tcp_retransmit_skb"},
	{"copy_ubufs_fentry", ATTACH_FENTRY, "skb_copy_ubufs"},
	{"copy_bits_fentry", ATTACH_FENTRY, "skb_copy_bits"},
	{"copy_csum_fentry", ATTACH_FENTRY, "skb_copy_and_csum_bits"},
	{"expand_head_fentry", ATTACH_FENTRY, "pskb_expand_head"},
	{"copy_fclone_fentry", ATTACH_FENTRY, "__pskb_copy_fclone"},
	{"copy_ubufs_kprobe", ATTACH_KPROBE, "skb_copy_ubufs"},
	{"copy_bits_kprobe", ATTACH_KPROBE, "skb_copy_bits"},
	{"copy_csum_kprobe", ATTACH_KPROBE, "skb_copy_and_csum_bits"},
	{"expand_head_kprobe", ATTACH_KPROBE, "pskb_expand_head"},
	{"copy_fclone_kprobe", ATTACH_KPROBE, "__pskb_copy_fclone"},
	/* time.bpf.c */
	{"copy_ubufs_begin_fentry", ATTACH_FENTRY, "skb_copy_ubufs"},
	{"copy_ubufs_end_fentry", ATTACH_FENTRY, "skb_copy_ubufs"},
	{"zerocopy_begin_fentry", ATTACH_FENTRY, "skb_zerocopy_iter_stream"},
	{"zerocopy_end_fentry", ATTACH_FENTRY, "skb_zerocopy_iter_stream"},
	{"copy_to_user_begin_fentry", ATTACH_FENTRY, "skb_copy_datagram_iter"},
	{"copy_to_user_end_fentry", ATTACH_FENTRY, "skb_copy_datagram_iter"},
	{"copy_ubufs_begin_kprobe", ATTACH_KPROBE, "skb_copy_ubufs"},
	{"copy_ubufs_end_kprobe", ATTACH_KRETPROBE, "skb_copy_ubufs"},
	{"zerocopy_begin_kprobe", ATTACH_KPROBE, "skb_zerocopy_iter_stream"},
	{"zerocopy_end_kprobe", ATTACH_KRETPROBE, "skb_zerocopy_iter_stream"},
	{"copy_to_user_begin_kprobe", ATTACH_KPROBE, "skb_copy_datagram_iter"},
	{"copy_to_user_end_kprobe", ATTACH_KRETPROBE, "skb_copy_datagram_iter"},
	/* sched.bpf.c */
	{"switch_tp", ATTACH_TP_BTF, "sched_switch"},
	/* sample.bpf.c */
	{"cpu_sample", ATTACH_PERF_EVENT, NULL},
};
const size_t probe_program_cnt = ARRAY_SIZE(probe_programs);

int probe_program_index(const char *name)
{
	size_t i;

	for (i = 0; i < probe_program_cnt; i++)
		if (!strcmp(probe_programs[i].name, name))
			return (int)i;
	return -1;
}
