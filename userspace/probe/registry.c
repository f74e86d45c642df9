// SPDX-License-Identifier: GPL-2.0-only
#include "probe/registry.h"

#include <string.h>

const char *const tier_names[] = {
	[TIER_FENTRY] = "fentry",
	[TIER_KPROBE] = "kprobe",
	[TIER_TRACEPOINT] = "tracepoint",
	[TIER_PERF_EVENT] = "perf event",
};
static_assert_complete(tier_names, TIER_MAX_);

const struct probe_program probe_programs[] = {
	/* copy.bpf.c */
	{"send_step_tp", ATTACH_TP_BTF, "tcp_sendmsg_locked"},
	{"send_done_tp", ATTACH_TP_BTF, "sock_send_length"},
	{"recv_done_tp", ATTACH_TP_BTF, "sock_recv_length"},
	{"copy_to_user_tp", ATTACH_TP_BTF, "skb_copy_datagram_iovec"},
	/* zerocopy.bpf.c */
	{"completion_read_tp", ATTACH_TP_BTF, "skb_copy_datagram_iovec"},
	/* skb.bpf.c */
	{"ubuf_owner_tp", ATTACH_TP_BTF, "net_dev_start_xmit"},
	{"copy_ubufs_tp", ATTACH_TP_BTF, "netif_receive_skb"},
	{"retransmit_tp", ATTACH_TP_BTF, "tcp_retransmit_skb"},
	/* sched.bpf.c */
	{"switch_tp", ATTACH_TP_BTF, "sched_switch"},
	/* sample.bpf.c */
	{"cpu_sample", ATTACH_PERF_EVENT, NULL},
};
const size_t probe_program_cnt = ARRAY_SIZE(probe_programs);

#define TRACEPOINT(via_, ...) \
	{.tier = TIER_TRACEPOINT, .program = {__VA_ARGS__}, .via = "tracepoint:" via_}

/* The three ways of a send share the programs that tell them apart. */
#define SEND_WAY(way) TRACEPOINT("sock_send_length, " way " by tcp_sendmsg_locked", \
				 "send_step_tp", "send_done_tp")

#define NO_TRACEPOINT "no tracepoint shows it; needs a kernel that allows fentry or kprobe"

