// SPDX-License-Identifier: GPL-2.0-only
/* What the BPF programs account of io_uring's zero-copy receive: what it takes, and what it copies of that. */
#include <errno.h>

#include "bpf_host/parties.h"

static int with_zcrx(void **state)
{
	setup(state);
	configure((struct cs_config){0});
	host.current_task = &parties[CLIENT].task;
	return 0;
}

static void copied(long bytes)
{
	host.func_ret = (__u64)bytes;
	zcrx_copy_fentry(NULL);
	zcrx_copy_kprobe(NULL, bytes);
}

static void taken(struct sock *sk, int bytes)
{
	host.func_ret = (__u64)bytes;
	zcrx_taken_fentry(NULL, sk);
}

/* A head and a fragment were copied, another is where the NIC put it; the second turn found nothing. */
static void what_is_taken_and_what_is_copied(void **state)
{
	struct socket socket = {.sk = client_sk};

	(void)state;
	zcrx_enter_fentry(NULL, NULL, NULL, &socket);
	host.func_ret = 100;
	zcrx_copy_fentry(NULL);
	host.func_ret = 5000;
	zcrx_copy_fentry(NULL);
	host.func_ret = (__u64)-ENOMEM;
	zcrx_copy_fentry(NULL);
	taken(client_sk, 9196);
	zcrx_enter_fentry(NULL, NULL, NULL, &socket);
	taken(client_sk, 0);
	assert_stat(CS_BANK_FUNCTION, CLIENT, CS_Q_RECV, 1, 9196);
	assert_stat(CS_BANK_FUNCTION, CLIENT, CS_Q_ZCRX, 1, 9196);
	assert_stat(CS_BANK_FUNCTION, CLIENT, CS_Q_ZCRX_COPY, 2, 5100);
	assert_no_drops();
}

static void by_kprobes(void **state)
{
	struct tcp_sock *tp = (struct tcp_sock *)client_sk;
	struct socket socket = {.sk = client_sk};

	(void)state;
	zcrx_enter_kprobe(NULL, NULL, NULL, &socket);
	zcrx_copy_kprobe(NULL, 5100);
	zcrx_copy_kprobe(NULL, -ENOMEM);
	tp->copied_seq += 9196 + 1; /* and a FIN */
	recv_copied_kprobe(NULL, client_sk, 9196);
	assert_stat(CS_BANK_FUNCTION, CLIENT, CS_Q_RECV, 1, 9196);
	assert_stat(CS_BANK_FUNCTION, CLIENT, CS_Q_ZCRX, 1, 9196);
	assert_stat(CS_BANK_FUNCTION, CLIENT, CS_Q_ZCRX_COPY, 1, 5100);
}

/* tcp_read_sock() serves others, too; a receive of nobody's is nobody's. */
static void what_is_none_of_its_own(void **state)
{
	struct socket socket = {.sk = client_sk}, foreign = {.sk = foreign_sk};

	(void)state;
	taken(client_sk, 1000);
	copied(1000);
	zcrx_enter_fentry(NULL, NULL, NULL, &socket);
	taken(server_sk, 1000);
	zcrx_enter_fentry(NULL, NULL, NULL, &foreign);
	copied(1000);
	taken(foreign_sk, 1000);
	recv_enter_kprobe(NULL, client_sk, &plain, 0, 0);
	copied(1000);
	taken(client_sk, 1000);
	assert_stat(CS_BANK_FUNCTION, CLIENT, CS_Q_RECV, 0, 0);
	assert_stat(CS_BANK_FUNCTION, CLIENT, CS_Q_ZCRX, 0, 0);
	assert_stat(CS_BANK_FUNCTION, CLIENT, CS_Q_ZCRX_COPY, 0, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(what_is_taken_and_what_is_copied, with_zcrx),
		cmocka_unit_test_setup(by_kprobes, with_zcrx),
		cmocka_unit_test_setup(what_is_none_of_its_own, with_zcrx),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
