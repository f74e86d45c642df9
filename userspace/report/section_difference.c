// SPDX-License-Identifier: GPL-2.0-only
/* Where the difference goes: of section 3, from the first mode to each other, by category and by function. */
#include <math.h>

#include "report/waterfall.h"

#define FUNCTIONS  30 /* of the table; the others are one row */
#define SANDWICHES 8  /* functions whose callers and called are shown */
#define NEIGHBOURS 5  /* callers, and called, of each; the others are one row */

/* ---- words ---------------------------------------------------------------------------------- */

struct number number_ns(double ns)
{
	struct number n;

	snprintf(n.text, sizeof(n.text), "%.4f", ns);
	return n;
}

struct number number_change(double ns)
{
	struct number n;

	snprintf(n.text, sizeof(n.text), fabs(ns) < 0.00005 ? "%.4f" : "%+.4f", fabs(ns) < 0.00005 ? 0 : ns);
	return n;
}

char *function_text(const struct run_set *set, unsigned int frame, const char *none)
{
	const struct frame *f;

	if (frame == WATERFALL_NO_FRAME)
		return xstrdup(none);
	f = &set->frame[frame];
	/* "[libc.so.6]" is of that anyway */
	if (!f->module || *f->name == '[')
		return xstrdup(f->name);
	return xasprintf("%s [%s]", f->name, f->module);
}

const char *change_word(const struct cost_change *c)
{
	return c->low > 0 ? "more" : c->high < 0 ? "less" : "undecided";
}

static bool comes_before(const struct cost_change *a, const struct cost_change *b)
{
	if (change_decided(a) != change_decided(b))
		return change_decided(a);
	return fabs(a->change) > fabs(b->change);
}

size_t waterfall_order(const struct waterfall *w, enum category order[CATEGORY_MAX_])
{
	enum category c;
	size_t cnt = 0, at;

	for (c = 0; c < CATEGORY_MAX_; c++) {
		if (w->bar[c].samples[0] + w->bar[c].samples[1] <= 0)
			continue;
		for (at = cnt++; at > 0 && comes_before(&w->bar[c], &w->bar[order[at - 1]]); at--)
			order[at] = order[at - 1];
		order[at] = c;
	}
	return cnt;
}

static const char *const noise_words[] = {
	[NOISE_OF_PASSES] = "Where the observed passes of a cell differ by more than chance, the intervals are as much wider.",
	[NOISE_OF_CLEAN_PASSES] = "Cells were observed once: the intervals are wider by what their clean passes differ.",
	[NOISE_UNKNOWN] = "Cells were observed once and run clean once: how passes differ is not in the intervals.",
};
static_assert_complete(noise_words, NOISE_MAX_);

/* ---- the bars as words and table ------------------------------------------------------------ */

static void write_lead(struct doc *d, const struct pair *pair)
{
	const struct cost_change *total = &pair->found.total;
	enum category order[CATEGORY_MAX_];
	size_t cnt = waterfall_order(&pair->found, order), i;
	_cleanup_free_ char *most = xstrdup("");

	for (i = 0; i < cnt && i < 3 && change_decided(&pair->found.bar[order[i]]); i++)
		xappend(&most, ", ", "%s %s", category_defs[order[i]].title,
			number_change(pair->found.bar[order[i]].change).text);
	doc_para(d, TONE_STRONG, "%s to %s: %s to %s ns of CPU per byte received, %s [%s, %s]%s%s%s.",
		 mode_name(pair->ctx, pair->mode[0]), mode_name(pair->ctx, pair->mode[1]), number_ns(total->ns[0]).text,
		 number_ns(total->ns[1]).text, number_change(total->change).text, number_change(total->low).text,
		 number_change(total->high).text,
		 change_decided(total) ? "" : ", which these samples cannot tell from none",
		 *most ? "; above all " : "", most);
	doc_para(d, TONE_MUTED, "%s", noise_words[pair->found.noise]);
}

static void put_both(struct doc *d, const double ns[2], double change, bool decided)
{
	doc_cells(d, TONE_PLAIN, number_ns(ns[0]).text);
	doc_cells(d, TONE_PLAIN, number_ns(ns[1]).text);
	doc_cells(d, decided ? TONE_PLAIN : TONE_MUTED, number_change(change).text);
}

