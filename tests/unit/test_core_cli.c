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

#define WORDS_MAX 8

/* ---- a program to parse for --------------------------------------------------------------- */

struct seen {
	char log[256]; /* "name=arg;" for each call of set() */
};

static int note(void *ctx, const char *name, const char *arg)
{
	struct seen *seen = ctx;
	size_t len = strlen(seen->log);

	if (arg && !strcmp(arg, "bad"))
		return fail_r(-EINVAL, "%s: bad", name);
	snprintf(seen->log + len, sizeof(seen->log) - len, "%s=%s;", name, arg ? arg : "");
	return 0;
}

static int set_from(void *ctx, const char *arg)
{
	return note(ctx, "FROM", arg);
}

static int set_to(void *ctx, const char *arg)
{
	return note(ctx, "TO", arg);
}

static int set_via(void *ctx, const char *arg)
{
	return note(ctx, "VIA", arg);
}

static int set_size(void *ctx, const char *arg)
{
	return note(ctx, "size", arg);
}

static int set_quiet(void *ctx, const char *arg)
{
	return note(ctx, "quiet", arg);
}

static int set_label(void *ctx, const char *arg)
{
	return note(ctx, "label", arg);
}

static void put_notes(void)
{
	puts("\nPlaces:");
	cli_print_row("  here", "where we are");
}

static const struct cli_positional places[] = {
	{"FROM", set_from}, {"TO", set_to}, {"[VIA]", set_via}};
static const struct cli_option own[] = {
	{"size", "BYTES", "how much", set_size, 's'},
	{"quiet", NULL, "no words", set_quiet, 'q'},
};
static const struct cli_option common[] = {{"label", "TEXT", "a name for it", set_label, 0}};

static const struct cli mover = {
	.program = "move",
	.about = "Move things.",
	.positional = places,
	.positional_cnt = ARRAY_SIZE(places),
	.option = own,
	.option_cnt = ARRAY_SIZE(own),
	.shared = common,
	.shared_cnt = ARRAY_SIZE(common),
	.version = "move 1.0",
	.notes = put_notes,
};

static const struct cli plain = {
	.program = "plain",
	.about = "Takes nothing but options.",
	.option = own,
	.option_cnt = ARRAY_SIZE(own),
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
	struct seen seen;
	struct said out, err;
};

/* line: the words after the program's name, parted by single blanks. */
static void parse(const struct cli *cli, const char *line, struct outcome *o)
{
	char copy[256], *argv[WORDS_MAX + 2] = {(char *)cli->program}, *rest = copy, *word;
	int argc = 1;

	*o = (struct outcome){0};
	snprintf(copy, sizeof(copy), "%s", line);
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

/* ---- tests -------------------------------------------------------------------------------- */

static void what_is_good_is_set(void **state)
{
	static const struct {
		const char *line, *log;
	} cases[] = {
		{"a b", "FROM=a;TO=b;"},
		{"a b c", "FROM=a;TO=b;VIA=c;"},
		/* options before, between and after; those come first */
		{"-s 1 a b", "size=1;FROM=a;TO=b;"},
		{"a --size 1 b", "size=1;FROM=a;TO=b;"},
		{"a b --size=1 -q", "size=1;quiet=;FROM=a;TO=b;"},
		{"a -qs1 b --label x", "quiet=;size=1;label=x;FROM=a;TO=b;"},
		{"a b --lab x", "label=x;FROM=a;TO=b;"},
		/* the last one counts: that is for set() to do */
		{"a b -s 1 -s 2", "size=1;size=2;FROM=a;TO=b;"},
		/* a value may look like anything */
		{"a b --size -1", "size=-1;FROM=a;TO=b;"},
		{"a b --label --quiet", "label=--quiet;FROM=a;TO=b;"},
		{"a -- -64", "FROM=a;TO=-64;"},
		{"- b", "FROM=-;TO=b;"},
	};
	struct outcome o;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		parse(&mover, cases[i].line, &o);
		assert_string_equal(o.err.text, "");
		assert_string_equal(o.out.text, "");
		assert_int_equal(o.code, CLI_GO_ON);
		assert_string_equal(o.seen.log, cases[i].log);
	}
}

static void what_is_wrong_is_one_line(void **state)
{
	static const struct {
		const struct cli *cli;
		const char *line, *error;
	} cases[] = {
		{&mover, "", "FROM is missing: the arguments are FROM TO [VIA]; see `move --help`"},
		{&mover, "a -q", "TO is missing: the arguments are FROM TO [VIA]; see `move --help`"},
		{&mover, "a b c d",
		 "'d' is one argument too many: the arguments are FROM TO [VIA]; see `move --help`"},
		{&plain, "-q a", "unexpected argument 'a': see `plain --help`"},
		{&mover, "a bad", "TO: bad"},
		{&mover, "a b -s bad", "size: bad"},
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
	struct outcome o;
	char line[256];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		snprintf(line, sizeof(line), "test: %s\n", cases[i].error);
		parse(cases[i].cli, cases[i].line, &o);
		assert_string_equal(o.err.text, line);
		assert_string_equal(o.out.text, "");
		assert_int_equal(o.code, EXIT_USAGE);
	}
}

