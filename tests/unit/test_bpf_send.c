// SPDX-License-Identifier: GPL-2.0-only
/* What the BPF programs account of sends, and that what is missed makes lower bounds. */
#include "bpf_host/parties.h"

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
	send_enter_fentry(NULL, server_sk, &plain);
	copied(server_sk, 500);
	user_copy_fentry(NULL, NULL, 9, true);
	copied(server_sk, 300);
	send_push_fentry(NULL, server_sk);
	send_enter_fentry(NULL, server_sk, &plain);
	referenced(server_sk, 1000);
	referenced(server_sk, 1000);
	send_push_fentry(NULL, server_sk);
	send_enter_fentry(NULL, server_sk, &plain);
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
	send_enter_fentry(NULL, client_sk, &plain);
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

/* Of the task that is in the call: the file has no owner. */
static void what_splices_read_into_fresh_pages_is_counted(void **state)
{
	(void)state;
	host.func_ret = 65536;
	splice_read_fentry(NULL);
	splice_read_kprobe(NULL, 4096);
	splice_read_kprobe(NULL, 0);	 /* end of file */
	splice_read_kprobe(NULL, -11); /* EAGAIN */
	host.current_task = &parties[CLIENT].task;
	splice_read_kprobe(NULL, 100);
	cs_active = 0;
	splice_read_kprobe(NULL, 100);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_SPLICE_READ, 2, 69632);
	assert_stat(CS_BANK_FUNCTION, CLIENT, CS_Q_SPLICE_READ, 1, 100);
	assert_no_drops();
}

/* It pushes, waits for memory, and goes on; meanwhile another thread sends on the same socket. */
static void a_send_that_waits_is_one_send(void **state)
{
	(void)state;
	send_enter_kprobe(NULL, server_sk, &plain);
	copied(server_sk, 500);
	send_push_kprobe(NULL, server_sk);
	host.current_task = &parties[CLIENT].task;
	send_enter_kprobe(NULL, server_sk, &plain);
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
	send_enter_fentry(NULL, server_sk, &plain);
	referenced(server_sk, 1000);
	send_push_fentry(NULL, server_sk);
	user_copy_fentry(NULL, NULL, 16, false); /* the next call's msghdr */
	page_ref_fentry(NULL, 0, 1);
	send_enter_fentry(NULL, server_sk, &plain);
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
	send_enter_fentry(NULL, server_sk, &plain);
	entered(server_sk, 1000); /* a reference, not seen */
	send_push_fentry(NULL, server_sk);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_USER_TO_KERNEL, 0, 0);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_ZEROCOPY, 0, 0);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_SEND, 1, 1000);

	send_enter_fentry(NULL, server_sk, &plain);
	copied(server_sk, 500);
	entered(server_sk, 500); /* a copy, not seen; nor is the push */
	send_enter_fentry(NULL, server_sk, &plain);
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
	send_enter_kprobe(NULL, server_sk, &plain);
	send_enter_kprobe(NULL, foreign_sk, &plain);
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
	send_enter_kprobe(NULL, server_sk, &plain);
	zerocopy_fentry(NULL, server_sk, NULL, &(struct msghdr){0}, 0, NULL);
	page_ref_fentry(NULL, 0, 4);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_SEND, 0, 0);
	send_enter_kprobe(NULL, server_sk, &plain);
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

/* They are the socket's owner's, whoever made them, and counted once more by who did. */
static void sends_of_io_urings_threads_are_told_apart(void **state)
{
	struct msghdr copied = {0};

	(void)state;
	configure((struct cs_config){.send_steps = 1});
	server->flags = PF_IO_WORKER; /* polls a ring */
	send_step_tp(NULL, server_sk, &copied);
	send_done_tp(NULL, server_sk, 100);
	send_enter_kprobe(NULL, server_sk, &plain);
	entered(server_sk, 60);
	send_push_kprobe(NULL, server_sk);
	entered(server_sk, 40);
	send_push_kprobe(NULL, server_sk);
	server->worker_private = server;
	send_step_tp(NULL, client_sk, &copied);
	send_done_tp(NULL, client_sk, 200);
	send_enter_fentry(NULL, client_sk, &plain);
	entered(client_sk, 200);
	send_push_fentry(NULL, client_sk);
	server->flags = PF_KTHREAD; /* whose that is, is another's word */
	send_step_tp(NULL, server_sk, &copied);
	send_done_tp(NULL, server_sk, 1000);
	assert_stat(CS_BANK_TRACEPOINT, SERVER, CS_Q_SEND, 2, 1100);
	assert_stat(CS_BANK_TRACEPOINT, SERVER, CS_Q_SEND_SQPOLL, 1, 100);
	assert_stat(CS_BANK_TRACEPOINT, SERVER, CS_Q_SEND_IOWQ, 0, 0);
	assert_stat(CS_BANK_TRACEPOINT, CLIENT, CS_Q_SEND_IOWQ, 1, 200);
	assert_stat(CS_BANK_TRACEPOINT, CLIENT, CS_Q_SEND_SQPOLL, 0, 0);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_SEND_SQPOLL, 1, 100);
	assert_stat(CS_BANK_FUNCTION, CLIENT, CS_Q_SEND_IOWQ, 1, 200);
	assert_no_drops();
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

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_send_owns_what_happens_in_it),
		TEST(pages_that_go_into_a_pipe_are_counted),
		TEST(what_splices_read_into_fresh_pages_is_counted),
		TEST(a_send_that_waits_is_one_send),
		TEST(what_is_copied_between_sends_is_no_sends),
		TEST(missed_steps_make_lower_bounds),
		TEST(nobodys_call_is_not_taken_for_an_owners),
		TEST(a_failed_send_has_no_bytes),
		TEST(pages_of_a_sendfile_add_up),
		TEST(a_page_that_waits_is_not_lost),
		TEST(the_step_before_tells_the_way_of_a_send),
		TEST(sends_of_io_urings_threads_are_told_apart),
		TEST(a_failed_send_forgets_its_step),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
