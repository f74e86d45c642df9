/* SPDX-License-Identifier: GPL-2.0-only */
/* Footnotes: why a value is absent or doubtful, each set of reasons once. Reasons of one kernel differ
 * mostly in what no tracepoint shows; those become one note that lists all of it.
 */
#ifndef REPORT_NOTES_H
#define REPORT_NOTES_H

#include "core/reason.h"

struct doc;

/* Each once. */
struct words {
	char **word;
	size_t cnt, cap;
};

/* Number of the word from 1. */
size_t words_add(struct words *words, const char *word);
void words_free(struct words *words);

struct note {
	char *common;	    /* "absent: fentry: ...; kprobe: ..." */
	char *names;	    /* of what it is said; NULL: that refers to the note's number */
	struct words shows; /* what no tracepoint shows */
	struct words other; /* other reasons of that tier */
};

struct notes {
	struct note *note;
	size_t cnt, cap;
};

/* Number of the note from 1. prefix ("absent: ") counts for the identity; reason may be NULL. */
size_t notes_add(struct notes *notes, const char *prefix, const struct reason *reason);
/* The same, and that it is said of name. */
void notes_add_name(struct notes *notes, const char *name, const struct reason *reason);
/* The whole text of a note; the caller frees. */
char *note_text(const struct note *n);
/* A muted list item for each note: its names or "[1]", then prefix and text; frees them. */
void notes_write(struct doc *d, struct notes *notes, const char *prefix);
void notes_free(struct notes *notes);

#endif
