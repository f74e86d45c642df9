// SPDX-License-Identifier: GPL-2.0-only
/* What alignment is worth: found by traits, said with the run's own numbers, and only where they show it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "analysis/buffers.h"
#include "analysis/claims.h"
#include "report/report.h"
#include "result_fixture.h"

enum { ALIGNED = 1, SCATTERED = 2 };

/* The fixture's A2 as an aligned A3. cost: its CPU over A3's in every clean pass. */
static struct run_set *with_pair(double cost)
{
	struct run_set *set = fixture_make(FIXTURE_MANY);
	size_t i, mode;

	set->plan.mode[ALIGNED].traits = set->plan.mode[SCATTERED].traits;
	set->plan.mode[ALIGNED].traits.buffers = BUFFERS_PAGE;
	for (i = 0; i < set->result_cnt; i++) {
		struct run_result *r = &set->result[i];
		struct metric_value *v = r->v[OWNER_SERVER];

		for (mode = ALIGNED; mode <= SCATTERED; mode++) {
			double least = v[M_APP_BYTES].value / 4096, times = mode == ALIGNED ? 1 : 1.5;

			if (r->key.mode != set->plan.mode[mode].name)
				continue;
			v[M_TASK_CLOCK_NS] = value_ok(v[M_APP_BYTES].value * (mode == ALIGNED ? cost : 1), "perf");
			r->v[OWNER_CLIENT][M_TASK_CLOCK_NS] = v[M_TASK_CLOCK_NS];
			r->v[OWNER_WHOLE][M_BUSY_CPU_NS] = value_ok(2 * v[M_TASK_CLOCK_NS].value, "/proc/stat");
			r->v[OWNER_WHOLE][M_KERNEL_CPU_NS].value = r->v[OWNER_WHOLE][M_OTHER_CPU_NS].value = 0;
			v[M_LEAST_PAGES] = value_ok(least, "workload");
			v[M_FIELD_PAGES] = value_ok(least * times, "workload");
			v[M_APP_CALLS] = value_ok(v[M_MESSAGES].value * (times - 0.25 * (mode == SCATTERED)), "workload");
			v[M_PARTIAL_SENDS] = value_ok(v[M_APP_CALLS].value - v[M_MESSAGES].value, "workload");
			if (r->key.pass != PASS_ATTRIBUTION)
				continue;
			v[M_COPY_UBUFS_BYTES] = value_ok(v[M_APP_BYTES].value, "tp");
			v[M_COPY_UBUFS_SKBS] = v[M_ZC_SKBS] = value_ok(v[M_APP_BYTES].value / 65536 * times, "tp");
			v[M_ZC_FRAGS] = value_ok(least * times, "tp");
			v[M_ZC_SKBS_FULL] = value_ok(mode == ALIGNED ? 0 : v[M_ZC_SKBS].value / 2, "tp");
		}
	}
	run_set_derive(set);
	return set;
}

/* report.md; the caller frees. */
static char *page_of(struct run_set *set)
{
	char base[] = "/tmp/copyscope-buffers-XXXXXX", *text = NULL;
	_cleanup_free_ char *dir = NULL, *path = NULL, *command = NULL;
	size_t len = 0;
	FILE *f;

	assert_non_null(mkdtemp(base));
	dir = xasprintf("%s/r", base);
	path = xasprintf("%s/report.md", dir);
	command = xasprintf("rm -r %s", base);
	assert_int_equal(report_write(set, dir, "md", NULL), 0);
	f = fopen(path, "r");
	assert_non_null(f);
	assert_true(getdelim(&text, &len, '\0', f) > 0);
	fclose(f);
	assert_int_equal(system(command), 0);
	return text;
}

static void has(const char *page, const char *words)
{
	if (!strstr(page, words))
		fail_msg("the page lacks: %s", words);
}

static void alignment_is_the_reason_where_it_pays(void **state)
{
	struct run_set *set = with_pair(0.6);
	_cleanup_free_ char *page = page_of(set);
	struct verdict v;
	struct alignment a;

	(void)state;
	verdict_build(set, &v);
	assert_true(alignment_find(set, &v.cpu, &a));
	assert_int_equal(a.aligned, ALIGNED);
	assert_int_equal(a.scattered, SCATTERED);
	assert_int_equal(a.compared, set->plan.size_cnt * set->plan.thread_cnt);
	assert_int_equal(a.cheaper, a.compared);
	assert_int_equal(a.dearer, 0);
	assert_float_equal(a.best->cpu.ratio, 0.6, 1e-9);
	alignment_free(&a);
	verdict_free(&v);
	has(page, "64 KiB touch 24.0 pages instead of 16.0");
	has(page, "those of A3 carried 42.7 KiB on average and 50\u00a0% had no reference left, those of A2 64.0 KiB and "
		  "0\u00a0%.");
	has(page, "It took 1.25 send calls a message, with A2 1.00.");
	has(page, "A2 needs 0.60 x the CPU per byte of A3 \\[0.60, 0.60\\]");
	has(page, "less in 8 of 8 cells, more in 0.");
	has(page, "| 64 KiB | A3 | heap | 24.0 \\[1\\] | 16.0 | 16.0 | 50\u00a0% | 42.7 KiB | 1.25 |");
	run_set_free(&set);
}

