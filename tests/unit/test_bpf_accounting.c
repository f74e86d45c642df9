// SPDX-License-Identifier: GPL-2.0-only
/* What the BPF programs account, to whom, and that what they lose is counted as a drop: the real
 * programs, compiled for the host (bpf_host/).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "../../bpf/core.bpf.c"
#include "../../bpf/copy.bpf.c"
#include "../../bpf/sched.bpf.c"
#include "../../bpf/zerocopy.bpf.c"

#define TCP_ESTABLISHED	   1
#define TASK_RUNNING	   0
#define TASK_INTERRUPTIBLE 1

enum { NOBODY = CS_NOBODY, SERVER, CLIENT, PARTIES };

/* A task and a socket, both in one cgroup. */
struct party {
	struct kernfs_node kn;
	struct cgroup cgroup;
	struct css_set css;
	struct task_struct task;
	struct sock sk;
};

static struct party parties[PARTIES]; /* that of NOBODY is in a cgroup without an owner */
static struct sock *const server_sk = &parties[SERVER].sk, *const client_sk = &parties[CLIENT].sk;
static struct sock *const foreign_sk = &parties[NOBODY].sk;
static struct task_struct *const server = &parties[SERVER].task;
static struct task_struct *const idle = &parties[NOBODY].task;

static void configure(struct cs_config config)
{
	host_set_rodata(&cs_cfg, &config, sizeof(config));
}

static int setup(void **state)
{
	__u32 i;

	(void)state;
	host_reset();
	for (i = 0; i < PARTIES; i++) {
		struct party *p = &parties[i];
		__u64 id = 100 + i;

		*p = (struct party){.kn.id = id, .cgroup.kn = &p->kn, .css.dfl_cgrp = &p->cgroup};
		p->task = (struct task_struct){.pid = (int)i, .tgid = (int)i, .cgroups = &p->css};
		p->sk = (struct sock){
			.__sk_common = {.skc_family = AF_INET, .skc_state = TCP_ESTABLISHED},
			.sk_protocol = IPPROTO_TCP,
			.sk_cgrp_data.cgroup = &p->cgroup,
		};
		if (i != NOBODY)
			bpf_map_update_elem(&cs_owners, &id, &i, BPF_ANY);
	}
	host.current_task = server;
	configure((struct cs_config){0});
	cs_active = 1;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	host_reset();
	return 0;
}

static void assert_stat(enum cs_bank bank, __u32 owner, enum cs_quantity quantity, __u64 count,
			__u64 amount)
{
	__u32 key = cs_stat_key(bank, owner, quantity);
	const struct cs_stat *stat = bpf_map_lookup_elem(&cs_stats, &key);

	assert_int_equal(stat->count, count);
	assert_int_equal(stat->amount, amount);
}

/* Nothing but n of this kind. */
static void assert_drops(enum cs_drop kind, __u64 n)
{
	__u32 i;

	for (i = 0; i < CS_DROP_MAX_; i++)
		assert_int_equal(*(__u64 *)bpf_map_lookup_elem(&cs_drops, &i), i == kind ? n : 0);
}

static void assert_no_drops(void)
{
	assert_drops(CS_DROP_STACK, 0);
}

/* ---- sending ----------------------------------------------------------------------------- */

static void a_send_owns_what_happens_in_it(void **state)
{
	(void)state;
	user_copy_fentry(NULL, NULL, 7, false); /* not in a send */
	send_enter_fentry(NULL, server_sk);
	user_copy_fentry(NULL, NULL, 500, false);
	user_copy_fentry(NULL, NULL, 9, true);
	host.func_ret = 1000;
	zerocopy_fentry(NULL);
	host.func_ret = (__u64)-14; /* -EFAULT */
	zerocopy_fentry(NULL);
	host.func_ret = 4;
	page_ref_fentry(NULL);
	host.func_ret = 1500;
	send_exit_fentry(NULL);
	user_copy_fentry(NULL, NULL, 7, false);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_SEND_BRACKET, 1, 1);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_SEND, 1, 1500);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_USER_TO_KERNEL, 1, 500);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_ZEROCOPY, 1, 1000);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_PAGE_REF, 1, 4);
	assert_no_drops();
}

static void nobodys_call_is_not_taken_for_one_whose_return_was_missed(void **state)
{
	(void)state;
	send_enter_kprobe(NULL, server_sk);
	send_enter_kprobe(NULL, foreign_sk);
	user_copy_kprobe(NULL, NULL, 500, false);
	send_exit_kprobe(NULL, 500);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_SEND_BRACKET, 1, 0);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_SEND, 0, 0);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_USER_TO_KERNEL, 0, 0);
	recv_enter_kprobe(NULL, server_sk, NULL, 0, 0);
	recv_enter_kprobe(NULL, foreign_sk, NULL, 0, 0);
	recv_exit_kprobe(NULL, 500);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_RECV, 0, 0);
	assert_no_drops();
}

