/* SPDX-License-Identifier: GPL-2.0-only */
/* The differential flamegraph of a mode against the first, as file and as part of the page. */
#ifndef REPORT_FMT_FLAME_DIFF_H
#define REPORT_FMT_FLAME_DIFF_H

#include "core/result.h"

/* Whether both have CPU samples and bytes to normalise by. */
bool flame_diff_possible(const struct run_set *set, size_t mode);
/* Only if it is possible. */
void flame_diff_put(const struct run_set *set, size_t mode, bool standalone, FILE *out);

#endif
