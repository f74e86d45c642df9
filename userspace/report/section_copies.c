// SPDX-License-Identifier: GPL-2.0-only
/* Section 2 of the report: copies by mode and stage, places of in-path copies. */
#include "report/notes.h"
#include "report/sections.h"

/* Number of the note that says why a stage is not fully known; 0 when it is. */
static size_t stage_doubt(const struct mode_copies *c, enum stage s, struct notes *notes)
{
	static const struct reason not_measured = {.detail = "not measured in this run"};
	const struct stage_sum *sum = &c->stage[s];
	_cleanup_free_ char *prefix = NULL, *kind = bound_text(stage_per_byte_bound(sum), NULL);

	if (!c->cells)
		return notes_add(notes, "no attribution pass of this mode worked", NULL);
	if (!sum->known_cells)
		return notes_add(notes, "absent: ", sum->reason ?: &not_measured);
	if (sum->known_cells < c->cells)
		prefix = xasprintf("seen in %zu of %zu passes only%s", sum->known_cells, c->cells,
				   sum->reason ? ": " : "");
	else if (*kind)
		prefix = xasprintf("%s%s", kind, sum->reason ? ": " : "");
	return prefix ? notes_add(notes, prefix, sum->reason) : 0;
}

static void put_per_byte(struct doc *d, const struct mode_copies *c, enum stage s,
			 struct notes *notes)
{
	size_t note = stage_doubt(c, s, notes);

	if (!note)
		doc_cell(d, c->stage[s].bytes > 0 ? TONE_PLAIN : TONE_MUTED, "%.3f",
			 stage_per_byte(&c->stage[s]));
	else if (!c->stage[s].known_cells)
		doc_cell(d, TONE_MUTED, "absent [%zu]", note);
	else
		doc_cell(d, TONE_WARN, "%s%.3f [%zu]", bound_words(stage_per_byte_bound(&c->stage[s])),
			 stage_per_byte(&c->stage[s]), note);
}

/* Every place of copies has a row; what else may become of bytes, and what few ask for, only if some went that way. */
static bool has_row(const struct verdict *v, enum stage s)
{
	bool any = stage_defs[s].kind == STAGE_COPY && !(stage_defs[s].traits & STAGE_OF_ZCRX);
	size_t i;

	for (i = 0; i < v->mode_cnt; i++)
		any |= v->copies[i].stage[s].bytes > 0;
	return any;
}

static bool seen_in_all(const struct verdict *v, enum stage s)
{
	bool all = true;
	size_t i;

	for (i = 0; i < v->mode_cnt; i++)
		all &= stage_known(&v->copies[i].stage[s]);
	return all;
}

static void write_rowless(struct doc *d, const struct verdict *v)
{
	_cleanup_free_ char *unused = NULL, *unseen = NULL;
	enum stage s;

	for (s = 0; s < STAGE_MAX_; s++)
		if (!has_row(v, s))
			xappend(seen_in_all(v, s) ? &unused : &unseen, "; ", "%s", stage_defs[s].title);
	if (unused)
		doc_para(d, TONE_MUTED, "No byte went there: %s.", unused);
	if (unseen)
		doc_para(d, TONE_MUTED, "Not visible here, for the reasons that section 5 gives: %s.", unseen);
}

/* The matrix: a row a stage, a column a mode. */
static void write_matrix(struct doc *d, const struct report_ctx *ctx)
{
	const struct verdict *v = &ctx->verdict;
	struct notes notes = {.cnt = 0};
	enum stage s;
	size_t i;

	doc_table(d, "Per byte received: copies, or bytes moved by reference");
	doc_columns(d, COLUMN_TEXT, "Stage");
	mode_columns(d, ctx);
	for (s = 0; s < STAGE_MAX_; s++) {
		if (!has_row(v, s))
			continue;
		doc_cells(d, TONE_PLAIN, stage_defs[s].title);
		for (i = 0; i < v->mode_cnt; i++)
			put_per_byte(d, &v->copies[i], s, &notes);
	}
	doc_cells(d, TONE_PLAIN, "Payload copies per byte");
	for (i = 0; i < v->mode_cnt; i++) {
		const struct copies_per_byte *copies = &v->copies[i].copies;

		if (v->copies[i].cells)
			doc_cell(d, TONE_STRONG, "%s%.3f", bound_words(copies->bound), copies->value);
		else
			doc_cells(d, TONE_MUTED, "absent");
	}
	doc_table_end(d);
	notes_write(d, &notes, "");
	write_rowless(d, v);
}

struct sent {
	double sum;
	enum bound bound;
};

/* By the sender, in the attribution passes. */
static struct sent sent(const struct report_ctx *ctx, const struct mode_info *mode, enum metric_id m)
{
	const struct run_set *set = ctx->set;
	struct sent sent = {.sum = 0};
	size_t i;

	for (i = 0; i < set->result_cnt; i++) {
		const struct run_result *r = &set->result[i];
		struct metric_value v;

		if (r->key.pass != PASS_ATTRIBUTION || r->status != RESULT_OK || run_set_mode(set, r) != mode)
			continue;
		v = run_result_sum(set, r, FLOW_SENDS, m);
		if (value_known(&v)) {
			sent.sum += v.value;
			sent.bound |= v.bound;
		}
	}
	return sent;
}

