// SPDX-License-Identifier: GPL-2.0-only
/* `copyscope attach`: observe programs that run, or one that is started, and answer what is asked about copying. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "cmd/attach.h"
#include "cmd/cmd.h"
#include "cmd/exporter.h"
#include "cmd/invoker.h"
#include "cmd/run.h"
#include "cmd/stop.h"
#include "core/cli.h"
#include "core/log.h"
#include "report/attach_by.h"

/* A stack costs 10 to 20 us: so many take less than a percent of what is observed. */
#define DEFAULT_FREQUENCY_HZ 99

static const char *const format_names[] = {[FORMAT_TEXT] = "text", [FORMAT_JSON] = "json", [FORMAT_JSONL] = "jsonl", [FORMAT_CSV] = "csv"};
static_assert_complete(format_names, FORMAT_MAX_);

static int ask(struct attach_options *o, int (*add)(struct attach_targets *t, const char *text), const char *text)
{
	array_grow(o->asked, o->asked_cnt, o->asked_cap);
	o->asked[o->asked_cnt++] = (struct asked){add, text};
	return 0;
}

static int set_pid(void *ctx, const char *arg)
{
	if (!*arg || arg[strspn(arg, "0123456789,")])
		return fail_r(-EINVAL, "--pid '%s' is not the number of a process, or several with commas: pidof NAME tells", arg);
	return ask(ctx, target_add_pids, arg);
}

/* `-p $(pidof nginx)` gives several words. */
static int set_further_pid(void *ctx, const char *arg)
{
	struct attach_options *o = ctx;
	uint64_t pid;

	if (!o->asked_cnt || parse_u64(arg, 1, INT32_MAX, &pid))
		return fail_r(-EINVAL, "'%s' belongs to no option: -p takes processes, and a command stands behind --", arg);
	return ask(o, target_add_further_pid, arg);
}

static int set_cgroup(void *ctx, const char *arg)
{
	return ask(ctx, target_add_cgroup, arg);
}

static int set_container(void *ctx, const char *arg)
{
	return ask(ctx, target_add_container, arg);
}

static const struct cli_option arguments[] = {{.name = "[PID...]", CLI_CALL(set_further_pid)}};

static const struct cli_option rows[] = {
	{"pid", "PID[,PID]", "these processes, all their threads and the children they have or get; once more for another account",
	 CLI_CALL(set_pid), .letter = 'p'},
	{"cgroup", "PATH", "all below this cgroup (v2), by its path below /sys/fs/cgroup: /system.slice/redis.service",
	 CLI_CALL(set_cgroup)},
	{"container", "ID", "a container of docker, containerd, CRI-O or podman, by its id or the beginning of it",
	 CLI_CALL(set_container)},
	{"all", NULL, "every program that sends or receives, by its name", CLI_FLAG(struct attach_options, everyone), .letter = 'a'},
	{"duration", "SECONDS", "for so long; default: until Ctrl-C, or until all that was named has ended",
	 CLI_SECONDS(struct attach_options, duration_ns, NSEC_PER_SEC / 10, MAX_DURATION_NS), .letter = 'd'},
	{"interval", "SECONDS", "a line of what was moved each time so long has gone by",
	 CLI_SECONDS(struct attach_options, interval_ns, NSEC_PER_SEC / 10, MAX_DURATION_NS), .letter = 'i'},
	{"top", NULL, "a live screen instead of lines, of a terminal; q ends it, p pauses, s sorts",
	 CLI_FLAG(struct attach_options, top)},
	{"format", "FORMAT", "text; json: as results.json of `copyscope run`; jsonl: the same, a line an interval; csv: a row an "
	 "interval and owner",
	 CLI_CHOICE(struct attach_options, format, format_names), .letter = 'f'},
	{"out", "FILE", "write there, as the user behind sudo; default: stdout, or stderr with a command",
	 CLI_TEXT(struct attach_options, out), .letter = 'o'},
	{"report", "DIR", "write a report there, too: the answers and flamegraphs as a page, stacks for other tools, results.json",
	 CLI_TEXT(struct attach_options, report)},
	{"prometheus", "ADDR:PORT", "answer scrapes of http://ADDR:PORT/metrics meanwhile; of PORT alone at 127.0.0.1",
	 CLI_TEXT(struct attach_options, prometheus)},
	{"prometheus-textfile", "FILE", "write the same there for node_exporter, each interval or at the end, in one step",
	 CLI_TEXT(struct attach_options, textfile)},
	{"pprof", "FILE", "write the stacks so far there for pprof, each interval and at the end, in one step",
	 CLI_TEXT(struct attach_options, pprof)},
	{"by", "TABLE", "text: instead of the answers one table of all: process, cgroup, way, socket, reason",
	 CLI_CHOICE(struct attach_options, by, attach_by_names)},
	{"number", "N", "text: the answers, or rows, of so many, those that moved most bytes; default 3, or 20",
	 CLI_UINT(struct attach_options, number, 1, 10000), .letter = 'n'},
	{"freq", "HZ", "CPU samples a second and CPU, at most; default 99; 0: none",
	 CLI_UINT(struct attach_options, frequency_hz, 0, 100000)},
	{"margin", "PERCENT", "what is not worth speaking of; default 3",
	 CLI_UINT(struct attach_options, margin_percent, 1, MARGIN_PERCENT_MAX)},
	{"tier", "TIER", "observe by this kind of probe only: fentry, kprobe, tracepoint; default auto",
	 CLI_CHOICE(struct attach_options, tier, tier_choices)},
	{"remote", NULL, "copyscope runs on another host: obey it on standard input, answer on standard output",
	 CLI_FLAG(struct attach_options, remote)},
	{"quiet", NULL, "no words but the result", CLI_FLAG(struct attach_options, quiet), .letter = 'q'},
	{"verbose", NULL, "say more", CLI_FLAG(struct attach_options, verbose), .letter = 'v'},
};

