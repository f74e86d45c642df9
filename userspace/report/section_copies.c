// SPDX-License-Identifier: GPL-2.0-only
/* Section 2 of the report: copies by mode and stage, places of in-path copies, the ledger. */
#include <string.h>

#include "report/doc.h"
#include "report/number.h"

/* Footnotes: each distinct reason once, in the order of first use. */
struct notes {
	char *text[2 * STAGE_MAX_ * 4];
	size_t cnt;
};

/* Number of the note from 1; 0 when there is no room for another. Takes text. */
static size_t note_number(struct notes *notes, char *text)
{
	size_t i;

	for (i = 0; i < notes->cnt; i++) {
		if (!strcmp(notes->text[i], text)) {
			free(text);
			return i + 1;
		}
	}
	if (notes->cnt == ARRAY_SIZE(notes->text)) {
		free(text);
		return 0;
	}
	notes->text[notes->cnt++] = text;
	return notes->cnt;
}

/* Why a stage is not fully known, or NULL when it is. The caller frees. */
static char *stage_doubt(const struct mode_copies *c, enum stage s)
{
	const struct stage_sum *sum = &c->stage[s];
	const char *reason = sum->reason ? sum->reason : NULL;

	if (!c->cells)
		return xstrdup("no attribution pass of this mode worked");
	if (!sum->known_cells)
		return xasprintf("absent: %s", reason ? reason : "not measured in this run");
	if (sum->known_cells < c->cells)
		return xasprintf("seen in %zu of %zu passes only%s%s", sum->known_cells, c->cells,
				 reason ? ": " : "", reason ? reason : "");
	if (sum->lossy)
		return xasprintf("a lower bound%s%s", reason ? ": " : "", reason ? reason : "");
	return NULL;
}

static void put_per_byte(struct doc *d, const struct mode_copies *c, enum stage s,
			 struct notes *notes)
{
	char *doubt = stage_doubt(c, s);

	if (!doubt)
		doc_cell(d, TONE_PLAIN, "%.3f", c->stage[s].per_byte);
	else if (!c->stage[s].known_cells)
		doc_cell(d, TONE_MUTED, "absent [%zu]", note_number(notes, doubt));
	else
		doc_cell(d, TONE_WARN, "%.3f [%zu]", c->stage[s].per_byte,
			 note_number(notes, doubt));
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
	for (i = 0; i < notes.cnt; i++) {
		_cleanup_free_ char *label = xasprintf("[%zu]", i + 1);

		doc_item(d, TONE_MUTED, label, "%s.", notes.text[i]);
		free(notes.text[i]);
	}
	free(cols);
}

static void write_counts(struct doc *d, const struct mode_copies *c)
{
	static const struct doc_col cols[] = {{"Stage", false}, {"Count", true}, {"Bytes", true}};
	_cleanup_free_ char *caption = NULL;
	char buf[NUMBER_LEN];
	enum stage s;

	if (!c->cells)
		return;
	caption = xasprintf("%s %s: %s bytes received in %zu attribution passes", c->mode->name,
			    c->mode->title ? c->mode->title : "", number_exact(c->received, buf),
			    c->cells);
	doc_table(d, cols, ARRAY_SIZE(cols), caption);
	for (s = 0; s < STAGE_MAX_; s++) {
		const struct stage_sum *sum = &c->stage[s];

		doc_cell(d, TONE_PLAIN, "%s", stage_defs[s].title);
		if (!sum->known_cells) {
			doc_cell(d, TONE_MUTED, "absent");
			doc_cell(d, TONE_MUTED, "absent");
			continue;
		}
		if (sum->count_known)
			doc_cell(d, TONE_PLAIN, "%s", number_exact(sum->count, buf));
		else
			doc_cell(d, TONE_MUTED, "not counted");
		doc_cell(d, TONE_PLAIN, "%s", number_exact(sum->bytes, buf));
	}
	doc_table_end(d);
}

