// SPDX-License-Identifier: GPL-2.0-only
/* What happened when: nothing is lost by bins that widen or accounts that are added up, and nothing false is read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <errno.h>
#include <math.h>

#include "analysis/pace.h"
#include "core/timeline.h"

static struct timeline *t, *other;

static int make(void **state)
{
	(void)state;
	t = xcalloc(1, sizeof(*t));
	other = xcalloc(1, sizeof(*other));
	return 0;
}

static int drop(void **state)
{
	(void)state;
	free(t);
	free(other);
	return 0;
}

static uint64_t sum(const struct timeline *of)
{
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < of->cnt; i++)
		n += of->bin[i];
	return n;
}

static void no_byte_is_lost(void **state)
{
	uint64_t bytes = 0, at_ns;

	(void)state;
	for (at_ns = 0; at_ns < 86400 * NSEC_PER_SEC; at_ns = at_ns * 9 / 8 + NSEC_PER_MSEC) {
		timeline_put(t, at_ns, at_ns % 1000 + 1);
		bytes += at_ns % 1000 + 1;
		assert_int_equal(sum(t), bytes);
		assert_true(t->cnt <= TIMELINE_BINS && (t->cnt - 1) * t->bin_ns <= at_ns && at_ns < t->cnt * t->bin_ns);
	}
	assert_true(t->bin_ns > TIMELINE_BIN_NS);
}

static void narrow_and_wide_add_up(void **state)
{
	(void)state;
	timeline_put(t, 0, 1);
	timeline_put(t, TIMELINE_BIN_NS, 2);
	timeline_put(other, 0, 10);
	timeline_put(other, TIMELINE_BINS * TIMELINE_BIN_NS, 20); /* one more than there are */
	timeline_merge(t, other);
	assert_int_equal(t->bin_ns, 2 * TIMELINE_BIN_NS);
	assert_int_equal(t->bin[0], 13);
	assert_int_equal(t->bin[TIMELINE_BINS / 2], 20);
	assert_int_equal(sum(t), 33);
	*other = (struct timeline){0};
	timeline_merge(other, t);
	assert_memory_equal(other->bin, t->bin, t->cnt * sizeof(*t->bin));
	assert_int_equal(other->bin_ns, t->bin_ns);
}

static void a_sample_is_no_sum(void **state)
{
	(void)state;
	t->kind = TIMELINE_RUNNABLE;
	timeline_put(t, 2 * TIMELINE_BIN_NS, 3);
	timeline_put(t, 2 * TIMELINE_BIN_NS + 1, 2);
	assert_int_equal(t->cnt, 3);
	assert_int_equal(t->bin[0], TIMELINE_NONE);
	assert_int_equal(t->bin[2], 3);
	timeline_widen(t);
	assert_int_equal(t->cnt, 2);
	assert_int_equal(t->bin[0], TIMELINE_NONE);
	assert_int_equal(t->bin[1], 3);
}

static int parse(const char *text, enum timeline_kind kind, struct timeline **out)
{
	json_t *o = json_loads(text, 0, NULL);
	int err;

	assert_non_null(o);
	err = timeline_from_json(o, kind, out);
	json_decref(o);
	return err;
}

static void what_is_later_is_not_of_the_window(void **state)
{
	(void)state;
	t->kind = TIMELINE_RUNNABLE;
	other->kind = TIMELINE_RECEIVED;
	timeline_put(t, 0, 3);
	timeline_put(t, 5 * TIMELINE_BIN_NS, 4);
	timeline_put(other, 2 * TIMELINE_BIN_NS, 100);
	timeline_cut(t, other);
	assert_true(t->cnt == 3 && t->bin[0] == 3 && t->bin[2] == TIMELINE_NONE);
	timeline_widen(other); /* two bins, the second half empty */
	timeline_cut(t, other);
	assert_true(t->bin_ns == other->bin_ns && t->cnt == 2 && t->bin[0] == 3);
	timeline_widen(t);
	timeline_cut(t, other);
	assert_int_equal(t->cnt, 1);
}

