// SPDX-License-Identifier: GPL-2.0-only
/* What the BPF programs account of receives and of context switches, to whom, and that what they lose is
 * counted as a drop.
 */
#include "bpf_host/parties.h"

/* The socket gave away some bytes, and tcp_cleanup_rbuf() is told how many its caller has so far. */
static void received(struct sock *sk, __u32 bytes, int told)
{
	((struct tcp_sock *)sk)->copied_seq += bytes;
	recv_copied_kprobe(NULL, sk, told);
}

/* ---- receiving --------------------------------------------------------------------------- */

static void a_receive_is_what_it_copied_so_far(void **state)
{
	(void)state;
	((struct tcp_sock *)server_sk)->copied_seq = 0xfffffff0; /* wraps */
	recv_enter_kprobe(NULL, server_sk, NULL, 0, 0);
	received(server_sk, 0, 0); /* it waits */
	received(server_sk, 100, 100);
	received(server_sk, 201, 300); /* and a FIN, which is in the sequence, too */
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_RECV, 1, 300);
	recv_enter_kprobe(NULL, server_sk, NULL, 0, MSG_PEEK);
	received(server_sk, 0, 50);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_RECV, 1, 300);
}

/* Whatever is taken with MSG_TRUNC was received, and not copied. */
static void what_is_truncated_is_discarded(void **state)
{
	(void)state;
	host.func_ret = 700;
	recv_fentry(NULL, client_sk, NULL, 1000, MSG_TRUNC);
	recv_fentry(NULL, client_sk, NULL, 1000, 0);
	recv_fentry(NULL, client_sk, NULL, 1000, MSG_TRUNC | MSG_PEEK);
	assert_stat(CS_BANK_FUNCTION, CLIENT, CS_Q_RECV, 2, 1400);
	assert_stat(CS_BANK_FUNCTION, CLIENT, CS_Q_DISCARD, 1, 700);
	recv_done_tp(NULL, client_sk, 300, MSG_TRUNC);
	recv_done_tp(NULL, client_sk, -11, MSG_TRUNC);
	recv_done_tp(NULL, client_sk, 50, 0);
	assert_stat(CS_BANK_TRACEPOINT, CLIENT, CS_Q_RECV, 2, 350);
	assert_stat(CS_BANK_TRACEPOINT, CLIENT, CS_Q_DISCARD, 1, 300);
	recv_enter_kprobe(NULL, server_sk, NULL, 0, MSG_TRUNC);
	received(server_sk, 100, 100);
	received(server_sk, 200, 300);
	recv_enter_kprobe(NULL, server_sk, NULL, 0, 0);
	received(server_sk, 70, 70);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_RECV, 2, 370);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_DISCARD, 1, 300);
}

/* A splice() takes in turns, each of which is told by itself. */
static void what_is_spliced_is_received(void **state)
{
	struct socket sock = {.sk = client_sk};

	(void)state;
	host.func_ret = 700;
	recv_splice_fentry(NULL, &sock);
	host.func_ret = -11; /* -EAGAIN */
	recv_splice_fentry(NULL, &sock);
	assert_stat(CS_BANK_FUNCTION, CLIENT, CS_Q_RECV, 1, 700);
	assert_stat(CS_BANK_FUNCTION, CLIENT, CS_Q_SPLICED_TO_PIPE, 1, 700);
	sock.sk = server_sk;
	recv_enter_splice_kprobe(NULL, &sock);
	received(server_sk, 100, 100);
	received(server_sk, 300, 300);
	received(server_sk, 31, 30); /* and a FIN */
	recv_enter_splice_kprobe(NULL, &sock);
	received(server_sk, 5, 5);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_RECV, 2, 435);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_SPLICED_TO_PIPE, 2, 435);
	received(server_sk, 100, 50); /* somebody else's, after more of it went unseen */
	received(server_sk, 50, 50);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_RECV, 2, 435);
}

static void what_others_take_from_a_socket_is_not_received(void **state)
{
	(void)state;
	recv_enter_kprobe(NULL, server_sk, NULL, 0, 0);
	received(server_sk, 100, 100);
	received(server_sk, 5000, 5000); /* by a call whose begin was not seen */
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_RECV, 1, 100);
	recv_enter_kprobe(NULL, server_sk, NULL, 0, 0);
	received(server_sk, 0, -11 /* -EAGAIN */);
	received(server_sk, 5000, 5000);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_RECV, 1, 100);
}

static void nobodys_receive_is_not_taken_for_an_owners(void **state)
{
	(void)state;
	recv_enter_kprobe(NULL, server_sk, NULL, 0, 0);
	recv_enter_kprobe(NULL, foreign_sk, NULL, 0, 0);
	received(foreign_sk, 500, 500);
	received(server_sk, 500, 500);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_RECV, 0, 0);
	assert_no_drops();
}

