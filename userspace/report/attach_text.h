/* SPDX-License-Identifier: GPL-2.0-only */
/* What `copyscope attach` found out, for a terminal. */
#ifndef REPORT_ATTACH_TEXT_H
#define REPORT_ATTACH_TEXT_H

#include <stdio.h>

#include "analysis/attach.h"

/* An overview, where there are several owners, and the answers of so many that moved most bytes (0: 3). An observation is
 * one result.
 */
void attach_text(FILE *out, const struct run_set *set, unsigned int most);

/* The same into a document. */
struct doc;
void attach_write(struct doc *d, const struct run_set *set, unsigned int most);

/* A line an owner: what it moved in an interval, of which this is the result and elapsed_ns the end. */
void attach_lines(FILE *out, const struct run_set *interval);

#endif
