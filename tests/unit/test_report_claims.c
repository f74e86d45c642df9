// SPDX-License-Identifier: GPL-2.0-only
/* Zero-copy truth, losses, notes and claims: what the full tier's numbers let the report say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "analysis/claims.h"
#include "report/notes.h"
#include "report/plots_data.h"
#include "result_fixture.h"

/* The zero-copy mode's attribution results as a full tier sees them: per byte sent, so much copied by
 * skb_copy_ubufs, by software GSO, elsewhere; share of the ids flagged.
 */
static void full_tier(struct run_set *set, double ubufs, double gso, double other, double flagged)
{
	size_t i;

	for (i = 0; i < set->result_cnt; i++) {
		struct run_result *r = &set->result[i];
		struct metric_value *v = r->v[ROLE_SERVER];
		double sent = v[M_ZEROCOPY_BYTES].value;

		if (strcmp(r->key.mode, "A3") || r->key.pass != PASS_ATTRIBUTION)
			continue;
		r->copy_cnt = 0;
		v[M_COPY_UBUFS_BYTES] = value_ok(sent * ubufs, "fentry");
		v[M_GSO_COPY_BYTES] = value_ok(sent * gso, "fentry");
		v[M_OTHER_COPY_BYTES] = value_ok(sent * other, "fentry");
		v[M_RETRANSMIT_BYTES] = value_ok(0, "tracepoint");
		v[M_COMPLETION_COPIED_IDS] = value_ok(v[M_COMPLETION_IDS].value * flagged, "fentry");
	}
}

static void truth_needs_every_place(void **state)
{
	struct run_set *set = fixture_make(FIXTURE_ONE_REPETITION);
	struct verdict v;
	size_t i;

	(void)state;
	full_tier(set, 0, 0, 0, 0);
	verdict_build(set, &v);
	assert_int_equal(v.zerocopy[0].state, ZC_REAL);
	verdict_free(&v);
	/* the same zeros, but one place was not visible in one cell */
	for (i = set->result_cnt; i-- > 0;)
		if (!strcmp(set->result[i].key.mode, "A3") &&
		    set->result[i].key.pass == PASS_ATTRIBUTION)
			break;
	set->result[i].v[ROLE_SERVER][M_GSO_COPY_BYTES] = value_unsupported("why");
	verdict_build(set, &v);
	assert_int_equal(v.zerocopy[0].state, ZC_UNCOPIED_AS_SEEN);
	assert_string_equal(v.zerocopy[0].reason, "why");
	verdict_free(&v);
	/* a bound of zero is no zero */
	set->result[i].v[ROLE_SERVER][M_GSO_COPY_BYTES] = value_ok(0, "fentry");
	set->result[i].v[ROLE_SERVER][M_GSO_COPY_BYTES].status = VALUE_LOSSY;
	verdict_build(set, &v);
	assert_int_equal(v.zerocopy[0].state, ZC_UNCOPIED_AS_SEEN);
	verdict_free(&v);
	run_set_free(&set);
}

static void gso_copies_count_whatever_the_flag_says(void **state)
{
	struct run_set *set = fixture_make(FIXTURE_ONE_REPETITION);
	struct claim_finding findings[CLAIM_MAX_];
	struct verdict v;

	(void)state;
	full_tier(set, 0, 1, 0, 0.33);
	verdict_build(set, &v);
	assert_int_equal(v.zerocopy[0].state, ZC_COPIED);
	assert_float_equal(zerocopy_flagged(&v.zerocopy[0]), 0.33, 1e-9);
	assert_true(claims_test(set, &v, findings));
	assert_int_equal(findings[CLAIM_NO_COPY].state, CLAIM_REFUTED);
	verdict_free(&v);
	full_tier(set, 0.25, 0, 0.25, 0.33);
	verdict_build(set, &v);
	assert_int_equal(v.zerocopy[0].state, ZC_PARTLY);
	assert_float_equal(v.zerocopy[0].ratio, 0.5, 1e-9);
	verdict_free(&v);
	run_set_free(&set);
}

