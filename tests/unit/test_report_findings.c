// SPDX-License-Identifier: GPL-2.0-only
/* Ledger and verdict as data. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "analysis/verdict.h"
#include "result_fixture.h"

static void a_sound_run_balances(void **state)
{
	struct run_set *set = fixture_make(0);
	struct ledger ledger;

	(void)state;
	ledger_build(set, &ledger);
	assert_int_equal(ledger.by_state[LEDGER_OFF], 0);
	assert_int_equal(ledger.by_state[LEDGER_UNCHECKED], 0);
	assert_int_equal(ledger.by_state[LEDGER_BALANCED], ledger_checks_made(&ledger));
	assert_int_equal(ledger.cells, set->result_cnt);
	ledger_free(&ledger);
	run_set_free(&set);
}

static void one_missing_byte_is_found(void **state)
{
	struct run_set *set = fixture_make(FIXTURE_OFF_BY_ONE);
	struct ledger ledger;
	size_t i, off = 0;

	(void)state;
	ledger_build(set, &ledger);
	for (i = 0; i < ledger.cnt; i++) {
		if (ledger.line[i].state != LEDGER_OFF)
			continue;
		assert_true(ledger.line[i].difference == -1);
		assert_int_equal(ledger.line[i].missing, M_MAPPED_BYTES);
		assert_int_equal(ledger.line[i].result->key.repetition, 2);
		off++;
	}
	assert_int_equal(off, 1);
	ledger_free(&ledger);
	run_set_free(&set);
}

static const struct ledger_line *line_of(const struct ledger *ledger, const char *title, const char *mode)
{
	size_t i;

	for (i = 0; i < ledger->cnt; i++)
		if (!strcmp(ledger->line[i].check->title, title) &&
		    !strcmp(ledger->line[i].result->key.mode, mode) &&
		    ledger->line[i].result->key.pass == PASS_ATTRIBUTION)
			return &ledger->line[i];
	return NULL;
}

/* After a change of the set. */
static void rebuild(struct run_set *set, struct ledger *ledger)
{
	ledger_free(ledger);
	ledger_build(set, ledger);
}

/* On the tracepoint tier one event counts what was sent and what was sent each way, and the application's ring
 * completes what it issued: equal by construction.
 */
static void what_one_observer_counts_twice_does_not_count(void **state)
{
	struct run_set *set = fixture_make(FIXTURE_ONE_REPETITION);
	struct ledger ledger = {0};
	size_t i, a3 = 0, attribution = 0;

	(void)state;
	for (i = 0; i < set->result_cnt; i++) {
		a3 += !strcmp(set->result[i].key.mode, "A3");
		attribution += set->result[i].key.pass == PASS_ATTRIBUTION;
	}
	rebuild(set, &ledger);
	assert_int_equal(ledger.by_state[LEDGER_ONE_OBSERVER], attribution + a3);
	assert_int_equal(ledger_checks_made(&ledger) + attribution + a3, ledger.cnt);
	assert_int_equal(line_of(&ledger, "sent", "A1")->state, LEDGER_ONE_OBSERVER);
	assert_int_equal(line_of(&ledger, "received", "A1")->state, LEDGER_BALANCED);
	assert_int_equal(line_of(&ledger, "zero-copy ids issued = completed (application)", "A3")->state,
			 LEDGER_ONE_OBSERVER);
	/* server and client both say it of themselves, and are two */
	assert_int_equal(line_of(&ledger, "sent (server application) = received (client application)",
				 "A1")->state, LEDGER_BALANCED);

	/* the bytes that were copied have a witness of their own, those that were not have none */
	for (i = 0; i < set->result_cnt; i++)
		set->result[i].v[OWNER_SERVER][M_USER_TO_KERNEL_BYTES].via = "fentry:__check_object_size";
	rebuild(set, &ledger);
	assert_int_equal(line_of(&ledger, "sent", "A1")->state, LEDGER_BALANCED);
	assert_int_equal(line_of(&ledger, "sent", "A3")->state, LEDGER_ONE_OBSERVER);

	/* a difference is one whoever counted */
	for (i = 0; i < set->result_cnt; i++)
		set->result[i].v[OWNER_SERVER][M_ZEROCOPY_BYTES].value /= 2;
	rebuild(set, &ledger);
	assert_int_equal(line_of(&ledger, "sent", "A3")->state, LEDGER_OFF);
	ledger_free(&ledger);
	run_set_free(&set);
}

