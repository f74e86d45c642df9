// SPDX-License-Identifier: GPL-2.0-only
/* What the BPF programs account of kTLS: each byte once, however it came to the cipher and whoever pushed its record. */
#include "bpf_host/parties.h"

static struct tcp_ulp_ops tls_ulp = {.name = "tls"};
static struct crypto_alg gcm = {"gcm(aes)"}, chacha20 = {"rfc7539(chacha20,poly1305)"};
static struct crypto_tfm gcm_tfm = {&gcm}, chacha20_tfm = {&chacha20};

static int with_tls(void **state)
{
	setup(state);
	parties[SERVER].tcp.inet_conn.icsk_ulp_ops = &tls_ulp;
	configure((struct cs_config){.tls = 1});
	return 0;
}

/* As tls_push_record(): TLS 1.3 encrypts one byte more than the payload. */
static void encrypted(__u32 payload)
{
	struct aead_request req = {.assoclen = 5, .cryptlen = payload + 1};

	encrypt_fentry(NULL, &req);
}

static void began(__u32 so_far)
{
	struct sk_msg msg = {.sg.size = so_far};

	record_alloc_fentry(NULL, server_sk, &msg);
}

/* As tls_push_sg() does. */
static void pushed(__u32 bytes)
{
	struct msghdr spliced = {.msg_flags = MSG_SPLICE_PAGES};

	send_enter_fentry(NULL, server_sk, &spliced);
	splice_fentry(NULL, NULL);
	((struct tcp_sock *)server_sk)->write_seq += bytes;
	send_push_fentry(NULL, server_sk);
}

static void in_place_or_from_a_copy(void **state)
{
	(void)state;
	began(0);
	page_ref_fentry(NULL, 0, 5);
	encrypted(16384);
	pushed(16406);
	/* an open record, filled by three calls; the last goes as it lies */
	began(0);
	record_copy_fentry(NULL, server_sk, NULL, NULL, 5000);
	user_copy_fentry(NULL, NULL, 5000, false);
	began(5022);
	record_copy_fentry(NULL, server_sk, NULL, NULL, 5000);
	began(10022);
	page_ref_fentry(NULL, 0, 2);
	encrypted(12000);
	host.current_task = idle; /* a kworker */
	pushed(12022);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_SEND, 2, 28384);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_USER_TO_KERNEL, 2, 10000);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_ENCRYPT_COPY, 1, 10000);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_ENCRYPT, 2, 18384);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_TLS_FRAMING, 2, 44);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_TLS_PUSH, 2, 28428);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_PAGE_REF, 2, 7);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_SPLICE, 0, 0);
	assert_no_drops();
}

/* IPsec uses the same cipher, for the task that it interrupts as well. */
static void only_records_are_counted(void **state)
{
	struct aead_request esp = {.assoclen = 8, .cryptlen = 1400};
	struct aead_request tls12 = {.base.tfm = &gcm_tfm, .assoclen = 13, .cryptlen = 1000};

	(void)state;
	encrypted(100); /* of nobody */
	began(0);
	encrypt_fentry(NULL, &esp);
	encrypt_fentry(NULL, &tls12);
	decrypt_fentry(NULL, &esp);
	decrypt_fentry(NULL, &tls12);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_SEND, 1, 1000);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_TLS_FRAMING, 1, 29);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_DECRYPT, 1, 984);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_RECV, 1, 984);
}

/* Of 1.2's ciphers one sends no nonce. */
static void a_nonce_is_framing_where_it_is_sent(void **state)
{
	struct aead_request req = {.base.tfm = &chacha20_tfm, .assoclen = 13, .cryptlen = 1000};

	(void)state;
	began(0);
	encrypt_fentry(NULL, &req);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_TLS_FRAMING, 1, 21);
	began(0);
	req.base.tfm = &gcm_tfm;
	encrypt_fentry(NULL, &req);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_TLS_FRAMING, 2, 21 + 29);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_SEND, 2, 2000);
}

/* Where TLS only receives, requests are sent as on any socket. */
static void plain_sends_of_a_tls_socket(void **state)
{
	(void)state;
	send_enter_fentry(NULL, server_sk, &plain);
	user_copy_fentry(NULL, NULL, 8, false);
	((struct tcp_sock *)server_sk)->write_seq += 8;
	send_push_fentry(NULL, server_sk);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_SEND, 1, 8);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_USER_TO_KERNEL, 1, 8);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_TLS_PUSH, 0, 0);
}

/* What was not seen being encrypted is told, and is no splice. */
static void unseen_encryption_is_a_drop(void **state)
{
	(void)state;
	configure((struct cs_config){0});
	pushed(1000);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_SEND, 0, 0);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_SPLICE, 0, 0);
	assert_drops(CS_DROP_UNCLASSIFIED, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(in_place_or_from_a_copy, with_tls),
		cmocka_unit_test_setup(only_records_are_counted, with_tls),
		cmocka_unit_test_setup(a_nonce_is_framing_where_it_is_sent, with_tls),
		cmocka_unit_test_setup(plain_sends_of_a_tls_socket, with_tls),
		cmocka_unit_test_setup(unseen_encryption_is_a_drop, with_tls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
