/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers for people, by value: number_exact(v).text is valid to the end of the full expression, a
 * struct number as long as its variable.
 */
#ifndef REPORT_NUMBER_H
#define REPORT_NUMBER_H

#include "core/metric.h"

struct number {
	char text[64];
};

struct number number_exact(double v);  /* 12,345,678: to the unit, for the ledger */
struct number number_bytes(double v);  /* 1.23 GiB */
struct number number_short(double v);  /* three significant digits; 12.3 k, 4.56 M, 7.89 G */
struct number number_size(uint64_t v); /* a message size: 64 KiB */
struct number number_ratio(double v);  /* with the digits that tell it from 1: 1.84, 0.052, 1.004 */
/* In the metric's unit, as its table column wants it (the unit itself is not repeated). */
struct number number_metric(double v, enum metric_unit unit);

#endif
