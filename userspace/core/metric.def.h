/* SPDX-License-Identifier: GPL-2.0-only */
/* Every number copyscope can print, one row each:
 *
 *   METRIC(id, name, title, unit, source, better, flow, help)
 *
 * name is the key in CSV headers and JSON and is never renamed without a schema bump. flow says
 * whom it is kept for: owners whose payload goes that way, or the WHOLE result (enum flow). This file is
 * included several times with METRIC defined differently, so it has no include guard.
 */

/* ---- the workload's own accounts --------------------------------------------------------- */
METRIC(THROUGHPUT_GBPS, "throughput_gbps", "Throughput", GBPS, WORKLOAD, MORE, BOTH,
       "payload bits per second of the window, 1e9 bits; client: received, up to end of file; server: accepted "
       "by the kernel, until the client has closed its end")
METRIC(LATENCY_AVG_US, "latency_avg_us", "Latency, mean", US, WORKLOAD, LESS, RECEIVES,
       "stream: time to receive one whole message; rr: request sent to response complete")
METRIC(LATENCY_P50_US, "latency_p50_us", "Latency, p50", US, WORKLOAD, LESS, RECEIVES,
       "median of the same")
METRIC(LATENCY_P90_US, "latency_p90_us", "Latency, p90", US, WORKLOAD, LESS, RECEIVES,
       "90th percentile of the same")
METRIC(LATENCY_P99_US, "latency_p99_us", "Latency, p99", US, WORKLOAD, LESS, RECEIVES,
       "99th percentile of the same")
METRIC(LATENCY_P999_US, "latency_p999_us", "Latency, p99.9", US, WORKLOAD, LESS, RECEIVES,
       "99.9th percentile of the same")
METRIC(LATENCY_MAX_US, "latency_max_us", "Latency, max", US, WORKLOAD, LESS, RECEIVES,
       "largest of the same")
METRIC(ELAPSED_NS, "elapsed_ns", "Elapsed", NS, WORKLOAD, NONE, BOTH,
       "the window: from the instant both ends were let go, after set-up and warm-up, to the end of the stream")
METRIC(APP_BYTES, "app_bytes", "Bytes (application)", BYTES, WORKLOAD, NONE, BOTH,
       "payload bytes the socket calls of the application returned; server: sent, client: received")
METRIC(APP_REVERSE_BYTES, "app_reverse_bytes", "Request bytes (application)", BYTES, WORKLOAD, NONE,
       BOTH, "bytes against the stream: requests (--pattern rr), and of datagrams how many were taken; client: sent, server: "
       "received")
METRIC(APP_CALLS, "app_calls", "Socket calls", COUNT, WORKLOAD, LESS, BOTH,
       "send or receive calls that moved payload")
METRIC(WARMUP_BYTES, "warmup_bytes", "Warm-up", BYTES, WORKLOAD, NONE, BOTH,
       "payload moved on the same connections before the window, counted nowhere else")
METRIC(MESSAGES, "messages", "Messages", COUNT, WORKLOAD, MORE, BOTH, "whole messages")
METRIC(FLATTEN_BYTES, "flatten_bytes", "App flatten", BYTES, WORKLOAD, LESS, SENDS,
       "bytes the application itself copied into a contiguous buffer before sending")
METRIC(PARTIAL_SENDS, "partial_sends", "Partial sends", COUNT, WORKLOAD, LESS, SENDS,
       "send calls that took less than was offered")
METRIC(TCP_RETRANSMIT_BYTES, "tcp_retransmit_bytes", "Retransmitted (TCP's count)", BYTES, WORKLOAD, LESS,
       SENDS, "tcpi_bytes_retrans of the connections, from the begin of the window to the client's end of file")
METRIC(ENOBUFS_WAITS, "enobufs_waits", "ENOBUFS", COUNT, WORKLOAD, LESS, SENDS,
       "zero-copy sends refused for lack of option memory or lockable pages, then retried")
METRIC(COMPLETION_WAITS, "completion_waits", "Waits for a completion", COUNT, WORKLOAD, LESS,
       SENDS, "times the sender had no free zero-copy buffer and had to wait")
METRIC(ZC_IDS_ISSUED, "zc_ids_issued", "Zero-copy ids issued", COUNT, WORKLOAD, NONE, SENDS,
       "zero-copy sends that returned bytes: MSG_ZEROCOPY takes an id of the socket for each, io_uring owes a "
       "notification for each request, one that it refused included")
