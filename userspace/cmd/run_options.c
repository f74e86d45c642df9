// SPDX-License-Identifier: GPL-2.0-only
/* The options of `copyscope run`: one row each, and the defaults. */
#include <errno.h>
#include <string.h>

#include "cmd/run.h"
#include "core/cli.h"
#include "core/log.h"
#include "report/report.h"
#include "workload/workload.h"

#define DEFAULT_DURATION_NS  (400 * NSEC_PER_MSEC)
#define DEFAULT_REPETITIONS  3
#define DEFAULT_FREQUENCY_HZ 499 /* not 500: out of step with the kernel's own timers */
#define FREQUENCY_MAX_HZ     100000
#define REPETITIONS_MAX	     1000

static const char *const default_modes[] = {"A1", "A2", "A3"};
static const uint64_t default_sizes_bytes[] = {16 * KIB, 64 * KIB, 256 * KIB, 1 * MIB};
static const unsigned int default_threads[] = {1, 2, 4, 8};

struct parser {
	struct run_options *options;
	struct run_set *set;
};

/* ---- lists ------------------------------------------------------------------------------- */

static void add_mode(struct run_set *set, const struct send_mode *mode)
{
	struct run_plan *plan = &set->plan;
	size_t i;

	for (i = 0; i < plan->mode_cnt; i++)
		if (!strcmp(plan->mode[i].name, mode->name))
			return; /* named twice: run once */
	plan->mode = xreallocarray(plan->mode, plan->mode_cnt + 1, sizeof(*plan->mode));
	plan->mode[plan->mode_cnt++] = (struct mode_info){
		.name = run_set_str(set, mode->name),
		.title = run_set_str(set, mode->title),
		.help = run_set_str(set, mode->help),
		.traits = mode->traits,
	};
}

static int unknown_mode(const char *word)
{
	_cleanup_free_ char *list = send_mode_list();
	const char *near = send_mode_nearest(word);

	if (near)
		return fail_r(-EINVAL, "unknown mode '%s': did you mean %s? Modes are all, %s", word,
			      near, list);
	return fail_r(-EINVAL, "unknown mode '%s': modes are all, %s", word, list);
}

static int mode_item(const char *item, void *arg)
{
	struct parser *p = arg;
	const struct send_mode *mode = send_mode_find(item);
	size_t i;

	if (!strcmp(item, "all")) {
		for (i = 0; i < send_mode_cnt; i++)
			add_mode(p->set, send_modes[i]);
		return 0;
	}
	if (!mode)
		return unknown_mode(item);
	add_mode(p->set, mode);
	return 0;
}

/* Like a mode, a size or thread count named twice runs once: a cell's key must be its own. */
static void add_size(struct run_plan *plan, uint64_t bytes)
{
	size_t i;

	for (i = 0; i < plan->size_cnt; i++)
		if (plan->size_bytes[i] == bytes)
			return;
	plan->size_bytes = xreallocarray(plan->size_bytes, plan->size_cnt + 1,
					 sizeof(*plan->size_bytes));
	plan->size_bytes[plan->size_cnt++] = bytes;
}

static int size_item(const char *item, void *arg)
{
	struct parser *p = arg;
	uint64_t bytes;

	if (cli_size("--size", item, WORKLOAD_SIZE_MAX_BYTES, &bytes))
		return -EINVAL;
	add_size(&p->set->plan, bytes);
	return 0;
}

static void add_threads(struct run_plan *plan, unsigned int threads)
{
	size_t i;

	for (i = 0; i < plan->thread_cnt; i++)
		if (plan->threads[i] == threads)
			return;
	plan->threads = xreallocarray(plan->threads, plan->thread_cnt + 1, sizeof(*plan->threads));
	plan->threads[plan->thread_cnt++] = threads;
}

static int threads_item(const char *item, void *arg)
{
	struct parser *p = arg;
	unsigned int threads;

	if (cli_uint("--threads", item, 1, WORKLOAD_THREADS_MAX, &threads))
		return -EINVAL;
	add_threads(&p->set->plan, threads);
	return 0;
}

static int set_mode(void *ctx, const char *arg)
{
	return cli_list("--mode", arg, mode_item, ctx);
}

static int set_size(void *ctx, const char *arg)
{
	return cli_list("--size", arg, size_item, ctx);
}

static int set_threads(void *ctx, const char *arg)
{
	return cli_list("--threads", arg, threads_item, ctx);
}

static int cpu_item(const char *item, void *arg)
{
	unsigned int cpu; /* only looked at: server and client get the list as it was given */

	(void)arg;
	return cli_cpu("--cpus", item, &cpu);
}

