// SPDX-License-Identifier: GPL-2.0-only
/* --metric and --fail-if: what they mean, and whether a condition holds. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "core/log.h"
#include "analysis/diff.h"
#include "report/escape.h"
#include "report/number.h"

#define TOLD_CELLS 5 /* of a condition that holds in more, the rest is counted */

const char *const diff_state_names[] = {
	[DIFF_STATE_CLEAR] = "does not hold",
	[DIFF_STATE_HOLDS] = "holds",
	[DIFF_STATE_UNKNOWN] = "unknown",
};
static_assert_complete(diff_state_names, DIFF_STATE_MAX_);

static int unknown_metric(const char *name)
{
	const char *names[METRIC_MAX_], *near;
	enum metric_id m;

	for (m = 0; m < METRIC_MAX_; m++)
		names[m] = metric_defs[m].name;
	near = nearest_name(name, names, METRIC_MAX_);
	return fail_r(-EINVAL, "unknown metric '%s'%s%s%s: see `copyscope list metrics`", name,
		      near ? ", did you mean '" : "", near ? near : "", near ? "'" : "");
}

static int parse_role(const char *name, enum metric_id metric, enum role *role)
{
	enum role r = role_by_name(name);

	if (r == ROLE_MAX_ || !(metric_defs[metric].roles & 1u << r))
		return fail_r(-EINVAL, "%s is not kept for a role '%s': choose of%s%s%s",
			      metric_defs[metric].name, name,
			      metric_defs[metric].roles & ROLES_CELL ? " cell" : "",
			      metric_defs[metric].roles & ROLES_SERVER ? " server" : "",
			      metric_defs[metric].roles & ROLES_CLIENT ? " client" : "");
	*role = r;
	return 0;
}

int diff_parse_pick(const char *text, struct diff_pick *pick)
{
	_cleanup_free_ char *name = xstrdup(text);
	struct diff_pick out = {.role = ROLE_MAX_};
	char *at = strchr(name, '@');
	int err;

	if (at)
		*at = '\0';
	out.metric = metric_by_name(name);
	if (out.metric == METRIC_MAX_)
		return unknown_metric(name);
	err = at ? parse_role(at + 1, out.metric, &out.role) : 0;
	if (!err)
		*pick = out;
	return err;
}

/* strtod() takes more than a ratio should be: "0x1p3", "nan", " 1". */
static int parse_ratio(const char *s, double *out)
{
	char *end;
	double v;

	if (!*s || s[strspn(s, "0123456789.")])
		return -EINVAL;
	v = strtod(s, &end);
	if (*end || end == s || !isfinite(v))
		return -EINVAL;
	*out = v;
	return 0;
}

int diff_parse_condition(const char *text, struct diff_condition *condition)
{
	struct diff_condition out = {.text = text};
	size_t name_len = strcspn(text, "<>= \t"), op_at, op_len, at;
	_cleanup_free_ char *name = xasprintf("%.*s", (int)name_len, text);
	int err;

	op_at = name_len + strspn(text + name_len, " \t");
	op_len = strspn(text + op_at, "<>=");
	at = op_at + op_len;
	at += strspn(text + at, " \t");
	if (op_len < 1 || op_len > 2 || text[op_at] == '=' ||
	    (op_len == 2 && text[op_at + 1] != '=') || parse_ratio(text + at, &out.bound))
		return fail_r(-EINVAL, "'%s' is no condition: write METRIC[@ROLE]>RATIO, with one of "
			      "> >= < <=, as 'cpu_ns_per_byte>1.05'", text);
	memcpy(out.op, text + op_at, op_len);
	err = diff_parse_pick(name, &out.pick);
	if (err)
		return err;
	if (metric_defs[out.pick.metric].better == BETTER_NONE)
		return fail_r(-EINVAL, "%s cannot be judged, neither more nor less of it is better: "
			      "choose another of `copyscope list metrics`", name);
	*condition = out;
	return 0;
}

static bool meets(const struct diff_condition *c, const struct ratio *r)
{
	double v = r->ratio;

	if (r->has_interval && r->low <= 1 && r->high >= 1)
		return false;
	if (c->op[0] == '>')
		return c->op[1] ? v >= c->bound : v > c->bound;
	return c->op[1] ? v <= c->bound : v < c->bound;
}

static void tell(const struct diff *diff, const struct diff_condition *c,
		 const struct diff_row *row)
{
	const struct diff_cell *cell = &diff->cell[row->cell];
	_cleanup_free_ char *mode = plain_text(cell->mode[0]), *where = NULL;
	_cleanup_free_ char *reason = plain_text(row->reason ? row->reason : "no value");
	char size[NUMBER_LEN];

	where = xasprintf("%s, %s, %s x %u", mode, role_names[row->role],
			  number_size(cell->size_bytes, size), cell->threads);
	if (row->verdict == DIFF_ABSENT)
		log_error("'%s' cannot be judged at %s: not measured in %s: %s", c->text, where,
			  row->side[0].n ? "B" : row->side[1].n ? "A" : "A and B", reason);
	else if (row->ratio.has_interval)
		log_error("'%s' holds at %s: ratio %.3f (%.3f to %.3f)", c->text, where,
			  row->ratio.ratio, row->ratio.low, row->ratio.high);
	else
		log_error("'%s' holds at %s: ratio %.3f, from too few repetitions for an interval",
			  c->text, where, row->ratio.ratio);
}

/* The first few of the rows for which wanted() says so; returns how many there are. */
static size_t tell_some(const struct diff *diff, const struct diff_condition *c,
			bool (*wanted)(const struct diff_condition *c, const struct diff_row *row))
{
	unsigned int roles = diff_roles(c->pick);
	size_t i, cnt = 0;

	for (i = 0; i < diff->row_cnt; i++) {
		const struct diff_row *row = &diff->row[i];

		if (row->metric != c->pick.metric || !(roles & 1u << row->role) || !wanted(c, row))
			continue;
		if (cnt++ < TOLD_CELLS)
			tell(diff, c, row);
	}
	if (cnt > TOLD_CELLS)
		log_error("'%s': and so for %zu more", c->text, cnt - TOLD_CELLS);
	return cnt;
}

static bool holds(const struct diff_condition *c, const struct diff_row *row)
{
	return row->verdict != DIFF_ABSENT && meets(c, &row->ratio);
}

static bool is_missing(const struct diff_condition *c, const struct diff_row *row)
{
	(void)c;
	return row->verdict == DIFF_ABSENT && !row->never_tried;
}

static bool was_compared(const struct diff *diff, const struct diff_condition *c)
{
	unsigned int roles = diff_roles(c->pick);
	size_t i;

	for (i = 0; i < diff->row_cnt; i++)
		if (diff->row[i].metric == c->pick.metric && roles & 1u << diff->row[i].role &&
		    diff->row[i].verdict != DIFF_ABSENT)
			return true;
	return false;
}

void diff_judge(const struct diff *diff, struct diff_condition *c)
{
	c->state = DIFF_STATE_CLEAR;
	if (tell_some(diff, c, holds)) {
		c->state = DIFF_STATE_HOLDS;
		return;
	}
	if (tell_some(diff, c, is_missing)) {
		c->state = DIFF_STATE_UNKNOWN;
		return;
	}
	/* a quantity that some modes do not have is no gap, one that none has is */
	if (!was_compared(diff, c)) {
		log_error("'%s' cannot be judged: %s", c->text,
			  diff->cell_cnt ? "neither side measured it; choose another metric"
					 : "the two have no cell in common");
		c->state = DIFF_STATE_UNKNOWN;
	}
}
