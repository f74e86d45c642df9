// SPDX-License-Identifier: GPL-2.0-only
#include "probe/select.h"

#include <string.h>

struct program_state *plan_program(const struct plan *plan, const char *name)
{
	size_t i;

	for (i = 0; i < plan->program_cnt; i++)
		if (!strcmp(plan->program[i].name, name))
			return &plan->program[i];
	return NULL;
}

/* By what their names begin with; test_probe_registry.c holds that against the object. */
static bool begins_state(const char *program)
{
	static const char *const begin[] = {
		"send_step_", "send_enter_", "sendpages_enter_", "record_alloc_", "unix_send_enter_", "udp_send_enter_",
		"udp6_send_enter_",
		"recv_enter_", "mapped_enter_", "unix_recv_enter_", "zcrx_enter_", "zerocopy_begin_", "copy_to_user_begin_",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(begin); i++)
		if (!strncmp(program, begin[i], strlen(begin[i])))
			return true;
	return false;
}

static void add_programs(struct plan *plan, const struct probe_impl *impl)
{
	const char *name;
	size_t i;

	for (i = 0; (name = impl_program(impl, EXTRAS_ALL, i)); i++) {
		if (plan_program(plan, name))
			continue;
		array_grow(plan->program, plan->program_cnt, plan->program_cap);
		plan->program[plan->program_cnt++] = (struct program_state){
			.name = name, .tier = impl->tier, .begins_state = begins_state(name)};
	}
}

void plan_init(struct plan *plan)
{
	size_t q, i;

	memset(plan, 0, sizeof(*plan));
	for (q = 0; q < CS_Q_MAX_; q++)
		for (i = 0; i < IMPLS_MAX; i++)
			add_programs(plan, &probe_defs[q].impl[i]);
}

static void free_reasons(struct reason **list)
{
	while (*list) {
		struct reason *next = (struct reason *)(*list)->next;

		free(*list);
		*list = next;
	}
}

void plan_free(struct plan *plan)
{
	size_t i;

	for (i = 0; i < CS_Q_MAX_; i++)
		free_reasons(&plan->quantity[i].reason);
	for (i = 0; i < plan->program_cnt; i++)
		free((char *)plan->program[i].reason.detail);
	free(plan->program);
	memset(plan, 0, sizeof(*plan));
}

