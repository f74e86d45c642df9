// SPDX-License-Identifier: GPL-2.0-only
/* The options of `copyscope run`: one row each, and the defaults. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "cmd/run.h"
#include "core/cli.h"
#include "core/log.h"
#include "report/report.h"
#include "workload/sock.h"
#include "workload/workload.h"

#define DEFAULT_DURATION_NS  (250 * NSEC_PER_MSEC)
#define DEFAULT_WARMUP_NS (100 * NSEC_PER_MSEC)
#define DEFAULT_REPETITIONS  6 /* fewer name no winner: analysis/verdict.h */
#define DEFAULT_ATTRIBUTIONS 1 /* counts are exact: one says it */
#define DEFAULT_SIZES	     "16K,64K,256K,1M"
#define DEFAULT_THREADS	     "1,2,4,8"
/* More modes than these, and the matrix is a smaller one: about five minutes in all. */
#define FEW_MODES	     4
#define FEWER_SIZES	     "16K,64K,1M"
#define FEWER_THREADS	     "1,4"
#define DEFAULT_FREQUENCY_HZ 199 /* not 200: out of step with the kernel's own timers */
#define REPETITIONS_MAX	     1000

/* What the rows below read into. */
struct parsed {
	struct run_options options;
	struct run_plan plan; /* without modes; its strings point into argv */
	struct mode_choice modes;
	const struct recv_mode *recv;
	enum pattern pattern;
	enum buffers buffers;
	unsigned int level;
	const char *versus;	  /* NULL: not asked for */
	const char *congestion;	  /* names, the plan's own first; NULL: the system's */
	unsigned int beside;	  /* enum beside, bits */
	bool beside_given;
};

const char *const tier_choices[] = {
	[TIER_NONE] = "auto",
	[TIER_FENTRY] = "fentry",
	[TIER_KPROBE] = "kprobe",
	[TIER_TRACEPOINT] = "tracepoint",
};
static const char *const level_names[] = {"light", "full"};

/* ---- lists ------------------------------------------------------------------------------- */

/* Returns list with item at its end, unless it is in there: what is named twice runs once, for a
 * cell's key must be its own. A mode may be run against itself, under a label of its own.
 */
static void *with_item(void *list, size_t *cnt, const void *item, size_t item_bytes)
{
	size_t i;

	for (i = 0; i < *cnt; i++)
		if (!memcmp((char *)list + i * item_bytes, item, item_bytes))
			return list;
	list = xreallocarray(list, *cnt + 1, item_bytes);
	memcpy((char *)list + (*cnt)++ * item_bytes, item, item_bytes);
	return list;
}

static int check_items(const char *option, size_t cnt)
{
	return cnt <= PLAN_ITEMS_MAX ? 0 : fail_r(-EINVAL, "%s: at most %d of them in one run", option,
						  PLAN_ITEMS_MAX);
}

static int add_mode(void *ctx, const char *item)
{
	struct mode_choice *modes = &((struct parsed *)ctx)->modes;

	return mode_choice_add(modes, item) ?: check_items("--mode", modes->cnt);
}

static int add_size(void *ctx, const char *item)
{
	struct run_plan *plan = &((struct parsed *)ctx)->plan;
	uint64_t bytes;

	if (cli_size("--size", item, WORKLOAD_SIZE_MAX_BYTES, &bytes))
		return -EINVAL;
	plan->size_bytes = with_item(plan->size_bytes, &plan->size_cnt, &bytes, sizeof(bytes));
	return check_items("--size", plan->size_cnt);
}

static int add_threads(void *ctx, const char *item)
{
	struct run_plan *plan = &((struct parsed *)ctx)->plan;
	unsigned int threads;

	if (cli_uint("--threads", item, 1, WORKLOAD_THREADS_MAX, &threads))
		return -EINVAL;
	plan->threads = with_item(plan->threads, &plan->thread_cnt, &threads, sizeof(threads));
	return check_items("--threads", plan->thread_cnt);
}

static int check_cpu(void *ctx, const char *item)
{
	unsigned int cpu; /* only looked at: server and client get the list as it was given */

	(void)ctx;
	return cli_cpu("--cpus", item, &cpu);
}

static int check_cpus(const char *arg)
{
	return cli_list("--cpus", arg, check_cpu, NULL);
}

static int set_recv(void *ctx, const char *arg)
{
	const struct recv_mode *mode = recv_mode_parse(arg);

	if (mode)
		((struct parsed *)ctx)->recv = mode;
	return mode ? 0 : -EINVAL;
}

