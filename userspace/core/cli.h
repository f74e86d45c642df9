/* SPDX-License-Identifier: GPL-2.0-only */
/* Command lines from tables: one row an option or positional argument, which is its parsing, its
 * help and its spelling suggestion. Errors are one line on stderr; `--help` prints to stdout and is
 * not an error.
 */
#ifndef CORE_CLI_H
#define CORE_CLI_H

#include "core/util.h"

/* How a value is read, and what there is at the row's offset into the ctx. */
enum cli_type {
	CLI_TYPE_CALL,	  /* what set() makes of it */
	CLI_TYPE_LIST,	  /* comma separated: set() is called for each, and may not keep it */
	CLI_TYPE_FLAG,	  /* bool: becomes true */
	CLI_TYPE_TEXT,	  /* const char *: lives as long as argv */
	CLI_TYPE_UINT,	  /* unsigned int */
	CLI_TYPE_SIZE,	  /* uint64_t in bytes */
	CLI_TYPE_SECONDS, /* uint64_t in ns */
	CLI_TYPE_CHOICE,  /* an enum, or unsigned int: the index of one of names */
};

struct cli_option {
	const char *name;     /* long name without dashes; a positional's: "A", "[B]" if optional, "[C...]" as often as it comes */
	const char *argument; /* "LIST"; NULL: takes none */
	const char *help;     /* may be wrapped anywhere */
	char letter;	      /* short form or 0 */
	/* Refuses a text by returning -errno. It prints its one line itself, unless there is a want. */
	int (*check)(const char *arg);
	const char *want; /* "an address": what to give instead; of a number: told for its limits */

	/* From one of the macros below. */
	enum cli_type type;
	size_t offset;
	uint64_t min, max;
	const char *const *names; /* max of them */
	/* Returns 0, or -errno after printing one line. arg is NULL if the option takes none. */
	int (*set)(void *ctx, const char *arg);
};

/* {"quiet", NULL, "no words", CLI_FLAG(struct run_options, quiet), .letter = 'q'},
 * {"port", "N", "TCP port", CLI_UINT(struct server_options, port, 1, UINT16_MAX)},
 */
#define CLI_CALL(fn)	       .type = CLI_TYPE_CALL, .set = (fn)
#define CLI_LIST(fn)	       .type = CLI_TYPE_LIST, .set = (fn)
#define CLI_FLAG(ctx, m)       .type = CLI_TYPE_FLAG, CLI_AT(ctx, m, bool)
#define CLI_TEXT(ctx, m)       .type = CLI_TYPE_TEXT, CLI_AT(ctx, m, const char *)
#define CLI_CHOICE(ctx, m, of) CLI_CHOICE_OF(ctx, m, of, ARRAY_SIZE(of))
#define CLI_CHOICE_OF(ctx, m, of, n) .type = CLI_TYPE_CHOICE, CLI_AT(ctx, m, unsigned int), \
				     .names = (of), .max = (n) /* the first n */
#define CLI_UINT(ctx, m, from, to)    .type = CLI_TYPE_UINT, CLI_AT(ctx, m, unsigned int), \
				      .min = (from), .max = (to)
#define CLI_SIZE(ctx, m, to)	      .type = CLI_TYPE_SIZE, CLI_AT(ctx, m, uint64_t), .max = (to)
#define CLI_SECONDS(ctx, m, from, to) .type = CLI_TYPE_SECONDS, CLI_AT(ctx, m, uint64_t), \
				      .min = (from), .max = (to) /* in ns */

/* The compiler complains if member m is of another type. */
#define CLI_AT(ctx, m, is) .offset = offsetof(ctx, m) + 0 * sizeof(1 ? &((ctx *)0)->m : (is *)0)

struct cli_rows {
	const struct cli_option *row;
	size_t n;
};
#define CLI_ROWS(table) {(table), ARRAY_SIZE(table)}

struct cli {
	const char *program; /* "copyscope run" */
	const char *about;   /* a sentence or two */
	struct cli_rows positional; /* in this order, but before, after or between the options */
	struct cli_rows option;
	struct cli_rows shared; /* more options, of several programs */
	const char *version;	/* what --version prints; NULL: there is no such option */
	void (*notes)(void);	/* prints what follows the options in --help; NULL: nothing */
};

/* Returns CLI_GO_ON, or the exit code to end with (help was printed, or an error). */
#define CLI_GO_ON (-1)
int cli_parse(const struct cli *cli, int argc, char **argv, void *ctx);

/* A row of --help, for notes(): text, beside a head from fmt. */
void cli_print_row(const char *text, const char *fmt, ...) __printf(2, 3);

/* Strict values, for set(). Each returns 0, or -EINVAL after printing one line that begins with
 * "WHAT 'ARG'" and tells what would be right; *out is untouched then.
 */
int cli_uint(const char *what, const char *arg, unsigned int min, unsigned int max,
	     unsigned int *out);
int cli_size(const char *what, const char *arg, uint64_t max, uint64_t *bytes);
/* A CPU this process may run on. */
int cli_cpu(const char *what, const char *arg, unsigned int *cpu);
/* Calls set for each item of a comma separated list, until it fails. */
int cli_list(const char *what, const char *arg, int (*set)(void *ctx, const char *item), void *ctx);

/* The value of a row, by its type, into ctx; for cli_parse(). */
int cli_set(const struct cli_option *o, const char *what, const char *arg, void *ctx);

#endif
