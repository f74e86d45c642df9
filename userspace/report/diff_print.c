// SPDX-License-Identifier: GPL-2.0-only
/* The comparison for people: what it comes to, a table a cell, and what is the same in all of them once, below. */
#include <math.h>
#include <string.h>

#include "report/diff_print.h"
#include "report/doc.h"
#include "report/notes.h"
#include "report/number.h"

#define FIELD_LEN 160

/* Of a row: the medians, their ratio, its interval, what is made of it. */
struct fields {
	char a[FIELD_LEN], b[FIELD_LEN], ratio[FIELD_LEN], interval[FIELD_LEN], verdict[FIELD_LEN];
};

static const char *ip_version(const struct run_set *set)
{
	return set->plan.ipv6 ? "IPv6" : "IPv4";
}

size_t diff_settings(const struct diff *diff, struct diff_setting *setting)
{
	const struct run_set *a = diff->side[0].set, *b = diff->side[1].set;
	const struct diff_setting all[] = {
		{"path", {a->plan.path, b->plan.path}},
		{"IP version", {ip_version(a), ip_version(b)}},
		{"pattern", {a->plan.pattern, b->plan.pattern}},
		{"received by", {a->plan.receive ?: "copy", b->plan.receive ?: "copy"}},
		{"congestion control", {a->plan.congestion, b->plan.congestion}},
		{"tier", {a->plan.tier, b->plan.tier}},
		{"level", {a->plan.level, b->plan.level}},
		{"kernel", {run_set_env_value(a, "Kernel"), run_set_env_value(b, "Kernel")}},
		{"CPU", {run_set_env_value(a, "CPU"), run_set_env_value(b, "CPU")}},
		{"partial", {a->partial_reason, b->partial_reason}},
	};
	size_t i, n = 0;

	_Static_assert(ARRAY_SIZE(all) <= DIFF_SETTINGS_MAX, "room for all settings");
	for (i = 0; i < ARRAY_SIZE(all); i++) {
		const char *x = all[i].side[0], *y = all[i].side[1];

		if (x != y && (!x || !y || strcmp(x, y)))
			setting[n++] = all[i];
	}
	return n;
}

/* ---- the fields of a row ------------------------------------------------------------------ */

static void put_median(const struct spread *s, enum metric_id m, char *field)
{
	enum metric_unit unit = metric_defs[m].unit;
	/* number_metric() says "KiB" itself */
	const char *name = unit == UNIT_BYTES ? "" : unit_names[unit];

	if (s->n)
		snprintf(field, FIELD_LEN, "%s%s%s%s", bound_words(s->bound),
			 number_metric(s->median, unit).text, *name ? " " : "", name);
	else
		strcpy(field, "-");
}

static void put_ratio(double ratio, enum bound bound, char *field)
{
	if (isinf(ratio))
		strcpy(field, "inf");
	else
		snprintf(field, FIELD_LEN, fabs(ratio) < 10 ? "%s%.3f" : "%s%.1f", bound_words(bound), ratio);
}

/* Reasons are long and the same in many rows: each is told once, below the tables. */
static void put_absent(const struct diff_row *row, struct words *reasons, char *field)
{
	_cleanup_free_ char *why = diff_why_absent(row);
	const char *where = row->side[0].n ? " in B" : row->side[1].n ? " in A" : "";

	if (*why)
		snprintf(field, FIELD_LEN, "absent%s (%zu)", where, words_add(reasons, why));
	else
		snprintf(field, FIELD_LEN, "absent%s", where);
}

