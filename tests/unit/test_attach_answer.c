// SPDX-License-Identifier: GPL-2.0-only
/* The four answers about an attached program: each verdict from numbers that lead to it, and the numbers around it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "analysis/attach.h"

enum { WHO = 1 };

static struct run_set *set;
static struct run_result *r;

static int setup(void **state)
{
	(void)state;
	set = run_set_new();
	set->plan.attached = true;
	run_set_add_owner(set, "nginx (812)", FLOW_BOTH);
	r = run_set_add(set, &(struct run_key){.mode = "attach", .pass = PASS_ATTRIBUTION, .repetition = 1});
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	run_set_free(&set);
	return 0;
}

static void is(enum metric_id m, double value)
{
	r->v[WHO][m] = value_ok(value, "test");
}

/* Calls of one size; what they sum up to. */
static void calls(enum call_way way, uint64_t from_bytes, uint64_t n)
{
	run_result_call(r, &(struct call_size){.owner = WHO, .way = way, .from_bytes = from_bytes, .calls = n,
					       .bytes = n * from_bytes});
}

static void sent(double copied, double zerocopy, double spliced)
{
	is(M_SENT_BYTES, copied + zerocopy + spliced);
	is(M_USER_TO_KERNEL_BYTES, copied);
	is(M_ZEROCOPY_BYTES, zerocopy);
	is(M_SPLICED_BYTES, spliced);
}

/* Root first. */
static void sampled(uint64_t n, const char *const *names)
{
	unsigned int frame[8], depth = 0;

	for (; names[depth]; depth++)
		frame[depth] = run_set_frame(set, names[depth], NULL, FRAME_KERNEL);
	run_result_stack(r, &(struct stack){.kind = STACK_ONCPU, .owner = WHO, .count = n, .depth = depth, .frame = frame});
}
#define SAMPLED(n, ...) sampled(n, (const char *const[]){__VA_ARGS__, NULL})

static void assert_answer(enum did_happen did, enum would_pay pays)
{
	struct attach_answer a = attach_answer(set, r, WHO);

	assert_int_equal(a.did, did);
	assert_int_equal(a.pays, pays);
	attach_answer_free(&a);
}

static void a_copier_of_large_blocks(void **state)
{
	struct attach_answer a;

	(void)state;
	sent(1000 * 65536, 0, 0);
	calls(CALL_WAY_SEND, 65536, 1000);
	assert_answer(DID_NO, PAYS_NOT_SAMPLED);
	SAMPLED(30, "do_syscall_64", "tcp_sendmsg", "tcp_sendmsg_locked", "_copy_from_iter");
	SAMPLED(20, "do_syscall_64", "ext4_file_read_iter", "filemap_read", "_copy_to_iter");
	SAMPLED(50, "do_syscall_64", "tcp_sendmsg", "tcp_write_xmit");
	a = attach_answer(set, r, WHO);
	assert_int_equal(a.pays, PAYS_UP_TO);
	assert_true(a.ceiling.n == 30 && a.ceiling.of == 100);
	assert_true(a.with_files.n == 50);
	assert_true(a.copying_at_all.n == 50);
	assert_true(a.ceiling.low > 0.21 && a.ceiling.low < 0.22); /* Wilson: [0.219, 0.396] */
	assert_true(a.ceiling.high > 0.39 && a.ceiling.high < 0.40);
	assert_int_equal(a.why_cnt, 1);
	assert_true(a.why[0].bytes == 65536000 && !a.why[0].remedy);
	attach_answer_free(&a);
}

/* Over loopback references do not help, but files may be sent by sendfile() there, too. */
static void a_copier_over_loopback(void **state)
{
	(void)state;
	sent(1000 * 65536, 0, 0);
	is(M_SENT_LOOPBACK_BYTES, 1000 * 65536);
	calls(CALL_WAY_SEND, 65536, 1000);
	SAMPLED(30, "tcp_sendmsg_locked", "_copy_from_iter");
	SAMPLED(50, "tcp_write_xmit");
	assert_answer(DID_NO, PAYS_NOT_LOCAL);
	SAMPLED(20, "filemap_read", "_copy_to_iter");
	assert_answer(DID_NO, PAYS_UP_TO);
}

