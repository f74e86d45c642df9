// SPDX-License-Identifier: GPL-2.0-only
/* Command lines from tables: what is set, in which order, and the one line said of what is wrong. */
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "core/cli.h"
#include "core/log.h"

#define WORDS_MAX 16

/* ---- programs to parse for ---------------------------------------------------------------- */

enum colour { RED, GREEN };
static const char *const colours[] = {"red", "green"};

struct seen {
	char log[256]; /* what note() was given, in order; "!" for an option without argument */
	struct typed {
		bool quiet;
		const char *name;
		unsigned int count, cpu, nice;
		uint64_t size_bytes, time_ns;
		enum colour colour;
	} typed;
};

static int refuse_bad(const char *arg)
{
	return strcmp(arg, "bad") ? 0 : fail_r(-EINVAL, "this is bad");
}

static int refuse_empty(const char *arg)
{
	return *arg ? 0 : -EINVAL; /* the row tells the rest */
}

static int note(void *ctx, const char *arg)
{
	struct seen *seen = ctx;
	size_t len = strlen(seen->log);

	if (arg && refuse_bad(arg))
		return -EINVAL;
	snprintf(seen->log + len, sizeof(seen->log) - len, "%s;", arg ?: "!");
	return 0;
}

static int set_cpu(void *ctx, const char *arg)
{
	return cli_cpu("--cpu", arg, &((struct seen *)ctx)->typed.cpu);
}

static void put_notes(void)
{
	puts("\nPlaces:");
	cli_print_row("where we are", "  here");
}

static const struct cli_option places[] = {
	{.name = "FROM", CLI_CALL(note)},
	{.name = "TO", CLI_CALL(note)},
	{.name = "[VIA]", CLI_CALL(note)},
};
static const struct cli_option own[] = {
	{"size", "BYTES", "how much", CLI_CALL(note), .letter = 's'},
	{"quiet", NULL, "no words", CLI_CALL(note), .letter = 'q'},
};
static const struct cli_option common[] = {{"label", "TEXT", "a name for it", CLI_CALL(note)}};

static const struct cli mover = {
	.program = "move",
	.about = "Move things.",
	.positional = CLI_ROWS(places),
	.option = CLI_ROWS(own),
	.shared = CLI_ROWS(common),
	.version = "move 1.0",
	.notes = put_notes,
};

static const struct cli plain = {
	.program = "plain",
	.about = "Takes nothing but options.",
	.option = CLI_ROWS(own),
};

static const struct cli_option counts[] = {
	{.name = "COUNT", CLI_UINT(struct seen, typed.count, 1, 8)},
};
static const struct cli_option typed_rows[] = {
	{"quiet", NULL, "no words", CLI_FLAG(struct seen, typed.quiet)},
	{"name", "TEXT", "of it", CLI_TEXT(struct seen, typed.name), .check = refuse_bad},
	{"word", "TEXT", "of it", CLI_TEXT(struct seen, typed.name), .check = refuse_empty,
	 .want = "at least a letter"},
	{"nice", "N", "to run at", CLI_UINT(struct seen, typed.nice, 0, 19),
	 .want = "19 if you are nice"},
	{"size", "BYTES", "of it", CLI_SIZE(struct seen, typed.size_bytes, MIB)},
	{"time", "SECONDS", "it may take",
	 CLI_SECONDS(struct seen, typed.time_ns, NSEC_PER_MSEC, 10 * NSEC_PER_SEC)},
	{"colour", "COLOUR", "of it", CLI_CHOICE(struct seen, typed.colour, colours)},
	{"cpu", "CPU", "to run on", CLI_CALL(set_cpu)},
	{"list", "LIST", "of things", CLI_LIST(note)},
};

static const struct cli typist = {
	.program = "type",
	.about = "Takes a value of each type.",
	.positional = CLI_ROWS(counts),
	.option = CLI_ROWS(typed_rows),
};

/* ---- catching what is said ---------------------------------------------------------------- */

struct said {
	char text[4096];
	FILE *file;
	int fd, keep;
};

