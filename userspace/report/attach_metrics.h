/* SPDX-License-Identifier: GPL-2.0-only */
/* What an observation has counted so far, for Prometheus. */
#ifndef REPORT_ATTACH_METRICS_H
#define REPORT_ATTACH_METRICS_H

#include <stdio.h>

#include "core/result.h"

#define ATTACH_METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"

/* Text of the set's only result: counters since the observation began, elapsed_ns ago. Labels are bounded: owners, ways,
 * stages; no process, socket or port is one. probes: a set that has the probe notes.
 */
void attach_metrics(FILE *out, const struct run_set *set, const struct run_set *probes);

#endif
