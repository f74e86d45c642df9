// SPDX-License-Identifier: GPL-2.0-only
/* Owners that are processes, and their calls by way and size. */
#include "bpf_host/parties.h"

static struct signal_struct signals[PARTIES];
static struct net_device loopback = {.flags = IFF_LOOPBACK}, nic;
static struct dst_entry route = {.dev = &nic};

static int setup_processes(void **state)
{
	struct cs_config config = {.owner_cnt = PARTIES - 1, .by_task = 1, .unix_streams = 1, .sockets = 1,
				   .calls = {1 + CS_BANK_FUNCTION, 1 + CS_BANK_FUNCTION}};
	__u32 i;

	setup(state);
	host_set_rodata(&cs_cfg, &config, sizeof(config));
	host_set_max_entries(&cs_processes, 3);
	host_set_max_entries(&cs_sockets, 2);
	host_set_max_entries(&cs_closed, 4);
	route.dev = &nic;
	for (i = 0; i < PARTIES; i++)
		SOCKET(i)->sk_dst_cache = &route;
	for (i = SERVER; i < PARTIES; i++) {
		bpf_map_update_elem(&cs_processes, &i, &i, BPF_ANY);
		parties[i].task.signal = &signals[i];
	}
	return 0;
}

static struct cs_sizes *sizes_of(__u32 owner, enum cs_call call)
{
	__u32 key = owner * CS_CALL_MAX_ + call;

	return bpf_map_lookup_elem(&cs_sizes, &key);
}

static void assert_size(__u32 owner, enum cs_call call, unsigned int log2, __u64 calls, __u64 bytes)
{
	const struct cs_stat *stat = &sizes_of(owner, call)->size[log2];

	assert_int_equal(stat->count, calls);
	assert_int_equal(stat->amount, bytes);
}

static void sends(struct sock *sk, __u32 bytes)
{
	send_enter_fentry(NULL, sk, &plain);
	((struct tcp_sock *)sk)->write_seq += bytes;
	send_push_fentry(NULL, sk);
}

static void a_call_that_goes_on_changes_its_place(void **state)
{
	(void)state;
	sends(server_sk, 1000);
	assert_size(SERVER, CS_CALL_SEND, 9, 1, 1000);
	((struct tcp_sock *)server_sk)->write_seq += 30;
	send_push_fentry(NULL, server_sk);
	assert_size(SERVER, CS_CALL_SEND, 9, 0, 0);
	assert_size(SERVER, CS_CALL_SEND, 10, 1, 1030);
	sends(server_sk, 1000);
	assert_size(SERVER, CS_CALL_SEND, 9, 1, 1000);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_SEND, 2, 2030);
}

static void what_goes_over_loopback_is_told(void **state)
{
	(void)state;
	sends(server_sk, 1000);
	route.dev = &loopback;
	sends(server_sk, 200);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_SEND, 2, 1200);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_SEND_LOOPBACK, 1, 200);
}

/* Whoever uses it last has it, also in a softirq; a thread of the kernel's works for that one. */
static void who_uses_a_socket_has_it(void **state)
{
	(void)state;
	sends(foreign_sk, 500);
	assert_int_equal(cs_owner_of_sock(foreign_sk, true), SERVER);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_SEND, 1, 500);
	assert_stat(CS_BANK_TRACEPOINT, SERVER, CS_Q_SOCKET, 1, 0);
	host.current_task = idle;
	idle->flags = PF_KTHREAD;
	sends(foreign_sk, 70);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_SEND, 2, 570);
	idle->flags = 0;
	sends(foreign_sk, 9); /* a program that is not observed */
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_SEND, 2, 570);
	assert_int_equal(cs_owner_of_sock(foreign_sk, true), SERVER);
	host.current_task = &parties[CLIENT].task;
	sends(foreign_sk, 1);
	assert_int_equal(cs_owner_of_sock(foreign_sk, true), CLIENT);
	sock_gone_tp(NULL, foreign_sk);
	assert_int_equal(cs_owner_of_sock(foreign_sk, true), NOBODY);
	assert_no_drops();
}

/* As long as nothing says that it may be another's. */
static void whose_a_call_is_is_remembered(void **state)
{
	__u32 nobody = NOBODY, pid = SERVER;

	(void)state;
	sends(foreign_sk, 1);
	bpf_map_update_elem(&cs_processes, &pid, &nobody, BPF_ANY);
	sends(foreign_sk, 1);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_SEND, 2, 2);
	sends(server_sk, 1); /* not on that socket */
	exit_tp(NULL, &parties[CLIENT].task); /* whose address another task gets */
	sends(foreign_sk, 1);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_SEND, 2, 2);
}

