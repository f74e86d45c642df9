// SPDX-License-Identifier: GPL-2.0-only
/* The comparison as data: which cells two sides have in common, and what became of a metric there. */
#include "analysis/diff.h"

#include <errno.h>
#include <string.h>

#include "core/log.h"

const char *const diff_verdict_names[] = {
	[DIFF_BETTER] = "better",
	[DIFF_WORSE] = "worse",
	[DIFF_CHANGED] = "changed",
	[DIFF_SAME] = "no difference",
	[DIFF_UNSURE] = "too few repetitions",
	[DIFF_BOUND] = "only a bound",
	[DIFF_ABSENT] = "absent",
};
static_assert_complete(diff_verdict_names, DIFF_VERDICT_MAX_);

/* ---- cells -------------------------------------------------------------------------------- */

/* The mode of side B that a mode of side A is compared with, or NULL. */
static const char *counterpart(const struct diff *diff, const char *mode)
{
	const struct run_plan *plan = &diff->side[1].set->plan;
	size_t i;

	if (diff->side[0].mode)
		return mode == diff->side[0].mode ? diff->side[1].mode : NULL;
	for (i = 0; i < plan->mode_cnt; i++)
		if (!strcmp(plan->mode[i].name, mode))
			return plan->mode[i].name;
	return NULL;
}

static bool has_size(const struct run_plan *plan, uint64_t size_bytes)
{
	size_t i;

	for (i = 0; i < plan->size_cnt; i++)
		if (plan->size_bytes[i] == size_bytes)
			return true;
	return false;
}

static bool has_threads(const struct run_plan *plan, unsigned int threads)
{
	size_t i;

	for (i = 0; i < plan->thread_cnt; i++)
		if (plan->threads[i] == threads)
			return true;
	return false;
}

static void add_cells(struct diff *diff, const char *mode_a, const char *mode_b)
{
	const struct run_plan *a = &diff->side[0].set->plan, *b = &diff->side[1].set->plan;
	size_t s, t;

	for (s = 0; s < a->size_cnt; s++) {
		for (t = 0; t < a->thread_cnt; t++) {
			if (!has_size(b, a->size_bytes[s]) || !has_threads(b, a->threads[t]))
				continue;
			array_grow(diff->cell, diff->cell_cnt, diff->cell_cap);
			diff->cell[diff->cell_cnt++] = (struct diff_cell){
				{mode_a, mode_b}, a->size_bytes[s], a->threads[t]};
		}
	}
}

void diff_init(struct diff *diff, const struct diff_side *a, const struct diff_side *b)
{
	const struct run_plan *plan = &a->set->plan;
	const char *other;
	size_t i;

	*diff = (struct diff){.side = {*a, *b}, .paired = a->set == b->set};
	for (i = 0; i < plan->mode_cnt; i++) {
		other = counterpart(diff, plan->mode[i].name);
		if (other)
			add_cells(diff, plan->mode[i].name, other);
	}
}

void diff_free(struct diff *diff)
{
	free(diff->cell);
	free(diff->row);
	*diff = (struct diff){0};
}

/* ---- rows --------------------------------------------------------------------------------- */

/* What one side measured in a cell. */
struct samples {
	double value[MAX_SAMPLES];
	unsigned int repetition[MAX_SAMPLES];
	size_t cnt;
	enum bound bound;
	const struct reason *reason; /* of the first value that is missing */
	const char *failure;	     /* or of the first pass that failed */
	bool tried;		     /* somebody wanted a value here */
};

static void collect(const struct diff *diff, int side, const struct diff_row *row,
		    struct samples *out)
{
	const struct diff_cell *cell = &diff->cell[row->cell];
	const struct run_set *set = diff->side[side].set;
	unsigned int owner =
		run_set_owner_by_label(set, diff->side[0].set->owner[row->owner].label);
	enum pass pass = metric_pass(row->metric);
	size_t i;

	*out = (struct samples){.cnt = 0};
	for (i = 0; i < set->result_cnt && owner < set->owner_cnt && out->cnt < MAX_SAMPLES; i++) {
		const struct run_result *r = &set->result[i];
		const struct metric_value *v = &r->v[owner][row->metric];

		if (r->key.mode != cell->mode[side] || r->key.size_bytes != cell->size_bytes ||
		    r->key.threads != cell->threads || r->key.pass != pass)
			continue;
		if (r->status == RESULT_OK && value_known(v)) {
			out->value[out->cnt] = v->value;
			out->repetition[out->cnt++] = r->key.repetition;
			out->bound |= v->bound;
			out->tried = true;
			continue;
		}
		if (!out->reason && !out->failure) {
			out->reason = r->status == RESULT_OK ? v->reason : NULL;
			out->failure = r->status == RESULT_OK ? NULL : r->reason;
		}
		out->tried |= r->status != RESULT_OK || v->status != VALUE_ABSENT;
	}
}

