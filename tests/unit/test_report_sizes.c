// SPDX-License-Identifier: GPL-2.0-only
/* What the size of a message decides: who is in front at each, and two modes against each other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <math.h>

#include "analysis/verdict.h"
#include "result_fixture.h"

static void check_sizes(const struct contests *all, size_t modes, size_t thread_cnt)
{
	size_t behind[8] = {0}, i, m;

	for (i = 0; i < all->size_cnt; i++) {
		const struct size_standing *s = &all->by_size[i];
		const struct contest *first = &all->contest[i * thread_cnt], *second = first + 1;

		assert_int_equal(s->size_bytes, first->size_bytes);
		assert_int_equal(s->cells, thread_cnt);
		assert_int_equal(s->winner < modes, first->state == CONTEST_WON && second->state == CONTEST_WON &&
							   first->best == second->best);
		for (m = 0; m < modes; m++)
			behind[m] += s->behind[m];
	}
	for (m = 0; m < modes; m++)
		assert_int_equal(behind[m], all->behind[m]);
}

static void sizes_have_a_winner_where_all_cells_do(void **state)
{
	struct run_set *set = fixture_make(FIXTURE_MANY);
	size_t threads, i, winners = 0;
	struct verdict v;

	(void)state;
	verdict_build(set, &v);
	threads = set->plan.thread_cnt;
	assert_int_equal(threads, 2);
	check_sizes(&v.throughput, set->plan.mode_cnt, threads);
	check_sizes(&v.cpu, set->plan.mode_cnt, threads);
	for (i = 0; i < v.throughput.size_cnt; i++)
		winners += v.throughput.by_size[i].winner < set->plan.mode_cnt;
	assert_true(winners > 0);
	verdict_free(&v);
	run_set_free(&set);
}

/* Either way round, and what is ahead one way is behind the other. */
static void two_modes_are_held_against_each_other(void **state)
{
	struct run_set *set = fixture_make(FIXTURE_MANY);
	size_t before, each, i;
	struct verdict v;

	(void)state;
	verdict_build(set, &v);
	before = v.payoff_cnt;
	verdict_free(&v);
	set->plan.versus_a = "A1";
	set->plan.versus_b = "A2";
	verdict_build(set, &v);
	each = 2 * set->plan.thread_cnt; /* measures */
	assert_int_equal(v.payoff_cnt, before + 2 * each);
	for (i = before; i < before + each; i++) {
		const struct payoff *a = &v.payoff[i], *b = &v.payoff[i + each];

		assert_int_equal(a->mode, 0);
		assert_int_equal(a->against, 1);
		assert_int_equal(b->mode, 1);
		assert_int_equal(b->against, 0);
		assert_int_equal(a->ahead, b->behind);
		assert_int_equal(a->behind, b->ahead);
		assert_true(fabs(a->at_largest.ratio * b->at_largest.ratio - 1) < 1e-9);
	}
	verdict_free(&v);
	set->plan.versus_b = "no such mode";
	verdict_build(set, &v);
	assert_int_equal(v.payoff_cnt, before);
	verdict_free(&v);
	run_set_free(&set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_have_a_winner_where_all_cells_do),
		cmocka_unit_test(two_modes_are_held_against_each_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
