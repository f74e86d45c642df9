// SPDX-License-Identifier: GPL-2.0-only
#include "report/notes.h"

#include <string.h>

#include "report/doc.h"

/* probe/select.c joins the tiers' reasons in this order; the last is the quantity's own. */
static const char last_tier[] = "; tracepoint: ";
static const char none_shows[] = "none shows ";

size_t reason_common(const char *reason, const char **specific)
{
	const char *at = strstr(reason, last_tier);

	*specific = at ? at + strlen(last_tier) : NULL;
	return at ? (size_t)(at - reason) : strlen(reason);
}

/* Whether the list already says it, as a whole item. */
static bool says(const char *list, const char *item)
{
	size_t len = strlen(item);
	const char *at;

	for (at = strstr(list, item); at; at = strstr(at + 1, item))
		if ((!at[len] || at[len] == ';' || at[len] == ',') &&
		    (at == list || at[-1] == ' '))
			return true;
	return false;
}

static void append(char **list, const char *separator, const char *item)
{
	char *longer;

	if (*list && says(*list, item))
		return;
	longer = xasprintf("%s%s%s", *list ? *list : "", *list ? separator : "", item);
	free(*list);
	*list = longer;
}

/* "none shows a" and "none shows b" make "none shows a, b". */
static void add_specific(struct note *n, const char *specific)
{
	if (!strncmp(specific, none_shows, strlen(none_shows)))
		append(&n->shows, ", ", specific + strlen(none_shows));
	else
		append(&n->other, "; ", specific);
}

size_t notes_add(struct notes *notes, const char *prefix, const char *reason)
{
	_cleanup_free_ char *common = NULL;
	const char *specific = NULL;
	size_t i, len;

	len = reason ? reason_common(reason, &specific) : 0;
	common = xasprintf("%s%.*s", prefix, (int)len, reason ? reason : "");
	for (i = 0; i < notes->cnt; i++)
		if (!strcmp(notes->note[i].common, common))
			break;
	if (i == notes->cnt) {
		array_grow(notes->note, notes->cnt, notes->cap);
		notes->note[notes->cnt++] = (struct note){.common = take_ptr(common)};
	}
	if (specific)
		add_specific(&notes->note[i], specific);
	return i + 1;
}

char *note_text(const struct note *n)
{
	return xasprintf("%s%s%s%s%s%s", n->common,
			 n->shows || n->other ? "; tracepoint: " : "", n->shows ? none_shows : "",
			 n->shows ? n->shows : "", n->shows && n->other ? "; " : "",
			 n->other ? n->other : "");
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

void notes_free(struct notes *notes)
{
	size_t i;

	for (i = 0; i < notes->cnt; i++) {
		free(notes->note[i].common);
		free(notes->note[i].shows);
		free(notes->note[i].other);
	}
	free(notes->note);
	memset(notes, 0, sizeof(*notes));
}