METRIC(ZC_IDS_COMPLETED, "zc_ids_completed", "Zero-copy ids completed", COUNT, WORKLOAD, NONE,
       SENDS, "ids the application read back from the error queue, or notifications from its io_uring")
METRIC(ZC_IDS_COPIED, "zc_ids_copied", "Zero-copy ids flagged COPIED", COUNT, WORKLOAD, LESS,
       SENDS, "as the application sees it; the kernel may merge ranges of unlike flags")
METRIC(ZC_NOTIFICATIONS, "zc_notifications", "Error-queue notifications", COUNT, WORKLOAD, LESS,
       SENDS, "ranges read from the error queue")
METRIC(FIELD_PAGES, "field_pages", "Pages of the fields", COUNT, WORKLOAD, LESS, SENDS,
       "zero-copy: pages that the fields touch, by their addresses, call by call and piece by piece: references "
       "the kernel takes, but for one more wherever it begins an skb within a page; of registered buffers it took them "
       "before")
METRIC(LEAST_PAGES, "least_pages", "Least pages", COUNT, WORKLOAD, NONE, SENDS,
       "pages that the same messages would touch, each in one aligned block")
METRIC(HUGETLB_BYTES, "hugetlb_bytes", "Buffers in hugetlb pages", BYTES, WORKLOAD, NONE, SENDS,
       "--buffers huge: of the blocks that hold the messages, what lies in reserved huge pages")
METRIC(THP_BYTES, "thp_bytes", "Buffers in transparent huge pages", BYTES, WORKLOAD, NONE, SENDS,
       "--buffers huge: of the same blocks, what the kernel granted (AnonHugePages) at the end of the pass")
METRIC(VERIFIED_BYTES, "verified_bytes", "Verified bytes", BYTES, WORKLOAD, NONE, RECEIVES,
       "--verify: bytes whose content was compared")
METRIC(VERIFY_ERRORS, "verify_errors", "Corrupt bytes", BYTES, WORKLOAD, LESS, RECEIVES,
       "--verify: bytes that were not what was sent")
METRIC(USER_CPU_NS, "user_cpu_ns", "CPU, user", NS, WORKLOAD, LESS, BOTH,
       "getrusage of the process")
METRIC(SYSTEM_CPU_NS, "system_cpu_ns", "CPU, system", NS, WORKLOAD, LESS, BOTH,
       "getrusage of the process; includes softirq work that ran in its context")
METRIC(PROC_CTX_VOLUNTARY, "proc_ctx_voluntary", "Voluntary switches (/proc)", COUNT, WORKLOAD,
       LESS, BOTH, "sum over /proc/PID/task/*/status in the window")
METRIC(PROC_CTX_INVOLUNTARY, "proc_ctx_involuntary", "Involuntary switches (/proc)", COUNT,
       WORKLOAD, LESS, BOTH, "the same for preemptions")
METRIC(BUSY_CPU_NS, "busy_cpu_ns", "CPU, whole machine", NS, WORKLOAD, NONE, WHOLE,
       "what its CPUs were not idle, by the kernel's idle clock; time the hypervisor took included")
METRIC(KERNEL_CPU_NS, "kernel_cpu_ns", "CPU, threads of the kernel", NS, WORKLOAD, LESS, WHOLE,
       "ksoftirqd, kworkers and the like, of the whole machine, to the nanosecond")
METRIC(OTHER_CPU_NS, "other_cpu_ns", "CPU, other programs", NS, WORKLOAD, NONE, WHOLE,
       "copyscope itself included; in units of 1/sysconf(_SC_CLK_TCK) a program")
METRIC(STEAL_NS, "steal_ns", "Stolen by the hypervisor", NS, WORKLOAD, LESS, WHOLE,
       "time the machine's CPUs had work and did not run, in those units")
METRIC(MAX_RSS_BYTES, "max_rss_bytes", "Peak resident set", BYTES, WORKLOAD, LESS, BOTH,
       "getrusage of the process")

/* ---- perf_event_open --------------------------------------------------------------------- */
METRIC(CYCLES, "cycles", "Cycles", COUNT, PERF, LESS, BOTH, "CPU cycles, user and kernel")
METRIC(INSTRUCTIONS, "instructions", "Instructions", COUNT, PERF, LESS, BOTH,
       "instructions retired, user and kernel")
METRIC(L1D_MISSES, "l1d_load_misses", "L1d load misses", COUNT, PERF, LESS, BOTH,
       "level 1 data cache loads that missed")
