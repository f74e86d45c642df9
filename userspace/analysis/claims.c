// SPDX-License-Identifier: GPL-2.0-only
#include "analysis/claims.h"

#include <math.h>

#define ZEROCOPY {WAY_ZEROCOPY, false}
#define TWO_COPY {WAY_COPY, true}
#define ONE_COPY {WAY_COPY, false}

#define AGAINST(...)                        \
	.against = {__VA_ARGS__},           \
	.against_cnt = sizeof((struct mode_pick[]){__VA_ARGS__}) / sizeof(struct mode_pick)
#define CLAIM(text_, measure_, top_, ...) \
	{.text = (text_), .measure = MEASURE_##measure_, .top = top_, __VA_ARGS__}
#define WITHIN(low_, high_) .low = (low_), .high = (high_)

const struct claim_def claim_defs[] = {
	{.text = "Zero-copy (%s) is DMA, without copying by the CPU", .copied = true, .top = ZEROCOPY},
	CLAIM("Zero-copy (%s) loses about 30 % to completions and pinning", THROUGHPUT, ZEROCOPY,
	      AGAINST(TWO_COPY), WITHIN(0.6, 0.8)),
	CLAIM("Zero-copy (%s) has the most context switches", SWITCHES, ZEROCOPY,
	      AGAINST(TWO_COPY, ONE_COPY), WITHIN(1, INFINITY)),
	CLAIM("Zero-copy (%s) wins at 8 threads", THROUGHPUT, ZEROCOPY,
	      AGAINST(TWO_COPY, ONE_COPY), WITHIN(1, INFINITY), .threads = 8),
	CLAIM("Two-copy and one-copy (%s, %s) are equal from 64 KiB upwards", THROUGHPUT, TWO_COPY,
	      AGAINST(ONE_COPY), WITHIN(0.95, 1.05), .least_bytes = 64 * KIB),
};
const size_t claim_cnt = ARRAY_SIZE(claim_defs);

const char *const claim_state_names[] = {
	[CLAIM_UNTESTED] = "not tested",
	[CLAIM_UNDECIDED] = "undecided",
	[CLAIM_MIXED] = "mixed",
	[CLAIM_CONFIRMED] = "confirmed",
	[CLAIM_REFUTED] = "refuted",
};
static_assert_complete(claim_state_names, CLAIM_STATE_MAX_);

/* One interval against the range: CLAIM_CONFIRMED, CLAIM_REFUTED or CLAIM_UNDECIDED. */
static enum claim_state judge_ratio(const struct claim_def *def, const struct ratio *r, double margin)
{
	double low = isinf(def->high) ? def->low * margin : def->low;

	if (!r->has_interval)
		return CLAIM_UNDECIDED;
	if (r->low > low && r->high < def->high)
		return CLAIM_CONFIRMED;
	return r->high < def->low || r->low > def->high ? CLAIM_REFUTED : CLAIM_UNDECIDED;
}

static bool is_inside(const struct claim_def *def, const struct ratio *r)
{
	return r->ratio > def->low && r->ratio < def->high;
}

/* Whether the claim is about this cell, and its modes were measured there. */
static bool is_concerned(const struct run_set *set, const struct comparisons *all,
			 const struct claim_finding *f, size_t cell)
{
	size_t i;

	if (set->plan.size_bytes[cell / set->plan.thread_cnt] < f->def->least_bytes ||
	    (f->def->threads && set->plan.threads[cell % set->plan.thread_cnt] != f->def->threads))
		return false;
	for (i = 0; i < f->def->against_cnt; i++)
		if (!compare_ratio(all, cell, f->top_mode, f->against_mode[i]).n)
			return false;
	return true;
}

static void judge_cell(const struct comparisons *all, struct claim_finding *f, size_t cell, double margin)
{
	size_t by[CLAIM_STATE_MAX_] = {0}, i, holds = 0, cnt = f->def->against_cnt;

	for (i = 0; i < cnt; i++) {
		struct ratio r = compare_ratio(all, cell, f->top_mode, f->against_mode[i]);

		by[judge_ratio(f->def, &r, margin)]++;
		holds += is_inside(f->def, &r);
	}
	f->cells.n++;
	f->cells.yes += by[CLAIM_CONFIRMED] == cnt;
	f->cells.no += by[CLAIM_REFUTED] > 0;
	f->cells.holds += holds == cnt;
}

/* From all cells, and from what their mean says. */
static enum claim_state judge_cells(const struct claim_cells *cells, enum claim_state mean)
{
	if (!cells->n)
		return CLAIM_UNTESTED;
	if (cells->yes == cells->n)
		mean = CLAIM_CONFIRMED;
	else if (cells->no == cells->n)
		mean = CLAIM_REFUTED;
	if ((cells->yes && cells->no) || (mean == CLAIM_CONFIRMED && cells->no) ||
	    (mean == CLAIM_REFUTED && cells->yes))
		return CLAIM_MIXED;
	return mean;
}

static enum claim_state judge_ratios(const struct run_set *set, const struct verdict *v,
				     const struct comparisons *all, struct claim_finding *f)
{
	_cleanup_free_ bool *wanted = xcalloc(all->cell_cnt + 1, sizeof(*wanted));
	size_t by[CLAIM_STATE_MAX_] = {0}, i;

	for (i = 0; i < all->cell_cnt; i++) {
		wanted[i] = is_concerned(set, all, f, i);
		if (wanted[i])
			judge_cell(all, f, i, v->throughput.margin);
	}
	for (i = 0; i < f->def->against_cnt; i++) {
		f->ratio[i] = compare_over(all, wanted, f->top_mode, f->against_mode[i],
					   over_cells_error(all->mode_cnt));
		by[judge_ratio(f->def, &f->ratio[i], v->throughput.margin)]++;
	}
	return judge_cells(&f->cells, by[CLAIM_REFUTED]	    ? CLAIM_REFUTED
				      : by[CLAIM_UNDECIDED] ? CLAIM_UNDECIDED
							    : CLAIM_CONFIRMED);
}

static enum claim_state judge_copied(const struct run_set *set, const struct verdict *v,
				     struct claim_finding *f)
{
	size_t i;

	for (i = 0; i < v->zerocopy_cnt; i++)
		if (set->plan.mode[v->zerocopy[i].mode].name == f->top)
			f->truth = &v->zerocopy[i];
	if (!f->truth)
		return CLAIM_UNTESTED;
	if (f->truth->state == ZC_REAL)
		return CLAIM_CONFIRMED;
	/* a stray byte is no refutation of the claim */
	if (f->truth->state == ZC_COPIED || zerocopy_copied_over(f->truth, 0.01))
		return CLAIM_REFUTED;
	return CLAIM_UNDECIDED;
}

/* The first such mode over TCP, of which the claims are; one whose fields lie in the heap, as the original's did, before all others. */
static size_t find_mode(const struct run_set *set, const struct mode_pick *pick)
{
	const struct mode_info *all = set->plan.mode;
	size_t i, found = set->plan.mode_cnt;

	for (i = 0; i < set->plan.mode_cnt; i++)
		if (all[i].traits.transport == TRANSPORT_TCP && all[i].traits.way == pick->way &&
		    all[i].traits.flattens == pick->flattens &&
		    (found == set->plan.mode_cnt || (all[i].traits.buffers == BUFFERS_HEAP &&
						     all[found].traits.buffers != BUFFERS_HEAP)))
			found = i;
	return found;
}

static bool find_modes(const struct run_set *set, struct claim_finding *f)
{
	const struct run_plan *plan = &set->plan;
	size_t i;

	f->top_mode = find_mode(set, &f->def->top);
	if (f->top_mode == plan->mode_cnt)
		return false;
	f->top = plan->mode[f->top_mode].name;
	for (i = 0; i < f->def->against_cnt; i++) {
		f->against_mode[i] = find_mode(set, &f->def->against[i]);
		if (f->against_mode[i] == plan->mode_cnt)
			return false;
		f->against[i] = plan->mode[f->against_mode[i]].name;
	}
	return true;
}

static bool test_claims(const struct run_set *set, const struct verdict *v, struct claim_finding *f)
{
	const struct comparisons *const pairs[] = {
		[MEASURE_THROUGHPUT] = &v->throughput.pairs,
		[MEASURE_CPU] = &v->cpu.pairs,
		[MEASURE_SWITCHES] = &v->switches,
	};
	static_assert_complete(pairs, MEASURE_MAX_);
	size_t i;

	for (i = 0; i < claim_cnt; i++, f++) {
		f->def = &claim_defs[i];
		if (!find_modes(set, f))
			return false;
		f->state = f->def->copied ? judge_copied(set, v, f)
					  : judge_ratios(set, v, pairs[f->def->measure], f);
	}
	return true;
}

struct claim_finding *claims_test(const struct run_set *set, const struct verdict *v)
{
	_cleanup_free_ struct claim_finding *all = xcalloc(claim_cnt, sizeof(*all));

	return test_claims(set, v, all) ? take_ptr(all) : NULL;
}
