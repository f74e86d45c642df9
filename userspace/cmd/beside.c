// SPDX-License-Identifier: GPL-2.0-only
/* What is run beside the matrix: one cell of it with another congestion control, which shows what pacing hides,
 * and round trips of one size. Each is a variant of the plan, in the same blocks of passes.
 */
#include <errno.h>
#include <string.h>

#include "analysis/stats.h"
#include "cmd/run.h"
#include "core/log.h"
#include "workload/sock.h"
#include "workload/workload.h"

#define BESIDE_SIZE_BYTES (64 * KIB)

int beside_add_variant(struct run_set *set, const struct run_variant *variant)
{
	struct run_plan *plan = &set->plan;

	if (plan->variant_cnt == VARIANTS_MAX)
		return fail_r(-EINVAL, "--cc: at most %d of them in one run", VARIANTS_MAX + 1);
	plan->variant = xreallocarray(plan->variant, plan->variant_cnt + 1, sizeof(*plan->variant));
	plan->variant[plan->variant_cnt++] = *variant;
	return 0;
}

static const char *other_congestion(const char *than)
{
	static const char *const names[] = {"cubic", "bbr"};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (strcmp(names[i], than) && sock_has_congestion(names[i]))
			return names[i];
	return NULL;
}

static void add_congestion(struct run_set *set)
{
	const struct run_plan *plan = &set->plan;
	const char *other = plan->congestion ? other_congestion(plan->congestion) : NULL;

	if (other)
		beside_add_variant(set, &(struct run_variant){.pattern = plan->pattern,
							      .congestion = run_set_str(set, other),
							      .size_bytes = nearest_size(plan, BESIDE_SIZE_BYTES),
							      .threads = nearest_threads(plan, 1)});
	else
		run_set_note(set, "run", "no cell with another congestion control: neither cubic nor bbr is there "
					 "beside %s (modprobe tcp_bbr)", plan->congestion ?: "the system's");
}

void beside_add(unsigned int which, struct run_set *set)
{
	struct run_plan *plan = &set->plan;

	if (which & BESIDE_CC)
		add_congestion(set);
	if (which & BESIDE_RR)
		beside_add_variant(set, &(struct run_variant){.pattern = run_set_str(set, pattern_names[PATTERN_RR]),
							      .congestion = plan->congestion,
							      .size_bytes = nearest_size(plan, BESIDE_SIZE_BYTES)});
}
