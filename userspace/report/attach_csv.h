/* SPDX-License-Identifier: GPL-2.0-only */
/* results.csv of an observation, row by row: a row an owner. */
#ifndef REPORT_ATTACH_CSV_H
#define REPORT_ATTACH_CSV_H

#include <stdio.h>

#include "core/result.h"

void attach_csv_header(FILE *out);
/* Of a set whose elapsed_ns is when it ended, from the beginning of the observation, and whose plan says how long it took. */
void attach_csv_rows(FILE *out, const struct run_set *set);

#endif
