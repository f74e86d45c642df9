// SPDX-License-Identifier: GPL-2.0-only
/* Quantity x tier. */
#include "probe/registry.h"

const char *const tier_names[] = {
	[TIER_FENTRY] = "fentry",
	[TIER_KPROBE] = "kprobe",
	[TIER_TRACEPOINT] = "tracepoint",
	[TIER_PERF_EVENT] = "perf event",
};
static_assert_complete(tier_names, TIER_MAX_);

#define TRACEPOINT(via_, ...) {.tier = TIER_TRACEPOINT, .program = {__VA_ARGS__}, .via = (via_)}
#define FENTRY(via_, ...)     {.tier = TIER_FENTRY, .program = {__VA_ARGS__}, .via = (via_)}
#define KPROBE(via_, ...)     {.tier = TIER_KPROBE, .program = {__VA_ARGS__}, .via = (via_)}

/* The three ways of a send share the programs that tell them apart. */
#define SEND_WAY_TP(way) TRACEPOINT("sock_send_length, " way " by tcp_sendmsg_locked", \
				    "send_step_tp", "send_done_tp")
/* What happens between a send's entry and its return. */
#define IN_SEND_FENTRY(via_, ...) FENTRY(via_, "send_enter_fentry", "send_exit_fentry", __VA_ARGS__)
#define IN_SEND_KPROBE(via_, ...) KPROBE(via_, "send_enter_kprobe", "send_exit_kprobe", __VA_ARGS__)

