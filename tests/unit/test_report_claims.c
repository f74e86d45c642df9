// SPDX-License-Identifier: GPL-2.0-only
/* Zero-copy truth, losses, notes and claims: what the full tier's numbers let the report say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "analysis/claims.h"
#include "report/notes.h"
#include "report/plots.h"
#include "rendered.h"
#include "result_fixture.h"

/* The zero-copy mode's attribution results as a full tier sees them: per byte sent, so much copied by
 * skb_copy_ubufs, by software GSO, elsewhere; share of the ids flagged.
 */
static void full_tier(struct run_set *set, double ubufs, double gso, double other, double flagged)
{
	size_t i;

	for (i = 0; i < set->result_cnt; i++) {
		struct run_result *r = &set->result[i];
		struct metric_value *v = r->v[OWNER_SERVER];
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
	static const struct reason why = {.detail = "why"};
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
	set->result[i].v[OWNER_SERVER][M_GSO_COPY_BYTES] = value_unsupported(&why);
	verdict_build(set, &v);
	assert_int_equal(v.zerocopy[0].state, ZC_UNCOPIED_AS_SEEN);
	assert_ptr_equal(v.zerocopy[0].doubtful->reason, &why);
	verdict_free(&v);
	/* a bound of zero is no zero */
	set->result[i].v[OWNER_SERVER][M_GSO_COPY_BYTES] = value_ok(0, "fentry");
	set->result[i].v[OWNER_SERVER][M_GSO_COPY_BYTES].bound = BOUND_LOWER;
	verdict_build(set, &v);
	assert_int_equal(v.zerocopy[0].state, ZC_UNCOPIED_AS_SEEN);
	verdict_free(&v);
	run_set_free(&set);
}

static void gso_copies_count_whatever_the_flag_says(void **state)
{
	struct run_set *set = fixture_make(FIXTURE_ONE_REPETITION);
	_cleanup_free_ struct claim_finding *findings = NULL;
	struct verdict v;

	(void)state;
	full_tier(set, 0, 1, 0, 0.33);
	verdict_build(set, &v);
	assert_int_equal(v.zerocopy[0].state, ZC_COPIED);
	assert_float_equal(zerocopy_flagged(&v.zerocopy[0]), 0.33, 1e-9);
	findings = claims_test(set, &v);
	assert_true(findings[0].def->copied);
	assert_int_equal(findings[0].state, CLAIM_REFUTED);
	verdict_free(&v);
	full_tier(set, 0.25, 0, 0.25, 0.33);
	verdict_build(set, &v);
	assert_int_equal(v.zerocopy[0].state, ZC_PARTLY);
	assert_float_equal(v.zerocopy[0].ratio, 0.5, 1e-9);
	verdict_free(&v);
	run_set_free(&set);
}

/* No byte was seen copied, hidden is absent, and so many ids are flagged, or notifications. */
static struct run_set *only_flagged(double flagged, enum metric_id hidden, bool notified)
{
	static const struct reason why = {.detail = "why"};
	struct run_set *set = fixture_make(FIXTURE_ONE_REPETITION);
	size_t i;

	full_tier(set, 0, 0, 0, flagged);
	if (notified)
		set->plan.mode[2].traits.takes_ids = false;
	for (i = 0; i < set->result_cnt; i++) {
		struct metric_value *v = set->result[i].v[OWNER_SERVER];

		v[M_ZC_IDS_COMPLETED] = v[M_COMPLETION_IDS];
		v[M_ZC_IDS_COPIED] = v[M_COMPLETION_COPIED_IDS];
		if (hidden != METRIC_MAX_)
			v[hidden] = value_unsupported(&why);
	}
	return set;
}

/* As between two hosts: what the other kernel does is not seen, nor, on the tracepoint tier, most of what this does. */
static void a_flagged_id_was_copied_also_where_nothing_was_seen(void **state)
{
	static const struct {
		double flagged;
		enum metric_id hidden;
		bool notified;
		enum zerocopy_state state;
		enum claim_state claim;
	} rows[] = {
		{0, METRIC_MAX_, false, ZC_REAL, CLAIM_CONFIRMED},
		{0, M_GSO_COPY_BYTES, false, ZC_UNCOPIED_AS_SEEN, CLAIM_UNDECIDED},
		{0.4, M_GSO_COPY_BYTES, false, ZC_PARTLY, CLAIM_UNDECIDED},
		{0.4, METRIC_MAX_, false, ZC_PARTLY, CLAIM_UNDECIDED},
		{1, M_GSO_COPY_BYTES, false, ZC_COPIED, CLAIM_REFUTED},
		{0, M_COPY_UBUFS_BYTES, false, ZC_UNSEEN, CLAIM_UNDECIDED},
		{0.4, M_COPY_UBUFS_BYTES, false, ZC_PARTLY, CLAIM_UNDECIDED},
		/* io_uring also flags what went into an skb of the request before */
		{0.4, M_GSO_COPY_BYTES, true, ZC_UNCOPIED_AS_SEEN, CLAIM_UNDECIDED},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct run_set *set = only_flagged(rows[i].flagged, rows[i].hidden, rows[i].notified);
		_cleanup_free_ struct claim_finding *findings = NULL;
		struct verdict v;

		verdict_build(set, &v);
		assert_int_equal(v.zerocopy[0].state, rows[i].state);
		assert_int_equal(zerocopy_flag_alone(&v.zerocopy[0]), rows[i].flagged > 0 && !rows[i].notified);
		findings = claims_test(set, &v);
		assert_int_equal(findings[0].state, rows[i].claim);
		verdict_free(&v);
		run_set_free(&set);
	}
}

static void what_the_flag_alone_tells_is_said_in_ids(void **state)
{
	struct run_set *set = only_flagged(0.25, M_GSO_COPY_BYTES, false);
	_cleanup_free_ char *text = rendered(set, "md", "report.md");

	(void)state;
	assert_non_null(strstr(text, "zero-copy happen? Only in part.**"));
	assert_non_null(strstr(text, "ids COPIED"));
	assert_null(strstr(text, "none that we saw"));
	assert_null(strstr(text, "copied 0"));
	assert_null(strstr(text, "0 B copied"));
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
	r->v[OWNER_SERVER][M_COPY_UBUFS_BYTES].value += 1000;
	r->v[OWNER_SERVER][M_RETRANSMIT_BYTES].value = 1448;
	verdict_build(set, &v);
	assert_true(v.zerocopy[0].surplus_bytes == 1000 && v.zerocopy[0].unexplained_bytes == 0);
	verdict_free(&v);
	r->v[OWNER_SERVER][M_RETRANSMIT_BYTES].value = 900;
	verdict_build(set, &v);
	assert_true(v.zerocopy[0].unexplained_bytes == 100);
	verdict_free(&v);
	/* TCP's own count has those that no probe saw */
	r->v[OWNER_SERVER][M_TCP_RETRANSMIT_BYTES] = value_ok(1448, "workload");
	verdict_build(set, &v);
	assert_true(v.zerocopy[0].unexplained_bytes == 0);
	verdict_free(&v);
	run_set_free(&set);
}

static void losses_say_what_they_spoil(void **state)
{
	static const struct {
		enum drop_kind kind;
		const char *detail;
		enum drop_effect effect;
		const char *text;
	} drops[] = {
		{DROP_STACK, NULL, DROP_EFFECT_STACKS, "stack traces (table full or colliding)"},
		{DROP_OFFCPU_OPEN, NULL, DROP_EFFECT_OFFCPU, "off-CPU spans of which one end was not seen"},
		{DROP_UNCLASSIFIED, NULL, DROP_EFFECT_COUNTS, "sends whose way was not seen"},
		{DROP_SKIPPED_RUNS, "send_done_tp", DROP_EFFECT_COUNTS,
		 "runs of send_done_tp skipped: a probe was running, or preempted, on that CPU"},
		{DROP_MISSED_RETURNS, "mapped_exit_kprobe", DROP_EFFECT_COUNTS,
		 "runs of mapped_exit_kprobe skipped: more calls at a time than a kretprobe watches"},
		{DROP_DISAGREEMENT, "amount of send: 5 and 6, difference", DROP_EFFECT_DISAGREEMENT,
		 "amount of send: 5 and 6, difference"},
		{DROP_OTHER, "something new", DROP_EFFECT_COUNTS, "something new"},
	};
	struct run_set *set = fixture_make(FIXTURE_ONE_REPETITION);
	struct verdict v;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(drops); i++) {
		run_result_drop(&set->result[1], drops[i].kind, run_set_str(set, drops[i].detail), 2);
		run_result_drop(&set->result[3], drops[i].kind, run_set_str(set, drops[i].detail), 3);
	}
	verdict_build(set, &v);
	assert_int_equal(v.drop_cnt, ARRAY_SIZE(drops));
	for (i = 0; i < v.drop_cnt; i++) {
		_cleanup_free_ char *text = drop_text(v.drop[i].kind, v.drop[i].detail);

		assert_string_equal(text, drops[i].text);
		assert_int_equal(drop_defs[v.drop[i].kind].effect, drops[i].effect);
		assert_true(v.drop[i].count == 5);
	}
	verdict_free(&v);
	run_set_free(&set);
}

