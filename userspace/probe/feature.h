/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether this kernel allows a tier at all, found by trying it once. Saves loading the
 * object again for each of twenty programs that are refused for the same reason.
 */
#ifndef PROBE_FEATURE_H
#define PROBE_FEATURE_H

#include "core/reason.h"

/* Whether it is refused, and then why: code and detail of *why, which points to static text. */
bool feature_refused(enum tier tier, struct reason *why);

#endif
