// SPDX-License-Identifier: GPL-2.0-only
/* results.json: what is written reads back as the same, what is broken is refused. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <time.h>
#include <cmocka.h>

#include "core/result_json.h"
#include "result_fixture.h"
#include "result_text.h"

/* The refusals are tested; their words would fill the log. */
static int read_quietly(const char *path, struct run_set **set)
{
	int keep = dup(STDERR_FILENO), null = open("/dev/null", O_WRONLY), err;

	dup2(null, STDERR_FILENO);
	err = run_set_read_json(path, set);
	dup2(keep, STDERR_FILENO);
	close(keep);
	close(null);
	return err;
}

static int from_text(const char *text, size_t len, struct run_set **set)
{
	char path[] = "/tmp/copyscope-test-XXXXXX";
	int fd = mkstemp(path), err;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, len), len);
	close(fd);
	err = read_quietly(path, set);
	unlink(path);
	return err;
}

static void every_flavour_round_trips(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(fixtures); i++) {
		struct run_set *set = fixture_make(fixtures[i].flags), *again = NULL;
		_cleanup_free_ char *text = to_text(set), *text_again = NULL;

		assert_int_equal(from_text(text, strlen(text), &again), 0);
		text_again = to_text(again);
		assert_string_equal(text, text_again);
		run_set_free(&set);
		run_set_free(&again);
	}
}

static void values_survive_exactly(void **state)
{
	struct run_set *set = fixture_make(0), *again = NULL;
	_cleanup_free_ char *text = NULL;
	size_t i;

	(void)state;
	set->result[0].v[OWNER_CLIENT][M_LATENCY_AVG_US].value = 0.1 + 0.2;
	set->result[0].v[OWNER_SERVER][M_CYCLES].value = 175785772631.0;
	text = to_text(set);
	assert_int_equal(from_text(text, strlen(text), &again), 0);
	assert_int_equal(again->result_cnt, set->result_cnt);
	for (i = 0; i < set->result_cnt; i++) {
		const struct run_result *a = &set->result[i], *b = &again->result[i];
		enum metric_id m;
		size_t j;

		for (m = 0; m < METRIC_MAX_; m++) {
			const struct metric_value *va = &a->v[OWNER_SERVER][m];
			const struct metric_value *vb = &b->v[OWNER_SERVER][m];

			_cleanup_free_ char *a_doubt = value_doubt(va), *b_doubt = value_doubt(vb);

			assert_int_equal(va->status, vb->status);
			assert_true(va->value == vb->value && va->coverage == vb->coverage);
			assert_int_equal(va->bound, vb->bound);
			assert_string_equal(a_doubt, b_doubt);
		}
		assert_int_equal(a->stack_cnt, b->stack_cnt);
		for (j = 0; j < a->stack_cnt; j++) {
			assert_int_equal(a->stack[j].depth, b->stack[j].depth);
			assert_string_equal(set->frame[a->stack[j].frame[0]].name,
					    again->frame[b->stack[j].frame[0]].name);
		}
		assert_memory_equal(a->latency, b->latency, sizeof(*a->latency));
		for (j = 0; j < TIMELINE_MAX_; j++)
			assert_memory_equal(a->timeline[j]->bin, b->timeline[j]->bin, a->timeline[j]->cnt * sizeof(uint64_t));
	}
	run_set_free(&set);
	run_set_free(&again);
}

