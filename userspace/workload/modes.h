/* SPDX-License-Identifier: GPL-2.0-only */
/* The rows of send_modes[], one of each mode_*.c. */
#ifndef WORKLOAD_MODES_H
#define WORKLOAD_MODES_H

#include "workload/workload.h"

extern const struct send_mode mode_twocopy;
extern const struct send_mode mode_onecopy;
extern const struct send_mode mode_zerocopy;

#endif
