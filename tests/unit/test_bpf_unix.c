// SPDX-License-Identifier: GPL-2.0-only
/* What the BPF programs account of AF_UNIX streams: the sockets of both ends are the client's, the bytes are those of
 * the task that moves them.
 */
#include "bpf_host/parties.h"

static struct socket local = {.sk = SOCKET(CLIENT)};

static int setup_local(void **state)
{
	__u32 i;

	setup(state);
	configure((struct cs_config){.unix_streams = 1, .send_steps = 1});
	for (i = 0; i < PARTIES; i++) {
		SOCKET(i)->__sk_common.skc_family = AF_UNIX;
		SOCKET(i)->sk_type = SOCK_STREAM;
		SOCKET(i)->sk_protocol = 0;
		SOCKET(i)->sk_sndbuf = 212992;
	}
	return 0;
}

#define TEST_LOCAL(function) cmocka_unit_test_setup_teardown(function, setup_local, teardown)

static void tracepoints_see_the_bytes_and_at_most_so_many_copies(void **state)
{
	struct sk_buff skb = {.sk = client_sk};

	(void)state;
	send_done_tp(NULL, client_sk, 65536);
	send_done_tp(NULL, client_sk, 1);
	send_done_tp(NULL, client_sk, -32 /* -EPIPE */);
	assert_stat(CS_BANK_TRACEPOINT, SERVER, CS_Q_SEND, 2, 65537);
	assert_stat(CS_BANK_TRACEPOINT, SERVER, CS_Q_USER_TO_KERNEL, 3, 65537);
	client_sk->sk_sndbuf = 4608; /* SOCK_MIN_SNDBUF: turns of 2240 */
	send_done_tp(NULL, client_sk, 2241);
	assert_stat(CS_BANK_TRACEPOINT, SERVER, CS_Q_USER_TO_KERNEL, 5, 67778);
	host.current_task = &parties[CLIENT].task;
	copy_datagram_tp(NULL, &skb, 4096);
	recv_done_tp(NULL, client_sk, 4096, 0);
	assert_stat(CS_BANK_TRACEPOINT, CLIENT, CS_Q_KERNEL_TO_USER, 1, 4096);
	assert_stat(CS_BANK_TRACEPOINT, CLIENT, CS_Q_RECV, 1, 4096);
	assert_stat(CS_BANK_TRACEPOINT, CLIENT, CS_Q_SEND, 0, 0);
	assert_no_drops();
}

static void returns_tell_what_was_moved(void **state)
{
	struct sk_buff skb = {.sk = client_sk};

	(void)state;
	host.func_ret = 5000;
	unix_copy_fentry(NULL, &skb, 0, NULL, 3000, 0);
	unix_copy_fentry(NULL, &skb, 0, NULL, 2000, 0);
	unix_copy_fentry(NULL, &skb, 0, NULL, 9000, -14 /* -EFAULT */);
	unix_send_fentry(NULL, &local);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_SEND, 1, 5000);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_USER_TO_KERNEL, 2, 5000);
	host.current_task = &parties[CLIENT].task;
	unix_recv_fentry(NULL, &local, NULL, 0, 0);
	unix_recv_fentry(NULL, &local, NULL, 0, MSG_PEEK);
	assert_stat(CS_BANK_FUNCTION, CLIENT, CS_Q_RECV, 1, 5000);
	host.func_ret = (__u64)-11;
	unix_recv_fentry(NULL, &local, NULL, 0, 0);
	assert_stat(CS_BANK_FUNCTION, CLIENT, CS_Q_RECV, 1, 5000);
}

/* A turn that does not get to wake the other end has sent nothing. */
static void entries_tell_what_was_moved(void **state)
{
	struct sk_buff skb = {.sk = client_sk};

	(void)state;
	unix_send_enter_kprobe(NULL, &local);
	unix_copy_kprobe(NULL, &skb, 0, NULL, 3000);
	unix_sent_kprobe(NULL, client_sk);
	unix_sent_kprobe(NULL, client_sk);
	unix_copy_kprobe(NULL, &skb, 0, NULL, 2000);
	unix_sent_kprobe(NULL, client_sk);
	unix_copy_kprobe(NULL, &skb, 0, NULL, 700);
	unix_send_enter_kprobe(NULL, &local);
	unix_sent_kprobe(NULL, client_sk);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_SEND, 1, 5000);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_USER_TO_KERNEL, 3, 5700);
	host.current_task = &parties[CLIENT].task;
	unix_recv_enter_kprobe(NULL, &local, NULL, 0, 0);
	unix_recv_copied_kprobe(NULL, &skb, 0, 100);
	unix_recv_copied_kprobe(NULL, &skb, 100, 200);
	unix_recv_enter_kprobe(NULL, &local, NULL, 0, MSG_PEEK);
	unix_recv_copied_kprobe(NULL, &skb, 0, 400);
	assert_stat(CS_BANK_FUNCTION, CLIENT, CS_Q_RECV, 1, 300);
	assert_no_drops();
}

/* --control's pair was made by copyscope. A datagram is no stream. */
static void other_local_sockets_are_not_counted(void **state)
{
	struct socket control = {.sk = foreign_sk};
	struct sk_buff skb = {.sk = foreign_sk};

	(void)state;
	unix_send_enter_kprobe(NULL, &local); /* its wake-up is missed */
	unix_send_enter_kprobe(NULL, &control);
	unix_copy_kprobe(NULL, &skb, 0, NULL, 3000);
	unix_sent_kprobe(NULL, foreign_sk);
	host.func_ret = 3000;
	unix_copy_fentry(NULL, &skb, 0, NULL, 3000, 0);
	unix_send_fentry(NULL, &control);
	send_done_tp(NULL, foreign_sk, 3000);
	copy_datagram_tp(NULL, &skb, 3000);
	client_sk->sk_type = 2; /* SOCK_DGRAM */
	unix_send_fentry(NULL, &local);
	send_done_tp(NULL, client_sk, 3000);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_SEND, 0, 0);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_USER_TO_KERNEL, 0, 0);
	assert_stat(CS_BANK_TRACEPOINT, SERVER, CS_Q_SEND, 0, 0);
	assert_stat(CS_BANK_TRACEPOINT, SERVER, CS_Q_KERNEL_TO_USER, 0, 0);
	assert_no_drops();
}

static void nothing_is_counted_unless_asked_for(void **state)
{
	(void)state;
	configure((struct cs_config){.send_steps = 1});
	send_done_tp(NULL, client_sk, 3000);
	recv_done_tp(NULL, client_sk, 3000, 0);
	assert_stat(CS_BANK_TRACEPOINT, SERVER, CS_Q_SEND, 0, 0);
	assert_stat(CS_BANK_TRACEPOINT, SERVER, CS_Q_RECV, 0, 0);
	assert_stat(CS_BANK_TRACEPOINT, CLIENT, CS_Q_RECV, 0, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST_LOCAL(tracepoints_see_the_bytes_and_at_most_so_many_copies),
		TEST_LOCAL(returns_tell_what_was_moved),
		TEST_LOCAL(entries_tell_what_was_moved),
		TEST_LOCAL(other_local_sockets_are_not_counted),
		TEST_LOCAL(nothing_is_counted_unless_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
