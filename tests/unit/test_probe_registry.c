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

static void every_row_is_in_the_object(void **state)
{
	struct copyscope_bpf *skel = *state;
	size_t i;

	for (i = 0; i < probe_program_cnt; i++) {
		if (!bpf_object__find_program_by_name(skel->obj, probe_programs[i].name))
			fail_msg("no BPF program %s", probe_programs[i].name);
		assert_int_equal(probe_program_index(probe_programs[i].name), i);
	}
}

static void every_program_is_in_the_table(void **state)
{
	struct copyscope_bpf *skel = *state;
	struct bpf_program *prog;

	bpf_object__for_each_program(prog, skel->obj)
	{
		if (probe_program_index(bpf_program__name(prog)) < 0)
			fail_msg("%s has no row", bpf_program__name(prog));
		assert_false(bpf_program__autoload(prog)); /* SEC("?..."): only the plan loads */
	}
}

static bool is_used(const char *program)
{
	size_t q, i, j;

	for (q = 0; q < CS_Q_MAX_; q++)
		for (i = 0; i < IMPLS_MAX; i++)
			for (j = 0; j < IMPL_PROGRAMS_MAX; j++)
				if (probe_defs[q].impl[i].program[j] &&
				    !strcmp(probe_defs[q].impl[i].program[j], program))
					return true;
	return false;
}

static void every_program_serves_a_quantity(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < probe_program_cnt; i++)
		if (!is_used(probe_programs[i].name))
			fail_msg("%s serves no quantity", probe_programs[i].name);
}

static void every_quantity_is_whole(void **state)
{
	size_t q, i, j;

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
			for (j = 0; j < IMPL_PROGRAMS_MAX && def->impl[i].program[j]; j++)
				if (probe_program_index(def->impl[i].program[j]) < 0)
					fail_msg("%s: no program %s", def->name,
						 def->impl[i].program[j]);
		}
	}
}

/* Shares of path_copy, told apart by the reason of each copy rather than by a quantity of their own. */
static bool is_share_of_path_copy(size_t m)
{
	return m == M_GSO_COPY_BYTES || m == M_HEAD_COPIES || m == M_HEAD_COPY_BYTES ||
	       m == M_OTHER_COPY_BYTES;
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_is_in_the_object),
		cmocka_unit_test(every_program_is_in_the_table),
		cmocka_unit_test(every_program_serves_a_quantity),
		cmocka_unit_test(every_quantity_is_whole),
		cmocka_unit_test(every_bpf_metric_has_a_source),
	};

	return cmocka_run_group_tests(tests, open_skeleton, close_skeleton);
}