static void a_failed_send_has_a_bracket_and_no_bytes(void **state)
{
	(void)state;
	send_enter_kprobe(NULL, server_sk);
	host.func_ret = 1000;
	zerocopy_fentry(NULL);
	send_exit_kprobe(NULL, -11 /* -EAGAIN */);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_SEND_BRACKET, 1, 1);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_SEND, 0, 0);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_ZEROCOPY, 0, 0);
}

static void the_step_before_tells_the_way_of_a_send(void **state)
{
	struct msghdr copied = {0}, referenced = {.msg_flags = MSG_ZEROCOPY};

	(void)state;
	configure((struct cs_config){.send_steps = 1});
	server_sk->sk_route_caps = NETIF_F_SG;
	server_sk->__sk_common.skc_flags = 1UL << SOCK_ZEROCOPY;
	send_step_tp(NULL, server_sk, &copied);
	send_done_tp(NULL, server_sk, 100);
	send_step_tp(NULL, server_sk, &referenced);
	send_done_tp(NULL, server_sk, 200);
	assert_no_drops();
	send_done_tp(NULL, server_sk, 300); /* its step was not seen */
	assert_stat(CS_BANK_TRACEPOINT, SERVER, CS_Q_SEND, 3, 600);
	assert_stat(CS_BANK_TRACEPOINT, SERVER, CS_Q_USER_TO_KERNEL, 1, 100);
	assert_stat(CS_BANK_TRACEPOINT, SERVER, CS_Q_ZEROCOPY, 1, 200);
	assert_drops(CS_DROP_UNCLASSIFIED, 1);
}

/* ---- receiving --------------------------------------------------------------------------- */

static void a_copy_to_user_is_the_sockets_whoever_runs(void **state)
{
	struct sk_buff skb = {.sk = client_sk};

	(void)state;
	copy_to_user_tp(NULL, &skb, 1000);
	copy_to_user_tp(NULL, &skb, 0);
	copy_to_user_fentry(NULL, &skb, 0, NULL, 2000, 0);
	copy_to_user_fentry(NULL, &skb, 0, NULL, 4000, -14 /* -EFAULT */);
	skb.sk = foreign_sk;
	copy_to_user_tp(NULL, &skb, 8000);
	assert_stat(CS_BANK_TRACEPOINT, CLIENT, CS_Q_KERNEL_TO_USER, 1, 1000);
	assert_stat(CS_BANK_FUNCTION, CLIENT, CS_Q_KERNEL_TO_USER, 1, 2000);
	assert_stat(CS_BANK_TRACEPOINT, SERVER, CS_Q_KERNEL_TO_USER, 0, 0);
}

static void a_closed_gate_counts_nothing(void **state)
{
	struct sk_buff skb = {.sk = client_sk};

	(void)state;
	cs_active = 0;
	copy_to_user_tp(NULL, &skb, 1000);
	send_enter_fentry(NULL, server_sk);
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
	mapped_exit_kprobe(NULL, 0);
	assert_stat(CS_BANK_FUNCTION, CLIENT, CS_Q_MAPPED, 2, 8192);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_MAPPED, 0, 0);
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

static void a_span_off_the_cpu_is_measured(void **state)
{
	const struct cs_offcpu_key key = {.owner = SERVER, .tgid = SERVER, .kernel_stack = 33,
					  .user_stack = -1, .voluntary = 1, .main_thread = 1};
	const struct cs_offcpu *span;

	(void)state;
	host.stack_id = 33;
	host.now_ns = 100;
	switch_tp(NULL, false, server, idle, TASK_INTERRUPTIBLE);
	host.now_ns = 350;
	switch_tp(NULL, false, idle, server, TASK_RUNNING);
	assert_stat(CS_BANK_TRACEPOINT, SERVER, CS_Q_OFFCPU, 1, 250);
	span = bpf_map_lookup_elem(&cs_offcpu, &key);
	assert_non_null(span);
	assert_int_equal(span->count, 1);
	assert_int_equal(span->ns, 250);
	assert_no_drops();
}

static void a_span_whose_end_was_not_seen_is_a_drop(void **state)
{
	(void)state;
	host.now_ns = 100;
	switch_tp(NULL, false, server, idle, TASK_INTERRUPTIBLE);
	host.now_ns = 200;
	switch_tp(NULL, false, server, idle, TASK_INTERRUPTIBLE);
	host.now_ns = 250;
	switch_tp(NULL, false, idle, server, TASK_RUNNING);
	assert_stat(CS_BANK_TRACEPOINT, SERVER, CS_Q_OFFCPU, 1, 50);
	assert_drops(CS_DROP_OFFCPU_OPEN, 1);
}

/* ---- zero-copy --------------------------------------------------------------------------- */

/* The buffer of a range of ids, as the kernel has it: in the skb that will be the notification. */
static struct ubuf_info_msgzc *range(struct sk_buff *carrier, struct sock *sk, __u32 id, __u16 len)
{
	struct ubuf_info_msgzc *uarg = (void *)carrier->cb;

	*carrier = (struct sk_buff){.sk = sk};
	*uarg = (struct ubuf_info_msgzc){.id = id, .len = len, .zerocopy = 1};
	return uarg;
}

