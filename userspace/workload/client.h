/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef WORKLOAD_CLIENT_H
#define WORKLOAD_CLIENT_H

#include "workload/options.h"

/* Connect, receive, report. Returns the exit status; all errors are printed. */
int client_run(const struct client_options *opt);

#endif
