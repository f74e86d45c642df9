/* SPDX-License-Identifier: GPL-2.0-only */
/* Raw stacks to named ones, off-CPU stacks to reasons of waiting, stacks of copies to reasons of copying. */
#ifndef OBSERVE_FOLD_H
#define OBSERVE_FOLD_H

#include "core/result.h"
#include "probe/probe.h"
#include "sym/sym.h"

/* Fills stacks, waits and copies of r, and the metrics of copies that only their reason tells apart. The
 * processes must still live.
 */
int fold_stacks(struct probe *probe, struct symbolizer *symbols, struct run_set *set,
		struct run_result *r);

#endif