static void tell_made_for(struct doc *d, const struct report_ctx *ctx, size_t i, enum metric_id calls_metric,
			  enum metric_id bytes_metric, const char *who)
{
	const struct mode_info *mode = ctx->verdict.copies[i].mode;
	struct sent all = sent(ctx, mode, M_SENT_BYTES), calls = sent(ctx, mode, calls_metric);
	struct sent bytes = sent(ctx, mode, bytes_metric);

	if (bytes.sum > 0)
		doc_para(d, TONE_PLAIN, "Of %s%s that %s sent, %s%s went in %s%s sends made %s, in the sender's own "
			 "process: their CPU time and switches are in its counts.",
			 bound_words(all.bound), number_bytes(all.sum).text, mode_name(ctx, i),
			 bound_words(bytes.bound), number_bytes(bytes.sum).text, bound_words(calls.bound),
			 number_exact(calls.sum).text, who);
}

static void write_made_for(struct doc *d, const struct report_ctx *ctx)
{
	size_t i;

	for (i = 0; i < ctx->verdict.mode_cnt; i++) {
		tell_made_for(d, ctx, i, M_SENT_BY_SQPOLL_CALLS, M_SENT_BY_SQPOLL_BYTES,
			      "by a thread that polls its io_uring (SQPOLL)");
		tell_made_for(d, ctx, i, M_SENT_BY_IOWQ_CALLS, M_SENT_BY_IOWQ_BYTES, "by workers of io_uring's (io-wq)");
	}
}

static void put_whole(struct doc *d, double v, enum bound bound)
{
	doc_cell(d, v > 0 ? TONE_PLAIN : TONE_MUTED, "%s%s", bound_words(bound), number_exact(v).text);
}

/* Counts and bytes: a row a stage, two columns a mode. */
static void put_counts(struct doc *d, const struct stage_sum *sum)
{
	if (!sum->known_cells) {
		doc_cells(d, TONE_MUTED, "absent", "absent");
		return;
	}
	if (sum->count_known)
		put_whole(d, sum->count, sum->count_bound | (stage_known(sum) ? BOUND_NONE : BOUND_LOWER));
	else
		doc_cells(d, TONE_MUTED, "not counted");
	put_whole(d, sum->bytes, stage_bound(sum));
}

static void write_counts(struct doc *d, const struct report_ctx *ctx)
{
	const struct verdict *v = &ctx->verdict;
	enum stage s;
	size_t i;

	doc_table(d, "Sums over the attribution passes");
	doc_columns(d, COLUMN_TEXT, "Stage");
	for (i = 0; i < v->mode_cnt; i++) {
		doc_column(d, COLUMN_NUMBER, "%s count", mode_name(ctx, i));
		doc_column(d, COLUMN_NUMBER, "%s bytes", mode_name(ctx, i));
	}
	for (s = 0; s < STAGE_MAX_; s++) {
		doc_cells(d, TONE_PLAIN, stage_defs[s].title);
		for (i = 0; i < v->mode_cnt; i++)
			put_counts(d, &v->copies[i].stage[s]);
	}
	doc_cells(d, TONE_STRONG, "Received (passes, bytes)");
	for (i = 0; i < v->mode_cnt; i++) {
		doc_cell(d, TONE_STRONG, "%zu", v->copies[i].cells);
		doc_cells(d, TONE_STRONG, number_exact(v->copies[i].received).text);
	}
	doc_table_end(d);
}

static void put_place(struct doc *d, const struct mode_copies *c, const struct copy_place *p)
{
	_cleanup_free_ char *reason = copy_reason_text(p->reason, p->detail);
	const struct stage_sum *sum = &c->stage[p->stage];
	enum bound bound = stage_bound(sum);

	doc_cells(d, TONE_PLAIN, c->mode->name, p->function, reason);
	doc_cells(d, TONE_MUTED, stage_counts(p->stage) ? "payload" : "headers");
	doc_cell(d, TONE_PLAIN, "%s%.3f", bound_words(bound | bound_inverse(sum->payload_bound)),
		 c->received > 0 ? p->bytes / c->received : 0);
	put_whole(d, p->count, bound);
	put_whole(d, p->bytes, bound);
}

static void write_places(struct doc *d, const struct report_ctx *ctx)
{
	const struct verdict *v = &ctx->verdict;
	size_t i, j, any = 0;

	for (i = 0; i < v->mode_cnt; i++)
		any += v->copies[i].place_cnt;
	if (!any)
		return;
	doc_table(d, "Copies inside the kernel's path, by place and reason");
	doc_columns(d, COLUMN_TEXT, "Mode", "Function", "Reason", "Of");
	doc_columns(d, COLUMN_NUMBER, "Copies per byte", "Count", "Bytes");
	for (i = 0; i < v->mode_cnt; i++)
		for (j = 0; j < v->copies[i].place_cnt; j++)
			put_place(d, &v->copies[i], &v->copies[i].place[j]);
	doc_table_end(d);
}

void copies_write(struct doc *d, const struct report_ctx *ctx)
{
	doc_heading(d, 2, "copies", "2. Kernel-path copy counts");
	doc_para(d, TONE_MUTED, "Bytes of the attribution passes, over the bytes the client received. "
		 "Page references and mappings move bytes without copying them; kTLS reads and writes each byte "
		 "once, and is no copy either.");
	write_matrix(d, ctx);
	write_made_for(d, ctx);
	write_places(d, ctx);
	buffers_write(d, ctx);
	doc_fold(d, "Counts and bytes of every stage");
	write_counts(d, ctx);
	doc_fold(d, NULL);
	ledger_write(d, ctx);
}
