// SPDX-License-Identifier: GPL-2.0-only
/* A number that is only a bound is marked as one wherever it is printed: a run of which all that was measured is
 * a bound, in every format.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <ctype.h>
#include <math.h>

#include "analysis/verdict.h"
#include "rendered.h"
#include "report/diff_print.h"
#include "result_fixture.h"

/* What all is divided by stays exact, or the ratios were bounded from both sides. */
static bool stays_exact(enum metric_id m)
{
	return m == M_APP_BYTES || metric_defs[m].source == FROM_DERIVED;
}

static struct run_set *make_bounds(enum bound bound, unsigned int flavour)
{
	static const struct reason why = {.detail = "why"};
	struct run_set *set = fixture_make(flavour);
	unsigned int o;
	size_t i, m;

	for (i = 0; i < set->result_cnt; i++)
		for (o = 0; o < set->result[i].owner_cnt; o++)
			for (m = 0; m < METRIC_MAX_; m++)
				if (value_known(&set->result[i].v[o][m]) && !stays_exact(m))
					value_make_bound(&set->result[i].v[o][m], bound,
							 run_set_reason(set, &why));
	run_set_derive(set);
	return set;
}

/* What is known and a bound, in the passes that are shown of it or in all. */
static size_t known_bounds(const struct run_set *set, enum metric_id m, bool shown)
{
	unsigned int o;
	size_t i, n = 0;

	for (i = 0; i < set->result_cnt; i++)
		for (o = 0; o < set->owner_cnt; o++)
			n += (!shown || set->result[i].key.pass == metric_pass(m)) &&
			     value_known(&set->result[i].v[o][m]) && set->result[i].v[o][m].bound;
	return n;
}

static size_t count_of(const char *text, const char *word)
{
	size_t n = 0;

	for (text = strstr(text, word); text; text = strstr(text + 1, word))
		n++;
	return n;
}

/* Tables of the report: the numbers behind the labels, and the columns at the end that hold none. */
static const struct {
	const char *caption, *exact_row;
	size_t labels, others;
} tables[] = {
	{"*Throughput received", NULL, 2, 1},
	{"*CPU ns per byte, both ends", NULL, 2, 1},
	{"*Per byte received", NULL, 1, 0},
	{"*Copies inside the kernel's path", NULL, 4, 0},
	{"*Sums over the attribution passes", "| **Received (passes, bytes)", 1, 0},
	{"*Off-CPU: thread milliseconds", NULL, 3, 0},
	{"*Medians over the repetitions", NULL, 3, 0},
};

/* The cells of "| a | b | c |" become strings; returns how many. */
static size_t split(char *line, char **cell, size_t max)
{
	char *save = NULL, *item;
	size_t n = 0;

	for (item = strtok_r(line, "|", &save); item && n < max; item = strtok_r(NULL, "|", &save))
		cell[n++] = item + strspn(item, " *");
	return n;
}

/* Returns how many numbers the row has. */
static size_t row_is_marked(char *line, size_t labels, size_t others, const char *word)
{
	char *cell[32];
	size_t cnt = split(line, cell, ARRAY_SIZE(cell)), i, numbers = 0;

	for (i = labels; i + others < cnt; i++) {
		if (!isdigit((unsigned char)*cell[i]) && strncmp(cell[i], word, strlen(word)))
			continue;
		numbers++;
		if (isdigit((unsigned char)*cell[i]))
			fail_msg("not marked: %s (of %s)", cell[i], cell[0]);
	}
	return numbers;
}

static void tables_are_marked(const char *report, const char *word)
{
	size_t i, numbers;

	for (i = 0; i < ARRAY_SIZE(tables); i++) {
		const char *at = strstr(report, tables[i].caption);

		assert_non_null(at);
		at = strstr(at, "|---");
		assert_non_null(at);
		numbers = 0;
		for (at = strchr(at, '\n') + 1; *at == '|'; at = strchr(at, '\n') + 1) {
			_cleanup_free_ char *line = xasprintf("%.*s", (int)strcspn(at, "\n"), at);

			if (!tables[i].exact_row || strncmp(line, tables[i].exact_row, strlen(tables[i].exact_row)))
				numbers += row_is_marked(line, tables[i].labels, tables[i].others, word);
		}
		if (!numbers)
			fail_msg("no number in %s", tables[i].caption);
	}
}

