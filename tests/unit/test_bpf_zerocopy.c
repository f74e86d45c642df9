// SPDX-License-Identifier: GPL-2.0-only
/* What the BPF programs account of zero-copy: ids and notifications, given out and given back, and whose buffers. */
#include "bpf_host/parties.h"

/* As tcp_sendmsg_locked() does after each of its steps. */
static void entered(struct sock *sk, __u32 bytes)
{
	((struct tcp_sock *)sk)->write_seq += bytes;
}

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
	send_enter_fentry(NULL, server_sk, &plain);
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
	send_enter_fentry(NULL, server_sk, &plain);
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
