/* SPDX-License-Identifier: GPL-2.0-only */
/* The words in which registry.c writes its rows: ways to observe that several quantities share. */
#ifndef PROBE_ROWS_H
#define PROBE_ROWS_H

#include "probe/registry.h"

/* other: what it takes besides for other extras. */
#define STREAMS(tier_, via_, amount_via_, other, ...)                        \
	{                                                                    \
		.tier = TIER_##tier_,                                        \
		.program = {__VA_ARGS__},                                    \
		.via = (via_),                                               \
		.amount_via = (amount_via_),                                 \
		.also = {other},                                             \
	}
#define ALSO(extra, via_, ...) [EXTRA_##extra] = {.via = (via_), .program = {__VA_ARGS__}}
#define SEEN(tier_, via_, amount_via_, ...) STREAMS(tier_, via_, amount_via_, , __VA_ARGS__)
#define TRACEPOINT(via_, ...) SEEN(TRACEPOINT, via_, NULL, __VA_ARGS__)
#define FENTRY(via_, ...)     SEEN(FENTRY, via_, NULL, __VA_ARGS__)
#define KPROBE(via_, ...)     SEEN(KPROBE, via_, NULL, __VA_ARGS__)

/* The three ways of a send share the programs that tell them apart, and one of them counts the bytes. */
#define SEND_WAY_TP(way, ...)                                                \
	{                                                                    \
		.tier = TIER_TRACEPOINT,                                     \
		.program = {"send_step_tp", "send_done_tp"},                 \
		.via = "sock_send_length, " way " by tcp_sendmsg_locked",    \
		.amount_via = "sock_send_length",                            \
		.blind_to_references = "what a send of datagrams did that may refer to pages", \
		.sets_flag = offsetof(struct cs_config, send_steps),         \
		__VA_ARGS__                                                  \
	}

/* The function tiers: a pair of programs, NAME_fentry and NAME_kprobe, over one body. */
#define FUNCTION(via_, name) FENTRY(via_, name "_fentry"), KPROBE(via_, name "_kprobe")
#define TIME_INSIDE(function, name)                                       \
	FENTRY(function, name "_begin_fentry", name "_end_fentry"),       \
	KPROBE(function, name "_begin_kprobe", name "_end_kprobe")

/* What happens between a send's entry and its push of what it took. */
#define SEND_EDGES(tier)     "send_enter_" tier, "send_push_" tier
#define IN_SEND(via_, name, udp_via, udp)                                                                 \
	STREAMS(FENTRY, via_, NULL, ALSO(UDP, udp_via, udp("fentry")), SEND_EDGES("fentry"), name "_fentry"), \
	STREAMS(KPROBE, via_, NULL, ALSO(UDP, udp_via, udp("kprobe")), SEND_EDGES("kprobe"), name "_kprobe")
/* All bytes of a send, and those that were referenced or spliced: what they moved the socket's write_seq. A local
 * socket has none of those, nor has UDP, but the observers of their bytes are told here, too: the ledger knows one by its
 * name.
 */
#define SEND_BYTES "write_seq at tcp_push, UDP at ip_send_skb, AF_UNIX at unix_stream_sendmsg"
#define SEND_CALL  "tcp_sendmsg_locked to tcp_push"
#define USER_COPY  "__check_object_size in tcp_sendmsg_locked"
/* What is counted of kTLS's records. */
#define RECORDS(suffix) "record_alloc_" suffix, "record_copy_" suffix, "encrypt_" suffix
#define UDP_SENT(suffix) "udp_sent_" suffix, "udp6_sent_" suffix
#define UDP_SEND_EDGES(suffix) "udp_send_enter_" suffix, "udp6_send_enter_" suffix, UDP_SENT(suffix)
#define UDP_RECEIVED(suffix) ALSO(UDP, "skb_consume_udp", "udp_received_" suffix)
#define UNIX_SEND_KPROBES "unix_send_enter_kprobe", "unix_copy_kprobe"
#define REFERENCED(tier, via_, suffix, name) \
	SEEN(tier, via_, SEND_BYTES, SEND_EDGES(suffix), name "_" suffix)
#define REFERENCED_TOO(tier, via_, suffix, name) \
	STREAMS(tier, via_, SEND_BYTES, ALSO(UDP, "ip_send_skb, ip6_send_skb", UDP_SENT(suffix)), SEND_EDGES(suffix), \
		name "_" suffix)
#define RECEIVE_EDGES "recv_enter_kprobe", "recv_copied_kprobe"
#define ALSO_SEND(suffix, unix_via, ...)                         \
	ALSO(UDP, "ip_send_skb, ip6_send_skb", UDP_SENT(suffix)), \
	ALSO(TLS, NULL, RECORDS(suffix)),                        \
	ALSO(UNIX, unix_via, __VA_ARGS__)
