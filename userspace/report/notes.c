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

size_t words_add(struct words *words, const char *word)
{
	size_t i;

	for (i = 0; i < words->cnt; i++)
		if (!strcmp(words->word[i], word))
			return i + 1;
	array_grow(words->word, words->cnt, words->cap);
	words->word[words->cnt++] = xstrdup(word);
	return words->cnt;
}

void words_free(struct words *words)
{
	while (words->cnt)
		free(words->word[--words->cnt]);
	free(words->word);
}

static int add_shown(const char *item, void *words)
{
	words_add(words, item + strspn(item, " "));
	return 0;
}

static void add_specific(struct note *n, const struct reason *r)
{
	_cleanup_free_ char *text = NULL;

	if (r->code == REASON_NO_TRACEPOINT && r->detail) {
		parse_list(r->detail, add_shown, &n->shows, NULL);
		return;
	}
	text = reason_text_one(r);
	words_add(&n->other, text);
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

void notes_add_name(struct notes *notes, const char *name, const struct reason *reason)
{
	size_t number = notes_add(notes, "", reason);

	xappend(&notes->note[number - 1].names, ", ", "%s", name);
}

char *note_text(const struct note *n)
{
	char *text = xstrdup(n->common);
	size_t i;

	for (i = 0; i < n->shows.cnt; i++)
		xappend(&text, i ? ", " : "; tracepoint: none shows ", "%s", n->shows.word[i]);
	for (i = 0; i < n->other.cnt; i++)
		xappend(&text, i || n->shows.cnt ? "; " : "; tracepoint: ", "%s", n->other.word[i]);
	return text;
}

void notes_write(struct doc *d, struct notes *notes, const char *prefix)
{
	size_t i;

	for (i = 0; i < notes->cnt; i++) {
		_cleanup_free_ char *number = xasprintf("[%zu]", i + 1);
		_cleanup_free_ char *text = note_text(&notes->note[i]);

		doc_item(d, TONE_MUTED, notes->note[i].names ?: number, "%s%s.", prefix, text);
	}
	notes_free(notes);
}

void notes_free(struct notes *notes)
{
	size_t i;

	for (i = 0; i < notes->cnt; i++) {
		free(notes->note[i].common);
		free(notes->note[i].names);
		words_free(&notes->note[i].shows);
		words_free(&notes->note[i].other);
	}
	free(notes->note);
	memset(notes, 0, sizeof(*notes));
}