static int set_cpus(void *ctx, const char *arg)
{
	struct parser *p = ctx;

	p->options->cpus = run_set_str(p->set, arg);
	return cli_list("--cpus", arg, cpu_item, ctx);
}

/* ---- numbers ----------------------------------------------------------------------------- */

static int set_duration(void *ctx, const char *arg)
{
	struct parser *p = ctx;

	return cli_seconds("--duration", arg, 10 * NSEC_PER_MSEC, 3600 * NSEC_PER_SEC,
			   &p->set->plan.duration_ns);
}

static int set_repeat(void *ctx, const char *arg)
{
	struct parser *p = ctx;

	return cli_uint("--repeat", arg, 1, REPETITIONS_MAX, &p->set->plan.repetitions);
}

static int set_frequency(void *ctx, const char *arg)
{
	struct parser *p = ctx;
	uint64_t hz;

	if (parse_u64(arg, 0, FREQUENCY_MAX_HZ, &hz))
		return fail_r(-EINVAL, "--freq '%s': give samples per second a CPU, 1 to %d; 0 takes "
				       "none", arg, FREQUENCY_MAX_HZ);
	p->set->plan.frequency_hz = (unsigned int)hz;
	return 0;
}

/* ---- words ------------------------------------------------------------------------------- */

static int choose(struct run_set *set, const char *option, const char *arg,
		  const char *const *names, size_t n, const char **out)
{
	size_t i;
	int err = cli_choice(option, arg, names, n, &i);

	if (!err)
		*out = run_set_str(set, arg);
	return err;
}

static int unknown_path(const char *arg)
{
	_cleanup_free_ const char **names = NULL;
	const char *near, *argument = NULL;
	size_t i, n = 0;

	for (i = 0; testbed_paths[i]; i++) {
		names = xreallocarray(names, n + 1, sizeof(*names));
		names[n++] = testbed_paths[i]->name;
	}
	near = nearest_name(arg, names, n);
	if (!near)
		return fail_r(-EINVAL, "--path '%s' is unknown: see `copyscope list paths`", arg);
	for (i = 0; i < n; i++)
		if (names[i] == near)
			argument = testbed_paths[i]->argument;
	return fail_r(-EINVAL, "--path '%s': did you mean %s%s%s? See `copyscope list paths`", arg, near,
		      argument ? ":" : "", argument ? argument : "");
}

static int set_path(void *ctx, const char *arg)
{
	struct parser *p = ctx;

	if (!testbed_path_known(arg))
		return unknown_path(arg);
	p->set->plan.path = run_set_str(p->set, arg);
	return 0;
}

static int set_pattern(void *ctx, const char *arg)
{
	struct parser *p = ctx;

	return choose(p->set, "--pattern", arg, pattern_names, PATTERN_MAX_, &p->set->plan.pattern);
}

int tier_option_parse(const char *arg, enum tier *tier)
{
	static const enum tier tiers[] = {TIER_NONE, TIER_FENTRY, TIER_KPROBE, TIER_TRACEPOINT};
	const char *names[ARRAY_SIZE(tiers)];
	size_t i;
	int err;

	for (i = 0; i < ARRAY_SIZE(tiers); i++)
		names[i] = tiers[i] == TIER_NONE ? "auto" : tier_names[tiers[i]];
	err = cli_choice("--tier", arg, names, ARRAY_SIZE(names), &i);
	if (!err)
		*tier = tiers[i];
	return err;
}

static int set_tier(void *ctx, const char *arg)
{
	struct parser *p = ctx;
	int err = tier_option_parse(arg, &p->options->tier);

	if (!err)
		p->set->plan.tier = run_set_str(p->set, arg);
	return err;
}

static int set_level(void *ctx, const char *arg)
{
	static const char *const names[] = {"light", "full"};
	struct parser *p = ctx;

	return choose(p->set, "--level", arg, names, ARRAY_SIZE(names), &p->set->plan.level);
}

static int set_cc(void *ctx, const char *arg)
{
	struct parser *p = ctx;

	if (!*arg || strlen(arg) > 15)
		return fail_r(-EINVAL, "--cc '%s': see sysctl "
				       "net.ipv4.tcp_available_congestion_control", arg);
	p->set->plan.congestion = run_set_str(p->set, arg);
	return 0;
}

static int set_out(void *ctx, const char *arg)
{
	struct parser *p = ctx;

	if (!*arg)
		return fail_r(-EINVAL, "--out: give a directory");
	p->options->out_dir = run_set_str(p->set, arg);
	return 0;
}

static int set_format(void *ctx, const char *arg)
{
	struct parser *p = ctx;

	p->options->formats = run_set_str(p->set, arg);
	return report_check_formats(arg);
}

