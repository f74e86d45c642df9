// SPDX-License-Identifier: GPL-2.0-only
/* Inside a pass, of section 3: whether it ramps up, stalls, sends again, or shares the machine with others. */
#include "report/pace.h"

static void put_columns(struct doc *d)
{
	doc_table(d, "Bins of all clean passes of a cell. First: how a pass begins. Threads: of the whole machine, that "
		     "run or wait for a CPU in the middle of a bin");
	doc_columns(d, COLUMN_NUMBER, "Size", "Threads");
	doc_columns(d, COLUMN_TEXT, "Mode");
	doc_columns(d, COLUMN_NUMBER, "Gbit/s", "First", "Slowest", "Fastest", "TCP sent again in", "Runnable threads", "Most");
}

static void put_again(struct doc *d, const struct pace *p)
{
	if (!p->again.n)
		doc_cells(d, TONE_MUTED, "absent");
	else
		doc_cell(d, TONE_PLAIN, "%zu of %zu", p->again_bins, p->again.n);
}

static void put_runnable(struct doc *d, const struct pace *p)
{
	if (!p->runnable.n) {
		doc_cells(d, TONE_MUTED, "absent", "absent");
		return;
	}
	doc_cell(d, TONE_PLAIN, "%.4g", p->runnable.median);
	doc_cell(d, TONE_PLAIN, "%.4g", p->runnable.max);
}

static void put_pace(struct doc *d, const struct pace_cell *cell, size_t mode)
{
	struct pace p = pace_of(cell->ctx->set, mode_name(cell->ctx, mode), cell->size_bytes, cell->threads);

	doc_cells(d, TONE_PLAIN, number_size(cell->size_bytes).text);
	doc_cell(d, TONE_PLAIN, "%u", cell->threads);
	doc_cells(d, TONE_PLAIN, mode_name(cell->ctx, mode));
	if (!p.passes) {
		doc_cells(d, TONE_MUTED, "absent", "absent", "absent", "absent", "absent", "absent", "absent");
		return;
	}
	doc_cells(d, TONE_STRONG, number_metric(p.gbps.median, UNIT_GBPS).text);
	doc_cells(d, TONE_PLAIN, number_metric(p.first_gbps, UNIT_GBPS).text);
	doc_cells(d, TONE_PLAIN, number_metric(p.gbps.min, UNIT_GBPS).text);
	doc_cells(d, TONE_PLAIN, number_metric(p.gbps.max, UNIT_GBPS).text);
	put_again(d, &p);
	put_runnable(d, &p);
}

/* Calls put for each cell. */
static void each_cell(struct doc *d, const struct report_ctx *ctx, void (*put)(struct doc *d, const struct pace_cell *cell))
{
	const struct run_plan *plan = &ctx->set->plan;
	size_t s, t;

	for (s = 0; s < plan->size_cnt; s++)
		for (t = 0; t < plan->thread_cnt; t++)
			put(d, &(struct pace_cell){ctx, plan->size_bytes[s], plan->threads[t]});
}

static void put_rows(struct doc *d, const struct pace_cell *cell)
{
	size_t mode;

	for (mode = 0; mode < cell->ctx->set->plan.mode_cnt; mode++)
		put_pace(d, cell, mode);
}

static void put_picture(struct doc *d, const struct pace_cell *cell)
{
	_cleanup_free_ char *title = xasprintf("%s x %u thread%s, by time", number_size(cell->size_bytes).text,
					       cell->threads, cell->threads == 1 ? "" : "s");

	doc_fold(d, title);
	doc_figure(d, &(struct figure){.draw = draw_pace, .of = cell});
	doc_fold(d, NULL);
}

/* The widest bin there is; 0: of no pass it is known. */
static uint64_t bin_ns(const struct run_set *set)
{
	uint64_t widest = 0;
	size_t i;

	for (i = 0; i < set->result_cnt; i++)
		if (set->result[i].timeline[TIMELINE_RECEIVED])
			widest = MAX(widest, set->result[i].timeline[TIMELINE_RECEIVED]->bin_ns);
	return widest;
}

void pace_write(struct doc *d, const struct report_ctx *ctx)
{
	uint64_t bin = bin_ns(ctx->set);

	doc_heading(d, 3, "time", "Inside a pass");
	if (!bin) {
		doc_para(d, TONE_MUTED, "Not known: these results are of a copyscope that did not keep it.");
		return;
	}
	doc_para(d, TONE_MUTED, "Bytes by when they were received, and bytes that TCP sent again by when the sender saw it, in "
		 "bins of %.3g ms.", (double)bin / NSEC_PER_MSEC);
	if (d->ops->folds)
		each_cell(d, ctx, put_picture);
	doc_fold(d, "Bins of every cell");
	put_columns(d);
	each_cell(d, ctx, put_rows);
	doc_table_end(d);
	doc_fold(d, NULL);
}