/* What two tiers refuse is said once; what no tracepoint shows is gathered. */
static void reasons_share_a_note(void **state)
{
	static const struct reason
		f = {.code = REASON_NO_TRACEPOINT, .tier = TIER_TRACEPOINT, .detail = "f, g"},
		h = {.code = REASON_NO_TRACEPOINT, .tier = TIER_TRACEPOINT, .detail = "h"},
		other = {.code = REASON_LEVEL, .tier = TIER_TRACEPOINT};
	struct reason kprobe = {.tier = TIER_KPROBE, .detail = "none"};
	struct reason fentry = {.tier = TIER_FENTRY, .detail = "refused", .next = &kprobe};
	const struct reason *const last[] = {&f, &other, &h, &h};
	_cleanup_free_ char *text = NULL;
	struct notes notes = {.cnt = 0};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(last); i++) {
		kprobe.next = last[i];
		assert_int_equal(notes_add(&notes, "absent: ", &fentry), 1);
	}
	assert_int_equal(notes_add(&notes, "a bound: ", &fentry), 2);
	assert_int_equal(notes_add(&notes, "absent: not measured", NULL), 3);
	/* alone it is no tier's specific */
	assert_int_equal(notes_add(&notes, "absent: ", &h), 4);
	text = note_text(&notes.note[0]);
	assert_string_equal(text, "absent: fentry: refused; kprobe: none; tracepoint: none shows f, "
				  "g, h; not observed with --level light: use --level full");
	notes_free(&notes);
}

