// SPDX-License-Identifier: GPL-2.0-only
/* What the probes counted, against independent witnesses: only a contradiction makes it a bound, only
 * agreement an inference exact.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/result.h"
#include "core/role.h"

static const enum metric_id told[] = {M_ZEROCOPY_BYTES, M_COMPLETION_IDS, M_COMPLETION_COPIED_IDS,
				      M_TCP_RETRANSMIT_BYTES};

static struct run_set *set;
static struct run_result *r;

static int make_set(void **state)
{
	struct run_key key = {.mode = "A3", .size_bytes = 1, .threads = 1, .repetition = 1};

	(void)state;
	set = run_set_new();
	run_set_add_owner(set, "server", FLOW_SENDS);
	run_set_add_owner(set, "client", FLOW_RECEIVES);
	r = run_set_add(set, &key);
	return 0;
}

static int free_set(void **state)
{
	(void)state;
	run_set_free(&set);
	return 0;
}

/* A zero-copy pass in which every source agrees. */
static struct metric_value *sound(void)
{
	struct metric_value *v = r->v[owner_of_role(ROLE_SERVER)];

	run_result_clear(r);
	v[M_ZEROCOPY_BYTES] = value_ok(65536, "tracepoint");
	v[M_COMPLETION_IDS] = value_ok(4, "tracepoint");
	v[M_COMPLETION_COPIED_IDS] = value_ok(4, "tracepoint");
	v[M_COPY_UBUFS_BYTES] = value_ok(65536 + 1448, "tracepoint");
	v[M_COPY_UBUFS_SKBS] = value_ok(5, "tracepoint");
	v[M_ZC_SKBS] = value_ok(5, "tracepoint");
	v[M_ZC_FRAGS] = value_ok(20, "tracepoint");
	v[M_ZC_SKBS_FULL] = value_ok(0, "tracepoint");
	v[M_RETRANSMIT_BYTES] = value_ok(1448, "tracepoint");
	v[M_RETRANSMIT_SEGMENTS] = value_ok(1, "tracepoint");
	v[M_TCP_RETRANSMIT_BYTES] = value_ok(1448, "workload");
	return v;
}

static void assert_bounds(const struct metric_value *v, enum bound copied, enum bound retransmitted)
{
	assert_int_equal(v[M_COPY_UBUFS_BYTES].bound, copied);
	assert_int_equal(v[M_COPY_UBUFS_SKBS].bound, copied);
	assert_int_equal(v[M_ZC_SKBS].bound, copied & BOUND_LOWER); /* they are seen, whether copied or not */
	assert_int_equal(v[M_ZC_FRAGS].bound, copied & BOUND_LOWER);
	assert_int_equal(v[M_ZC_SKBS_FULL].bound, copied & BOUND_LOWER);
	assert_int_equal(v[M_RETRANSMIT_BYTES].bound, retransmitted);
	assert_int_equal(v[M_RETRANSMIT_SEGMENTS].bound, retransmitted);
}

static void agreement_is_left_alone(void **state)
{
	struct metric_value *v = sound();

	(void)state;
	run_result_doubt(set, r);
	assert_bounds(v, BOUND_NONE, BOUND_NONE);
	/* acknowledgements were outstanding when TCP was asked */
	v[M_TCP_RETRANSMIT_BYTES].value = 0;
	run_result_doubt(set, r);
	assert_bounds(v, BOUND_NONE, BOUND_NONE);
}

static void fewer_copies_than_copied_bytes_are_a_bound(void **state)
{
	struct metric_value *v = sound();

	(void)state;
	v[M_COPY_UBUFS_BYTES].value--; /* what was sent again is copied again */
	run_result_doubt(set, r);
	assert_bounds(v, BOUND_LOWER, BOUND_NONE);
	assert_non_null(v[M_COPY_UBUFS_BYTES].reason);
	assert_non_null(v[M_COPY_UBUFS_SKBS].reason);

	/* one id was not copied: then it may well be so few */
	v = sound();
	v[M_COPY_UBUFS_BYTES].value = 65535;
	v[M_COMPLETION_COPIED_IDS].value = 3;
	run_result_doubt(set, r);
	assert_bounds(v, BOUND_NONE, BOUND_NONE);
}

/* What is lost before it is copied is sent again: more than that cannot be missing so. */
static void packets_lost_explain_no_more_than_was_sent_again(void **state)
{
	struct metric_value *v = sound();

	(void)state;
	v[M_COPY_UBUFS_BYTES].value -= 1448;
	run_result_doubt(set, r);
	assert_int_equal(v[M_COPY_UBUFS_BYTES].reason->code, REASON_COPIES_UNSEEN_OR_LOST);
	v = sound();
	v[M_COPY_UBUFS_BYTES].value -= 1449;
	run_result_doubt(set, r);
	assert_int_equal(v[M_COPY_UBUFS_BYTES].reason->code, REASON_COPIES_UNSEEN);
	/* nothing was sent again, so nothing was lost */
	v = sound();
	v[M_TCP_RETRANSMIT_BYTES].value = v[M_RETRANSMIT_BYTES].value = 0;
	v[M_COPY_UBUFS_BYTES].value = 65535;
	run_result_doubt(set, r);
	assert_int_equal(v[M_COPY_UBUFS_BYTES].reason->code, REASON_COPIES_UNSEEN);
}