static void fields_of(const struct diff_row *row, struct words *reasons, struct fields *f)
{
	char low[FIELD_LEN], high[FIELD_LEN];

	put_median(&row->side[0], row->metric, f->a);
	put_median(&row->side[1], row->metric, f->b);
	strcpy(f->ratio, "-");
	strcpy(f->interval, "-");
	snprintf(f->verdict, FIELD_LEN, "%s", diff_verdict_names[row->verdict]);
	if (row->verdict == DIFF_ABSENT) {
		put_absent(row, reasons, f->verdict);
		return;
	}
	put_ratio(row->ratio.ratio, row->bound, f->ratio);
	if (!row->ratio.has_interval)
		return;
	put_ratio(row->ratio.low, BOUND_NONE, low);
	put_ratio(row->ratio.high, BOUND_NONE, high);
	snprintf(f->interval, FIELD_LEN, "%.70s to %.70s", low, high);
}

/* ---- the parts ---------------------------------------------------------------------------- */

static void put_sides(struct doc *d, const struct diff *diff)
{
	const struct diff_side *side = diff->side;
	struct diff_setting setting[DIFF_SETTINGS_MAX];
	size_t n = diff_settings(diff, setting), i;

	for (i = 0; i < 2; i++)
		doc_item(d, TONE_PLAIN, i ? "B" : "A", "%s%s%s", side[i].label, side[i].set->started_utc ? ", " : "",
			 side[i].set->started_utc ?: "");
	for (i = 0; i < n; i++) {
		_cleanup_free_ char *name = xasprintf("differs: %s", setting[i].name);

		doc_item(d, TONE_PLAIN, name, "%s / %s", setting[i].side[0] ?: "-", setting[i].side[1] ?: "-");
	}
}

static char *cell_name(const struct diff_cell *c)
{
	bool same = !strcmp(c->mode[0], c->mode[1]);

	return xasprintf("%s%s%s, %s x %u thread%s", c->mode[0], same ? "" : " and ", same ? "" : c->mode[1],
			 number_size(c->size_bytes).text, c->threads, c->threads == 1 ? "" : "s");
}

static void begin_table(struct doc *d, const char *caption, bool names_cell)
{
	doc_table(d, caption);
	if (names_cell)
		doc_columns(d, COLUMN_TEXT, "cell");
	doc_columns(d, COLUMN_TEXT, "metric", "role");
	doc_columns(d, COLUMN_NUMBER, "A", "B", "B / A");
	doc_columns(d, COLUMN_TEXT, "interval", "verdict");
}

static void put_row(struct doc *d, const struct diff *diff, const struct diff_row *row, struct words *reasons)
{
	struct fields f;

	fields_of(row, reasons, &f);
	doc_cells(d, TONE_PLAIN, metric_defs[row->metric].name, diff->side[0].set->owner[row->owner].label, f.a, f.b, f.ratio,
		  f.interval, f.verdict);
}

static void put_cell(struct doc *d, const struct diff *diff, size_t cell, struct words *reasons)
{
	_cleanup_free_ char *title = cell_name(&diff->cell[cell]);
	bool any = false;
	size_t i;

	for (i = 0; i < diff->row_cnt; i++) {
		if (diff->row[i].cell != cell || diff->row[i].never_tried)
			continue;
		if (!any) {
			doc_heading(d, 2, "", title);
			begin_table(d, "Medians, B / A, and its interval", false);
		}
		any = true;
		put_row(d, diff, &diff->row[i], reasons);
	}
	if (any)
		doc_table_end(d);
}

/* And frees them. */
static void put_reasons(struct doc *d, struct words *reasons)
{
	size_t i;

	for (i = 0; i < reasons->cnt; i++) {
		_cleanup_free_ char *number = xasprintf("(%zu)", i + 1);

		doc_item(d, TONE_PLAIN, number, "%s", reasons->word[i]);
	}
	words_free(reasons);
}

static char *method(const struct diff *diff)
{
	return xasprintf("Medians over the repetitions; B / A with its 95 %% bootstrap interval "
			 "(%s; from %d repetitions on). An interval that spans 1, or lies within %.0f %%, is no difference.",
			 diff->paired ? "of the ratios of the pairs"
				      : "each side resampled on its own",
			 INTERVAL_MIN_REPS, 100 * (diff_margin(diff) - 1));
}