/* One replacement a row, each making a file that must be refused. */
static const struct {
	const char *what, *with;
	int err;
} damages[] = {
	{"\"copyscope-results\"", "\"other\"", -EINVAL},
	{"\"version\": 2", "\"version\": 3", -ENOTSUP},
	{"\"version\": 2", "\"version\": -1", -EINVAL},
	{"\"version\": 2", "\"version\": \"2\"", -EINVAL},
	{"\"elapsed_ns\": ", "\"elapsed_ns\": -", -EINVAL},
	{"\"elapsed_ns\"", "\"schema\"", -EINVAL},
	{"\"repetitions\": 3", "\"repetitions\": 3.5", -EINVAL},
	{"\"threads\": [1, 4]", "\"threads\": [1, 70000]", -EINVAL},
	{"\"threads\": [1, 4]", "\"threads\": {}", -EINVAL},
	{"\"size_bytes\": [16384", "\"size_bytes\": [0", -EINVAL},
	{"\"verify\": false", "\"verify\": 0", -EINVAL},
	{"[\"u\", \"_start\"", "[\"x\", \"_start\"", -EINVAL},
	{"[\"u\", \"_start\"", "[\"u\", 7", -EINVAL},
	{"\"stack_nodes\": [\n  0,0", "\"stack_nodes\": [\n  1,0", -EINVAL},
	{"\"stack_nodes\": [\n  0,0", "\"stack_nodes\": [\n  0,4294967295", -EINVAL},
	{"\"stack_nodes\": [\n  0,0", "\"stack_nodes\": [\n  0", -EINVAL},
	{"{\"status\": \"ok\", ", "{\"status\": \"fine\", ", -EINVAL},
	{"\"bound\": null", "\"bound\": \"side\"", -EINVAL},
	{"\"status\": \"unsupported\", \"bound\": null", "\"status\": \"unsupported\", \"bound\": \"lower\"", -EINVAL},
	{"\"reasons\": [[\"other\", null", "\"reasons\": [[\"other\", \"ftrace\"", -EINVAL},
	{"[\"cell\", \"whole\"]", "[\"cell\", \"sends\"]", -EINVAL},
	{"[\"client\", \"receives\"]", "[\"client\", \"whole\"]", -EINVAL},
	{"[\"client\", \"receives\"]", "[\"server\", \"receives\"]", -EINVAL},
	{"\"way\": \"copy\"", "\"way\": 1", -EINVAL},
	{"\"flattens\": true", "\"flattens\": 1", -EINVAL},
	{"{\"mode\": \"A1\"", "{\"mode\": \"A9\"", -EINVAL},
	{"\"pass\": \"attribution\"", "\"pass\": \"clean\"", -EINVAL}, /* twice the same */
	{"\"pass\": \"clean\"", "\"pass\": \"both\"", -EINVAL},
	{"\"repetition\": 1", "\"repetition\": 0", -EINVAL},
	{"\"server\": {", "\"nobody\": {", -EINVAL},
	{"\"throughput_gbps\": [", "\"throughput_gbps\": [null, 0], \"x\": [", -EINVAL},
	{"\"throughput_gbps\": [", "\"throughput_gbps\": [\"1\", 0], \"x\": [", -EINVAL},
	{"\"throughput_gbps\": [", "\"throughput_gbps\": [1, 999], \"x\": [", -EINVAL},
	{"\"throughput_gbps\": [", "\"throughput_gbps\": [1, 0, 2], \"x\": [", -EINVAL},
	{"\"latency\": {\"total\":20", "\"latency\": {\"total\":21", -EINVAL},
	{"\"received_bytes\":{\"bin_ns\":50000000", "\"received_bytes\":{\"bin_ns\":0", -EINVAL},
	{"\"timelines\": {", "\"timelines\": {\"retransmit_bytes\":{\"bin_ns\":5,\"bins\":[null]}, \"x\":", -EINVAL},
	{"\"waits\": [", "\"waits\": [[],", -EINVAL},
	{"\"copies\": [", "\"copies\": [[\"server\", \"s\", \"f\", \"r\", null, -1, 0],", -EINVAL},
	{"\"stacks\": [\n    [0,", "\"stacks\": [\n    [2,", -EINVAL},
	{"\"stacks\": [\n    [0,1,", "\"stacks\": [\n    [0,9,", -EINVAL},
	{"\"results\": [", "\"results\": [[],", -EINVAL},
	{"\"A1\", \"title\"", "\"A1\\u0000\", \"title\"", -EINVAL},
};

