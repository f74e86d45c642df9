// SPDX-License-Identifier: GPL-2.0-only
/* The choice of tier, with rejections as kernels make them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "probe/select.h"

static int new_plan(void **state)
{
	*state = xcalloc(1, sizeof(struct plan));
	plan_init(*state);
	return 0;
}

static int free_plan(void **state)
{
	plan_free(*state);
	free(*state);
	return 0;
}

static void reject(struct plan *plan, const char *program, const char *why)
{
	int i = probe_program_index(program);

	assert_true(i >= 0);
	plan_reject(plan, i, why);
}

static void wanted(struct plan *plan, const char *program, bool expected)
{
	assert_int_equal(plan->program[probe_program_index(program)].wanted, expected);
}

static size_t observable(void)
{
	size_t q, n = 0;

	for (q = 0; q < CS_Q_MAX_; q++)
		n += probe_defs[q].impl[0].program[0] != NULL;
	return n;
}

static void nothing_rejected(void **state)
{
	struct plan *plan = *state;
	size_t q;

	assert_int_equal(plan_select(plan, TIER_NONE), observable());
	for (q = 0; q < CS_Q_MAX_; q++) {
		/* observed, or a reason why not: never neither */
		assert_true(plan->quantity[q].impl || plan->quantity[q].reason);
		if (plan->quantity[q].impl)
			assert_ptr_equal(plan->quantity[q].impl, &probe_defs[q].impl[0]);
	}
}

/* One quantity goes, the others stay, and a program only it needed is not loaded. */
static void a_rejection_demotes_what_needs_it(void **state)
{
	struct plan *plan = *state;

	reject(plan, "ubuf_owner_tp", "this kernel has no net_dev_start_xmit");
	assert_int_equal(plan_select(plan, TIER_TRACEPOINT), observable() - 1);
	assert_null(plan->quantity[CS_Q_COPY_UBUFS].impl);
	assert_non_null(strstr(plan->quantity[CS_Q_COPY_UBUFS].reason,
			       "this kernel has no net_dev_start_xmit"));
	wanted(plan, "copy_ubufs_tp", false);
	wanted(plan, "send_done_tp", true);
	assert_non_null(plan->quantity[CS_Q_SEND].impl);
}

static void a_shared_program_takes_all_its_quantities(void **state)
{
	struct plan *plan = *state;

	reject(plan, "send_done_tp", "does not attach: Permission denied");
	plan_select(plan, TIER_TRACEPOINT);
	assert_null(plan->quantity[CS_Q_SEND].impl);
	assert_null(plan->quantity[CS_Q_USER_TO_KERNEL].impl);
	assert_null(plan->quantity[CS_Q_ZEROCOPY].impl);
	wanted(plan, "send_step_tp", false);
	assert_non_null(plan->quantity[CS_Q_RECV].impl);
}

static void the_first_reason_stays(void **state)
{
	struct plan *plan = *state;

	reject(plan, "switch_tp", "first");
	reject(plan, "switch_tp", "second");
	plan_select(plan, TIER_NONE);
	assert_non_null(strstr(plan->quantity[CS_Q_OFFCPU].reason, "first"));
	assert_null(strstr(plan->quantity[CS_Q_OFFCPU].reason, "second"));
}

static void selecting_again_starts_anew(void **state)
{
	struct plan *plan = *state;
	size_t n = plan_select(plan, TIER_NONE);

	assert_int_equal(plan_select(plan, TIER_NONE), n);
	reject(plan, "retransmit_tp", "gone");
	assert_int_equal(plan_select(plan, TIER_TRACEPOINT) < n, true);
}

/* Sampling has one tier and does not follow the wish; everything else does, and says so. */
static void the_wish_excludes_other_tiers(void **state)
{
	struct plan *plan = *state;

	plan_select(plan, TIER_KPROBE);
	assert_null(plan->quantity[CS_Q_RETRANSMIT].impl);
	assert_non_null(strstr(plan->quantity[CS_Q_RETRANSMIT].reason, "excluded by --tier"));
	assert_non_null(plan->quantity[CS_Q_CPU_SAMPLE].impl);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, new_plan, free_plan)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_rejected),
		TEST(a_rejection_demotes_what_needs_it),
		TEST(a_shared_program_takes_all_its_quantities),
		TEST(the_first_reason_stays),
		TEST(selecting_again_starts_anew),
		TEST(the_wish_excludes_other_tiers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
