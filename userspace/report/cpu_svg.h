/* SPDX-License-Identifier: GPL-2.0-only */
/* CPU by category: a stacked bar for each mode, as long as its CPU cost of a byte. */
#ifndef REPORT_CPU_SVG_H
#define REPORT_CPU_SVG_H

#include "core/result.h"

void cpu_svg(const struct run_set *set, FILE *out);

#endif