static void write_places(struct doc *d)
{
	static const struct doc_col cols[] = {{"Mode", false}, {"Function", false}, {"Reason", false},
					      {"Copies per byte", true}, {"Count", true},
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
			doc_cell(d, TONE_PLAIN, "%.3f",
				 c->received > 0 ? c->place[j].bytes / c->received : 0);
			doc_cell(d, TONE_PLAIN, "%s", number_exact(c->place[j].count, buf));
			doc_cell(d, TONE_PLAIN, "%s", number_exact(c->place[j].bytes, buf));
		}
	}
	doc_table_end(d);
}

struct check_sum {
	const struct ledger_check *check;
	size_t by_state[LEDGER_STATE_MAX_];
	double left, right;
	const struct ledger_line *first_unchecked;
};

/* All lines of one mode and check in one row; the lines themselves only where they are off. */
static void write_ledger_mode(struct doc *d, size_t mode)
{
	const struct ledger *l = &d->ctx->verdict.ledger;
	const char *name = d->ctx->set->plan.mode[mode].name;
	struct check_sum sums[32] = {0};
	size_t i, j, cnt = 0;
	char left[NUMBER_LEN], right[NUMBER_LEN];

	for (i = 0; i < l->cnt; i++) {
		const struct ledger_line *line = &l->line[i];

		if (line->result->key.mode != name)
			continue;
		for (j = 0; j < cnt && sums[j].check != line->check; j++)
			;
		if (j == ARRAY_SIZE(sums))
			continue;
		cnt = MAX(cnt, j + 1);
		sums[j].check = line->check;
		sums[j].by_state[line->state]++;
		if (line->state == LEDGER_UNCHECKED) {
			if (!sums[j].first_unchecked)
				sums[j].first_unchecked = line;
			continue;
		}
		sums[j].left += line->left;
		sums[j].right += line->right;
	}
	for (j = 0; j < cnt; j++) {
		const struct check_sum *s = &sums[j];
		size_t checked = s->by_state[LEDGER_BALANCED] + s->by_state[LEDGER_OFF];

		doc_cell(d, TONE_PLAIN, "%s", name);
		doc_cell(d, TONE_PLAIN, "%s", ledger_title(s->check));
		doc_cell(d, TONE_PLAIN, "%s", checked ? number_exact(s->left, left) : "");
		doc_cell(d, TONE_PLAIN, "%s", checked ? number_exact(s->right, right) : "");
		if (s->by_state[LEDGER_OFF])
			doc_cell(d, TONE_ALARM, "off in %zu of %zu", s->by_state[LEDGER_OFF],
				 checked);
		else if (checked)
			doc_cell(d, TONE_PLAIN, "balanced in %zu of %zu", checked, checked);
		else
			doc_cell(d, TONE_MUTED, "not checkable: %s%s%s",
				 metric_defs[s->first_unchecked->missing].title,
				 s->first_unchecked->reason ? ": " : " was not measured",
				 s->first_unchecked->reason ? s->first_unchecked->reason : "");
	}
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
	static const struct doc_col cols[] = {{"Mode", false}, {"Check", false}, {"Left", true},
					      {"Right", true}, {"Result", false}};
	const struct verdict *v = &d->ctx->verdict;
	size_t i;

	doc_heading(d, 2, "copies", "2. Kernel-path copy counts");
	doc_para(d, TONE_MUTED, "Bytes of the attribution passes, over the bytes the client received. "
		 "Page references and mappings move bytes without copying them.");
	doc_figure(d, FIGURE_PATHS, 0);
	write_matrix(d);
	write_places(d);
	doc_fold(d, "Counts and bytes of every stage");
	for (i = 0; i < v->mode_cnt; i++)
		write_counts(d, &v->copies[i]);
	doc_fold(d, NULL);
	doc_heading(d, 3, "ledger", "The ledger");
	doc_para(d, TONE_MUTED, "Each side is counted independently; sums over all cells of a mode, "
		 "each cell checked on its own, to the byte.");
	write_imbalances(d);
	if (v->ledger.cnt) {
		doc_table(d, cols, ARRAY_SIZE(cols), "Balance by mode");
		for (i = 0; i < v->mode_cnt; i++)
			write_ledger_mode(d, i);
		doc_table_end(d);
	} else {
		doc_para(d, TONE_WARN, "Nothing to check: no pass of this run worked.");
	}
}