static void the_page_and_markdown_mark_them(void **state)
{
	static const struct {
		enum bound bound;
		unsigned int flavour;
		const char *word, *sign;
	} rows[] = {{BOUND_LOWER, FIXTURE_ONE_REPETITION, "at least ", "\u2265 "},
		    {BOUND_LOWER, 0, "at least ", "\u2265 "},
		    {BOUND_UPPER, FIXTURE_ONE_REPETITION, "at most ", "\u2264 "}};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct run_set *set = make_bounds(rows[i].bound, rows[i].flavour);
		_cleanup_free_ char *md = rendered(set, "md", "report.md");
		_cleanup_free_ char *html = rendered(set, "html", "index.html");
		size_t stages = count_of(html, "<svg class=\"path\"");

		if (rows[i].bound == BOUND_LOWER) /* an upper bound of what was seen is none of all copies */
			tables_are_marked(md, rows[i].word);
		assert_true(count_of(md, rows[i].word) > 100);
		assert_true(count_of(html, rows[i].word) >= count_of(md, rows[i].word));
		assert_true(count_of(html, rows[i].sign) > stages);
		run_set_free(&set);
	}
}

static void the_plots_mark_them(void **state)
{
	struct run_set *set = make_bounds(BOUND_UPPER, FIXTURE_ONE_REPETITION);
	_cleanup_free_ char *svg = NULL;

	(void)state;
	if (system("command -v gnuplot >/dev/null")) {
		print_message("gnuplot is not installed: scripts/deps.sh run\n");
		run_set_free(&set);
		skip();
	}
	svg = rendered(set, "plots", "plots/throughput.svg");
	assert_true(count_of(svg, "at most A1") > 0);
	run_set_free(&set);
}

/* In a column of its own, so that the others stay numbers. */
static void csv_names_them(void **state)
{
	static const struct {
		enum bound bound;
		const char *sign;
	} rows[] = {{BOUND_LOWER, ">="}, {BOUND_UPPER, "<="}};
	size_t i, m;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct run_set *set = make_bounds(rows[i].bound, FIXTURE_ONE_REPETITION);
		_cleanup_free_ char *csv = rendered(set, "csv", "results.csv");

		for (m = 0; m < METRIC_MAX_; m++) {
			_cleanup_free_ char *mark = xasprintf("_%s%s", metric_defs[m].name, rows[i].sign);

			if (!stays_exact(m) && known_bounds(set, m, true))
				assert_true(count_of(csv, mark) > 0);
		}
		assert_int_equal(count_of(csv, "app_bytes>="), 0);
		run_set_free(&set);
	}
}

static void openmetrics_and_json_label_them(void **state)
{
	struct run_set *set = make_bounds(BOUND_UPPER, FIXTURE_ONE_REPETITION);
	_cleanup_free_ char *om = rendered(set, "openmetrics", "metrics.om");
	_cleanup_free_ char *json = rendered(set, "json", "results.json");
	size_t m, bounds = 0;

	(void)state;
	for (m = 0; m < METRIC_MAX_; m++)
		bounds += known_bounds(set, m, false);
	assert_int_equal(count_of(om, ",bound=\"lower\"}") + count_of(om, ",bound=\"upper\"}"), bounds);
	assert_true(count_of(json, "\"bound\": \"upper\"") > 0);
	assert_int_equal(count_of(json, "\"bound\": null, \"via\": \"tracepoint"), 0);
	run_set_free(&set);
}

static char *diff_text(const struct diff *diff, void (*put)(const struct diff *, FILE *))
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = tmpfile();

	assert_non_null(f);
	if (put)
		put(diff, f);
	else
		diff_put_json(diff, NULL, 0, f);
	rewind(f);
	assert_true(getdelim(&text, &len, '\0', f) > 0);
	fclose(f);
	return text;
}

