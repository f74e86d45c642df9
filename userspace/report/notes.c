// SPDX-License-Identifier: GPL-2.0-only
#include "report/notes.h"

#include <string.h>

#include "report/doc.h"

/* Of the tiers of one kernel the tracepoint's reason is the one that differs from quantity to quantity. */
static bool is_specific(const struct reason *r, const struct reason *list)
{
	return r->tier == TIER_TRACEPOINT && r != list;
}

/* The list without what is specific. */
static char *common_text(const struct reason *list)
{
	struct reason kept[8];
	size_t n = 0;

	for (const struct reason *r = list; r && n < ARRAY_SIZE(kept); r = r->next) {
		if (is_specific(r, list))
			continue;
		kept[n] = *r;
		kept[n].next = NULL;
		if (n)
			kept[n - 1].next = &kept[n];
		n++;
	}
	return reason_text(n ? kept : NULL);
}

/* Adds item to the list unless it is in it. */
static void append(struct words *words, const char *item)
{
	size_t i;

	for (i = 0; i < words->cnt; i++)
		if (!strcmp(words->word[i], item))
			return;
	array_grow(words->word, words->cnt, words->cap);
	words->word[words->cnt++] = xstrdup(item);
}

static int append_shown(const char *item, void *words)
{
	append(words, item + strspn(item, " "));
	return 0;
}

static void add_specific(struct note *n, const struct reason *r)
{
	_cleanup_free_ char *text = NULL;
	size_t bad;

	if (r->code == REASON_NO_TRACEPOINT && r->detail) {
		parse_list(r->detail, append_shown, &n->shows, &bad);
		return;
	}
	text = reason_text_one(r);
	append(&n->other, text);
}

size_t notes_add(struct notes *notes, const char *prefix, const struct reason *reason)
{
	_cleanup_free_ char *text = common_text(reason), *common = xasprintf("%s%s", prefix, text);
	const struct reason *r;
	size_t i;

	for (i = 0; i < notes->cnt; i++)
		if (!strcmp(notes->note[i].common, common))
			break;
	if (i == notes->cnt) {
		array_grow(notes->note, notes->cnt, notes->cap);
		notes->note[notes->cnt++] = (struct note){.common = take_ptr(common)};
	}
	for (r = reason; r; r = r->next)
		if (is_specific(r, reason))
			add_specific(&notes->note[i], r);
	return i + 1;
}

static void put_words(FILE *out, const char *before, const struct words *words, const char *separator)
{
	size_t i;

	for (i = 0; i < words->cnt; i++)
		fprintf(out, "%s%s", i ? separator : before, words->word[i]);
}

char *note_text(const struct note *n)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return xstrdup(n->common);
	fputs(n->common, out);
	put_words(out, "; tracepoint: none shows ", &n->shows, ", ");
	put_words(out, n->shows.cnt ? "; " : "; tracepoint: ", &n->other, "; ");
	fclose(out);
	return text;
}

void notes_write(struct doc *d, const struct notes *notes)
{
	size_t i;

	for (i = 0; i < notes->cnt; i++) {
		_cleanup_free_ char *label = xasprintf("[%zu]", i + 1);
		_cleanup_free_ char *text = note_text(&notes->note[i]);

		doc_item(d, TONE_MUTED, label, "%s.", text);
	}
}

static void free_words(struct words *words)
{
	while (words->cnt)
		free(words->word[--words->cnt]);
	free(words->word);
}

void notes_free(struct notes *notes)
{
	size_t i;

	for (i = 0; i < notes->cnt; i++) {
		free(notes->note[i].common);
		free_words(&notes->note[i].shows);
		free_words(&notes->note[i].other);
	}
	free(notes->note);
	memset(notes, 0, sizeof(*notes));
}
