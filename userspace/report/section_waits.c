// SPDX-License-Identifier: GPL-2.0-only
/* Where the threads waited: of section 3. */
#include "report/flame.h"
#include "report/sections.h"

struct wait_row {
	const struct wait_time *of; /* the first of its kind */
	double total_ns;	    /* over all modes: the order */
	struct {
		double count, ns;
		enum bound bound;
	} *by_mode;
};

struct wait_rows {
	struct wait_row *row;
	size_t cnt, cap;
};

static bool is_same(const struct wait_time *a, const struct wait_time *b)
{
	return a->owner == b->owner && a->reason == b->reason && a->voluntary == b->voluntary &&
	       a->main_thread == b->main_thread;
}

static struct wait_row *find_row(struct wait_rows *rows, const struct wait_time *w, size_t mode_cnt)
{
	size_t i;

	for (i = 0; i < rows->cnt; i++)
		if (is_same(rows->row[i].of, w))
			return &rows->row[i];
	array_grow(rows->row, rows->cnt, rows->cap);
	rows->row[rows->cnt] = (struct wait_row){
		.of = w, .by_mode = xcalloc(mode_cnt, sizeof(*rows->row->by_mode))};
	return &rows->row[rows->cnt++];
}

static int compare_row(const void *pa, const void *pb)
{
	const struct wait_row *a = pa, *b = pb;

	if (a->of->main_thread != b->of->main_thread)
		return a->of->main_thread - b->of->main_thread;
	return (a->total_ns < b->total_ns) - (a->total_ns > b->total_ns);
}

static void collect(const struct run_set *set, size_t mode, struct wait_rows *rows)
{
	size_t i, j;

	for (i = 0; i < set->result_cnt; i++) {
		const struct run_result *r = &set->result[i];

		if (r->key.mode != set->plan.mode[mode].name || r->status != RESULT_OK)
			continue;
		for (j = 0; j < r->wait_cnt; j++) {
			struct wait_row *row = find_row(rows, &r->wait[j], set->plan.mode_cnt);

			row->by_mode[mode].count += (double)r->wait[j].count;
			row->by_mode[mode].ns += (double)r->wait[j].ns;
			row->by_mode[mode].bound |= r->v[row->of->owner][M_OFFCPU_NS].bound;
			row->total_ns += (double)r->wait[j].ns;
		}
	}
}

static void write_row(struct doc *d, const struct report_ctx *ctx, const struct wait_row *row)
{
	const struct verdict *v = &ctx->verdict;
	enum tone tone = row->of->main_thread ? TONE_MUTED : TONE_PLAIN;
	size_t mode;

	doc_cells(d, tone, ctx->set->owner[row->of->owner].label);
	doc_cell(d, tone, "%s%s", row->of->reason, row->of->main_thread ? ", main thread" : "");
	doc_cells(d, tone, row->of->voluntary ? "slept" : "preempted");
	for (mode = 0; mode < v->mode_cnt; mode++) {
		double gib = v->copies[mode].received / (double)GIB;

		if (gib <= 0 || row->by_mode[mode].count <= 0)
			doc_cells(d, TONE_MUTED, gib > 0 ? "0" : "absent");
		else
			doc_cell(d, tone, "%s%s (%s)", bound_words(row->by_mode[mode].bound),
				 number_short(row->by_mode[mode].ns / 1e6 / gib).text,
				 number_short(row->by_mode[mode].count / gib).text);
	}
}

void waits_write(struct doc *d, const struct report_ctx *ctx)
{
	_cleanup_free_ char *sampling = NULL;
	struct wait_rows rows = {.cnt = 0};
	size_t mode, i;

	for (mode = 0; mode < ctx->set->plan.mode_cnt; mode++)
		collect(ctx->set, mode, &rows);
	doc_heading(d, 3, "waits", "What the threads waited for");
	if (!rows.cnt) {
		doc_para(d, TONE_MUTED, ctx->set->plan.frequency_hz ?
			 "Off-CPU time was not measured in this run." :
			 "Where the threads waited was not sampled in this run (--freq 0).");
		return;
	}
	qsort(rows.row, rows.cnt, sizeof(*rows.row), compare_row);
	sampling = offcpu_sampling_text(&ctx->set->plan);
	doc_table(d, sampling ? "Off-CPU: thread milliseconds for each GiB received (and samples), attribution passes" :
				"Off-CPU: thread milliseconds for each GiB received (and times), attribution passes");
	doc_columns(d, COLUMN_TEXT, "Side", "Waiting for", "How");
	mode_columns(d, ctx);
	for (i = 0; i < rows.cnt; i++) {
		write_row(d, ctx, &rows.row[i]);
		free(rows.row[i].by_mode);
	}
	doc_table_end(d);
	if (sampling)
		doc_para(d, TONE_MUTED, "Where the threads were is sampled, %s of their off-CPU time; how long and how "
			 "often in all (section 2) is counted.", sampling);
	free(rows.row);
}
