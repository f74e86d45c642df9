// SPDX-License-Identifier: GPL-2.0-only
/* The histogram: exact where it promises to be, within 1/64 elsewhere, addable. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "core/hist.h"

static struct hist *new_hist(void)
{
	return xcalloc(1, sizeof(struct hist));
}

static void buckets_tile_the_range(void **state)
{
	unsigned int i;

	(void)state;
	assert_int_equal(hist_bucket_low(0), 0);
	for (i = 0; i + 1 < HIST_BUCKETS; i++)
		assert_true(hist_bucket_high(i) + 1 == hist_bucket_low(i + 1));
	assert_true(hist_bucket_high(HIST_BUCKETS - 1) == UINT64_MAX);
}

static void index_is_inverse_of_edges(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i < HIST_BUCKETS; i++) {
		assert_int_equal(hist_index(hist_bucket_low(i)), i);
		assert_int_equal(hist_index(hist_bucket_high(i)), i);
		if (i >= HIST_SUB)
			assert_true((hist_bucket_high(i) - hist_bucket_low(i) + 1) * HIST_SUB <=
				    hist_bucket_low(i));
	}
}

static void percentiles(void **state)
{
	_cleanup_free_ struct hist *h = new_hist();
	uint64_t v;

	(void)state;
	assert_int_equal(hist_percentile(h, 50), 0);
	for (v = 1; v <= 1000; v++)
		hist_record(h, v * 1000);
	assert_int_equal(h->total, 1000);
	assert_int_equal(h->min, 1000);
	assert_int_equal(h->max, 1000000);
	assert_in_range(hist_percentile(h, 50), 500000, 500000 * 65 / 64);
	assert_in_range(hist_percentile(h, 99), 990000, 990000 * 65 / 64);
	assert_int_equal(hist_percentile(h, 100), 1000000);
	assert_in_range(hist_percentile(h, 0.0001), 1000, 1016);
}

static void addition_is_recording_both(void **state)
{
	_cleanup_free_ struct hist *a = new_hist(), *b = new_hist(), *both = new_hist();
	_cleanup_free_ struct hist *empty = new_hist();
	uint64_t v;

	(void)state;
	for (v = 1; v < 100000; v += 37) {
		hist_record(v % 2 ? a : b, v);
		hist_record(both, v);
	}
	hist_add(a, b);
	assert_memory_equal(a, both, sizeof(*a));
	hist_add(a, empty); /* changes nothing, the minimum included */
	assert_memory_equal(a, both, sizeof(*a));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(buckets_tile_the_range),
		cmocka_unit_test(index_is_inverse_of_edges),
		cmocka_unit_test(percentiles),
		cmocka_unit_test(addition_is_recording_both),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
