// SPDX-License-Identifier: GPL-2.0-only
#include "core/cli.h"

#include <getopt.h>
#include <string.h>

#include "core/log.h"

#define KEY_HELP   1000
#define KEY_OPTION 2000 /* + row */
#define HELP_WIDTH 96

static void print_wrapped(const char *text, int indent, int column)
{
	int width;

	while (*text) {
		width = (int)strcspn(text, " ");
		if (column > indent && column + width > HELP_WIDTH) {
			printf("\n%*s", indent, "");
			column = indent;
		}
		printf("%.*s", width, text);
		column += width;
		text += width;
		for (; *text == ' '; text++, column++)
			putchar(' ');
	}
	putchar('\n');
}

static void print_help(const struct cli *cli)
{
	const int indent = 26;
	size_t i;
	int n;

	printf("Usage: %s [OPTION...]%s%s\n", cli->program, *cli->synopsis ? " " : "", cli->synopsis);
	print_wrapped(cli->about, 0, 0);
	putchar('\n');
	for (i = 0; i < cli->option_cnt; i++) {
		const struct cli_option *o = &cli->option[i];

		n = o->letter ? printf("  -%c, ", o->letter) : printf("      ");
		n += printf("--%s%s%s", o->name, o->argument ? " " : "",
			    o->argument ? o->argument : "");
		if (n >= indent)
			putchar('\n'), n = 0;
		printf("%*s", indent - n, "");
		print_wrapped(o->help, indent, indent);
	}
	printf("  -h, --help%*sthis text\n", indent - 12, "");
}

static int report_unknown(const struct cli *cli, const char *word)
{
	_cleanup_free_ const char **names = xcalloc(cli->option_cnt, sizeof(*names));
	_cleanup_free_ char *name = xstrdup(word + strspn(word, "-"));
	const char *near;
	size_t i;

	name[strcspn(name, "=")] = '\0';
	for (i = 0; i < cli->option_cnt; i++)
		names[i] = cli->option[i].name;
	near = nearest_name(name, names, cli->option_cnt);
	if (near)
		log_error("unknown option '%s': did you mean --%s? See `%s --help`", word, near,
			  cli->program);
	else
		log_error("unknown option '%s': see `%s --help`", word, cli->program);
	return EXIT_USAGE;
}

/* What getopt could not take: a letter it does not know (maybe amid others, -qz), a long option, or a
 * value for an option that has none.
 */
static int report_refused(const struct cli *cli, const char *word)
{
	char letter[3] = {'-', (char)optopt};

	if (optopt > 0 && optopt < KEY_HELP)
		return report_unknown(cli, letter);
	if (!optopt)
		return report_unknown(cli, word);
	log_error("option '%.*s' takes no value: see `%s --help`", (int)strcspn(word, "="), word,
		  cli->program);
	return EXIT_USAGE;
}

/* getopt's tables, made from ours. letters holds 2 * option_cnt + 4 bytes. */
static struct option *getopt_tables(const struct cli *cli, char *letters)
{
	struct option *rows = xcalloc(cli->option_cnt + 2, sizeof(*rows));
	size_t i;

	*letters++ = ':'; /* tell a missing argument from an unknown option */
	*letters++ = 'h';
	for (i = 0; i < cli->option_cnt; i++) {
		const struct cli_option *o = &cli->option[i];

		rows[i].name = o->name;
		rows[i].has_arg = o->argument ? required_argument : no_argument;
		rows[i].val = KEY_OPTION + (int)i;
		if (o->letter)
			*letters++ = o->letter;
		if (o->letter && o->argument)
			*letters++ = ':';
	}
	rows[i] = (struct option){.name = "help", .val = KEY_HELP};
	*letters = '\0';
	return rows;
}

static const struct cli_option *option_of_key(const struct cli *cli, int key)
{
	size_t i;

	if (key >= KEY_OPTION)
		return &cli->option[key - KEY_OPTION];
	for (i = 0; i < cli->option_cnt; i++)
		if (cli->option[i].letter == key)
			return &cli->option[i];
	return NULL;
}

static int parse_positional(const struct cli *cli, int argc, char **argv, void *ctx)
{
	for (; optind < argc; optind++) {
		if (!cli->positional) {
			log_error("unexpected argument '%s': see `%s --help`", argv[optind],
				  cli->program);
			return EXIT_USAGE;
		}
		if (cli->positional(ctx, argv[optind]))
			return EXIT_USAGE;
	}
	return CLI_GO_ON;
}

int cli_parse(const struct cli *cli, int argc, char **argv, void *ctx)
{
	_cleanup_free_ char *letters = xcalloc(cli->option_cnt + 2, 2);
	_cleanup_free_ struct option *rows = getopt_tables(cli, letters);
	const struct cli_option *o;
	int key;

	opterr = 0;
	optind = 0; /* 0, not 1: also forget where an earlier parse stood */
	while ((key = getopt_long(argc, argv, letters, rows, NULL)) != -1) {
		if (key == KEY_HELP || key == 'h') {
			print_help(cli);
			return EXIT_OK;
		}
		if (key == ':') {
			log_error("option '%s' needs a value: see `%s --help`", argv[optind - 1],
				  cli->program);
			return EXIT_USAGE;
		}
		o = key == '?' ? NULL : option_of_key(cli, key);
		if (!o)
			return report_refused(cli, argv[optind - 1]);
		if (o->set(ctx, optarg))
			return EXIT_USAGE;
	}
	return parse_positional(cli, argc, argv, ctx);
}
