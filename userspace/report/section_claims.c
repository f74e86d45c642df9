// SPDX-License-Identifier: GPL-2.0-only
/* "Claims tested": of section 1. */
#include <math.h>

#include "analysis/claims.h"
#include "report/sections.h"

/* What the run says about a claim, in numbers. */
static char *evidence(const struct claim_finding *f)
{
	const struct zerocopy_truth *z = f->truth;
	char *text = NULL;
	size_t i;

	if (f->state == CLAIM_UNTESTED)
		return xstrdup("nothing of the kind in this run");
	if (z)
		return xasprintf("%s%s copied of %s%s sent by page reference%s",
				 bound_words(z->copied_bound), number_bytes(z->copied_bytes).text,
				 bound_words(z->asked_bound), number_bytes(z->asked_bytes).text,
				 z->all_seen ? "" : "; not every place was visible");
	for (i = 0; i < f->def->against_cnt; i++) {
		const struct ratio *r = &f->ratio[i];

		if (!r->n)
			xappend(&text, "; ", "%s", "");
		else if (r->has_interval)
			xappend(&text, "; ", "%s/%s %.2f [%.2f, %.2f], %zu pairs", f->top,
				f->against[i], r->ratio, r->low, r->high, r->n);
		else
			xappend(&text, "; ", "%s/%s %.2f (%zu pair%s: no interval)", f->top,
				f->against[i], r->ratio, r->n, r->n == 1 ? "" : "s");
	}
	return text ?: xstrdup("");
}

/* The rule the row stands for. */
static char *rule(const struct claim_finding *f)
{
	static const char *const measures[] = {
		[MEASURE_COPIED] = "copied bytes",
		[MEASURE_THROUGHPUT] = "throughput",
		[MEASURE_SWITCHES] = "switches per byte",
	};
	static_assert_complete(measures, MEASURE_MAX_);
	const struct claim_def *def = f->def;
	char *text = NULL;

	if (def->measure == MEASURE_COPIED)
		return xasprintf("refuted by %s, confirmed when no place could hide one",
				 measures[def->measure]);
	xappend(&text, "", "%s of %s over %s", measures[def->measure], f->top, f->against[0]);
	if (def->against_cnt > 1)
		xappend(&text, " and over ", "%s", f->against[1]);
	if (isinf(def->high))
		xappend(&text, " ", "above %g", def->low);
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
		[CLAIM_CONFIRMED] = TONE_STRONG,
		[CLAIM_REFUTED] = TONE_STRONG,
	};
	static_assert_complete(tones, CLAIM_STATE_MAX_);
	_cleanup_free_ struct claim_finding *findings = claims_test(ctx->set, &ctx->verdict);
	size_t i;

	if (!findings)
		return;
	doc_heading(d, 3, "claims", "Claims tested");
	doc_table(d, "On this machine, path and matrix only; median of the ratios of all pairs of "
		     "clean passes, with its 95 % bootstrap interval");
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
