// SPDX-License-Identifier: GPL-2.0-only
/* What the BPF programs account of datagrams, once that is asked for. */
#include "bpf_host/parties.h"

#define HEADERS (20 + (__u32)sizeof(struct udphdr))

static int setup_udp(void **state)
{
	__u32 i;

	setup(state);
	configure((struct cs_config){.udp = 1, .send_steps = 1});
	for (i = 0; i < PARTIES; i++)
		SOCKET(i)->sk_protocol = IPPROTO_UDP;
	return 0;
}

#define TEST_UDP(function) cmocka_unit_test_setup_teardown(function, setup_udp, teardown)

/* An skb that refers to the pages of its datagram, as MSG_ZEROCOPY makes it; else all is in it. */
struct datagram {
	struct sk_buff skb, carrier;
	struct skb_shared_info shinfo;
};

static struct sk_buff *made(struct datagram *d, struct sock *sk, __u32 payload)
{
	*d = (struct datagram){
		.skb = {.sk = sk, .len = payload + HEADERS, .network_header = 100, .transport_header = 120},
		.carrier.sk = sk,
	};
	d->skb.head = (void *)&d->shinfo;
	return &d->skb;
}

static struct sk_buff *made_of_pages(struct datagram *d, struct sock *sk, __u32 payload, bool by_reference)
{
	struct ubuf_info_msgzc *uarg = (void *)d->carrier.cb;

	made(d, sk, payload)->data_len = payload;
	d->shinfo = (struct skb_shared_info){.flags = SKBFL_ZEROCOPY_ENABLE, .destructor_arg = uarg};
	*uarg = (struct ubuf_info_msgzc){.id = 7, .len = 1, .zerocopy = by_reference};
	return &d->skb;
}

static void what_was_copied_for_it_goes_with_the_datagram(void **state)
{
	struct datagram d;

	(void)state;
	udp_send_enter_fentry(NULL, server_sk);
	udp_copy_fentry(NULL, NULL, NULL, 0, 1000);
	udp_copy_fentry(NULL, NULL, NULL, 1000, 24);
	udp_sent_fentry(NULL, NULL, made(&d, server_sk, 1024));
	udp_copy_fentry(NULL, NULL, NULL, 0, 500); /* of nothing that we know */
	udp6_send_enter_fentry(NULL, server_sk);
	udp_copy_fentry(NULL, NULL, NULL, 0, 9000); /* it met a fault */
	udp6_send_enter_fentry(NULL, server_sk);
	udp_copy_fentry(NULL, NULL, NULL, 0, 8);
	udp6_sent_fentry(NULL, made(&d, server_sk, 8));
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_SEND, 2, 1032);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_USER_TO_KERNEL, 3, 1032);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_ZEROCOPY, 0, 0);
	assert_no_drops();
}

static void more_than_one_call_may_fill_it(void **state)
{
	struct datagram d;

	(void)state;
	udp_send_enter_kprobe((void *)&host.current_regs, server_sk);
	udp_copy_kprobe((void *)&host.current_regs, NULL, NULL, 0, 600);
	((struct udp_sock *)server_sk)->pending = AF_INET;
	udp_send_enter_kprobe((void *)&host.current_regs, server_sk);
	udp_copy_kprobe((void *)&host.current_regs, NULL, NULL, 0, 400);
	udp_sent_kprobe((void *)&host.current_regs, NULL, made(&d, server_sk, 1000));
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_SEND, 1, 1000);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_USER_TO_KERNEL, 2, 1000);
}

