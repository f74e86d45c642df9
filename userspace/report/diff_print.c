// SPDX-License-Identifier: GPL-2.0-only
/* The comparison for people: one table a cell, as aligned text or as Markdown. What is the same in all
 * tables is said once, above them.
 */
#include <math.h>
#include <string.h>

#include "report/diff_print.h"
#include "report/escape.h"
#include "report/notes.h"
#include "report/number.h"

#define COLUMNS	  7
#define FIELD_LEN 160

struct line {
	char text[COLUMNS][FIELD_LEN];
};

static const struct line heads = {{"metric", "role", "A", "B", "B / A", "interval", ""}};

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

static void fields_of(const struct diff *diff, const struct diff_row *row, struct words *reasons,
		      struct line *fields)
{
	_cleanup_free_ char *owner = plain_text(diff->side[0].set->owner[row->owner].label);
	char (*field)[FIELD_LEN] = fields->text, low[FIELD_LEN], high[FIELD_LEN];

	snprintf(field[0], FIELD_LEN, "%s", metric_defs[row->metric].name);
	snprintf(field[1], FIELD_LEN, "%s", owner);
	put_median(&row->side[0], row->metric, field[2]);
	put_median(&row->side[1], row->metric, field[3]);
	strcpy(field[4], "-");
	strcpy(field[5], "-");
	snprintf(field[6], FIELD_LEN, "%s", diff_verdict_names[row->verdict]);
	if (row->verdict == DIFF_ABSENT) {
		put_absent(row, reasons, field[6]);
		return;
	}
	put_ratio(row->ratio.ratio, row->bound, field[4]);
	if (!row->ratio.has_interval)
		return;
	put_ratio(row->ratio.low, BOUND_NONE, low);
	put_ratio(row->ratio.high, BOUND_NONE, high);
	snprintf(field[5], FIELD_LEN, "%.70s to %.70s", low, high);
}

/* ---- what text and Markdown have in common ------------------------------------------------ */

struct style {
	void (*put)(FILE *out, const char *s); /* escapes what stands for %s */
	const char *item;		       /* name, value on side A, separator, side B */
	const char *title;		       /* of a table */
	const char *rule;		       /* below a table's head */
	const char *reason;		       /* its number, its text */
	void (*line)(const struct line *fields, const int *width, FILE *out);
};

struct printer {
	const struct diff *diff;
	const struct style *style;
	FILE *out;
	int width[COLUMNS];
	struct words reasons;
};

/* "A: report, 2026-01-01T00:00:00Z"; b may be missing. */
static void put_item(const struct printer *p, const char *name, const char *a,
		     const char *separator, const char *b)
{
	put_escaped(p->out, p->style->put, p->style->item, name, a, b ? separator : "", b ?: "");
}

static void put_sides(const struct printer *p)
{
	const struct diff_side *side = p->diff->side;
	struct diff_setting setting[DIFF_SETTINGS_MAX];
	size_t n = diff_settings(p->diff, setting), i;

	put_item(p, "A", side[0].label, ", ", side[0].set->started_utc);
	put_item(p, "B", side[1].label, ", ", side[1].set->started_utc);
	for (i = 0; i < n; i++) {
		_cleanup_free_ char *name = xasprintf("differs: %s", setting[i].name);

		put_item(p, name, setting[i].side[0] ?: "-", " / ", setting[i].side[1] ?: "-");
	}
}

static char *cell_name(const struct diff_cell *c)
{
	bool same = !strcmp(c->mode[0], c->mode[1]);

	return xasprintf("%s%s%s, %s x %u thread%s", c->mode[0], same ? "" : " and ", same ? "" : c->mode[1],
			 number_size(c->size_bytes).text, c->threads, c->threads == 1 ? "" : "s");
}

static void put_title(const struct printer *p, const struct diff_cell *c)
{
	_cleanup_free_ char *title = cell_name(c);

	put_escaped(p->out, p->style->put, p->style->title, title);
	p->style->line(&heads, p->width, p->out);
	fputs(p->style->rule, p->out);
}

static void put_cells(struct printer *p)
{
	const struct diff *diff = p->diff;
	struct line fields;
	size_t cell, i;

	for (cell = 0; cell < diff->cell_cnt; cell++) {
		bool any = false;

		for (i = 0; i < diff->row_cnt; i++) {
			if (diff->row[i].cell != cell || diff->row[i].never_tried)
				continue;
			if (!any)
				put_title(p, &diff->cell[cell]);
			any = true;
			fields_of(diff, &diff->row[i], &p->reasons, &fields);
			p->style->line(&fields, p->width, p->out);
		}
	}
}