static void a_surplus_is_explained_by_no_more_than_was_sent_again(void **state)
{
	struct run_set *set = fixture_make(FIXTURE_ONE_REPETITION);
	struct run_result *r = NULL;
	struct verdict v;
	size_t i;

	(void)state;
	full_tier(set, 1, 0, 0, 1);
	for (i = 0; i < set->result_cnt && !r; i++)
		if (!strcmp(set->result[i].key.mode, "A3") &&
		    set->result[i].key.pass == PASS_ATTRIBUTION)
			r = &set->result[i];
	r->v[ROLE_SERVER][M_COPY_UBUFS_BYTES].value += 1000;
	r->v[ROLE_SERVER][M_RETRANSMIT_BYTES].value = 1448;
	verdict_build(set, &v);
	assert_true(v.zerocopy[0].surplus_bytes == 1000 && v.zerocopy[0].unexplained_bytes == 0);
	verdict_free(&v);
	r->v[ROLE_SERVER][M_RETRANSMIT_BYTES].value = 900;
	verdict_build(set, &v);
	assert_true(v.zerocopy[0].unexplained_bytes == 100);
	verdict_free(&v);
	/* TCP's own count has those that no probe saw */
	r->v[ROLE_SERVER][M_TCP_RETRANSMIT_BYTES] = value_ok(1448, "workload");
	verdict_build(set, &v);
	assert_true(v.zerocopy[0].unexplained_bytes == 0);
	verdict_free(&v);
	run_set_free(&set);
}

static void losses_say_what_they_spoil(void **state)
{
	static const struct {
		const char *name;
		enum drop_effect effect;
	} drops[] = {
		{"stack traces (table full or colliding)", DROP_STACKS},
		{"CPU samples (table full)", DROP_STACKS},
		{"off-CPU spans (table full)", DROP_OFFCPU},
		{"sends whose way was not seen", DROP_COUNTS},
		{"runs of sock_send_length skipped as nested", DROP_COUNTS},
		{"tiers disagree: amount of send, server: 5 and 6, difference", DROP_DISAGREEMENT},
		{"something new", DROP_COUNTS},
	};
	struct run_set *set = fixture_make(FIXTURE_ONE_REPETITION);
	struct verdict v;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(drops); i++) {
		run_result_drop(&set->result[1], run_set_str(set, drops[i].name), 2);
		run_result_drop(&set->result[3], run_set_str(set, drops[i].name), 3);
	}
	verdict_build(set, &v);
	assert_int_equal(v.drop_cnt, ARRAY_SIZE(drops));
	for (i = 0; i < v.drop_cnt; i++) {
		assert_string_equal(v.drop[i].name, drops[i].name);
		assert_int_equal(v.drop[i].effect, drops[i].effect);
		assert_true(v.drop[i].count == 5);
	}
	verdict_free(&v);
	run_set_free(&set);
}

static void reasons_share_a_note(void **state)
{
	static const char common[] = "fentry: refused; kprobe: none; tracepoint: ";
	_cleanup_free_ char *a = xasprintf("%snone shows f, g", common);
	_cleanup_free_ char *b = xasprintf("%snone shows h", common);
	_cleanup_free_ char *c = xasprintf("%sonly others see it", common);
	_cleanup_free_ char *text = NULL;
	struct notes notes = {.cnt = 0};

	(void)state;
	assert_int_equal(notes_add(&notes, "absent: ", a), 1);
	assert_int_equal(notes_add(&notes, "absent: ", c), 1);
	assert_int_equal(notes_add(&notes, "absent: ", b), 1);
	assert_int_equal(notes_add(&notes, "absent: ", b), 1);
	assert_int_equal(notes_add(&notes, "a bound: ", b), 2);
	assert_int_equal(notes_add(&notes, "absent: not measured", NULL), 3);
	text = note_text(&notes.note[0]);
	assert_string_equal(text, "absent: fentry: refused; kprobe: none; tracepoint: none shows f, "
				  "g, h; only others see it");
	notes_free(&notes);
}

