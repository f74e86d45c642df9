// SPDX-License-Identifier: GPL-2.0-only
/* The command table and nothing else. */
#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"
#include "core/log.h"
#include "core/process.h"

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *help;
} commands[] = {
	{"run", cmd_run, "run the send modes and report what the kernel did with each byte"},
	{"attach", cmd_attach, "the same questions about programs that run, or one to be started"},
	{"report", cmd_report, "render a report again from its results.json"},
	{"diff", cmd_diff, "compare two runs, or two modes of one; fail a build on a regression"},
	{"check", cmd_check, "what can be observed on this kernel, and what to do about the rest"},
	{"list", cmd_list, "list modes, probes, formats, metrics or paths"},
};

static void usage(FILE *out)
{
	size_t i;

	fputs("Usage: copyscope COMMAND [OPTION...]\n"
	      "Where is each byte copied on its way from send() to recv(), how often, at what cost?\n\n",
	      out);
	for (i = 0; i < ARRAY_SIZE(commands); i++)
		fprintf(out, "  %-8s %s\n", commands[i].name, commands[i].help);
	fputs("\n`copyscope help COMMAND` tells a command's options.\n", out);
}

static int unknown_command(const char *word)
{
	const char *names[ARRAY_SIZE(commands)], *near;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(commands); i++)
		names[i] = commands[i].name;
	near = nearest_name(word, names, ARRAY_SIZE(names));
	log_error("no command '%s'%s%s%s: see copyscope --help", word, near ? "; did you mean '" : "",
		  near ? near : "", near ? "'?" : "");
	return EXIT_USAGE;
}

/* argv[0] is its name. */
static int run_named(int argc, char **argv)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(commands); i++)
		if (!strcmp(argv[0], commands[i].name))
			return commands[i].run(argc, argv);
	return unknown_command(argv[0]);
}

static int run_command(int argc, char **argv)
{
	if (argc < 2) {
		usage(stderr);
		return EXIT_USAGE;
	}
	if (!strcmp(argv[1], "help") && argc > 2)
		return run_named(2, (char *[]){argv[2], "--help", NULL});
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")) {
		usage(stdout);
		return EXIT_OK;
	}
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")) {
		puts("copyscope " COPYSCOPE_VERSION);
		return EXIT_OK;
	}
	return run_named(argc - 1, argv + 1);
}

int main(int argc, char **argv)
{
	return process_begin() ? EXIT_FAILED : process_end(run_command(argc, argv));
}