static int set_quiet(void *ctx, const char *arg)
{
	(void)arg;
	((struct parser *)ctx)->options->quiet = true;
	return 0;
}

static int set_verbose(void *ctx, const char *arg)
{
	(void)arg;
	((struct parser *)ctx)->options->verbose = true;
	return 0;
}

static int set_cross_check(void *ctx, const char *arg)
{
	(void)arg;
	((struct parser *)ctx)->options->cross_check = true;
	return 0;
}

static int set_verify(void *ctx, const char *arg)
{
	(void)arg;
	((struct parser *)ctx)->set->plan.verify = true;
	return 0;
}

/* ---- the table --------------------------------------------------------------------------- */

static const struct cli_option rows[] = {
	{"mode", "LIST", "send modes, or all (default): see `copyscope list modes`", set_mode, 'm'},
	{"size", "LIST", "message sizes, with K, M or G; default 16K,64K,256K,1M", set_size, 's'},
	{"threads", "LIST", "connections, a thread each at both ends; default 1,2,4,8", set_threads, 't'},
	{"duration", "SECONDS",
	 "length of one pass; default 0.4. The original experiment used 10", set_duration, 'd'},
	{"repeat", "N", "repetitions of each cell; default 3. One shows no spread", set_repeat, 'r'},
	{"path", "PATH", "veth (default), loopback, routed or nic:IF1,IF2: see `copyscope list paths`",
	 set_path, 0},
	{"pattern", "stream|rr", "stream (default), or rr: a message for each request", set_pattern, 0},
	{"tier", "TIER",
	 "how to observe: auto (default, the best that works for each quantity), fentry, kprobe, "
	 "tracepoint", set_tier, 0},
	{"level", "light|full",
	 "full adds user stacks of waiting threads, stacks of preempted ones, and the time spent "
	 "inside copies where the tier can tell; default light", set_level, 0},
	{"cc", "NAME", "TCP congestion control of the workload; default: the system's", set_cc, 0},
	{"cpus", "LIST", "pin thread i of either end to the CPU at place i modulo length (0,2,3)",
	 set_cpus, 0},
	{"freq", "HZ", "CPU stack samples per second; default 499, 0 takes none", set_frequency, 0},
	{"out", "DIR", "write the report here; default reports/<UTC time>-<host>", set_out, 'o'},
	{"format", "LIST", "report formats; default all: see `copyscope list formats`", set_format, 0},
	{"cross-check", NULL,
	 "observe by a second tier as well, where there is one, and report where the two disagree",
	 set_cross_check, 0},
	{"verify", NULL, "check the content of every byte (slower; not for measuring)", set_verify, 0},
	{"quiet", NULL, "no progress, only the report's path", set_quiet, 'q'},
	{"verbose", NULL, "tell what is loaded, attached and why not", set_verbose, 'v'},
};

static const struct cli run_cli = {
	.program = "copyscope run",
	.about = "Run the same TCP workload in each send mode, once clean and once observed, and report "
		 "where the kernel copied each byte and what it cost.",
	.option = rows,
	.option_cnt = ARRAY_SIZE(rows),
};

static void fill_defaults(struct run_set *set)
{
	struct run_plan *plan = &set->plan;
	size_t i;

	if (!plan->mode_cnt)
		for (i = 0; i < ARRAY_SIZE(default_modes); i++)
			add_mode(set, send_mode_find(default_modes[i]));
	if (!plan->size_cnt)
		for (i = 0; i < ARRAY_SIZE(default_sizes_bytes); i++)
			add_size(plan, default_sizes_bytes[i]);
	if (!plan->thread_cnt)
		for (i = 0; i < ARRAY_SIZE(default_threads); i++)
			add_threads(plan, default_threads[i]);
}

int run_options_parse(int argc, char **argv, struct run_options *options, struct run_set *set)
{
	struct parser p = {.options = options, .set = set};
	struct run_plan *plan = &set->plan;
	int code;

	*options = (struct run_options){.tier = TIER_NONE};
	plan->duration_ns = DEFAULT_DURATION_NS;
	plan->repetitions = DEFAULT_REPETITIONS;
	plan->frequency_hz = DEFAULT_FREQUENCY_HZ;
	plan->path = run_set_str(set, "veth");
	plan->pattern = run_set_str(set, pattern_names[PATTERN_STREAM]);
	plan->tier = run_set_str(set, "auto");
	plan->level = run_set_str(set, "light");
	code = cli_parse(&run_cli, argc, argv, &p);
	if (code == CLI_GO_ON)
		fill_defaults(set);
	return code;
}
