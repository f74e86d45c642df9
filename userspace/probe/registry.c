// SPDX-License-Identifier: GPL-2.0-only
/* Quantity x tier. */
#include "probe/rows.h"

#define NONE METRIC_MAX_ /* that half is not reported */

const struct probe_def probe_defs[] = {
	[CS_Q_SEND] = {
		"send", "send calls of TCP and AF_UNIX streams and the bytes they returned",
		M_SENT_CALLS, M_SENT_BYTES, .matters = true,
		.impl = {SENDS},
	},
	[CS_Q_SEND_IOWQ] = {
		"send_iowq", "those sends that workers of io_uring's made (io-wq)",
		M_SENT_BY_IOWQ_CALLS, M_SENT_BY_IOWQ_BYTES, .impl = {SENDS},
	},
	[CS_Q_SEND_SQPOLL] = {
		"send_sqpoll", "those sends that threads made which poll an io_uring (SQPOLL)",
		M_SENT_BY_SQPOLL_CALLS, M_SENT_BY_SQPOLL_BYTES, .impl = {SENDS},
	},
	[CS_Q_SEND_LOOPBACK] = {
		"send_loopback", "those sends of TCP whose route leads to a loopback device",
		M_SENT_LOOPBACK_CALLS, M_SENT_LOOPBACK_BYTES,
		.impl = {FENTRY(SEND_CALL, SEND_EDGES("fentry")), KPROBE(SEND_CALL, SEND_EDGES("kprobe")),
			 TRACEPOINT("sock_send_length", "send_done_tp")},
		.only = EXTRA_BIT(EXTRA_CALLS),
	},
	[CS_Q_USER_TO_KERNEL] = {
		"user_to_kernel", "copies from user memory into skbs while sending",
		M_USER_TO_KERNEL_COPIES, M_USER_TO_KERNEL_BYTES, .matters = true,
		.impl = {
			STREAMS(FENTRY, USER_COPY, NULL, ALSO_COPY("fentry", "unix_copy_fentry"),
				SEND_EDGES("fentry"), "user_copy_fentry"),
			STREAMS(KPROBE, USER_COPY, NULL, ALSO_COPY("kprobe", UNIX_SEND_KPROBES),
				SEND_EDGES("kprobe"), "user_copy_kprobe"),
			SEND_WAY_TP("of AF_UNIX, or neither zero-copy nor spliced", .count_bound = BOUND_UPPER,
				    .bound_reason = REASON_SEND_TURNS),
		},
	},
	[CS_Q_ZEROCOPY] = {
		"zerocopy", "bytes handed over by page reference at send time",
		M_ZEROCOPY_SENDS, M_ZEROCOPY_BYTES, .matters = true,
		.impl = {
			REFERENCED_TOO(FENTRY, "skb_zerocopy_iter_stream", "fentry", "zerocopy"),
			REFERENCED_TOO(KPROBE, "skb_zerocopy_iter_stream", "kprobe", "zerocopy"),
			SEND_WAY_TP("MSG_ZEROCOPY"),
		},
	},
	[CS_Q_ZC_MISALIGNED] = {
		"zc_misaligned", "zero-copy sends by TCP whose memory does not begin at a page",
		M_ZEROCOPY_MISALIGNED_SENDS, M_ZEROCOPY_MISALIGNED_BYTES,
		.impl = {FENTRY(SEND_CALL, SEND_EDGES("fentry")), KPROBE(SEND_CALL, SEND_EDGES("kprobe")),
			 SEND_WAY_TP("MSG_ZEROCOPY")},
		.only = EXTRA_BIT(EXTRA_CALLS),
	},
	[CS_Q_SPLICE] = {
		"splice", "bytes handed over as kernel pages",
		NONE, M_SPLICED_BYTES, .matters = true,
		.impl = {
			REFERENCED(FENTRY, "skb_splice_from_iter", "fentry", "splice"), /* since 6.5 */
			SEEN(FENTRY, "do_tcp_sendpages to tcp_push", SEND_BYTES,
			     "sendpages_enter_fentry", "sendpages_step_fentry", "send_push_fentry"),
			REFERENCED(KPROBE, "skb_splice_from_iter", "kprobe", "splice"),
			SEEN(KPROBE, "do_tcp_sendpages to tcp_push", SEND_BYTES,
			     "sendpages_enter_kprobe", "sendpages_step_kprobe", "send_push_kprobe"),
			SEND_WAY_TP("MSG_SPLICE_PAGES"),
		},
	},
	[CS_Q_ENCRYPT] = {
		"encrypt", "bytes that kTLS encrypts from where they lie",
		NONE, M_ENCRYPTED_BYTES,
		.impl = {ENCRYPTIONS},
		.absent = REASON_NO_TRACEPOINT, .absent_detail = "crypto_aead_encrypt",
	},
	[CS_Q_ENCRYPT_COPY] = {
		"encrypt_copy", "bytes that were copied for kTLS to encrypt",
		NONE, M_ENCRYPTED_COPY_BYTES,
		.impl = {ENCRYPTIONS},
		.absent = REASON_NO_TRACEPOINT, .absent_detail = "sk_msg_memcopy_from_iter",
	},
	[CS_Q_TLS_FRAMING] = {
		"tls_framing", "records that kTLS makes, and the bytes of their headers and tags",
		M_TLS_RECORDS, M_TLS_FRAMING_BYTES,
		.impl = {ENCRYPTIONS},
		.absent = REASON_NO_TRACEPOINT, .absent_detail = "crypto_aead_encrypt",
	},
	[CS_Q_TLS_PUSH] = {
		"tls_push", "bytes of kTLS's records that TCP gets to send",
		NONE, M_TLS_PUSHED_BYTES,
		.impl = {
			SEEN(FENTRY, "do_tcp_sendpages to tcp_push of kTLS's sockets", SEND_BYTES,
			     "sendpages_enter_fentry", "sendpages_step_fentry", "send_push_fentry"),
			SEEN(FENTRY, "tcp_sendmsg_locked to tcp_push of kTLS's sockets", SEND_BYTES, SEND_EDGES("fentry")),
			SEEN(KPROBE, "do_tcp_sendpages to tcp_push of kTLS's sockets", SEND_BYTES,
			     "sendpages_enter_kprobe", "sendpages_step_kprobe", "send_push_kprobe"),
			SEEN(KPROBE, "tcp_sendmsg_locked to tcp_push of kTLS's sockets", SEND_BYTES, SEND_EDGES("kprobe")),
		},
		.absent = REASON_NO_TRACEPOINT, .absent_detail = "the bytes of one record",
	},
	[CS_Q_DECRYPT] = {
		"decrypt", "bytes that kTLS decrypts for who reads them",
		NONE, M_DECRYPTED_BYTES,
		.impl = {FUNCTION("crypto_aead_decrypt by a task", "decrypt")},
		.absent = REASON_NO_TRACEPOINT, .absent_detail = "crypto_aead_decrypt",
	},
	[CS_Q_SPLICE_READ] = {
		"splice_read", "bytes of files that sendfile() and splice() read into fresh pages",
		M_SPLICE_READS, M_SPLICE_READ_BYTES,
		.impl = {
			FRESH_PAGES(FENTRY, "splice_read_fentry"), /* since 6.5 */
			FRESH_PAGES(KPROBE, "splice_read_kprobe"),
		},
		.absent = REASON_NO_TRACEPOINT, .absent_detail = "copy_splice_read",
	},
	[CS_Q_PAGE_REF] = {
		"page_ref", "references taken on user pages while sending",
		NONE, M_PAGE_REFS,
		.impl = {IN_SEND("get_user_pages_fast in tcp_sendmsg_locked and vmsplice()", "page_ref", "in udp_sendmsg",
				 UDP_SEND_EDGES)},
		.absent = REASON_NO_TRACEPOINT, .absent_detail = "get_user_pages_fast",
	},
	[CS_Q_ZC_ID] = {
		"zc_id", "zero-copy ids given out to sends that returned bytes",
		M_ZC_IDS_ALLOCATED, NONE,
		.impl = {IN_SEND("id in skb_zerocopy_iter_stream", "zerocopy", "ip_send_skb, ip6_send_skb", UDP_SENT)},
		.absent = REASON_NO_TRACEPOINT, .absent_detail = "skb_zerocopy_iter_stream",
	},
	[CS_Q_ZC_LATENCY] = {
		"zc_latency", "time from a zero-copy send to its completion",
		NONE, M_COMPLETION_LATENCY_NS,
		.shape = SHAPE_LATENCY,
		.impl = {
			ZC_LATENCY(TIER_FENTRY, "fentry", "__msg_zerocopy_callback", "completion"),
			ZC_LATENCY(TIER_FENTRY, "fentry", "msg_zerocopy_complete", "complete"),
			ZC_LATENCY(TIER_KPROBE, "kprobe", "__msg_zerocopy_callback", "completion"),
			ZC_LATENCY(TIER_KPROBE, "kprobe", "msg_zerocopy_complete", "complete"),
		},
		.absent = REASON_NO_TRACEPOINT, .absent_detail = "skb_zerocopy_iter_stream",
	},
	[CS_Q_COPY_UBUFS] = {
		"copy_ubufs", "zero-copy skbs whose user pages the kernel copied after all",
		M_COPY_UBUFS_SKBS, M_COPY_UBUFS_BYTES, .matters = true,
		.impl = {
			FUNCTION("skb_copy_ubufs", "copy_ubufs"),
			{
				.tier = TIER_TRACEPOINT,
				.program = {"copy_ubufs_tp"},
				.via = "netif_receive_skb of skbs with user pages",
				.count_bound = BOUND_UPPER,
				.amount_bound = BOUND_UPPER,
				.bound_reason = REASON_COPIES_INFERRED,
				.copy_function = "skb_copy_ubufs",
				.copy_reason = COPY_REASON_LOCAL_DELIVERY,
				.stands_in = CS_Q_COPY_UBUFS_HOPS,
			},
		},
	},
	[CS_Q_COPY_UBUFS_HOPS] = {
		"copy_ubufs_hops", "zero-copy skbs received in any namespace, a forwarded one once a hop",
		NONE, NONE,
		.impl = {TRACEPOINT("netif_receive_skb of skbs with user pages", "copy_ubufs_tp")},
	},
	[CS_Q_ZC_FRAGS] = {
		"zc_frags", "fragments of the zero-copy skbs that were received or copied",
		M_ZC_SKBS, M_ZC_FRAGS,
		.impl = {ZC_SKBS},
		.sampled = true,
	},
	[CS_Q_ZC_FULL] = {
		"zc_full", "those of them that could take no more fragments",
		M_ZC_SKBS_FULL, NONE,
		.impl = {ZC_SKBS},
		.sampled = true,
	},
	[CS_Q_PATH_COPY] = {
		"path_copy", "copies inside the stack, by place and reason: software GSO, packet taps, "
			     "linearize, headers ...",
		M_PATH_COPIES, M_PATH_COPY_BYTES,
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
		.absent = REASON_NO_TRACEPOINT,
		.absent_detail = "skb_copy_bits, skb_copy_and_csum_bits, pskb_expand_head",
	},
	[CS_Q_COPY_UBUFS_TIME] = {
		"copy_ubufs_time", "time inside skb_copy_ubufs",
		NONE, M_COPY_UBUFS_NS,
		.impl = {TIME_INSIDE("skb_copy_ubufs", "copy_ubufs")},
		.absent = REASON_NO_TRACEPOINT, .absent_detail = "time inside skb_copy_ubufs",
		.full_only = true,
	},
	[CS_Q_ZEROCOPY_TIME] = {
		"zerocopy_time", "time taking page references",
		NONE, M_ZEROCOPY_NS,
		.impl = {TIME_INSIDE("skb_zerocopy_iter_stream", "zerocopy")},
		.absent = REASON_NO_TRACEPOINT, .absent_detail = "time inside skb_zerocopy_iter_stream",
		.full_only = true,
	},
	[CS_Q_KERNEL_TO_USER_TIME] = {
		"kernel_to_user_time", "time copying from skbs to user memory",
		NONE, M_KERNEL_TO_USER_NS,
		.impl = {TIME_INSIDE("skb_copy_datagram_iter", "copy_to_user")},
		.absent = REASON_NO_TRACEPOINT, .absent_detail = "time inside skb_copy_datagram_iter",
		.full_only = true,
	},
	[CS_Q_RETRANSMIT] = {
		"retransmit", "skbs TCP sent again",
		M_RETRANSMIT_SEGMENTS, M_RETRANSMIT_BYTES,
		.impl = {TRACEPOINT("tcp_retransmit_skb", "retransmit_tp")},
	},
	[CS_Q_COMPLETION] = {
		"completion", "ranges of zero-copy ids given back",
		M_COMPLETION_RANGES, M_COMPLETION_IDS,
		.impl = {
			COMPLETIONS,
			{
				.tier = TIER_TRACEPOINT,
				.program = {"copy_datagram_tp"},
				.via = "skb_copy_datagram_iovec of error-queue skbs",
				.count_bound = BOUND_LOWER,
				.bound_reason = REASON_MERGED_RANGES,
			},
		},
	},
	[CS_Q_COMPLETION_COPIED] = {
		"completion_copied", "ids of those flagged COPIED",
		NONE, M_COMPLETION_COPIED_IDS,
		.impl = {
			COMPLETIONS,
			TRACEPOINT("skb_copy_datagram_iovec of error-queue skbs",
				   "copy_datagram_tp"),
		},
	},
	[CS_Q_NOTIFICATION] = {
		"notification", "notifications of io_uring's zero-copy sends, and those flagged COPIED",
		M_NOTIFICATIONS, M_NOTIFICATIONS_COPIED,
		.impl = {
			TRACEPOINT("io_uring_complete", "notification_tp"),
			TRACEPOINT("io_uring_complete, by members", "notification_members_tp"),
		},
	},
	[CS_Q_RECV] = {
		"recv", "calls that took bytes from a TCP or AF_UNIX stream, and how many",
		M_RECEIVED_CALLS, M_RECEIVED_BYTES, .matters = true,
		.impl = {
			STREAMS(FENTRY, RECEIVES, NULL, ALSO_RECEIVED_FENTRY, RECEIVES_FENTRY),
			STREAMS(KPROBE, RECEIVES " to tcp_cleanup_rbuf", NULL, ALSO_RECEIVED_KPROBE, RECEIVES_KPROBE),
			{
				.tier = TIER_TRACEPOINT,
				.program = {"recv_done_tp"},
				.via = "sock_recv_length",
				.blind_to = "what is spliced or mapped out of a socket, or taken by zcrx",
			},
		},
	},
	[CS_Q_DISCARD] = {
		"discard", "bytes that receive calls took without copying them",
		NONE, M_DISCARDED_BYTES,
		.impl = {
			FENTRY("tcp_recvmsg with MSG_TRUNC", "recv_fentry"),
			KPROBE("tcp_recvmsg with MSG_TRUNC to tcp_cleanup_rbuf", RECEIVE_EDGES),
			TRACEPOINT("sock_recv_length with MSG_TRUNC", "recv_done_tp"),
		},
	},
	[CS_Q_KERNEL_TO_USER] = {
		"kernel_to_user", "copies from skbs to user memory while receiving",
		M_KERNEL_TO_USER_COPIES, M_KERNEL_TO_USER_BYTES, .matters = true,
		.impl = {
			STREAMS(FENTRY, "skb_copy_datagram_iter", NULL, UDP_RECEIVED("fentry"), "copy_to_user_fentry"),
			STREAMS(KPROBE, "skb_copy_datagram_iter", NULL, UDP_RECEIVED("kprobe"), "copy_to_user_kprobe"),
			STREAMS(TRACEPOINT, "skb_copy_datagram_iovec", NULL, ALSO(UDP, "sock_recv_length", "recv_done_tp"),
				"copy_datagram_tp"),
		},
	},
	[CS_Q_MAPPED] = {
		"mapped", "bytes received by remapping pages",
		NONE, M_MAPPED_BYTES,
		.impl = {
			FENTRY("tcp_zerocopy_receive", "mapped_fentry"),
			KPROBE("tcp_zerocopy_receive", "mapped_enter_kprobe",
			       "mapped_exit_kprobe"),
		},
		.absent = REASON_NO_TRACEPOINT, .absent_detail = "tcp_zerocopy_receive",
	},
	[CS_Q_SPLICED_TO_PIPE] = {
		"spliced_to_pipe", "bytes that splice() took from a socket as pages",
		NONE, M_SPLICED_TO_PIPE_BYTES,
		.impl = {
			FENTRY("tcp_splice_read", "recv_splice_fentry"),
			KPROBE("tcp_splice_read to tcp_cleanup_rbuf", "recv_enter_splice_kprobe",
			       "recv_copied_kprobe"),
		},
		.absent = REASON_NO_TRACEPOINT, .absent_detail = "tcp_splice_read",
	},
	[CS_Q_ZCRX] = {
		"zcrx", "bytes that io_uring's zero-copy receive took",
		NONE, M_ZCRX_BYTES,
		.impl = {
			FENTRY("tcp_read_sock in io_zcrx_recv", "zcrx_enter_fentry", "zcrx_taken_fentry"),
			KPROBE("io_zcrx_recv to tcp_cleanup_rbuf", "zcrx_enter_kprobe", "recv_copied_kprobe"),
		},
		.absent = REASON_NO_TRACEPOINT, .absent_detail = "io_zcrx_recv",
	},
	[CS_Q_ZCRX_COPY] = {
		"zcrx_copy", "what it copied of them",
		M_ZCRX_COPIES, M_ZCRX_COPIED_BYTES,
		.impl = {ZCRX_COPIES(FENTRY, "fentry"), ZCRX_COPIES(KPROBE, "kprobe")},
		.absent = REASON_NO_TRACEPOINT, .absent_detail = "io_zcrx_copy_chunk",
	},
	[CS_Q_FOLLOWED] = {
		"followed", "processes that the observed ones forked",
		M_PROCESSES_FOLLOWED, NONE,
		.impl = {TRACEPOINT("sched_process_fork", "fork_tp", "exec_tp", "exit_tp")},
		.only = EXTRA_BIT(EXTRA_PROCESSES),
	},
	[CS_Q_SOCKET] = {
		"socket", "sockets that the observed processes use",
		M_SOCKETS_USED, NONE,
		.impl = {TRACEPOINT("by each send and receive, until tcp_destroy_sock", "sock_gone_tp")},
		.only = EXTRA_BIT(EXTRA_CALLS),
	},
	[CS_Q_SWITCH_VOLUNTARY] = {
		"switch_voluntary", "context switches of threads that went to sleep",
		M_CTX_VOLUNTARY, NONE,
		.impl = {TRACEPOINT("sched_switch", "switch_tp")},
	},
	[CS_Q_SWITCH_INVOLUNTARY] = {
		"switch_involuntary", "context switches of threads that could have run on",
		M_CTX_INVOLUNTARY, NONE,
		.impl = {TRACEPOINT("sched_switch", "switch_tp")},
	},
	[CS_Q_OFFCPU] = {
		"offcpu", "time between being switched out and in again",
		NONE, M_OFFCPU_NS,
		.impl = {TRACEPOINT("sched_switch", "switch_tp")},
	},
	[CS_Q_CPU_SAMPLE] = {
		"cpu_sample", "stacks of what the CPU ran",
		M_CPU_SAMPLES, NONE,
		.impl = {{
			.tier = TIER_PERF_EVENT,
			.program = {"cpu_sample"},
			.via = "on each CPU",
		}},
	},
};
static_assert_complete(probe_defs, CS_Q_MAX_);
