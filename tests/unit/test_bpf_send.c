// SPDX-License-Identifier: GPL-2.0-only
/* What the BPF programs account of sends and of zero-copy ids, and that what is missed makes lower bounds. */
#include "bpf_host/parties.h"

/* ---- sending ----------------------------------------------------------------------------- */

/* As tcp_sendmsg_locked() does after each of its steps. */
static void entered(struct sock *sk, __u32 bytes)
{
	((struct tcp_sock *)sk)->write_seq += bytes;
}

static void copied(struct sock *sk, __u32 bytes)
{
	user_copy_fentry(NULL, NULL, bytes, false);
	entered(sk, bytes);
}

static void referenced(struct sock *sk, __u32 bytes)
{
	struct msghdr msg = {0};

	zerocopy_fentry(NULL, sk, NULL, &msg, 0, NULL);
	page_ref_fentry(NULL, 0, 2);
	entered(sk, bytes);
}

static void a_send_owns_what_happens_in_it(void **state)
{
	(void)state;
	((struct tcp_sock *)server_sk)->write_seq = 0xfffffff0; /* wraps */
	user_copy_fentry(NULL, NULL, 7, false); /* not in a send */
	send_enter_fentry(NULL, server_sk);
	copied(server_sk, 500);
	user_copy_fentry(NULL, NULL, 9, true);
	copied(server_sk, 300);
	send_push_fentry(NULL, server_sk);
	send_enter_fentry(NULL, server_sk);
	referenced(server_sk, 1000);
	referenced(server_sk, 1000);
	send_push_fentry(NULL, server_sk);
	send_enter_fentry(NULL, server_sk);
	splice_fentry(NULL, NULL);
	entered(server_sk, 4000);
	send_push_fentry(NULL, server_sk);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_SEND, 3, 6800);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_USER_TO_KERNEL, 2, 800);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_ZEROCOPY, 1, 2000);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_PAGE_REF, 2, 4);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_SPLICE, 1, 4000);
	assert_no_drops();
}

/* They are of the task that is in the call, whatever it sent before. */
static void pages_that_go_into_a_pipe_are_counted(void **state)
{
	(void)state;
	send_enter_fentry(NULL, client_sk);
	copied(client_sk, 500);
	send_push_fentry(NULL, client_sk);
	host.current_regs.orig_ax = __NR_vmsplice;
	page_ref_fentry(NULL, 0, 16);
	page_ref_kprobe(NULL, 0, 3);
	page_ref_fentry(NULL, 0, -14); /* EFAULT */
	host.current_regs.orig_ax = 1;
	page_ref_fentry(NULL, 0, 5); /* between two sends */
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_PAGE_REF, 2, 19);
	assert_stat(CS_BANK_FUNCTION, CLIENT, CS_Q_PAGE_REF, 0, 0);
	cs_active = 0;
	host.current_regs.orig_ax = __NR_vmsplice;
	page_ref_fentry(NULL, 0, 16);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_PAGE_REF, 2, 19);
	host.current_regs.orig_ax = 0;
}

/* It pushes, waits for memory, and goes on; meanwhile another thread sends on the same socket. */
static void a_send_that_waits_is_one_send(void **state)
{
	(void)state;
	send_enter_kprobe(NULL, server_sk);
	copied(server_sk, 500);
	send_push_kprobe(NULL, server_sk);
	host.current_task = &parties[CLIENT].task;
	send_enter_kprobe(NULL, server_sk);
	copied(server_sk, 10000);
	send_push_kprobe(NULL, server_sk);
	host.current_task = server;
	copied(server_sk, 300);
	send_push_kprobe(NULL, client_sk); /* of something beneath that has a socket of its own */
	send_push_kprobe(NULL, server_sk);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_SEND, 2, 10800);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_USER_TO_KERNEL, 3, 10800);
}

static void what_is_copied_between_sends_is_no_sends(void **state)
{
	(void)state;
	send_enter_fentry(NULL, server_sk);
	referenced(server_sk, 1000);
	send_push_fentry(NULL, server_sk);
	user_copy_fentry(NULL, NULL, 16, false); /* the next call's msghdr */
	page_ref_fentry(NULL, 0, 1);
	send_enter_fentry(NULL, server_sk);
	referenced(server_sk, 1000);
	send_push_fentry(NULL, server_sk);
	user_copy_fentry(NULL, NULL, 16, false);
	/* an entry that was missed */
	referenced(server_sk, 1000);
	send_push_fentry(NULL, server_sk);
	user_copy_fentry(NULL, NULL, 16, false);
	page_ref_fentry(NULL, 0, 1);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_USER_TO_KERNEL, 0, 0);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_PAGE_REF, 3, 6);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_ZEROCOPY, 2, 3000);
}

