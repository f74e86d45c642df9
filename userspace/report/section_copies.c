// SPDX-License-Identifier: GPL-2.0-only
/* Section 2 of the report: copies by mode and stage, places of in-path copies, the ledger. */
#include "report/doc.h"
#include "report/notes.h"
#include "report/number.h"

/* Number of the note that says why a stage is not fully known; 0 when it is. */
static size_t stage_doubt(const struct mode_copies *c, enum stage s, struct notes *notes)
{
	const struct stage_sum *sum = &c->stage[s];

	if (!c->cells)
		return notes_add(notes, "no attribution pass of this mode worked", NULL);
	if (!sum->known_cells)
		return sum->reason ? notes_add(notes, "absent: ", sum->reason)
				   : notes_add(notes, "absent: not measured in this run", NULL);
	if (sum->known_cells < c->cells) {
		_cleanup_free_ char *prefix = xasprintf("seen in %zu of %zu passes only%s",
							sum->known_cells, c->cells,
							sum->reason ? ": " : "");

		return notes_add(notes, prefix, sum->reason);
	}
	if (sum->lossy)
		return notes_add(notes, sum->reason ?: "a bound", NULL); /* says which bound itself */
	return 0;
}

static void put_per_byte(struct doc *d, const struct mode_copies *c, enum stage s,
			 struct notes *notes)
{
	size_t note = stage_doubt(c, s, notes);

	if (!note)
		doc_cell(d, c->stage[s].bytes > 0 ? TONE_PLAIN : TONE_MUTED, "%.3f",
			 c->stage[s].per_byte);
	else if (!c->stage[s].known_cells)
		doc_cell(d, TONE_MUTED, "absent [%zu]", note);
	else
		doc_cell(d, TONE_WARN, "%.3f [%zu]", c->stage[s].per_byte, note);
}

/* The matrix: a row a stage, a column a mode. */
static void write_matrix(struct doc *d)
{
	const struct verdict *v = &d->ctx->verdict;
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
				 v->copies[i].lower_bound ? "at least " : "", v->copies[i].per_byte);
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

static void write_counts(struct doc *d)
{
	const struct verdict *v = &d->ctx->verdict;
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

static void write_places(struct doc *d)
{
	static const struct doc_col cols[] = {{"Mode", false}, {"Function", false}, {"Reason", false},
					      {"Of", false}, {"Copies per byte", true}, {"Count", true},
					      {"Bytes", true}};
	const struct verdict *v = &d->ctx->verdict;
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
			doc_cell(d, TONE_PLAIN, "%s", c->mode->name);
			doc_cell(d, TONE_PLAIN, "%s", c->place[j].function);
			doc_cell(d, TONE_PLAIN, "%s", c->place[j].reason);
			doc_cell(d, TONE_MUTED, "%s", c->place[j].header ? "headers" : "payload");
			doc_cell(d, TONE_PLAIN, "%.3f",
				 c->received > 0 ? c->place[j].bytes / c->received : 0);
			doc_cell(d, TONE_PLAIN, "%s", number_exact(c->place[j].count, buf));
			doc_cell(d, TONE_PLAIN, "%s", number_exact(c->place[j].bytes, buf));
		}
	}
	doc_table_end(d);
}

struct check_sum {
	size_t by_state[LEDGER_STATE_MAX_];
	double left;
	const struct ledger_line *first_unchecked;
};

/* All lines of one mode and check. */
static struct check_sum sum_check(const struct doc *d, size_t mode, const struct ledger_check *check)
{
	const struct ledger *l = &d->ctx->verdict.ledger;
	struct check_sum sum = {.left = 0};
	size_t i;