static void claims_follow_the_data(void **state)
{
	struct run_set *set = fixture_make(0);
	struct claim_finding f[CLAIM_MAX_];
	struct verdict v;
	size_t i;

	(void)state;
	verdict_build(set, &v);
	assert_true(claims_test(set, &v, f));
	assert_int_equal(f[CLAIM_NO_COPY].state, CLAIM_REFUTED);
	assert_int_equal(f[CLAIM_LOSES].state, CLAIM_REFUTED); /* as fast as A1 */
	assert_int_equal(f[CLAIM_SWITCHES].state, CLAIM_CONFIRMED);
	assert_int_equal(f[CLAIM_THREADS].state, CLAIM_UNTESTED);
	assert_int_equal(f[CLAIM_EQUAL].state, CLAIM_REFUTED);
	/* a third slower everywhere, now and then more */
	for (i = 0; i < set->result_cnt; i++)
		if (!strcmp(set->result[i].key.mode, "A3"))
			set->result[i].v[ROLE_CLIENT][M_THROUGHPUT_GBPS].value *= 0.68;
	assert_true(claims_test(set, &v, f));
	assert_int_equal(f[CLAIM_LOSES].state, CLAIM_CONFIRMED);
	verdict_free(&v);
	run_set_free(&set);
}

static void claims_need_all_three_modes(void **state)
{
	struct run_set *set = fixture_make(FIXTURE_ONE_REPETITION);
	struct claim_finding f[CLAIM_MAX_];
	struct verdict v;

	(void)state;
	set->plan.mode_cnt = 2;
	verdict_build(set, &v);
	assert_false(claims_test(set, &v, f));
	verdict_free(&v);
	run_set_free(&set);
}

static void plots_add_the_ends_up_and_read_histograms(void **state)
{
	struct run_set *set = fixture_make(FIXTURE_ONE_REPETITION);
	const struct plot_def *switches = &plot_defs[PLOT_SWITCHES], *done = &plot_defs[PLOT_COMPLETION];
	struct plot_cell cell = plot_cell(&set->plan, done, 0);
	struct run_key key = {"A3", cell.size_bytes, cell.threads, 1, PASS_ATTRIBUTION};
	struct run_result *r = (struct run_result *)run_set_find(set, &key);
	struct spread s;

	(void)state;
	/* /proc's counts are the first choice, of both ends; the fixture has them for one */
	assert_ptr_equal(plot_source(set, switches), &switches->source[1]);
	s = plot_point(set, &switches->source[1].series[0], 0, cell);
	assert_true(s.n == 1 && s.median == 500 + 501);
	assert_null(plot_source(set, done));
	r->completion = xcalloc(1, sizeof(*r->completion));
	hist_record_n(r->completion, 20000, 98);
	hist_record_n(r->completion, 5000000, 2);
	assert_ptr_equal(plot_source(set, done), &done->source[0]);
	assert_float_equal(plot_point(set, &done->source[0].series[0], 2, cell).median, 20, 0.5);
	assert_float_equal(plot_point(set, &done->source[0].series[1], 2, cell).median, 5000, 100);
	assert_int_equal(plot_point(set, &done->source[0].series[0], 0, cell).n, 0);
	run_set_free(&set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(truth_needs_every_place),
		cmocka_unit_test(gso_copies_count_whatever_the_flag_says),
		cmocka_unit_test(a_surplus_is_explained_by_no_more_than_was_sent_again),
		cmocka_unit_test(losses_say_what_they_spoil),
		cmocka_unit_test(reasons_share_a_note),
		cmocka_unit_test(claims_follow_the_data),
		cmocka_unit_test(claims_need_all_three_modes),
		cmocka_unit_test(plots_add_the_ends_up_and_read_histograms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
