// SPDX-License-Identifier: GPL-2.0-only
/* "Claims tested": of section 1. */
#include <math.h>

#include "analysis/claims.h"
#include "report/number.h"
#include "report/sections.h"

static char *ratio_text(const char *pair, const struct ratio *r)
{
	if (!r->n)
		return xstrdup("");
	if (!r->has_interval)
		return xasprintf("%s %.2f (%zu pair%s: no interval)", pair, r->ratio, r->n,
				 r->n == 1 ? "" : "s");
	return xasprintf("%s %.2f [%.2f, %.2f], %zu pairs", pair, r->ratio, r->low, r->high, r->n);
}

static char *copied_text(const struct zerocopy_truth *z)
{
	char asked[NUMBER_LEN], copied[NUMBER_LEN];

	return xasprintf("%s copied of %s sent by page reference%s", number_bytes(z->copied_bytes, copied),
			 number_bytes(z->asked_bytes, asked),
			 z->all_seen ? "" : "; not every place was visible");
}

/* What the run says about a claim, in numbers. */
static char *evidence(const struct claim_finding *f)
{
	char *text = xstrdup("");
	size_t i;

	if (f->state == CLAIM_UNTESTED) {
		free(text);
		return xstrdup("nothing of the kind in this run");
	}
	if (f->truth) {
		free(text);
		return copied_text(f->truth);
	}
	for (i = 0; i < f->def->against_cnt; i++) {
		_cleanup_free_ char *pair = xasprintf("%s/%s", f->top, f->against[i]);
		_cleanup_free_ char *one = ratio_text(pair, &f->ratio[i]), *before = text;

		text = xasprintf("%s%s%s", before, i ? "; " : "", one);
	}
	return text;
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
	_cleanup_free_ char *threads = NULL, *sizes = NULL, *range = NULL;
	char size[NUMBER_LEN];

	if (def->measure == MEASURE_COPIED)
		return xasprintf("refuted by %s, confirmed when no place could hide one",
				 measures[def->measure]);
	threads = def->threads ? xasprintf(", cells with %u threads", def->threads) : xstrdup("");
	sizes = def->least_bytes ? xasprintf(", sizes from %s", number_size(def->least_bytes, size)) :
				   xstrdup("");
	range = isinf(def->high) ? xasprintf("above %g", def->low) :
				   xasprintf("within %g to %g", def->low, def->high);
	return xasprintf("%s of %s over %s%s%s %s%s%s", measures[def->measure], f->top, f->against[0],
			 def->against_cnt > 1 ? " and over " : "",
			 def->against_cnt > 1 ? f->against[1] : "", range, threads, sizes);
}

static char *claim_text(const struct claim_finding *f)
{
	_cleanup_free_ char *text = text_with(f->def->text, f->top);

	return text_with(text, f->against[0]);
}

void claims_write(struct doc *d, const struct report_ctx *ctx)
{
	static const struct doc_col cols[] = {
		{"Claim", false}, {"Here", false}, {"Evidence", false}, {"Judged by", false}};
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
	doc_table(d, cols, ARRAY_SIZE(cols),
		  "On this machine, path and matrix only; median of the ratios of all pairs of clean "
		  "passes, with its 95 % bootstrap interval");
	for (i = 0; i < claim_cnt; i++) {
		_cleanup_free_ char *text = claim_text(&findings[i]);
		_cleanup_free_ char *numbers = evidence(&findings[i]), *judged = rule(&findings[i]);

		doc_cell(d, TONE_PLAIN, "%s", text);
		doc_cell(d, tones[findings[i].state], "%s", claim_state_names[findings[i].state]);
		doc_cell(d, TONE_PLAIN, "%s", numbers);
		doc_cell(d, TONE_MUTED, "%s", judged);
	}
	doc_table_end(d);
}