	for (i = 0; i < l->cnt; i++) {
		const struct ledger_line *line = &l->line[i];

		if (line->check != check || line->result->key.mode != d->ctx->set->plan.mode[mode].name)
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

/* A row a check, a column a mode; the lines themselves only where they are off. */
static void write_balance(struct doc *d)
{
	const struct verdict *v = &d->ctx->verdict;
	_cleanup_free_ struct doc_col *cols = xcalloc(v->mode_cnt + 1, sizeof(*cols));
	struct notes notes = {.cnt = 0};
	const struct ledger_check *check;
	size_t i, number;

	cols[0].title = "Check";
	for (i = 0; i < v->mode_cnt; i++)
		cols[i + 1] = (struct doc_col){v->copies[i].mode->name, true};
	doc_table(d, cols, v->mode_cnt + 1,
		  "What both sides come to (and in how many passes they are equal)");
	for (number = 0; (check = ledger_check_at(number)); number++) {
		struct check_sum *sums = xcalloc(v->mode_cnt + 1, sizeof(*sums));
		size_t any = 0;
		enum ledger_state state;

		for (i = 0; i < v->mode_cnt; i++) {
			sums[i] = sum_check(d, i, check);
			for (state = 0; state < LEDGER_STATE_MAX_; state++)
				any += sums[i].by_state[state];
		}
		if (any)
			doc_cell(d, TONE_PLAIN, "%s", ledger_title(check));
		for (i = 0; any && i < v->mode_cnt; i++)
			put_check(d, &sums[i], &notes);
		free(sums);
	}
	doc_table_end(d);
	notes_write(d, &notes);
	notes_free(&notes);
}

static void write_imbalances(struct doc *d)
{
	static const struct doc_col cols[] = {{"Cell", false}, {"Check", false}, {"Left", true},
					      {"Right", true}, {"Off by", true}};
	const struct ledger *l = &d->ctx->verdict.ledger;
	char buf[NUMBER_LEN], size[NUMBER_LEN];
	size_t i;

	if (!l->by_state[LEDGER_OFF])
		return;
	doc_table(d, cols, ARRAY_SIZE(cols), "Checks that are off");
	for (i = 0; i < l->cnt; i++) {
		const struct ledger_line *line = &l->line[i];
		const struct run_key *key = &line->result->key;

		if (line->state != LEDGER_OFF)
			continue;
		doc_cell(d, TONE_PLAIN, "%s %s x %u, repetition %u, %s", key->mode,
			 number_size(key->size_bytes, size), key->threads, key->repetition,
			 pass_names[key->pass]);
		doc_cell(d, TONE_PLAIN, "%s", ledger_title(line->check));
		doc_cell(d, TONE_PLAIN, "%s", number_exact(line->left, buf));
		doc_cell(d, TONE_PLAIN, "%s", number_exact(line->right, buf));
		doc_cell(d, TONE_ALARM, "%s%s%s%s", number_exact(line->difference, buf),
			 line->missing < METRIC_MAX_ ? " (not visible: " : "",
			 line->missing < METRIC_MAX_ ? metric_defs[line->missing].title : "",
			 line->missing < METRIC_MAX_ ? ")" : "");
	}
	doc_table_end(d);
}

void copies_write(struct doc *d)
{
	const struct verdict *v = &d->ctx->verdict;

	doc_heading(d, 2, "copies", "2. Kernel-path copy counts");
	doc_para(d, TONE_MUTED, "Bytes of the attribution passes, over the bytes the client received. "
		 "Page references and mappings move bytes without copying them.");
	doc_figure(d, FIGURE_PATHS, 0);
	write_matrix(d);
	write_places(d);
	doc_fold(d, "Counts and bytes of every stage");
	write_counts(d);
	doc_fold(d, NULL);
	doc_heading(d, 3, "ledger", "The ledger");
	doc_para(d, TONE_MUTED, "Each side is counted independently; sums over all cells of a mode, "
		 "each cell checked on its own, to the byte.");
	write_imbalances(d);
	if (v->ledger.cnt)
		write_balance(d);
	else
		doc_para(d, TONE_WARN, "Nothing to check: no pass of this run worked.");
}
