// SPDX-License-Identifier: GPL-2.0-only
/* The comparison for programs. docs/diff.md describes it. */
#include <jansson.h>
#include <math.h>
#include <string.h>

#include "core/utf8.h"
#include "report/diff_print.h"

#define DIFF_SCHEMA	    "copyscope-diff"
#define DIFF_SCHEMA_VERSION 1

/* jansson refuses what is not UTF-8. NULL becomes null. */
static json_t *text(const char *s)
{
	_cleanup_free_ char *valid = NULL;
	size_t len = 0;
	uint32_t c;

	if (!s)
		return json_null();
	/* U+FFFD takes three bytes where one was invalid */
	valid = xcalloc(strlen(s) + 1, 3);
	while (*s) {
		s += utf8_decode(s, &c);
		len += utf8_put(c, valid + len);
	}
	return json_stringn(valid, len);
}

/* JSON has no infinity: something out of nothing has no ratio. */
static json_t *number(double v)
{
	return isfinite(v) ? json_real(v) : json_null();
}

static json_t *side_of(const struct diff_side *side)
{
	return json_pack("{s:o, s:o, s:o}", "label", text(side->label), "mode", text(side->mode),
			 "started_utc", text(side->set->started_utc));
}

/* "both": values of either kind. */
static json_t *bound_of(enum bound bound)
{
	return bound == BOUND_BOTH ? json_string("both") : text(bound_names[bound]);
}

static json_t *spread(const struct spread *s)
{
	if (!s->n)
		return json_null();
	return json_pack("{s:o, s:o, s:o, s:I, s:o}", "median", number(s->median), "min", number(s->min),
			 "max", number(s->max), "n", (json_int_t)s->n, "bound", bound_of(s->bound));
}

static json_t *row_of(const struct diff *diff, const struct diff_row *row)
{
	const struct diff_cell *cell = &diff->cell[row->cell];
	const struct metric_def *def = &metric_defs[row->metric];
	bool known = row->verdict != DIFF_ABSENT;
	_cleanup_free_ char *why = diff_why_absent(row);
	json_t *interval = known && row->ratio.has_interval
				   ? json_pack("[o, o]", number(row->ratio.low),
					       number(row->ratio.high))
				   : json_null();

	return json_pack("{s:o, s:o, s:I, s:I, s:s, s:o, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:s, s:o}",
			 "mode_a", text(cell->mode[0]), "mode_b", text(cell->mode[1]), "size_bytes",
			 (json_int_t)cell->size_bytes, "threads", (json_int_t)cell->threads,
			 "metric", def->name, "role", text(diff->side[0].set->owner[row->owner].label), "unit",
			 unit_names[def->unit], "pass", pass_names[metric_pass(row->metric)], "a",
			 spread(&row->side[0]), "b", spread(&row->side[1]), "ratio",
			 known ? number(row->ratio.ratio) : json_null(), "interval", interval,
			 "bound", known ? bound_of(row->bound) : json_null(), "verdict", diff_verdict_names[row->verdict], "reason",
			 known || !*why ? json_null() : text(why));
}

static json_t *settings_of(const struct diff *diff)
{
	struct diff_setting setting[DIFF_SETTINGS_MAX];
	size_t i, n = diff_settings(diff, setting);
	json_t *list = json_array();

	for (i = 0; i < n; i++)
		json_array_append_new(list, json_pack("[s, o, o]", setting[i].name,
						      text(setting[i].side[0]),
						      text(setting[i].side[1])));
	return list;
}

void diff_put_json(const struct diff *diff, const struct diff_condition *condition,
		   size_t condition_cnt, FILE *out)
{
	json_t *rows = json_array(), *conditions = json_array(), *root;
	size_t i;

	for (i = 0; i < diff->row_cnt; i++)
		if (!diff->row[i].never_tried)
			json_array_append_new(rows, row_of(diff, &diff->row[i]));
	for (i = 0; i < condition_cnt; i++)
		json_array_append_new(conditions,
				      json_pack("{s:o, s:s}", "condition", text(condition[i].text),
						"state", diff_state_names[condition[i].state]));
	root = json_pack("{s:s, s:i, s:o, s:o, s:b, s:o, s:I, s:o, s:o}", "schema", DIFF_SCHEMA,
			 "version", DIFF_SCHEMA_VERSION, "a", side_of(&diff->side[0]), "b",
			 side_of(&diff->side[1]), "paired", diff->paired, "differs",
			 settings_of(diff), "cells", (json_int_t)diff->cell_cnt, "conditions",
			 conditions, "rows", rows);
	json_dumpf(root, out, JSON_INDENT(1));
	fputc('\n', out);
	json_decref(root);
}
