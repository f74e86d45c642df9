// SPDX-License-Identifier: GPL-2.0-only
/* The ledger: of section 2. */
#include <ctype.h>
#include <string.h>

#include "report/notes.h"
#include "report/sections.h"

struct check_sum {
	size_t lines, by_state[LEDGER_STATE_MAX_];
	double left[LEDGER_STATE_MAX_];
	const struct ledger_line *first_unchecked;
};

/* All lines of one mode, check and owner. */
static struct check_sum sum_check(const struct report_ctx *ctx, size_t mode,
				  const struct ledger_check *check, unsigned int owner)
{
	const struct ledger *l = &ctx->verdict.ledger;
	struct check_sum sum = {.lines = 0};
	size_t i;

	for (i = 0; i < l->cnt; i++) {
		const struct ledger_line *line = &l->line[i];

		if (line->check != check || line->owner != owner ||
		    line->result->key.mode != mode_name(ctx, mode))
			continue;
		sum.lines++;
		sum.by_state[line->state]++;
		sum.left[line->state] += line->left;
		if (line->state == LEDGER_UNCHECKED && !sum.first_unchecked)
			sum.first_unchecked = line;
	}
	return sum;
}

static void put_check(struct doc *d, const struct check_sum *s, struct notes *notes)
{
	size_t checked = s->by_state[LEDGER_BALANCED] + s->by_state[LEDGER_OFF];

	if (s->by_state[LEDGER_OFF]) {
		doc_cell(d, TONE_ALARM, "off in %zu of %zu", s->by_state[LEDGER_OFF], checked);
	} else if (checked) {
		doc_cell(d, TONE_PLAIN, "%s (%zu of %zu)", number_exact(s->left[LEDGER_BALANCED]).text,
			 checked, checked);
	} else if (s->by_state[LEDGER_ONE_OBSERVER]) {
		doc_cell(d, TONE_MUTED, "%s, not independent here",
			 number_exact(s->left[LEDGER_ONE_OBSERVER]).text);
	} else if (s->first_unchecked) {
		_cleanup_free_ char *prefix =
			xasprintf("not checkable without %s%s",
				  metric_defs[s->first_unchecked->missing].title,
				  s->first_unchecked->reason ? ": " : "");

		doc_cell(d, TONE_MUTED, "not checkable [%zu]",
			 notes_add(notes, prefix, s->first_unchecked->reason));
	} else {
		doc_cells(d, TONE_MUTED, "");
	}
}

/* "server: user to kernel + zero-copy + spliced = sent" */
static char *check_title(const struct report_ctx *ctx, const struct ledger_check *check,
			 unsigned int owner)
{
	const char *owner_label = ctx->set->owner[owner].label;
	_cleanup_free_ char *left = NULL;
	enum stage s;

	if (check->of == FLOW_WHOLE)
		return xstrdup(check->title);
	if (check->left.metric != METRIC_MAX_)
		return xasprintf("%s: %s", owner_label, check->title);
	for (s = 0; s < STAGE_MAX_; s++) {
		const char *title = metric_defs[stage_defs[s].bytes].title;

		if (stage_defs[s].layer == check->left.layer)
			xappend(&left, " + ", "%c%s", tolower((unsigned char)*title), title + 1);
	}
	return xasprintf("%s: %s = %s", owner_label, left ?: "", check->title);
}

/* "tracepoint:sock_send_length", "server application". */
static void append_observers(const struct run_set *set, const struct ledger_observers *by, char **text)
{
	_cleanup_free_ char *side = NULL;
	unsigned int o;
	size_t i;

	for (i = 0; i < by->cnt; i++) {
		if (strcmp(by->via[i], VIA_WORKLOAD)) {
			xappend(&side, " + ", "%s", by->via[i]);
			continue;
		}
		for (o = 1; o < set->owner_cnt; o++)
			if (by->owners & 1U << o)
				xappend(&side, " + ", "%s application", set->owner[o].label);
	}
	xappend(text, " and ", "%s", side ?: "nobody");
}

