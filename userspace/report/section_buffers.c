// SPDX-License-Identifier: GPL-2.0-only
/* Where the buffers lie and what that costs: a table of section 2, and a finding of section 1. */
#include "analysis/buffers.h"
#include "report/notes.h"
#include "report/sections.h"

static void put_fact(struct doc *d, const struct layout_quotient *q, struct notes *notes, const char *text)
{
	static const struct reason not_measured = {.detail = "not measured in this run"};
	_cleanup_free_ char *kind = bound_text(q->bound, NULL);
	_cleanup_free_ char *prefix = xasprintf("%s%s", kind, q->reason ? ": " : "");
	size_t note = 0;

	if (!q->known)
		note = notes_add(notes, "absent: ", q->reason ?: &not_measured);
	else if (q->bound)
		note = notes_add(notes, prefix, q->reason);
	if (!q->known)
		text = "absent";
	if (note)
		doc_cell(d, q->known ? TONE_WARN : TONE_MUTED, "%s [%zu]", text, note);
	else
		doc_cells(d, q->known ? TONE_PLAIN : TONE_MUTED, text);
}

static void put_pages(struct doc *d, const struct layout *l, struct notes *notes)
{
	static const struct reason by_address = {
		.detail = "the kernel's count is not visible here: pages that the fields touch, by their addresses"};
	const struct layout_quotient *pages = layout_pages(l);
	_cleanup_free_ char *text = xasprintf("%.1f", pages->value);
	_cleanup_free_ char *least = xasprintf("%.1f", l->fact[LAYOUT_LEAST].value);

	if (pages->known && pages == &l->fact[LAYOUT_FIELDS])
		doc_cell(d, TONE_PLAIN, "%s [%zu]", text, notes_add(notes, "", &by_address));
	else
		put_fact(d, pages, notes, text);
	put_fact(d, &l->fact[LAYOUT_LEAST], notes, least);
}

/* "huge (transparent)": which it became. */
static void put_placement(struct doc *d, const struct layout *l, enum buffers buffers)
{
	const char *kind = l->fact[LAYOUT_RESERVED].value > 0 ? "reserved" :
			   l->fact[LAYOUT_GRANTED].value > 0  ? "transparent" :
								"not granted";

	if (buffers == BUFFERS_HUGE && l->fact[LAYOUT_GRANTED].known)
		doc_cell(d, TONE_PLAIN, "%s (%s)", buffers_names[buffers], kind);
	else
		doc_cells(d, TONE_PLAIN, buffers_names[buffers]);
}

/* What takes the place of page references. */
static const char *const without_references[] = {
	[WAY_COPY] = "copied",
	[WAY_ZEROCOPY] = "", /* has them */
	[WAY_SPLICE] = "spliced",
	[WAY_ENCRYPT] = "encrypted",
	[WAY_OTHER] = "unknown",
};
static_assert_complete(without_references, WAY_MAX_);

static void put_row(struct doc *d, const struct report_ctx *ctx, const struct layout *l, struct notes *notes)
{
	const struct mode_traits *traits = &ctx->set->plan.mode[l->mode].traits;
	_cleanup_free_ char *frags = xasprintf("%.1f", l->fact[LAYOUT_FRAGS].value);
	_cleanup_free_ char *full = xasprintf("%.0f\u00a0%%", 100 * l->fact[LAYOUT_FULL].value);
	_cleanup_free_ char *calls = xasprintf("%.2f", l->fact[LAYOUT_CALLS].value);
	_cleanup_free_ char *waits = xasprintf("%.1f\u00a0%%", 100 * l->fact[LAYOUT_WAITS].value);
	struct number bytes = number_bytes(l->fact[LAYOUT_SKB_BYTES].value);

	doc_cells(d, TONE_PLAIN, number_size(l->size_bytes).text, mode_name(ctx, l->mode));
	put_placement(d, l, traits->buffers);
	if (traits->way == WAY_ZEROCOPY) {
		put_pages(d, l, notes);
		put_fact(d, &l->fact[LAYOUT_FRAGS], notes, frags);
		put_fact(d, &l->fact[LAYOUT_FULL], notes, full);
		put_fact(d, &l->fact[LAYOUT_SKB_BYTES], notes, bytes.text);
	} else {
		doc_cells(d, TONE_MUTED, without_references[traits->way], "\u2013", "\u2013", "\u2013", "\u2013");
	}
	put_fact(d, &l->fact[LAYOUT_CALLS], notes, calls);
	if (traits->has_completions)
		put_fact(d, &l->fact[LAYOUT_WAITS], notes, waits);
	else
		doc_cells(d, TONE_MUTED, "\u2013");
}

static void write_alignment(struct doc *d, const struct report_ctx *ctx, const struct alignment *a)
{
	size_t i;

	doc_fold(d, "What alignment is worth in each cell");
	doc_table(d, "CPU per byte of the page-aligned mode over the other's, both "
		     "ends (clean pass; less than 1 is better)");
	doc_columns(d, COLUMN_NUMBER, "Size", "Threads");
	doc_column(d, COLUMN_NUMBER, "%s / %s", mode_name(ctx, a->aligned), mode_name(ctx, a->scattered));
	for (i = 0; i < a->cnt; i++) {
		const struct alignment_cell *c = &a->cell[i];

		doc_cells(d, TONE_PLAIN, number_size(c->size_bytes).text);
		doc_cell(d, TONE_PLAIN, "%u", c->threads);
		if (c->cpu.has_interval)
			doc_cell(d, TONE_PLAIN, "%.2f x [%.2f, %.2f]", c->cpu.ratio, c->cpu.low, c->cpu.high);
		else if (c->cpu.n)
			doc_cell(d, TONE_MUTED, "%.2f x; too few repetitions for an interval", c->cpu.ratio);
		else
			doc_cells(d, TONE_MUTED, "not compared");
	}
	doc_table_end(d);
	doc_fold(d, NULL);
}