/* And frees them. */
static void put_reasons(struct printer *p)
{
	size_t i;

	for (i = 0; i < p->reasons.cnt; i++)
		put_escaped(p->out, p->style->put, p->style->reason, i + 1, p->reasons.word[i]);
	words_free(&p->reasons);
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

static void put_difference(const struct printer *p, const struct diff_row *row)
{
	_cleanup_free_ char *cell = cell_name(&p->diff->cell[row->cell]), *owner = NULL, *what = NULL;
	struct words none = {.cnt = 0};
	struct line fields;

	owner = plain_text(p->diff->side[0].set->owner[row->owner].label);
	fields_of(p->diff, row, &none, &fields);
	what = xasprintf("%s (%s) of %s: %s [%s], %s to %s", metric_defs[row->metric].name, owner, cell, fields.text[4],
			 fields.text[5], fields.text[2], fields.text[3]);
	put_item(p, diff_verdict_names[row->verdict], what, "", NULL);
}

/* What differs most before all that was compared. */
static void put_findings(const struct printer *p)
{
	_cleanup_free_ const struct diff_row **row = xcalloc(p->diff->row_cnt, sizeof(const struct diff_row *));
	_cleanup_free_ char *counts = summary(p->diff), *more = NULL;
	size_t i, cnt = 0;

	for (i = 0; i < p->diff->row_cnt; i++)
		if (effect(&p->diff->row[i]) > 0)
			row[cnt++] = &p->diff->row[i];
	qsort(row, cnt, sizeof(*row), by_effect);
	put_item(p, "in all", counts, "", NULL);
	for (i = 0; i < MIN(cnt, TOLD); i++)
		put_difference(p, row[i]);
	more = xasprintf("%zu more that differ less, see the tables", cnt - i);
	if (cnt > i)
		put_item(p, "and", more, "", NULL);
}

/* ---- text --------------------------------------------------------------------------------- */

static void put_line_text(const struct line *fields, const int *width, FILE *out)
{
	size_t c;

	fputs(" ", out);
	for (c = 0; c + 1 < COLUMNS; c++)
		fprintf(out, c == 2 || c == 3 || c == 4 ? " %*s " : " %-*s ", width[c],
			fields->text[c]);
	if (*fields->text[c])
		put_escaped(out, put_plain, " %s", fields->text[c]);
	fputc('\n', out);
}

static const struct style text = {
	.put = put_plain,
	.item = "%s: %s%s%s\n",
	.title = "\n%s\n",
	.rule = "",
	.reason = "(%zu) %s\n",
	.line = put_line_text,
};

/* The reasons get their numbers here, too: in the order of the rows, not of the cells. */
static void measure(struct printer *p)
{
	struct line fields;
	size_t i, c;

	for (c = 0; c < COLUMNS; c++)
		p->width[c] = (int)strlen(heads.text[c]);
	for (i = 0; i < p->diff->row_cnt; i++) {
		if (p->diff->row[i].never_tried)
			continue;
		fields_of(p->diff, &p->diff->row[i], &p->reasons, &fields);
		for (c = 0; c < COLUMNS; c++)
			p->width[c] = MAX(p->width[c], (int)strlen(fields.text[c]));
	}
}

void diff_put_text(const struct diff *diff, FILE *out)
{
	_cleanup_free_ char *how = method(diff);
	struct printer p = {.diff = diff, .style = &text, .out = out};

	put_sides(&p);
	put_findings(&p);
	fprintf(out, "%s\n", how);
	measure(&p);
	put_cells(&p);
	fputs(p.reasons.cnt ? "\n" : "", out);
	put_reasons(&p);
}

/* ---- Markdown ----------------------------------------------------------------------------- */

static void put_line_md(const struct line *fields, const int *width, FILE *out)
{
	size_t c;

	(void)width;
	fputc('|', out);
	for (c = 0; c < COLUMNS; c++)
		put_mdf(out, " %s |", fields->text[c]);
	fputc('\n', out);
}

static const struct style md = {
	.put = put_md,
	.item = "- %s: %s%s%s\n",
	.title = "\n## %s\n\n",
	.rule = "|---|---|---:|---:|---:|---|---|\n",
	.reason = "%zu. %s\n",
	.line = put_line_md,
};

void diff_put_md(const struct diff *diff, FILE *out)
{
	_cleanup_free_ char *how = method(diff);
	struct printer p = {.diff = diff, .style = &md, .out = out};

	fputs("# copyscope diff\n\n", out);
	put_sides(&p);
	put_findings(&p);
	fprintf(out, "\n%s\n", how);
	put_cells(&p);
	fputs(p.reasons.cnt ? "\n## Absent\n\n" : "", out);
	put_reasons(&p);
}