/* One packet of each send was copied, for its timestamp: that is what COPIED told. */
static void copies_for_timestamps_are_of_single_packets(void **state)
{
	struct metric_value *v = sound();

	(void)state;
	v[M_COPY_UBUFS_BYTES].value = 5792;
	run_result_copy(r, &(struct path_copy){.owner = owner_of_role(ROLE_SERVER), .function = "skb_copy_ubufs",
					       .reason = COPY_REASON_TX_TIMESTAMP, .count = 4, .bytes = 5792});
	run_result_doubt(set, r);
	assert_bounds(v, BOUND_NONE, BOUND_NONE);
}

/* Who sends by io_uring has no ids: there the notifications bear witness. */
static void notifications_are_as_good_as_ids(void **state)
{
	struct metric_value *v = sound();

	(void)state;
	v[M_COMPLETION_IDS].value = v[M_COMPLETION_COPIED_IDS].value = 0;
	v[M_COPY_UBUFS_BYTES].value--;
	run_result_doubt(set, r);
	assert_bounds(v, BOUND_NONE, BOUND_NONE);
	v[M_NOTIFICATIONS] = v[M_NOTIFICATIONS_COPIED] = value_ok(3, "tracepoint");
	run_result_doubt(set, r);
	assert_bounds(v, BOUND_LOWER, BOUND_NONE);
}

/* Copies inferred from what was received: what is dropped in between is not copied, but sent again. */
static void an_inference_is_exact_only_where_it_is_borne_out(void **state)
{
	static const struct reason inferred = {.code = REASON_COPIES_INFERRED};
	static const struct {
		double copied_ids, again, seen;
		enum bound bound;
	} rows[] = {
		{4, 0, 65536, BOUND_NONE},
		{4, 1448, 65536 + 1448, BOUND_UPPER}, /* lost before the copy, or behind it */
		{4, 0, 65535, BOUND_LOWER},
		{4, 0, 2 * 65536, BOUND_UPPER}, /* seen twice */
		{3, 0, 65536, BOUND_UPPER},	/* somebody had no copy made */
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct metric_value *v = sound();

		v[M_COMPLETION_COPIED_IDS].value = rows[i].copied_ids;
		v[M_TCP_RETRANSMIT_BYTES].value = v[M_RETRANSMIT_BYTES].value = rows[i].again;
		v[M_COPY_UBUFS_BYTES].value = rows[i].seen;
		value_make_bound(&v[M_COPY_UBUFS_BYTES], BOUND_UPPER, &inferred);
		value_make_bound(&v[M_COPY_UBUFS_SKBS], BOUND_UPPER, &inferred);
		run_result_doubt(set, r);
		assert_bounds(v, rows[i].bound, BOUND_NONE);
		assert_true((rows[i].bound != BOUND_NONE) == (v[M_COPY_UBUFS_BYTES].reason != NULL));
	}
	/* nobody says whether anything was sent again */
	sound()[M_COPY_UBUFS_BYTES] = (struct metric_value){.value = 65536, .status = VALUE_OK, .bound = BOUND_UPPER};
	r->v[owner_of_role(ROLE_SERVER)][M_TCP_RETRANSMIT_BYTES] = (struct metric_value){0};
	run_result_doubt(set, r);
	assert_int_equal(r->v[owner_of_role(ROLE_SERVER)][M_COPY_UBUFS_BYTES].bound, BOUND_UPPER);
}

static void fewer_retransmits_than_tcp_counts_are_a_bound(void **state)
{
	struct metric_value *v = sound();

	(void)state;
	v[M_RETRANSMIT_BYTES].value--;
	run_result_doubt(set, r);
	assert_bounds(v, BOUND_NONE, BOUND_LOWER);
	assert_non_null(v[M_RETRANSMIT_BYTES].reason);
}

static void what_is_absent_bears_no_witness(void **state)
{
	static const struct reason none = {.detail = "no such tracepoint"};
	struct metric_value *v;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(told); i++) {
		v = sound();
		v[told[i]] = (struct metric_value){0};
		run_result_doubt(set, r);
		assert_bounds(v, BOUND_NONE, BOUND_NONE);
	}
	v = sound();
	v[M_COPY_UBUFS_BYTES] = v[M_COPY_UBUFS_SKBS] = value_unsupported(&none);
	run_result_doubt(set, r);
	assert_bounds(v, BOUND_NONE, BOUND_NONE);
	assert_false(value_known(&v[M_COPY_UBUFS_BYTES]));
}

static void an_earlier_reason_stays(void **state)
{
	static const struct reason skipped = {.code = REASON_SKIPPED_RUNS, .detail = "3"};
	struct metric_value *v = sound();

	(void)state;
	v[M_COPY_UBUFS_BYTES].value = 1;
	value_make_bound(&v[M_COPY_UBUFS_BYTES], BOUND_LOWER, &skipped);
	run_result_doubt(set, r);
	assert_ptr_equal(v[M_COPY_UBUFS_BYTES].reason, &skipped);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agreement_is_left_alone),
		cmocka_unit_test(fewer_copies_than_copied_bytes_are_a_bound),
		cmocka_unit_test(packets_lost_explain_no_more_than_was_sent_again),
		cmocka_unit_test(copies_for_timestamps_are_of_single_packets),
		cmocka_unit_test(notifications_are_as_good_as_ids),
		cmocka_unit_test(an_inference_is_exact_only_where_it_is_borne_out),
		cmocka_unit_test(fewer_retransmits_than_tcp_counts_are_a_bound),
		cmocka_unit_test(what_is_absent_bears_no_witness),
		cmocka_unit_test(an_earlier_reason_stays),
	};

	return cmocka_run_group_tests(tests, make_set, free_set);
}
