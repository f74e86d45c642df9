// SPDX-License-Identifier: GPL-2.0-only
/* Where the difference between two modes goes: nothing is lost between the whole, its bars, their functions and those
 * around them; the intervals hold what they promise; what cannot be told says why.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "analysis/waterfall.h"
#include "result_fixture.h"

static struct waterfall waterfall_between(const struct run_set *set, size_t from, size_t to)
{
	_cleanup_free_ struct frame_class *classes = frame_classes(set);

	return waterfall_of(set, classes, from, to);
}

static void check_neighbours(const struct neighbour *n, size_t cnt, const struct cost_change *total)
{
	double samples[2] = {0};
	size_t i;

	for (i = 0; i < cnt; i++) {
		samples[0] += n[i].time.samples[0];
		samples[1] += n[i].time.samples[1];
		assert_true(!i || MAX(n[i].time.ns[0], n[i].time.ns[1]) <= MAX(n[i - 1].time.ns[0], n[i - 1].time.ns[1]));
	}
	assert_true(samples[0] == total->samples[0] && samples[1] == total->samples[1]);
}

static void sums_are_exact(void **state)
{
	struct run_set *set = fixture_make(0);
	_cleanup_free_ struct cpu_profile *all = cpu_profiles(set);
	struct waterfall w = waterfall_between(set, 0, 2);
	double change = 0, bar[CATEGORY_MAX_][2] = {{0}}, self[2] = {0};
	struct sandwich s;
	size_t i, side;

	(void)state;
	assert_int_equal(w.missing, WATERFALL_TOLD);
	for (i = 0; i < CATEGORY_MAX_; i++) {
		change += w.bar[i].change;
		assert_true(w.bar[i].samples[0] == all[0].samples[i] && w.bar[i].samples[1] == all[2].samples[i]);
	}
	assert_true(change == w.total.change);
	assert_float_equal(change, w.total.ns[1] - w.total.ns[0], 1e-12);
	assert_float_equal(w.total.ns[1], all[2].total * all[2].ns_per_byte, 1e-12);
	for (i = 0; i < w.part_cnt; i++)
		for (side = 0; side < 2; side++)
			bar[w.part[i].category][side] += w.part[i].self.samples[side];
	for (i = 0; i < CATEGORY_MAX_; i++)
		assert_true(bar[i][0] == w.bar[i].samples[0] && bar[i][1] == w.bar[i].samples[1]);
	for (i = 0; i < w.function_cnt; i++) {
		for (side = 0; side < 2; side++)
			self[side] += w.function[i].self.samples[side];
		assert_true(!i || fabs(w.function[i].self.change) <= fabs(w.function[i - 1].self.change));
		s = waterfall_sandwich(&w, set, w.function[i].frame);
		check_neighbours(s.caller, s.caller_cnt, &w.function[i].total);
		check_neighbours(s.called, s.called_cnt, &w.function[i].total);
		sandwich_free(&s);
	}
	assert_true(self[0] == w.total.samples[0] && self[1] == w.total.samples[1]);
	waterfall_free(&w);
	run_set_free(&set);
}

static unsigned int frame_named(const struct run_set *set, const char *name)
{
	unsigned int i;

	for (i = 0; i < set->frame_cnt; i++)
		if (!strcmp(set->frame[i].name, name))
			return i;
	fail_msg("no frame %s", name);
	return 0;
}

static const struct neighbour *neighbour_named(const struct run_set *set, const struct neighbour *n, size_t cnt,
					       const char *name)
{
	size_t i;

	for (i = 0; i < cnt; i++)
		if (name ? n[i].frame == frame_named(set, name) : n[i].frame == WATERFALL_NO_FRAME)
			return &n[i];
	fail_msg("no neighbour %s", name ?: "(none)");
	return NULL;
}

/* In one cell of one pass: what is added to the first mode's stacks. */
static void recursion_counts_once(void **state)
{
	struct run_set *set = fixture_make(FIXTURE_ONE_REPETITION | FIXTURE_NO_STACKS);
	unsigned int a = run_set_frame(set, "a", NULL, FRAME_USER), b = run_set_frame(set, "b", NULL, FRAME_USER);
	unsigned int c = run_set_frame(set, "c", NULL, FRAME_USER);
	unsigned int twice[] = {a, b, a, c}, once[] = {a};
	struct stack stacks[] = {
		{.kind = STACK_ONCPU, .owner = OWNER_SERVER, .count = 7, .depth = 4, .frame = twice},
		{.kind = STACK_ONCPU, .owner = OWNER_SERVER, .count = 2, .depth = 1, .frame = once},
	};
	struct waterfall w;
	struct sandwich s;
	size_t i;

	(void)state;
	for (i = 0; i < set->result_cnt; i++) {
		if (set->result[i].key.pass != PASS_ATTRIBUTION)
			continue;
		run_result_stack(&set->result[i], &stacks[0]);
		run_result_stack(&set->result[i], &stacks[1]);
	}
	w = waterfall_between(set, 0, 1);
	s = waterfall_sandwich(&w, set, a);
	assert_true(neighbour_named(set, s.caller, s.caller_cnt, NULL)->time.samples[0] == 4 * 9);
	assert_int_equal(s.caller_cnt, 1);
	assert_true(neighbour_named(set, s.called, s.called_cnt, "c")->time.samples[0] == 4 * 7);
	assert_true(neighbour_named(set, s.called, s.called_cnt, NULL)->time.samples[0] == 4 * 2);
	assert_int_equal(s.called_cnt, 2);
	for (i = 0; i < w.function_cnt; i++)
		assert_true(w.function[i].total.samples[0] == 4 * (w.function[i].frame == a ? 9 : 7));
	sandwich_free(&s);
	waterfall_free(&w);
	run_set_free(&set);
}

