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
	assert_non_null(plan_program(plan, program));
	plan_reject(plan_program(plan, program), REASON_OTHER, why);
}

static void wanted(struct plan *plan, const char *program, bool expected)
{
	assert_int_equal(plan_program(plan, program)->wanted, expected);
}

/* At the light level: quantities that have an implementation of this tier, or of the only tier they know. */
static size_t select_tier(struct plan *plan, enum tier tier)
{
	return plan_select(plan, &(struct wish){.tier = tier});
}

static size_t observable(enum tier tier)
{
	size_t q, i, n = 0;

	for (q = 0; q < CS_Q_MAX_; q++) {
		const struct probe_def *def = &probe_defs[q];
		bool only = !def->impl[1].program[0] && !def->absent;

		/* what is told nowhere stands in where another is inferred, which only tracepoints do */
		if (def->full_only || def->only || (def->count == METRIC_MAX_ && def->amount == METRIC_MAX_ && tier == TIER_NONE))
			continue;
		for (i = 0; i < IMPLS_MAX && def->impl[i].program[0]; i++) {
			if (tier == TIER_NONE || def->impl[i].tier == tier || only) {
				n++;
				break;
			}
		}
	}
	return n;
}

static void reject_tier(struct plan *plan, enum tier tier, const char *why)
{
	size_t i;

	for (i = 0; i < plan->program_cnt; i++)
		if (plan->program[i].tier == tier)
			plan_reject(&plan->program[i], REASON_OTHER, why);
}

/* Whether the reasons of a quantity, as they are printed, hold the words. */
static bool says(const struct plan *plan, enum cs_quantity q, const char *words)
{
	_cleanup_free_ char *text = reason_text(plan->quantity[q].reason);

	return strstr(text, words);
}

static void nothing_rejected(void **state)
{
	struct plan *plan = *state;
	size_t q;

	assert_int_equal(select_tier(plan, TIER_NONE), observable(TIER_NONE));
	for (q = 0; q < CS_Q_MAX_; q++) {
		/* observed, or a reason why not: never neither */
		assert_true(plan->quantity[q].impl || plan->quantity[q].reason || probe_defs[q].only);
		if (plan->quantity[q].impl)
			assert_ptr_equal(plan->quantity[q].impl, &probe_defs[q].impl[0]);
		assert_null(plan->quantity[q].check);
	}
}

/* Hops are for where skb_copy_ubufs() is inferred: else nothing is attached for them. */
static void what_stands_in_is_only_for_what_is_inferred(void **state)
{
	struct plan *plan = *state;

	select_tier(plan, TIER_NONE);
	wanted(plan, "copy_ubufs_tp", false);
	assert_true(says(plan, CS_Q_COPY_UBUFS_HOPS, "seen itself"));
	select_tier(plan, TIER_TRACEPOINT);
	assert_non_null(plan->quantity[CS_Q_COPY_UBUFS_HOPS].impl);
	plan_select(plan, &(struct wish){.cross_check = true});
	assert_non_null(plan->quantity[CS_Q_COPY_UBUFS_HOPS].impl);
	reject_tier(plan, TIER_FENTRY, "refused");
	reject_tier(plan, TIER_KPROBE, "refused");
	select_tier(plan, TIER_NONE);
	assert_non_null(plan->quantity[CS_Q_COPY_UBUFS_HOPS].impl);
}

/* Who asks for local sockets, too, gets what shows both, or what a tracepoint shows: never TCP alone, which would look
 * like none.
 */
static void local_sockets_take_programs_of_their_own(void **state)
{
	struct plan *plan = *state;

	select_tier(plan, TIER_NONE);
	wanted(plan, "unix_send_fentry", false);
	plan_select(plan, &(struct wish){.extras = EXTRA_BIT(EXTRA_UNIX), .cross_check = true});
	wanted(plan, "send_enter_fentry", true);
	wanted(plan, "unix_send_fentry", true);
	wanted(plan, "unix_copy_fentry", true);
	wanted(plan, "unix_recv_fentry", true);
	wanted(plan, "unix_sent_kprobe", false);
	plan_select(plan, &(struct wish){.extras = EXTRA_BIT(EXTRA_UNIX), .tier = TIER_KPROBE});
	wanted(plan, "unix_recv_copied_kprobe", true);
	wanted(plan, "unix_sent_kprobe", true);
	reject(plan, "unix_recv_fentry", "this kernel has no unix_stream_recvmsg");
	reject(plan, "unix_recv_enter_kprobe", "this kernel has no unix_stream_recvmsg");
	plan_select(plan, &(struct wish){.extras = EXTRA_BIT(EXTRA_UNIX)});
	assert_int_equal(plan->quantity[CS_Q_RECV].impl->tier, TIER_TRACEPOINT);
	assert_true(says(plan, CS_Q_RECV, "this kernel has no unix_stream_recvmsg"));
	assert_int_equal(plan->quantity[CS_Q_SEND].impl->tier, TIER_FENTRY);
}