static void listen_to(struct said *said, int fd)
{
	fflush(NULL);
	said->file = tmpfile();
	assert_non_null(said->file);
	said->fd = fd;
	said->keep = dup(fd);
	assert_int_equal(dup2(fileno(said->file), fd), fd);
}

static void stop_listening(struct said *said)
{
	size_t len;

	fflush(NULL);
	assert_int_equal(dup2(said->keep, said->fd), said->fd);
	close(said->keep);
	rewind(said->file);
	len = fread(said->text, 1, sizeof(said->text) - 1, said->file);
	said->text[len] = '\0';
	fclose(said->file);
}

struct outcome {
	int code;
	char line[256]; /* texts point into it */
	struct seen seen;
	struct said out, err;
};

/* line: the words after the program's name, parted by single blanks. */
static void parse(const struct cli *cli, const char *line, struct outcome *o)
{
	char *argv[WORDS_MAX + 2] = {(char *)cli->program}, *rest = o->line, *word;
	int argc = 1;

	*o = (struct outcome){0};
	snprintf(o->line, sizeof(o->line), "%s", line);
	while ((word = strsep(&rest, " ")) && *line) {
		assert_in_range(argc, 1, WORDS_MAX);
		argv[argc++] = word;
	}
	listen_to(&o->out, STDOUT_FILENO);
	listen_to(&o->err, STDERR_FILENO);
	o->code = cli_parse(cli, argc, argv, &o->seen);
	stop_listening(&o->err);
	stop_listening(&o->out);
}

static void expect(const struct cli *cli, const char *line, struct outcome *o, int code,
		   const char *out, const char *err)
{
	parse(cli, line, o);
	assert_string_equal(o->err.text, err);
	assert_string_equal(o->out.text, out);
	assert_int_equal(o->code, code);
}

/* ---- tests -------------------------------------------------------------------------------- */

static void what_is_good_is_set(void **state)
{
	static const struct {
		const char *line, *log;
	} cases[] = {
		{"a b", "a;b;"},
		{"a b c", "a;b;c;"},
		/* options before, between and after; those come first */
		{"-s 1 a b", "1;a;b;"},
		{"a --size 1 b", "1;a;b;"},
		{"a b --size=1 -q", "1;!;a;b;"},
		{"a -qs1 b --label x", "!;1;x;a;b;"},
		{"a b --label x", "x;a;b;"},
		/* the last one counts: that is for set() to do */
		{"a b -s 1 -s 2", "1;2;a;b;"},
		/* a value may look like anything */
		{"a b --size -1", "-1;a;b;"},
		{"a b --label --quiet", "--quiet;a;b;"},
		{"a -- -64", "a;-64;"},
		{"- b", "-;b;"},
	};
	struct outcome o;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		expect(&mover, cases[i].line, &o, CLI_GO_ON, "", "");
		assert_string_equal(o.seen.log, cases[i].log);
	}
}

struct wrong {
	const struct cli *cli;
	const char *line, *error;
};

static void expect_wrong(const struct wrong *cases, size_t cnt)
{
	static const struct typed untouched;
	struct outcome o;
	char line[256];
	size_t i;

	for (i = 0; i < cnt; i++) {
		snprintf(line, sizeof(line), "test: %s\n", cases[i].error);
		expect(cases[i].cli, cases[i].line, &o, EXIT_USAGE, "", line);
		assert_memory_equal(&o.seen.typed, &untouched, sizeof(untouched));
	}
}

