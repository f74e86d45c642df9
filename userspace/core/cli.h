/* SPDX-License-Identifier: GPL-2.0-only */
/* Command lines from tables: one row an option or positional argument, which is its parsing, its
 * help and its spelling suggestion. Errors are one line on stderr; `--help` prints to stdout and is
 * not an error.
 */
#ifndef CORE_CLI_H
#define CORE_CLI_H

#include "core/util.h"

struct cli_option {
	const char *name;     /* long name without dashes */
	const char *argument; /* "LIST"; NULL: takes none */
	const char *help;     /* may be wrapped anywhere */
	/* Returns 0, or -errno after printing one line. arg is NULL if the option takes none. */
	int (*set)(void *ctx, const char *arg);
	char letter; /* short form or 0 */
};

struct cli_positional {
	const char *name; /* "DIR"; in brackets if it may be left out: "[B]" */
	int (*set)(void *ctx, const char *arg); /* as cli_option.set */
};

struct cli {
	const char *program; /* "copyscope run" */
	const char *about;   /* a sentence or two */
	/* In this order, but before, after or between the options. */
	const struct cli_positional *positional;
	size_t positional_cnt;
	const struct cli_option *option;
	size_t option_cnt;
	const struct cli_option *shared; /* more options, of several programs */
	size_t shared_cnt;
	const char *version; /* what --version prints; NULL: there is no such option */
	void (*notes)(void); /* prints what follows the options in --help; NULL: nothing */
};

/* Returns CLI_GO_ON, or the exit code the program should end with (help was printed, or an error).
 * Strings handed to set() live as long as argv.
 */
#define CLI_GO_ON (-1)
int cli_parse(const struct cli *cli, int argc, char **argv, void *ctx);

/* A row of --help, for notes(). */
void cli_print_row(const char *head, const char *text);

/* Strict values, for set(). Each returns 0, or -EINVAL after printing one line that begins with
 * "WHAT 'ARG'" and tells what would be right; *out is untouched then.
 */
int cli_uint(const char *what, const char *arg, unsigned int min, unsigned int max,
	     unsigned int *out);
int cli_size(const char *what, const char *arg, uint64_t max, uint64_t *bytes);
int cli_seconds(const char *what, const char *arg, uint64_t min_ns, uint64_t max_ns, uint64_t *ns);
/* A CPU this process may run on. */
int cli_cpu(const char *what, const char *arg, unsigned int *cpu);
/* One of names[0..n); *out is its index. */
int cli_choice(const char *what, const char *arg, const char *const *names, size_t n, size_t *out);
/* Calls item for each item of a comma separated list; it fails as set() does. */
int cli_list(const char *what, const char *arg, int (*item)(const char *item, void *ctx),
	     void *ctx);

#endif