static bool receive_shows_zcrx(const struct plan *plan)
{
	_cleanup_free_ char *via = impl_via(plan->quantity[CS_Q_RECV].impl, plan->extras);

	return strstr(via, "zcrx");
}

static bool takes(const struct plan *plan, enum cs_quantity q, const char *program)
{
	const char *name;
	size_t i;

	for (i = 0; (name = impl_program(plan->quantity[q].impl, plan->extras, i)); i++)
		if (!strcmp(name, program))
			return true;
	return false;
}

/* kTLS's bytes are counted at its records: without those programs, or with skipped runs of them, they are not all. */
static void records_are_part_of_sends_and_receives(void **state)
{
	struct plan *plan = *state;

	select_tier(plan, TIER_NONE);
	assert_false(takes(plan, CS_Q_SEND, "encrypt_fentry"));
	plan_select(plan, &(struct wish){.extras = EXTRA_BIT(EXTRA_TLS)});
	assert_true(takes(plan, CS_Q_SEND, "encrypt_fentry"));
	assert_true(takes(plan, CS_Q_USER_TO_KERNEL, "record_copy_fentry"));
	assert_true(takes(plan, CS_Q_RECV, "decrypt_fentry"));
	reject(plan, "decrypt_fentry", "this kernel has no crypto_aead_decrypt");
	reject(plan, "decrypt_kprobe", "this kernel has no crypto_aead_decrypt");
	plan_select(plan, &(struct wish){.extras = EXTRA_BIT(EXTRA_TLS)});
	assert_int_equal(plan->quantity[CS_Q_RECV].impl->tier, TIER_TRACEPOINT);
	assert_int_equal(plan->quantity[CS_Q_SEND].impl->tier, TIER_FENTRY);
}

/* What zcrx takes no other call shows: without the programs for it nothing is known of a receive that asks for it. */
static void zcrx_is_no_receive_like_others(void **state)
{
	struct plan *plan = *state;

	select_tier(plan, TIER_NONE);
	assert_false(receive_shows_zcrx(plan));
	plan_select(plan, &(struct wish){.extras = EXTRA_BIT(EXTRA_ZCRX)});
	assert_true(receive_shows_zcrx(plan));
	assert_int_equal(plan->quantity[CS_Q_SEND].impl->tier, TIER_FENTRY);
	reject(plan, "zcrx_enter_fentry", "this kernel has no io_zcrx_recv");
	reject(plan, "zcrx_enter_kprobe", "this kernel has no io_zcrx_recv");
	plan_select(plan, &(struct wish){.extras = EXTRA_BIT(EXTRA_ZCRX)});
	assert_int_equal(plan->quantity[CS_Q_RECV].impl->tier, TIER_TRACEPOINT);
	assert_non_null(plan->quantity[CS_Q_RECV].impl->blind_to);
	assert_null(plan->quantity[CS_Q_ZCRX].impl);
	assert_true(says(plan, CS_Q_ZCRX, "this kernel has no io_zcrx_recv"));
	select_tier(plan, TIER_NONE);
	assert_int_equal(plan->quantity[CS_Q_RECV].impl->tier, TIER_FENTRY);
}

/* One quantity goes, the others stay, and a program only it needed is not loaded. */
static void a_rejection_demotes_what_needs_it(void **state)
{
	struct plan *plan = *state;

	reject(plan, "retransmit_tp", "this kernel has no tcp_retransmit_skb");
	assert_int_equal(select_tier(plan, TIER_TRACEPOINT), observable(TIER_TRACEPOINT) - 1);
	assert_null(plan->quantity[CS_Q_RETRANSMIT].impl);
	assert_true(says(plan, CS_Q_RETRANSMIT, "this kernel has no tcp_retransmit_skb"));
	wanted(plan, "retransmit_tp", false);
	wanted(plan, "send_done_tp", true);
	assert_non_null(plan->quantity[CS_Q_SEND].impl);
}

