/* SPDX-License-Identifier: GPL-2.0-only */
/* What a host's end of the link between two hosts is: its kernel, the NIC that the address belongs to, and what that
 * does for the CPU. Zero-copy stands and falls with some of it.
 */
#ifndef WORKLOAD_LINK_H
#define WORKLOAD_LINK_H

#include <jansson.h>

/* New reference: an object of texts by name, "kernel", "NIC", "scatter-gather" ... What cannot be told is left out.
 * fd: a bound or connected socket of AF_INET or AF_INET6.
 */
json_t *link_facts(int fd);

/* The same of the device that has this numeric address. */
json_t *link_facts_of(const char *address);

#endif
