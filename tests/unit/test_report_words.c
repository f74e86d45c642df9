// SPDX-License-Identifier: GPL-2.0-only
/* What the report says, as Markdown: by which tier which passes were observed, and what is only a bound. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "analysis/claims.h"
#include "core/result_json.h"
#include "rendered.h"
#include "result_fixture.h"

static void add_probe(struct run_set *set, const char *quantity, enum tier tier, unsigned int series)
{
	array_grow(set->probe, set->probe_cnt, set->probe_cap);
	set->probe[set->probe_cnt++] = (struct probe_note){
		.quantity = run_set_str(set, quantity), .tier = tier, .via = "f", .series = series};
}

/* The last attribution pass in the order of the run. */
static struct run_result *last_pass(struct run_set *set)
{
	size_t i = set->result_cnt;

	while (set->result[--i].key.pass != PASS_ATTRIBUTION)
		;
	return &set->result[i];
}

static void a_change_of_tier_is_told_of_the_passes_it_is_true_of(void **state)
{
	struct run_set *set = fixture_make(FIXTURE_ONE_REPETITION);
	_cleanup_free_ char *one = NULL, *both = NULL, *retaken = NULL;
	const char *first, *second;
	size_t i;

	(void)state;
	set->probe_cnt = 0;
	add_probe(set, "send", TIER_FENTRY, 0);
	one = rendered(set, "md", "report.md");
	assert_non_null(strstr(one, "*How each quantity was observed*"));

	add_probe(set, "send", TIER_KPROBE, 1);
	last_pass(set)->series = 1;
	both = rendered(set, "md", "report.md");
	first = strstr(both, "*How each quantity was observed in 11 of 12 attribution passes, from A1 16 KiB x 1, "
			     "repetition 1 to ");
	second = strstr(both, "*How each quantity was observed in 1 of 12 attribution passes, from A3 64 KiB x 4, "
			      "repetition 1 to A3 64 KiB x 4, repetition 1*");
	assert_true(first && second && first < second);
	assert_true(strstr(first, "| fentry |") < second);
	assert_non_null(strstr(second, "| kprobe |"));

	/* all were taken again: there is but one way */
	for (i = 0; i < set->result_cnt; i++)
		set->result[i].series = set->result[i].key.pass == PASS_ATTRIBUTION;
	retaken = rendered(set, "md", "report.md");
	assert_non_null(strstr(retaken, "*How each quantity was observed*"));
	assert_null(strstr(retaken, "| fentry |"));
	run_set_free(&set);
}

static void the_series_is_in_the_file_where_it_is_not_the_first(void **state)
{
	struct run_set *set = fixture_make(FIXTURE_ONE_REPETITION), *again = NULL;
	char path[] = "/tmp/copyscope-words-XXXXXX";
	_cleanup_free_ char *text = NULL;
	FILE *f = fdopen(mkstemp(path), "w");

	(void)state;
	add_probe(set, "send", TIER_KPROBE, 1);
	last_pass(set)->series = 1;
	text = rendered(set, "json", "results.json");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	assert_int_equal(run_set_read_json(path, &again), 0);
	unlink(path);
	assert_int_equal(last_pass(again)->series, 1);
	assert_int_equal(again->result[0].series, 0);
	assert_int_equal(run_set_series(again), 1);
	assert_int_equal(again->probe[0].series, 0);
	run_set_free(&set);
	run_set_free(&again);
}

/* The attribution passes of the zero-copy mode: by reference so much of what was sent, copied so much of it
 * although not on every completion; both as bounds.
 */
static void lossy(struct run_set *set, double asked, enum bound asked_bound, double copied,
		  enum bound copied_bound)
{
	static const struct reason skipped = {.code = REASON_SKIPPED_RUNS, .detail = "7"};
	size_t i;

	for (i = 0; i < set->result_cnt; i++) {
		struct metric_value *v = set->result[i].v[OWNER_SERVER];
		double sent = v[M_APP_BYTES].value;

		if (strcmp(set->result[i].key.mode, "A3") || set->result[i].key.pass != PASS_ATTRIBUTION)
			continue;
		set->result[i].copy_cnt = 0;
		v[M_ZEROCOPY_BYTES] = value_ok(sent * asked, "fentry");
		v[M_COPY_UBUFS_BYTES] = value_ok(sent * copied, "fentry");
		if (asked_bound)
			value_make_bound(&v[M_ZEROCOPY_BYTES], asked_bound, &skipped);
		if (copied_bound)
			value_make_bound(&v[M_COPY_UBUFS_BYTES], copied_bound, &skipped);
		v[M_GSO_COPY_BYTES] = v[M_OTHER_COPY_BYTES] = value_ok(0, "fentry");
		v[M_RETRANSMIT_BYTES] = value_ok(0, "fentry");
		v[M_TCP_RETRANSMIT_BYTES] = value_ok(0, "TCP_INFO");
		v[M_COMPLETION_COPIED_IDS].value = 0;
	}
}

static enum claim_state no_copy_claim(const struct run_set *set, const struct verdict *v)
{
	_cleanup_free_ struct claim_finding *findings = claims_test(set, v);

	return findings[0].state;
}

