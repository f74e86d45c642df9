/* SPDX-License-Identifier: GPL-2.0-only */
/* Private to attach_text.c (the answers), attach_table.c (the numbers below them), attach_by.c (one table of all). */
#ifndef REPORT_ATTACH_TABLE_H
#define REPORT_ATTACH_TABLE_H

#include <stdio.h>

#include "analysis/attach.h"
#include "report/doc.h"
#include "report/number.h"

#define SENTENCE(d, ...) doc_para(d, TONE_PLAIN, __VA_ARGS__)

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

void put_ways(struct doc *d, const struct attach_answer *a);
void put_sizes(struct doc *d, const struct run_result *r, unsigned int owner);
void put_sockets(struct doc *d, const struct run_result *r, unsigned int owner);
void put_times(struct doc *d, const struct metric_value *v, const struct attach_answer *a);
/* A cell. */
void put_socket(struct doc *d, const struct socket_use *s);
#define OTHER_SOCKETS "all others, local sockets included"
/* How long zero-copy sends of all owners together took to complete; nothing where that is not known. */
void put_completions(struct doc *d, const struct hist *h);
/* What could not be accounted. */
void put_drops(struct doc *d, const struct run_result *r);
/* Those that moved anything, most bytes first. Returns how many. */
size_t order_owners(const struct run_set *set, const struct run_result *r, unsigned int order[OWNERS_MAX]);
/* All of these, a line each. */
void put_overview(struct doc *d, const struct run_set *set, const struct run_result *r, const unsigned int *order, size_t cnt);

#endif
