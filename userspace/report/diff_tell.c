// SPDX-License-Identifier: GPL-2.0-only
/* --fail-if in words. */
#include "core/log.h"
#include "report/diff_print.h"
#include "report/escape.h"
#include "report/number.h"

#define TOLD_CELLS 5 /* of a condition that holds in more, the rest is counted */

char *diff_why_absent(const struct diff_row *row)
{
	return row->failure ? xstrdup(row->failure) : reason_text(row->reason);
}

static void tell_row(const struct diff *diff, const struct diff_condition *c,
		     const struct diff_row *row)
{
	const struct diff_cell *cell = &diff->cell[row->cell];
	_cleanup_free_ char *mode = plain_text(cell->mode[0]), *why = diff_why_absent(row);
	_cleanup_free_ char *owner = plain_text(diff->side[0].set->owner[row->owner].label);
	_cleanup_free_ char *reason = plain_text(*why ? why : "no value"), *where = NULL;

	where = xasprintf("%s, %s, %s x %u", mode, owner, number_size(cell->size_bytes).text,
			  cell->threads);
	if (row->verdict == DIFF_ABSENT)
		log_error("'%s' cannot be judged at %s: not measured in %s: %s", c->text, where,
			  row->side[0].n ? "B" : row->side[1].n ? "A" : "A and B", reason);
	else if (c->state == DIFF_STATE_UNKNOWN)
		log_error("'%s' cannot be judged at %s: the ratio is %s%.3f, a bound on the wrong side", c->text,
			  where, bound_words(row->bound), row->ratio.ratio);
	else if (row->ratio.has_interval)
		log_error("'%s' holds at %s: ratio %.3f (%.3f to %.3f)", c->text, where,
			  row->ratio.ratio, row->ratio.low, row->ratio.high);
	else
		log_error("'%s' holds at %s: ratio %.3f, from too few repetitions for an interval",
			  c->text, where, row->ratio.ratio);
}

void diff_tell(const struct diff *diff, const struct diff_condition *c)
{
	bool (*wanted)(const struct diff *, const struct diff_condition *, const struct diff_row *) =
		c->state == DIFF_STATE_HOLDS ? diff_row_holds : diff_row_missing;
	size_t i, cnt = 0;

	if (c->state == DIFF_STATE_CLEAR)
		return;
	for (i = 0; i < diff->row_cnt; i++)
		if (wanted(diff, c, &diff->row[i]) && cnt++ < TOLD_CELLS)
			tell_row(diff, c, &diff->row[i]);
	if (cnt > TOLD_CELLS)
		log_error("'%s': and so for %zu more", c->text, cnt - TOLD_CELLS);
	if (!cnt)
		log_error("'%s' cannot be judged: %s", c->text,
			  diff->cell_cnt ? "neither side measured it; choose another metric"
					 : "the two have no cell in common");
}