static void a_copy_to_user_is_the_sockets_whoever_runs(void **state)
{
	struct sk_buff skb = {.sk = client_sk};

	(void)state;
	copy_datagram_tp(NULL, &skb, 1000);
	copy_datagram_tp(NULL, &skb, 0);
	copy_to_user_fentry(NULL, &skb, 0, NULL, 2000, 0);
	copy_to_user_fentry(NULL, &skb, 0, NULL, 4000, -14 /* -EFAULT */);
	skb.sk = foreign_sk;
	copy_datagram_tp(NULL, &skb, 8000);
	assert_stat(CS_BANK_TRACEPOINT, CLIENT, CS_Q_KERNEL_TO_USER, 1, 1000);
	assert_stat(CS_BANK_FUNCTION, CLIENT, CS_Q_KERNEL_TO_USER, 1, 2000);
	assert_stat(CS_BANK_TRACEPOINT, SERVER, CS_Q_KERNEL_TO_USER, 0, 0);
}

static void a_closed_gate_counts_nothing(void **state)
{
	struct sk_buff skb = {.sk = client_sk};

	(void)state;
	cs_active = 0;
	copy_datagram_tp(NULL, &skb, 1000);
	send_enter_fentry(NULL, server_sk, &plain);
	switch_tp(NULL, false, server, idle, TASK_INTERRUPTIBLE);
	assert_stat(CS_BANK_TRACEPOINT, CLIENT, CS_Q_KERNEL_TO_USER, 0, 0);
	assert_stat(CS_BANK_TRACEPOINT, SERVER, CS_Q_SWITCH_VOLUNTARY, 0, 0);
	assert_int_equal(host_entries(HOST_TASK_MAP(&cs_tasks)), 0);
}

static void mapped_bytes_are_the_sockets_in_both_tiers(void **state)
{
	struct tcp_zerocopy_receive zc = {.length = 4096};

	(void)state;
	mapped_fentry(NULL, client_sk, &zc, NULL, 0);
	assert_stat(CS_BANK_FUNCTION, CLIENT, CS_Q_MAPPED, 1, 4096);
	mapped_enter_kprobe(NULL, client_sk, &zc); /* by the server, which runs */
	received(client_sk, 4096, 4096);
	mapped_exit_kprobe(NULL, 0);
	assert_stat(CS_BANK_FUNCTION, CLIENT, CS_Q_MAPPED, 2, 8192);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_MAPPED, 0, 0);
	assert_stat(CS_BANK_FUNCTION, CLIENT, CS_Q_RECV, 2, 8192);
}

/* What lies in no whole page is copied by the same call, which may have nothing to map. */
static void what_a_mapping_call_copies_is_received(void **state)
{
	struct tcp_zerocopy_receive zc = {.length = 4096, .copybuf_len = 100};

	(void)state;
	mapped_fentry(NULL, client_sk, &zc, NULL, 0);
	zc = (struct tcp_zerocopy_receive){.copybuf_len = 50};
	mapped_fentry(NULL, client_sk, &zc, NULL, 0);
	zc.copybuf_len = -14; /* -EFAULT */
	mapped_fentry(NULL, client_sk, &zc, NULL, 0);
	assert_stat(CS_BANK_FUNCTION, CLIENT, CS_Q_MAPPED, 1, 4096);
	assert_stat(CS_BANK_FUNCTION, CLIENT, CS_Q_RECV, 2, 4246);
	mapped_enter_kprobe(NULL, server_sk, &zc);
	received(server_sk, 4196, 4196);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_RECV, 1, 4196);
}

static void mapping_of_a_foreign_socket_leaves_no_trace(void **state)
{
	struct tcp_zerocopy_receive zc = {.length = 4096};

	(void)state;
	mapped_enter_kprobe(NULL, foreign_sk, &zc);
	mapped_exit_kprobe(NULL, 0);
	assert_int_equal(host_entries(HOST_TASK_MAP(&cs_tasks)), 0);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_MAPPED, 0, 0);

	mapped_enter_kprobe(NULL, client_sk, &zc); /* its exit is missed */
	mapped_enter_kprobe(NULL, foreign_sk, &zc);
	mapped_exit_kprobe(NULL, 0);
	assert_stat(CS_BANK_FUNCTION, CLIENT, CS_Q_MAPPED, 0, 0);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_MAPPED, 0, 0);
}

static void a_failed_mapping_leaves_nothing_to_the_next(void **state)
{
	struct tcp_zerocopy_receive zc = {.length = 4096};

	(void)state;
	mapped_enter_kprobe(NULL, server_sk, &zc);
	mapped_exit_kprobe(NULL, -22 /* -EINVAL */);
	mapped_exit_kprobe(NULL, 0); /* its entry was missed */
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_MAPPED, 0, 0);
}

/* ---- switches ---------------------------------------------------------------------------- */