/* In the order of claim_defs[]. */
static void assert_claims(const struct run_set *set, const struct verdict *v, const enum claim_state *states)
{
	_cleanup_free_ struct claim_finding *f = claims_test(set, v);
	size_t i;

	assert_non_null(f);
	for (i = 0; i < claim_cnt; i++)
		if (f[i].state != states[i])
			fail_msg("claim %zu: %s, not %s", i, claim_state_names[f[i].state],
				 claim_state_names[states[i]]);
}

static void scale_zerocopy(struct run_set *set, double factor, uint64_t from_bytes)
{
	size_t i;

	for (i = 0; i < set->result_cnt; i++)
		if (!strcmp(set->result[i].key.mode, "A3") && set->result[i].key.size_bytes >= from_bytes)
			set->result[i].v[OWNER_CLIENT][M_THROUGHPUT_GBPS].value *= factor;
}

static void claims_follow_the_data(void **state)
{
	struct run_set *set = fixture_make(FIXTURE_MANY);
	struct verdict v;

	(void)state;
	verdict_build(set, &v);
	/* all of A3 was copied; as fast as A1; the most switches; no 8 threads; A2 is faster than A1 */
	assert_claims(set, &v, (enum claim_state[]){CLAIM_REFUTED, CLAIM_REFUTED, CLAIM_CONFIRMED,
						    CLAIM_UNTESTED, CLAIM_REFUTED});
	verdict_free(&v);
	/* a third slower, but not at the largest size */
	scale_zerocopy(set, 0.67, 1);
	verdict_build(set, &v);
	assert_claims(set, &v, (enum claim_state[]){CLAIM_REFUTED, CLAIM_MIXED, CLAIM_CONFIRMED,
						    CLAIM_UNTESTED, CLAIM_REFUTED});
	verdict_free(&v);
	scale_zerocopy(set, 1 / 1.3, MIB);
	verdict_build(set, &v);
	assert_claims(set, &v, (enum claim_state[]){CLAIM_REFUTED, CLAIM_CONFIRMED, CLAIM_CONFIRMED,
						    CLAIM_UNTESTED, CLAIM_REFUTED});
	verdict_free(&v);
	run_set_free(&set);
}