/* Whatever is missed: no more than entered, and none that went another way. */
static void missed_steps_make_lower_bounds(void **state)
{
	(void)state;
	send_enter_fentry(NULL, server_sk);
	entered(server_sk, 1000); /* a reference, not seen */
	send_push_fentry(NULL, server_sk);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_USER_TO_KERNEL, 0, 0);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_ZEROCOPY, 0, 0);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_SEND, 1, 1000);

	send_enter_fentry(NULL, server_sk);
	copied(server_sk, 500);
	entered(server_sk, 500); /* a copy, not seen; nor is the push */
	send_enter_fentry(NULL, server_sk);
	copied(server_sk, 70);
	user_copy_fentry(NULL, NULL, 400, false); /* meets a fault */
	send_push_fentry(NULL, server_sk);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_USER_TO_KERNEL, 2, 70);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_SEND, 2, 1070);

	referenced(server_sk, 1000); /* the entry is missed */
	send_push_fentry(NULL, server_sk);
	copied(server_sk, 30); /* and again */
	send_push_fentry(NULL, server_sk);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_USER_TO_KERNEL, 3, 100);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_ZEROCOPY, 1, 1000);
}

static void nobodys_call_is_not_taken_for_an_owners(void **state)
{
	(void)state;
	send_enter_kprobe(NULL, server_sk);
	send_enter_kprobe(NULL, foreign_sk);
	copied(foreign_sk, 500);
	send_push_kprobe(NULL, foreign_sk);
	send_push_kprobe(NULL, server_sk);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_SEND, 0, 0);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_USER_TO_KERNEL, 0, 0);
	assert_no_drops();
}

static void a_failed_send_has_no_bytes(void **state)
{
	(void)state;
	send_enter_kprobe(NULL, server_sk);
	zerocopy_fentry(NULL, server_sk, NULL, &(struct msghdr){0}, 0, NULL);
	page_ref_fentry(NULL, 0, 4);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_SEND, 0, 0);
	send_enter_kprobe(NULL, server_sk);
	copied(server_sk, 20);
	send_push_kprobe(NULL, server_sk);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_SEND, 1, 20);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_ZEROCOPY, 0, 0);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_PAGE_REF, 0, 0);
}

/* do_tcp_sendpages(), page by page; only the last pushes. */
static void pages_of_a_sendfile_add_up(void **state)
{
	(void)state;
	sendpages_enter_kprobe(NULL, server_sk);
	entered(server_sk, 4096);
	sendpages_enter_kprobe(NULL, server_sk);
	entered(server_sk, 4096);
	send_push_kprobe(NULL, server_sk);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_SPLICE, 2, 8192);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_SEND, 2, 8192);
}

/* It pushes before it waits for memory, and not at its end: more follows. */
static void a_page_that_waits_is_not_lost(void **state)
{
	(void)state;
	sendpages_enter_kprobe(NULL, server_sk);
	sendpages_step_kprobe(NULL, server_sk);
	entered(server_sk, 1000);
	send_push_kprobe(NULL, server_sk);
	entered(server_sk, 77777); /* by another thread */
	sendpages_step_kprobe(NULL, server_sk);
	entered(server_sk, 3096);
	sendpages_enter_kprobe(NULL, server_sk);
	sendpages_step_kprobe(NULL, server_sk);
	entered(server_sk, 4096);
	send_push_kprobe(NULL, server_sk);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_SPLICE, 2, 8192);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_SEND, 2, 8192);
}

