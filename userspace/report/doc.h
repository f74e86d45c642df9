/* SPDX-License-Identifier: GPL-2.0-only */
/* A document, independent of how it is written: the sections are told once (sections.c) and come out
 * as Markdown, HTML or text. All text passed in is plain text, and is escaped by the writer: nothing that
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
	void (*draw)(const void *of, FILE *out); /* as HTML */
	const void *of;
};

/* What consecutive calls make together. */
enum group { GROUP_NONE, GROUP_LIST, GROUP_CARDS, GROUP_MAX_ };

enum column { COLUMN_TEXT, COLUMN_NUMBER };

struct doc_column {
	char *title;
	enum column kind;
};

struct doc;

/* What a writer has no function for, it leaves out. */
struct doc_ops {
	void (*heading)(struct doc *d, int level, const char *id, const char *text);
	void (*para)(struct doc *d, enum tone tone, const char *text);
	void (*group)(struct doc *d, enum group group, bool begin);
	/* label may be NULL */
	void (*item)(struct doc *d, enum tone tone, const char *label, const char *text);
	void (*card)(struct doc *d, enum tone tone, const char *label, const char *answer,
		     const char *text);
	void (*table)(struct doc *d, const char *caption); /* d->column is set */
	void (*cell)(struct doc *d, size_t column, enum tone tone, const char *text);
	void (*bar)(struct doc *d, size_t column, double share); /* of 0 to 1; left out: a cell that says it */
	void (*table_end)(struct doc *d);
	void (*pre)(struct doc *d, const char *text);
	void (*fold)(struct doc *d, const char *title); /* NULL ends it */
	bool folds; /* so that it is out of the way */
	void (*figure)(struct doc *d, const struct figure *figure);
};

struct doc {
	const struct doc_ops *ops;
	FILE *out;
	const char *caption; /* of a table whose head is not written yet */
	struct doc_column *column;
	size_t column_cnt, column_cap, next_column;
	bool sortable; /* the table, in a page */
	enum group group;
	uint64_t explained; /* of the glossary: what a reader has been told */
	bool blank;	    /* the last line is empty, where that matters */
	char **cell;	    /* of a table, where its columns are to be as wide as what is in them */
	size_t cell_cnt, cell_cap;
};

void doc_heading(struct doc *d, int level, const char *id, const char *text);
/* Consecutive items make a list. label is set apart at the start; NULL = none. */
#define doc_item(d, tone, label, ...) doc_put_item(d, tone, label, xasprintf(__VA_ARGS__))
/* An answer of a few words to a question, and a sentence to it; consecutive cards stand together. */
#define doc_card(d, tone, question, answer, ...) \
	doc_put_card(d, tone, question, answer, xasprintf(__VA_ARGS__))
#define doc_para(d, tone, ...) doc_put_para(d, tone, xasprintf(__VA_ARGS__))
void doc_pre(struct doc *d, const char *text);
void doc_fold(struct doc *d, const char *title);
void doc_figure(struct doc *d, const struct figure *figure);
void doc_end(struct doc *d);

/* A table: first its columns, then cells, which fill rows from left to right. */
void doc_table(struct doc *d, const char *caption);
void doc_sortable_table(struct doc *d, const char *caption);
#define doc_column(d, kind, ...) doc_put_column(d, kind, xasprintf(__VA_ARGS__))
#define doc_cell(d, tone, ...)	 doc_put_cell(d, tone, xasprintf(__VA_ARGS__))
/* The same for several plain texts at once. */
#define doc_columns(d, kind, ...) doc_put_columns(d, kind, TEXTS(__VA_ARGS__))
#define doc_cells(d, tone, ...)	  doc_put_cells(d, tone, TEXTS(__VA_ARGS__))
/* A cell that shows a share of a whole, of 0 to 1. */
void doc_bar(struct doc *d, double share);
void doc_table_end(struct doc *d);

#define TEXTS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* Of the macros above: these free a char *. */
void doc_put_item(struct doc *d, enum tone tone, const char *label, char *text);
void doc_put_card(struct doc *d, enum tone tone, const char *question, const char *answer,
		  char *text);
void doc_put_para(struct doc *d, enum tone tone, char *text);
void doc_put_column(struct doc *d, enum column kind, char *title);
void doc_put_columns(struct doc *d, enum column kind, const char *const *title);
void doc_put_cell(struct doc *d, enum tone tone, char *text);
void doc_put_cells(struct doc *d, enum tone tone, const char *const *text);

extern const struct doc_ops doc_md, doc_html, doc_text;

#endif