/* The first place of what in text, replaced. The caller frees. */
static char *replaced(const char *text, const char *what, const char *with)
{
	const char *at = strstr(text, what);

	if (!at)
		fail_msg("no '%s' in the file", what);
	return xasprintf("%.*s%s%s", (int)(at - text), text, with, at + strlen(what));
}

static void damage_is_refused(void **state)
{
	struct run_set *set = fixture_make(0);
	_cleanup_free_ char *text = to_text(set);
	size_t i;

	(void)state;
	run_set_free(&set);
	for (i = 0; i < ARRAY_SIZE(damages); i++) {
		_cleanup_free_ char *bad = replaced(text, damages[i].what, damages[i].with);

		if (from_text(bad, strlen(bad), &set) != damages[i].err)
			fail_msg("row %zu: '%s' was not refused as it should", i, damages[i].with);
		assert_null(set);
	}
}

/* Left out when false, whatever lies behind it in memory. */
static void an_optional_boolean(void **state)
{
	struct run_set *set = fixture_make(0), *again = NULL;
	_cleanup_free_ char *without = NULL, *with = NULL, *bad = NULL;

	(void)state;
	set->plan.verify = true;
	without = to_text(set);
	assert_null(strstr(without, "\"ipv6\""));
	assert_int_equal(from_text(without, strlen(without), &again), 0);
	assert_false(again->plan.ipv6);
	run_set_free(&again);
	set->plan.ipv6 = true;
	with = to_text(set);
	assert_int_equal(from_text(with, strlen(with), &again), 0);
	assert_true(again->plan.ipv6 && again->plan.verify);
	run_set_free(&again);
	bad = replaced(with, "\"ipv6\": true", "\"ipv6\": 1");
	assert_int_equal(from_text(bad, strlen(bad), &again), -EINVAL);
	run_set_free(&set);
}

/* The last of a tuple. */
static void an_optional_text(void **state)
{
	struct run_set *set = fixture_make(0), *again = NULL;
	_cleanup_free_ char *text = NULL, *more = NULL, *less = NULL;

	(void)state;
	run_result_socket(&set->result[0], &(struct socket_use){.owner = OWNER_SERVER, .protocol = "tcp", .local = "a", .remote = "b"});
	run_result_socket(&set->result[0], &(struct socket_use){.owner = OWNER_SERVER, .protocol = "tcp", .local = "c", .remote = "d",
								.device = "veth"});
	text = to_text(set);
	assert_int_equal(from_text(text, strlen(text), &again), 0);
	assert_null(again->result[0].socket[0].device);
	assert_string_equal(again->result[0].socket[1].device, "veth");
	run_set_free(&again);
	more = replaced(text, "\"veth\"]", "\"veth\", 1]");
	assert_int_equal(from_text(more, strlen(more), &again), -EINVAL);
	less = replaced(text, "0, 0, 0, 0, \"veth\"]", "0, 0, 0]");
	assert_int_equal(from_text(less, strlen(less), &again), -EINVAL);
	run_set_free(&set);
}

/* A newer program of the same version may know more: the rest is as good as ever. */
static void what_is_unknown_is_passed_over(void **state)
{
	static const struct {
		const char *what, *with;
	} news[] = {
		{"{\"throughput_gbps\"", "{\"warp_factor\": [9, 0], \"throughput_gbps\""},
		{"[\"other\", null, \"no tracepoint", "[\"fnord\", null, \"no tracepoint"},
		{"\"copies\": []", "\"copies\": [[\"server\", \"tls\", \"f\", \"bored\", null, 1, 2]]"},
		{"\"drops\": []", "\"drops\": [[\"gremlins\", null, 3]]"},
		{"\"way\": \"copy\"", "\"way\": \"teleport\""},
	};
	struct run_set *set = fixture_make(FIXTURE_PARTIAL), *again = NULL;
	char *text = to_text(set);
	const struct run_result *r;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(news); i++) {
		_cleanup_free_ char *before = text;

		text = replaced(before, news[i].what, news[i].with);
	}
	assert_int_equal(from_text(text, strlen(text), &again), 0);
	assert_int_equal(again->plan.mode[0].traits.way, WAY_OTHER);
	assert_int_equal(again->probe[0].reason->code, REASON_OTHER);
	assert_non_null(strstr(again->probe[0].reason->detail, "fnord: no tracepoint"));
	r = &again->result[0];
	assert_true(r->v[OWNER_SERVER][M_APP_BYTES].value ==
		    set->result[0].v[OWNER_SERVER][M_APP_BYTES].value);
	assert_int_equal(r->copy[0].reason, COPY_REASON_UNKNOWN);
	assert_string_equal(r->copy[0].detail, "bored");
	assert_int_equal(r->drop[0].kind, DROP_OTHER);
	assert_string_equal(r->drop[0].detail, "gremlins");
	free(text);
	run_set_free(&set);
	run_set_free(&again);
}

