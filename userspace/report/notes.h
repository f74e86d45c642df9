/* SPDX-License-Identifier: GPL-2.0-only */
/* Footnotes: why a value is absent or doubtful, each set of reasons once. Reasons of one kernel differ
 * mostly in what no tracepoint shows; those become one note that lists all of it.
 */
#ifndef REPORT_NOTES_H
#define REPORT_NOTES_H

#include "core/reason.h"

struct doc;

struct words {
	char **word;
	size_t cnt, cap;
};

struct note {
	char *common;	    /* "absent: fentry: ...; kprobe: ..." */
	struct words shows; /* what no tracepoint shows */
	struct words other; /* other reasons of that tier */
};

struct notes {
	struct note *note;
	size_t cnt, cap;
};

/* Number of the note from 1. prefix ("absent: ") counts for the identity; reason may be NULL. */
size_t notes_add(struct notes *notes, const char *prefix, const struct reason *reason);
/* The whole text of a note; the caller frees. */
char *note_text(const struct note *n);
/* A muted list item for each note: "[1] ...". */
void notes_write(struct doc *d, const struct notes *notes);
void notes_free(struct notes *notes);

#endif
