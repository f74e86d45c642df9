// SPDX-License-Identifier: GPL-2.0-only
/* The probe table against the BPF object: neither names what the other lacks. Opening an object needs
 * no privilege, so this runs everywhere.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "probe/session.h"

static int open_skeleton(void **state)
{
	*state = copyscope_bpf__open();
	return *state ? 0 : -1;
}

static int close_skeleton(void **state)
{
	copyscope_bpf__destroy(*state);
	return 0;
}

/* What a program attaches to stands in its section's name, and says of which tier it is. */
static void every_program_of_the_table_is_in_the_object(void **state)
{
	static const struct {
		const char *section;
		enum tier tier;
	} kinds[] = {
		{"fentry/", TIER_FENTRY},     {"fexit/", TIER_FENTRY},	 {"kprobe/", TIER_KPROBE},
		{"kretprobe/", TIER_KPROBE},  {"tp_btf/", TIER_TRACEPOINT},
		{"perf_event", TIER_PERF_EVENT},
	};
	struct copyscope_bpf *skel = *state;
	struct plan plan;
	size_t i, k;

	plan_init(&plan);
	for (i = 0; i < plan.program_cnt; i++) {
		const struct program_state *program = &plan.program[i];
		struct bpf_program *bpf = bpf_object__find_program_by_name(skel->obj, program->name);

		if (!bpf)
			fail_msg("no BPF program %s", program->name);
		for (k = 0; k < ARRAY_SIZE(kinds); k++)
			if (!strncmp(bpf_program__section_name(bpf), kinds[k].section,
				     strlen(kinds[k].section)))
				break;
		assert_true(k < ARRAY_SIZE(kinds));
		if (kinds[k].tier != program->tier)
			fail_msg("%s is no program of its tier", program->name);
	}
	plan_free(&plan);
}

static void every_program_serves_a_quantity(void **state)
{
	struct copyscope_bpf *skel = *state;
	struct bpf_program *prog;
	struct plan plan;

	plan_init(&plan);
	bpf_object__for_each_program(prog, skel->obj)
	{
		if (!plan_program(&plan, bpf_program__name(prog)))
			fail_msg("%s serves no quantity", bpf_program__name(prog));
		assert_false(bpf_program__autoload(prog)); /* SEC("?..."): only the plan loads */
	}
	plan_free(&plan);
}

/* Whether it asks for a task's storage to be made: r4, the flags, is loaded right before the call. */
static bool makes_task_storage(const struct bpf_program *prog)
{
	const struct bpf_insn *insn = bpf_program__insns(prog);
	size_t i, n = bpf_program__insn_cnt(prog);
	bool makes = false;

	for (i = 0; i < n; i++) {
		if (insn[i].code != (BPF_JMP | BPF_CALL) || insn[i].src_reg || insn[i].imm != BPF_FUNC_task_storage_get)
			continue;
		if (!i || insn[i - 1].code != (BPF_ALU64 | BPF_MOV | BPF_K) || insn[i - 1].dst_reg != BPF_REG_4)
			fail_msg("%s: cannot tell what it asks of a task's storage", bpf_program__name(prog));
		makes |= insn[i - 1].imm == BPF_LOCAL_STORAGE_GET_F_CREATE;
	}
	return makes;
}

/* A switch without a state is dropped as such (CS_DROP_OFFCPU_OPEN). */
static void the_plan_knows_who_begins_a_state(void **state)
{
	struct copyscope_bpf *skel = *state;
	struct plan plan;
	size_t i;

	plan_init(&plan);
	for (i = 0; i < plan.program_cnt; i++) {
		const char *name = plan.program[i].name;

		if (strcmp(name, "switch_tp") && plan.program[i].begins_state !=
		    makes_task_storage(bpf_object__find_program_by_name(skel->obj, name)))
			fail_msg("begins_state(\"%s\") is wrong", name);
	}
	plan_free(&plan);
}

static void every_quantity_is_whole(void **state)
{
	size_t q, i;

	(void)state;
	for (q = 0; q < CS_Q_MAX_; q++) {
		const struct probe_def *def = &probe_defs[q];

		assert_non_null(def->name);
		assert_non_null(def->help);
		assert_true(def->count != METRIC_MAX_ || def->amount != METRIC_MAX_ ||
			    q == CS_Q_COPY_UBUFS_HOPS);
		assert_true(def->impl[0].program[0] || def->absent);
		for (i = 0; i < IMPLS_MAX && def->impl[i].program[0]; i++) {
			assert_non_null(def->impl[i].via);
			if (i)
				assert_true(def->impl[i - 1].tier <= def->impl[i].tier);
			assert_true(!(def->impl[i].count_bound | def->impl[i].amount_bound) ==
				    !def->impl[i].bound_reason);
		}
	}
}

