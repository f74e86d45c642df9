// SPDX-License-Identifier: GPL-2.0-only
/* Section 2 of the report: copies by mode and stage, places of in-path copies. */
#include "report/notes.h"
#include "report/number.h"
#include "report/sections.h"

/* Number of the note that says why a stage is not fully known; 0 when it is. */
static size_t stage_doubt(const struct mode_copies *c, enum stage s, struct notes *notes)
{
	static const struct reason not_measured = {.detail = "not measured in this run"};
	const struct stage_sum *sum = &c->stage[s];
	_cleanup_free_ char *prefix = NULL;

	if (!c->cells)
		return notes_add(notes, "no attribution pass of this mode worked", NULL);
	if (!sum->known_cells)
		return notes_add(notes, "absent: ", sum->reason ?: &not_measured);
	if (sum->known_cells < c->cells)
		prefix = xasprintf("seen in %zu of %zu passes only%s", sum->known_cells, c->cells,
				   sum->reason ? ": " : "");
	else if (sum->bound)
		prefix = xasprintf("%s bound%s", bound_names[sum->bound], sum->reason ? ": " : "");
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
		doc_cell(d, TONE_WARN, "%.3f [%zu]", stage_per_byte(&c->stage[s]), note);
}

/* The matrix: a row a stage, a column a mode. */
static void write_matrix(struct doc *d, const struct report_ctx *ctx)
{
	const struct verdict *v = &ctx->verdict;
	struct doc_col *cols = xcalloc(v->mode_cnt + 1, sizeof(*cols));
	struct notes notes = {.cnt = 0};
	enum stage s;
	size_t i;

	cols[0].title = "Stage";
	for (i = 0; i < v->mode_cnt; i++)
		cols[i + 1] = (struct doc_col){v->copies[i].mode->name, true};
	doc_table(d, cols, v->mode_cnt + 1, "Per byte received: copies, or bytes moved by reference");
	for (s = 0; s < STAGE_MAX_; s++) {
		doc_cell(d, TONE_PLAIN, "%s", stage_defs[s].title);
		for (i = 0; i < v->mode_cnt; i++)
			put_per_byte(d, &v->copies[i], s, &notes);
	}
	doc_cell(d, TONE_PLAIN, "Payload copies per byte");
	for (i = 0; i < v->mode_cnt; i++) {
		if (v->copies[i].cells)
			doc_cell(d, TONE_STRONG, "%s%.3f",
				 v->copies[i].copies.lower_bound ? "at least " : "",
				 v->copies[i].copies.value);
		else
			doc_cell(d, TONE_MUTED, "absent");
	}
	doc_table_end(d);
	notes_write(d, &notes);
	notes_free(&notes);
	free(cols);
}

/* Counts and bytes: a row a stage, two columns a mode. */
static void put_counts(struct doc *d, const struct stage_sum *sum)
{
	char buf[NUMBER_LEN];

	if (!sum->known_cells) {
		doc_cell(d, TONE_MUTED, "absent");
		doc_cell(d, TONE_MUTED, "absent");
		return;
	}
	if (sum->count_known)
		doc_cell(d, sum->count > 0 ? TONE_PLAIN : TONE_MUTED, "%s",
			 number_exact(sum->count, buf));
	else
		doc_cell(d, TONE_MUTED, "not counted");
	doc_cell(d, sum->bytes > 0 ? TONE_PLAIN : TONE_MUTED, "%s", number_exact(sum->bytes, buf));
}

static void write_counts(struct doc *d, const struct report_ctx *ctx)
{
	const struct verdict *v = &ctx->verdict;
	_cleanup_free_ struct doc_col *cols = xcalloc(2 * v->mode_cnt + 1, sizeof(*cols));
	char buf[NUMBER_LEN];
	enum stage s;
	size_t i;

	cols[0].title = "Stage";
	for (i = 0; i < v->mode_cnt; i++) {
		const char *name = v->copies[i].mode->name;

		cols[2 * i + 1] = (struct doc_col){xasprintf("%s count", name), true};
		cols[2 * i + 2] = (struct doc_col){xasprintf("%s bytes", name), true};
	}
	doc_table(d, cols, 2 * v->mode_cnt + 1, "Sums over the attribution passes");
	for (s = 0; s < STAGE_MAX_; s++) {
		doc_cell(d, TONE_PLAIN, "%s", stage_defs[s].title);
		for (i = 0; i < v->mode_cnt; i++)
			put_counts(d, &v->copies[i].stage[s]);
	}
	doc_cell(d, TONE_STRONG, "Received (passes, bytes)");
	for (i = 0; i < v->mode_cnt; i++) {
		doc_cell(d, TONE_STRONG, "%zu", v->copies[i].cells);
		doc_cell(d, TONE_STRONG, "%s", number_exact(v->copies[i].received, buf));
	}
	doc_table_end(d);
	for (i = 1; i <= 2 * v->mode_cnt; i++)
		free((char *)cols[i].title);
}

static void write_places(struct doc *d, const struct report_ctx *ctx)
{
	static const struct doc_col cols[] = {{"Mode", false}, {"Function", false}, {"Reason", false},
					      {"Of", false}, {"Copies per byte", true}, {"Count", true},
					      {"Bytes", true}};
	const struct verdict *v = &ctx->verdict;
	char buf[NUMBER_LEN];
	size_t i, j, any = 0;

	for (i = 0; i < v->mode_cnt; i++)
		any += v->copies[i].place_cnt;
	if (!any)
		return;
	doc_table(d, cols, ARRAY_SIZE(cols), "Copies inside the kernel's path, by place and reason");
	for (i = 0; i < v->mode_cnt; i++) {
		const struct mode_copies *c = &v->copies[i];

		for (j = 0; j < c->place_cnt; j++) {
			const struct copy_place *p = &c->place[j];
			_cleanup_free_ char *reason = copy_reason_text(p->reason, p->detail);

			doc_cell(d, TONE_PLAIN, "%s", c->mode->name);
			doc_cell(d, TONE_PLAIN, "%s", p->function);
			doc_cell(d, TONE_PLAIN, "%s", reason);
			doc_cell(d, TONE_MUTED, "%s", stage_counts(p->stage) ? "payload" : "headers");
			doc_cell(d, TONE_PLAIN, "%.3f", c->received > 0 ? p->bytes / c->received : 0);
			doc_cell(d, TONE_PLAIN, "%s", number_exact(p->count, buf));
			doc_cell(d, TONE_PLAIN, "%s", number_exact(p->bytes, buf));
		}
	}
	doc_table_end(d);
}

void copies_write(struct doc *d, const struct report_ctx *ctx)
{
	doc_heading(d, 2, "copies", "2. Kernel-path copy counts");
	doc_para(d, TONE_MUTED, "Bytes of the attribution passes, over the bytes the client received. "
		 "Page references and mappings move bytes without copying them.");
	figure_paths(d, ctx);
	write_matrix(d, ctx);
	write_places(d, ctx);
	doc_fold(d, "Counts and bytes of every stage");
	write_counts(d, ctx);
	doc_fold(d, NULL);
	ledger_write(d, ctx);
}