static void intervals_tell_findings_from_chance(void **state)
{
	static const double scale[] = {0.01, 0.02}, chance[] = {1, 1}, wild[] = {4, 4}, first[] = {4, 1};
	struct cost_change c = cost_change_of((const double[]){1000, 1000}, scale, chance), back;

	(void)state;
	assert_true(change_decided(&c) && c.low > 0);
	back = cost_change_of((const double[]){1000, 1000}, (const double[]){0.02, 0.01}, chance);
	assert_true(back.change == -c.change && back.high < 0);
	assert_float_equal(back.low, -c.high, 1e-12);
	c = cost_change_of((const double[]){1000, 500}, scale, chance);
	assert_true(c.change == 0 && !change_decided(&c));
	/* what varies more than chance makes it needs more */
	c = cost_change_of((const double[]){1000, 560}, scale, chance);
	assert_true(change_decided(&c));
	c = cost_change_of((const double[]){1000, 560}, scale, wild);
	assert_false(change_decided(&c));
	c = cost_change_of((const double[]){1000, 560}, scale, first);
	assert_false(change_decided(&c));
	/* nothing seen is not nothing */
	c = cost_change_of((const double[]){0, 0}, scale, chance);
	assert_true(c.change == 0 && c.low < 0 && c.high > 0);
	c = cost_change_of((const double[]){0, 2}, scale, chance);
	assert_false(change_decided(&c));
	c = cost_change_of((const double[]){0, 30}, scale, chance);
	assert_true(change_decided(&c));
}

/* Knuth's; small means only. */
static double poisson(double mean, uint64_t *seed)
{
	double limit = exp(-mean), product = 1;
	int n = -1;

	for (; product > limit; n++)
		product *= (double)(next_random(seed) >> 11) / 9007199254740992.0;
	return n;
}

static void intervals_hold_the_truth(void **state)
{
	static const double means[][2] = {{1, 1}, {3, 10}, {20, 20}, {0.5, 40}};
	static const double scale[] = {0.01, 0.03}, chance[] = {1, 1};
	uint64_t seed = 7;
	size_t i, round, held;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(means); i++) {
		double truth = means[i][1] * scale[1] - means[i][0] * scale[0];

		for (held = round = 0; round < 4000; round++) {
			double samples[] = {poisson(means[i][0], &seed), poisson(means[i][1], &seed)};
			struct cost_change c = cost_change_of(samples, scale, chance);

			held += c.low <= truth && truth <= c.high;
		}
		if (held < 4000 * 93 / 100)
			fail_msg("means %g and %g: %zu of 4000 intervals hold the truth", means[i][0], means[i][1], held);
	}
}

static struct run_set *made(unsigned int flags, void (*change)(struct run_set *, struct run_result *, size_t))
{
	struct run_set *set = fixture_make(flags);
	size_t i;

	for (i = 0; i < set->result_cnt; i++)
		if (set->result[i].key.pass == PASS_ATTRIBUTION)
			change(set, &set->result[i], i);
	return set;
}

static void vary(struct run_set *set, struct run_result *r, size_t number)
{
	size_t i;

	(void)set;
	(void)number;
	for (i = 0; i < r->stack_cnt; i++)
		r->stack[i].count *= r->key.repetition * 4;
}

static void passes_that_differ_widen_it(void **state)
{
	struct run_set *set = made(0, vary);
	struct waterfall w = waterfall_between(set, 0, 1);

	(void)state;
	assert_int_equal(w.noise, NOISE_OF_PASSES);
	assert_true(w.spread[CATEGORY_MAX_][0] > 20 && w.spread[CATEGORY_COPY][1] > 10);
	waterfall_free(&w);
	run_set_free(&set);
}

