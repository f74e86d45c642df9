// SPDX-License-Identifier: GPL-2.0-only
/* What the probes counted, against independent witnesses: only a contradiction makes it a bound. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/result.h"

static const enum metric_id told[] = {M_ZEROCOPY_BYTES, M_COMPLETION_IDS, M_COMPLETION_COPIED_IDS,
				      M_TCP_RETRANSMIT_BYTES};

/* A zero-copy pass in which every source agrees. */
static struct metric_value *sound(struct run_result *r)
{
	struct metric_value *v = r->v[ROLE_SERVER];

	*r = (struct run_result){0};
	v[M_ZEROCOPY_BYTES] = value_ok(65536, "tracepoint");
	v[M_COMPLETION_IDS] = value_ok(4, "tracepoint");
	v[M_COMPLETION_COPIED_IDS] = value_ok(4, "tracepoint");
	v[M_COPY_UBUFS_BYTES] = value_ok(65536 + 1448, "tracepoint");
	v[M_COPY_UBUFS_SKBS] = value_ok(5, "tracepoint");
	v[M_RETRANSMIT_BYTES] = value_ok(1448, "tracepoint");
	v[M_RETRANSMIT_SEGMENTS] = value_ok(1, "tracepoint");
	v[M_TCP_RETRANSMIT_BYTES] = value_ok(1448, "workload");
	return v;
}

static void assert_status(const struct metric_value *v, enum value_status copied,
			  enum value_status retransmitted)
{
	assert_int_equal(v[M_COPY_UBUFS_BYTES].status, copied);
	assert_int_equal(v[M_COPY_UBUFS_SKBS].status, copied);
	assert_int_equal(v[M_RETRANSMIT_BYTES].status, retransmitted);
	assert_int_equal(v[M_RETRANSMIT_SEGMENTS].status, retransmitted);
}

static void agreement_is_left_alone(void **state)
{
	static struct run_result r;
	struct metric_value *v = sound(&r);

	(void)state;
	run_result_doubt(&r);
	assert_status(v, VALUE_OK, VALUE_OK);
	/* acknowledgements were outstanding when TCP was asked */
	v[M_TCP_RETRANSMIT_BYTES].value = 0;
	run_result_doubt(&r);
	assert_status(v, VALUE_OK, VALUE_OK);
}

static void fewer_copies_than_copied_bytes_are_a_bound(void **state)
{
	static struct run_result r;
	struct metric_value *v = sound(&r);

	(void)state;
	v[M_COPY_UBUFS_BYTES].value--; /* what was sent again is copied again */
	run_result_doubt(&r);
	assert_status(v, VALUE_LOSSY, VALUE_OK);
	assert_non_null(v[M_COPY_UBUFS_BYTES].reason);
	assert_non_null(v[M_COPY_UBUFS_SKBS].reason);

	/* one id was not copied: then it may well be so few */
	v = sound(&r);
	v[M_COPY_UBUFS_BYTES].value = 65535;
	v[M_COMPLETION_COPIED_IDS].value = 3;
	run_result_doubt(&r);
	assert_status(v, VALUE_OK, VALUE_OK);
}

static void fewer_retransmits_than_tcp_counts_are_a_bound(void **state)
{
	static struct run_result r;
	struct metric_value *v = sound(&r);

	(void)state;
	v[M_RETRANSMIT_BYTES].value--;
	run_result_doubt(&r);
	assert_status(v, VALUE_OK, VALUE_LOSSY);
	assert_non_null(v[M_RETRANSMIT_BYTES].reason);
}

static void what_is_absent_bears_no_witness(void **state)
{
	static struct run_result r;
	struct metric_value *v;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(told); i++) {
		v = sound(&r);
		v[told[i]] = (struct metric_value){0};
		run_result_doubt(&r);
		assert_status(v, VALUE_OK, VALUE_OK);
	}
	v = sound(&r);
	v[M_COPY_UBUFS_BYTES] = v[M_COPY_UBUFS_SKBS] = value_unsupported("no such tracepoint");
	run_result_doubt(&r);
	assert_status(v, VALUE_UNSUPPORTED, VALUE_OK);
}

static void an_earlier_reason_stays(void **state)
{
	static struct run_result r;
	struct metric_value *v = sound(&r);

	(void)state;
	v[M_COPY_UBUFS_BYTES].value = 1;
	v[M_COPY_UBUFS_BYTES].status = VALUE_LOSSY;
	v[M_COPY_UBUFS_BYTES].reason = "runs were skipped";
	run_result_doubt(&r);
	assert_string_equal(v[M_COPY_UBUFS_BYTES].reason, "runs were skipped");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agreement_is_left_alone),
		cmocka_unit_test(fewer_copies_than_copied_bytes_are_a_bound),
		cmocka_unit_test(fewer_retransmits_than_tcp_counts_are_a_bound),
		cmocka_unit_test(what_is_absent_bears_no_witness),
		cmocka_unit_test(an_earlier_reason_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