static void a_sender_of_little_things(void **state)
{
	(void)state;
	sent(1000 * 512, 0, 0);
	calls(CALL_WAY_SEND, 512, 1000);
	SAMPLED(30, "tcp_sendmsg_locked", "_copy_from_iter");
	assert_answer(DID_NO, PAYS_NOT_LARGE);
}

static void whose_copies_take_next_to_nothing(void **state)
{
	(void)state;
	sent(1000 * 65536, 0, 0);
	calls(CALL_WAY_SEND, 65536, 1000);
	SAMPLED(1, "tcp_sendmsg_locked", "_copy_from_iter");
	SAMPLED(9999, "tcp_write_xmit");
	assert_answer(DID_NO, PAYS_NOT_MUCH);
}

static void who_sends_files_by_sendfile(void **state)
{
	(void)state;
	sent(200, 0, 1000 * 65536);
	calls(CALL_WAY_SEND, 128, 1);
	calls(CALL_WAY_SENDFILE, 65536, 1000);
	is(M_COPY_UBUFS_BYTES, 0);
	assert_answer(DID_YES, PAYS_NOTHING_COPIED);
}

static void whose_references_the_kernel_undoes(void **state)
{
	struct attach_answer a;

	(void)state;
	sent(0, 1000 * 65536, 0);
	calls(CALL_WAY_ZEROCOPY, 65536, 1000);
	is(M_COPY_UBUFS_BYTES, 1000 * 65536);
	run_result_copy(r, &(struct path_copy){.owner = WHO, .stage = STAGE_COPY_UBUFS, .function = "skb_copy_ubufs",
					       .reason = COPY_REASON_LOCAL_DELIVERY, .count = 1000, .bytes = 65536000});
	assert_answer(DID_NO, PAYS_UNDONE);
	a = attach_answer(set, r, WHO);
	assert_int_equal(a.why_cnt, 1);
	assert_string_equal(a.why[0].why, "local delivery");
	assert_non_null(a.why[0].remedy);
	attach_answer_free(&a);
	is(M_COPY_UBUFS_BYTES, 500 * 65536);
	assert_answer(DID_IN_PART, PAYS_NOTHING_COPIED);
}

static void who_forgot_the_option(void **state)
{
	struct attach_answer a;

	(void)state;
	sent(1000 * 65536, 0, 0);
	calls(CALL_WAY_ZEROCOPY_UNSET, 65536, 1000);
	a = attach_answer(set, r, WHO);
	assert_int_equal(a.did, DID_NO);
	assert_non_null(strstr(a.why[0].remedy, "SO_ZEROCOPY"));
	attach_answer_free(&a);
}

/* A kernel that shows the ends of sends only. */
static void whose_ways_are_not_seen(void **state)
{
	(void)state;
	is(M_SENT_BYTES, 1000 * 65536);
	calls(CALL_WAY_SEND_UNSEEN, 65536, 1000);
	assert_answer(DID_UNSEEN, PAYS_UNSEEN);
}

static void who_sends_nothing(void **state)
{
	(void)state;
	sent(0, 0, 0);
	assert_answer(DID_NOTHING_SENT, PAYS_NOTHING_COPIED);
}

/* It speaks against zero-copy, and does not rule it out: the other end may be elsewhere. */
static void who_sends_over_veth(void **state)
{
	struct attach_answer a;

	(void)state;
	sent(3e6, 0, 0);
	run_result_socket(r, &(struct socket_use){.owner = WHO, .protocol = "tcp", .local = "a", .remote = "b", .sent_bytes = 1000000,
						  .device = "veth"});
	run_result_socket(r, &(struct socket_use){.owner = WHO, .protocol = "tcp", .local = "a", .remote = "b", .sent_bytes = 1000000});
	run_result_socket(r, &(struct socket_use){.owner = WHO, .protocol = "tcp", .local = "a", .remote = "b", .sent_bytes = 1000000,
						  .device = "vlan"});
	a = attach_answer(set, r, WHO);
	assert_true(a.veth == 1e6);
	attach_answer_free(&a);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_copier_of_large_blocks),
		TEST(a_copier_over_loopback),
		TEST(a_sender_of_little_things),
		TEST(whose_copies_take_next_to_nothing),
		TEST(who_sends_files_by_sendfile),
		TEST(whose_references_the_kernel_undoes),
		TEST(who_forgot_the_option),
		TEST(whose_ways_are_not_seen),
		TEST(who_sends_nothing),
		TEST(who_sends_over_veth),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