static void no_reason_is_named_where_it_does_not(void **state)
{
	struct run_set *set = with_pair(1.1);
	_cleanup_free_ char *page = page_of(set);

	(void)state;
	assert_null(strstr(page, "Misaligned buffers"));
	has(page, "in none of 8 cells is it shown that A2");
	run_set_free(&set);
}

/* Fewer pages must go with less CPU: one without the other is no explanation. */
static void cheaper_for_another_reason(void **state)
{
	struct run_set *set = with_pair(0.6);
	_cleanup_free_ char *page = NULL;
	size_t i;

	(void)state;
	for (i = 0; i < set->result_cnt; i++)
		set->result[i].v[OWNER_SERVER][M_FIELD_PAGES] = set->result[i].v[OWNER_SERVER][M_LEAST_PAGES];
	page = page_of(set);
	assert_null(strstr(page, "Misaligned buffers"));
	run_set_free(&set);
}

/* The kernel's count comes first, and then nothing is said of addresses. */
static void the_kernels_count_comes_first(void **state)
{
	struct run_set *set = with_pair(0.6);
	_cleanup_free_ char *page = NULL;
	size_t i;

	(void)state;
	for (i = 0; i < set->result_cnt; i++) {
		struct metric_value *v = set->result[i].v[OWNER_SERVER];

		if (set->result[i].key.pass == PASS_ATTRIBUTION)
			v[M_PAGE_REFS] = value_ok(v[M_APP_BYTES].value / 2048, "fentry");
	}
	page = page_of(set);
	has(page, "| 64 KiB | A3 | heap | 32.0 | 16.0 |");
	assert_null(strstr(page, "by their addresses"));
	run_set_free(&set);
}

/* On a NIC no skb is copied, and so none is seen: that is no fragment count of 0. */
static void what_was_not_seen_is_absent(void **state)
{
	struct run_set *set = with_pair(0.6);
	_cleanup_free_ char *page = NULL;
	size_t i;

	(void)state;
	for (i = 0; i < set->result_cnt; i++) {
		struct metric_value *v = set->result[i].v[OWNER_SERVER];

		if (set->result[i].key.pass == PASS_ATTRIBUTION)
			v[M_ZC_SKBS] = v[M_ZC_FRAGS] = v[M_ZC_SKBS_FULL] = v[M_COPY_UBUFS_SKBS] =
				v[M_COPY_UBUFS_BYTES] = value_ok(0, "fentry");
	}
	page = page_of(set);
	has(page, "| 24.0 \\[1\\] | 16.0 | absent \\[2\\] | absent \\[2\\] | absent \\[2\\] | 1.25 |");
	has(page, "absent: none passed where they are counted");
	has(page, "Misaligned buffers");
	assert_null(strstr(page, "A packet buffer of the kernel"));
	run_set_free(&set);
}

static void a_pair_differs_in_nothing_else(void **state)
{
	struct run_set *set = with_pair(0.6);
	struct mode_traits *aligned = &set->plan.mode[ALIGNED].traits;
	struct alignment a;

	(void)state;
	aligned->has_completions = false;
	assert_false(alignment_find(set, NULL, &a));
	aligned->has_completions = true;
	aligned->buffers = BUFFERS_HUGE;
	assert_false(alignment_find(set, NULL, &a));
	run_set_free(&set);
}

/* What the original said it said of fields in the heap, whichever mode stands first. */
static void claims_are_about_the_heap(void **state)
{
	struct run_set *set = with_pair(0.6);
	_cleanup_free_ struct claim_finding *found = NULL;
	struct run_plan *plan = &set->plan;
	struct verdict v;

	(void)state;
	plan->mode = xreallocarray(plan->mode, 4, sizeof(*plan->mode));
	plan->mode[plan->mode_cnt++] =
		(struct mode_info){run_set_str(set, "B"), NULL, NULL, {.way = WAY_COPY}};
	verdict_build(set, &v);
	found = claims_test(set, &v);
	assert_non_null(found);
	assert_string_equal(found[0].top, "A3");
	verdict_free(&v);
	run_set_free(&set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(alignment_is_the_reason_where_it_pays),
		cmocka_unit_test(no_reason_is_named_where_it_does_not),
		cmocka_unit_test(cheaper_for_another_reason),
		cmocka_unit_test(the_kernels_count_comes_first),
		cmocka_unit_test(what_was_not_seen_is_absent),
		cmocka_unit_test(a_pair_differs_in_nothing_else),
		cmocka_unit_test(claims_are_about_the_heap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
