// SPDX-License-Identifier: GPL-2.0-only
/* The comparison for people: one table a cell, as aligned text or as Markdown. What is the same in all
 * tables is said once, above them.
 */
#include <math.h>
#include <string.h>

#include "report/diff_print.h"
#include "report/escape.h"
#include "report/number.h"

#define COLUMNS	  7
#define FIELD_LEN 160

struct line {
	char text[COLUMNS][FIELD_LEN];
};

static const struct line heads = {{"metric", "role", "A", "B", "B / A", "interval", ""}};

static const char *fact(const struct run_set *set, const char *name)
{
	size_t i;

	for (i = 0; i < set->env_cnt; i++)
		if (!strcmp(set->env[i].name, name))
			return set->env[i].value;
	return NULL;
}

size_t diff_settings(const struct diff *diff, struct diff_setting *setting)
{
	const struct run_set *a = diff->side[0].set, *b = diff->side[1].set;
	const struct diff_setting all[] = {
		{"path", {a->plan.path, b->plan.path}},
		{"pattern", {a->plan.pattern, b->plan.pattern}},
		{"congestion control", {a->plan.congestion, b->plan.congestion}},
		{"tier", {a->plan.tier, b->plan.tier}},
		{"level", {a->plan.level, b->plan.level}},
		{"kernel", {fact(a, "Kernel"), fact(b, "Kernel")}},
		{"CPU", {fact(a, "CPU"), fact(b, "CPU")}},
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
	const char *unit = unit_names[metric_defs[m].unit];
	char number[NUMBER_LEN];

	if (!s->n) {
		strcpy(field, "-");
		return;
	}
	number_metric(s->median, metric_defs[m].unit, number);
	/* number_metric() says "KiB" itself */
	if (metric_defs[m].unit == UNIT_BYTES)
		unit = "";
	snprintf(field, FIELD_LEN, "%s%s%s", number, *unit ? " " : "", unit);
}

static void put_ratio(double ratio, char *field)
{
	if (isinf(ratio))
		strcpy(field, "inf");
	else
		snprintf(field, FIELD_LEN, fabs(ratio) < 10 ? "%.3f" : "%.1f", ratio);
}

static bool is_shown(const struct diff_row *row)
{
	return !row->never_tried;
}

/* Reasons are long and the same in many rows: each is told once, below the tables. */
struct reasons {
	char **text;
	size_t cnt, cap;
};

/* From 1; 0 = none. */
static size_t reason_number(struct reasons *reasons, const struct diff_row *row)
{
	_cleanup_free_ char *why = diff_why_absent(row);
	size_t i;

	if (!*why)
		return 0;
	for (i = 0; i < reasons->cnt; i++)
		if (!strcmp(reasons->text[i], why))
			return i + 1;
	array_grow(reasons->text, reasons->cnt, reasons->cap);
	reasons->text[reasons->cnt++] = take_ptr(why);
	return reasons->cnt;
}

static void free_reasons(struct reasons *reasons)
{
	while (reasons->cnt)
		free(reasons->text[--reasons->cnt]);
	free(reasons->text);
}

static void put_absent(const struct diff_row *row, struct reasons *reasons, char *field)
{
	size_t number = reason_number(reasons, row);
	int n = snprintf(field, FIELD_LEN, "absent%s",
			 row->side[0].n ? " in B" : row->side[1].n ? " in A" : "");

	if (number)
		snprintf(field + n, (size_t)(FIELD_LEN - n), " (%zu)", number);
}

static void fields_of(const struct diff *diff, const struct diff_row *row, struct reasons *reasons,
		      struct line *fields)
{
	char (*field)[FIELD_LEN] = fields->text, low[FIELD_LEN], high[FIELD_LEN];

	snprintf(field[0], FIELD_LEN, "%s", metric_defs[row->metric].name);
	snprintf(field[1], FIELD_LEN, "%s", diff->side[0].set->owner[row->owner].label);
	put_median(&row->side[0], row->metric, field[2]);
	put_median(&row->side[1], row->metric, field[3]);
	strcpy(field[4], "-");
	strcpy(field[5], "-");
	snprintf(field[6], FIELD_LEN, "%s", diff_verdict_names[row->verdict]);
	if (row->verdict == DIFF_ABSENT) {
		put_absent(row, reasons, field[6]);
		return;
	}
	put_ratio(row->ratio.ratio, field[4]);
	if (!row->ratio.has_interval)
		return;
	put_ratio(row->ratio.low, low);
	put_ratio(row->ratio.high, high);
	snprintf(field[5], FIELD_LEN, "%.70s to %.70s", low, high);
}

static char *cell_title(const struct diff *diff, size_t i)
{
	const struct diff_cell *c = &diff->cell[i];
	bool same = !strcmp(c->mode[0], c->mode[1]);
	char size[NUMBER_LEN];

	return xasprintf("%s%s%s, %s x %u thread%s", c->mode[0], same ? "" : " and ",
			 same ? "" : c->mode[1], number_size(c->size_bytes, size), c->threads,
			 c->threads == 1 ? "" : "s");
}

static char *method(const struct diff *diff)
{
	return xasprintf("Medians over the repetitions; B / A with its 95 %% bootstrap interval (%s; "
			 "from %d repetitions on). An interval that spans 1 is no difference.",
			 diff->paired ? "of the ratios of the pairs" : "each side resampled on its own",
			 INTERVAL_MIN_REPS);
}

static char *summary(const struct diff *diff)
{
	size_t by[DIFF_VERDICT_MAX_] = {0}, i;

	for (i = 0; i < diff->row_cnt; i++)
		if (is_shown(&diff->row[i]))
			by[diff->row[i].verdict]++;
	return xasprintf("%zu cells: %zu better, %zu worse, %zu changed, %zu no difference, %zu with "
			 "too few repetitions, %zu absent",
			 diff->cell_cnt, by[DIFF_BETTER], by[DIFF_WORSE], by[DIFF_CHANGED],
			 by[DIFF_SAME], by[DIFF_UNSURE], by[DIFF_ABSENT]);
}

/* ---- what text and Markdown have in common ------------------------------------------------ */

struct style {
	void (*put)(FILE *out, const char *s); /* escaped */
	const char *bullet;		       /* before a line above the tables */
	const char *title[2];		       /* before and after a table's title */
	const char *rule;		       /* below a table's head */
	const char *reason;		       /* format of a reason's number */
	void (*line)(const struct line *fields, const int *width, FILE *out);
};

/* "A: report, 2026-01-01T00:00:00Z"; b may be missing. */
static void put_item(const struct style *style, const char *name, const char *a,
		     const char *separator, const char *b, FILE *out)
{
	fprintf(out, "%s%s: ", style->bullet, name);
	style->put(out, a);
	if (b) {
		fputs(separator, out);
		style->put(out, b);
	}
	fputc('\n', out);
}

static void put_sides(const struct diff *diff, const struct style *style, FILE *out)
{
	struct diff_setting setting[DIFF_SETTINGS_MAX];
	size_t n = diff_settings(diff, setting), i;

	put_item(style, "A", diff->side[0].label, ", ", diff->side[0].set->started_utc, out);
	put_item(style, "B", diff->side[1].label, ", ", diff->side[1].set->started_utc, out);
	for (i = 0; i < n; i++) {
		_cleanup_free_ char *name = xasprintf("differs: %s", setting[i].name);
		const char *a = setting[i].side[0], *b = setting[i].side[1];

		put_item(style, name, a ? a : "-", " / ", b ? b : "-", out);
	}
}

static void put_cell(const struct diff *diff, size_t cell, const struct style *style,
		     const int *width, struct reasons *reasons, FILE *out)
{
	struct line fields;
	bool any = false;
	size_t i;

	for (i = 0; i < diff->row_cnt; i++) {
		const struct diff_row *row = &diff->row[i];

		if (row->cell != cell || !is_shown(row))
			continue;
		if (!any) {
			_cleanup_free_ char *title = cell_title(diff, cell);

			fputs(style->title[0], out);
			style->put(out, title);
			fputs(style->title[1], out);
			style->line(&heads, width, out);
			fputs(style->rule, out);
		}
		any = true;
		fields_of(diff, row, reasons, &fields);
		style->line(&fields, width, out);
	}
}

static void put_reasons(const struct reasons *reasons, const struct style *style, FILE *out)
{
	size_t i;

	for (i = 0; i < reasons->cnt; i++) {
		fprintf(out, style->reason, i + 1);
		style->put(out, reasons->text[i]);
		fputc('\n', out);
	}
}

/* ---- text --------------------------------------------------------------------------------- */

static void put_line_text(const struct line *fields, const int *width, FILE *out)
{
	size_t c;

	fputs(" ", out);
	for (c = 0; c + 1 < COLUMNS; c++)
		fprintf(out, c == 2 || c == 3 || c == 4 ? " %*s " : " %-*s ", width[c],
			fields->text[c]);
	if (*fields->text[c]) {
		fputc(' ', out);
		put_plain(out, fields->text[c]);
	}
	fputc('\n', out);
}

static const struct style text = {
	.put = put_plain,
	.bullet = "",
	.title = {"\n", "\n"},
	.rule = "",
	.reason = "(%zu) ",
	.line = put_line_text,
};

/* The reasons get their numbers here, too: in the order of the rows, not of the cells. */
static void measure(const struct diff *diff, struct reasons *reasons, int width[COLUMNS])
{
	struct line fields;
	size_t i, c;

	for (c = 0; c < COLUMNS; c++)
		width[c] = (int)strlen(heads.text[c]);
	for (i = 0; i < diff->row_cnt; i++) {
		if (!is_shown(&diff->row[i]))
			continue;
		fields_of(diff, &diff->row[i], reasons, &fields);
		for (c = 0; c < COLUMNS; c++)
			width[c] = MAX(width[c], (int)strlen(fields.text[c]));
	}
}

void diff_put_text(const struct diff *diff, FILE *out)
{
	_cleanup_free_ char *how = method(diff), *counts = summary(diff);
	struct reasons reasons = {0};
	int width[COLUMNS];
	size_t i;

	put_sides(diff, &text, out);
	fprintf(out, "%s\n", how);
	measure(diff, &reasons, width);
	for (i = 0; i < diff->cell_cnt; i++)
		put_cell(diff, i, &text, width, &reasons, out);
	fputc('\n', out);
	put_reasons(&reasons, &text, out);
	fprintf(out, "%s\n", counts);
	free_reasons(&reasons);
}

/* ---- Markdown ----------------------------------------------------------------------------- */

static void put_line_md(const struct line *fields, const int *width, FILE *out)
{
	size_t c;

	(void)width;
	fputc('|', out);
	for (c = 0; c < COLUMNS; c++) {
		fputc(' ', out);
		put_md(out, fields->text[c]);
		fputs(" |", out);
	}
	fputc('\n', out);
}

static const struct style md = {
	.put = put_md,
	.bullet = "- ",
	.title = {"\n## ", "\n\n"},
	.rule = "|---|---|---:|---:|---:|---|---|\n",
	.reason = "%zu. ",
	.line = put_line_md,
};

void diff_put_md(const struct diff *diff, FILE *out)
{
	_cleanup_free_ char *how = method(diff), *counts = summary(diff);
	struct reasons reasons = {0};
	size_t i;

	fputs("# copyscope diff\n\n", out);
	put_sides(diff, &md, out);
	fprintf(out, "\n%s\n\n%s.\n", how, counts);
	for (i = 0; i < diff->cell_cnt; i++)
		put_cell(diff, i, &md, NULL, &reasons, out);
	fputs(reasons.cnt ? "\n## Absent\n\n" : "", out);
	put_reasons(&reasons, &md, out);
	free_reasons(&reasons);
}
