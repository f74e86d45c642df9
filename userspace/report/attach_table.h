/* SPDX-License-Identifier: GPL-2.0-only */
/* Private to attach_text.c (the answers) and attach_table.c (the numbers below them). */
#ifndef REPORT_ATTACH_TABLE_H
#define REPORT_ATTACH_TABLE_H

#include <stdio.h>

#include "analysis/attach.h"
#include "report/number.h"

/* A line of words, indented and wrapped; frees text. */
void put_sentence(FILE *out, char *text);
#define SENTENCE(out, ...) put_sentence(out, xasprintf(__VA_ARGS__))

/* "12.3 %", of part in whole. */
const char *percent(double part, double whole, char buf[static 16]);
#define PERCENT(part, whole) percent(part, whole, (char[16]){0})

/* "12.3 % [10.1, 14.8]" */
const char *interval(const struct share *s, char buf[static 40]);
#define INTERVAL(share) interval(share, (char[40]){0})

/* What is not known is no 0. */
#define AMOUNT(known, v) ((known) ? BYTES(v) : "-")
#define BYTES(v) number_bytes(v).text
#define EXACT(v) number_exact(v).text

void put_ways(FILE *out, const struct attach_answer *a);
void put_sizes(FILE *out, const struct run_result *r, unsigned int owner);
void put_sockets(FILE *out, const struct run_result *r, unsigned int owner);
void put_times(FILE *out, const struct metric_value *v, const struct attach_answer *a);
/* All owners that moved anything, a line each. */
void put_overview(FILE *out, const struct run_set *set, const struct run_result *r, const unsigned int *order, size_t cnt);

#endif
