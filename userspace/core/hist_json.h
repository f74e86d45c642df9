/* SPDX-License-Identifier: GPL-2.0-only */
/* A histogram as sparse JSON: {"total","sum","min","max","buckets":[[index,count],...]}, indices
 * ascending, counts never 0. An empty histogram has total 0 and no buckets.
 */
#ifndef CORE_HIST_JSON_H
#define CORE_HIST_JSON_H

#include <jansson.h>

#include "core/hist.h"

/* New reference; NULL only when memory is out. Values above INT64_MAX do not occur (ns). */
json_t *hist_to_json(const struct hist *h);

/* Reads what may be hostile: types, order, range and agreement of all members are checked. Returns
 * 0 and a new histogram (the caller frees it with free()) or -EINVAL, *out untouched.
 */
int hist_from_json(const json_t *json, struct hist **out);

#endif