/* ---- words ------------------------------------------------------------------------------- */

static int check_path(const char *arg)
{
	_cleanup_free_ const char **names = NULL;
	const char *near, *argument = NULL;
	size_t i, n = 0, cap = 0;

	if (testbed_path_known(arg))
		return 0;
	for (i = 0; testbed_paths[i]; i++) {
		array_grow(names, n, cap);
		names[n++] = testbed_paths[i]->name;
	}
	near = nearest_name(arg, names, n);
	if (!near)
		return fail_r(-EINVAL, "--path '%s' is unknown: see `copyscope list paths`", arg);
	for (i = 0; i < n; i++)
		if (names[i] == near)
			argument = testbed_paths[i]->argument;
	return fail_r(-EINVAL, "--path '%s': did you mean %s%s%s? See `copyscope list paths`", arg,
		      near, argument ? ":" : "", argument ?: "");
}

static int check_congestion(void *ctx, const char *item)
{
	(void)ctx;
	if (!*item || strlen(item) > 15)
		return fail_r(-EINVAL, "--cc '%s': see sysctl "
				       "net.ipv4.tcp_available_congestion_control", item);
	return 0;
}

static int check_congestions(const char *arg)
{
	return cli_list("--cc", arg, check_congestion, NULL);
}

static int add_beside(void *ctx, const char *item)
{
	struct parsed *p = ctx;

	p->beside_given = true;
	if (!strcmp(item, "cc"))
		p->beside |= BESIDE_CC;
	else if (!strcmp(item, "rr"))
		p->beside |= BESIDE_RR;
	else if (strcmp(item, "none"))
		return fail_r(-EINVAL, "--beside '%s': cc, rr, or none", item);
	return 0;
}

static int check_directory(const char *arg)
{
	struct stat st;

	if (stat(arg, &st))
		return fail_r(-EINVAL, "--file-dir %s: %s", arg, strerror(errno));
	return S_ISDIR(st.st_mode) ? 0 : fail_r(-EINVAL, "--file-dir %s: it is no directory", arg);
}

static int check_out(const char *arg)
{
	return *arg ? 0 : fail_r(-EINVAL, "--out: give a directory");
}

/* ---- the table --------------------------------------------------------------------------- */

