/* SPDX-License-Identifier: GPL-2.0-only */
/* What there is to know of a TCP congestion control by its name. */
#ifndef CORE_CONGESTION_H
#define CORE_CONGESTION_H

#include <stdbool.h>

/* Whether it sets the rate at which TCP sends by itself, whatever the queueing discipline. */
bool congestion_paces(const char *name);

#endif
