/* SPDX-License-Identifier: GPL-2.0-only */
/* The terms of a report and what they mean (glossary.def.h). */
#ifndef REPORT_GLOSSARY_H
#define REPORT_GLOSSARY_H

#include "report/doc.h"

/* text as HTML; a term that stands in it for the first time, by the bits of *explained, has its meaning with it. */
void put_explained(FILE *out, const char *text, uint64_t *explained);

/* All of them, as a section. */
void glossary_write(struct doc *d, const char *title);

#endif