static const struct cli_option rows[] = {
	{"mode", "LIST",
	 "send modes; all (default) that take the path, original: A1 to A3; see `copyscope list modes`. A1,A1 holds a mode against itself",
	 CLI_LIST(add_mode), .letter = 'm'},
	{"size", "LIST", "message sizes, with K, M or G; default " DEFAULT_SIZES ", of more than 4 modes " FEWER_SIZES,
	 CLI_LIST(add_size), .letter = 's'},
	{"threads", "LIST", "connections, a thread each at both ends; default " DEFAULT_THREADS ", of more than 4 modes " FEWER_THREADS,
	 CLI_LIST(add_threads), .letter = 't'},
	{"duration", "SECONDS", "length of one pass; default 0.25. The original experiment used 10",
	 CLI_SECONDS(struct parsed, plan.duration_ns, 10 * NSEC_PER_MSEC, 3600 * NSEC_PER_SEC),
	 .letter = 'd'},
	{"warmup", "SECONDS", "the same traffic before each pass, off the record; default 0.1, 0 is none",
	 CLI_SECONDS(struct parsed, plan.warmup_ns, 0, 3600 * NSEC_PER_SEC)},
	{"repeat", "N", "clean passes of each cell; default 6. Fewer name no winner",
	 CLI_UINT(struct parsed, plan.repetitions, 1, REPETITIONS_MAX), .letter = 'r'},
	{"attribution", "N", "attribution passes of each cell; default 1: what they count is exact",
	 CLI_UINT(struct parsed, plan.attributions, 1, REPETITIONS_MAX)},
	{"margin", "PERCENT", "what is no difference to speak of; default 3",
	 CLI_UINT(struct parsed, plan.margin_percent, 1, MARGIN_PERCENT_MAX)},
	{"seed", "N", "the order of passes, to be had again; default: another one each time",
	 CLI_UINT(struct parsed, plan.seed, 1, UINT32_MAX)},
	{"path", "PATH",
	 "veth (default), loopback, routed, nic:IF1,IF2 or ssh:[USER@]HOST[,ADDRESS]: see `copyscope list paths`",
	 CLI_TEXT(struct parsed, plan.path), .check = check_path},
	{"ipv6", NULL, "IPv6 over that path, not IPv4", CLI_FLAG(struct parsed, plan.ipv6), .letter = '6'},
	{"pattern", "stream|rr", "stream (default), or rr: a message for each request",
	 CLI_CHOICE(struct parsed, pattern, pattern_names)},
	{"buffers", BUFFERS_ARGUMENT, BUFFERS_HELP,
	 CLI_CHOICE_OF(struct parsed, buffers, buffers_names, BUFFERS_FILE)},
	{"ring", "N", RING_HELP, CLI_UINT(struct parsed, plan.ring, 1, WORKLOAD_THREADS_MAX)},
	{"recv", "MODE", RECV_HELP, CLI_CALL(set_recv)},
	{"file-dir", "DIR", FILE_DIR_HELP, CLI_TEXT(struct parsed, plan.file_dir), .check = check_directory},
	{"direct", NULL, DIRECT_HELP, CLI_FLAG(struct parsed, plan.direct)},
	{"chunk", "BYTES", CHUNK_HELP, CLI_SIZE(struct parsed, plan.chunk_bytes, WORKLOAD_SIZE_MAX_BYTES)},
	{"pipe", "BYTES", PIPE_HELP, CLI_SIZE(struct parsed, plan.pipe_bytes, PIPE_MAX_BYTES)},
	{"batch", "N", BATCH_HELP, CLI_UINT(struct parsed, plan.batch, 1, BATCH_MAX)},
	{"issue", ISSUE_ARGUMENT, ISSUE_HELP, CLI_CHOICE_OF(struct parsed, plan.issue, issue_names, ISSUE_OTHER)},
	{"tier", "TIER",
	 "how to observe: auto (default, the best that works for each quantity), fentry, kprobe, "
	 "tracepoint", CLI_CHOICE(struct parsed, options.tier, tier_choices)},
	{"level", "light|full",
	 "full adds user stacks of threads off the CPU, and the time spent inside copies where the tier can "
	 "tell; default light",
	 CLI_CHOICE(struct parsed, level, level_names)},
	{"cc", "LIST", "TCP congestion control of the sender; default: the system's. More than one: each cell with each",
	 CLI_TEXT(struct parsed, congestion), .check = check_congestions},
	{"beside", "LIST",
	 "beside the matrix: cc, one cell of it with another congestion control; rr, round trips of one size; or "
	 "none. Default: both (--mode original: cc), if --size, --threads, --pattern and --cc are not given",
	 CLI_LIST(add_beside)},
	{"cpus", "LIST", "pin thread i of either end to the CPU at place i modulo length (0,2,3)",
	 CLI_TEXT(struct parsed, options.cpus), .check = check_cpus},
	{"freq", "HZ", "stack samples per second on a CPU, and a fifth of that of waiting; default 199, 0 takes none",
	 CLI_UINT(struct parsed, plan.frequency_hz, 0, 100000),
	 .want = "samples per second a CPU, 1 to 100000; 0 takes none"},
	{"out", "DIR", "write the report here; default reports/<UTC time>-<host>",
	 CLI_TEXT(struct parsed, options.out_dir), .check = check_out, .letter = 'o'},
	{"format", "LIST", "report formats; default all: see `copyscope list formats`",
	 CLI_TEXT(struct parsed, options.formats), .check = report_check_formats},
	{"cross-check", NULL,
	 "observe by a second tier as well, where there is one, and report where the two disagree",
	 CLI_FLAG(struct parsed, options.cross_check)},
	{"verify", NULL, "check the content of every byte (slower; not for measuring)",
	 CLI_FLAG(struct parsed, plan.verify)},
	{"versus", "MODE,MODE", VERSUS_HELP, CLI_TEXT(struct parsed, versus)},
	{"quiet", NULL, "no progress, only the report's path",
	 CLI_FLAG(struct parsed, options.quiet), .letter = 'q'},
	{"verbose", NULL, "tell what is loaded, attached and why not",
	 CLI_FLAG(struct parsed, options.verbose), .letter = 'v'},
};

static const struct cli run_cli = {
	.program = "copyscope run",
	.about = "Run the same TCP workload in each send mode, once clean and once observed, and "
		 "report where the kernel copied each byte and what it cost.",
	.option = CLI_ROWS(rows),
};

