// SPDX-License-Identifier: GPL-2.0-only
/* The ledger: of section 2. */
#include <ctype.h>

#include "report/notes.h"
#include "report/number.h"
#include "report/sections.h"

struct check_sum {
	size_t by_state[LEDGER_STATE_MAX_];
	double left;
	const struct ledger_line *first_unchecked;
};

/* All lines of one mode, check and owner. */
static struct check_sum sum_check(const struct report_ctx *ctx, size_t mode, const struct ledger_check *check,
				  unsigned int owner)
{
	const struct ledger *l = &ctx->verdict.ledger;
	struct check_sum sum = {.left = 0};
	size_t i;

	for (i = 0; i < l->cnt; i++) {
		const struct ledger_line *line = &l->line[i];

		if (line->check != check || line->owner != owner ||
		    line->result->key.mode != ctx->set->plan.mode[mode].name)
			continue;
		sum.by_state[line->state]++;
		if (line->state != LEDGER_UNCHECKED)
			sum.left += line->left;
		else if (!sum.first_unchecked)
			sum.first_unchecked = line;
	}
	return sum;
}

static void put_check(struct doc *d, const struct check_sum *s, struct notes *notes)
{
	size_t checked = s->by_state[LEDGER_BALANCED] + s->by_state[LEDGER_OFF];
	char left[NUMBER_LEN];

	if (s->by_state[LEDGER_OFF]) {
		doc_cell(d, TONE_ALARM, "off in %zu of %zu", s->by_state[LEDGER_OFF], checked);
	} else if (checked) {
		doc_cell(d, TONE_PLAIN, "%s (%zu of %zu)", number_exact(s->left, left), checked,
			 checked);
	} else if (s->first_unchecked) {
		_cleanup_free_ char *prefix =
			xasprintf("not checkable without %s%s",
				  metric_defs[s->first_unchecked->missing].title,
				  s->first_unchecked->reason ? ": " : "");

		doc_cell(d, TONE_MUTED, "not checkable [%zu]",
			 notes_add(notes, prefix, s->first_unchecked->reason));
	} else {
		doc_cell(d, TONE_MUTED, "%s", "");
	}
}

/* "server: user to kernel + zero-copy + spliced = sent" */
static char *check_title(const struct report_ctx *ctx, const struct ledger_check *check, unsigned int owner)
{
	_cleanup_free_ char *left = xstrdup("");
	enum stage s;

	if (check->of == FLOW_WHOLE)
		return xstrdup(check->title);
	if (check->left.metric != METRIC_MAX_)
		return xasprintf("%s: %s", ctx->set->owner[owner].label, check->title);
	for (s = 0; s < STAGE_MAX_; s++) {
		_cleanup_free_ char *before = NULL, *title = NULL;

		if (stage_defs[s].layer != check->left.layer)
			continue;
		before = left;
		title = xstrdup(metric_defs[stage_defs[s].bytes].title);
		*title = (char)tolower((unsigned char)*title);
		left = xasprintf("%s%s%s", before, *before ? " + " : "", title);
	}
	return xasprintf("%s: %s = %s", ctx->set->owner[owner].label, left, check->title);
}

static void write_check(struct doc *d, const struct report_ctx *ctx, const struct ledger_check *check,
			unsigned int owner, struct notes *notes)
{
	size_t mode_cnt = ctx->verdict.mode_cnt, i, any = 0;
	_cleanup_free_ struct check_sum *sums = xcalloc(mode_cnt + 1, sizeof(*sums));
	_cleanup_free_ char *title = check_title(ctx, check, owner);
	enum ledger_state state;

	for (i = 0; i < mode_cnt; i++) {
		sums[i] = sum_check(ctx, i, check, owner);
		for (state = 0; state < LEDGER_STATE_MAX_; state++)
			any += sums[i].by_state[state];
	}
	if (!any)
		return;
	doc_cell(d, TONE_PLAIN, "%s", title);
	for (i = 0; i < mode_cnt; i++)
		put_check(d, &sums[i], notes);
}

/* A row a check and owner, a column a mode; the lines themselves only where they are off. */
static void write_balance(struct doc *d, const struct report_ctx *ctx)
{
	const struct verdict *v = &ctx->verdict;
	_cleanup_free_ struct doc_col *cols = xcalloc(v->mode_cnt + 1, sizeof(*cols));
	struct notes notes = {.cnt = 0};
	unsigned int o;
	size_t i;

	cols[0].title = "Check";
	for (i = 0; i < v->mode_cnt; i++)
		cols[i + 1] = (struct doc_col){v->copies[i].mode->name, true};
	doc_table(d, cols, v->mode_cnt + 1,
		  "What both sides come to (and in how many passes they are equal)");
	for (i = 0; i < ledger_check_cnt; i++)
		for (o = 0; o < ctx->set->owner_cnt; o++)
			if (ledger_applies(ctx->set, &ledger_checks[i], o))
				write_check(d, ctx, &ledger_checks[i], o, &notes);
	doc_table_end(d);
	notes_write(d, &notes);
	notes_free(&notes);
}

static void write_imbalances(struct doc *d, const struct report_ctx *ctx)
{
	static const struct doc_col cols[] = {{"Cell", false}, {"Check", false}, {"Left", true},
					      {"Right", true}, {"Off by", true}};
	const struct ledger *l = &ctx->verdict.ledger;
	char buf[NUMBER_LEN], size[NUMBER_LEN];
	size_t i;

	if (!l->by_state[LEDGER_OFF])
		return;
	doc_table(d, cols, ARRAY_SIZE(cols), "Checks that are off");
	for (i = 0; i < l->cnt; i++) {
		const struct ledger_line *line = &l->line[i];
		const struct run_key *key = &line->result->key;
		_cleanup_free_ char *title = NULL;

		if (line->state != LEDGER_OFF)
			continue;
		title = check_title(ctx, line->check, line->owner);
		doc_cell(d, TONE_PLAIN, "%s %s x %u, repetition %u, %s", key->mode,
			 number_size(key->size_bytes, size), key->threads, key->repetition,
			 pass_names[key->pass]);
		doc_cell(d, TONE_PLAIN, "%s", title);
		doc_cell(d, TONE_PLAIN, "%s", number_exact(line->left, buf));
		doc_cell(d, TONE_PLAIN, "%s", number_exact(line->right, buf));
		doc_cell(d, TONE_ALARM, "%s%s%s%s", number_exact(line->difference, buf),
			 line->missing < METRIC_MAX_ ? " (not visible: " : "",
			 line->missing < METRIC_MAX_ ? metric_defs[line->missing].title : "",
			 line->missing < METRIC_MAX_ ? ")" : "");
	}
	doc_table_end(d);
}

void ledger_write(struct doc *d, const struct report_ctx *ctx)
{
	doc_heading(d, 3, "ledger", "The ledger");
	doc_para(d, TONE_MUTED, "Each side is counted independently; sums over all cells of a mode, "
		 "each cell checked on its own, to the byte.");
	write_imbalances(d, ctx);
	if (ctx->verdict.ledger.cnt)
		write_balance(d, ctx);
	else
		doc_para(d, TONE_WARN, "Nothing to check: no pass of this run worked.");
}