static void calls_and_zerocopy_sends_are_held_against_the_application(void **state)
{
	static const struct {
		const char *title;
		unsigned int owner;
		enum metric_id kernel;
	} rows[] = {
		{"send calls (kernel) = (application)", OWNER_SERVER, M_SENT_CALLS},
		{"receive calls (kernel) = (application)", OWNER_CLIENT, M_RECEIVED_CALLS},
		{"zero-copy sends (kernel) = ids issued (application)", OWNER_SERVER, M_ZEROCOPY_SENDS},
	};
	struct run_set *set = fixture_make(FIXTURE_ONE_REPETITION);
	struct ledger ledger = {0};
	size_t i, j;

	(void)state;
	rebuild(set, &ledger);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(line_of(&ledger, rows[i].title, "A3")->state, LEDGER_BALANCED);
		for (j = 0; j < set->result_cnt; j++)
			set->result[j].v[rows[i].owner][rows[i].kernel].value--;
	}
	rebuild(set, &ledger);
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(line_of(&ledger, rows[i].title, "A3")->state, LEDGER_OFF);
	assert_null(line_of(&ledger, rows[2].title, "A1"));

	/* a route without scatter-gather: ids are taken, and all is copied */
	for (j = 0; j < set->result_cnt; j++) {
		struct metric_value *v = set->result[j].v[OWNER_SERVER];

		v[M_USER_TO_KERNEL_BYTES] = v[M_SENT_BYTES];
		v[M_ZEROCOPY_BYTES].value = v[M_ZEROCOPY_SENDS].value = 0;
	}
	rebuild(set, &ledger);
	assert_null(line_of(&ledger, rows[2].title, "A3"));
	ledger_free(&ledger);
	run_set_free(&set);
}

static void an_unmeasured_side_is_no_balance(void **state)
{
	static const struct reason why = {.detail = "why"};
	struct run_set *set = fixture_make(FIXTURE_ONE_REPETITION);
	struct ledger ledger;
	size_t i;

	(void)state;
	for (i = 0; i < set->result_cnt; i++)
		set->result[i].v[OWNER_SERVER][M_SENT_BYTES] = value_unsupported(&why);
	ledger_build(set, &ledger);
	assert_true(ledger.by_state[LEDGER_UNCHECKED] > 0);
	for (i = 0; i < ledger.cnt; i++)
		if (ledger.line[i].state == LEDGER_UNCHECKED)
			assert_ptr_equal(ledger.line[i].reason, &why);
	ledger_free(&ledger);
	run_set_free(&set);
}

static const struct contest *contest(const struct contests *all, uint64_t size, unsigned int threads)
{
	size_t i;

	for (i = 0; i < all->cnt; i++)
		if (all->contest[i].size_bytes == size && all->contest[i].threads == threads)
			return &all->contest[i];
	fail();
	return NULL;
}

