/* SPDX-License-Identifier: GPL-2.0-only */
/* What the report says: findings in, a document out. Private to report/. */
#ifndef REPORT_SECTIONS_H
#define REPORT_SECTIONS_H

#include "analysis/category.h"
#include "analysis/trust.h"
#include "report/doc.h"
#include "report/number.h"
#include "report/report_ctx.h"

/* The whole report below its title. */
void sections_write(struct doc *d, const struct report_ctx *ctx);

/* A column of numbers for each mode of a table. */
static inline void mode_columns(struct doc *d, const struct report_ctx *ctx)
{
	size_t mode;

	for (mode = 0; mode < ctx->set->plan.mode_cnt; mode++)
		doc_columns(d, COLUMN_NUMBER, mode_name(ctx, mode));
}

void verdict_write(struct doc *d, const struct report_ctx *ctx); /* verdict_text.c: section 1 */
/* The same in a few lines, with colour if out is a terminal that nobody forbids it to (NO_COLOR): tell.c. */
void verdict_tell(const struct report_ctx *ctx, FILE *out);
/* "1.17 [1.006, 1.35]", or without an interval. The caller frees. */
char *ratio_text(const struct ratio *r);
/* "--repeat 24, about 9 min, would decide". The caller frees; NULL: nothing is known. */
char *verdict_decides(const struct report_ctx *ctx, unsigned int need);
/* advice_text.c: of section 1 */
void advice_card(struct doc *d, const struct report_ctx *ctx);
/* "A1, A2 or write", of bits by mode. The caller frees. */
char *modes_text(const struct report_ctx *ctx, uint64_t modes, const char *last);
/* section_trust.c: of section 1 */
void trust_card(struct doc *d, const struct trust *trust);
void trust_write(struct doc *d, const struct report_ctx *ctx, const struct trust *trust);
void congestion_write(struct doc *d, const struct report_ctx *ctx); /* section_beside.c: of section 1 */
void beside_write(struct doc *d, const struct report_ctx *ctx);
void sizes_write(struct doc *d, const struct report_ctx *ctx);	 /* section_sizes.c: of section 1 */
void payoffs_write(struct doc *d, const struct report_ctx *ctx);
void zerocopy_write(struct doc *d, const struct report_ctx *ctx); /* zerocopy_text.c: of section 1 */
void zerocopy_card(struct doc *d, const struct report_ctx *ctx);
char *zerocopy_flags_text(const struct zerocopy_truth *z); /* "336 of 841" of the completions; the caller frees */
void claims_write(struct doc *d, const struct report_ctx *ctx);	 /* section_claims.c: of section 1 */
void copies_write(struct doc *d, const struct report_ctx *ctx);	 /* section_copies.c: section 2 */
void buffers_write(struct doc *d, const struct report_ctx *ctx); /* section_buffers.c: of section 2 */
void alignment_write(struct doc *d, const struct report_ctx *ctx); /* and of section 1 */
void ledger_write(struct doc *d, const struct report_ctx *ctx);	 /* section_ledger.c: of section 2 */
void cpu_write(struct doc *d, const struct report_ctx *ctx);	 /* section_cpu.c: of section 3 */
void difference_write(struct doc *d, const struct report_ctx *ctx); /* section_difference.c: of section 3 */
void waits_write(struct doc *d, const struct report_ctx *ctx);	 /* section_waits.c: of section 3 */
void pace_write(struct doc *d, const struct report_ctx *ctx);	 /* section_pace.c: of section 3 */
void link_write(struct doc *d, const struct report_ctx *ctx);	 /* section_link.c: of section 6 */
double link_limit_gbps(const struct run_set *set); /* what the slower of both NICs says it carries; 0: nothing known */
void probes_write(struct doc *d, const struct report_ctx *ctx);	 /* section_probes.c: of section 6 */

void figure_maps(struct doc *d, const struct report_ctx *ctx);	/* map_html.c */
void figure_paths(struct doc *d, const struct report_ctx *ctx); /* path_svg.c */
void figure_plots(struct doc *d, const struct report_ctx *ctx); /* figures.c */
void figure_flames(struct doc *d, const struct report_ctx *ctx);

extern const char *const category_colours[CATEGORY_MAX_];

/* Colour, name and title of a mode, as HTML. */
void put_mode_key(const struct report_ctx *ctx, size_t mode, FILE *out);

#endif
