// SPDX-License-Identifier: GPL-2.0-only
#include "analysis/passes.h"

#include <math.h>
#include <string.h>

static size_t mode_index(const struct run_plan *plan, const char *name)
{
	size_t i;

	for (i = 0; i < plan->mode_cnt; i++)
		if (plan->mode[i].name == name)
			break;
	return i;
}

size_t plan_cell(const struct run_plan *plan, const struct run_key *key)
{
	size_t s, t;

	for (s = 0; s < plan->size_cnt && plan->size_bytes[s] != key->size_bytes; s++)
		;
	for (t = 0; t < plan->thread_cnt && plan->threads[t] != key->threads; t++)
		;
	return s < plan->size_cnt && t < plan->thread_cnt ? s * plan->thread_cnt + t :
							    plan->size_cnt * plan->thread_cnt;
}

struct sample *read_samples(const struct run_set *set, enum measure measure, size_t *cnt)
{
	struct sample *sample = xcalloc(set->result_cnt + 1, sizeof(*sample));
	size_t i, n = 0;

	for (i = 0; i < set->result_cnt; i++) {
		const struct run_result *r = &set->result[i];
		struct metric_value v;

		if (r->status != RESULT_OK || r->key.pass != PASS_CLEAN || r->key.repetition > MAX_SAMPLES)
			continue;
		v = measure_value(set, r, measure);
		if (value_known(&v) && v.value > 0)
			sample[n++] = (struct sample){plan_cell(&set->plan, &r->key),
						      mode_index(&set->plan, r->key.mode),
						      r->key.repetition - 1, log(v.value), v.bound};
	}
	*cnt = n;
	return sample;
}

void read_cell(const struct sample *sample, size_t cnt, size_t cell, struct passes *p)
{
	size_t i, at;

	for (i = 0; i < p->mode_cnt * p->repetitions; i++)
		p->log[i] = NAN;
	memset(p->known, 0, p->mode_cnt * sizeof(*p->known));
	for (i = 0; i < cnt; i++) {
		if (sample[i].cell != cell || sample[i].mode == p->mode_cnt)
			continue;
		at = sample[i].mode * p->repetitions + sample[i].repetition;
		p->log[at] = sample[i].log;
		p->bound[at] = sample[i].bound;
		p->known[sample[i].mode]++;
	}
}