static void winners_follow_the_data(void **state)
{
	struct run_set *set = fixture_make(FIXTURE_MANY);
	struct verdict v;
	size_t i;

	(void)state;
	verdict_build(set, &v);
	assert_int_equal(contest(&v.throughput, 64 * KIB, 4)->state, CONTEST_WON);
	assert_int_equal(contest(&v.throughput, 64 * KIB, 4)->best, 1);
	assert_true(contest(&v.throughput, 64 * KIB, 4)->ratio.low > 1);
	assert_int_equal(contest(&v.throughput, MIB, 4)->best, 2);
	assert_int_equal(contest(&v.throughput, 16 * KIB, 1)->state, CONTEST_UNDECIDED);
	assert_true(contest(&v.throughput, 16 * KIB, 1)->need > 12);
	/* less is better */
	assert_int_equal(contest(&v.cpu, 64 * KIB, 4)->best, 1);
	assert_true(contest(&v.cpu, 64 * KIB, 4)->ratio.ratio > 1);
	for (i = 0; i < v.cpu.overall_cnt; i++)
		assert_true(v.cpu.overall[i].ratio.ratio > 1 && v.cpu.overall[i].ratio.n == 8);
	assert_int_equal(v.cpu.overall[0].a, 1);
	verdict_free(&v);
	/* all of it lies within half */
	set->plan.margin_percent = 50;
	verdict_build(set, &v);
	assert_int_equal(v.throughput.by_state[CONTEST_WON], 0);
	assert_int_equal(contest(&v.throughput, 64 * KIB, 4)->state, CONTEST_EQUAL);
	assert_int_equal(contest(&v.throughput, 64 * KIB, 4)->need, 0);
	verdict_free(&v);
	run_set_free(&set);
}

static void one_repetition_wins_nothing(void **state)
{
	struct run_set *set = fixture_make(FIXTURE_ONE_REPETITION);
	struct verdict v;

	(void)state;
	verdict_build(set, &v);
	assert_int_equal(v.throughput.by_state[CONTEST_WON], 0);
	assert_int_equal(v.throughput.by_state[CONTEST_LEADS], 0);
	assert_int_equal(v.throughput.by_state[CONTEST_UNDECIDED], v.throughput.cnt);
	assert_int_equal(v.throughput.need, PAIRS_MIN);
	verdict_free(&v);
	run_set_free(&set);
}

/* The best in each of n repetitions by chance: 1 of 9 cells of three, 1 of 27 of four repetitions. */
static void who_is_always_best_leads_from_four_on(void **state)
{
	struct run_set *set = fixture_make(FIXTURE_MANY);
	unsigned int most;
	struct verdict v;
	size_t i;

	(void)state;
	for (most = 4; most >= 3; most--) {
		for (i = 0; i < set->result_cnt; i++)
			if (set->result[i].key.repetition > most)
				set->result[i].status = RESULT_SKIPPED;
		verdict_build(set, &v);
		assert_int_equal(contest(&v.throughput, 64 * KIB, 4)->state,
				 most == 4 ? CONTEST_LEADS : CONTEST_UNDECIDED);
		assert_int_equal(v.throughput.by_state[CONTEST_WON], 0);
		assert_int_equal(contest(&v.throughput, 64 * KIB, 4)->need, PAIRS_MIN);
		verdict_free(&v);
	}
	run_set_free(&set);
}

static void a_cell_whose_ledger_is_off_is_not_compared(void **state)
{
	struct run_set *set = fixture_make(FIXTURE_OFF_BY_ONE);
	struct verdict v;

	(void)state;
	verdict_build(set, &v);
	assert_int_equal(contest(&v.cpu, 64 * KIB, 4)->state, CONTEST_NOT_COMPARABLE);
	assert_int_equal(v.cpu.by_state[CONTEST_NOT_COMPARABLE], 1);
	verdict_free(&v);
	run_set_free(&set);
}

/* A cost that is at least so much is no cost that is less than another's. */
static void a_bound_does_not_win(void **state)
{
	struct run_set *set = fixture_make(FIXTURE_MANY);
	struct verdict v;
	size_t i;

	(void)state;
	for (i = 0; i < set->result_cnt; i++)
		if (!strcmp(set->result[i].key.mode, "A2"))
			set->result[i].v[OWNER_CELL][M_CPU_NS_PER_BYTE].bound = BOUND_LOWER;
	verdict_build(set, &v);
	assert_int_equal(contest(&v.cpu, 64 * KIB, 4)->best, 1);
	assert_int_equal(contest(&v.cpu, 64 * KIB, 4)->state, CONTEST_LEADS);
	verdict_free(&v);
	run_set_free(&set);
}