METRIC(LLC_MISSES, "llc_misses", "LLC misses", COUNT, PERF, LESS, BOTH,
       "last level cache misses (PERF_COUNT_HW_CACHE_MISSES)")
METRIC(CONTEXT_SWITCHES, "context_switches", "Context switches", COUNT, PERF, LESS, BOTH,
       "software event")
METRIC(CPU_MIGRATIONS, "cpu_migrations", "CPU migrations", COUNT, PERF, LESS, BOTH,
       "software event")
METRIC(PAGE_FAULTS, "page_faults", "Page faults", COUNT, PERF, LESS, BOTH, "software event")
METRIC(TASK_CLOCK_NS, "task_clock_ns", "Task clock", NS, PERF, LESS, BOTH,
       "time the role's threads were on a CPU, softirq work in their context included")

/* ---- BPF: the bytes' way in -------------------------------------------------------------- */
METRIC(SENT_CALLS, "sent_calls", "Sends", COUNT, BPF, NONE, BOTH,
       "TCP send calls that returned bytes")
METRIC(SENT_BYTES, "sent_bytes", "Bytes sent", BYTES, BPF, NONE, BOTH,
       "bytes those calls returned")
METRIC(SENT_BY_IOWQ_CALLS, "sent_by_iowq_calls", "Sends by io-wq", COUNT, BPF, NONE, BOTH,
       "those of them that a worker of io_uring's made, a thread of the sender's process (via=iowq)")
METRIC(SENT_BY_IOWQ_BYTES, "sent_by_iowq_bytes", "Bytes sent by io-wq", BYTES, BPF, NONE, BOTH,
       "bytes those returned")
METRIC(SENT_BY_SQPOLL_CALLS, "sent_by_sqpoll_calls", "Sends by SQPOLL", COUNT, BPF, NONE, BOTH,
       "those that a thread made which polls an io_uring, of the sender's process, too (via=sqpoll)")
METRIC(SENT_BY_SQPOLL_BYTES, "sent_by_sqpoll_bytes", "Bytes sent by SQPOLL", BYTES, BPF, NONE, BOTH,
       "bytes those returned")
METRIC(SENT_LOOPBACK_CALLS, "sent_loopback_calls", "Sends over loopback", COUNT, BPF, NONE, BOTH,
       "those of TCP whose route led to a loopback device when they began")
METRIC(SENT_LOOPBACK_BYTES, "sent_loopback_bytes", "Bytes sent over loopback", BYTES, BPF, NONE, BOTH,
       "bytes those returned")
METRIC(USER_TO_KERNEL_COPIES, "user_to_kernel_copies", "User to kernel, copies", COUNT, BPF, LESS,
       BOTH, "copy operations from user memory while sending")
METRIC(USER_TO_KERNEL_BYTES, "user_to_kernel_bytes", "User to kernel", BYTES, BPF, LESS, BOTH,
       "bytes copied from user memory into skbs while sending")
METRIC(SPLICE_READS, "splice_reads", "Reads into fresh pages", COUNT, BPF, LESS, BOTH,
       "read halves of sendfile() and splice() that filled pages of their own (copy_splice_read)")
METRIC(SPLICE_READ_BYTES, "splice_read_bytes", "Read into fresh pages", BYTES, BPF, LESS, BOTH,
       "bytes of files read there, and not sent from the page cache's own pages: O_DIRECT, DAX, procfs, OpenZFS ...")
METRIC(ZEROCOPY_SENDS, "zerocopy_sends", "Zero-copy sends", COUNT, BPF, NONE, BOTH,
       "send calls whose bytes were referenced, not copied")
METRIC(ZEROCOPY_BYTES, "zerocopy_bytes", "Zero-copy", BYTES, BPF, NONE, BOTH,
       "bytes handed over by page reference at send time; they may still be copied later")
METRIC(ZEROCOPY_MISALIGNED_SENDS, "zerocopy_misaligned_sends", "Zero-copy sends within a page", COUNT, BPF, LESS, BOTH,
       "zero-copy sends by TCP whose memory does not begin at a page: each takes a reference more, and fills packets sooner")
METRIC(ZEROCOPY_MISALIGNED_BYTES, "zerocopy_misaligned_bytes", "Zero-copy within a page", BYTES, BPF, LESS, BOTH,
       "bytes of those")
METRIC(ZEROCOPY_NS, "zerocopy_ns", "Time referencing pages", NS, BPF, LESS, BOTH,
       "--level full: inside skb_zerocopy_iter_stream: pinning user pages and attaching them to skbs")
