/* SPDX-License-Identifier: GPL-2.0-only */
/* The flamegraph of one mode and kind, as file and as part of the page. */
#ifndef REPORT_FMT_FLAME_H
#define REPORT_FMT_FLAME_H

#include "core/result.h"

void flame_put(const struct run_set *set, size_t mode, enum stack_kind kind, bool standalone,
	       FILE *out);

#endif
