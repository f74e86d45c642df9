/* SPDX-License-Identifier: GPL-2.0-only */
/* Footnotes: why a value is absent or doubtful, each set of reasons once. Reasons of one kernel differ
 * mostly in what no tracepoint shows; those become one note that lists all of it.
 */
#ifndef REPORT_NOTES_H
#define REPORT_NOTES_H

#include "core/util.h"

struct doc;

struct note {
	char *common;	/* "absent: fentry: ...; kprobe: ..." */
	char *shows;	/* "a, b": what no tracepoint shows; NULL: nothing of the kind */
	char *other;	/* other reasons of the last tier; NULL: none */
};

struct notes {
	struct note *note;
	size_t cnt, cap;
};

/* Number of the note from 1. prefix ("absent: ") counts for the identity; reason may be NULL. */
size_t notes_add(struct notes *notes, const char *prefix, const char *reason);
/* The whole text of a note; the caller frees. */
char *note_text(const struct note *n);
/* A muted list item for each note: "[1] ...". */
void notes_write(struct doc *d, const struct notes *notes);
void notes_free(struct notes *notes);

/* Length of the part of a reason that it shares with others of this machine, and the rest (NULL: there
 * is none).
 */
size_t reason_common(const char *reason, const char **specific);

#endif