METRIC(SPLICED_BYTES, "spliced_bytes", "Spliced", BYTES, BPF, NONE, BOTH,
       "bytes handed over as kernel pages (sendfile, splice, MSG_SPLICE_PAGES)")
METRIC(ENCRYPTED_BYTES, "encrypted_bytes", "Encrypted where it lay", BYTES, BPF, NONE, BOTH,
       "bytes that kTLS's cipher read from the sender's pages, or a file's, and wrote encrypted into others")
METRIC(ENCRYPTED_COPY_BYTES, "encrypted_copy_bytes", "Encrypted from a copy", BYTES, BPF, LESS, BOTH,
       "bytes that were copied first: into an open record (MSG_MORE), or for a cipher that works on its own")
METRIC(TLS_RECORDS, "tls_records", "TLS records sent", COUNT, BPF, LESS, BOTH, "records that kTLS encrypted")
METRIC(TLS_FRAMING_BYTES, "tls_framing_bytes", "TLS headers and tags", BYTES, BPF, LESS, BOTH,
       "of those records, by the cipher's requests: 22 bytes each by TLS 1.3")
METRIC(TLS_PUSHED_BYTES, "tls_pushed_bytes", "TLS records, in TCP's bytes", BYTES, BPF, NONE, BOTH,
       "bytes of records that TCP got to send")
METRIC(PAGE_REFS, "page_refs", "Page references", COUNT, BPF, LESS, BOTH,
       "references taken on user pages while sending; a page split between skbs counts twice")
METRIC(ZC_IDS_ALLOCATED, "zc_ids_allocated", "Zero-copy ids allocated", COUNT, BPF, NONE,
       BOTH, "ids the kernel gave out")

/* ---- BPF: on the way --------------------------------------------------------------------- */
METRIC(COPY_UBUFS_SKBS, "copy_ubufs_skbs", "skb_copy_ubufs, skbs", COUNT, BPF, LESS, BOTH,
       "zero-copy skbs whose pages the kernel replaced by a private copy")
METRIC(COPY_UBUFS_BYTES, "copy_ubufs_bytes", "skb_copy_ubufs", BYTES, BPF, LESS, BOTH,
       "bytes copied there; retransmitted data is copied again and counted again")
METRIC(ZC_SKBS, "zerocopy_skbs", "Zero-copy skbs seen", COUNT, BPF, NONE, BOTH,
       "skbs with user pages, where they are copied or (tracepoints) received: a forwarded one once a hop")
METRIC(ZC_FRAGS, "zerocopy_frags", "Fragments of zero-copy skbs", COUNT, BPF, LESS, BOTH,
       "page references in those skbs, adjoining ones taken together")
METRIC(ZC_SKBS_FULL, "zerocopy_skbs_full", "Zero-copy skbs full of fragments", COUNT, BPF, LESS, BOTH,
       "those of them with as many fragments as an skb of this kernel may have (MAX_SKB_FRAGS, from its BTF)")
METRIC(PATH_COPIES, "path_copies", "Copies in the path", COUNT, BPF, LESS, BOTH,
       "copy operations inside the stack, all places and reasons together")
METRIC(PATH_COPY_BYTES, "path_copy_bytes", "Copied in the path", BYTES, BPF, LESS, BOTH,
       "bytes copied inside the stack, payload and headers: skb_copy_ubufs + software GSO + headers "
       "+ other")
METRIC(COPY_UBUFS_NS, "copy_ubufs_ns", "Time in skb_copy_ubufs", NS, BPF, LESS, BOTH,
       "--level full: from entry to return, allocating the new pages included")
METRIC(GSO_COPY_BYTES, "gso_copy_bytes", "Software GSO copy", BYTES, BPF, LESS, BOTH,
       "payload copied by skb_segment for a device without scatter-gather or checksum offload")
METRIC(HEAD_COPIES, "head_copies", "Header copies", COUNT, BPF, LESS, BOTH,
       "pskb_expand_head, __pskb_pull_tail and the like")
METRIC(HEAD_COPY_BYTES, "head_copy_bytes", "Header copy", BYTES, BPF, LESS, BOTH,
       "bytes copied there")
METRIC(OTHER_COPY_BYTES, "other_copy_bytes", "Other skb copy", BYTES, BPF, LESS, BOTH,
       "linearize, skb_copy, collapse and other copies of payload inside the stack")
METRIC(RETRANSMIT_SEGMENTS, "retransmit_segments", "Retransmits", COUNT, BPF, LESS, BOTH,
       "skbs sent again by TCP")