static void print_notes(void)
{
	puts("\n  -- CMD [ARG...]       start a command and observe it to its end; its exit status is ours, its stdout untouched\n"
	     "\nExamples:\n"
	     "  sudo copyscope attach -p $(pidof nginx)\n"
	     "  sudo copyscope attach --cgroup /system.slice/redis.service -i 1\n"
	     "  sudo copyscope attach -a -d 10\n"
	     "  sudo copyscope attach -- iperf3 -c 10.0.0.1 -Z");
}

static const struct cli attach_cli = {
	.program = "copyscope attach",
	.about = "Did zero-copy happen in a program, if not why, what did copying cost, would zero-copy pay? Observes programs that "
		 "run, or one that it starts, and changes nothing.",
	.positional = CLI_ROWS(arguments),
	.option = CLI_ROWS(rows),
	.notes = print_notes,
};

/* What stands behind "--" is the command's. */
static int split_command(int argc, char **argv, struct attach_options *o)
{
	int i;

	for (i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--"))
			continue;
		o->command = argv + i + 1;
		return i;
	}
	return argc;
}

/* Whether any of what was asked for is a cgroup, or is a process. */
static bool asks_for(const struct attach_options *o, bool cgroups)
{
	bool any = !cgroups && (o->everyone || o->command);
	size_t i;

	for (i = 0; i < o->asked_cnt; i++)
		any |= cgroups == (o->asked[i].add == target_add_cgroup || o->asked[i].add == target_add_container);
	return any;
}

/* What a table cannot show. */
static int check_by(const struct attach_options *o)
{
	const char *name = attach_by_names[o->by];

	if (!o->by)
		return 0;
	if (o->format != FORMAT_TEXT)
		return fail_r(-EINVAL, "--by is of the text: in --format %s there is all", format_names[o->format]);
	if (!attach_by_interval(o->by) && (o->interval_ns || o->top))
		return fail_r(-EINVAL, "--by %s is told at the end only: not with -i or --top, which have process, cgroup and way", name);
	if (o->by == BY_CGROUP && !asks_for(o, true))
		return fail_r(-EINVAL, "--by cgroup is of those that are named: by --cgroup PATH or --container ID, each of them");
	if (o->by == BY_PROCESS && !asks_for(o, false))
		return fail_r(-EINVAL, "--by process: of a cgroup all is counted together: -a tells programs apart, -p processes");
	return 0;
}

static int parse(int argc, char **argv, struct attach_options *o)
{
	int code = cli_parse(&attach_cli, split_command(argc, argv, o), argv, o);

	if (code != CLI_GO_ON)
		return code;
	if (o->command && !o->command[0])
		return fail_r(EXIT_USAGE, "there is no command behind --: see `copyscope attach --help`");
	if (!o->command && !o->asked_cnt && !o->everyone)
		return fail_r(EXIT_USAGE, "observe what? Give -p PID, --cgroup PATH, --container ID, -a, or a command behind --: "
					  "see `copyscope attach --help`");
	if (!!o->command + !!o->asked_cnt + o->everyone > 1)
		return fail_r(EXIT_USAGE, "a command, what runs already, or all (-a): one of them");
	if (check_by(o))
		return EXIT_USAGE;
	if (o->pprof && !o->frequency_hz)
		return fail_r(EXIT_USAGE, "--pprof is of samples: not with --freq 0");
	if (o->remote && (o->asked_cnt != 1 || asks_for(o, true) || o->top || o->interval_ns || o->format != FORMAT_TEXT || o->out))
		return fail_r(EXIT_USAGE, "--remote is for copyscope's own use, with -p alone");
	if (o->top && o->command)
		return fail_r(EXIT_USAGE, "--top and a command cannot share a terminal: start it elsewhere, and give -p");
	return CLI_GO_ON;
}

