/* SPDX-License-Identifier: GPL-2.0-only */
/* kTLS at both ends of a connection: the server's bytes are TLS records to TCP, the client's requests stay as they are.
 * The key is no secret: what it protects is a pattern that everybody knows.
 */
#ifndef WORKLOAD_TLS_H
#define WORKLOAD_TLS_H

/* 0, or -errno: this kernel has no kTLS, nor a module of it that it would load for us. */
int tls_supported(void);
/* Have all that is sent on the connection encrypted from now on, or what is received decrypted. 0, or -errno with *error
 * set.
 */
int tls_encrypt(int fd, char **error);
int tls_decrypt(int fd, char **error);

#endif