/* Each pair of observers that some line of the check has, once. The caller frees. */
static char *observed_by(const struct report_ctx *ctx, const struct ledger_check *check, unsigned int owner)
{
	const struct ledger *l = &ctx->verdict.ledger;
	struct words pairs = {.cnt = 0};
	char *text = NULL;
	size_t i;

	for (i = 0; i < l->cnt; i++) {
		const struct ledger_line *line = &l->line[i];
		struct ledger_observers left, right;
		_cleanup_free_ char *pair = NULL;

		if (line->check != check || line->owner != owner || line->state == LEDGER_UNCHECKED)
			continue;
		left = ledger_observers(ctx->set, line, &check->left);
		right = ledger_observers(ctx->set, line, &check->right);
		append_observers(ctx->set, &left, &pair);
		if (line->state == LEDGER_ONE_OBSERVER)
			xappend(&pair, " ", "alone");
		else
			append_observers(ctx->set, &right, &pair);
		words_add(&pairs, pair);
	}
	for (i = 0; i < pairs.cnt; i++)
		xappend(&text, "; ", "%s", pairs.word[i]);
	words_free(&pairs);
	return text ?: xstrdup("");
}

static void write_check(struct doc *d, const struct report_ctx *ctx, const struct ledger_check *check,
			unsigned int owner, struct notes *notes)
{
	size_t mode_cnt = ctx->verdict.mode_cnt, i, any = 0;
	_cleanup_free_ struct check_sum *sums = xcalloc(mode_cnt + 1, sizeof(*sums));
	_cleanup_free_ char *title = check_title(ctx, check, owner), *observers = NULL;

	for (i = 0; i < mode_cnt; i++) {
		sums[i] = sum_check(ctx, i, check, owner);
		any += sums[i].lines;
	}
	if (!any)
		return;
	observers = observed_by(ctx, check, owner);
	doc_cells(d, TONE_PLAIN, title);
	doc_cells(d, TONE_MUTED, observers);
	for (i = 0; i < mode_cnt; i++)
		put_check(d, &sums[i], notes);
}

/* A row a check and owner, a column a mode; the lines themselves only where they are off. */
static void write_balance(struct doc *d, const struct report_ctx *ctx)
{
	struct notes notes = {.cnt = 0};
	unsigned int o;
	size_t i;

	doc_table(d, "What both sides come to (and in how many passes they are equal)");
	doc_columns(d, COLUMN_TEXT, "Check", "Observed by");
	mode_columns(d, ctx);
	for (i = 0; i < ledger_check_cnt; i++)
		for (o = 0; o < ctx->set->owner_cnt; o++)
			if (ledger_applies(ctx->set, &ledger_checks[i], o))
				write_check(d, ctx, &ledger_checks[i], o, &notes);
	doc_table_end(d);
	notes_write(d, &notes, "");
}

static void put_imbalance(struct doc *d, const struct report_ctx *ctx,
			  const struct ledger_line *line)
{
	_cleanup_free_ char *title = check_title(ctx, line->check, line->owner);
	const struct run_key *key = &line->result->key;
	bool unseen = line->missing < METRIC_MAX_;

	doc_cell(d, TONE_PLAIN, "%s %s x %u, repetition %u, %s", key->mode,
		 number_size(key->size_bytes).text, key->threads, key->repetition,
		 pass_names[key->pass]);
	doc_cells(d, TONE_PLAIN, title);
	doc_cell(d, TONE_PLAIN, "%s%s", bound_words(line->left_bound), number_exact(line->left).text);
	doc_cell(d, TONE_PLAIN, "%s%s", bound_words(line->right_bound), number_exact(line->right).text);
	doc_cell(d, TONE_ALARM, "%s%s%s%s", number_exact(line->difference).text,
		 unseen ? " (not visible: " : "", unseen ? metric_defs[line->missing].title : "",
		 unseen ? ")" : "");
}

static void write_imbalances(struct doc *d, const struct report_ctx *ctx)
{
	const struct ledger *l = &ctx->verdict.ledger;
	size_t i;

	if (!l->by_state[LEDGER_OFF])
		return;
	doc_table(d, "Checks that are off");
	doc_columns(d, COLUMN_TEXT, "Cell", "Check");
	doc_columns(d, COLUMN_NUMBER, "Left", "Right", "Off by");
	for (i = 0; i < l->cnt; i++)
		if (l->line[i].state == LEDGER_OFF)
			put_imbalance(d, ctx, &l->line[i]);
	doc_table_end(d);
}

void ledger_write(struct doc *d, const struct report_ctx *ctx)
{
	doc_heading(d, 3, "ledger", "The ledger");
	doc_para(d, TONE_MUTED, "A check counts where two observers counted its sides independently; what "
		 "one observer counted for both is shown, but balances by construction. Sums over all cells "
		 "of a mode, each cell checked on its own, to the byte.");
	write_imbalances(d, ctx);
	if (ctx->verdict.ledger.cnt)
		write_balance(d, ctx);
	else
		doc_para(d, TONE_WARN, "Nothing to check: no pass of this run worked.");
}