static void put_change(struct doc *d, const struct cost_change *c)
{
	put_both(d, c->ns, c->change, change_decided(c));
}

static void put_bar(struct doc *d, const char *title, const struct cost_change *c)
{
	doc_cells(d, TONE_PLAIN, title);
	put_change(d, c);
	doc_cells(d, TONE_MUTED, number_change(c->low).text);
	doc_cells(d, TONE_MUTED, number_change(c->high).text);
	doc_cells(d, change_decided(c) ? TONE_PLAIN : TONE_MUTED, change_word(c));
}

static void pair_columns(struct doc *d, const struct pair *pair, const char *what)
{
	doc_column(d, COLUMN_NUMBER, "%s%s", what, mode_name(pair->ctx, pair->mode[0]));
	doc_column(d, COLUMN_NUMBER, "%s%s", what, mode_name(pair->ctx, pair->mode[1]));
	doc_column(d, COLUMN_NUMBER, "%s%s", what, *what ? "difference" : "Difference");
}

static void write_bars(struct doc *d, const struct pair *pair)
{
	enum category order[CATEGORY_MAX_];
	size_t cnt = waterfall_order(&pair->found, order), i;

	doc_table(d, "By category: CPU ns per byte received");
	doc_columns(d, COLUMN_TEXT, "Category");
	pair_columns(d, pair, "");
	doc_columns(d, COLUMN_NUMBER, "From", "To");
	doc_columns(d, COLUMN_TEXT, "Samples say");
	for (i = 0; i < cnt; i++)
		put_bar(d, category_defs[order[i]].title, &pair->found.bar[order[i]]);
	put_bar(d, "all", &pair->found.total);
	doc_table_end(d);
}

/* ---- functions ------------------------------------------------------------------------------ */

static void put_function(struct doc *d, const struct pair *pair, const struct waterfall_function *f)
{
	_cleanup_free_ char *name = function_text(pair->ctx->set, f->frame, "");

	doc_cells(d, TONE_PLAIN, name);
	doc_cells(d, TONE_MUTED, f->category < CATEGORY_MAX_ ? category_defs[f->category].title : "");
	put_change(d, &f->self);
	doc_cells(d, change_decided(&f->self) ? TONE_PLAIN : TONE_MUTED,
		  f->category < CATEGORY_MAX_ ? change_word(&f->self) : "");
	put_change(d, &f->total);
}

/* Its first cell is muted: sorted (assets/table.js) it stays the last. */
static void put_other_functions(struct doc *d, const struct waterfall *w)
{
	double self[2] = {0};
	size_t i;

	for (i = FUNCTIONS; i < w->function_cnt; i++) {
		self[0] += w->function[i].self.ns[0];
		self[1] += w->function[i].self.ns[1];
	}
	doc_cell(d, TONE_MUTED, "others (%zu)", w->function_cnt - FUNCTIONS);
	doc_cells(d, TONE_MUTED, "");
	put_both(d, self, self[1] - self[0], false);
	doc_cells(d, TONE_MUTED, "", "", "", "");
}

static void write_functions(struct doc *d, const struct pair *pair)
{
	const struct waterfall *w = &pair->found;
	size_t i;

	doc_sortable_table(d, "Functions, ns per byte received: of their own, and with all that they called");
	doc_columns(d, COLUMN_TEXT, "Function", "Counted under");
	pair_columns(d, pair, "Self ");
	doc_columns(d, COLUMN_TEXT, "Samples say");
	pair_columns(d, pair, "Total ");
	for (i = 0; i < w->function_cnt && i < FUNCTIONS; i++)
		put_function(d, pair, &w->function[i]);
	if (w->function_cnt > FUNCTIONS)
		put_other_functions(d, w);
	doc_table_end(d);
}

/* ---- callers and called --------------------------------------------------------------------- */

static void put_neighbours(struct doc *d, const struct run_set *set, const char *relation, const char *none,
			   const struct neighbour *n, size_t cnt)
{
	double others[2] = {0};
	size_t i;

	for (i = 0; i < cnt; i++) {
		_cleanup_free_ char *name = function_text(set, n[i].frame, none);

		if (i >= NEIGHBOURS) {
			others[0] += n[i].time.ns[0];
			others[1] += n[i].time.ns[1];
			continue;
		}
		doc_cells(d, TONE_MUTED, relation);
		doc_cells(d, TONE_PLAIN, name);
		put_change(d, &n[i].time);
	}
	if (cnt <= NEIGHBOURS)
		return;
	doc_cells(d, TONE_MUTED, relation);
	doc_cell(d, TONE_MUTED, "others (%zu)", cnt - NEIGHBOURS);
	put_both(d, others, others[1] - others[0], false);
}

