// SPDX-License-Identifier: GPL-2.0-only
/* "Claims tested": of section 1. */
#include <math.h>

#include "analysis/claims.h"
#include "report/sections.h"

static char *copied_evidence(const struct zerocopy_truth *z)
{
	_cleanup_free_ char *copied = NULL;

	if (!zerocopy_flag_alone(z))
		return xasprintf("%s%s copied of %s%s sent by page reference%s",
				 bound_words(z->copied_bound), number_bytes(z->copied_bytes).text,
				 bound_words(z->asked_bound), number_bytes(z->asked_bytes).text,
				 z->all_seen ? "" : "; not every place was visible");
	copied = zerocopy_flags_text(z);
	return xasprintf("%s ids of %s%s sent by page reference were flagged COPIED; how many bytes was not visible", copied,
			 bound_words(z->asked_bound), number_bytes(z->asked_bytes).text);
}

/* What the run says about a claim, in numbers. */
static char *evidence(const struct claim_finding *f)
{
	const struct zerocopy_truth *z = f->truth;
	char *text = NULL;
	size_t i;

	if (f->state == CLAIM_UNTESTED)
		return xstrdup("nothing of the kind in this run");
	if (z)
		return copied_evidence(z);
	xappend(&text, "", "holds in %zu of %zu cell%s (by their own intervals in %zu, refuted by them in %zu)", f->cells.holds,
		f->cells.n, f->cells.n == 1 ? "" : "s", f->cells.yes, f->cells.no);
	for (i = 0; i < f->def->against_cnt; i++) {
		const struct ratio *r = &f->ratio[i];

		xappend(&text, "; ", "%s/%s %s", f->top, f->against[i], number_ratio(r->ratio).text);
		if (r->has_interval)
			xappend(&text, " ", "[%s, %s]", number_ratio(r->low).text,
				number_ratio(r->high).text);
	}
	return text;
}

/* The rule the row stands for. */
static char *rule(const struct claim_finding *f)
{
	static const char *const measures[] = {
		[MEASURE_THROUGHPUT] = "throughput",
		[MEASURE_CPU] = "CPU per byte",
		[MEASURE_SWITCHES] = "switches per byte",
	};
	static_assert_complete(measures, MEASURE_MAX_);
	const struct claim_def *def = f->def;
	char *text = NULL;

	if (def->copied)
		return xstrdup("refuted by copied bytes, confirmed when no place could hide one");
	xappend(&text, "", "%s of %s over %s", measures[def->measure], f->top, f->against[0]);
	if (def->against_cnt > 1)
		xappend(&text, " and over ", "%s", f->against[1]);
	if (isinf(def->high))
		xappend(&text, " ", "above %g by more than the margin", def->low);
	else
		xappend(&text, " ", "within %g to %g", def->low, def->high);
	if (def->threads)
		xappend(&text, ", ", "cells with %u threads", def->threads);
	if (def->least_bytes)
		xappend(&text, ", ", "sizes from %s", number_size(def->least_bytes).text);
	return text;
}

static char *claim_text(const struct claim_finding *f)
{
	_cleanup_free_ char *text = text_with(f->def->text, f->top);

	return text_with(text, f->against[0]);
}

void claims_write(struct doc *d, const struct report_ctx *ctx)
{
	static const enum tone tones[] = {
		[CLAIM_UNTESTED] = TONE_MUTED,
		[CLAIM_UNDECIDED] = TONE_MUTED,
		[CLAIM_MIXED] = TONE_STRONG,
		[CLAIM_CONFIRMED] = TONE_STRONG,
		[CLAIM_REFUTED] = TONE_STRONG,
	};
	static_assert_complete(tones, CLAIM_STATE_MAX_);
	_cleanup_free_ struct claim_finding *findings = claims_test(ctx->set, &ctx->verdict);
	size_t i;

	if (!findings)
		return;
	doc_heading(d, 3, "claims", "Claims tested");
	doc_table(d, "On this machine, path and matrix only. Confirmed or refuted by every cell's own "
		     "interval, or by the geometric mean over the cells where no cell says the opposite; "
		     "mixed where cells do");
	doc_columns(d, COLUMN_TEXT, "Claim", "Here", "Evidence", "Judged by");
	for (i = 0; i < claim_cnt; i++) {
		_cleanup_free_ char *text = claim_text(&findings[i]);
		_cleanup_free_ char *numbers = evidence(&findings[i]), *judged = rule(&findings[i]);

		doc_cells(d, TONE_PLAIN, text);
		doc_cells(d, tones[findings[i].state], claim_state_names[findings[i].state]);
		doc_cells(d, TONE_PLAIN, numbers);
		doc_cells(d, TONE_MUTED, judged);
	}
	doc_table_end(d);
}
