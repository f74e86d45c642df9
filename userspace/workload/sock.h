/* SPDX-License-Identifier: GPL-2.0-only */
/* Sockets of TCP, and local ones, as the workload needs them. Failures are printed here, with the remedy. */
#ifndef WORKLOAD_SOCK_H
#define WORKLOAD_SOCK_H

#include <sys/socket.h>

#include "workload/options.h"

/* The path of an address "unix:PATH"; NULL: it is none. */
const char *sock_unix_path(const char *address);
#define SOCK_ADDRESS_WANT "an IPv4 or IPv6 address, or unix:PATH with a path of 1 to 107 bytes"

/* A numeric IPv4 or IPv6 address and port, or "unix:PATH": 0 or -EINVAL, not printed. */
int sock_address(const char *ip, uint16_t port, struct sockaddr_storage *addr, socklen_t *len);

/* A listening socket, its options set before the handshake (they decide the window scale and are
 * inherited by accepted sockets); *port gets the real one, 0 with a path. A local socket that is passed to us is bound. 0 or -errno.
 */
int sock_listen(const char *ip, const struct workload_options *o, int *fd, uint16_t *port);

/* Connect, trying again while nobody listens there yet, at most until deadline_ns. 0 or -errno. */
int sock_connect(const char *ip, const struct workload_options *o, uint64_t deadline_ns, int *fd);

/* A socket for sock_listen(), by an address of its family, with a congestion control that may be root's only (its
 * module is loaded if need be). 0 or -errno.
 */
int sock_with_congestion(const char *ip, const char *name, int *fd);

/* The congestion control that a socket gets which asks for none; the caller frees. NULL: not to be had. */
char *sock_default_congestion(void);

/* As large as asked for, if at all. 0 or -errno. */
int sock_set_buffers(int fd, const struct workload_options *o);

/* Whether the kernel has it, without loading a module. */
bool sock_has_congestion(const char *name);

/* Payload bytes TCP sent again so far, by its own count (tcpi_bytes_retrans, since 4.19). */
uint64_t sock_bytes_retransmitted(int fd);

/* True when the peer has taken nothing for SOCK_STALL_NS. Zero-initialise. */
#define SOCK_STALL_NS (5 * NSEC_PER_SEC)
struct stall {
	uint64_t progress, since_ns;
};
bool sock_stalled(struct stall *s, int fd);
/* Bytes that our own kernel does not send although nothing is under way and the peer has room. */
uint32_t sock_held_back_bytes(int fd);

#endif
