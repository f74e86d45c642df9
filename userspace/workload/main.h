/* SPDX-License-Identifier: GPL-2.0-only */
/* What the two programs do once their options are read. */
#ifndef WORKLOAD_MAIN_H
#define WORKLOAD_MAIN_H

#include "workload/options.h"

/* Listen, send, report. Returns the exit status; all errors are printed. */
int server_run(const struct server_options *opt);

/* Connect, receive, report. As server_run. */
int client_run(const struct client_options *opt);

#endif
