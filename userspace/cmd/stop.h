/* SPDX-License-Identifier: GPL-2.0-only */
/* Ctrl-C, SIGTERM and SIGHUP: a command ends at the next safe point. */
#ifndef CMD_STOP_H
#define CMD_STOP_H

#include <signal.h>

extern volatile sig_atomic_t stop_signal; /* 0, or the signal that came */

/* No SA_RESTART: waits end. A second signal kills the process at once. */
void stop_on_signals(void);

#endif
