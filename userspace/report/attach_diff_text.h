/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_ATTACH_DIFF_TEXT_H
#define REPORT_ATTACH_DIFF_TEXT_H

#include <stdio.h>

#include "core/result.h"

/* What changed between two observations, for a terminal. Returns false if they have no program in common. */
bool attach_diff_text(FILE *out, const struct run_set *before, const struct run_set *after);

#endif
