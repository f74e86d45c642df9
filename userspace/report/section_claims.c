// SPDX-License-Identifier: GPL-2.0-only
/* "Claims tested": of section 1. */
#include "analysis/claims.h"
#include "report/doc.h"
#include "report/number.h"

static char *ratio_text(const char *pair, const struct ratio *r)
{
	if (!r->n)
		return xstrdup("");
	if (!r->has_interval)
		return xasprintf("%s %.2f (%zu pair%s: no interval)", pair, r->ratio, r->n,
				 r->n == 1 ? "" : "s");
	return xasprintf("%s %.2f [%.2f, %.2f], %zu pairs", pair, r->ratio, r->low, r->high, r->n);
}

/* What the run says about a claim, in numbers. */
static char *evidence(const struct doc *d, enum claim claim, const struct claim_finding *f)
{
	static const char *const pairs[CLAIM_MAX_][2] = {
		[CLAIM_LOSES] = {"A3/A1", ""},
		[CLAIM_SWITCHES] = {"A3/A1", "A3/A2"},
		[CLAIM_THREADS] = {"A3/A1", "A3/A2"},
		[CLAIM_EQUAL] = {"A1/A2", ""},
	};
	const struct verdict *v = &d->ctx->verdict;
	_cleanup_free_ char *first = NULL, *second = NULL;
	char asked[NUMBER_LEN], copied[NUMBER_LEN];
	size_t i;

	if (f->state == CLAIM_UNTESTED)
		return xstrdup("nothing of the kind in this run");
	if (claim == CLAIM_NO_COPY) {
		for (i = 0; i < v->zerocopy_cnt; i++)
			if (f->state != CLAIM_UNTESTED)
				return xasprintf("%s copied of %s sent by page reference%s",
						 number_bytes(v->zerocopy[i].copied_bytes, copied),
						 number_bytes(v->zerocopy[i].asked_bytes, asked),
						 v->zerocopy[i].all_seen
							 ? ""
							 : "; not every place was visible");
		return xstrdup("");
	}
	first = ratio_text(pairs[claim][0], &f->against[0]);
	second = ratio_text(pairs[claim][1], &f->against[1]);
	return xasprintf("%s%s%s", first, *second ? "; " : "", second);
}

void claims_write(struct doc *d)
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
	struct claim_finding findings[CLAIM_MAX_];
	enum claim c;

	if (!claims_test(d->ctx->set, &d->ctx->verdict, findings))
		return;
	doc_heading(d, 3, "claims", "Claims tested");
	doc_table(d, cols, ARRAY_SIZE(cols),
		  "On this machine, path and matrix only; median of the ratios of all pairs of clean "
		  "passes, with its 95 % bootstrap interval");
	for (c = 0; c < CLAIM_MAX_; c++) {
		_cleanup_free_ char *text = evidence(d, c, &findings[c]);

		doc_cell(d, TONE_PLAIN, "%s", claim_defs[c].text);
		doc_cell(d, tones[findings[c].state], "%s", claim_state_names[findings[c].state]);
		doc_cell(d, TONE_PLAIN, "%s", text);
		doc_cell(d, TONE_MUTED, "%s", claim_defs[c].rule);
	}
	doc_table_end(d);
}
