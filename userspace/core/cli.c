// SPDX-License-Identifier: GPL-2.0-only
#include "core/cli.h"

#include <ctype.h>
#include <getopt.h>
#include <stdarg.h>
#include <string.h>

#include "core/log.h"

#define KEY_OPTION  1000 /* + row: what getopt returns for a long option */
#define HELP_WIDTH  96
#define HELP_INDENT 26

/* A usage error: what is wrong, and where to read on. */
#define refuse(cli, what, ...) \
	fail_r(EXIT_USAGE, what " see `%s --help`", ##__VA_ARGS__, (cli)->program)

/* cli_parse() serves them itself. The version comes last, for not all have one. */
enum { HELP, VERSION };
static const struct cli_option builtin[] = {
	[HELP] = {.name = "help", .help = "this text", .letter = 'h'},
	[VERSION] = {.name = "version", .help = "print the version"},
};

/* ---- the tables as one list --------------------------------------------------------------- */

static size_t option_cnt(const struct cli *cli)
{
	return cli->option.n + cli->shared.n + (cli->version ? 2 : 1);
}

static const struct cli_option *option_at(const struct cli *cli, size_t i)
{
	if (i < cli->option.n)
		return &cli->option.row[i];
	i -= cli->option.n;
	return i < cli->shared.n ? &cli->shared.row[i] : &builtin[i - cli->shared.n];
}

static const struct cli_option *option_of_key(const struct cli *cli, int key)
{
	size_t i;

	for (i = 0; option_at(cli, i)->letter != key && KEY_OPTION + (int)i != key; i++)
		; /* getopt knows no others */
	return option_at(cli, i);
}

/* getopt's tables, made from ours. letters holds 2 * option_cnt + 2 bytes. */
static struct option *getopt_tables(const struct cli *cli, char *letters)
{
	struct option *rows = xcalloc(option_cnt(cli) + 1, sizeof(*rows));
	size_t i;

	*letters++ = ':'; /* tell a missing argument from an unknown option */
	for (i = 0; i < option_cnt(cli); i++) {
		const struct cli_option *o = option_at(cli, i);

		rows[i].name = o->name;
		rows[i].has_arg = o->argument ? required_argument : no_argument;
		rows[i].val = KEY_OPTION + (int)i;
		if (o->letter)
			*letters++ = o->letter;
		if (o->letter && o->argument)
			*letters++ = ':';
	}
	*letters = '\0';
	return rows;
}

/* "MODE SIZE SECONDS"; the caller frees it. */
static char *synopsis(const struct cli *cli)
{
	char *text = xstrdup("");
	size_t i;

	for (i = 0; i < cli->positional.n; i++)
		xappend(&text, " ", "%s", cli->positional.row[i].name);
	return text;
}

/* ---- help --------------------------------------------------------------------------------- */

void cli_print_row(const char *text, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vprintf(fmt, ap);
	va_end(ap);
	if (n >= HELP_INDENT)
		putchar('\n'), n = 0;
	printf("%*s", HELP_INDENT - n, "");
	put_wrapped(stdout, text, HELP_INDENT, HELP_WIDTH);
}

static void print_help(const struct cli *cli)
{
	_cleanup_free_ char *arguments = synopsis(cli);
	size_t i;

	printf("Usage: %s [OPTION...]%s%s\n", cli->program, *arguments ? " " : "", arguments);
	put_wrapped(stdout, cli->about, 0, HELP_WIDTH);
	putchar('\n');
	for (i = 0; i < option_cnt(cli); i++) {
		const struct cli_option *o = option_at(cli, i);
		const char letter[] = {'-', o->letter, ',', '\0'};

		cli_print_row(o->help, "  %3s --%s%s%s", o->letter ? letter : "", o->name,
			      o->argument ? " " : "", o->argument ?: "");
	}
	if (cli->notes)
		cli->notes();
}

/* ---- errors ------------------------------------------------------------------------------- */

static int report_unknown(const struct cli *cli, const char *word)
{
	_cleanup_free_ const char **names = xcalloc(option_cnt(cli), sizeof(*names));
	_cleanup_free_ char *name = xstrdup(word + strspn(word, "-"));
	const char *near;
	size_t i;

	name[strcspn(name, "=")] = '\0';
	for (i = 0; i < option_cnt(cli); i++)
		names[i] = option_at(cli, i)->name;
	near = nearest_name(name, names, option_cnt(cli));
	if (near)
		return fail_r(EXIT_USAGE, "unknown option '%s': did you mean --%s? See `%s --help`",
			      word, near, cli->program);
	return refuse(cli, "unknown option '%s':", word);
}

/* What getopt could not take: a letter it does not know (maybe amid others, -qz), a number that was
 * to be an argument (-64), a long option, or a value for an option that has none.
 */
static int report_refused(const struct cli *cli, char **argv)
{
	const char *word = argv[optind - 1];
	const char letter[] = {'-', (char)optopt, '\0'};

	if (optopt >= KEY_OPTION)
		return refuse(cli, "option '%.*s' takes no value:", (int)strcspn(word, "="), word);
	if (!optopt)
		return report_unknown(cli, word);
	if (cli->positional.n && isdigit((unsigned char)optopt)) {
		/* getopt has passed a "-6", but stands at the "-64" whose '6' it refused. */
		if (strcmp(word, letter))
			word = argv[optind];
		if (word && !strncmp(word, letter, 2))
			return refuse(cli, "'%s': numbers must not be negative;", word);
	}
	return report_unknown(cli, letter);
}

/* getopt takes the beginning of a name for the name: until there is another option that begins so. */
static int refuse_abbreviation(const struct cli *cli, const struct cli_option *o, char **argv)
{
	const char *word = argv[optind - (o->argument && optarg == argv[optind - 1] ? 2 : 1)];
	int len = (int)strcspn(word, "=");

	if ((size_t)len == strlen("--") + strlen(o->name))
		return CLI_GO_ON;
	return fail_r(EXIT_USAGE, "unknown option '%.*s': did you mean --%s? See `%s --help`", len, word, o->name,
		      cli->program);
}

/* ---- parsing ------------------------------------------------------------------------------ */

static int parse_positional(const struct cli *cli, int argc, char **argv, void *ctx)
{
	_cleanup_free_ char *arguments = synopsis(cli);
	const struct cli_option *row = cli->positional.row;
	size_t i;

	for (i = 0; optind < argc; optind++) {
		if (!cli->positional.n)
			return refuse(cli, "unexpected argument '%s':", argv[optind]);
		if (i == cli->positional.n)
			return refuse(cli, "'%s' is one argument too many: the arguments are %s;",
				      argv[optind], arguments);
		if (cli_set(&row[i], row[i].name, argv[optind], ctx))
			return EXIT_USAGE;
		i += !strstr(row[i].name, "...");
	}
	if (i < cli->positional.n && *row[i].name != '[')
		return refuse(cli, "%s is missing: the arguments are %s;", row[i].name, arguments);
	return CLI_GO_ON;
}

static int parse_option(const struct cli *cli, const struct cli_option *o, void *ctx)
{
	_cleanup_free_ char *what = xasprintf("--%s", o->name);

	if (o == &builtin[HELP])
		print_help(cli);
	else if (o == &builtin[VERSION])
		puts(cli->version);
	else
		return cli_set(o, what, optarg, ctx) ? EXIT_USAGE : CLI_GO_ON;
	return EXIT_OK;
}

int cli_parse(const struct cli *cli, int argc, char **argv, void *ctx)
{
	_cleanup_free_ char *letters = xcalloc(option_cnt(cli) + 1, 2);
	_cleanup_free_ struct option *rows = getopt_tables(cli, letters);
	int key, code = CLI_GO_ON;

	opterr = 0;
	optind = 0; /* 0, not 1: also forget where an earlier parse stood */
	while (code == CLI_GO_ON && (key = getopt_long(argc, argv, letters, rows, NULL)) != -1) {
		if (key == ':')
			code = refuse(cli, "option '%s' needs a value:", argv[optind - 1]);
		else if (key == '?')
			code = report_refused(cli, argv);
		else if (key >= KEY_OPTION)
			code = refuse_abbreviation(cli, option_of_key(cli, key), argv);
		if (code == CLI_GO_ON)
			code = parse_option(cli, option_of_key(cli, key), ctx);
	}
	return code == CLI_GO_ON ? parse_positional(cli, argc, argv, ctx) : code;
}
