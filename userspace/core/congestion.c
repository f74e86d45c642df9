// SPDX-License-Identifier: GPL-2.0-only
#include "core/congestion.h"

#include <string.h>

/* bbr_init() sets SK_PACING_NEEDED, and so do the bbr2 and bbr3 of other trees; the others leave pacing to fq
 * and SO_MAX_PACING_RATE.
 */
bool congestion_paces(const char *name)
{
	return !strncmp(name, "bbr", 3);
}