#define SENDS                                                                                                        \
	STREAMS(FENTRY, SEND_CALL, SEND_BYTES, ALSO_SEND("fentry", "unix_stream_sendmsg", "unix_send_fentry"),       \
		SEND_EDGES("fentry")),                                                                               \
	STREAMS(KPROBE, SEND_CALL, SEND_BYTES,                                                                       \
		ALSO_SEND("kprobe", "unix_stream_sendmsg to sock_def_readable", UNIX_SEND_KPROBES, "unix_sent_kprobe"), \
		SEND_EDGES("kprobe")),                                                                               \
	TRACEPOINT("sock_send_length", "send_done_tp")
#define ALSO_RECEIVED_FENTRY                                                                        \
	UDP_RECEIVED("fentry"), ALSO(TLS, NULL, "decrypt_fentry"),                                  \
	ALSO(UNIX, "unix_stream_recvmsg", "unix_recv_fentry"),                                      \
	ALSO(ZCRX, "tcp_read_sock in io_zcrx_recv", "zcrx_enter_fentry", "zcrx_taken_fentry")
#define ALSO_RECEIVED_KPROBE                                                                        \
	UDP_RECEIVED("kprobe"), ALSO(TLS, NULL, "decrypt_kprobe"),                                  \
	ALSO(UNIX, "unix_stream_recvmsg to unix_stream_read_actor", "unix_recv_enter_kprobe",       \
	     "unix_recv_copied_kprobe"),                                                            \
	ALSO(ZCRX, "io_zcrx_recv to tcp_cleanup_rbuf", "zcrx_enter_kprobe")
#define ALSO_COPY(suffix, ...)                                                                       \
	ALSO(UDP, "ip_generic_getfrag in udp_sendmsg", UDP_SEND_EDGES(suffix), "udp_copy_" suffix),  \
	ALSO(TLS, NULL, RECORDS(suffix)),                                                            \
	ALSO(UNIX, "skb_copy_datagram_from_iter", __VA_ARGS__)
/* __msg_zerocopy_callback, or its only caller where the compiler made one function of the two. */
#define COMPLETIONS                                            \
	FENTRY("__msg_zerocopy_callback", "completion_fentry"), \
	FENTRY("msg_zerocopy_complete", "complete_fentry"),     \
	KPROBE("__msg_zerocopy_callback", "completion_kprobe"), \
	KPROBE("msg_zerocopy_complete", "complete_kprobe")
/* All by which bytes leave a TCP socket. */
#define RECEIVES "tcp_recvmsg, tcp_splice_read, tcp_zerocopy_receive"
#define RECEIVES_FENTRY "recv_fentry", "recv_splice_fentry", "mapped_fentry"
#define RECEIVES_KPROBE "recv_enter_kprobe", "recv_enter_splice_kprobe", "mapped_enter_kprobe", "recv_copied_kprobe"
#define ZC_SKBS                                  \
	FUNCTION("skb_copy_ubufs", "copy_ubufs"), \
	TRACEPOINT("netif_receive_skb of skbs with user pages", "copy_ubufs_tp")
#define ENCRYPTION(tier_, suffix)                                                            \
	{                                                                                    \
		.tier = (tier_),                                                             \
		.program = {RECORDS(suffix)},                                                \
		.via = "crypto_aead_encrypt after sk_msg_alloc",                             \
		.sets_flag = offsetof(struct cs_config, tls),                                \
	}
#define ENCRYPTIONS ENCRYPTION(TIER_FENTRY, "fentry"), ENCRYPTION(TIER_KPROBE, "kprobe")
/* From the send to its completion, which asks whether the ids' times are taken. */
#define ZC_LATENCY(tier_, suffix, function, name)                                            \
	{                                                                                    \
		.tier = (tier_),                                                             \
		.program = {SEND_EDGES(suffix), "zerocopy_" suffix, name "_" suffix},        \
		.via = "skb_zerocopy_iter_stream to " function,                              \
		.also = {ALSO(UDP, "ip_send_skb, ip6_send_skb", UDP_SENT(suffix))},          \
		.sets_flag = offsetof(struct cs_config, zc_times),                           \
	}

/* What is copied in a zero-copy receive. */
#define ZCRX_COPIES(tier_, suffix)                                         \
	{                                                                  \
		.tier = TIER_##tier_,                                      \
		.program = {"zcrx_enter_" suffix, "zcrx_copy_" suffix},    \
		.via = "io_zcrx_copy_chunk",                               \
		.copy_function = "io_zcrx_copy_chunk",                     \
		.copy_reason = COPY_REASON_ZCRX,                           \
	}

/* The one reason there is. */
#define FRESH_PAGES(tier_, name)                             \
	{                                                    \
		.tier = TIER_##tier_,                        \
		.program = {name},                           \
		.via = "copy_splice_read",                   \
		.copy_function = "copy_splice_read",         \
		.copy_reason = COPY_REASON_FRESH_PAGES,      \
	}

#endif
