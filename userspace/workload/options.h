/* SPDX-License-Identifier: GPL-2.0-only */
/* Command lines of server and client. Both share their long options; the positional arguments are
 * the original experiment's.
 */
#ifndef WORKLOAD_OPTIONS_H
#define WORKLOAD_OPTIONS_H

#include "workload/workload.h"

struct workload_options {
	uint64_t size_bytes;
	uint64_t duration_ns; /* client: 0 = until end of file */
	uint16_t port;
	int control_fd; /* -1 = none */
	bool json, verify;
	enum pattern pattern;
	const char *cc;			     /* NULL = system default */
	uint64_t sndbuf_bytes, rcvbuf_bytes; /* 0 = the kernel tunes them */
	unsigned int *cpu;		     /* owned; thread i runs on cpu[i % cpu_cnt] */
	size_t cpu_cnt, cpu_cap;	     /* 0 = not pinned */
};

struct server_options {
	struct workload_options common;
	const struct send_mode *mode;
	const char *bind;
	unsigned int clients; /* 0 = start with the first */
	uint64_t wait_ns;     /* for clients to come; UINT64_MAX = for ever */
	unsigned int ring;    /* zero-copy buffers a connection */
};

struct client_options {
	struct workload_options common;
	const char *address;
	unsigned int threads;
	bool until_eof;
	uint64_t read_delay_us;
};

/* True: go on. False: end with *status; what there was to say is printed. Strings point into argv.
 */
bool server_options_parse(int argc, char **argv, struct server_options *o, int *status);
bool client_options_parse(int argc, char **argv, struct client_options *o, int *status);
void workload_options_free(struct workload_options *o);

#endif
