// SPDX-License-Identifier: GPL-2.0-only
#include "sym/classify.h"

#include <string.h>

#include "sym/sym.h"

/* The first row with a function on the stack wins, so the specific stand before the general:
 * sk_wait_data() and many others sleep in wait_woken() or schedule_timeout().
 */
static const struct {
	const char *function, *reason;
} wait_rows[] = {
	{"sk_stream_wait_memory", "send buffer full"},
	{"sk_wait_data", "no data to receive"},
	{"tcp_recvmsg_locked", "no data to receive"},
	{"inet_csk_accept", "no connection to accept"},
	{"inet_stream_connect", "connecting"},
	{"__inet_stream_connect", "connecting"},
	{"__lock_sock", "socket lock"},
	{"lock_sock_nested", "socket lock"},
	{"do_sys_poll", "poll"}, /* of a zero-copy sender: the error queue */
	{"do_epoll_wait", "epoll"},
	{"do_select", "select"},
	{"io_cqring_wait", "io_uring completion"},
	{"futex_wait", "futex"},
	{"__futex_wait", "futex"},
	{"do_futex", "futex"},
	{"pipe_read", "pipe"},
	{"anon_pipe_read", "pipe"},
	{"pipe_write", "pipe"},
	{"eventfd_read", "eventfd"},
	{"unix_stream_read_generic", "unix socket"},
	{"hrtimer_nanosleep", "sleep"},
	{"common_nsleep", "sleep"},
	{"rwsem_down_read_slowpath", "rw semaphore (mmap_lock?)"},
	{"rwsem_down_write_slowpath", "rw semaphore (mmap_lock?)"},
	{"__mutex_lock", "kernel mutex"},
	{"folio_wait_bit_common", "page I/O"},
	{"io_schedule", "page I/O"},
	{"do_wait", "child process"},
	{"do_signal_stop", "stopped"},
	{"do_exit", "exit"},
	{"io_sq_thread", "io_uring, nothing to submit"},
	{"io_wq_worker", "io_uring worker, nothing to do"},
};

bool same_function(const char *name, const char *pattern)
{
	size_t len = strlen(pattern);

	return !strncmp(name, pattern, len) && (name[len] == '\0' || name[len] == '.');
}

const char *wait_reason(const char *const *leaf_first, size_t cnt, bool voluntary)
{
	size_t row, i;

	if (!voluntary)
		return "preempted";
	for (row = 0; row < ARRAY_SIZE(wait_rows); row++)
		for (i = 0; i < cnt; i++)
			if (leaf_first[i] && same_function(leaf_first[i], wait_rows[row].function))
				return wait_rows[row].reason;
	return cnt ? "other" : "unknown (no stack)";
}

bool is_probe_frame(const char *name)
{
	return !strcmp(name, SYM_OWN) || !strncmp(name, "bpf_", 4) || !strncmp(name, "__bpf_", 6) ||
	       !strncmp(name, "__traceiter_", 12);
}

bool is_softirq_frame(const char *name)
{
	return same_function(name, "handle_softirqs") || same_function(name, "__do_softirq") ||
	       same_function(name, "net_rx_action") || same_function(name, "net_tx_action");
}