static void nothing_is_set_after_an_error(void **state)
{
	struct outcome o;

	(void)state;
	parse(&mover, "a b --bogus -q", &o);
	assert_string_equal(o.seen.log, "");
	parse(&mover, "bad b", &o);
	assert_string_equal(o.seen.log, "");
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
	for (i = 0; i < ARRAY_SIZE(lines); i++) {
		parse(&mover, lines[i], &o);
		assert_int_equal(o.code, EXIT_OK);
		assert_string_equal(o.out.text, help);
		assert_string_equal(o.err.text, "");
	}
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
		 set_label, 'a'},
	};
	const struct cli cli = {
		.program = "wordy", .about = "Talks.", .option = wordy, .option_cnt = 1};
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
	parse(&mover, "a --version", &o);
	assert_int_equal(o.code, EXIT_OK);
	assert_string_equal(o.out.text, "move 1.0\n");
	assert_string_equal(o.err.text, "");
}

/* Each parser prints its line for what is wrong and leaves the value alone. */
static void values_are_strict(void **state)
{
	static const char *const colours[] = {"red", "green"};
	uint64_t size = 7, ns = 7;
	size_t colour = 7;
	unsigned int n = 7;
	struct said err = {0};

	(void)state;
	listen_to(&err, STDERR_FILENO);
	assert_int_equal(cli_uint("--n", "9", 1, 8, &n), -EINVAL);
	assert_int_equal(cli_uint("--n", "4294967297", 1, 8, &n), -EINVAL);
	assert_int_equal(cli_size("--size", "2M", MIB, &size), -EINVAL);
	assert_int_equal(cli_seconds("--time", "1e3", NSEC_PER_MSEC, 10 * NSEC_PER_SEC, &ns), -EINVAL);
	assert_int_equal(cli_choice("--colour", "gren", colours, 2, &colour), -EINVAL);
	assert_int_equal(cli_choice("--colour", "mauve-ish", colours, 2, &colour), -EINVAL);
	assert_int_equal(cli_cpu("--cpu", "x", &n), -EINVAL);
	assert_int_equal(cli_cpu("--cpu", "1023", &n), -EINVAL);
	stop_listening(&err);
	assert_string_equal(err.text,
			    "test: --n '9': give a whole number from 1 to 8\n"
			    "test: --n '4294967297': give a whole number from 1 to 8\n"
			    "test: --size '2M': give bytes from 1 to 1M; 64K, 1M are understood\n"
			    "test: --time '1e3': give seconds from 0.001 to 10; fractions such as 0.5 "
			    "are understood\n"
			    "test: --colour 'gren': did you mean green? Choose one of red, green\n"
			    "test: --colour 'mauve-ish': choose one of red, green\n"
			    "test: --cpu 'x': give CPU numbers, for example 0,2,3\n"
			    "test: --cpu '1023': that CPU may not be used here: see `taskset -pc $$`\n");
	assert_int_equal(n, 7);
	assert_int_equal(size, 7);
	assert_int_equal(ns, 7);
	assert_int_equal(colour, 7);

	assert_int_equal(cli_uint("--n", "8", 1, 8, &n), 0);
	assert_int_equal(n, 8);
	assert_int_equal(cli_size("--size", "64K", MIB, &size), 0);
	assert_int_equal(size, 64 * KIB);
	assert_int_equal(cli_seconds("--time", "0.5", 0, NSEC_PER_SEC, &ns), 0);
	assert_int_equal(ns, NSEC_PER_SEC / 2);
	assert_int_equal(cli_choice("--colour", "green", colours, 2, &colour), 0);
	assert_int_equal(colour, 1);
}

static void a_cpu_of_ours_is_taken(void **state)
{
	_cleanup_free_ char *text = NULL;
	unsigned int cpu = CPU_SETSIZE;
	cpu_set_t allowed;
	int first = 0;

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(allowed), &allowed), 0);
	while (!CPU_ISSET(first, &allowed))
		first++;
	text = xasprintf("%d", first);
	assert_int_equal(cli_cpu("--cpu", text, &cpu), 0);
	assert_int_equal(cpu, first);
}

static int add_item(const char *item, void *ctx)
{
	return note(ctx, "item", item);
}

static void lists_have_no_empty_items(void **state)
{
	static const char *const empty[] = {"", ",", "a,", ",a", "a,,b"};
	struct said err = {0};
	struct seen seen = {0};
	size_t i;

	(void)state;
	listen_to(&err, STDERR_FILENO);
	for (i = 0; i < ARRAY_SIZE(empty); i++)
		assert_int_equal(cli_list("--list", empty[i], add_item, &seen), -EINVAL);
	stop_listening(&err);
	assert_string_equal(err.text, "test: --list '': an item of the list is empty\n"
				      "test: --list ',': an item of the list is empty\n"
				      "test: --list 'a,': an item of the list is empty\n"
				      "test: --list ',a': an item of the list is empty\n"
				      "test: --list 'a,,b': an item of the list is empty\n");
	assert_string_equal(seen.log, "");

	assert_int_equal(cli_list("--list", "a,b", add_item, &seen), 0);
	assert_string_equal(seen.log, "item=a;item=b;");
	listen_to(&err, STDERR_FILENO);
	assert_int_equal(cli_list("--list", "c,bad,d", add_item, &seen), -EINVAL);
	stop_listening(&err);
	assert_string_equal(err.text, "test: item: bad\n");
	assert_string_equal(seen.log, "item=a;item=b;item=c;");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_good_is_set),
		cmocka_unit_test(what_is_wrong_is_one_line),
		cmocka_unit_test(nothing_is_set_after_an_error),
		cmocka_unit_test(help_comes_from_the_tables),
		cmocka_unit_test(long_help_is_wrapped),
		cmocka_unit_test(version_is_told),
		cmocka_unit_test(values_are_strict),
		cmocka_unit_test(a_cpu_of_ours_is_taken),
		cmocka_unit_test(lists_have_no_empty_items),
	};

	log_init("test", LOG_INFO);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
