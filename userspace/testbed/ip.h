/* SPDX-License-Identifier: GPL-2.0-only */
/* Running iproute2's ip program. */
#ifndef TESTBED_IP_H
#define TESTBED_IP_H

#include "core/util.h"

/* Run the commands, one a line, with `ip -batch`, inside the named namespace (NULL: the caller's).
 * hold_fd is inherited by ip: what it makes after our death is then made under our lock. Returns 0,
 * -ENOTSUP (no ip program) or -EIO (a command failed), after one line.
 */
int ip_batch(const char *netns, const char *commands, int hold_fd);

/* Where ip keeps a named namespace. The caller frees. */
char *netns_path(const char *name);

/* As `ip netns delete`, without needing the program; a name that does not exist is fine. */
int netns_remove(const char *name);

#endif