static void voluntary_is_not_preempted_and_not_runnable(void **state)
{
	(void)state;
	switch_tp(NULL, false, server, idle, TASK_INTERRUPTIBLE);
	switch_tp(NULL, false, idle, server, TASK_RUNNING);
	switch_tp(NULL, true, server, idle, TASK_INTERRUPTIBLE);
	switch_tp(NULL, true, idle, server, TASK_RUNNING);
	switch_tp(NULL, false, server, idle, TASK_RUNNING);
	assert_stat(CS_BANK_TRACEPOINT, SERVER, CS_Q_SWITCH_VOLUNTARY, 1, 0);
	assert_stat(CS_BANK_TRACEPOINT, SERVER, CS_Q_SWITCH_INVOLUNTARY, 2, 0);
	assert_stat(CS_BANK_TRACEPOINT, NOBODY, CS_Q_SWITCH_INVOLUNTARY, 0, 0);
}

static void sleep_for(__u64 ns)
{
	switch_tp(NULL, false, server, idle, TASK_INTERRUPTIBLE);
	set_now(host.now_ns + ns);
	switch_tp(NULL, false, idle, server, TASK_RUNNING);
}

static void a_span_off_the_cpu_is_measured(void **state)
{
	(void)state;
	set_now(100);
	sleep_for(250);
	assert_stat(CS_BANK_TRACEPOINT, SERVER, CS_Q_OFFCPU, 1, 250);
	assert_int_equal(host_entries(HOST_MAP(&cs_offcpu)), 0); /* no samples were asked for */
	assert_no_drops();
}

/* What the server's samples are of, where it slept in a stack whose frames hash to this. */
static const struct cs_offcpu *sample_of(const __u64 *frames, __s64 cnt)
{
	struct cs_offcpu like = {.frames = cnt};
	struct cs_offcpu_key key = {.owner = SERVER, .tgid = SERVER, .user_stack = -1, .voluntary = 1,
				    .main_thread = 1};

	if (cnt > 0)
		memcpy(like.kernel, frames, (size_t)cnt * sizeof(*frames));
	key.kernel_hash = cs_hash_frames(&like);
	return bpf_map_lookup_elem(&cs_offcpu, &key);
}

/* One each 100 ns of off-CPU time, wherever it is spent: what is left of a span counts for the next. */
static void spans_are_sampled_by_their_time(void **state)
{
	static const __u64 here[] = {0x10, 0x20}, there[] = {0x10, 0x30, 0x40};
	__u32 account = SERVER;

	(void)state;
	configure((struct cs_config){.offcpu_sample_ns = 100});
	*(__u64 *)bpf_map_lookup_elem(&cs_offcpu_due, &account) = 30;
	set_now(1);
	memcpy(host.task_stack, here, sizeof(here));
	host.task_stack_bytes = sizeof(here);
	sleep_for(60); /* 90 */
	assert_null(sample_of(here, 2));
	sleep_for(250); /* 340 */
	assert_int_equal(sample_of(here, 2)->samples, 3);
	assert_int_equal(sample_of(here, 2)->frames, 2);
	assert_memory_equal(sample_of(here, 2)->kernel, here, sizeof(here));
	memcpy(host.task_stack, there, sizeof(there));
	host.task_stack_bytes = sizeof(there);
	sleep_for(59); /* 399 */
	assert_null(sample_of(there, 3));
	sleep_for(1); /* 400 */
	assert_int_equal(sample_of(there, 3)->samples, 1);
	host.task_stack_bytes = -14; /* -EFAULT: counted all the same */
	sleep_for(100);
	assert_int_equal(sample_of(NULL, -14)->samples, 1);
	assert_int_equal(sample_of(here, 2)->samples, 3);
	assert_stat(CS_BANK_TRACEPOINT, SERVER, CS_Q_OFFCPU, 5, 470);
	assert_no_drops();
}

static void a_span_whose_end_was_not_seen_is_a_drop(void **state)
{
	(void)state;
	set_now(100);
	switch_tp(NULL, false, server, idle, TASK_INTERRUPTIBLE);
	set_now(200);
	switch_tp(NULL, false, server, idle, TASK_INTERRUPTIBLE);
	set_now(250);
	switch_tp(NULL, false, idle, server, TASK_RUNNING);
	assert_stat(CS_BANK_TRACEPOINT, SERVER, CS_Q_OFFCPU, 1, 50);
	assert_drops(CS_DROP_OFFCPU_OPEN, 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_receive_is_what_it_copied_so_far),
		TEST(what_is_truncated_is_discarded),
		TEST(what_is_spliced_is_received),
		TEST(what_others_take_from_a_socket_is_not_received),
		TEST(nobodys_receive_is_not_taken_for_an_owners),
		TEST(a_copy_to_user_is_the_sockets_whoever_runs),
		TEST(a_closed_gate_counts_nothing),
		TEST(mapped_bytes_are_the_sockets_in_both_tiers),
		TEST(what_a_mapping_call_copies_is_received),
		TEST(mapping_of_a_foreign_socket_leaves_no_trace),
		TEST(a_failed_mapping_leaves_nothing_to_the_next),
		TEST(voluntary_is_not_preempted_and_not_runnable),
		TEST(a_span_off_the_cpu_is_measured),
		TEST(spans_are_sampled_by_their_time),
		TEST(a_span_whose_end_was_not_seen_is_a_drop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
