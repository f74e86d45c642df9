// SPDX-License-Identifier: GPL-2.0-only
#include "core/cli.h"

#include <ctype.h>
#include <getopt.h>
#include <string.h>

#include "core/log.h"

#define KEY_OPTION  1000 /* + row: what getopt returns for a long option */
#define HELP_WIDTH  96
#define HELP_INDENT 26

/* Without set(): cli_parse() serves them itself. The version comes last, for not all have one. */
enum { HELP, VERSION };
static const struct cli_option builtin[] = {
	[HELP] = {"help", NULL, "this text", NULL, 'h'},
	[VERSION] = {"version", NULL, "print the version", NULL, 0},
};

/* ---- the tables as one list --------------------------------------------------------------- */

static size_t option_cnt(const struct cli *cli)
{
	return cli->option_cnt + cli->shared_cnt + (cli->version ? 2 : 1);
}

static const struct cli_option *option_at(const struct cli *cli, size_t i)
{
	if (i < cli->option_cnt)
		return &cli->option[i];
	i -= cli->option_cnt;
	return i < cli->shared_cnt ? &cli->shared[i] : &builtin[i - cli->shared_cnt];
}

static const struct cli_option *option_of_key(const struct cli *cli, int key)
{
	size_t i;

	if (key >= KEY_OPTION)
		return option_at(cli, (size_t)(key - KEY_OPTION));
	for (i = 0; option_at(cli, i)->letter != key; i++)
		; /* getopt knows no letters but these */
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
	char *text = xstrdup(""), *longer;
	size_t i;

	for (i = 0; i < cli->positional_cnt; i++) {
		longer = xasprintf("%s%s%s", text, i ? " " : "", cli->positional[i].name);
		free(text);
		text = longer;
	}
	return text;
}

/* ---- help --------------------------------------------------------------------------------- */

static void print_wrapped(const char *text, int indent)
{
	int column = indent, width;

	for (; *text; text += strspn(text, " ")) {
		width = (int)strcspn(text, " ");
		if (column > indent && column + 1 + width > HELP_WIDTH) {
			printf("\n%*s", indent, "");
			column = indent;
		}
		column += printf("%s%.*s", column > indent ? " " : "", width, text);
		text += width;
	}
	putchar('\n');
}

void cli_print_row(const char *head, const char *text)
{
	int n = printf("%s", head);

	if (n >= HELP_INDENT)
		putchar('\n'), n = 0;
	printf("%*s", HELP_INDENT - n, "");
	print_wrapped(text, HELP_INDENT);
}

static void print_help(const struct cli *cli)
{
	_cleanup_free_ char *arguments = synopsis(cli);
	size_t i;

	printf("Usage: %s [OPTION...]%s%s\n", cli->program, *arguments ? " " : "", arguments);
	print_wrapped(cli->about, 0);
	putchar('\n');
	for (i = 0; i < option_cnt(cli); i++) {
		const struct cli_option *o = option_at(cli, i);
		const char *argument = o->argument ? o->argument : "";
		const char *blank = o->argument ? " " : "";
		_cleanup_free_ char *head = NULL;

		if (o->letter)
			head = xasprintf("  -%c, --%s%s%s", o->letter, o->name, blank, argument);
		else
			head = xasprintf("      --%s%s%s", o->name, blank, argument);
		cli_print_row(head, o->help);
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
	return fail_r(EXIT_USAGE, "unknown option '%s': see `%s --help`", word, cli->program);
}

/* What getopt could not take: a letter it does not know (maybe amid others, -qz), a number that was
 * to be an argument (-64), a long option, or a value for an option that has none.
 */
static int report_refused(const struct cli *cli, char **argv)
{
	const char *word = argv[optind - 1];
	const char letter[] = {'-', (char)optopt, '\0'};

	if (optopt >= KEY_OPTION)
		return fail_r(EXIT_USAGE, "option '%.*s' takes no value: see `%s --help`",
			      (int)strcspn(word, "="), word, cli->program);
	if (!optopt)
		return report_unknown(cli, word);
	if (cli->positional_cnt && isdigit((unsigned char)optopt)) {
		/* getopt has passed a "-6", but stands at the "-64" whose '6' it refused. */
		if (strcmp(word, letter))
			word = argv[optind];
		if (word && !strncmp(word, letter, 2))
			return fail_r(EXIT_USAGE,
				      "'%s': numbers must not be negative; see `%s --help`", word,
				      cli->program);
	}
	return report_unknown(cli, letter);
}

/* ---- parsing ------------------------------------------------------------------------------ */

static int parse_positional(const struct cli *cli, int argc, char **argv, void *ctx)
{
	_cleanup_free_ char *arguments = synopsis(cli);
	size_t i;

	for (i = 0; optind < argc; i++, optind++) {
		if (!cli->positional_cnt)
			return fail_r(EXIT_USAGE, "unexpected argument '%s': see `%s --help`",
				      argv[optind], cli->program);
		if (i == cli->positional_cnt)
			return fail_r(EXIT_USAGE,
				      "'%s' is one argument too many: the arguments are %s; see "
				      "`%s --help`",
				      argv[optind], arguments, cli->program);
		if (cli->positional[i].set(ctx, argv[optind]))
			return EXIT_USAGE;
	}
	if (i < cli->positional_cnt && *cli->positional[i].name != '[')
		return fail_r(EXIT_USAGE, "%s is missing: the arguments are %s; see `%s --help`",
			      cli->positional[i].name, arguments, cli->program);
	return CLI_GO_ON;
}

int cli_parse(const struct cli *cli, int argc, char **argv, void *ctx)
{
	_cleanup_free_ char *letters = xcalloc(option_cnt(cli) + 1, 2);
	_cleanup_free_ struct option *rows = getopt_tables(cli, letters);
	const struct cli_option *o;
	int key;

	opterr = 0;
	optind = 0; /* 0, not 1: also forget where an earlier parse stood */
	while ((key = getopt_long(argc, argv, letters, rows, NULL)) != -1) {
		if (key == ':')
			return fail_r(EXIT_USAGE, "option '%s' needs a value: see `%s --help`",
				      argv[optind - 1], cli->program);
		if (key == '?')
			return report_refused(cli, argv);
		o = option_of_key(cli, key);
		if (o == &builtin[HELP]) {
			print_help(cli);
			return EXIT_OK;
		}
		if (o == &builtin[VERSION]) {
			puts(cli->version);
			return EXIT_OK;
		}
		if (o->set(ctx, optarg))
			return EXIT_USAGE;
	}
	return parse_positional(cli, argc, argv, ctx);
}
