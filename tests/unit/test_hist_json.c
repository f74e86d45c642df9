// SPDX-License-Identifier: GPL-2.0-only
/* Histograms in JSON: exact round trip; nothing inconsistent is let in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <errno.h>

#include "core/hist_json.h"

static int parse(const char *text, struct hist **h)
{
	json_t *o = json_loads(text, 0, NULL);
	int err;

	assert_non_null(o);
	err = hist_from_json(o, h);
	json_decref(o);
	return err;
}

static void assert_round_trip(const struct hist *h)
{
	json_t *o = hist_to_json(h);
	struct hist *back = NULL;

	assert_non_null(o);
	assert_int_equal(hist_from_json(o, &back), 0);
	assert_memory_equal(h, back, sizeof(*h));
	free(back);
	json_decref(o);
}

static void round_trip(void **state)
{
	struct hist *h = xcalloc(1, sizeof(*h));
	uint64_t v;

	(void)state;
	assert_round_trip(h);
	hist_record(h, 0);
	assert_round_trip(h);
	for (v = 1; v < 1ULL << 50; v = v * 3 + 1)
		hist_record(h, v);
	assert_round_trip(h);
	free(h);
}

static void inconsistent_is_refused(void **state)
{
	static const char *const bad[] = {
		"[]",
		"{}",
		"{\"total\":1,\"sum\":5,\"min\":5,\"max\":5}",
		"{\"total\":2,\"sum\":5,\"min\":5,\"max\":5,\"buckets\":[[5,1]]}",
		"{\"total\":1,\"sum\":6,\"min\":5,\"max\":5,\"buckets\":[[5,1]]}",
		"{\"total\":1,\"sum\":5,\"min\":4,\"max\":5,\"buckets\":[[5,1]]}",
		"{\"total\":1,\"sum\":5,\"min\":5,\"max\":6,\"buckets\":[[5,1]]}",
		"{\"total\":1,\"sum\":5,\"min\":5,\"max\":5,\"buckets\":[[5,1],[5,0]]}",
		"{\"total\":2,\"sum\":10,\"min\":5,\"max\":5,\"buckets\":[[5,1],[5,1]]}",
		"{\"total\":2,\"sum\":9,\"min\":4,\"max\":5,\"buckets\":[[5,1],[4,1]]}",
		"{\"total\":1,\"sum\":5,\"min\":5,\"max\":5,\"buckets\":[[999999,1]]}",
		"{\"total\":1,\"sum\":5,\"min\":5,\"max\":5,\"buckets\":[[-1,1]]}",
		"{\"total\":1,\"sum\":5,\"min\":5,\"max\":5,\"buckets\":[[5,-1]]}",
		"{\"total\":1,\"sum\":5,\"min\":5,\"max\":5,\"buckets\":[5,1]}",
		"{\"total\":1.0,\"sum\":5,\"min\":5,\"max\":5,\"buckets\":[[5,1]]}",
		"{\"total\":0,\"sum\":0,\"min\":0,\"max\":7,\"buckets\":[]}",
	};
	struct hist *h = NULL;
	size_t i;

	(void)state;
	assert_int_equal(
		parse("{\"total\":1,\"sum\":5,\"min\":5,\"max\":5,\"buckets\":[[5,1]]}", &h), 0);
	free(h);
	h = NULL;
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_int_equal(parse(bad[i], &h), -EINVAL);
		assert_null(h);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trip),
		cmocka_unit_test(inconsistent_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