static const char *amount_via(const struct probe_impl *impl)
{
	return impl->amount_via ?: impl->via;
}

/* One program counts them for both, so the ledger must not take one for a witness of the other. */
static void bytes_by_reference_are_counted_as_those_of_the_send(void **state)
{
	static const enum cs_quantity ways[] = {CS_Q_ZEROCOPY, CS_Q_SPLICE};
	const struct probe_impl *send = probe_defs[CS_Q_SEND].impl;
	size_t w, i, s;

	(void)state;
	for (w = 0; w < ARRAY_SIZE(ways); w++)
		for (i = 0; i < IMPLS_MAX && probe_defs[ways[w]].impl[i].program[0]; i++)
			for (s = 0; s < IMPLS_MAX && send[s].program[0]; s++)
				if (send[s].tier == probe_defs[ways[w]].impl[i].tier)
					assert_string_equal(amount_via(&send[s]),
							    amount_via(&probe_defs[ways[w]].impl[i]));
}

/* Shares of path_copy, told apart by the reason of each copy rather than by a quantity of their own. */
static bool is_share_of_path_copy(size_t m)
{
	return m == M_GSO_COPY_BYTES || m == M_HEAD_COPIES || m == M_HEAD_COPY_BYTES ||
	       m == M_OTHER_COPY_BYTES;
}

/* What no quantity counts by itself is told apart from path_copy by its reason. */
static void every_stage_of_the_path_is_counted(void **state)
{
	enum stage s;

	(void)state;
	for (s = 0; s < STAGE_MAX_; s++)
		if (metric_defs[stage_defs[s].bytes].source == FROM_BPF &&
		    !probe_counts(stage_defs[s].bytes))
			assert_int_equal(stage_defs[s].direction, DIRECTION_PATH);
}

/* Each other BPF metric of the table has exactly one quantity behind it. */
static void every_bpf_metric_has_a_source(void **state)
{
	size_t m, q, sources;

	(void)state;
	for (m = 0; m < METRIC_MAX_; m++) {
		if (metric_defs[m].source != FROM_BPF)
			continue;
		for (sources = 0, q = 0; q < CS_Q_MAX_; q++)
			sources += (probe_defs[q].count == m) + (probe_defs[q].amount == m);
		if (sources != !is_share_of_path_copy(m))
			fail_msg("%s has %zu sources", metric_defs[m].name, sources);
	}
}

/* More turns than copies, and of those some not seen: the truth may lie on either side. */
static void skipped_runs_leave_no_upper_bound(void **state)
{
	static const struct reason turns = {.code = REASON_SEND_TURNS}, skipped = {.code = REASON_SKIPPED_RUNS};
	struct metric_value v;

	(void)state;
	v = counted_value(5, "here", BOUND_UPPER, &turns, NULL);
	assert_int_equal(v.bound, BOUND_UPPER);
	v = counted_value(5, "here", BOUND_NONE, &turns, &skipped);
	assert_int_equal(v.bound, BOUND_LOWER);
	assert_ptr_equal(v.reason, &skipped);
	v = counted_value(5, "here", BOUND_UPPER, &turns, &skipped);
	assert_false(value_known(&v));
	assert_ptr_equal(v.reason, &skipped);
	/* at most nothing is nothing, unless some was not seen */
	v = counted_value(0, "here", BOUND_UPPER, &turns, NULL);
	assert_int_equal(v.bound, BOUND_NONE);
	assert_null(v.reason);
	v = counted_value(0, "here", BOUND_UPPER, &turns, &skipped);
	assert_false(value_known(&v));
	v = counted_value(5, "here", BOUND_NONE, NULL, NULL);
	assert_int_equal(v.bound, BOUND_NONE);
	assert_true(value_known(&v));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_program_of_the_table_is_in_the_object),
		cmocka_unit_test(every_program_serves_a_quantity),
		cmocka_unit_test(the_plan_knows_who_begins_a_state),
		cmocka_unit_test(every_quantity_is_whole),
		cmocka_unit_test(bytes_by_reference_are_counted_as_those_of_the_send),
		cmocka_unit_test(every_stage_of_the_path_is_counted),
		cmocka_unit_test(every_bpf_metric_has_a_source),
		cmocka_unit_test(skipped_runs_leave_no_upper_bound),
	};

	return cmocka_run_group_tests(tests, open_skeleton, close_skeleton);
}
