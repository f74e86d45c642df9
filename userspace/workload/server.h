/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef WORKLOAD_SERVER_H
#define WORKLOAD_SERVER_H

#include "workload/options.h"

/* Listen, send, report. Returns the exit status; all errors are printed. */
int server_run(const struct server_options *opt);

#endif
