/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers for people. buf holds at least NUMBER_LEN bytes; each function returns buf. */
#ifndef REPORT_NUMBER_H
#define REPORT_NUMBER_H

#include "core/metric.h"

#define NUMBER_LEN 64

char *number_exact(double v, char *buf);  /* 12,345,678: to the unit, for the ledger */
char *number_bytes(double v, char *buf);  /* 1.23 GiB */
char *number_short(double v, char *buf);  /* three significant digits; 12.3 k, 4.56 M, 7.89 G */
char *number_size(uint64_t v, char *buf); /* a message size: 64 KiB */
/* In the metric's unit, as its table column wants it (the unit itself is not repeated). */
char *number_metric(double v, enum metric_unit unit, char *buf);

#endif