const struct probe_def probe_defs[] = {
	[CS_Q_SEND] = {
		.name = "send",
		.help = "TCP send calls and the bytes they returned",
		.count = M_SENT_CALLS,
		.amount = M_SENT_BYTES,
		.impl = {
			IN_SEND_FENTRY("tcp_sendmsg_locked", NULL),
			IN_SEND_KPROBE("tcp_sendmsg_locked", NULL),
			TRACEPOINT("sock_send_length", "send_done_tp"),
		},
	},
	[CS_Q_USER_TO_KERNEL] = {
		.name = "user_to_kernel",
		.help = "copies from user memory into skbs while sending",
		.count = M_USER_TO_KERNEL_COPIES,
		.amount = M_USER_TO_KERNEL_BYTES,
		.impl = {
			IN_SEND_FENTRY("__check_object_size in tcp_sendmsg_locked",
				       "user_copy_fentry"),
			IN_SEND_KPROBE("__check_object_size in tcp_sendmsg_locked",
				       "user_copy_kprobe"),
			{
				.tier = TIER_TRACEPOINT,
				.program = {"send_step_tp", "send_done_tp"},
				.via = "sock_send_length, neither zero-copy nor spliced by "
				       "tcp_sendmsg_locked",
				.count_bound = "upper bound: turns of the send loop, each copies at "
					       "most once",
			},
		},
	},
	[CS_Q_ZEROCOPY] = {
		.name = "zerocopy",
		.help = "bytes handed over by page reference at send time",
		.count = M_ZEROCOPY_SENDS,
		.amount = M_ZEROCOPY_BYTES,
		.impl = {
			IN_SEND_FENTRY("skb_zerocopy_iter_stream", "zerocopy_fentry"),
			IN_SEND_KPROBE("skb_zerocopy_iter_stream", "zerocopy_kprobe"),
			SEND_WAY_TP("MSG_ZEROCOPY"),
		},
	},
	[CS_Q_SPLICE] = {
		.name = "splice",
		.help = "bytes handed over as kernel pages",
		.count = METRIC_MAX_,
		.amount = M_SPLICED_BYTES,
		.impl = {
			IN_SEND_FENTRY("skb_splice_from_iter", "splice_fentry"), /* since 6.5 */
			FENTRY("do_tcp_sendpages", "sendpages_enter_fentry",
			       "sendpages_exit_fentry"),
			IN_SEND_KPROBE("skb_splice_from_iter", "splice_kprobe"),
			KPROBE("do_tcp_sendpages", "sendpages_enter_kprobe",
			       "sendpages_exit_kprobe"),
			SEND_WAY_TP("MSG_SPLICE_PAGES"),
		},
	},
	[CS_Q_PAGE_REF] = {
		.name = "page_ref",
		.help = "references taken on user pages while sending",
		.count = METRIC_MAX_,
		.amount = M_PAGE_REFS,
		.impl = {
			IN_SEND_FENTRY("get_user_pages_fast in tcp_sendmsg_locked",
				       "page_ref_fentry"),
			IN_SEND_KPROBE("get_user_pages_fast in tcp_sendmsg_locked",
				       "page_ref_kprobe"),
		},
		.absent = "none shows get_user_pages_fast",
	},
	[CS_Q_ZC_ID] = {
		.name = "zc_id",
		.help = "zero-copy ids given out to sends that returned bytes",
		.count = M_ZC_IDS_ALLOCATED,
		.amount = METRIC_MAX_,
		.impl = {
			IN_SEND_FENTRY("msg_zerocopy_realloc", "zc_id_fentry"),
			IN_SEND_KPROBE("msg_zerocopy_realloc", "zc_id_kprobe"),
		},
		.absent = "none shows msg_zerocopy_realloc",
	},
	[CS_Q_ZC_LATENCY] = {
		.name = "zc_latency",
		.help = "time from a zero-copy send to its completion",
		.count = METRIC_MAX_,
		.amount = M_COMPLETION_LATENCY_NS,
		.impl = {
			IN_SEND_FENTRY("msg_zerocopy_realloc to __msg_zerocopy_callback",
				       "zc_id_fentry", "completion_fentry"),
			IN_SEND_KPROBE("msg_zerocopy_realloc to __msg_zerocopy_callback",
				       "zc_id_kprobe", "completion_kprobe"),
		},
		.absent = "none shows msg_zerocopy_realloc",
	},
	[CS_Q_SEND_BRACKET] = {
		.name = "send_bracket",
		.help = "entries into the send function and returns from it: a check of the probes",
		.count = M_SEND_ENTRIES,
		.amount = M_SEND_RETURNS,
		.impl = {
			IN_SEND_FENTRY("tcp_sendmsg_locked", NULL),
			IN_SEND_KPROBE("tcp_sendmsg_locked", NULL),
		},
		.absent = "only fentry and kprobe see entry and return apart",
	},
	[CS_Q_COPY_UBUFS] = {
		.name = "copy_ubufs",
		.help = "zero-copy skbs whose user pages the kernel copied after all",
		.count = M_COPY_UBUFS_SKBS,
		.amount = M_COPY_UBUFS_BYTES,
		.impl = {
			FENTRY("skb_copy_ubufs", "copy_ubufs_fentry"),
			KPROBE("skb_copy_ubufs", "copy_ubufs_kprobe"),
			{
				.tier = TIER_TRACEPOINT,
				.program = {"copy_ubufs_tp"},
				.via = "netif_receive_skb of skbs with user pages",
				.copy_function = "skb_copy_ubufs",
				.copy_reason = "local delivery",
			},
		},
	},
	[CS_Q_COPY_UBUFS_HOPS] = {
		.name = "copy_ubufs_hops",
		.help = "zero-copy skbs received in any namespace, a forwarded one once a hop",
		.count = METRIC_MAX_, /* stands in for copy_ubufs where there was no delivery */
		.amount = METRIC_MAX_,
		.impl = {TRACEPOINT("netif_receive_skb of skbs with user pages", "copy_ubufs_tp")},
	},
	[CS_Q_PATH_COPY] = {
		.name = "path_copy",
		.help = "copies inside the stack, by place and reason: software GSO, packet taps, "
			"linearize, headers ...",
		.count = M_PATH_COPIES,
		.amount = M_PATH_COPY_BYTES,
		.impl = {
			FENTRY("skb_copy_ubufs, skb_copy_bits, skb_copy_and_csum_bits, "
			       "pskb_expand_head, __pskb_copy_fclone",
			       "copy_ubufs_fentry", "copy_bits_fentry", "copy_csum_fentry",
			       "expand_head_fentry", "copy_fclone_fentry"),
			KPROBE("skb_copy_ubufs, skb_copy_bits, skb_copy_and_csum_bits, "
			       "pskb_expand_head, __pskb_copy_fclone",
			       "copy_ubufs_kprobe", "copy_bits_kprobe", "copy_csum_kprobe",
			       "expand_head_kprobe", "copy_fclone_kprobe"),
		},
		.absent = "none shows skb_copy_bits, skb_copy_and_csum_bits, pskb_expand_head",
	},
	[CS_Q_COPY_UBUFS_TIME] = {
		.name = "copy_ubufs_time",
		.help = "time inside skb_copy_ubufs",
		.count = METRIC_MAX_,
		.amount = M_COPY_UBUFS_NS,
		.impl = {
			FENTRY("skb_copy_ubufs", "copy_ubufs_begin_fentry", "copy_ubufs_end_fentry"),
			KPROBE("skb_copy_ubufs", "copy_ubufs_begin_kprobe", "copy_ubufs_end_kprobe"),
		},
		.absent = "none shows time inside skb_copy_ubufs",
		.full_only = true,
	},
	[CS_Q_ZEROCOPY_TIME] = {
		.name = "zerocopy_time",
		.help = "time taking page references",
		.count = METRIC_MAX_,
		.amount = M_ZEROCOPY_NS,
		.impl = {
			FENTRY("skb_zerocopy_iter_stream", "zerocopy_begin_fentry",
			       "zerocopy_end_fentry"),
			KPROBE("skb_zerocopy_iter_stream", "zerocopy_begin_kprobe",
			       "zerocopy_end_kprobe"),
		},
		.absent = "none shows time inside skb_zerocopy_iter_stream",
		.full_only = true,
	},
	[CS_Q_KERNEL_TO_USER_TIME] = {
		.name = "kernel_to_user_time",
		.help = "time copying from skbs to user memory",
		.count = METRIC_MAX_,
		.amount = M_KERNEL_TO_USER_NS,
		.impl = {
			FENTRY("skb_copy_datagram_iter", "copy_to_user_begin_fentry",
			       "copy_to_user_end_fentry"),
			KPROBE("skb_copy_datagram_iter", "copy_to_user_begin_kprobe",
			       "copy_to_user_end_kprobe"),
		},
		.absent = "none shows time inside skb_copy_datagram_iter",
		.full_only = true,
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
		.help = "ranges of zero-copy ids given back",
		.count = M_COMPLETION_RANGES,
		.amount = M_COMPLETION_IDS,
		.impl = {
			FENTRY("__msg_zerocopy_callback", "completion_fentry"),
			KPROBE("__msg_zerocopy_callback", "completion_kprobe"),
			{
				.tier = TIER_TRACEPOINT,
				.program = {"completion_read_tp"},
				.via = "skb_copy_datagram_iovec of error-queue skbs",
				.count_bound = "lower bound: as the application read them, after "
					       "the error queue merged neighbouring ranges",
			},
		},
	},
	[CS_Q_COMPLETION_COPIED] = {
		.name = "completion_copied",
		.help = "ids of those flagged COPIED",
		.count = METRIC_MAX_,
		.amount = M_COMPLETION_COPIED_IDS,
		.impl = {
			FENTRY("__msg_zerocopy_callback", "completion_fentry"),
			KPROBE("__msg_zerocopy_callback", "completion_kprobe"),
			TRACEPOINT("skb_copy_datagram_iovec of error-queue skbs",
				   "completion_read_tp"),
		},
	},
	[CS_Q_RECV] = {
		.name = "recv",
		.help = "TCP receive calls and the bytes they returned",
		.count = M_RECEIVED_CALLS,
		.amount = M_RECEIVED_BYTES,
		.impl = {
			FENTRY("tcp_recvmsg", "recv_fentry"),
			KPROBE("tcp_recvmsg", "recv_enter_kprobe", "recv_exit_kprobe"),
			TRACEPOINT("sock_recv_length", "recv_done_tp"),
		},
	},
	[CS_Q_KERNEL_TO_USER] = {
		.name = "kernel_to_user",
		.help = "copies from skbs to user memory while receiving",
		.count = M_KERNEL_TO_USER_COPIES,
		.amount = M_KERNEL_TO_USER_BYTES,
		.impl = {
			FENTRY("skb_copy_datagram_iter", "copy_to_user_fentry"),
			KPROBE("skb_copy_datagram_iter", "copy_to_user_kprobe"),
			TRACEPOINT("skb_copy_datagram_iovec", "copy_to_user_tp"),
		},
	},
	[CS_Q_MAPPED] = {
		.name = "mapped",
		.help = "bytes received by remapping pages",
		.count = METRIC_MAX_,
		.amount = M_MAPPED_BYTES,
		.impl = {
			FENTRY("tcp_zerocopy_receive", "mapped_fentry"),
			KPROBE("tcp_zerocopy_receive", "mapped_enter_kprobe",
			       "mapped_exit_kprobe"),
		},
		.absent = "none shows tcp_zerocopy_receive",
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
			.via = "on each CPU",
		}},
	},
};
static_assert_complete(probe_defs, CS_Q_MAX_);

enum cs_bank probe_bank(enum tier tier)
{
	return tier == TIER_FENTRY || tier == TIER_KPROBE ? CS_BANK_FUNCTION : CS_BANK_TRACEPOINT;
}