/* 3.67 times what was seen to be sent was copied: what was sent is a lower bound, so it proves nothing. */
static void more_than_a_lower_bound_is_no_surplus(void **state)
{
	struct run_set *set = fixture_make(FIXTURE_ONE_REPETITION);
	_cleanup_free_ char *text = NULL;
	struct verdict v;

	(void)state;
	lossy(set, 0.27, BOUND_LOWER, 0.99, BOUND_NONE);
	verdict_build(set, &v);
	assert_int_equal(v.zerocopy[0].state, ZC_PARTLY);
	assert_int_equal(v.zerocopy[0].ratio_bound, BOUND_UPPER);
	assert_true(v.zerocopy[0].surplus_bytes == 0 && v.zerocopy[0].unexplained_bytes == 0);
	assert_int_equal(no_copy_claim(set, &v), CLAIM_UNDECIDED);
	assert_int_equal(v.ledger.by_state[LEDGER_OFF], 0);
	assert_true(v.ledger.by_state[LEDGER_UNCHECKED] > 0);
	verdict_free(&v);
	text = rendered(set, "md", "report.md");
	assert_non_null(strstr(text, "of at least "));
	assert_null(strstr(text, "More copied than sent"));
	assert_null(strstr(text, "367"));
	run_set_free(&set);
}

static void the_ledger_tells_a_bound_from_a_fault(void **state)
{
	struct run_set *set = fixture_make(FIXTURE_ONE_REPETITION);
	struct verdict v;

	(void)state;
	/* at least this much was sent by reference, and it is more than was sent at all */
	lossy(set, 1.5, BOUND_LOWER, 0, BOUND_NONE);
	verdict_build(set, &v);
	assert_true(v.ledger.by_state[LEDGER_OFF] > 0);
	verdict_free(&v);
	lossy(set, 0.5, BOUND_UPPER, 0, BOUND_NONE);
	verdict_build(set, &v);
	assert_true(v.ledger.by_state[LEDGER_OFF] > 0);
	verdict_free(&v);
	run_set_free(&set);
}

static void a_bound_is_printed_as_one_everywhere(void **state)
{
	struct run_set *set = fixture_make(FIXTURE_ONE_REPETITION);
	_cleanup_free_ char *md = NULL, *csv = NULL, *om = NULL;

	(void)state;
	lossy(set, 1, BOUND_NONE, 0.909, BOUND_LOWER);
	md = rendered(set, "md", "report.md");
	assert_non_null(strstr(md, "| at least 1.909 |"));
	assert_null(strstr(md, "| 1.909 |"));
	assert_non_null(strstr(md, "the kernel copied at least "));
	csv = rendered(set, "csv", "results.csv");
	assert_non_null(strstr(csv, "server_copy_ubufs_bytes>="));
	om = rendered(set, "openmetrics", "metrics.om");
	assert_non_null(strstr(strstr(om, "\ncopyscope_copy_ubufs_bytes{mode=\"A3\""), ",bound=\"lower\"} "));
	run_set_free(&set);
}

/* What the sum is divided by may be the bound. */
static void a_ratio_turns_the_bound_around(void **state)
{
	struct run_set *set = fixture_make(FIXTURE_ONE_REPETITION);
	const struct metric_value *copies = &last_pass(set)->v[OWNER_CELL][M_COPIES_PER_BYTE];
	struct metric_value *v = last_pass(set)->v[OWNER_CLIENT];

	(void)state;
	lossy(set, 1, BOUND_NONE, 0.5, BOUND_NONE);
	value_make_bound(&v[M_APP_BYTES], BOUND_LOWER, NULL);
	run_set_derive(set);
	assert_int_equal(copies->bound, BOUND_UPPER);
	/* too small over too small is nothing to keep */
	lossy(set, 1, BOUND_NONE, 0.5, BOUND_LOWER);
	run_set_derive(set);
	assert_int_equal(copies->status, VALUE_UNSUPPORTED);
	run_set_free(&set);
}

/* Only if there were any. */
static void who_made_the_sends_is_told(void **state)
{
	struct run_set *set = fixture_make(FIXTURE_ONE_REPETITION);
	struct metric_value *v = last_pass(set)->v[OWNER_SERVER];
	_cleanup_free_ char *none = rendered(set, "md", "report.md"), *some = NULL, *csv = NULL;

	(void)state;
	assert_null(strstr(none, "io_uring"));
	v[M_SENT_BY_SQPOLL_BYTES] = value_ok(1024 * 1024, "tp");
	v[M_SENT_BY_SQPOLL_CALLS] = value_ok(16, "tp");
	value_make_bound(&v[M_SENT_BY_SQPOLL_BYTES], BOUND_LOWER, NULL);
	v[M_SENT_BY_IOWQ_BYTES] = v[M_SENT_BY_IOWQ_CALLS] = value_ok(0, "tp");
	some = rendered(set, "md", "report.md");
	assert_non_null(strstr(some, "at least 1.00 MiB went in 16 sends made by a thread that polls its io_uring (SQPOLL), in "
				     "the sender's own process"));
	assert_null(strstr(some, "io-wq"));
	csv = rendered(set, "csv", "results.csv");
	assert_non_null(strstr(csv, "server_sent_by_sqpoll_bytes"));
	run_set_free(&set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_change_of_tier_is_told_of_the_passes_it_is_true_of),
		cmocka_unit_test(the_series_is_in_the_file_where_it_is_not_the_first),
		cmocka_unit_test(more_than_a_lower_bound_is_no_surplus),
		cmocka_unit_test(the_ledger_tells_a_bound_from_a_fault),
		cmocka_unit_test(a_bound_is_printed_as_one_everywhere),
		cmocka_unit_test(a_ratio_turns_the_bound_around),
		cmocka_unit_test(who_made_the_sends_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