static void round_trip(void **state)
{
	struct timeline *back = NULL;
	json_t *o;

	(void)state;
	t->kind = TIMELINE_RUNNABLE;
	timeline_put(t, TIMELINE_BIN_NS, 4);
	o = timeline_to_json(t);
	assert_int_equal(timeline_from_json(o, TIMELINE_RUNNABLE, &back), 0);
	assert_memory_equal(back, t, offsetof(struct timeline, bin) + t->cnt * sizeof(*t->bin));
	free(back);
	json_decref(o);
}

static void malformed_is_refused(void **state)
{
	static const char *const bad[] = {
		"[]",
		"{\"bin_ns\":50}",
		"{\"bin_ns\":50,\"bins\":[]}",
		"{\"bin_ns\":0,\"bins\":[1]}",
		"{\"bin_ns\":-50,\"bins\":[1]}",
		"{\"bin_ns\":1.5,\"bins\":[1]}",
		"{\"bin_ns\":9000000000000,\"bins\":[1]}",
		"{\"bin_ns\":50,\"bins\":[-1]}",
		"{\"bin_ns\":50,\"bins\":[\"1\"]}",
		"{\"bin_ns\":50,\"bins\":[null]}",
		"{\"bin_ns\":50,\"bins\":[9223372036854775807,9223372036854775807,9223372036854775807]}",
	};
	struct timeline *out = NULL;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(parse(bad[i], TIMELINE_RECEIVED, &out), -EINVAL);
	assert_null(out);
}

/* 100 ms of 5 Gbit/s, and the rest. */
static struct run_set *set_of_pass(double elapsed_ns, uint64_t last_bytes)
{
	struct run_set *set = run_set_new();
	unsigned int client = run_set_add_owner(set, "client", FLOW_RECEIVES);
	struct run_result *r = run_set_add(set, &(struct run_key){"A1", 1, 1, 1, PASS_CLEAN, 0});
	struct timeline *line = xcalloc(1, sizeof(*line));

	r->v[client][M_ELAPSED_NS] = value_ok(elapsed_ns, "workload");
	timeline_put(line, 0, 31250000);
	timeline_put(line, TIMELINE_BIN_NS, 31250000);
	timeline_put(line, 2 * TIMELINE_BIN_NS, last_bytes);
	r->timeline[TIMELINE_RECEIVED] = line;
	return set;
}

static void the_last_bin_is_short(void **state)
{
	static struct pace_curve c;
	struct run_set *set = set_of_pass(140e6, 12500000);

	(void)state;
	pace_curve(set, &set->result[0], TIMELINE_RECEIVED, TIMELINE_BINS, &c);
	assert_int_equal(c.cnt, 3);
	assert_float_equal(c.value[0], 5, 1e-9);
	assert_float_equal(c.value[2], 2.5, 1e-9);
	pace_curve(set, &set->result[0], TIMELINE_RUNNABLE, TIMELINE_BINS, &c);
	assert_int_equal(c.cnt, 0);
	run_set_free(&set);
	/* a millisecond of one says nothing by itself */
	set = set_of_pass(101e6, 625000);
	pace_curve(set, &set->result[0], TIMELINE_RECEIVED, TIMELINE_BINS, &c);
	assert_int_equal(c.cnt, 2);
	assert_float_equal(c.value[1], 5, 1e-9);
	run_set_free(&set);
}

static void a_cell_by_its_bins(void **state)
{
	struct run_set *set = set_of_pass(140e6, 12500000);
	struct pace p = pace_of(set, set->result[0].key.mode, 1, 1);

	(void)state;
	assert_int_equal(p.passes, 1);
	assert_int_equal(p.gbps.n, 3);
	assert_float_equal(p.first_gbps, 5, 1e-9);
	assert_float_equal(p.gbps.min, 2.5, 1e-9);
	assert_int_equal(p.again.n, 0);
	assert_int_equal(pace_of(set, set->result[0].key.mode, 2, 1).passes, 0);
	run_set_free(&set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(no_byte_is_lost, make, drop),
		cmocka_unit_test_setup_teardown(narrow_and_wide_add_up, make, drop),
		cmocka_unit_test_setup_teardown(a_sample_is_no_sum, make, drop),
		cmocka_unit_test_setup_teardown(what_is_later_is_not_of_the_window, make, drop),
		cmocka_unit_test_setup_teardown(round_trip, make, drop),
		cmocka_unit_test(malformed_is_refused),
		cmocka_unit_test(the_last_bin_is_short),
		cmocka_unit_test(a_cell_by_its_bins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
