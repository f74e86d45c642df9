/* SPDX-License-Identifier: GPL-2.0-only */
/* Command lines of server and client. Both share most of their options; the positional arguments
 * are the original experiment's.
 */
#ifndef WORKLOAD_OPTIONS_H
#define WORKLOAD_OPTIONS_H

#include "core/cli.h"
#include "workload/workload.h"

struct workload_options {
	uint64_t size_bytes;
	uint64_t duration_ns; /* client: 0 = until end of file */
	unsigned int port;    /* server: 0 = any that is free */
	int control_fd;	      /* -1 = none */
	bool remote;	      /* whoever conducts is on another host: control_fd is standard input */
	int socket_fd;	      /* to listen on; -1: make one */
	bool json, verify;
	enum pattern pattern;
	const char *cc;			     /* NULL = system default */
	uint64_t sndbuf_bytes, rcvbuf_bytes; /* 0 = the kernel tunes them */
	unsigned int *cpu;		     /* owned; thread i runs on cpu[i % cpu_cnt] */
	size_t cpu_cnt, cpu_cap;	     /* 0 = not pinned */
};

/* Where answers go. */
static inline int workload_answer_fd(const struct workload_options *o)
{
	return o->remote ? STDOUT_FILENO : o->control_fd;
}

/* In both, common comes first: what is shared takes a pointer to either as one to common. */
struct server_options {
	struct workload_options common;
	const struct send_mode *mode;
	const char *bind;     /* NULL: this machine only */
	unsigned int clients; /* 0 = start with the first */
	uint64_t wait_ns;     /* for clients to come; UINT64_MAX = for ever */
	unsigned int ring;    /* messages a connection sends from by reference */
	enum buffers buffers; /* of the mode, if it leaves that to us */
	const char *file_dir; /* NULL: a memfd */
	bool direct;	      /* read it past the page cache */
	uint64_t chunk_bytes; /* a call; 0: the message */
	uint64_t pipe_bytes;  /* 0: the kernel's default */
	unsigned int batch;   /* messages a submission; 0: one */
	enum issue issue;     /* who makes the sends of an io_uring */
};

struct client_options {
	struct workload_options common;
	const char *address;
	unsigned int threads;
	bool until_eof;
	unsigned int read_delay_us;
	const struct recv_mode *recv;
	bool tls; /* decrypt what comes */
	bool udp; /* it comes in datagrams */
	uint64_t pipe_bytes;   /* of --recv splice; 0: the kernel's default */
	uint64_t period_bytes; /* after which the stream repeats itself; 0: never */
};

/* CLI_GO_ON, or the exit code to end with; what there was to say is printed, and there is nothing
 * to free. Strings point into argv.
 */
int server_options_parse(int argc, char **argv, struct server_options *o);
int client_options_parse(int argc, char **argv, struct client_options *o);
void workload_options_free(struct workload_options *o);

/* ---- for the two parsers ------------------------------------------------------------------ */

/* Parse own with the shared options added. common, the options' first member, gets its defaults. */
int workload_options_parse(const struct cli *own, int argc, char **argv,
			   struct workload_options *common);

/* cli_option.set of the server's --socket; shared with --control in all but the name. */
int workload_set_socket(void *ctx, const char *arg);

/* What is of TCP alone has been asked for: 0, or -EINVAL after one line. */
int workload_check_local(const struct workload_options *o);

/* cli_option.check of a numeric address of either family, or unix:PATH. Says nothing. */
int workload_check_address(const char *arg);

#endif
