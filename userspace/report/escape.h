/* SPDX-License-Identifier: GPL-2.0-only */
/* The only way untrusted text (names of processes, symbols, paths, reasons) reaches a report: one
 * function a target language. All of them replace invalid UTF-8 by U+FFFD and make control,
 * bidirectional and zero-width characters visible as <U+202E>.
 */
#ifndef REPORT_ESCAPE_H
#define REPORT_ESCAPE_H

#include <stdio.h>

#include "core/util.h"

void put_xml(FILE *out, const char *s);	   /* text and attribute values of XML and HTML */
void put_csv(FILE *out, const char *s);	   /* a whole field; never a formula to a spreadsheet */
void put_md(FILE *out, const char *s);	   /* inline text, also inside table cells */
void put_folded(FILE *out, const char *s); /* a frame of a folded stack */
void put_json(FILE *out, const char *s);   /* with its quotes; label values of OpenMetrics, too */
void put_plain(FILE *out, const char *s);  /* no markup at all: gnuplot labels, terminals */

/* printf() whose every %s is escaped by put. Knows %s %d %u %zu %llu %f, with precision, and %%. */
void put_escaped(FILE *out, void (*put)(FILE *out, const char *s), const char *fmt, ...)
	__printf(3, 4);
#define put_xmlf(out, ...)  put_escaped(out, put_xml, __VA_ARGS__)
#define put_mdf(out, ...)   put_escaped(out, put_md, __VA_ARGS__)
#define put_jsonf(out, ...) put_escaped(out, put_json, __VA_ARGS__)

/* As put_xml; of a text of more than fits characters only the first kept, and an ellipsis. */
void put_xml_cut(FILE *out, const char *s, size_t fits, size_t kept);

char *plain_text(const char *s); /* as put_plain; the caller frees */

/* A file name for a mode: [A-Za-z0-9._-], never hidden, at most 64 bytes. The caller frees. */
char *safe_file_name(const char *s);

#endif
