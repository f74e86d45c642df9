// SPDX-License-Identifier: GPL-2.0-only
/* --metric and --fail-if: what they mean, and whether a condition holds. Where and why is told by
 * report/diff_tell.c.
 */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "analysis/diff.h"
#include "core/log.h"

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

int diff_parse_pick(const char *text, struct diff_pick *pick)
{
	const char *at = strchr(text, '@');
	size_t len = at ? (size_t)(at - text) : strlen(text);
	_cleanup_free_ char *name = xasprintf("%.*s", (int)len, text);
	struct diff_pick out = {.metric = metric_by_name(name)};

	if (out.metric == METRIC_MAX_)
		return unknown_metric(name);
	if (at && (!at[1] || strlen(at + 1) >= sizeof(out.owner)))
		return fail_r(-EINVAL, "'%s' names no owner: write METRIC@OWNER, as cycles@server", text);
	snprintf(out.owner, sizeof(out.owner), "%s", at ? at + 1 : "");
	*pick = out;
	return 0;
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
		return fail_r(-EINVAL, "'%s' is no condition: write METRIC[@OWNER]>RATIO, with one of "
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

static bool is_about(const struct diff *diff, const struct diff_condition *c, const struct diff_row *row)
{
	return row->metric == c->pick.metric && diff_owners(diff, &c->pick) & 1u << row->owner;
}

/* The ratio is a bound, and the true one may do otherwise than this. */
static bool bound_unsettles(const struct diff_condition *c, const struct diff_row *row)
{
	bool at_least = (c->op[0] == '>') == meets(c, &row->ratio); /* is what it takes to be settled */

	return row->bound & (at_least ? BOUND_UPPER : BOUND_LOWER);
}

bool diff_row_holds(const struct diff *diff, const struct diff_condition *c, const struct diff_row *row)
{
	return is_about(diff, c, row) && row->verdict != DIFF_ABSENT && meets(c, &row->ratio) &&
	       !bound_unsettles(c, row);
}

/* A quantity that some modes do not have is no gap. */
bool diff_row_missing(const struct diff *diff, const struct diff_condition *c, const struct diff_row *row)
{
	if (!is_about(diff, c, row))
		return false;
	return row->verdict == DIFF_ABSENT ? !row->never_tried : bound_unsettles(c, row);
}

void diff_judge(const struct diff *diff, struct diff_condition *c)
{
	size_t i, holds = 0, missing = 0, compared = 0;

	for (i = 0; i < diff->row_cnt; i++) {
		holds += diff_row_holds(diff, c, &diff->row[i]);
		missing += diff_row_missing(diff, c, &diff->row[i]);
		compared += is_about(diff, c, &diff->row[i]) && diff->row[i].verdict != DIFF_ABSENT;
	}
	if (holds)
		c->state = DIFF_STATE_HOLDS;
	else /* a quantity that neither side has is a gap, too */
		c->state = missing || !compared ? DIFF_STATE_UNKNOWN : DIFF_STATE_CLEAR;
}