void plan_reject(struct program_state *program, enum reason_code why, const char *detail)
{
	if (program->rejected)
		return;
	program->rejected = true;
	program->reason = (struct reason){
		.code = why, .tier = program->tier, .detail = detail ? xstrdup(detail) : NULL};
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

/* Two ways of one tier, refused alike, are said once. */
static void add_reason(struct reason **list, const struct reason *why)
{
	struct reason *r;

	for (r = *list; r; r = *list) {
		if (r->code == why->code && r->tier == why->tier && same_text(r->detail, why->detail))
			return;
		list = (struct reason **)&r->next;
	}
	r = xmalloc(sizeof(*r));
	*r = *why;
	r->next = NULL;
	*list = r;
}

/* A wish for a tier is a wish about quantities that have a choice. */
static bool has_choice(const struct probe_def *def)
{
	return def->impl[1].program[0] || def->absent;
}

/* The first program of it that is rejected; NULL: it can be used. */
static const struct program_state *obstacle(const struct plan *plan, const struct probe_impl *impl)
{
	const char *name;
	size_t i;

	for (i = 0; (name = impl_program(impl, plan->extras, i)); i++) {
		const struct program_state *program = plan_program(plan, name);

		if (program->rejected)
			return program;
	}
	return NULL;
}

static void want_programs(struct plan *plan, const struct probe_impl *impl)
{
	const char *name;
	size_t i;

	for (i = 0; (name = impl_program(impl, plan->extras, i)); i++)
		plan_program(plan, name)->wanted = true;
}

/* The function tiers share bodies, state and counts: an event must not pass through both. */
static bool may_mix(enum tier tier, enum tier functions)
{
	return probe_bank(tier) != CS_BANK_FUNCTION || tier == functions;
}

/* The first implementation that counts apart from the chosen one. */
static void select_check(struct plan *plan, const struct probe_def *def, enum tier functions,
			 struct quantity_plan *chosen)
{
	size_t i;

	for (i = 0; i < IMPLS_MAX && def->impl[i].program[0]; i++) {
		if (probe_bank(def->impl[i].tier) == probe_bank(chosen->impl->tier) ||
		    !may_mix(def->impl[i].tier, functions) || obstacle(plan, &def->impl[i]))
			continue;
		chosen->check = &def->impl[i];
		want_programs(plan, chosen->check);
		return;
	}
}

/* What is reported nowhere is only read where another is inferred. */
static bool is_needed(const struct plan *plan, enum cs_quantity q)
{
	const struct probe_def *def = &probe_defs[q];
	size_t i;

	for (i = 0; i < CS_Q_MAX_; i++)
		if ((plan->quantity[i].impl && plan->quantity[i].impl->stands_in == q) ||
		    (plan->quantity[i].check && plan->quantity[i].check->stands_in == q))
			return true;
	return def->count != METRIC_MAX_ || def->amount != METRIC_MAX_;
}

static void select_quantity(struct plan *plan, enum cs_quantity q, const struct wish *wish,
			    enum tier functions)
{
	const struct probe_def *def = &probe_defs[q];
	struct quantity_plan *chosen = &plan->quantity[q];
	struct reason why = {.code = REASON_LEVEL};
	size_t i;

	free_reasons(&chosen->reason);
	*chosen = (struct quantity_plan){0};
	if (!probe_asked(def, wish->extras))
		return;
	if (def->full_only && !wish->full) {
		add_reason(&chosen->reason, &why);
		return;
	}
	if (!is_needed(plan, q)) {
		why.code = REASON_STANDS_IN;
		add_reason(&chosen->reason, &why);
		return;
	}
	for (i = 0; i < IMPLS_MAX && def->impl[i].program[0]; i++) {
		const struct probe_impl *impl = &def->impl[i];
		const struct program_state *refused = obstacle(plan, impl);

		why = (struct reason){.code = REASON_EXCLUDED, .tier = impl->tier};
		if (wish->tier != TIER_NONE && impl->tier != wish->tier && has_choice(def)) {
			add_reason(&chosen->reason, &why);
		} else if (refused) {
			add_reason(&chosen->reason, &refused->reason);
		} else if (!may_mix(impl->tier, functions)) {
			why.code = REASON_NOT_MIXED;
			add_reason(&chosen->reason, &why);
		} else {
			chosen->impl = impl;
			want_programs(plan, impl);
			return;
		}
	}
	why = (struct reason){
		.code = def->absent, .tier = TIER_TRACEPOINT, .detail = def->absent_detail};
	if (def->absent)
		add_reason(&chosen->reason, &why);
}

/* Returns how many quantities functions show. */
static size_t select_all(struct plan *plan, const struct wish *wish, enum tier functions)
{
	size_t i, shown = 0;

	for (i = 0; i < plan->program_cnt; i++)
		plan->program[i].wanted = false;
	for (i = 0; i < CS_Q_MAX_; i++) {
		struct quantity_plan *chosen = &plan->quantity[i];

		select_quantity(plan, (enum cs_quantity)i, wish, functions);
		if (chosen->impl && wish->cross_check && !probe_defs[i].sampled)
			select_check(plan, &probe_defs[i], functions, chosen);
		shown += (chosen->impl && chosen->impl->tier == functions) ||
			 (chosen->check && chosen->check->tier == functions);
	}
	return shown;
}

size_t plan_select(struct plan *plan, const struct wish *wish)
{
	size_t by_kprobe, i, observed = 0;

	plan->extras = wish->extras;
	by_kprobe = select_all(plan, wish, TIER_KPROBE);
	if (select_all(plan, wish, TIER_FENTRY) < by_kprobe)
		select_all(plan, wish, TIER_KPROBE);
	for (i = 0; i < CS_Q_MAX_; i++)
		observed += plan->quantity[i].impl != NULL;
	return observed;
}