static void a_shared_program_takes_all_its_quantities(void **state)
{
	struct plan *plan = *state;

	reject(plan, "send_done_tp", "does not attach: Permission denied");
	select_tier(plan, TIER_TRACEPOINT);
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
	select_tier(plan, TIER_NONE);
	assert_true(says(plan, CS_Q_OFFCPU, "first"));
	assert_false(says(plan, CS_Q_OFFCPU, "second"));
}

static void selecting_again_starts_anew(void **state)
{
	struct plan *plan = *state;
	size_t n = select_tier(plan, TIER_NONE);

	assert_int_equal(select_tier(plan, TIER_NONE), n);
	reject(plan, "retransmit_tp", "gone");
	assert_int_equal(select_tier(plan, TIER_NONE), n - 1);
}

/* A quantity without a choice does not follow the wish; everything else does, and says so. */
static void the_wish_excludes_other_tiers(void **state)
{
	struct plan *plan = *state;

	select_tier(plan, TIER_KPROBE);
	assert_int_equal(plan->quantity[CS_Q_SEND].impl->tier, TIER_KPROBE);
	assert_true(says(plan, CS_Q_SEND, "excluded by --tier"));
	assert_int_equal(plan->quantity[CS_Q_RETRANSMIT].impl->tier, TIER_TRACEPOINT);
	assert_int_equal(plan->quantity[CS_Q_CPU_SAMPLE].impl->tier, TIER_PERF_EVENT);
	wanted(plan, "send_enter_fentry", false);
}

/* arm64 before 6.4: fentry is refused as a kind, kprobes take over, nothing is lost. */
static void a_refused_kind_moves_all_to_the_next_tier(void **state)
{
	struct plan *plan = *state;
	size_t q;

	reject_tier(plan, TIER_FENTRY, "refused");
	assert_int_equal(select_tier(plan, TIER_NONE), observable(TIER_NONE));
	for (q = 0; q < CS_Q_MAX_; q++)
		if (plan->quantity[q].impl)
			assert_true(plan->quantity[q].impl->tier != TIER_FENTRY);
	assert_int_equal(plan->quantity[CS_Q_PAGE_REF].impl->tier, TIER_KPROBE);
	assert_true(says(plan, CS_Q_PAGE_REF, "refused"));
}

/* A target that this kernel has renamed away: that quantity alone is demoted, below both. */
static void one_missing_target_demotes_one_quantity(void **state)
{
	struct plan *plan = *state;
	size_t q;

	reject(plan, "user_copy_fentry", "this kernel has no __check_object_size");
	reject(plan, "user_copy_kprobe", "this kernel has no __check_object_size");
	select_tier(plan, TIER_NONE);
	for (q = 0; q < CS_Q_MAX_; q++)
		if (probe_defs[q].impl[0].tier == TIER_FENTRY && !probe_defs[q].full_only && !probe_defs[q].only)
			assert_int_equal(plan->quantity[q].impl->tier,
					 q == CS_Q_USER_TO_KERNEL ? TIER_TRACEPOINT : TIER_FENTRY);
	assert_false(says(plan, CS_Q_SEND, "not beside"));
}

/* Both programs of one body would count each event twice: all go where nothing is lost. */
static void the_function_tiers_are_never_mixed(void **state)
{
	struct plan *plan = *state;
	size_t i;

	reject(plan, "zerocopy_fentry", "does not attach");
	assert_int_equal(select_tier(plan, TIER_NONE), observable(TIER_NONE));
	assert_int_equal(plan->quantity[CS_Q_ZC_ID].impl->tier, TIER_KPROBE);
	assert_int_equal(plan->quantity[CS_Q_SEND].impl->tier, TIER_KPROBE);
	assert_true(says(plan, CS_Q_SEND, "not beside the other function tier"));
	reject(plan, "user_copy_kprobe", "does not attach");
	reject(plan, "page_ref_kprobe", "does not attach");
	reject(plan, "mapped_enter_kprobe", "does not attach"); /* now they show as much */
	select_tier(plan, TIER_NONE);
	assert_int_equal(plan->quantity[CS_Q_SEND].impl->tier, TIER_FENTRY);
	assert_null(plan->quantity[CS_Q_ZC_ID].impl);
	assert_true(says(plan, CS_Q_ZC_ID, "not beside the other function tier"));
	plan_select(plan, &(struct wish){.cross_check = true});
	for (i = 0; i < plan->program_cnt; i++)
		assert_false(plan->program[i].wanted && plan->program[i].tier == TIER_KPROBE);
}

