// SPDX-License-Identifier: GPL-2.0-only
#include "core/result.h"

#include <string.h>

struct run_variant plan_variant(const struct run_plan *plan, unsigned int variant)
{
	if (!variant || variant > plan->variant_cnt)
		return (struct run_variant){.pattern = plan->pattern, .congestion = plan->congestion};
	return plan->variant[variant - 1];
}

const char *plan_variant_label(const struct run_plan *plan, unsigned int variant)
{
	struct run_variant v = plan_variant(plan, variant);

	return !variant || v.pattern != plan->pattern ? v.pattern : v.congestion;
}

bool plan_variant_covers(const struct run_plan *plan, unsigned int variant, uint64_t size_bytes,
			 unsigned int threads)
{
	struct run_variant v = plan_variant(plan, variant);

	return (!v.size_bytes || v.size_bytes == size_bytes) && (!v.threads || v.threads == threads);
}

bool plan_variant_concerns(const struct run_plan *plan, unsigned int variant, const struct mode_info *mode)
{
	return !variant || mode->traits.transport == TRANSPORT_TCP ||
	       plan_variant(plan, variant).pattern != plan->pattern;
}

const char *run_result_congestion(const struct run_set *set, const struct run_result *r)
{
	const struct mode_info *mode = run_set_mode(set, r);

	if (mode && mode->traits.transport != TRANSPORT_TCP)
		return NULL;
	return plan_variant(&set->plan, r->key.variant).congestion;
}

bool plan_has(const struct run_plan *plan, enum transport transport)
{
	size_t i;

	for (i = 0; i < plan->mode_cnt; i++)
		if (plan->mode[i].traits.transport == transport)
			return true;
	return false;
}

static bool plan_encrypts(const struct run_plan *plan)
{
	size_t i;

	for (i = 0; i < plan->mode_cnt; i++)
		if (plan->mode[i].traits.way == WAY_ENCRYPT)
			return true;
	return false;
}

unsigned int plan_extras(const struct run_plan *plan)
{
	return (plan_has(plan, TRANSPORT_UDP) ? EXTRA_BIT(EXTRA_UDP) : 0) |
	       (plan_has(plan, TRANSPORT_UNIX) ? EXTRA_BIT(EXTRA_UNIX) : 0) |
	       (plan_encrypts(plan) ? EXTRA_BIT(EXTRA_TLS) : 0) |
	       (plan->receive_way == RECEIVE_ZCRX ? EXTRA_BIT(EXTRA_ZCRX) : 0);
}

bool plan_is_rr(const struct run_plan *plan)
{
	return plan->pattern && !strcmp(plan->pattern, "rr");
}

size_t plan_pass_cnt(const struct run_plan *plan)
{
	size_t cells = 0, c, m, modes;
	unsigned int v;

	for (v = 0; v <= plan->variant_cnt; v++) {
		for (m = 0, modes = 0; m < plan->mode_cnt; m++)
			modes += plan_variant_concerns(plan, v, &plan->mode[m]);
		for (c = 0; c < plan->size_cnt * plan->thread_cnt; c++)
			cells += modes * plan_variant_covers(plan, v, plan->size_bytes[c / plan->thread_cnt],
							     plan->threads[c % plan->thread_cnt]);
	}
	return cells * (plan_passes(plan, PASS_CLEAN) + plan_passes(plan, PASS_ATTRIBUTION));
}

struct run_set *run_set_view(const struct run_set *set, unsigned int variant)
{
	struct run_variant v = plan_variant(&set->plan, variant);
	struct run_set *view = xmalloc(sizeof(*view));
	struct run_plan *plan = &view->plan;
	size_t i;

	*view = *set;
	plan->pattern = v.pattern;
	plan->congestion = v.congestion;
	plan->variant_cnt = 0;
	plan->size_bytes = xcalloc(plan->size_cnt + 1, sizeof(*plan->size_bytes));
	plan->threads = xcalloc(plan->thread_cnt + 1, sizeof(*plan->threads));
	for (i = 0, plan->size_cnt = 0; i < set->plan.size_cnt; i++)
		if (!v.size_bytes || v.size_bytes == set->plan.size_bytes[i])
			plan->size_bytes[plan->size_cnt++] = set->plan.size_bytes[i];
	for (i = 0, plan->thread_cnt = 0; i < set->plan.thread_cnt; i++)
		if (!v.threads || v.threads == set->plan.threads[i])
			plan->threads[plan->thread_cnt++] = set->plan.threads[i];
	view->result = xcalloc(set->result_cnt + 1, sizeof(*view->result));
	for (i = 0, view->result_cnt = 0; i < set->result_cnt; i++)
		if (set->result[i].key.variant == variant)
			view->result[view->result_cnt++] = set->result[i];
	return view;
}

void run_set_view_free(struct run_set **view)
{
	if (!*view)
		return;
	free((*view)->plan.size_bytes);
	free((*view)->plan.threads);
	free((*view)->result);
	free(*view);
	*view = NULL;
}
