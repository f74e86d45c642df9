// SPDX-License-Identifier: GPL-2.0-only
#include "probe/select.h"

#include <string.h>

void plan_init(struct plan *plan)
{
	memset(plan, 0, sizeof(*plan));
	plan->program = xcalloc(probe_program_cnt, sizeof(*plan->program));
}

void plan_free(struct plan *plan)
{
	size_t i;

	for (i = 0; plan->program && i < probe_program_cnt; i++)
		free(plan->program[i].reason);
	for (i = 0; i < CS_Q_MAX_; i++)
		free(plan->quantity[i].reason);
	free(plan->program);
	memset(plan, 0, sizeof(*plan));
}

void plan_reject(struct plan *plan, int program, const char *reason)
{
	if (!plan->program[program].reason)
		plan->program[program].reason = xstrdup(reason);
}

static void add_reason(char **reasons, const char *tier, const char *what, const char *why)
{
	char *old = *reasons;

	*reasons = xasprintf("%s%s%s: %s%s%s", old ? old : "", old ? "; " : "", tier,
			     what ? what : "", what ? ": " : "", why);
	free(old);
}

/* Whether the implementation can be used here; adds the reason to *reasons if not. */
static bool impl_usable(const struct plan *plan, const struct probe_impl *impl, enum tier wish,
			char **reasons)
{
	size_t i;

	if (wish != TIER_NONE && impl->tier != wish && impl->tier != TIER_PERF_EVENT) {
		add_reason(reasons, tier_names[impl->tier], NULL, "excluded by --tier");
		return false;
	}
	for (i = 0; i < IMPL_PROGRAMS_MAX && impl->program[i]; i++) {
		const char *why = plan->program[probe_program_index(impl->program[i])].reason;

		if (why) {
			add_reason(reasons, tier_names[impl->tier], impl->program[i], why);
			return false;
		}
	}
	return true;
}

static void select_quantity(struct plan *plan, enum cs_quantity q, enum tier wish)
{
	const struct probe_def *def = &probe_defs[q];
	struct quantity_plan *chosen = &plan->quantity[q];
	size_t i, j;

	free(chosen->reason);
	*chosen = (struct quantity_plan){0};
	for (i = 0; i < ARRAY_SIZE(def->impl) && def->impl[i].program[0]; i++) {
		const struct probe_impl *impl = &def->impl[i];

		if (!impl_usable(plan, impl, wish, &chosen->reason))
			continue;
		chosen->impl = impl;
		for (j = 0; j < IMPL_PROGRAMS_MAX && impl->program[j]; j++)
			plan->program[probe_program_index(impl->program[j])].wanted = true;
		return;
	}
	if (def->absent && !chosen->reason)
		chosen->reason = xstrdup(def->absent);
}

size_t plan_select(struct plan *plan, enum tier wish)
{
	size_t i, observed = 0;

	for (i = 0; i < probe_program_cnt; i++)
		plan->program[i].wanted = false;
	for (i = 0; i < CS_Q_MAX_; i++) {
		select_quantity(plan, (enum cs_quantity)i, wish);
		observed += plan->quantity[i].impl != NULL;
	}
	return observed;
}
