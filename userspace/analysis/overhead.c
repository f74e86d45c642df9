// SPDX-License-Identifier: GPL-2.0-only
#include <math.h>

#include "analysis/passes.h"
#include "analysis/verdict.h"

/* Its cells, each by the mean of its attribution passes. */
struct ratio overhead_of(const struct run_set *set, const char *mode)
{
	size_t cells = set->plan.size_cnt * set->plan.thread_cnt, i, cell, n = 0;
	_cleanup_free_ double *sum = xcalloc(cells + 1, sizeof(*sum));
	_cleanup_free_ size_t *cnt = xcalloc(cells + 1, sizeof(*cnt));

	for (i = 0; i < set->result_cnt; i++) {
		const struct run_result *r = &set->result[i];
		const struct metric_value *o = &r->v[OWNER_WHOLE][M_OBSERVER_OVERHEAD];

		if (r->key.mode != mode || !value_known(o) || o->value <= 0)
			continue;
		cell = plan_cell(&set->plan, &r->key);
		sum[cell] += log(o->value);
		cnt[cell]++;
	}
	for (i = 0; i < cells; i++)
		if (cnt[i])
			sum[n++] = sum[i] / (double)cnt[i];
	return ratio_of_logs(sum, n, 0.05);
}
