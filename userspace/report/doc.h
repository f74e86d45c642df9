/* SPDX-License-Identifier: GPL-2.0-only */
/* A document, independent of how it is written: the sections are told once (sections.c) and come out
 * as Markdown or HTML. All text passed in is plain text, and is escaped by the writer: nothing that
 * goes through here can become markup.
 */
#ifndef REPORT_DOC_H
#define REPORT_DOC_H

#include <stdio.h>

#include "core/util.h"

enum tone { TONE_PLAIN, TONE_STRONG, TONE_MUTED, TONE_WARN, TONE_ALARM, TONE_MAX_ };

/* A picture: Markdown links its files (or shows nothing, where a table says the same), HTML draws it in the
 * page.
 */
struct figure_link {
	char *lead;	  /* "A1": what it is of; NULL: the picture itself is shown */
	const char *text; /* "on-CPU" */
	char *file;	  /* relative to the report */
};

struct figure {
	struct figure_link *link;
	size_t link_cnt;
	void (*draw)(const struct figure *figure, FILE *out); /* as HTML */
	const void *of;					       /* for draw */
	size_t number;
};

/* What consecutive calls make together. */
enum group { GROUP_NONE, GROUP_LIST, GROUP_CARDS, GROUP_MAX_ };

struct doc_col {
	const char *title;
	bool numeric;
};

struct doc;

struct doc_ops {
	void (*heading)(struct doc *d, int level, const char *id, const char *text);
	void (*para)(struct doc *d, enum tone tone, const char *text);
	void (*group)(struct doc *d, enum group group, bool begin);
	void (*item)(struct doc *d, enum tone tone, const char *label, const char *text);
	void (*card)(struct doc *d, enum tone tone, const char *label, const char *answer,
		     const char *text);
	void (*table)(struct doc *d, const char *caption); /* d->col is set */
	void (*cell)(struct doc *d, size_t col, enum tone tone, const char *text);
	void (*table_end)(struct doc *d);
	void (*pre)(struct doc *d, const char *text);
	void (*fold)(struct doc *d, const char *title); /* NULL ends it */
	void (*figure)(struct doc *d, const struct figure *figure);
};

struct doc {
	const struct doc_ops *ops;
	FILE *out;
	const struct doc_col *col;
	size_t col_cnt, next_col;
	enum group group;
};

void doc_heading(struct doc *d, int level, const char *id, const char *text);
void doc_para(struct doc *d, enum tone tone, const char *fmt, ...) __printf(3, 4);
/* Consecutive items make a list. label is set apart at the start; NULL = none. */
void doc_item(struct doc *d, enum tone tone, const char *label, const char *fmt, ...)
	__printf(4, 5);
/* An answer of a few words to a question, and a sentence to it; consecutive cards stand together. */
void doc_card(struct doc *d, enum tone tone, const char *label, const char *answer, const char *fmt,
	      ...) __printf(5, 6);
void doc_table(struct doc *d, const struct doc_col *col, size_t cnt, const char *caption);
/* Cells fill rows from left to right. */
void doc_cell(struct doc *d, enum tone tone, const char *fmt, ...) __printf(3, 4);
void doc_table_end(struct doc *d);
void doc_pre(struct doc *d, const char *text);
void doc_fold(struct doc *d, const char *title);
void doc_figure(struct doc *d, const struct figure *figure);
void doc_end(struct doc *d);

extern const struct doc_ops doc_md, doc_html;

#endif
