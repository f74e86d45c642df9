/* SPDX-License-Identifier: GPL-2.0-only */
/* Ctrl-C and SIGTERM: the run ends at the next safe point, with what it has. */
#ifndef CMD_STOP_H
#define CMD_STOP_H

#include <signal.h>
#include <stdbool.h>

extern volatile sig_atomic_t stop_signal; /* 0, or the signal that came */

/* Install the handlers (no SA_RESTART: waits end). A second signal kills the process at once. */
void stop_install(void);

#endif