static void the_step_before_tells_the_way_of_a_send(void **state)
{
	struct msghdr copied = {0}, referenced = {.msg_flags = MSG_ZEROCOPY};

	(void)state;
	configure((struct cs_config){.send_steps = 1});
	server_sk->sk_route_caps = NETIF_F_SG;
	server_sk->__sk_common.skc_flags = 1UL << SOCK_ZEROCOPY;
	cs_zc_seen = 0;
	send_step_tp(NULL, server_sk, &copied);
	send_done_tp(NULL, server_sk, 100);
	assert_int_equal(cs_zc_seen, 0); /* received skbs need no look */
	send_step_tp(NULL, server_sk, &referenced);
	assert_int_equal(cs_zc_seen, 1);
	send_done_tp(NULL, server_sk, 200);
	assert_no_drops();
	send_done_tp(NULL, server_sk, 300); /* its step was not seen */
	assert_stat(CS_BANK_TRACEPOINT, SERVER, CS_Q_SEND, 3, 600);
	assert_stat(CS_BANK_TRACEPOINT, SERVER, CS_Q_USER_TO_KERNEL, 1, 100);
	assert_stat(CS_BANK_TRACEPOINT, SERVER, CS_Q_ZEROCOPY, 1, 200);
	assert_drops(CS_DROP_UNCLASSIFIED, 1);
}

/* Sockets come and go, and another may get the address. */
static void a_failed_send_forgets_its_step(void **state)
{
	struct msghdr copied = {0};

	(void)state;
	configure((struct cs_config){.send_steps = 1});
	send_step_tp(NULL, server_sk, &copied);
	send_done_tp(NULL, server_sk, -11);
	server_sk->sk_cgrp_data.cgroup = &parties[NOBODY].cgroup;
	send_done_tp(NULL, server_sk, 100);
	assert_stat(CS_BANK_TRACEPOINT, SERVER, CS_Q_SEND, 0, 0);
	assert_no_drops();
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

static void send_with_id(__u32 id, __u64 now_ns, int bytes)
{
	struct sk_buff carrier;
	struct msghdr msg = {0};
	struct ubuf_info_msgzc *uarg = range(&carrier, server_sk, id, 1);

	host.now_ns = now_ns;
	send_enter_fentry(NULL, server_sk);
	zerocopy_fentry(NULL, server_sk, NULL, &msg, 0, uarg);
	entered(server_sk, (__u32)bytes);
	zerocopy_fentry(NULL, server_sk, NULL, &msg, 0, uarg); /* of the same id */
	if (bytes)
		send_push_fentry(NULL, server_sk);
}

/* Copies bytes of an skb that refers to the buffer, and that belongs to no socket any more, or to the receiver's. */
static void copy_of(struct ubuf_info *buffer, struct sock *sk, __u32 bytes)
{
	struct skb_shared_info shinfo = {.flags = SKBFL_ZEROCOPY_ENABLE, .destructor_arg = buffer};
	struct sk_buff skb = {.sk = sk, .head = (void *)&shinfo, .data_len = bytes};

	copy_ubufs_kprobe((void *)&host.current_regs, &skb);
}

static void a_buffer_of_io_urings_is_of_who_sent_last(void **state)
{
	struct sk_buff around = {0};
	struct ubuf_info *buffer = (void *)around.cb;
	struct msghdr msg = {.msg_flags = MSG_ZEROCOPY, .msg_ubuf = buffer};

	(void)state;
	zerocopy_fentry(NULL, server_sk, NULL, &msg, 0, (void *)buffer); /* its entry was missed */
	copy_of(buffer, client_sk, 100);
	copy_of(buffer, NULL, 20);
	send_step_tp(NULL, client_sk, &msg);
	copy_of(buffer, server_sk, 3);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_COPY_UBUFS, 2, 120);
	assert_stat(CS_BANK_FUNCTION, CLIENT, CS_Q_COPY_UBUFS, 1, 3);
	zerocopy_fentry(NULL, foreign_sk, NULL, &msg, 0, (void *)buffer);
	copy_of(buffer, server_sk, 100);
	send_step_tp(NULL, server_sk, &msg);
	send_step_tp(NULL, foreign_sk, &msg);
	copy_of(buffer, server_sk, 100);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_COPY_UBUFS, 2, 120);
	assert_int_equal(host_entries(HOST_MAP(&cs_ubufs)), 1);
}

static void a_buffer_of_io_urings_has_no_id(void **state)
{
	struct ubuf_info *buffer = (void *)1;
	struct msghdr msg = {.msg_ubuf = buffer};

	(void)state;
	configure((struct cs_config){.zc_times = 1});
	send_enter_fentry(NULL, server_sk);
	zerocopy_fentry(NULL, server_sk, NULL, &msg, 0, (void *)buffer);
	entered(server_sk, 100);
	send_push_fentry(NULL, server_sk);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_ZEROCOPY, 1, 100);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_ZC_ID, 0, 0);
}

