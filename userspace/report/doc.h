/* SPDX-License-Identifier: GPL-2.0-only */
/* A document, independent of how it is written: the sections are told once (sections.c) and come out
 * as Markdown or HTML. All text passed in is plain text, and is escaped by the writer: nothing that
 * goes through here can become markup.
 */
#ifndef REPORT_DOC_H
#define REPORT_DOC_H

#include "report/report_ctx.h"

enum tone { TONE_PLAIN, TONE_STRONG, TONE_MUTED, TONE_WARN, TONE_ALARM, TONE_MAX_ };

enum figure {
	FIGURE_PATHS,
	FIGURE_CPU,
	FIGURE_PLOTS,
	FIGURE_ONCPU,
	FIGURE_OFFCPU,
	FIGURE_DIFF, /* the mode against the first */
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
	void (*figure)(struct doc *d, enum figure figure, size_t mode);
};

struct doc {
	const struct doc_ops *ops;
	FILE *out;
	struct report_ctx *ctx;
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
void doc_figure(struct doc *d, enum figure figure, size_t mode);
void doc_end(struct doc *d);

extern const struct doc_ops doc_md, doc_html;

/* sections.c: the whole report below its title. */
void sections_write(struct doc *d);
void verdict_write(struct doc *d); /* verdict_text.c: section 1 */
void zerocopy_write(struct doc *d, const struct zerocopy_truth *z); /* zerocopy_text.c */
void zerocopy_card(struct doc *d);
void claims_write(struct doc *d);  /* section_claims.c: of section 1 */
void copies_write(struct doc *d);  /* section_copies.c: section 2 */
void cpu_write(struct doc *d);	   /* section_cpu.c: of section 3 */
void waits_write(struct doc *d);   /* section_waits.c: of section 3 */

#endif