/* ---- what it comes to --------------------------------------------------------------------- */

#define TOLD 12 /* of the rows that differ */

/* How far from 1; 0: it is no difference. */
static double effect(const struct diff_row *row)
{
	bool differs = row->verdict == DIFF_BETTER || row->verdict == DIFF_WORSE || row->verdict == DIFF_CHANGED;

	return differs ? fabs(log(row->ratio.ratio)) : 0;
}

static int by_effect(const void *a, const void *b)
{
	const struct diff_row *x = *(const struct diff_row *const *)a, *y = *(const struct diff_row *const *)b;
	double dx = effect(x), dy = effect(y);

	return dx != dy ? (dx < dy) - (dx > dy) : (x > y) - (x < y);
}

static char *summary(const struct diff *diff)
{
	static const enum diff_verdict other[] = {DIFF_SAME, DIFF_UNSURE, DIFF_BOUND, DIFF_ABSENT};
	size_t by[DIFF_VERDICT_MAX_] = {0}, all = 0, i;
	char *text;

	for (i = 0; i < diff->row_cnt; i++) {
		by[diff->row[i].verdict] += !diff->row[i].never_tried;
		all += !diff->row[i].never_tried;
	}
	text = xasprintf("%zu of %zu comparisons in %zu cell%s differ: %zu better, %zu worse, %zu changed", by[DIFF_BETTER] +
			 by[DIFF_WORSE] + by[DIFF_CHANGED], all, diff->cell_cnt, diff->cell_cnt == 1 ? "" : "s",
			 by[DIFF_BETTER], by[DIFF_WORSE], by[DIFF_CHANGED]);
	for (i = 0; i < ARRAY_SIZE(other); i++)
		if (by[other[i]])
			xappend(&text, "; ", "%zu %s", by[other[i]], diff_verdict_names[other[i]]);
	return text;
}

/* What differs most before all that was compared. */
static void put_findings(struct doc *d, const struct diff *diff)
{
	_cleanup_free_ const struct diff_row **row = xcalloc(diff->row_cnt, sizeof(const struct diff_row *));
	_cleanup_free_ char *counts = summary(diff);
	struct words none = {.cnt = 0};
	size_t i, cnt = 0;

	for (i = 0; i < diff->row_cnt; i++)
		if (effect(&diff->row[i]) > 0)
			row[cnt++] = &diff->row[i];
	qsort(row, cnt, sizeof(*row), by_effect);
	doc_item(d, TONE_PLAIN, "in all", "%s", counts);
	if (!cnt)
		return;
	begin_table(d, cnt > TOLD ? "What differs most" : "What differs", true);
	for (i = 0; i < MIN(cnt, TOLD); i++) {
		doc_put_cell(d, TONE_PLAIN, cell_name(&diff->cell[row[i]->cell]));
		put_row(d, diff, row[i], &none);
	}
	doc_table_end(d);
	if (cnt > i)
		doc_item(d, TONE_PLAIN, "and", "%zu more that differ less", cnt - i);
}

static void put_all(const struct diff *diff, const struct doc_ops *ops, FILE *out)
{
	struct doc d = {.ops = ops, .out = out, .blank = true};
	struct words reasons = {.cnt = 0};
	size_t cell;

	put_sides(&d, diff);
	put_findings(&d, diff);
	for (cell = 0; cell < diff->cell_cnt; cell++)
		put_cell(&d, diff, cell, &reasons);
	put_reasons(&d, &reasons);
	doc_put_para(&d, TONE_MUTED, method(diff));
	doc_end(&d);
}

void diff_put_text(const struct diff *diff, FILE *out)
{
	put_all(diff, &doc_text, out);
}

void diff_put_md(const struct diff *diff, FILE *out)
{
	fputs("# copyscope diff\n\n", out);
	put_all(diff, &doc_md, out);
}
