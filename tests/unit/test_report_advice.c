// SPDX-License-Identifier: GPL-2.0-only
/* What to use: only what is shown to be behind is left out, and only of modes that serve the same purpose. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <math.h>

#include "analysis/advice.h"
#include "report/sections.h"
#include "result_fixture.h"

/* All modes are alike, but for by[mode]: times the throughput, and 1 / times the CPU time. */
static struct run_set *alike(const double *by)
{
	struct run_set *set = fixture_make(FIXTURE_MANY);
	size_t i, m;

	for (i = 0; i < set->result_cnt; i++) {
		struct run_result *r = &set->result[i];

		for (m = 0; set->plan.mode[m].name != r->key.mode; m++)
			;
		r->v[OWNER_CLIENT][M_THROUGHPUT_GBPS].value = 10 * by[m] * (1 + 0.001 * (double)(r->key.repetition % 3));
		r->v[OWNER_WHOLE][M_CPU_NS_PER_BYTE].value = 1 / by[m] * (1 + 0.001 * (double)(r->key.repetition % 3));
	}
	return set;
}

static void who_is_behind_is_left_out(void **state)
{
	static const struct {
		double by[3];
		uint64_t best;
	} cases[] = {
		{{1, 1, 1}, 7}, {{1, 1, 0.5}, 3}, {{1, 2, 1}, 2}, {{1, 1.01, 1}, 7},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct run_set *set = alike(cases[i].by);
		struct verdict v;
		struct advice a;

		verdict_build(set, &v);
		assert_int_equal(v.mode_cnt, 3);
		a = advice_build(set, &v, PURPOSE_MEMORY);
		assert_int_equal(a.modes, 7);
		assert_int_equal(a.cells, v.throughput.cnt);
		assert_int_equal(a.best, cases[i].best);
		assert_int_equal(a.behind[2], cases[i].best & 4 ? 0 : a.cells);
		free(a.behind);
		a = advice_build(set, &v, PURPOSE_FILE);
		assert_int_equal(a.modes, 0);
		free(a.behind);
		verdict_free(&v);
		run_set_free(&set);
	}
}

/* A file's pages are no choice for what lies in memory, and nothing that is ahead of it. */
static void purposes_are_apart(void **state)
{
	struct run_set *set = alike((double[]){1, 1, 9});
	struct verdict v;
	struct advice a;

	(void)state;
	set->plan.mode[2].traits = (struct mode_traits){.way = WAY_SPLICE, .buffers = BUFFERS_FILE};
	verdict_build(set, &v);
	a = advice_build(set, &v, PURPOSE_MEMORY);
	assert_int_equal(a.best, 3);
	assert_int_equal(a.behind[0] + a.behind[1] + a.behind[2], 0);
	free(a.behind);
	a = advice_build(set, &v, PURPOSE_FILE);
	assert_int_equal(a.best, 4);
	free(a.behind);
	verdict_free(&v);
	run_set_free(&set);
}

static void one_repetition_advises_nothing(void **state)
{
	struct run_set *set = fixture_make(FIXTURE_ONE_REPETITION);
	struct verdict v;
	struct advice a;

	(void)state;
	verdict_build(set, &v);
	a = advice_build(set, &v, PURPOSE_MEMORY);
	assert_int_equal(a.best, a.modes);
	free(a.behind);
	verdict_free(&v);
	run_set_free(&set);
}

static char *told(const struct run_set *set)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	struct report_ctx ctx = {.all = set};

	verdict_build(set, &ctx.verdict);
	ctx.set = ctx.verdict.matrix;
	verdict_tell(&ctx, out);
	verdict_free(&ctx.verdict);
	fclose(out);
	return text;
}

/* No terminal: no colour, whatever else. And what must not be overlooked. */
static void the_end_of_a_run_is_told(void **state)
{
	struct run_set *set = alike((double[]){1, 1, 0.5});
	_cleanup_free_ char *text = told(set), *partial = NULL;

	(void)state;
	assert_non_null(strstr(text, "What to use? From memory: A1 or A2\n"));
	assert_non_null(strstr(text, "Does the ledger balance? Yes, to the byte\n"));
	assert_null(strchr(text, '\033'));
	assert_null(strstr(text, "report is partial"));
	set->partial_reason = "interrupted";
	partial = told(set);
	assert_ptr_equal(strstr(partial, "This report is partial"), partial);
	run_set_free(&set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_is_behind_is_left_out),
		cmocka_unit_test(purposes_are_apart),
		cmocka_unit_test(one_repetition_advises_nothing),
		cmocka_unit_test(the_end_of_a_run_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