static void send_with_id(__u32 id, __u64 now_ns, int ret)
{
	struct sk_buff carrier;

	host.now_ns = now_ns;
	send_enter_fentry(NULL, server_sk);
	host.func_ret = (__u64)range(&carrier, server_sk, id, 1);
	zc_id_fentry(NULL);
	host.func_ret = (__u64)ret;
	send_exit_fentry(NULL);
}

static void a_notification_tells_ids_and_copied(void **state)
{
	struct sk_buff skb = {.sk = server_sk};
	struct sock_exterr_skb *serr = (void *)skb.cb;

	(void)state;
	serr->ee = (struct sock_extended_err){
		.ee_origin = SO_EE_ORIGIN_ZEROCOPY, .ee_info = 4, .ee_data = 4};
	completion_read_tp(NULL, &skb, 0);
	serr->ee.ee_code = SO_EE_CODE_ZEROCOPY_COPIED;
	serr->ee.ee_info = 0xfffffffe; /* to 1: four ids */
	serr->ee.ee_data = 1;
	completion_read_tp(NULL, &skb, 0);
	skb.len = 1; /* data, not a carrier */
	completion_read_tp(NULL, &skb, 0);
	assert_stat(CS_BANK_TRACEPOINT, SERVER, CS_Q_COMPLETION, 2, 5);
	assert_stat(CS_BANK_TRACEPOINT, SERVER, CS_Q_COMPLETION_COPIED, 1, 4);
}

static void latency_is_from_each_send_to_its_completion(void **state)
{
	__u32 bucket = 30; /* below CS_HIST_SUB ns a bucket is one ns */
	struct sk_buff carrier;
	struct ubuf_info_msgzc *uarg;

	(void)state;
	configure((struct cs_config){.zc_times = 1});
	send_with_id(0xffffffff, 10, 1); /* ids wrap */
	send_with_id(0, 20, 1);
	uarg = range(&carrier, server_sk, 0xffffffff, 2);
	uarg->zerocopy = 0;
	host.now_ns = 50;
	completion_fentry(NULL, uarg);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_ZC_ID, 2, 0);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_COMPLETION, 1, 2);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_COMPLETION_COPIED, 1, 2);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_ZC_LATENCY, 2, 70);
	assert_int_equal(*(__u64 *)bpf_map_lookup_elem(&cs_latency, &bucket), 1);
	assert_int_equal(host_entries(HOST_MAP(&cs_zc_sends)), 0);
	assert_no_drops();
}

static void complete_three_of_two(void)
{
	struct sk_buff carrier;
	__u32 id;

	host_set_max_entries(&cs_zc_sends, 2);
	for (id = 0; id < 3; id++)
		send_with_id(id, 10, 1);
	host.now_ns = 50;
	completion_fentry(NULL, range(&carrier, server_sk, 0, 3));
}

static void an_id_whose_time_was_evicted_is_a_drop(void **state)
{
	(void)state;
	configure((struct cs_config){.zc_times = 1});
	complete_three_of_two();
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_COMPLETION, 1, 3);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_ZC_LATENCY, 2, 80);
	assert_drops(CS_DROP_ZC_SEND, 1);
}

static void where_no_times_are_taken_none_is_missed(void **state)
{
	(void)state;
	complete_three_of_two();
	assert_no_drops();
}

/* net_zcopy_put_abort() takes the id out of its range and gives it to the next send. */
static void an_aborted_send_is_no_drop(void **state)
{
	struct sk_buff carrier;

	(void)state;
	configure((struct cs_config){.zc_times = 1});
	send_with_id(5, 10, -14 /* -EFAULT */);
	completion_fentry(NULL, range(&carrier, server_sk, 5, 0));
	send_with_id(5, 20, 1);
	host.now_ns = 50;
	completion_fentry(NULL, range(&carrier, server_sk, 5, 1));
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_ZC_ID, 1, 0);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_ZC_LATENCY, 1, 30);
	assert_no_drops();
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_send_owns_what_happens_in_it),
		TEST(nobodys_call_is_not_taken_for_one_whose_return_was_missed),
		TEST(a_failed_send_has_a_bracket_and_no_bytes),
		TEST(the_step_before_tells_the_way_of_a_send),
		TEST(a_copy_to_user_is_the_sockets_whoever_runs),
		TEST(a_closed_gate_counts_nothing),
		TEST(mapped_bytes_are_the_sockets_in_both_tiers),
		TEST(mapping_of_a_foreign_socket_leaves_no_trace),
		TEST(a_failed_mapping_leaves_nothing_to_the_next),
		TEST(voluntary_is_not_preempted_and_not_runnable),
		TEST(a_span_off_the_cpu_is_measured),
		TEST(a_span_whose_end_was_not_seen_is_a_drop),
		TEST(a_notification_tells_ids_and_copied),
		TEST(latency_is_from_each_send_to_its_completion),
		TEST(an_id_whose_time_was_evicted_is_a_drop),
		TEST(where_no_times_are_taken_none_is_missed),
		TEST(an_aborted_send_is_no_drop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
