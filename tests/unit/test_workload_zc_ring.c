// SPDX-License-Identifier: GPL-2.0-only
/* Zero-copy ids -> buffers: order, partial sends, wrap, and what the kernel must never do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "workload/zc_ring.h"

static void in_order(void **state)
{
	struct zc_ring r;

	(void)state;
	zc_ring_init(&r, 2, 0);
	assert_true(zc_ring_slot_free(&r, 0));
	zc_ring_issue(&r, 0);
	zc_ring_issue(&r, 1);
	assert_false(zc_ring_slot_free(&r, 0));
	assert_int_equal(zc_ring_complete(&r, 0, 0), 0);
	assert_true(zc_ring_slot_free(&r, 0));
	assert_false(zc_ring_slot_free(&r, 1));
	assert_int_equal(zc_ring_complete(&r, 1, 1), 0);
	assert_int_equal(zc_ring_in_flight(&r), 0);
	assert_int_equal(r.completed, 2);
	zc_ring_free(&r);
}

static void out_of_order_ranges(void **state)
{
	struct zc_ring r;
	unsigned int i;

	(void)state;
	zc_ring_init(&r, 6, 0);
	for (i = 0; i < 6; i++)
		zc_ring_issue(&r, i);
	assert_int_equal(zc_ring_complete(&r, 4, 5), 0);
	assert_int_equal(zc_ring_complete(&r, 1, 2), 0);
	assert_int_equal(r.head, 0);
	assert_false(zc_ring_slot_free(&r, 0));
	assert_true(zc_ring_slot_free(&r, 1));
	assert_false(zc_ring_slot_free(&r, 3));
	assert_true(zc_ring_slot_free(&r, 5));
	assert_int_equal(zc_ring_complete(&r, 0, 0), 0);
	assert_int_equal(r.head, 3);
	assert_int_equal(zc_ring_complete(&r, 3, 3), 0);
	assert_int_equal(r.head, 6);
	zc_ring_free(&r);
}

/* A message sent in three parts is free only when all three ids are complete. */
static void partial_sends(void **state)
{
	struct zc_ring r;

	(void)state;
	zc_ring_init(&r, 2, 0);
	zc_ring_issue(&r, 0);
	zc_ring_issue(&r, 0);
	zc_ring_issue(&r, 0);
	zc_ring_issue(&r, 1);
	assert_int_equal(zc_ring_complete(&r, 1, 3), 0);
	assert_false(zc_ring_slot_free(&r, 0));
	assert_true(zc_ring_slot_free(&r, 1));
	assert_int_equal(zc_ring_complete(&r, 0, 0), 0);
	assert_true(zc_ring_slot_free(&r, 0));
	zc_ring_free(&r);
}

static void wraps_at_2_32(void **state)
{
	struct zc_ring r;
	unsigned int i;

	(void)state;
	zc_ring_init(&r, 4, UINT32_MAX - 1);
	for (i = 0; i < 4; i++)
		zc_ring_issue(&r, i); /* 2^32-2, 2^32-1, 0, 1 */
	assert_int_equal(zc_ring_complete(&r, 1, 1), 0);
	assert_int_equal(zc_ring_complete(&r, UINT32_MAX, 0), 0);
	assert_true(zc_ring_slot_free(&r, 1));
	assert_true(zc_ring_slot_free(&r, 2));
	assert_false(zc_ring_slot_free(&r, 0));
	assert_int_equal(zc_ring_complete(&r, 2, 2), -ERANGE);
	assert_int_equal(zc_ring_complete(&r, UINT32_MAX - 1, UINT32_MAX - 1), 0);
	assert_int_equal(r.head, 2);
	assert_int_equal(zc_ring_in_flight(&r), 0);
	zc_ring_free(&r);
}

static void refuses_the_impossible(void **state)
{
	struct zc_ring r, before;

	(void)state;
	zc_ring_init(&r, 4, 0);
	assert_int_equal(zc_ring_complete(&r, 0, 0), -ERANGE); /* nothing issued */
	zc_ring_issue(&r, 0);
	zc_ring_issue(&r, 1);
	zc_ring_issue(&r, 2);
	assert_int_equal(zc_ring_complete(&r, 1, 1), 0);
	before = r;
	assert_int_equal(zc_ring_complete(&r, 1, 1), -EALREADY);
	assert_int_equal(zc_ring_complete(&r, 0, 2), -EALREADY); /* overlaps a done one */
	assert_int_equal(zc_ring_complete(&r, 2, 3), -ERANGE);	/* 3 was never issued */
	assert_int_equal(zc_ring_complete(&r, 2, 0), -ERANGE);	/* backwards */
	assert_memory_equal(&r, &before, sizeof(r));
	assert_false(zc_ring_slot_free(&r, 0));
	assert_false(zc_ring_slot_free(&r, 2));
	assert_int_equal(zc_ring_complete(&r, 0, 0), 0);
	assert_int_equal(zc_ring_complete(&r, 0, 0), -ERANGE); /* retired */
	zc_ring_free(&r);
}

/* More ids in flight than the first window holds, around the wrap, completed from the far end. */
static void window_grows(void **state)
{
	const uint32_t first = UINT32_MAX - 300, n = 1000;
	struct zc_ring r;
	uint32_t i;

	(void)state;
	zc_ring_init(&r, 3, first);
	zc_ring_issue(&r, 0); /* head not at the window's start when it grows */
	assert_int_equal(zc_ring_complete(&r, first, first), 0);
	for (i = 1; i <= n; i++)
		zc_ring_issue(&r, i % 3);
	for (i = n; i > 1; i--)
		assert_int_equal(zc_ring_complete(&r, first + i, first + i), 0);
	assert_true(zc_ring_slot_free(&r, 0));
	assert_false(zc_ring_slot_free(&r, 1));
	assert_true(zc_ring_slot_free(&r, 2));
	assert_int_equal(zc_ring_complete(&r, first + 1, first + 1), 0);
	assert_true(zc_ring_slot_free(&r, 1));
	assert_int_equal(r.issued, n + 1);
	assert_int_equal(r.completed, n + 1);
	zc_ring_free(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_order),	 cmocka_unit_test(out_of_order_ranges),
		cmocka_unit_test(partial_sends), cmocka_unit_test(wraps_at_2_32),
		cmocka_unit_test(window_grows),	 cmocka_unit_test(refuses_the_impossible),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