static void a_socket_at_the_same_address_is_another(void **state)
{
	(void)state;
	sends(foreign_sk, 1);
	sends(foreign_sk, 1);
	assert_stat(CS_BANK_TRACEPOINT, SERVER, CS_Q_SOCKET, 1, 0);
	sock_gone_tp(NULL, foreign_sk);
	sends(foreign_sk, 1);
	assert_stat(CS_BANK_TRACEPOINT, SERVER, CS_Q_SOCKET, 2, 0);
	assert_int_equal(cs_owner_of_sock(foreign_sk, true), SERVER);
}

/* In the middle of it another program was preempted. */
static void what_is_being_written_is_not_read(void **state)
{
	struct cs_last_call *last;
	__u32 zero = 0, owner = 7;

	(void)state;
	sends(foreign_sk, 1);
	last = bpf_map_lookup_elem(&cs_last_call, &zero);
	assert_true(cs_is_last_call(last, server, foreign_sk, &owner) && owner == SERVER);
	last->turn++;
	assert_false(cs_is_last_call(last, server, foreign_sk, &owner));
	cs_remember_call(last, server, foreign_sk, CLIENT, cs_changes);
	assert_int_equal(last->owner, SERVER);
}

static const struct cs_socket *listed(const struct sock *sk)
{
	return cs_user_of_sock(sk);
}

/* A second owner begins anew; what was much is remembered when it is gone. */
static void what_moved_over_a_socket_is_listed(void **state)
{
	__u32 first = 0, second = 1;
	const struct cs_socket *closed;

	(void)state;
	foreign_sk->__sk_common.skc_num = 80;
	foreign_sk->__sk_common.skc_dport = __builtin_bswap16(5001);
	foreign_sk->__sk_common.skc_rcv_saddr = 0x0100007f;
	cs_closed_cnt = 0;
	sends(foreign_sk, 500);
	sends(foreign_sk, 70);
	assert_true(listed(foreign_sk)->sent.count == 2 && listed(foreign_sk)->sent.amount == 570);
	assert_true(listed(foreign_sk)->local_port == 80 && listed(foreign_sk)->remote_port == 5001);
	assert_memory_equal(listed(foreign_sk)->local, "\x7f\0\0\1", 4);
	host.current_task = &parties[CLIENT].task;
	sends(foreign_sk, CS_CLOSED_BYTES);
	assert_true(listed(foreign_sk)->owner == CLIENT && listed(foreign_sk)->sent.amount == CS_CLOSED_BYTES);
	sock_gone_tp(NULL, foreign_sk);
	assert_null(listed(foreign_sk));
	closed = bpf_map_lookup_elem(&cs_closed, &first);
	assert_true(closed && closed->sent.amount == CS_CLOSED_BYTES);
	assert_null(bpf_map_lookup_elem(&cs_closed, &second));
}

static void a_socket_too_many_is_told(void **state)
{
	(void)state;
	sends(foreign_sk, 1);
	sends(server_sk, 1);
	sends(client_sk, 1);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_SEND, 3, 3);
	assert_stat(CS_BANK_TRACEPOINT, SERVER, CS_Q_SOCKET, 2, 0);
	assert_drops(CS_DROP_SOCKET, 1);
}

static void children_are_followed_and_the_dead_forgotten(void **state)
{
	struct task_struct child = {.pid = 50, .tgid = 50}, thread = {.pid = 51, .tgid = SERVER}, late = {.pid = 52, .tgid = 52};

	(void)state;
	fork_tp(NULL, server, &thread);
	fork_tp(NULL, idle, &late);
	assert_int_equal(cs_owner_of_tgid(52), NOBODY);
	fork_tp(NULL, server, &child);
	assert_int_equal(cs_owner_of_task(&child), SERVER);
	assert_stat(CS_BANK_TRACEPOINT, SERVER, CS_Q_FOLLOWED, 1, 0);
	fork_tp(NULL, &child, &late); /* the table is full */
	assert_drops(CS_DROP_PROCESS, 1);
	signals[SERVER].live.counter = 1;
	exit_tp(NULL, server); /* a thread of it */
	assert_int_equal(cs_owner_of_task(server), SERVER);
	signals[SERVER].live.counter = 0;
	exit_tp(NULL, server);
	assert_int_equal(cs_owner_of_task(server), NOBODY);
}

