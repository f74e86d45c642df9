// SPDX-License-Identifier: GPL-2.0-only
/* Where the threads waited: of section 3. */
#include "report/number.h"
#include "report/sections.h"

struct wait_row {
	unsigned int owner;
	const char *reason; /* pool */
	bool voluntary, main_thread;
	double total_ns; /* over all modes: the order */
	double *count, *ns; /* by mode */
};

struct wait_rows {
	struct wait_row *row;
	size_t cnt, cap;
};

static struct wait_row *find_row(struct wait_rows *rows, const struct wait_time *w, size_t mode_cnt)
{
	size_t i;

	for (i = 0; i < rows->cnt; i++)
		if (rows->row[i].owner == w->owner && rows->row[i].reason == w->reason &&
		    rows->row[i].voluntary == w->voluntary && rows->row[i].main_thread == w->main_thread)
			return &rows->row[i];
	array_grow(rows->row, rows->cnt, rows->cap);
	rows->row[rows->cnt] = (struct wait_row){
		.owner = w->owner,
		.reason = w->reason,
		.voluntary = w->voluntary,
		.main_thread = w->main_thread,
		.count = xcalloc(mode_cnt, sizeof(double)),
		.ns = xcalloc(mode_cnt, sizeof(double)),
	};
	return &rows->row[rows->cnt++];
}

static int compare_row(const void *pa, const void *pb)
{
	const struct wait_row *a = pa, *b = pb;

	if (a->main_thread != b->main_thread)
		return a->main_thread - b->main_thread;
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

			row->count[mode] += (double)r->wait[j].count;
			row->ns[mode] += (double)r->wait[j].ns;
			row->total_ns += (double)r->wait[j].ns;
		}
	}
}

static void write_row(struct doc *d, const struct report_ctx *ctx, const struct wait_row *row)
{
	const struct verdict *v = &ctx->verdict;
	enum tone tone = row->main_thread ? TONE_MUTED : TONE_PLAIN;
	char ms[NUMBER_LEN], count[NUMBER_LEN];
	size_t mode;

	doc_cell(d, tone, "%s", ctx->set->owner[row->owner].label);
	doc_cell(d, tone, "%s%s", row->reason, row->main_thread ? ", main thread" : "");
	doc_cell(d, tone, "%s", row->voluntary ? "slept" : "preempted");
	for (mode = 0; mode < v->mode_cnt; mode++) {
		double gib = v->copies[mode].received / (double)GIB;

		if (gib <= 0 || row->count[mode] <= 0)
			doc_cell(d, TONE_MUTED, "%s", gib > 0 ? "0" : "absent");
		else
			doc_cell(d, tone, "%s (%s)", number_short(row->ns[mode] / 1e6 / gib, ms),
				 number_short(row->count[mode] / gib, count));
	}
}

void waits_write(struct doc *d, const struct report_ctx *ctx)
{
	const struct run_set *set = ctx->set;
	size_t cnt = set->plan.mode_cnt, mode, i;
	_cleanup_free_ struct doc_col *cols = xcalloc(cnt + 3, sizeof(*cols));
	struct wait_rows rows = {.cnt = 0};

	for (mode = 0; mode < cnt; mode++)
		collect(set, mode, &rows);
	doc_heading(d, 3, "waits", "What the threads waited for");
	if (!rows.cnt) {
		doc_para(d, TONE_MUTED, "Off-CPU time was not measured in this run.");
		return;
	}
	qsort(rows.row, rows.cnt, sizeof(*rows.row), compare_row);
	cols[0].title = "Side";
	cols[1].title = "Waiting for";
	cols[2].title = "How";
	for (mode = 0; mode < cnt; mode++)
		cols[mode + 3] = (struct doc_col){set->plan.mode[mode].name, true};
	doc_table(d, cols, cnt + 3,
		  "Off-CPU: thread milliseconds for each GiB received (and times), attribution passes");
	for (i = 0; i < rows.cnt; i++) {
		write_row(d, ctx, &rows.row[i]);
		free(rows.row[i].count);
		free(rows.row[i].ns);
	}
	doc_table_end(d);
	free(rows.row);
}
