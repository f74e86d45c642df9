/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether this kernel allows a kind of attachment at all, found by trying it once. Saves loading the
 * object again for each of twenty programs that are refused for the same reason.
 */
#ifndef PROBE_FEATURE_H
#define PROBE_FEATURE_H

#include "probe/registry.h"

/* NULL: nothing speaks against it. Otherwise why not; the caller frees. */
char *feature_refusal(enum attach_kind kind);

#endif