/* Of two threads the one that leads tells the program. */
static void where_everyone_is_one_programs_are_owners_by_name(void **state)
{
	struct cs_config config = {.owner_cnt = CS_OWNERS_MAX, .by_task = 1, .everyone = 1,
				   .calls = {1 + CS_BANK_FUNCTION, 1 + CS_BANK_FUNCTION}};
	struct task_struct nginx = {.tgid = 70, .comm = "nginx"}, worker = {.tgid = 71, .comm = "nginx"},
			   redis = {.tgid = 72, .comm = "redis"}, thread = {.tgid = 72, .comm = "io"},
			   nfs = {.tgid = 2, .comm = "kworker", .flags = PF_KTHREAD};

	(void)state;
	host_reset();
	host_set_rodata(&cs_cfg, &config, sizeof(config));
	cs_programs_cnt = 0;
	nginx.group_leader = &nginx;
	worker.group_leader = &worker;
	redis.group_leader = thread.group_leader = &redis;
	nfs.group_leader = &nfs;
	host.current_task = &nginx;
	sends(server_sk, 1);
	host.current_task = &thread;
	sends(client_sk, 20);
	host.current_task = &worker;
	sends(foreign_sk, 300);
	assert_stat(CS_BANK_FUNCTION, CS_FIRST_PROGRAM, CS_Q_SEND, 2, 301);
	assert_stat(CS_BANK_FUNCTION, CS_FIRST_PROGRAM + 1, CS_Q_SEND, 1, 20);
	host.current_task = &nfs;
	sends(foreign_sk, 4000);
	assert_stat(CS_BANK_FUNCTION, CS_FIRST_PROGRAM, CS_Q_SEND, 3, 4301); /* for who has used it */
	sock_gone_tp(NULL, foreign_sk);
	sends(foreign_sk, 50000);
	assert_stat(CS_BANK_FUNCTION, CS_KERNEL_THREADS, CS_Q_SEND, 1, 50000);
	host.current_task = &worker;
	memcpy(worker.comm, "perl", 5);
	sends(foreign_sk, 2);
	assert_stat(CS_BANK_FUNCTION, CS_FIRST_PROGRAM, CS_Q_SEND, 4, 4303); /* a new name alone is no other program */
	exec_tp(NULL, &worker);
	sends(foreign_sk, 6);
	assert_stat(CS_BANK_FUNCTION, CS_FIRST_PROGRAM + 2, CS_Q_SEND, 1, 6);
	cs_programs_cnt = CS_OWNERS_MAX;
	exec_tp(NULL, &worker);
	memcpy(worker.comm, "late", 5);
	sends(foreign_sk, 7);
	assert_stat(CS_BANK_FUNCTION, CS_OTHERS, CS_Q_SEND, 1, 7);
	assert_no_drops();
}

static void the_socket_and_its_route_decide_the_way(void **state)
{
	struct msghdr zerocopy = {.msg_flags = MSG_ZEROCOPY}, spliced = {.msg_flags = MSG_SPLICE_PAGES}, ring = zerocopy;
	struct ubuf_info ubuf = {0};

	(void)state;
	ring.msg_ubuf = &ubuf;
	assert_int_equal(cs_call_of(server_sk, &plain, true), CS_CALL_SEND);
	assert_int_equal(cs_call_of(server_sk, &zerocopy, true), CS_CALL_NO_SG);
	server_sk->sk_route_caps = NETIF_F_SG;
	assert_int_equal(cs_call_of(server_sk, &zerocopy, true), CS_CALL_ZEROCOPY_UNSET);
	assert_int_equal(cs_call_of(server_sk, &ring, true), CS_CALL_URING_ZC);
	assert_int_equal(cs_call_of(server_sk, &spliced, true), CS_CALL_SENDFILE);
	server_sk->__sk_common.skc_flags = 1UL << SOCK_ZEROCOPY;
	assert_int_equal(cs_call_of(server_sk, &zerocopy, true), CS_CALL_ZEROCOPY);
	server->io_uring = &ubuf;
	host.current_regs.orig_ax = __NR_sendto;
	assert_int_equal(cs_call_of(server_sk, &plain, true), CS_CALL_SEND);
	host.current_regs.orig_ax = 426; /* io_uring_enter() */
	assert_int_equal(cs_call_of(server_sk, &plain, true), CS_CALL_URING);
}

int main(void)
{
#define PROCESSES(function) cmocka_unit_test_setup_teardown(function, setup_processes, teardown)
	const struct CMUnitTest tests[] = {
		PROCESSES(a_call_that_goes_on_changes_its_place),
		PROCESSES(what_goes_over_loopback_is_told),
		PROCESSES(who_uses_a_socket_has_it),
		PROCESSES(what_moved_over_a_socket_is_listed),
		PROCESSES(a_socket_too_many_is_told),
		PROCESSES(children_are_followed_and_the_dead_forgotten),
		PROCESSES(whose_a_call_is_is_remembered),
		PROCESSES(a_socket_at_the_same_address_is_another),
		PROCESSES(what_is_being_written_is_not_read),
		PROCESSES(where_everyone_is_one_programs_are_owners_by_name),
		PROCESSES(the_socket_and_its_route_decide_the_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
