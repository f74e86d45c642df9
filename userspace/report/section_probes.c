// SPDX-License-Identifier: GPL-2.0-only
/* How each quantity was observed: of section 6. A table for each series of passes. */
#include "report/notes.h"
#include "report/sections.h"

struct passes {
	size_t cnt, all;
	const struct run_key *first, *last;
};

static struct passes passes_of(const struct run_set *set, unsigned int series)
{
	struct passes passes = {.cnt = 0};
	size_t i;

	for (i = 0; i < set->result_cnt; i++) {
		const struct run_result *r = &set->result[i];

		if (r->key.pass != PASS_ATTRIBUTION || r->status != RESULT_OK)
			continue;
		passes.all++;
		if (r->series != series)
			continue;
		passes.cnt++;
		passes.first = passes.first ?: &r->key;
		passes.last = &r->key;
	}
	return passes;
}

static char *pass_text(const struct run_key *key)
{
	return xasprintf("%s %s x %u, repetition %u", key->mode, number_size(key->size_bytes).text,
			 key->threads, key->repetition);
}

/* A caption says which passes, unless it is all. */
static void write_series(struct doc *d, const struct run_set *set, unsigned int series,
			 const struct passes *passes)
{
	static const char what[] = "How each quantity was observed";
	_cleanup_free_ char *caption = NULL, *first = NULL, *last = NULL;
	struct notes notes = {.cnt = 0};
	size_t i;

	if (passes->cnt < passes->all) {
		first = pass_text(passes->first);
		last = pass_text(passes->last);
		caption = xasprintf("%s in %zu of %zu attribution passes, from %s to %s", what,
				    passes->cnt, passes->all, first, last);
	}
	doc_table(d, caption ?: what);
	doc_columns(d, COLUMN_TEXT, "Quantity", "Tier", "Through, or why not");
	for (i = 0; i < set->probe_cnt; i++) {
		const struct probe_note *p = &set->probe[i];
		enum tone tone = p->tier ? TONE_PLAIN : TONE_MUTED;

		if (p->series != series)
			continue;
		doc_cells(d, TONE_PLAIN, p->quantity);
		doc_cells(d, tone, tier_names[p->tier] ?: "absent");
		if (p->reason)
			doc_cell(d, tone, "%s%s[%zu]", p->via ?: "", p->via ? " " : "",
				 notes_add(&notes, "", p->reason));
		else
			doc_cells(d, TONE_PLAIN, p->via ?: "");
	}
	doc_table_end(d);
	notes_write(d, &notes, "");
}

void probes_write(struct doc *d, const struct report_ctx *ctx)
{
	const struct run_set *set = ctx->set;
	unsigned int series, last = run_set_series(set);

	if (!set->probe_cnt)
		return;
	for (series = 0; series <= last; series++) {
		struct passes passes = passes_of(set, series);

		/* of a series all of whose passes were taken again there is nothing to tell */
		if (passes.cnt || (!passes.all && series == last))
			write_series(d, set, series, &passes);
	}
}