static void a_notification_tells_ids_and_copied(void **state)
{
	struct sk_buff skb = {.sk = server_sk};
	struct sock_exterr_skb *serr = (void *)skb.cb;

	(void)state;
	serr->ee = (struct sock_extended_err){
		.ee_origin = SO_EE_ORIGIN_ZEROCOPY, .ee_info = 4, .ee_data = 4};
	copy_datagram_tp(NULL, &skb, 0);
	serr->ee.ee_code = SO_EE_CODE_ZEROCOPY_COPIED;
	serr->ee.ee_info = 0xfffffffe; /* to 1: four ids */
	serr->ee.ee_data = 1;
	copy_datagram_tp(NULL, &skb, 0);
	skb.len = 1; /* data, not a carrier */
	copy_datagram_tp(NULL, &skb, 0);
	assert_stat(CS_BANK_TRACEPOINT, SERVER, CS_Q_COMPLETION, 2, 5);
	assert_stat(CS_BANK_TRACEPOINT, SERVER, CS_Q_COMPLETION_COPIED, 1, 4);
}

/* Whoever's task it is: no socket is at hand. */
static void a_ring_is_told_of_notifications_and_copied(void **state)
{
	struct io_uring_cqe cqe = {.res = 0, .flags = IORING_CQE_F_NOTIF};

	(void)state;
	notification_tp(NULL, NULL, NULL, &cqe);
	cqe.res = (__s32)0x80000000;
	notification_tp(NULL, NULL, NULL, &cqe);
	notification_members_tp(NULL, NULL, NULL, 7, cqe.res, cqe.flags);
	notification_members_tp(NULL, NULL, NULL, 7, -11, 2 /* what a request returned */);
	host.current_task = idle;
	notification_tp(NULL, NULL, NULL, &cqe);
	assert_stat(CS_BANK_TRACEPOINT, SERVER, CS_Q_NOTIFICATION, 3, 2);
	assert_stat(CS_BANK_TRACEPOINT, CLIENT, CS_Q_NOTIFICATION, 0, 0);
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

/* msg_zerocopy_complete() runs for every reference; the last has the word. */
static void a_range_is_completed_by_its_last_reference(void **state)
{
	struct sk_buff carrier;
	struct ubuf_info_msgzc *uarg = range(&carrier, server_sk, 7, 2);

	(void)state;
	uarg->ubuf.refcnt.refs.counter = 2;
	complete_kprobe(NULL, NULL, &uarg->ubuf, true);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_COMPLETION, 0, 0);
	uarg->ubuf.refcnt.refs.counter = 1;
	complete_kprobe(NULL, NULL, &uarg->ubuf, true);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_COMPLETION, 1, 2);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_COMPLETION_COPIED, 0, 0);
	complete_fentry(NULL, NULL, &uarg->ubuf, false);
	uarg->zerocopy = 0;
	complete_fentry(NULL, NULL, &uarg->ubuf, true);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_COMPLETION, 3, 6);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_COMPLETION_COPIED, 2, 4);
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
	send_with_id(5, 10, 0);
	completion_fentry(NULL, range(&carrier, server_sk, 5, 0));
	send_with_id(5, 20, 1);
	host.now_ns = 50;
	completion_fentry(NULL, range(&carrier, server_sk, 5, 1));
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_ZC_ID, 1, 0);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_ZC_LATENCY, 1, 30);
	assert_no_drops();
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_send_owns_what_happens_in_it),
		TEST(pages_that_go_into_a_pipe_are_counted),
		TEST(a_send_that_waits_is_one_send),
		TEST(what_is_copied_between_sends_is_no_sends),
		TEST(missed_steps_make_lower_bounds),
		TEST(nobodys_call_is_not_taken_for_an_owners),
		TEST(a_failed_send_has_no_bytes),
		TEST(pages_of_a_sendfile_add_up),
		TEST(a_page_that_waits_is_not_lost),
		TEST(the_step_before_tells_the_way_of_a_send),
		TEST(a_failed_send_forgets_its_step),
		TEST(a_buffer_of_io_urings_is_of_who_sent_last),
		TEST(a_buffer_of_io_urings_has_no_id),
		TEST(a_notification_tells_ids_and_copied),
		TEST(a_ring_is_told_of_notifications_and_copied),
		TEST(latency_is_from_each_send_to_its_completion),
		TEST(a_range_is_completed_by_its_last_reference),
		TEST(an_id_whose_time_was_evicted_is_a_drop),
		TEST(where_no_times_are_taken_none_is_missed),
		TEST(an_aborted_send_is_no_drop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
