/* SPDX-License-Identifier: GPL-2.0-only */
/* What probe_describe() found, for machines: shared by `check` and `list probes`. */
#ifndef CMD_PROBES_JSON_H
#define CMD_PROBES_JSON_H

#include <jansson.h>

#include "core/result.h"

/* NULL becomes null. */
json_t *json_or_null(const char *text);

/* An array of {quantity, tier, via, reason}; tier null: not observed. */
json_t *probes_to_json(const struct run_set *set);

#endif