static void only_tracepoints_leave_reasons(void **state)
{
	struct plan *plan = *state;

	reject_tier(plan, TIER_FENTRY, "no fentry here");
	reject_tier(plan, TIER_KPROBE, "no kprobes here");
	assert_int_equal(select_tier(plan, TIER_NONE), observable(TIER_TRACEPOINT));
	assert_null(plan->quantity[CS_Q_PAGE_REF].impl);
	assert_true(says(plan, CS_Q_PAGE_REF, "no fentry here"));
	assert_true(says(plan, CS_Q_PAGE_REF, "no kprobes here"));
}

static void a_cross_check_counts_apart(void **state)
{
	struct plan *plan = *state;
	size_t q, checked = 0;

	plan_select(plan, &(struct wish){.tier = TIER_NONE, .cross_check = true});
	for (q = 0; q < CS_Q_MAX_; q++) {
		const struct quantity_plan *chosen = &plan->quantity[q];

		if (!chosen->check)
			continue;
		checked++;
		assert_true(probe_bank(chosen->check->tier) != probe_bank(chosen->impl->tier));
	}
	assert_true(checked >= 7);
	wanted(plan, "send_done_tp", true);
	wanted(plan, "send_push_fentry", true);
	select_tier(plan, TIER_NONE);
	wanted(plan, "send_done_tp", false);
}

static void some_are_only_observed_when_asked_for(void **state)
{
	struct plan *plan = *state;

	select_tier(plan, TIER_NONE);
	wanted(plan, "fork_tp", false);
	assert_null(plan->quantity[CS_Q_FOLLOWED].impl);
	assert_null(plan->quantity[CS_Q_SEND_LOOPBACK].impl);
	plan_select(plan, &(struct wish){.extras = EXTRA_BIT(EXTRA_PROCESSES)});
	wanted(plan, "fork_tp", true);
	wanted(plan, "sock_gone_tp", false);
	assert_null(plan->quantity[CS_Q_SEND_LOOPBACK].impl);
	plan_select(plan, &(struct wish){.extras = EXTRA_BIT(EXTRA_CALLS)});
	wanted(plan, "sock_gone_tp", true);
	wanted(plan, "fork_tp", false);
}

static void the_full_level_adds_times(void **state)
{
	struct plan *plan = *state;
	size_t light = select_tier(plan, TIER_NONE);

	assert_null(plan->quantity[CS_Q_COPY_UBUFS_TIME].impl);
	assert_true(says(plan, CS_Q_COPY_UBUFS_TIME, "--level full"));
	wanted(plan, "copy_ubufs_end_fentry", false);
	assert_true(plan_select(plan, &(struct wish){.tier = TIER_NONE, .full = true}) > light);
	assert_non_null(plan->quantity[CS_Q_COPY_UBUFS_TIME].impl);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, new_plan, free_plan)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_rejected),
		TEST(what_stands_in_is_only_for_what_is_inferred),
		TEST(local_sockets_take_programs_of_their_own),
		TEST(records_are_part_of_sends_and_receives),
		TEST(zcrx_is_no_receive_like_others),
		TEST(a_rejection_demotes_what_needs_it),
		TEST(a_shared_program_takes_all_its_quantities),
		TEST(the_first_reason_stays),
		TEST(selecting_again_starts_anew),
		TEST(the_wish_excludes_other_tiers),
		TEST(a_refused_kind_moves_all_to_the_next_tier),
		TEST(one_missing_target_demotes_one_quantity),
		TEST(the_function_tiers_are_never_mixed),
		TEST(only_tracepoints_leave_reasons),
		TEST(a_cross_check_counts_apart),
		TEST(some_are_only_observed_when_asked_for),
		TEST(the_full_level_adds_times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