/* Both passes of a repetition saw the same machine: pairing takes its moods out. */
static struct ratio paired_ratio(const struct samples *a, const struct samples *b)
{
	double ratios[MAX_SAMPLES];
	size_t i, j, n = 0;

	for (i = 0; i < a->cnt; i++)
		for (j = 0; j < b->cnt; j++)
			if (a->repetition[i] == b->repetition[j]) {
				ratios[n++] = ratio_safe(b->value[j], a->value[i]);
				break;
			}
	return ratio_bootstrap(ratios, n);
}

/* Whether the true ratio may lie on the other side of 1 than the one we have. */
static bool bound_hides(const struct diff_row *row)
{
	const struct ratio *r = &row->ratio;

	if (!r->has_interval)
		return row->bound && r->ratio == 1;
	return row->bound == BOUND_LOWER ? r->low <= 1 : row->bound == BOUND_UPPER ? r->high >= 1 : row->bound;
}

double diff_margin(const struct diff *diff)
{
	unsigned int a = diff->side[0].set->plan.margin_percent, b = diff->side[1].set->plan.margin_percent;

	return 1 + (MAX(a, b) ?: MARGIN_PERCENT) / 100.0;
}

static enum diff_verdict verdict_of(const struct diff_row *row, double margin)
{
	const struct ratio *r = &row->ratio;
	enum metric_better better = metric_defs[row->metric].better;

	if (bound_hides(row))
		return DIFF_BOUND;
	if (r->ratio == 1 && !r->has_interval)
		return DIFF_SAME;
	if (!r->has_interval)
		return DIFF_UNSURE;
	if ((r->low <= 1 && r->high >= 1) || (r->low * margin >= 1 && r->high <= margin))
		return DIFF_SAME;
	if (better == BETTER_NONE)
		return DIFF_CHANGED;
	return (r->ratio > 1) == (better == BETTER_MORE) ? DIFF_BETTER : DIFF_WORSE;
}

static void fill_row(const struct diff *diff, struct diff_row *row)
{
	struct samples a, b;
	const struct samples *lacking;

	collect(diff, 0, row, &a);
	collect(diff, 1, row, &b);
	lacking = a.cnt ? &b : &a;
	row->verdict = DIFF_ABSENT;
	row->never_tried = !a.tried && !b.tried;
	row->reason = lacking->reason;
	row->failure = lacking->failure;
	if (a.cnt && b.cnt) {
		row->ratio = diff->paired ? paired_ratio(&a, &b)
					  : ratio_independent(b.value, b.cnt, a.value, a.cnt);
		if (!row->ratio.n)
			row->failure = "no repetition was measured on both sides";
	}
	row->side[0] = spread_from(a.value, a.cnt);
	row->side[1] = spread_from(b.value, b.cnt);
	row->side[0].bound = a.bound;
	row->side[1].bound = b.bound;
	row->bound = b.bound | bound_inverse(a.bound);
	if (row->ratio.n)
		row->verdict = verdict_of(row, diff_margin(diff));
}

unsigned int diff_owners(const struct diff *diff, const struct diff_pick *pick)
{
	const struct run_set *set = diff->side[0].set;
	enum flow flow = metric_defs[pick->metric].flow;
	unsigned int o, owners = 0;

	if (pick->flow)
		flow &= pick->flow;
	else if (!*pick->owner && flow & FLOW_WHOLE)
		flow = FLOW_WHOLE;
	for (o = 0; o < set->owner_cnt; o++)
		if (set->owner[o].flow & flow &&
		    (!*pick->owner || !strcmp(set->owner[o].label, pick->owner)))
			owners |= 1u << o;
	return owners;
}

static bool has_rows(const struct diff *diff, enum metric_id m, unsigned int owner)
{
	size_t i;

	for (i = 0; i < diff->row_cnt; i++)
		if (diff->row[i].metric == m && diff->row[i].owner == owner)
			return true;
	return false;
}

void diff_compare(struct diff *diff, const struct diff_pick *pick)
{
	unsigned int owners = diff_owners(diff, pick), o;
	size_t i;

	for (o = 0; owners >> o; o++) {
		if (!(owners & 1u << o) || has_rows(diff, pick->metric, o))
			continue;
		for (i = 0; i < diff->cell_cnt; i++) {
			array_grow(diff->row, diff->row_cnt, diff->row_cap);
			diff->row[diff->row_cnt] =
				(struct diff_row){.cell = i, .owner = o, .metric = pick->metric};
			fill_row(diff, &diff->row[diff->row_cnt++]);
		}
	}
}
