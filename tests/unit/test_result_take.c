// SPDX-License-Identifier: GPL-2.0-only
/* What another copyscope counted becomes an account of ours, in strings and frames of our own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#include "core/result.h"

enum { THEIRS = 1, OURS = 2 };

/* One owner, of which all kinds of things are known, and a stack of nobody's. */
static struct run_set *observed_there(void)
{
	static const struct reason bound = {.code = REASON_NO_TRACEPOINT, .detail = "there"};
	struct run_set *set = run_set_new();
	unsigned int frame[2];
	struct run_result *r;

	run_set_add_owner(set, "client (7)", FLOW_BOTH);
	r = run_set_add(set, &(struct run_key){.mode = "attach"});
	r->v[THEIRS][M_RECEIVED_BYTES] = value_ok(4096, run_set_str(set, "fentry:tcp_recvmsg"));
	r->v[THEIRS][M_MAPPED_BYTES] = value_unsupported(run_set_reason(set, &bound));
	r->v[THEIRS][M_PROC_CTX_VOLUNTARY] = value_ok(5, "/proc");
	frame[0] = run_set_frame(set, "main", NULL, FRAME_USER);
	frame[1] = run_set_frame(set, "tcp_recvmsg", NULL, FRAME_KERNEL);
	run_result_stack(r, &(struct stack){.owner = THEIRS, .count = 3, .depth = 2, .frame = frame});
	run_result_stack(r, &(struct stack){.owner = OWNER_WHOLE, .count = 9, .depth = 1, .frame = frame});
	run_result_wait(r, &(struct wait_time){.owner = THEIRS, .reason = run_set_str(set, "no data"), .count = 2, .ns = 10});
	run_result_copy(r, &(struct path_copy){.owner = THEIRS, .function = run_set_str(set, "skb_copy_bits"), .bytes = 20});
	run_result_drop(r, DROP_ORPHAN, NULL, 4);
	return set;
}

static void all_of_it_is_taken(void **state)
{
	struct run_set *there = observed_there(), *set = run_set_new();
	struct run_result *r;

	(void)state;
	run_set_add_owner(set, "server", FLOW_SENDS);
	run_set_add_owner(set, "client", FLOW_RECEIVES);
	run_set_frame(set, "another", NULL, FRAME_USER); /* numbers differ */
	r = run_set_add(set, &(struct run_key){.mode = "A1"});
	r->v[OURS][M_APP_BYTES] = value_ok(4096, "client");
	r->v[OURS][M_SENT_BYTES] = value_ok(1, "here"); /* which they did not count */
	run_result_take(set, r, OURS, there, THEIRS);
	run_set_free(&there);

	assert_true(r->v[OURS][M_RECEIVED_BYTES].value == 4096);
	assert_string_equal(r->v[OURS][M_RECEIVED_BYTES].via, "fentry:tcp_recvmsg");
	assert_string_equal(r->v[OURS][M_MAPPED_BYTES].reason->detail, "there");
	assert_true(r->v[OURS][M_PROC_CTX_VOLUNTARY].value == 5 && r->v[OURS][M_APP_BYTES].value == 4096);
	assert_false(value_known(&r->v[OURS][M_SENT_BYTES]));
	assert_int_equal(r->stack_cnt, 1);
	assert_true(r->stack[0].owner == OURS && r->stack[0].count == 3);
	assert_string_equal(set->frame[r->stack[0].frame[1]].name, "tcp_recvmsg");
	assert_true(r->wait_cnt == 1 && r->wait[0].owner == OURS && !strcmp(r->wait[0].reason, "no data"));
	assert_true(r->copy_cnt == 1 && r->copy[0].owner == OURS && r->copy[0].bytes == 20);
	assert_true(r->drop_cnt == 1 && r->drop[0].count == 4);
	run_set_free(&set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_of_it_is_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