/* The mode is what it promises, whatever it is called. */
static void claims_ask_traits(void **state)
{
	struct run_set *set = fixture_make(FIXTURE_ONE_REPETITION);
	_cleanup_free_ struct claim_finding *f = NULL;
	struct verdict v;

	(void)state;
	set->plan.mode[2].traits.way = WAY_COPY;
	verdict_build(set, &v);
	assert_null(claims_test(set, &v));
	set->plan.mode[1].traits.way = WAY_ZEROCOPY;
	f = claims_test(set, &v);
	assert_non_null(f);
	assert_ptr_equal(f[0].top, set->plan.mode[1].name);
	assert_ptr_equal(f[2].against[1], set->plan.mode[2].name);
	verdict_free(&v);
	run_set_free(&set);
}

static void claims_need_all_three_modes(void **state)
{
	struct run_set *set = fixture_make(FIXTURE_ONE_REPETITION);
	struct verdict v;

	(void)state;
	set->plan.mode_cnt = 2;
	verdict_build(set, &v);
	assert_null(claims_test(set, &v));
	verdict_free(&v);
	run_set_free(&set);
}

static void plots_add_the_ends_up_and_read_histograms(void **state)
{
	struct run_set *set = fixture_make(FIXTURE_ONE_REPETITION);
	const struct plot_def *switches = &plot_defs[PLOT_SWITCHES], *done = &plot_defs[PLOT_COMPLETION];
	struct plot_cell cell = plot_cell(&set->plan, done, 0);
	struct run_key key = {"A3", cell.size_bytes, cell.threads, 1, PASS_ATTRIBUTION, 0};
	struct run_key clean = {set->plan.mode[0].name, cell.size_bytes, cell.threads, 1, PASS_CLEAN, 0};
	struct run_result *r = (struct run_result *)run_set_find(set, &key);
	struct spread s;
	double received;

	(void)state;
	/* /proc's counts are the first choice, of both ends; the fixture has them for one */
	assert_ptr_equal(plot_source(set, switches), &switches->source[1]);
	s = plot_point(set, &switches->source[1].series[0], 0, cell, NULL);
	received = run_result_sum(set, run_set_find(set, &clean), FLOW_RECEIVES, M_APP_BYTES).value;
	assert_true(s.n == 1 && s.median == (500 + 501) / (received / GIB));
	assert_null(plot_source(set, done));
	r->completion = xcalloc(1, sizeof(*r->completion));
	hist_record_n(r->completion, 20000, 98);
	hist_record_n(r->completion, 5000000, 2);
	assert_ptr_equal(plot_source(set, done), &done->source[0]);
	assert_float_equal(plot_point(set, &done->source[0].series[0], 2, cell, NULL).median, 20, 0.5);
	assert_float_equal(plot_point(set, &done->source[0].series[1], 2, cell, NULL).median, 5000, 100);
	assert_int_equal(plot_point(set, &done->source[0].series[0], 0, cell, NULL).n, 0);
	run_set_free(&set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(truth_needs_every_place),
		cmocka_unit_test(gso_copies_count_whatever_the_flag_says),
		cmocka_unit_test(a_flagged_id_was_copied_also_where_nothing_was_seen),
		cmocka_unit_test(what_the_flag_alone_tells_is_said_in_ids),
		cmocka_unit_test(a_surplus_is_explained_by_no_more_than_was_sent_again),
		cmocka_unit_test(losses_say_what_they_spoil),
		cmocka_unit_test(reasons_share_a_note),
		cmocka_unit_test(claims_follow_the_data),
		cmocka_unit_test(claims_ask_traits),
		cmocka_unit_test(claims_need_all_three_modes),
		cmocka_unit_test(plots_add_the_ends_up_and_read_histograms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