/* What is observed once varies as clean passes do; without those nothing is known of it. */
static void a_lone_pass_varies_as_the_clean_ones(void **state)
{
	struct run_set *set = fixture_make(0), *one = fixture_make(FIXTURE_ONE_REPETITION);
	struct waterfall w, before;
	size_t i;

	(void)state;
	for (i = 0; i < set->result_cnt; i++)
		if (set->result[i].key.pass == PASS_ATTRIBUTION && set->result[i].key.repetition > 1)
			set->result[i].status = RESULT_FAILED;
	before = waterfall_between(set, 0, 1);
	for (i = 0; i < set->result_cnt; i++)
		if (set->result[i].key.pass == PASS_CLEAN && set->result[i].key.mode == set->plan.mode[1].name)
			set->result[i].v[OWNER_WHOLE][M_CPU_NS_PER_BYTE].value *=
				pow(set->result[i].key.repetition, 3);
	w = waterfall_between(set, 0, 1);
	assert_int_equal(w.noise, NOISE_OF_CLEAN_PASSES);
	assert_true(w.spread[CATEGORY_MAX_][0] == before.spread[CATEGORY_MAX_][0]);
	assert_true(w.spread[CATEGORY_MAX_][1] > 10 * before.spread[CATEGORY_MAX_][1]);
	assert_true(change_decided(&before.total) && !change_decided(&w.total));
	waterfall_free(&before);
	waterfall_free(&w);
	w = waterfall_between(one, 0, 1);
	assert_int_equal(w.noise, NOISE_UNKNOWN);
	for (i = 0; i <= CATEGORY_MAX_; i++)
		assert_true(w.spread[i][0] == 1 && w.spread[i][1] == 1);
	waterfall_free(&w);
	run_set_free(&set);
	run_set_free(&one);
}

static void fail_one_cell(struct run_set *set, struct run_result *r, size_t number)
{
	(void)number;
	if (r->key.mode == set->plan.mode[1].name && r->key.threads == 4)
		r->status = RESULT_FAILED;
}

static void cells_of_one_mode_alone_do_not_count(void **state)
{
	struct run_set *whole = fixture_make(0), *set = made(0, fail_one_cell);
	struct waterfall all = waterfall_between(whole, 0, 1), w = waterfall_between(set, 0, 1);

	(void)state;
	assert_true(w.bytes[0] > 0 && w.bytes[0] < 0.5 * all.bytes[0]);
	assert_true(w.total.samples[0] < all.total.samples[0]);
	waterfall_free(&w);
	waterfall_free(&all);
	run_set_free(&set);
	run_set_free(&whole);
}

static void take_samples_away(struct run_set *set, struct run_result *r, size_t number)
{
	size_t i;

	(void)number;
	for (i = 0; r->key.mode == set->plan.mode[1].name && i < r->stack_cnt; i++)
		r->stack[i].count = 0;
}

static void fail_mode(struct run_set *set, struct run_result *r, size_t number)
{
	(void)number;
	if (r->key.mode == set->plan.mode[1].name)
		r->status = RESULT_FAILED;
}

static void never_sampled(struct run_set *set, struct run_result *r, size_t number)
{
	(void)r;
	(void)number;
	set->plan.frequency_hz = 0;
}

static void what_is_missing_says_so(void **state)
{
	static const struct {
		enum waterfall_missing missing;
		unsigned int flags;
		void (*change)(struct run_set *, struct run_result *, size_t);
	} cases[] = {
		{WATERFALL_NOT_SAMPLED, 0, never_sampled},
		{WATERFALL_NO_PASS, 0, fail_mode},
		{WATERFALL_NO_SAMPLE, FIXTURE_NO_STACKS, fail_one_cell},
		{WATERFALL_NO_SAMPLE, FIXTURE_ONE_REPETITION, take_samples_away},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct run_set *set = made(cases[i].flags, cases[i].change);
		struct waterfall w = waterfall_between(set, 0, 1);

		assert_int_equal(w.missing, cases[i].missing);
		assert_int_equal(w.function_cnt + w.part_cnt, 0);
		waterfall_free(&w);
		run_set_free(&set);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sums_are_exact),
		cmocka_unit_test(recursion_counts_once),
		cmocka_unit_test(intervals_tell_findings_from_chance),
		cmocka_unit_test(intervals_hold_the_truth),
		cmocka_unit_test(passes_that_differ_widen_it),
		cmocka_unit_test(a_lone_pass_varies_as_the_clean_ones),
		cmocka_unit_test(cells_of_one_mode_alone_do_not_count),
		cmocka_unit_test(what_is_missing_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