static void truncation_is_refused(void **state)
{
	struct run_set *set = fixture_make(FIXTURE_ONE_REPETITION);
	_cleanup_free_ char *text = to_text(set);
	size_t len = strlen(text), cut;

	(void)state;
	run_set_free(&set);
	for (cut = 0; cut < len - 2; cut += len / 97)
		assert_int_equal(from_text(text, cut, &set), -EINVAL);
}

static void not_a_file_is_refused(void **state)
{
	struct run_set *set = NULL;

	(void)state;
	assert_int_equal(read_quietly("/tmp", &set), -EINVAL);
	assert_int_equal(read_quietly("/dev/zero", &set), -EINVAL);
	assert_int_equal(read_quietly("/nonexistent/results.json", &set), -ENOENT);
	assert_null(set);
}

/* 300 results x 3 roles with all metrics, 50,000 distinct stacks of 24 frames. */
static struct run_set *big_set(void)
{
	struct run_set *set = fixture_make(FIXTURE_NO_STACKS);
	unsigned int frames[24], names[1000];
	uint64_t state = 7;
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		_cleanup_free_ char *name = xasprintf("function_%zu", i);

		names[i] = run_set_frame(set, name, NULL, FRAME_KERNEL);
	}
	while (set->result_cnt < 300) {
		struct run_key key = {"A1", 4096 + set->result_cnt, 1, 1, PASS_CLEAN, 0};
		struct run_result *r = run_set_add(set, &key);
		enum metric_id m;
		unsigned int o;

		for (o = 0; o < OWNER_KERNEL; o++)
			for (m = 0; m < METRIC_MAX_; m++)
				r->v[o][m] = value_ok((double)(m * 1000 + o) / 7, "x");
	}
	for (i = 0; i < 50000; i++) {
		struct stack s = {STACK_ONCPU, OWNER_SERVER, 1 + i % 50, 0, 24, frames};

		for (j = 0; j < 24; j++)
			frames[j] = names[j < 8 ? j : fixture_random(&state) % 1000];
		run_result_stack(&set->result[i % 300], &s);
	}
	return set;
}

static void a_large_file_reads_fast(void **state)
{
	struct run_set *set = big_set(), *again = NULL;
	_cleanup_free_ char *text = to_text(set);
	clock_t start = clock(), took;

	(void)state;
	assert_int_equal(from_text(text, strlen(text), &again), 0);
	took = clock() - start;
	print_message("%zu KiB read in %.3f s\n", strlen(text) / 1024,
		      (double)took / CLOCKS_PER_SEC);
	/* well under 1 s of CPU time; the slack is for sanitizers */
	assert_true(took < 5 * CLOCKS_PER_SEC);
	assert_int_equal(again->result_cnt, 300);
	run_set_free(&set);
	run_set_free(&again);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_flavour_round_trips),
		cmocka_unit_test(values_survive_exactly),
		cmocka_unit_test(damage_is_refused),
		cmocka_unit_test(an_optional_boolean),
		cmocka_unit_test(an_optional_text),
		cmocka_unit_test(what_is_unknown_is_passed_over),
		cmocka_unit_test(truncation_is_refused),
		cmocka_unit_test(not_a_file_is_refused),
		cmocka_unit_test(a_large_file_reads_fast),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