static void what_is_wrong_is_one_line(void **state)
{
	static const struct wrong cases[] = {
		{&mover, "", "FROM is missing: the arguments are FROM TO [VIA]; see `move --help`"},
		{&mover, "a -q", "TO is missing: the arguments are FROM TO [VIA]; see `move --help`"},
		{&mover, "a b c d",
		 "'d' is one argument too many: the arguments are FROM TO [VIA]; see `move --help`"},
		{&plain, "-q a", "unexpected argument 'a': see `plain --help`"},
		{&mover, "a bad", "this is bad"},
		{&mover, "a b -s bad", "this is bad"},
		{&mover, "a b --size", "option '--size' needs a value: see `move --help`"},
		{&mover, "a b -s", "option '-s' needs a value: see `move --help`"},
		{&mover, "a b --label", "option '--label' needs a value: see `move --help`"},
		{&mover, "a b --quiet=yes", "option '--quiet' takes no value: see `move --help`"},
		{&mover, "a b --siez 1",
		 "unknown option '--siez': did you mean --size? See `move --help`"},
		{&mover, "a b --lable=1",
		 "unknown option '--lable=1': did you mean --label? See `move --help`"},
		{&mover, "a b --hlep", "unknown option '--hlep': did you mean --help? See `move --help`"},
		{&plain, "--version", "unknown option '--version': see `plain --help`"},
		{&mover, "a b --siz 4", "unknown option '--siz': did you mean --size? See `move --help`"},
		{&mover, "a b --siz=4", "unknown option '--siz': did you mean --size? See `move --help`"},
		{&mover, "a b --frobnicate", "unknown option '--frobnicate': see `move --help`"},
		{&mover, "a b -z", "unknown option '-z': see `move --help`"},
		{&mover, "a b -qz", "unknown option '-z': see `move --help`"},
		{&mover, "a -zq b", "unknown option '-z': see `move --help`"},
		{&mover, "a -1", "'-1': numbers must not be negative; see `move --help`"},
		{&mover, "-64 b", "'-64': numbers must not be negative; see `move --help`"},
		{&mover, "a -0.5 b", "'-0.5': numbers must not be negative; see `move --help`"},
		{&mover, "a b -q5", "unknown option '-5': see `move --help`"},
		{&mover, "a b -q5x", "unknown option '-5': see `move --help`"},
		{&plain, "-1", "unknown option '-1': see `plain --help`"},
	};

	(void)state;
	expect_wrong(cases, ARRAY_SIZE(cases));
}

static void a_wrong_value_is_one_line(void **state)
{
	static const struct wrong cases[] = {
		{&typist, "9", "COUNT '9': give a whole number from 1 to 8"},
		{&typist, "4294967297", "COUNT '4294967297': give a whole number from 1 to 8"},
		{&typist, "1 --name bad", "this is bad"},
		{&typist, "1 --word=", "--word '': give at least a letter"},
		{&typist, "1 --nice 20", "--nice '20': give 19 if you are nice"},
		{&typist, "1 --size 2M",
		 "--size '2M': give bytes from 1 to 1M; 64K, 1M are understood"},
		{&typist, "1 --time 1e3",
		 "--time '1e3': give seconds from 0.001 to 10; fractions such as 0.5 are "
		 "understood"},
		{&typist, "1 --colour gren",
		 "--colour 'gren': did you mean green? Choose one of red, green"},
		{&typist, "1 --colour mauve-ish", "--colour 'mauve-ish': choose one of red, green"},
		{&typist, "1 --cpu x", "--cpu 'x': give CPU numbers, for example 0,2,3"},
		{&typist, "1 --cpu 1023",
		 "--cpu '1023': that CPU may not be used here: see `taskset -pc $$`"},
		{&typist, "1 --list=", "--list '': an item of the list is empty"},
		{&typist, "1 --list ,", "--list ',': an item of the list is empty"},
		{&typist, "1 --list a,", "--list 'a,': an item of the list is empty"},
		{&typist, "1 --list ,a", "--list ',a': an item of the list is empty"},
		{&typist, "1 --list a,,b", "--list 'a,,b': an item of the list is empty"},
		{&typist, "1 --list c,bad,d", "this is bad"},
	};
	(void)state;
	expect_wrong(cases, ARRAY_SIZE(cases));
}

static void nothing_is_set_after_an_error(void **state)
{
	struct outcome o;

	(void)state;
	parse(&mover, "a b --bogus -q", &o);
	assert_string_equal(o.seen.log, "");
	parse(&mover, "bad b", &o);
	assert_string_equal(o.seen.log, "");
	parse(&typist, "1 --list c,bad,d", &o);
	assert_string_equal(o.seen.log, "c;");
}