static void pages_are_referred_to_where_the_route_lets_it(void **state)
{
	struct datagram d;

	(void)state;
	udp_send_enter_fentry(NULL, server_sk);
	page_ref_fentry(NULL, 0, 17);
	udp_sent_fentry(NULL, NULL, made_of_pages(&d, server_sk, 64768, true));
	udp_send_enter_fentry(NULL, server_sk);
	udp_copy_fentry(NULL, NULL, NULL, 0, 3000);
	udp_sent_fentry(NULL, NULL, made_of_pages(&d, server_sk, 3000, false));
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_SEND, 2, 67768);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_ZEROCOPY, 1, 64768);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_USER_TO_KERNEL, 1, 3000);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_ZC_ID, 2, 0);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_PAGE_REF, 1, 17);
	/* it is delivered here: the skb lost its socket, the buffer knows whose it is */
	d.skb.sk = NULL;
	copy_ubufs_kprobe((void *)&host.current_regs, &d.skb);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_COPY_UBUFS, 1, 3000);
	assert_no_drops();
}

static void all_that_is_received_was_copied(void **state)
{
	(void)state;
	udp_received_fentry(NULL, client_sk, NULL, 64768);
	udp_received_fentry(NULL, client_sk, NULL, -1472); /* MSG_PEEK */
	udp_received_fentry(NULL, foreign_sk, NULL, 100);
	assert_stat(CS_BANK_FUNCTION, CLIENT, CS_Q_RECV, 1, 64768);
	assert_stat(CS_BANK_FUNCTION, CLIENT, CS_Q_KERNEL_TO_USER, 1, 64768);
	recv_done_tp(NULL, client_sk, 64768, 0);
	assert_stat(CS_BANK_TRACEPOINT, CLIENT, CS_Q_RECV, 1, 64768);
	assert_stat(CS_BANK_TRACEPOINT, CLIENT, CS_Q_KERNEL_TO_USER, 1, 64768);
	assert_stat(CS_BANK_TRACEPOINT, CLIENT, CS_Q_DISCARD, 0, 0);
}

static void tracepoints_see_a_copy_where_the_socket_has_no_zerocopy(void **state)
{
	(void)state;
	send_done_tp(NULL, server_sk, 64768);
	assert_stat(CS_BANK_TRACEPOINT, SERVER, CS_Q_SEND, 1, 64768);
	assert_stat(CS_BANK_TRACEPOINT, SERVER, CS_Q_USER_TO_KERNEL, 64768 / 256 + 2, 64768);
	server_sk->__sk_common.skc_flags = 1UL << SOCK_ZEROCOPY;
	send_done_tp(NULL, server_sk, 1000);
	assert_stat(CS_BANK_TRACEPOINT, SERVER, CS_Q_SEND, 2, 65768);
	assert_stat(CS_BANK_TRACEPOINT, SERVER, CS_Q_USER_TO_KERNEL, 64768 / 256 + 2, 64768);
	assert_no_drops();
}

static void nobody_asked_for_datagrams(void **state)
{
	struct datagram d;

	(void)state;
	configure((struct cs_config){.send_steps = 1});
	udp_send_enter_fentry(NULL, server_sk);
	udp_sent_fentry(NULL, NULL, made(&d, server_sk, 1024));
	udp_received_fentry(NULL, client_sk, NULL, 1024);
	send_done_tp(NULL, server_sk, 1024);
	recv_done_tp(NULL, client_sk, 1024, 0);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_SEND, 0, 0);
	assert_stat(CS_BANK_FUNCTION, CLIENT, CS_Q_RECV, 0, 0);
	assert_stat(CS_BANK_TRACEPOINT, SERVER, CS_Q_SEND, 0, 0);
	assert_stat(CS_BANK_TRACEPOINT, CLIENT, CS_Q_RECV, 0, 0);
	assert_no_drops();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_UDP(what_was_copied_for_it_goes_with_the_datagram),
		TEST_UDP(more_than_one_call_may_fill_it),
		TEST_UDP(pages_are_referred_to_where_the_route_lets_it),
		TEST_UDP(all_that_is_received_was_copied),
		TEST_UDP(tracepoints_see_a_copy_where_the_socket_has_no_zerocopy),
		TEST_UDP(nobody_asked_for_datagrams),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
