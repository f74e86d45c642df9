// SPDX-License-Identifier: GPL-2.0-only
/* Results: written, read back, and refused when malformed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "workload/account.h"

static struct metric_value v[METRIC_MAX_];

static int parse(const char *line, enum role role, struct hist **latency, char **error)
{
	json_t *o = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
	int err;

	memset(v, 0, sizeof(v));
	err = workload_result_read(o, role, v, latency, error);
	json_decref(o);
	return err;
}

static const struct rusage before;

static char *written(const struct account *a, const struct result_info *info)
{
	json_t *o = account_to_json(a, info);
	char *line = json_dumps(o, JSON_COMPACT);

	json_decref(o);
	return line;
}

static void server_round_trip(void **state)
{
	struct workload_options common = {.size_bytes = 65536};
	struct result_info info = {
		.role = ROLE_SERVER, .common = &common, .mode = send_mode_find("A3"), .threads = 4,
		.before = &before};
	struct account *a = xcalloc(1, sizeof(*a));
	struct hist *latency;
	char *line, *error;

	(void)state;
	*a = (struct account){.bytes = 1000,
			      .messages = 3,
			      .calls = 4,
			      .zc_ids_issued = 4,
			      .start_ns = 500,
			      .end_ns = 1500};
	line = written(a, &info);
	assert_int_equal(parse(line, ROLE_SERVER, &latency, &error), 0);
	assert_null(latency);
	assert_null(error);
	assert_int_equal(v[M_APP_BYTES].value, 1000);
	assert_string_equal(v[M_APP_BYTES].via, "workload");
	assert_int_equal(v[M_ELAPSED_NS].value, 1000);
	assert_float_equal(v[M_THROUGHPUT_GBPS].value, 8.0, 1e-9);
	assert_int_equal(v[M_ZC_IDS_ISSUED].value, 4);
	assert_true(value_known(&v[M_FLATTEN_BYTES]));
	assert_int_equal(v[M_FLATTEN_BYTES].value, 0);
	/* Not of this role, pattern or option: absent, not 0. */
	assert_false(value_known(&v[M_APP_REVERSE_BYTES]));
	assert_false(value_known(&v[M_VERIFY_ERRORS]));
	assert_false(value_known(&v[M_LATENCY_AVG_US]));
	free(line);
	info.mode = send_mode_find("A1");
	line = written(a, &info);
	assert_int_equal(parse(line, ROLE_SERVER, &latency, &error), 0);
	assert_false(value_known(&v[M_ZC_IDS_ISSUED]));
	free(line);
	free(a);
}

static void client_round_trip(void **state)
{
	struct workload_options common = {.size_bytes = 1, .verify = true, .pattern = PATTERN_RR};
	struct result_info info = {.role = ROLE_CLIENT, .common = &common, .before = &before, .error = "broken"};
	struct account *a = xcalloc(1, sizeof(*a));
	struct hist *latency;
	char *line, *error;

	(void)state;
	hist_record(&a->latency, 2000);
	hist_record(&a->latency, 4000);
	a->bytes = 2;
	line = written(a, &info);
	assert_int_equal(parse(line, ROLE_CLIENT, &latency, &error), 0);
	assert_string_equal(error, "broken");
	assert_int_equal(latency->total, 2);
	assert_float_equal(v[M_LATENCY_AVG_US].value, 3.0, 1e-9);
	assert_float_equal(v[M_LATENCY_P50_US].value, 2.0, 0.04);
	assert_float_equal(v[M_LATENCY_MAX_US].value, 4.0, 1e-9);
	assert_true(value_known(&v[M_VERIFY_ERRORS]));
	assert_true(value_known(&v[M_APP_REVERSE_BYTES]));
	/* No byte was timed: no window, no throughput. */
	assert_false(value_known(&v[M_ELAPSED_NS]));
	assert_false(value_known(&v[M_THROUGHPUT_GBPS]));
	assert_false(value_known(&v[M_ZC_IDS_ISSUED]));
	free(latency);
	free(error);
	free(line);
	free(a);
}

static void malformed_is_refused(void **state)
{
	static const char *const lines[] = {
		"",
		"{",
		"[]",
		"{}",
		"{\"role\":\"server\"}",
		"{\"role\":\"client\",\"bytes\":1}",
		"{\"role\":\"server\",\"bytes\":-1}",
		"{\"role\":\"server\",\"bytes\":1.5}",
		"{\"role\":\"server\",\"bytes\":\"1\"}",
		"{\"role\":\"server\",\"bytes\":1,\"bytes\":2}",
		"{\"role\":\"server\",\"bytes\":1,\"messages\":null}",
		"{\"role\":\"server\",\"bytes\":1,\"error\":7}",
		"{\"role\":\"server\",\"bytes\":1,\"latency\":{}}",
		"{\"role\":\"server\",\"bytes\":99999999999999999999}",
	};
	struct hist *latency = (void *)1;
	char *error = (void *)1;
	size_t i, j;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(lines); i++) {
		assert_int_equal(parse(lines[i], ROLE_SERVER, &latency, &error), -EINVAL);
		assert_ptr_equal(latency, (void *)1);
		assert_ptr_equal(error, (void *)1);
		for (j = 0; j < METRIC_MAX_; j++)
			assert_false(value_known(&v[j]));
	}
}

static void accounts_add_up(void **state)
{
	struct account *sum = xcalloc(1, sizeof(*sum)), *a = xcalloc(1, sizeof(*a));

	(void)state;
	*a = (struct account){.bytes = 5, .calls = 1, .start_ns = 200, .end_ns = 300};
	account_add(sum, a);
	*a = (struct account){.bytes = 6, .calls = 2, .start_ns = 100, .end_ns = 250};
	account_add(sum, a);
	*a = (struct account){0}; /* a thread that moved nothing has no times */
	account_add(sum, a);
	assert_int_equal(sum->bytes, 11);
	assert_int_equal(sum->calls, 3);
	assert_int_equal(sum->start_ns, 100);
	assert_int_equal(sum->end_ns, 300);
	free(sum);
	free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(server_round_trip),
		cmocka_unit_test(client_round_trip),
		cmocka_unit_test(malformed_is_refused),
		cmocka_unit_test(accounts_add_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
