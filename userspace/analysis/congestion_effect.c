// SPDX-License-Identifier: GPL-2.0-only
#include "analysis/congestion_effect.h"

#include "analysis/compare.h"

/* Results of both, as those of two modes called like the congestion controls, in cells numbered by mode, size and
 * thread count. So one table of intervals holds for all, and compare.c need not know.
 */
static void fill(const struct run_set *all, const struct run_set *beside, unsigned int variant, struct run_set *both)
{
	size_t i, m, s;

	for (i = 0; i < all->result_cnt; i++) {
		struct run_result r = all->result[i];

		if (r.key.variant && r.key.variant != variant)
			continue;
		for (m = 0; m < all->plan.mode_cnt && all->plan.mode[m].name != r.key.mode; m++)
			;
		for (s = 0; s < beside->plan.size_cnt && beside->plan.size_bytes[s] != r.key.size_bytes; s++)
			;
		if (s == beside->plan.size_cnt)
			continue;
		r.key.size_bytes = both->plan.size_bytes[m * beside->plan.size_cnt + s];
		r.key.mode = both->plan.mode[r.key.variant ? 1 : 0].name;
		both->result[both->result_cnt++] = r;
	}
}

static struct spread gbps_of(const struct run_set *both, size_t which, size_t cell)
{
	struct selection sel = {both->plan.mode[which].name,
				both->plan.size_bytes[cell / both->plan.thread_cnt],
				both->plan.threads[cell % both->plan.thread_cnt], PASS_CLEAN,
				run_set_owner(both, FLOW_RECEIVES), M_THROUGHPUT_GBPS};

	return spread_of(both, &sel);
}

static struct congestion_effect *judge(const struct run_set *both, const struct run_plan *beside, size_t cnt)
{
	struct congestion_effect *list = xcalloc(cnt + 1, sizeof(*list));
	struct comparisons throughput, cpu;
	size_t i;

	compare_build(both, MEASURE_THROUGHPUT, &throughput);
	compare_build(both, MEASURE_CPU, &cpu);
	for (i = 0; i < cnt; i++) {
		size_t row = i / beside->thread_cnt;

		list[i] = (struct congestion_effect){
			.mode = row / beside->size_cnt,
			.size_bytes = beside->size_bytes[row % beside->size_cnt],
			.threads = beside->threads[i % beside->thread_cnt],
			.throughput = compare_ratio(&throughput, i, 1, 0),
			.cpu = compare_ratio(&cpu, i, 1, 0),
			.gbps = {gbps_of(both, 0, i), gbps_of(both, 1, i)},
		};
	}
	compare_free(&throughput);
	compare_free(&cpu);
	return list;
}

struct congestion_effect *congestion_effects(const struct run_set *all, unsigned int variant, size_t *cnt)
{
	struct run_variant v = plan_variant(&all->plan, variant);
	struct run_set *beside = run_set_view(all, variant), both = *beside;
	struct mode_info name[2] = {{.name = all->plan.congestion}, {.name = v.congestion}};
	size_t rows = all->plan.mode_cnt * beside->plan.size_cnt, i;
	struct congestion_effect *list = NULL;

	*cnt = 0;
	if (v.congestion != all->plan.congestion && v.pattern == all->plan.pattern) {
		both.plan.mode = name;
		both.plan.mode_cnt = ARRAY_SIZE(name);
		both.plan.size_cnt = rows;
		both.plan.size_bytes = xcalloc(rows + 1, sizeof(*both.plan.size_bytes));
		for (i = 0; i < rows; i++)
			both.plan.size_bytes[i] = i + 1;
		both.result = xcalloc(all->result_cnt + 1, sizeof(*both.result));
		both.result_cnt = 0;
		fill(all, beside, variant, &both);
		*cnt = rows * beside->plan.thread_cnt;
		list = judge(&both, &beside->plan, *cnt);
		free(both.plan.size_bytes);
		free(both.result);
	}
	run_set_view_free(&beside);
	return list;
}