static void zerocopy_truth_is_told(void **state)
{
	struct run_set *set = fixture_make(FIXTURE_MANY);
	struct verdict v;
	size_t i;

	(void)state;
	verdict_build(set, &v);
	assert_int_equal(v.zerocopy_cnt, 1);
	assert_int_equal(v.zerocopy[0].mode, 2);
	assert_true(v.zerocopy[0].ratio == 1);
	assert_true(v.zerocopy[0].ids == v.zerocopy[0].copied_ids && v.zerocopy[0].ids > 0);
	assert_false(v.zerocopy[0].unflagged_known);
	for (i = 0; i < v.payoff_cnt; i++) {
		assert_int_equal(v.payoff[i].sizes, 4);
		if (v.payoff[i].metric == M_THROUGHPUT_GBPS)
			assert_int_equal(v.payoff[i].from_bytes, MIB);
		else
			assert_int_equal(v.payoff[i].from_bytes, 0);
	}
	assert_int_equal(v.payoff_cnt, 4);
	verdict_free(&v);
	run_set_free(&set);
}

/* Sent as pages of a file: what was asked for are those, and no completion tells. */
static void spliced_pages_are_asked_for_too(void **state)
{
	struct run_set *set = fixture_make(FIXTURE_MANY);
	double sent = 0;
	struct verdict v;
	size_t i;

	(void)state;
	set->plan.mode[2].traits = (struct mode_traits){.way = WAY_SPLICE, .buffers = BUFFERS_FILE};
	for (i = 0; i < set->result_cnt; i++) {
		struct metric_value *m = set->result[i].v[OWNER_SERVER];

		if (strcmp(set->result[i].key.mode, "A3") || set->result[i].key.pass != PASS_ATTRIBUTION)
			continue;
		m[M_SPLICED_BYTES] = m[M_ZEROCOPY_BYTES];
		sent += m[M_SPLICED_BYTES].value;
		m[M_ZEROCOPY_BYTES].value = m[M_COPY_UBUFS_BYTES].value = m[M_COPY_UBUFS_SKBS].value = 0;
	}
	verdict_build(set, &v);
	assert_int_equal(v.zerocopy_cnt, 1);
	assert_int_equal(v.zerocopy[0].mode, 2);
	assert_true(v.zerocopy[0].asked_known && v.zerocopy[0].asked_bytes == sent && sent > 0);
	assert_true(v.zerocopy[0].copied_bytes == 0 && v.zerocopy[0].surplus_bytes == 0);
	assert_int_equal(v.zerocopy[0].state, ZC_UNCOPIED_AS_SEEN); /* software GSO is absent there */
	assert_non_null(v.zerocopy[0].unread);			    /* and how the file was read */
	verdict_free(&v);
	/* into fresh pages: copied, before it was sent */
	for (i = 0; i < set->result_cnt; i++)
		set->result[i].v[OWNER_SERVER][M_SPLICE_READ_BYTES] = set->result[i].v[OWNER_SERVER][M_SPLICED_BYTES];
	verdict_build(set, &v);
	assert_int_equal(v.zerocopy[0].state, ZC_COPIED);
	assert_true(v.zerocopy[0].read_bytes == sent && !v.zerocopy[0].unread);
	verdict_free(&v);
	run_set_free(&set);
}

/* Fewer bytes seen copied than sent, and the value says so: the kernel's flag on every completion still
 * tells that none was zero-copy; without it, it was some.
 */