/* Something over at most so much is at least so much. */
static void a_difference_marks_them(void **state)
{
	struct run_set *a = make_bounds(BOUND_UPPER, FIXTURE_ONE_REPETITION), *b = fixture_make(FIXTURE_ONE_REPETITION);
	struct diff_side side[] = {{.set = a, .label = "a"}, {.set = b, .label = "b"}};
	_cleanup_free_ char *text = NULL, *md = NULL, *json = NULL;
	struct diff diff;
	size_t i, rows = 0;

	(void)state;
	diff_init(&diff, &side[0], &side[1]);
	diff_compare(&diff, &(struct diff_pick){.metric = M_USER_TO_KERNEL_COPIES});
	diff_compare(&diff, &(struct diff_pick){.metric = M_COPY_UBUFS_BYTES});
	text = diff_text(&diff, diff_put_text);
	md = diff_text(&diff, diff_put_md);
	json = diff_text(&diff, NULL);
	for (i = 0; i < diff.row_cnt; i++)
		rows += diff.row[i].verdict != DIFF_ABSENT && !isinf(diff.row[i].ratio.ratio);
	assert_int_equal(rows, 2 * diff.cell_cnt);
	assert_int_equal(count_of(text, "at most "), rows);
	assert_int_equal(count_of(text, "at least "), rows);
	assert_int_equal(count_of(md, "at most "), rows);
	assert_int_equal(count_of(md, "at least "), rows);
	assert_int_equal(count_of(json, "\"bound\": \"upper\""), rows);
	assert_int_equal(count_of(json, "\"bound\": \"lower\""), rows);
	diff_free(&diff);
	run_set_free(&a);
	run_set_free(&b);
}

/* Nobody saw how the client received: not that it did not. */
static void what_was_not_seen_is_not_drawn_as_nothing(void **state)
{
	struct run_set *set = fixture_make(FIXTURE_ONE_REPETITION);
	_cleanup_free_ char *html = NULL;
	size_t i;

	(void)state;
	for (i = 0; i < set->result_cnt; i++)
		set->result[i].v[OWNER_CLIENT][M_KERNEL_TO_USER_BYTES].value = 0;
	html = rendered(set, "html", "index.html");
	assert_int_equal(count_of(html, "nothing was received"), 0);
	assert_int_equal(count_of(html, "no copy seen; the rest is not visible"), count_of(html, "<svg class=\"path\""));
	run_set_free(&set);
}

/* A format that is new belongs into a test above, if it prints what was counted. */
static void no_format_is_forgotten(void **state)
{
	static const char *const tested[] = {"json", "csv", "openmetrics", "plots", "md", "html"},
				 *const stacks[] = {"folded", "flame", "flame-diff", "speedscope", "pprof"};
	size_t i, j, known = 0;

	(void)state;
	for (i = 0; i < report_formats_cnt; i++) {
		for (j = 0; j < ARRAY_SIZE(tested); j++)
			known += !strcmp(report_formats[i].name, tested[j]);
		for (j = 0; j < ARRAY_SIZE(stacks); j++)
			known += !strcmp(report_formats[i].name, stacks[j]);
	}
	assert_int_equal(known, report_formats_cnt);
}

/* Asked for zero-copy, and copied at the send: a route without scatter-gather, or a socket that does not ask. */
static void what_is_not_granted_is_no_blindness(void **state)
{
	struct run_set *set = fixture_make(0);
	struct verdict verdict;
	double sent = 0;
	size_t i;

	(void)state;
	for (i = 0; i < set->result_cnt; i++) {
		struct metric_value *v = set->result[i].v[OWNER_SERVER];

		if (strcmp(set->result[i].key.mode, "A3") || set->result[i].key.pass != PASS_ATTRIBUTION)
			continue;
		v[M_USER_TO_KERNEL_BYTES] = v[M_ZEROCOPY_BYTES];
		v[M_ZEROCOPY_BYTES].value = v[M_COPY_UBUFS_BYTES].value = 0;
		sent += v[M_USER_TO_KERNEL_BYTES].value;
	}
	verdict_build(set, &verdict);
	assert_true(sent > 0 && verdict.zerocopy[0].instead_bytes == sent);
	assert_int_equal(verdict.zerocopy[0].state, ZC_NOT_GRANTED);
	verdict_free(&verdict);
	for (i = 0; i < set->result_cnt; i++) /* nothing seen is not nothing */
		set->result[i].v[OWNER_SERVER][M_ZEROCOPY_BYTES].bound = BOUND_LOWER;
	verdict_build(set, &verdict);
	assert_int_equal(verdict.zerocopy[0].state, ZC_UNSEEN);
	verdict_free(&verdict);
	run_set_free(&set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_page_and_markdown_mark_them),
		cmocka_unit_test(the_plots_mark_them),
		cmocka_unit_test(csv_names_them),
		cmocka_unit_test(openmetrics_and_json_label_them),
		cmocka_unit_test(a_difference_marks_them),
		cmocka_unit_test(what_was_not_seen_is_not_drawn_as_nothing),
		cmocka_unit_test(what_is_not_granted_is_no_blindness),
		cmocka_unit_test(no_format_is_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