void buffers_write(struct doc *d, const struct report_ctx *ctx)
{
	const struct run_plan *plan = &ctx->set->plan;
	struct notes notes = {.cnt = 0};
	struct alignment a;
	size_t s, m;

	doc_heading(d, 3, "buffers", "Buffers");
	doc_table(d, "Where the 8 fields of a message lie, and what the kernel makes of it (attribution passes)");
	doc_columns(d, COLUMN_NUMBER, "Size");
	doc_columns(d, COLUMN_TEXT, "Mode", "Buffers");
	doc_columns(d, COLUMN_NUMBER, "Page references per 64 KiB", "Least", "Fragments per skb",
		    "Skbs full of them", "Bytes per skb", "Send calls per message", "Messages that waited for a buffer");
	for (s = 0; s < plan->size_cnt; s++) {
		for (m = 0; m < plan->mode_cnt; m++) {
			struct layout l = layout_of(ctx->set, m, plan->size_bytes[s]);

			put_row(d, ctx, &l, &notes);
		}
	}
	doc_table_end(d);
	notes_write(d, &notes, "");
	if (!alignment_find(ctx->set, &ctx->verdict.cpu, &a))
		return;
	write_alignment(d, ctx, &a);
	alignment_free(&a);
}

/* ---- the finding ---------------------------------------------------------------------------- */

/* How the packets differ, as far as that was seen. NULL: it was not, or they do not. The caller frees. */
static char *packets(const struct report_ctx *ctx, const struct layout *scattered, const struct layout *aligned)
{
	const struct layout_quotient *few = &scattered->fact[LAYOUT_SKB_BYTES];
	const struct layout_quotient *many = &aligned->fact[LAYOUT_SKB_BYTES];
	const struct layout_quotient *full = &scattered->fact[LAYOUT_FULL];
	const struct layout_quotient *also_full = &aligned->fact[LAYOUT_FULL];

	if (!few->known || !many->known || !full->known || !also_full->known || few->value >= many->value)
		return NULL;
	return xasprintf(" A packet buffer of the kernel takes a limited number of page references: those of "
			 "%s carried %s on average and %.0f\u00a0%% had no reference left, those of %s %s and "
			 "%.0f\u00a0%%.", mode_name(ctx, scattered->mode), number_bytes(few->value).text,
			 100 * full->value, mode_name(ctx, aligned->mode), number_bytes(many->value).text,
			 100 * also_full->value);
}

/* How the calls differ: a send that could not take a whole message. */
static char *calls(const struct layout *scattered, const struct layout *aligned, const char *name)
{
	const struct layout_quotient *partial = &scattered->fact[LAYOUT_PARTIAL];

	if (!partial->known || !aligned->fact[LAYOUT_PARTIAL].known ||
	    partial->value < aligned->fact[LAYOUT_PARTIAL].value + 0.01)
		return NULL;
	return xasprintf(" It took %.2f send calls a message, with %s %.2f.", scattered->fact[LAYOUT_CALLS].value,
			 name, aligned->fact[LAYOUT_CALLS].value);
}

/* Misalignment is the reason only where fewer pages go with less CPU. */
static void write_reason(struct doc *d, const struct report_ctx *ctx, const struct alignment *a)
{
	const struct alignment_cell *best = a->best;
	struct layout scattered = layout_of(ctx->set, a->scattered, best->size_bytes);
	struct layout aligned = layout_of(ctx->set, a->aligned, best->size_bytes);
	const struct layout_quotient *many = layout_pages(&scattered), *few = layout_pages(&aligned);
	const char *name = mode_name(ctx, a->aligned);
	_cleanup_free_ char *how = NULL, *also = NULL;

	if (!many->known || !few->known || many->value <= few->value)
		return;
	how = packets(ctx, &scattered, &aligned);
	also = calls(&scattered, &aligned, name);
	doc_item(d, TONE_STRONG, "Misaligned buffers",
		 "%s sends from 8 blocks of the heap, which straddle the borders of pages: at %s a message, 64 KiB "
		 "touch %.1f pages instead of %.1f (%s: the same, but each block begins a page).%s%s %s needs %.2f x "
		 "the CPU per byte of %s [%.2f, %.2f] at %s x %u; less in %zu of %zu cells, more in %zu.",
		 mode_name(ctx, a->scattered), number_size(best->size_bytes).text, many->value, few->value, name,
		 how ?: "", also ?: "", name, best->cpu.ratio, mode_name(ctx, a->scattered), best->cpu.low,
		 best->cpu.high, number_size(best->size_bytes).text, best->threads, a->cheaper, a->compared,
		 a->dearer);
}

void alignment_write(struct doc *d, const struct report_ctx *ctx)
{
	struct alignment a;

	if (!alignment_find(ctx->set, &ctx->verdict.cpu, &a))
		return;
	if (a.best)
		write_reason(d, ctx, &a);
	else if (a.compared)
		doc_item(d, TONE_MUTED, "Alignment",
			 "in none of %zu cells is it shown that %s, which differs from %s by page-aligned fields "
			 "alone, needs less CPU per byte; the ratios are in section 2.",
			 a.compared, mode_name(ctx, a.aligned), mode_name(ctx, a.scattered));
	alignment_free(&a);
}
