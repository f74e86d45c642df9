/* SPDX-License-Identifier: GPL-2.0-only */
/* Command lines from a table: one row an option, which is its parsing, its help and its spelling
 * suggestion. Errors are one line on stderr; `--help` prints to stdout and is not an error.
 */
#ifndef CORE_CLI_H
#define CORE_CLI_H

#include "core/util.h"

struct cli_option {
	const char *name;     /* long name without dashes */
	const char *argument; /* "LIST"; NULL: takes none */
	const char *help;     /* may be wrapped anywhere */
	/* Returns 0, or -errno after printing one line. arg is NULL for options without argument. */
	int (*set)(void *ctx, const char *arg);
	char letter; /* short form or 0 */
};

struct cli {
	const char *program;  /* "copyscope run" */
	const char *synopsis; /* of the positional arguments: "DIR", "" for none */
	const char *about;    /* a sentence or two */
	const struct cli_option *option;
	size_t option_cnt;
	/* Called for each positional argument; NULL: there are none. As cli_option.set. */
	int (*positional)(void *ctx, const char *arg);
};

/* Returns CLI_GO_ON, or the exit code the program should end with (help was printed, or an error). */
#define CLI_GO_ON (-1)
int cli_parse(const struct cli *cli, int argc, char **argv, void *ctx);

#endif
