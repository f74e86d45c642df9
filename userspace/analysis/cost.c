// SPDX-License-Identifier: GPL-2.0-only
#include "analysis/cost.h"

static void add_part(struct mode_cost *cost, enum cost_part part, const struct metric_value *v)
{
	if (!value_known(v))
		return;
	cost->part[part].ns += v->value;
	cost->part[part].passes++;
}

/* No more of their run time than the cost has beside both ends: see whole_cost(). */
static struct metric_value kernel_part(const struct metric_value *w, double elsewhere_ns)
{
	struct metric_value v = w[M_KERNEL_CPU_NS];

	v.value = MIN(v.value, MAX(elsewhere_ns, 0));
	return v;
}

static double rusage_ns(const struct run_set *set, const struct run_result *r)
{
	struct metric_value user = run_result_sum(set, r, FLOW_BOTH, M_USER_CPU_NS);
	struct metric_value system = run_result_sum(set, r, FLOW_BOTH, M_SYSTEM_CPU_NS);

	return value_known(&user) && value_known(&system) ? user.value + system.value : 0;
}

static void add_pass(const struct run_set *set, const struct run_result *r, struct mode_cost *cost)
{
	const struct metric_value *w = r->v[OWNER_WHOLE], *whole = &w[M_CPU_NS_PER_BYTE];
	struct metric_value payload = run_result_payload(set, r, FLOW_RECEIVES);
	struct metric_value senders = run_result_sum(set, r, FLOW_SENDS, M_TASK_CLOCK_NS);
	struct metric_value receivers = run_result_sum(set, r, FLOW_RECEIVES, M_TASK_CLOCK_NS);
	struct metric_value kernel = kernel_part(w, whole->value * payload.value - senders.value - receivers.value);

	if (!value_known(whole) || !value_known(&payload))
		return;
	cost->passes++;
	cost->bytes += payload.value;
	add_part(cost, COST_SENDERS, &senders);
	add_part(cost, COST_RECEIVERS, &receivers);
	add_part(cost, COST_KERNEL, &kernel);
	add_part(cost, COST_IDLE_IRQ, &w[M_IDLE_IRQ_CPU_NS]);
	cost->rusage_ns += rusage_ns(set, r);
	cost->other_ns += value_or_0(&w[M_OTHER_CPU_NS]);
	cost->steal_ns += value_or_0(&w[M_STEAL_NS]);
	value_inherit(&cost->whole, whole);
}

struct mode_cost cost_of(const struct run_set *set, const char *mode)
{
	struct mode_cost cost = {.whole = value_ok(0, "derived")};
	enum cost_part part;
	size_t i;

	for (i = 0; i < set->result_cnt; i++)
		if (set->result[i].key.mode == mode && set->result[i].key.pass == PASS_CLEAN &&
		    set->result[i].status == RESULT_OK)
			add_pass(set, &set->result[i], &cost);
	for (part = 0; cost.bytes > 0 && part < COST_MAX_; part++)
		cost.whole.value += cost.part[part].ns / cost.bytes;
	return cost;
}