/* ---- the result --------------------------------------------------------------------------- */

void attach_plan(struct run_set *set, const struct attach_options *o)
{
	static const struct mode_traits promises_nothing = {
		.way = WAY_OTHER, .buffers = BUFFERS_OTHER, .transport = TRANSPORT_OTHER};
	struct run_plan *plan = &set->plan;

	plan->attached = true;
	plan->mode = xcalloc(1, sizeof(*plan->mode));
	plan->mode[plan->mode_cnt++] = (struct mode_info){
		.name = run_set_str(set, "attach"), .title = run_set_str(set, "as it ran"),
		.help = run_set_str(set, "a program, or several, of which copyscope knows nothing"), .traits = promises_nothing};
	plan->repetitions = 1;
	plan->frequency_hz = o->frequency_hz;
	plan->margin_percent = o->margin_percent;
	plan->tier = run_set_str(set, tier_choices[o->tier]);
	plan->level = run_set_str(set, "light");
}

static int open_out(struct attach *a)
{
	int fd;

	a->out = a->options->command ? stderr : stdout;
	if (!a->options->out)
		return 0;
	fd = invoker_open(a->options->out);
	if (fd < 0)
		return fd;
	a->out = fdopen(fd, "w");
	return a->out ? 0 : err_r(-errno, "open %s", a->options->out);
}

/* Before a long observation. */
static int find_places(const struct attach_options *o)
{
	int err = o->report ? attach_report_place(o->report) : 0;

	if (!err && o->textfile)
		err = invoker_replace(o->textfile, NULL, 0);
	if (!err && o->pprof)
		err = invoker_replace(o->pprof, NULL, 0);
	return err;
}

static int exit_code_of(int err)
{
	return err == -EPERM || err == -EACCES || err == -ENOTSUP ? EXIT_CANNOT_RUN : EXIT_FAILED;
}

static int observe_and_tell(struct attach *a)
{
	int code = EXIT_OK, err;

	err = attach_observe(a);
	observer_close(&a->observer);
	if (err > 0)
		return err; /* of a command that cannot be executed */
	if (!err && !a->options->remote)
		err = attach_tell_end(a);
	if (a->command.runs && stop_signal && stop_signal != SIGINT) /* which a terminal sends to both */
		kill(a->command.pid, stop_signal);
	if (a->command.runs)
		code = command_wait(&a->command);
	return err ? exit_code_of(err) : code;
}

static int find_targets(struct attach_options *o)
{
	int err = 0;
	size_t i;

	for (i = 0; i < o->asked_cnt && !err; i++)
		err = o->asked[i].add(&o->targets, o->asked[i].text);
	return err;
}

static int attach(struct attach *a, int argc, char **argv)
{
	int err;

	if (environment_may_observe(true) || environment_need_files(NULL))
		return EXIT_CANNOT_RUN;
	err = find_targets(a->options);
	if (err)
		return err == -EINVAL ? EXIT_USAGE : exit_code_of(err);
	stop_on_signals();
	if (open_out(a) || find_places(a->options))
		return EXIT_FAILED;
	if (a->options->prometheus && (a->scrapes_fd = exporter_listen(a->options->prometheus)) < 0)
		return a->scrapes_fd == -EINVAL ? EXIT_USAGE : EXIT_FAILED;
	if (a->options->command) {
		if (command_start(a->options->command, &a->command))
			return EXIT_FAILED;
		err = target_add_command(&a->options->targets, a->options->command[0], a->command.pid);
		if (err)
			return exit_code_of(err);
	}
	attach_plan(a->set, a->options);
	environment_begin(a->set, "sudo copyscope attach", argc, argv);
	environment_describe(a->set);
	return observe_and_tell(a);
}

int cmd_attach(int argc, char **argv)
{
	struct attach_options options = {.frequency_hz = DEFAULT_FREQUENCY_HZ};
	struct attach a = {.options = &options, .set = run_set_new(), .command = COMMAND_NONE, .scrapes_fd = -1};
	int code = parse(argc, argv, &options);

	if (code == CLI_GO_ON) {
		if (options.verbose)
			log_init("copyscope", LOG_DEBUG);
		code = attach(&a, argc, argv);
	}
	command_close(&a.command);
	if (a.scrapes_fd >= 0)
		close(a.scrapes_fd);
	while (a.end_cnt)
		close(a.end_fd[--a.end_cnt]);
	free(a.end_fd);
	if (a.out && a.out != stdout && a.out != stderr)
		fclose(a.out);
	targets_free(&options.targets);
	free(options.asked);
	run_set_free(&a.told);
	run_set_free(&a.set);
	return code;
}