static void a_lower_bound_stays_one(void **state)
{
	struct run_set *set = fixture_make(0);
	struct metric_value *v = NULL;
	struct verdict verdict;
	size_t i;

	(void)state;
	for (i = 0; i < set->result_cnt && !v; i++)
		if (set->result[i].v[OWNER_SERVER][M_COPY_UBUFS_BYTES].value > 0)
			v = set->result[i].v[OWNER_SERVER];
	assert_non_null(v);
	v[M_COPY_UBUFS_BYTES].bound = BOUND_LOWER;
	v[M_COPY_UBUFS_BYTES].value /= 2;
	verdict_build(set, &verdict);
	assert_true(verdict.zerocopy[0].bounded && verdict.zerocopy[0].ratio < 0.999);
	assert_int_equal(verdict.zerocopy[0].state, ZC_COPIED);
	verdict_free(&verdict);

	v[M_COMPLETION_COPIED_IDS].value--;
	verdict_build(set, &verdict);
	assert_int_equal(verdict.zerocopy[0].state, ZC_PARTLY);
	verdict_free(&verdict);
	run_set_free(&set);
}

static void the_order_of_sizes_does_not_matter(void **state)
{
	struct run_set *set = fixture_make(FIXTURE_MANY);
	struct verdict v;

	(void)state;
	set->plan.size_bytes[0] = MIB;
	set->plan.size_bytes[3] = 16 * KIB;
	verdict_build(set, &v);
	assert_int_equal(v.payoff[0].metric, M_THROUGHPUT_GBPS);
	assert_int_equal(v.payoff[0].from_bytes, MIB);
	verdict_free(&v);
	run_set_free(&set);
}

static void partial_runs_do_not_break_it(void **state)
{
	struct run_set *set = fixture_make(FIXTURE_PARTIAL | FIXTURE_ONE_REPETITION);
	struct verdict v;

	(void)state;
	verdict_build(set, &v);
	assert_true(v.failed > 0 && v.skipped > 0);
	assert_int_equal(v.zerocopy_cnt, 0); /* every pass of that mode has failed */
	assert_true(v.throughput.by_state[CONTEST_NO_DATA] > 0);
	verdict_free(&v);
	set->plan.mode_cnt = set->plan.size_cnt = 0;
	verdict_build(set, &v);
	assert_int_equal(v.throughput.cnt, 0);
	verdict_free(&v);
	run_set_free(&set);
}

static void bootstrap_is_sane(void **state)
{
	const double same[] = {1, 1, 1, 1}, apart[] = {0.9, 1.0, 1.3}, two[] = {2, 3};
	struct ratio r = ratio_bootstrap(same, 4);

	(void)state;
	assert_true(r.has_interval && r.low == 1 && r.high == 1);
	r = ratio_bootstrap(apart, 3);
	assert_true(r.ratio == 1.0 && r.low == 0.9 && r.high == 1.3);
	r = ratio_bootstrap(two, 2);
	assert_true(!r.has_interval && r.ratio == 2.5);
	assert_int_equal(ratio_bootstrap(NULL, 0).n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sound_run_balances),
		cmocka_unit_test(one_missing_byte_is_found),
		cmocka_unit_test(what_one_observer_counts_twice_does_not_count),
		cmocka_unit_test(calls_and_zerocopy_sends_are_held_against_the_application),
		cmocka_unit_test(an_unmeasured_side_is_no_balance),
		cmocka_unit_test(winners_follow_the_data),
		cmocka_unit_test(one_repetition_wins_nothing),
		cmocka_unit_test(who_is_always_best_leads_from_four_on),
		cmocka_unit_test(a_cell_whose_ledger_is_off_is_not_compared),
		cmocka_unit_test(a_bound_does_not_win),
		cmocka_unit_test(zerocopy_truth_is_told),
		cmocka_unit_test(spliced_pages_are_asked_for_too),
		cmocka_unit_test(a_lower_bound_stays_one),
		cmocka_unit_test(the_order_of_sizes_does_not_matter),
		cmocka_unit_test(partial_runs_do_not_break_it),
		cmocka_unit_test(bootstrap_is_sane),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