METRIC(RETRANSMIT_BYTES, "retransmit_bytes", "Retransmitted", BYTES, BPF, LESS, BOTH,
       "payload bytes of those skbs")

/* ---- BPF: completions -------------------------------------------------------------------- */
METRIC(COMPLETION_RANGES, "completion_ranges", "Completions read", COUNT, BPF, LESS, BOTH,
       "zero-copy notifications, each a range of ids")
METRIC(COMPLETION_IDS, "completion_ids", "Ids completed", COUNT, BPF, NONE, BOTH,
       "ids in those ranges")
METRIC(COMPLETION_COPIED_IDS, "completion_copied_ids", "Ids COPIED", COUNT, BPF, LESS, BOTH,
       "ids in ranges flagged SO_EE_CODE_ZEROCOPY_COPIED")
METRIC(NOTIFICATIONS, "uring_notifications", "io_uring notifications", COUNT, BPF, NONE, BOTH,
       "zero-copy requests of io_uring's that it said the kernel needs no pages of any more")
METRIC(NOTIFICATIONS_COPIED, "uring_notifications_copied", "io_uring notifications COPIED", COUNT, BPF, LESS, BOTH,
       "those flagged IORING_NOTIF_USAGE_ZC_COPIED: where the kernel can tell, and the request asked; also flagged is one "
       "all of whose bytes went into an skb of the one before")
METRIC(COMPLETION_LATENCY_NS, "completion_latency_ns", "Send to completion, mean", NS, BPF, LESS,
       BOTH, "from the zero-copy send to its completion being queued")

/* ---- BPF: the way out -------------------------------------------------------------------- */
METRIC(RECEIVED_CALLS, "received_calls", "Receives", COUNT, BPF, NONE, BOTH,
       "calls that took bytes from a TCP socket: recv() and its like, splice(), TCP_ZEROCOPY_RECEIVE, and the turns of zcrx")
METRIC(RECEIVED_BYTES, "received_bytes", "Bytes received", BYTES, BPF, NONE, BOTH,
       "bytes those calls took: copied, discarded, spliced, mapped, or left where they are (zcrx)")
METRIC(KERNEL_TO_USER_COPIES, "kernel_to_user_copies", "Kernel to user, copies", COUNT, BPF, LESS,
       BOTH, "skb_copy_datagram_iter calls: one for each skb or part of one")
METRIC(KERNEL_TO_USER_BYTES, "kernel_to_user_bytes", "Kernel to user", BYTES, BPF, LESS, BOTH,
       "bytes copied from skbs to user memory")
METRIC(KERNEL_TO_USER_NS, "kernel_to_user_ns", "Time copying to user", NS, BPF, LESS, BOTH,
       "--level full: inside skb_copy_datagram_iter")
METRIC(MAPPED_BYTES, "mapped_bytes", "Mapped to user", BYTES, BPF, NONE, BOTH,
       "bytes received by remapping pages (TCP_ZEROCOPY_RECEIVE)")
METRIC(SPLICED_TO_PIPE_BYTES, "spliced_to_pipe_bytes", "Spliced to a pipe", BYTES, BPF, NONE, BOTH,
       "bytes that splice() took from a socket and handed to a pipe as pages; a head without a page of its own the kernel "
       "copies to one first, which is not seen")
METRIC(ZCRX_BYTES, "zcrx_bytes", "By zcrx", BYTES, BPF, NONE, BOTH,
       "bytes that io_uring's zero-copy receive took from a socket")
METRIC(ZCRX_COPIES, "zcrx_copies", "Copied by zcrx, copies", COUNT, BPF, LESS, BOTH,
       "io_zcrx_copy_chunk calls: one for each fragment, and each head, of an skb")
METRIC(ZCRX_COPIED_BYTES, "zcrx_copied_bytes", "Copied by zcrx", BYTES, BPF, LESS, BOTH,
       "what it copied of them into the receiver's memory, since no NIC had put it there")
METRIC(DISCARDED_BYTES, "discarded_bytes", "Discarded", BYTES, BPF, NONE, BOTH,
       "bytes that receive calls took and did not copy (MSG_TRUNC)")
METRIC(DECRYPTED_BYTES, "decrypted_bytes", "Decrypted", BYTES, BPF, NONE, BOTH,
       "payload of the records that kTLS decrypted for the reader")

/* ---- BPF: whom an observed process brings along ------------------------------------------ */
METRIC(PROCESSES_FOLLOWED, "processes_followed", "Processes followed", COUNT, BPF, NONE, BOTH,
       "children that the observed processes forked meanwhile, and theirs")