const struct probe_def probe_defs[] = {
	[CS_Q_SEND] = {
		.name = "send",
		.help = "TCP send calls and the bytes they returned",
		.count = M_SENT_CALLS,
		.amount = M_SENT_BYTES,
		.impl = {TRACEPOINT("sock_send_length", "send_done_tp")},
	},
	[CS_Q_USER_TO_KERNEL] = {
		.name = "user_to_kernel",
		.help = "copies from user memory into skbs while sending",
		.count = M_USER_TO_KERNEL_COPIES,
		.amount = M_USER_TO_KERNEL_BYTES,
		.impl = {{
			.tier = TIER_TRACEPOINT,
			.program = {"send_step_tp", "send_done_tp"},
			.via = "tracepoint:sock_send_length, neither zero-copy nor spliced by "
			       "tcp_sendmsg_locked",
			.count_bound = "upper bound: turns of the send loop, each copies at most once",
		}},
	},
	[CS_Q_ZEROCOPY] = {
		.name = "zerocopy",
		.help = "bytes handed over by page reference at send time",
		.count = M_ZEROCOPY_SENDS,
		.amount = M_ZEROCOPY_BYTES,
		.impl = {SEND_WAY("MSG_ZEROCOPY")},
	},
	[CS_Q_SPLICE] = {
		.name = "splice",
		.help = "bytes handed over as kernel pages",
		.count = METRIC_MAX_,
		.amount = M_SPLICED_BYTES,
		.impl = {SEND_WAY("MSG_SPLICE_PAGES")},
	},
	[CS_Q_COPY_UBUFS] = {
		.name = "copy_ubufs",
		.help = "zero-copy skbs whose user pages the kernel copied after all",
		.count = M_COPY_UBUFS_SKBS,
		.amount = M_COPY_UBUFS_BYTES,
		.impl = {{
			.tier = TIER_TRACEPOINT,
			.program = {"copy_ubufs_tp", "ubuf_owner_tp"},
			.via = "tracepoint:netif_receive_skb of skbs with user pages",
			.copy_function = "skb_copy_ubufs",
			.copy_reason = "local delivery",
		}},
	},
	[CS_Q_RETRANSMIT] = {
		.name = "retransmit",
		.help = "skbs TCP sent again",
		.count = M_RETRANSMIT_SEGMENTS,
		.amount = M_RETRANSMIT_BYTES,
		.impl = {TRACEPOINT("tcp_retransmit_skb", "retransmit_tp")},
	},
	[CS_Q_COMPLETION] = {
		.name = "completion",
		.help = "zero-copy notifications the application read",
		.count = M_COMPLETION_RANGES,
		.amount = M_COMPLETION_IDS,
		.impl = {TRACEPOINT("skb_copy_datagram_iovec of error-queue skbs",
				    "completion_read_tp")},
	},
	[CS_Q_COMPLETION_COPIED] = {
		.name = "completion_copied",
		.help = "ids of those flagged COPIED",
		.count = METRIC_MAX_,
		.amount = M_COMPLETION_COPIED_IDS,
		.impl = {TRACEPOINT("skb_copy_datagram_iovec of error-queue skbs",
				    "completion_read_tp")},
	},
	[CS_Q_RECV] = {
		.name = "recv",
		.help = "TCP receive calls and the bytes they returned",
		.count = M_RECEIVED_CALLS,
		.amount = M_RECEIVED_BYTES,
		.impl = {TRACEPOINT("sock_recv_length", "recv_done_tp")},
	},
	[CS_Q_KERNEL_TO_USER] = {
		.name = "kernel_to_user",
		.help = "copies from skbs to user memory while receiving",
		.count = M_KERNEL_TO_USER_COPIES,
		.amount = M_KERNEL_TO_USER_BYTES,
		.impl = {TRACEPOINT("skb_copy_datagram_iovec", "copy_to_user_tp")},
	},
	[CS_Q_SWITCH_VOLUNTARY] = {
		.name = "switch_voluntary",
		.help = "context switches of threads that went to sleep",
		.count = M_CTX_VOLUNTARY,
		.amount = METRIC_MAX_,
		.impl = {TRACEPOINT("sched_switch", "switch_tp")},
	},
	[CS_Q_SWITCH_INVOLUNTARY] = {
		.name = "switch_involuntary",
		.help = "context switches of threads that could have run on",
		.count = M_CTX_INVOLUNTARY,
		.amount = METRIC_MAX_,
		.impl = {TRACEPOINT("sched_switch", "switch_tp")},
	},
	[CS_Q_OFFCPU] = {
		.name = "offcpu",
		.help = "time between being switched out and in again",
		.count = METRIC_MAX_,
		.amount = M_OFFCPU_NS,
		.impl = {TRACEPOINT("sched_switch", "switch_tp")},
	},
	[CS_Q_CPU_SAMPLE] = {
		.name = "cpu_sample",
		.help = "stacks of what the CPU ran",
		.count = M_CPU_SAMPLES,
		.amount = METRIC_MAX_,
		.impl = {{
			.tier = TIER_PERF_EVENT,
			.program = {"cpu_sample"},
			.via = "perf event on each CPU",
		}},
	},
	[CS_Q_PAGE_REF] = {
		.name = "page_ref",
		.help = "references taken on user pages while sending",
		.count = METRIC_MAX_,
		.amount = M_PAGE_REFS,
		.absent = NO_TRACEPOINT " (get_user_pages_fast)",
	},
	[CS_Q_ZC_ID] = {
		.name = "zc_id",
		.help = "zero-copy ids given out, and the time to their completion",
		.count = M_ZC_IDS_ALLOCATED,
		.amount = M_COMPLETION_LATENCY_NS,
		.absent = NO_TRACEPOINT " (msg_zerocopy_realloc)",
	},
	[CS_Q_GSO_COPY] = {
		.name = "gso_copy",
		.help = "payload copied by software segmentation",
		.count = METRIC_MAX_,
		.amount = M_GSO_COPY_BYTES,
		.absent = NO_TRACEPOINT " (skb_segment)",
	},
	[CS_Q_HEAD_COPY] = {
		.name = "head_copy",
		.help = "copies of skb heads",
		.count = M_HEAD_COPIES,
		.amount = M_HEAD_COPY_BYTES,
		.absent = NO_TRACEPOINT " (pskb_expand_head, __pskb_pull_tail)",
	},
	[CS_Q_OTHER_COPY] = {
		.name = "other_copy",
		.help = "copies of payload elsewhere in the stack",
		.count = METRIC_MAX_,
		.amount = M_OTHER_COPY_BYTES,
		.absent = NO_TRACEPOINT " (skb_copy, skb_copy_bits, tcp_collapse; packet taps)",
	},
	[CS_Q_MAPPED] = {
		.name = "mapped",
		.help = "bytes received by remapping pages",
		.count = METRIC_MAX_,
		.amount = M_MAPPED_BYTES,
		.absent = NO_TRACEPOINT " (tcp_zerocopy_receive)",
	},
};
static_assert_complete(probe_defs, CS_Q_MAX_);

int probe_program_index(const char *name)
{
	size_t i;

	for (i = 0; i < probe_program_cnt; i++)
		if (!strcmp(probe_programs[i].name, name))
			return (int)i;
	return -1;
}