static void help_comes_from_the_tables(void **state)
{
	static const char help[] =
		"Usage: move [OPTION...] FROM TO [VIA]\n"
		"Move things.\n"
		"\n"
		"  -s, --size BYTES        how much\n"
		"  -q, --quiet             no words\n"
		"      --label TEXT        a name for it\n"
		"  -h, --help              this text\n"
		"      --version           print the version\n"
		"\n"
		"Places:\n"
		"  here                    where we are\n";
	static const char *const lines[] = {"--help", "-h", "a --help", "a b c d -qh", "--help --bogus"};
	struct outcome o;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(lines); i++)
		expect(&mover, lines[i], &o, EXIT_OK, help, "");
	parse(&plain, "--help", &o);
	assert_int_equal(o.code, EXIT_OK);
	assert_non_null(strstr(o.out.text, "Usage: plain [OPTION...]\n"));
	assert_null(strstr(o.out.text, "--version"));
}

static void long_help_is_wrapped(void **state)
{
	static const struct cli_option wordy[] = {
		{"a-rather-long-option", "ARGUMENT",
		 "one two three four five six seven eight nine ten eleven twelve thirteen fourteen",
		 CLI_CALL(note), .letter = 'a'},
	};
	const struct cli cli = {.program = "wordy", .about = "Talks.", .option = CLI_ROWS(wordy)};
	struct outcome o;

	(void)state;
	parse(&cli, "--help", &o);
	assert_non_null(strstr(o.out.text,
			       "  -a, --a-rather-long-option ARGUMENT\n"
			       "                          one two three four five six seven eight nine ten "
			       "eleven twelve\n"
			       "                          thirteen fourteen\n"));
}

static void version_is_told(void **state)
{
	struct outcome o;

	(void)state;
	expect(&mover, "a --version", &o, EXIT_OK, "move 1.0\n", "");
}

static void a_value_goes_where_its_row_says(void **state)
{
	struct outcome o;

	(void)state;
	expect(&typist, "8 --name x --size 64K --time 0.5 --colour green --list a,b --list c", &o,
	       CLI_GO_ON, "", "");
	assert_false(o.seen.typed.quiet);
	assert_string_equal(o.seen.typed.name, "x");
	assert_int_equal(o.seen.typed.count, 8);
	assert_int_equal(o.seen.typed.size_bytes, 64 * KIB);
	assert_int_equal(o.seen.typed.time_ns, NSEC_PER_SEC / 2);
	assert_int_equal(o.seen.typed.colour, GREEN);
	assert_string_equal(o.seen.log, "a;b;c;");
	expect(&typist, "1 --quiet --size 1 --size 2 --nice 3 --word y", &o, CLI_GO_ON, "", "");
	assert_true(o.seen.typed.quiet);
	assert_string_equal(o.seen.typed.name, "y");
	assert_int_equal(o.seen.typed.nice, 3);
	assert_int_equal(o.seen.typed.size_bytes, 2);
}

static void a_cpu_of_ours_is_taken(void **state)
{
	int ours = sched_getcpu();
	_cleanup_free_ char *line = xasprintf("1 --cpu %d", ours);
	struct outcome o;

	(void)state;
	expect(&typist, line, &o, CLI_GO_ON, "", "");
	assert_int_equal(o.seen.typed.cpu, ours);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_good_is_set),
		cmocka_unit_test(what_is_wrong_is_one_line),
		cmocka_unit_test(a_wrong_value_is_one_line),
		cmocka_unit_test(nothing_is_set_after_an_error),
		cmocka_unit_test(help_comes_from_the_tables),
		cmocka_unit_test(long_help_is_wrapped),
		cmocka_unit_test(version_is_told),
		cmocka_unit_test(a_value_goes_where_its_row_says),
		cmocka_unit_test(a_cpu_of_ours_is_taken),
	};

	log_init("test", LOG_INFO);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