static void write_sandwich(struct doc *d, const struct pair *pair, const struct waterfall_function *f)
{
	const struct run_set *set = pair->ctx->set;
	struct sandwich s = waterfall_sandwich(&pair->found, set, f->frame);
	_cleanup_free_ char *name = function_text(set, f->frame, ""), *title = NULL;

	title = xasprintf("%s to %s: who calls %s, and what it calls", mode_name(pair->ctx, pair->mode[0]),
			  mode_name(pair->ctx, pair->mode[1]), name);
	doc_fold(d, title);
	doc_table(d, "ns per byte received");
	doc_columns(d, COLUMN_TEXT, "Relation", "Function");
	pair_columns(d, pair, "");
	put_neighbours(d, set, "called by", "(nobody: the stack begins here)", s.caller, s.caller_cnt);
	doc_cells(d, TONE_PLAIN, "");
	doc_cells(d, TONE_STRONG, name);
	put_change(d, &f->total);
	put_neighbours(d, set, "calls", "(itself)", s.called, s.called_cnt);
	doc_table_end(d);
	doc_fold(d, NULL);
	sandwich_free(&s);
}

/* ---- pairs ---------------------------------------------------------------------------------- */

static const char *const missing_words[] = {
	[WATERFALL_TOLD] = "",
	[WATERFALL_NOT_SAMPLED] = "the run sampled no CPU",
	[WATERFALL_NO_PASS] = "there is no cell in which both were observed to the end of a pass",
	[WATERFALL_NO_SAMPLE] = "in the passes of one of them not one CPU sample was taken",
};
static_assert_complete(missing_words, WATERFALL_MISSING_MAX_);

/* What cannot fold would be pages of it: there is the page for that. */
static void write_found(struct doc *d, const struct pair *pair)
{
	bool first = pair->mode[1] == 1, whole = d->ops->folds;
	size_t i;

	write_lead(d, pair);
	doc_figure(d, &(struct figure){.draw = draw_waterfall, .of = pair});
	write_bars(d, pair);
	if (first || whole)
		write_functions(d, pair);
	for (i = 0; whole && i < pair->found.function_cnt && i < SANDWICHES; i++)
		write_sandwich(d, pair, &pair->found.function[i]);
}

/* Of all but the first pair only what is asked for is shown. */
static void write_pair(struct doc *d, const struct report_ctx *ctx, const struct frame_class *classes, size_t mode)
{
	struct pair pair = {.ctx = ctx, .mode = {0, mode}, .found = waterfall_of(ctx->set, classes, 0, mode)};
	_cleanup_free_ char *title = xasprintf("%s to %s", mode_name(ctx, 0), mode_name(ctx, mode));

	if (pair.found.missing) {
		doc_para(d, TONE_MUTED, "%s: not known, for %s.", title, missing_words[pair.found.missing]);
	} else if (mode == 1) {
		write_found(d, &pair);
	} else {
		doc_fold(d, title);
		write_found(d, &pair);
		doc_fold(d, NULL);
	}
	waterfall_free(&pair.found);
}

void difference_write(struct doc *d, const struct report_ctx *ctx)
{
	const struct run_plan *plan = &ctx->set->plan;
	_cleanup_free_ struct frame_class *classes = NULL;
	size_t mode;

	if (plan->mode_cnt < 2)
		return;
	doc_heading(d, 3, "difference", "Where the difference goes");
	if (!plan->frequency_hz) {
		doc_para(d, TONE_MUTED, "Not known, for %s.", missing_words[WATERFALL_NOT_SAMPLED]);
		return;
	}
	doc_para(d, TONE_MUTED,
		 "From the CPU samples of the observed passes, in the cells that both modes have. Samples are counts: each "
		 "difference has a 95 %% interval, and one that spans 0 is undecided.");
	classes = frame_classes(ctx->set);
	for (mode = 1; mode < plan->mode_cnt; mode++)
		write_pair(d, ctx, classes, mode);
}