METRIC(SOCKETS_USED, "sockets_used", "Sockets used", COUNT, BPF, NONE, BOTH,
       "of TCP and UDP, by which the observed processes sent or received: each once until it is closed")

/* ---- BPF: scheduling and CPU ------------------------------------------------------------- */
METRIC(CTX_VOLUNTARY, "ctx_voluntary", "Voluntary switches", COUNT, BPF, LESS, BOTH,
       "sched_switch away from a thread that went to sleep")
METRIC(CTX_INVOLUNTARY, "ctx_involuntary", "Involuntary switches", COUNT, BPF, LESS, BOTH,
       "sched_switch away from a thread that could have run on")
METRIC(OFFCPU_NS, "offcpu_ns", "Off-CPU", NS, BPF, LESS, BOTH,
       "time between being switched out and in again, summed over threads; open spans not counted")
METRIC(CPU_SAMPLES, "cpu_samples", "CPU samples", COUNT, BPF, NONE, BOTH,
       "stack samples taken while the role's threads ran")

/* ---- derived ----------------------------------------------------------------------------- */
METRIC(CYCLES_PER_BYTE, "cycles_per_byte", "Cycles per byte", PER_BYTE, DERIVED, LESS, ALL,
       "cycles / application bytes; cell: both roles over received bytes")
METRIC(CPU_NS_PER_BYTE, "cpu_ns_per_byte", "CPU ns per byte", NS_PER_BYTE, DERIVED, LESS, ALL,
       "task clock / application bytes; cell: the whole cost, of both roles' task clocks, the threads of the kernel "
       "and what no task was charged with, over received bytes")
METRIC(IDLE_IRQ_CPU_NS, "idle_irq_cpu_ns", "CPU, charged to no task", NS, DERIVED, LESS, WHOLE,
       "interrupts in idle context with their softirqs, and the switches between tasks: whole machine - both roles - "
       "threads of the kernel - other programs")
METRIC(IPC, "instructions_per_cycle", "Instructions per cycle", RATIO, DERIVED, MORE, BOTH,
       "instructions / cycles")
METRIC(COPIES_PER_BYTE, "copies_per_byte", "Copies per byte", RATIO, DERIVED, LESS, WHOLE,
       "all copies that were seen, flatten to user memory, over bytes received; a lower bound where "
       "a stage is absent")
METRIC(COPIED_IDS_RATIO, "copied_ids_ratio", "COPIED completions", RATIO, DERIVED, LESS,
       SENDS, "ids flagged COPIED / ids completed")
METRIC(ZCRX_REFERENCED_BYTES, "zcrx_referenced_bytes", "Taken by zcrx, not copied", BYTES, DERIVED, NONE, BOTH,
       "bytes that zcrx took and did not copy: a NIC had put them into the receiver's memory")
METRIC(TLS_OVERHEAD_BYTES, "tls_overhead_bytes", "TLS overhead", BYTES, DERIVED, LESS, BOTH,
       "TLS records in TCP's bytes - what was encrypted into them")
METRIC(PAGE_REFS_RATIO, "page_refs_ratio", "Page references over the least", RATIO, DERIVED, LESS, SENDS,
       "references on the sender's pages, as the kernel counts them or else as the fields' addresses tell, / pages "
       "that the messages would touch in aligned blocks")
METRIC(CALLS_PER_MESSAGE, "calls_per_message", "Send calls per message", RATIO, DERIVED, LESS, SENDS,
       "send calls that moved payload / whole messages")
METRIC(SKB_BYTES, "bytes_per_skb", "Bytes per zero-copy skb", BYTES, DERIVED, MORE, SENDS,
       "payload of the zero-copy skbs that were seen in skb_copy_ubufs / their number: a mean of those")
METRIC(FRAGS_PER_SKB, "frags_per_skb", "Fragments per zero-copy skb", RATIO, DERIVED, LESS, SENDS,
       "fragments of the zero-copy skbs seen / their number")
METRIC(FULL_SKBS_RATIO, "full_skbs_ratio", "Zero-copy skbs full of fragments, share", RATIO, DERIVED, LESS, SENDS,
       "those that could take no more fragments / zero-copy skbs seen")
METRIC(OBSERVER_OVERHEAD, "observer_overhead", "Observer overhead", RATIO, DERIVED, LESS, WHOLE,
       "CPU ns per byte of the attribution pass / of the clean pass beside it")
