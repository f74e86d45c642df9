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

static void add_reason(char **reasons, enum tier tier, const char *why)
{
	_cleanup_free_ char *one = xasprintf("%s: %s", tier_names[tier], why);
	char *old = *reasons;

	if (old && strstr(old, one))
		return; /* two ways of one tier, refused alike */
	*reasons = xasprintf("%s%s%s", old ? old : "", old ? "; " : "", one);
	free(old);
}

/* A wish for a tier is a wish about quantities that have a choice. */
static bool has_choice(const struct probe_def *def)
{
	return def->impl[1].program[0] || def->absent;
}

static bool impl_usable(const struct plan *plan, const struct probe_impl *impl, char **reasons)
{
	size_t i;

	for (i = 0; i < IMPL_PROGRAMS_MAX && impl->program[i]; i++) {
		const char *why = plan->program[probe_program_index(impl->program[i])].reason;

		if (why) {
			add_reason(reasons, impl->tier, why);
			return false;
		}
	}
	return true;
}

static void want_programs(struct plan *plan, const struct probe_impl *impl)
{
	size_t i;

	for (i = 0; i < IMPL_PROGRAMS_MAX && impl->program[i]; i++)
		plan->program[probe_program_index(impl->program[i])].wanted = true;
}

/* The first implementation that counts apart from the chosen one. */
static void select_check(struct plan *plan, const struct probe_def *def, struct quantity_plan *chosen)
{
	_cleanup_free_ char *reasons = NULL;
	size_t i;

	for (i = 0; i < IMPLS_MAX && def->impl[i].program[0]; i++) {
		if (probe_bank(def->impl[i].tier) == probe_bank(chosen->impl->tier) ||
		    !impl_usable(plan, &def->impl[i], &reasons))
			continue;
		chosen->check = &def->impl[i];
		want_programs(plan, chosen->check);
		return;
	}
}

static void select_quantity(struct plan *plan, enum cs_quantity q, const struct wish *wish)
{
	const struct probe_def *def = &probe_defs[q];
	struct quantity_plan *chosen = &plan->quantity[q];
	size_t i;

	free(chosen->reason);
	*chosen = (struct quantity_plan){0};
	if (def->full_only && !wish->full) {
		chosen->reason = xstrdup("not observed with --level light: use --level full");
		return;
	}
	for (i = 0; i < IMPLS_MAX && def->impl[i].program[0]; i++) {
		const struct probe_impl *impl = &def->impl[i];

		if (wish->tier != TIER_NONE && impl->tier != wish->tier && has_choice(def)) {
			add_reason(&chosen->reason, impl->tier, "excluded by --tier");
			continue;
		}
		if (!impl_usable(plan, impl, &chosen->reason))
			continue;
		chosen->impl = impl;
		want_programs(plan, impl);
		return;
	}
	if (def->absent)
		add_reason(&chosen->reason, TIER_TRACEPOINT, def->absent);
}

size_t plan_select(struct plan *plan, const struct wish *wish)
{
	size_t i, observed = 0;

	for (i = 0; i < probe_program_cnt; i++)
		plan->program[i].wanted = false;
	for (i = 0; i < CS_Q_MAX_; i++) {
		select_quantity(plan, (enum cs_quantity)i, wish);
		if (!plan->quantity[i].impl)
			continue;
		observed++;
		if (wish->cross_check)
			select_check(plan, &probe_defs[i], &plan->quantity[i]);
	}
	return observed;
}
