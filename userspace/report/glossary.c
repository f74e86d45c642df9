// SPDX-License-Identifier: GPL-2.0-only
#include "report/glossary.h"

#include <ctype.h>
#include <string.h>

#include "report/escape.h"

#define WORD(term, meaning) {term, meaning},
static const struct {
	const char *term, *meaning;
} words[] = {
#include "report/glossary.def.h"
};
#undef WORD

_Static_assert(ARRAY_SIZE(words) <= 64, "a bit for each");

static bool is_word_char(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-';
}

/* The term as a word of its own, or with an s, also at the beginning of a sentence (but COPIED is no "copied"); NULL: it
 * is not there.
 */
static const char *find_term(const char *text, const char *term)
{
	char *(*find)(const char *, const char *) = isupper((unsigned char)*term) ? strstr : strcasestr;
	size_t len = strlen(term);
	const char *at, *end;

	for (at = find(text, term); at; at = find(at + 1, term)) {
		end = at + len;
		end += *end == 's';
		if ((at == text || !is_word_char(at[-1])) && !is_word_char(*end))
			return at;
	}
	return NULL;
}

/* The term not yet explained that stands first; ARRAY_SIZE(words): none. */
static size_t first_term(const char *text, uint64_t explained, const char **at)
{
	size_t first = ARRAY_SIZE(words), i;
	const char *found;

	for (i = 0; i < ARRAY_SIZE(words); i++) {
		found = explained >> i & 1 ? NULL : find_term(text, words[i].term);
		if (found && (first == ARRAY_SIZE(words) || found < *at)) {
			*at = found;
			first = i;
		}
	}
	return first;
}

void put_explained(FILE *out, const char *text, uint64_t *explained)
{
	const char *at = NULL;
	size_t term, len;

	while ((term = first_term(text, *explained, &at)) < ARRAY_SIZE(words)) {
		_cleanup_free_ char *before = xasprintf("%.*s", (int)(at - text), text);
		_cleanup_free_ char *word = xasprintf("%.*s", (int)(len = strlen(words[term].term)), at);

		put_xmlf(out, "%s<abbr title=\"%s\">%s</abbr>", before, words[term].meaning, word);
		*explained |= 1ULL << term;
		text = at + len;
	}
	put_xml(out, text);
}

void glossary_write(struct doc *d, const char *title)
{
	size_t i;

	doc_heading(d, 2, "words", title);
	for (i = 0; i < ARRAY_SIZE(words); i++)
		doc_item(d, TONE_PLAIN, words[i].term, "%s.", words[i].meaning);
}
