/* SPDX-License-Identifier: GPL-2.0-only */
/* What a role counted, and its JSON form: the "result" of control.h and of --json.
 *
 * A member that does not apply to the role, mode or pattern is left out, never 0:
 *   role, mode (server), pattern, size_bytes, threads,
 *   congestion_control, sndbuf_bytes, rcvbuf_bytes,
 *   start_ns, end_ns, elapsed_ns (CLOCK_MONOTONIC; absent when no byte moved),
 *   bytes, reverse_bytes (rr), messages, calls, warmup_bytes (before the window),
 *   flatten_bytes, partial_sends, tcp_retransmit_bytes (server),
 *   enobufs_waits, completion_waits, zc_ids_issued, zc_ids_completed (modes with completions),
 *   zc_ids_copied (where the kernel tells), zc_notifications (modes that take ids),
 *   field_pages, least_pages (modes whose packets refer to them),
 *   hugetlb_bytes, thp_bytes (--buffers huge),
 *   verified_bytes, verify_errors (client, --verify),
 *   user_cpu_ns, system_cpu_ns, max_rss_bytes,
 *   task_clock_ns, voluntary_switches, involuntary_switches, host_busy_cpu_ns, host_kernel_cpu_ns,
 *   host_other_cpu_ns, host_steal_ns (--remote: what nobody else can tell there),
 *   latency (client; hist_json.h),
 *   received_bytes (client), retransmit_bytes (server, of TCP): when in the window (timeline.h),
 *   error (text, or null when all went well).
 */
#ifndef WORKLOAD_ACCOUNT_H
#define WORKLOAD_ACCOUNT_H

#include <sys/resource.h>

#include "core/machine.h"
#include "workload/options.h"
#include "workload/workload.h"

/* One a thread, added up when the threads are done: nothing is shared while data flows. */
struct account {
	uint64_t bytes, reverse_bytes, messages, calls, warmup_bytes;
	uint64_t flatten_bytes, partial_sends, tcp_retransmit_bytes;
	uint64_t enobufs_waits, completion_waits;
	uint64_t zc_ids_issued, zc_ids_completed, zc_ids_copied, zc_notifications;
	uint64_t zc_ids_untold; /* of those completed: of which the kernel does not tell whether it copied */
	uint64_t field_pages, least_pages, hugetlb_bytes, thp_bytes;
	uint64_t verified_bytes, verify_errors;
	uint64_t start_ns, end_ns; /* CLOCK_MONOTONIC of the window: the gate, the end of the stream; 0 = nothing moved */
	uint64_t sndbuf_bytes, rcvbuf_bytes; /* as they were at the end (the kernel tunes them) */
	uint64_t retransmitted_before_bytes; /* the window */
	char congestion_control[16];
	struct hist latency; /* client: ns a message */
	struct timeline timeline; /* client: bytes that came; server: that TCP sent again */
	uint64_t look_again_ns;	  /* for those */
};

/* The window begins: what was counted on this connection was the warm-up. */
void account_restart(struct account *a, int fd);
/* Sums; start is the earliest, end the latest. */
void account_add(struct account *to, const struct account *from);
/* Note the socket's buffers and congestion control. */
void account_socket(struct account *a, int fd);
/* Bytes came; window_ns: it began then, 0: it is still to come. */
void account_received(struct account *a, uint64_t window_ns, size_t bytes);
/* Note what TCP sent again, if it is time to look; from now on it is what comes then. At the end it is always time. */
void account_retransmits(struct account *a, int fd, uint64_t window_ns, bool end);

struct result_info {
	enum role role;
	const struct workload_options *common;
	const struct send_mode *mode; /* server; NULL on the client */
	enum buffers buffers;	      /* server */
	bool datagrams;		      /* whose receiver tells what it has taken */
	unsigned int threads;
	const struct rusage *before; /* the window, of the process */
	struct machine *host;	     /* the same of its host, to be told; NULL: not */
	const char *error; /* NULL = all went well */
};

/* New reference. CPU time is the process's own, from before until now. */
json_t *account_to_json(const struct account *a, const struct result_info *info);

#endif