static int check_matrix(const struct run_plan *plan)
{
	size_t passes = plan_pass_cnt(plan);

	if (passes <= RESULTS_MAX)
		return CLI_GO_ON;
	log_error("%zu passes, more than %d: choose fewer sizes, threads or repetitions", passes,
		  RESULTS_MAX);
	return EXIT_USAGE;
}

/* The set keeps the plan, with strings of its own. */
static void keep_plan(struct parsed *p, struct run_set *set)
{
	struct run_plan *plan = &p->plan;

	plan->path = run_set_str(set, plan->path);
	plan->receive = p->recv == recv_modes[0] ? NULL : run_set_str(set, p->recv->name);
	plan->receive_way = p->recv->way;
	plan->file_dir = run_set_str(set, plan->file_dir);
	plan->pattern = run_set_str(set, pattern_names[p->pattern]);
	plan->tier = run_set_str(set, tier_choices[p->options.tier]);
	plan->level = run_set_str(set, level_names[p->level]);
	mode_choice_keep(&p->modes, p->buffers, plan, set);
	set->plan = *plan;
}

static int keep_congestion(void *ctx, const char *item)
{
	struct run_set *set = ctx;
	const struct run_plan *plan = &set->plan;
	const char *name = run_set_str(set, item);
	unsigned int i;

	for (i = 0; i <= plan->variant_cnt; i++)
		if (plan_variant(plan, i).congestion == name)
			return 0; /* as with modes, sizes, threads */
	if (plan->congestion)
		return beside_add_variant(set, &(struct run_variant){.pattern = plan->pattern, .congestion = name});
	set->plan.congestion = name;
	return 0;
}

/* The system's congestion control by its name, so that it is known what a pass was run with. */
static int keep_variants(const struct parsed *p, struct run_set *set)
{
	_cleanup_free_ char *system = sock_default_congestion();
	const char *names = p->congestion ?: plan_has(&set->plan, TRANSPORT_TCP) ? system : NULL;
	int err = plan_combines(&set->plan, p->congestion || (p->beside_given && p->beside & BESIDE_CC));

	if (!err && names)
		err = cli_list("--cc", names, keep_congestion, set);
	beside_add(names ? p->beside : p->beside & ~(unsigned int)BESIDE_CC, set);
	return err ? EXIT_USAGE : CLI_GO_ON;
}

int run_options_parse(int argc, char **argv, struct run_options *options, struct run_set *set)
{
	struct parsed p = {.recv = recv_modes[0],
			   .plan = {.path = "veth",
				    .duration_ns = DEFAULT_DURATION_NS,
				    .warmup_ns = DEFAULT_WARMUP_NS,
				    .repetitions = DEFAULT_REPETITIONS,
				    .attributions = DEFAULT_ATTRIBUTIONS,
				    .margin_percent = MARGIN_PERCENT,
				    .seed = 1 + (uint32_t)time(NULL) % INT32_MAX,
				    .frequency_hz = DEFAULT_FREQUENCY_HZ}};
	int code = cli_parse(&run_cli, argc, argv, &p);

	if (!p.beside_given && !p.plan.size_cnt && !p.plan.thread_cnt && !p.congestion && p.pattern == PATTERN_STREAM)
		p.beside = BESIDE_CC | (p.modes.original ? 0 : BESIDE_RR); /* which it did not have */
	if (code == CLI_GO_ON && !p.modes.cnt)
		add_mode(&p, "all");
	mode_choice_fit(&p.modes, p.recv, testbed_path_find(p.plan.path)->remote);
	if (!p.plan.size_cnt)
		cli_list("--size", p.modes.cnt > FEW_MODES ? FEWER_SIZES : DEFAULT_SIZES, add_size, &p);
	if (!p.plan.thread_cnt)
		cli_list("--threads", p.modes.cnt > FEW_MODES ? FEWER_THREADS : DEFAULT_THREADS, add_threads, &p);
	keep_plan(&p, set);
	if (code == CLI_GO_ON && p.versus)
		code = versus_parse(p.versus, set);
	if (code == CLI_GO_ON)
		p.options.without = mode_choice_note(&p.modes, set);
	if (code == CLI_GO_ON)
		code = keep_variants(&p, set);
	if (code == CLI_GO_ON)
		code = check_matrix(&set->plan);
	if (code == CLI_GO_ON)
		code = recv_mode_check(p.recv, p.plan.verify);
	mode_choice_free(&p.modes);
	*options = p.options;
	return code;
}
