/* SPDX-License-Identifier: GPL-2.0-only */
/* What the two command lines share: one argp parser for the common options and the positional
 * arguments, and one-line usage errors (argp's own take two and exit with 64).
 */
#ifndef WORKLOAD_OPTIONS_PARSE_H
#define WORKLOAD_OPTIONS_PARSE_H

#include <argp.h>

#include "workload/options.h"

/* Keys of long-only options; the role's own start at OPT_ROLE. */
enum { OPT_COMMON = 256, OPT_ROLE = 512 };

struct option_context;

struct positional {
	const char *name;
	int (*parse)(struct option_context *ctx, const char *arg);
};

struct option_context {
	const char *program;
	const char *usage; /* "MODE SIZE SECONDS" */
	const struct argp_option *own;
	const struct positional *args;
	unsigned int arg_cnt;
	uint64_t port_min;
	struct workload_options *common;
	void *role;		 /* struct server_options or client_options */
	bool reported, finished; /* a usage error was printed; --help or --version was served */
};

extern const struct argp common_argp;

/* Run argp. True: go on; false: end with *status. */
bool options_parse(const struct argp *argp, int argc, char **argv, struct option_context *ctx,
		   int *status);

/* Strict values; on failure one line is printed and EINVAL (argp's convention) returned. */
int want_u64(struct option_context *ctx, const char *what, const char *arg, uint64_t min,
	     uint64_t max, uint64_t *out);
int want_size(struct option_context *ctx, const char *what, const char *arg, uint64_t max,
	      uint64_t *bytes);
int want_seconds(struct option_context *ctx, const char *what, const char *arg, uint64_t min_ns,
		 uint64_t *ns);
int usage_error(struct option_context *ctx, const char *fmt, ...) __printf(2, 3);

#endif
