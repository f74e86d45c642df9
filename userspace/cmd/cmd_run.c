// SPDX-License-Identifier: GPL-2.0-only
/* `copyscope run`: set everything up, run the matrix, write the report, take everything down. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "cmd/cmd.h"
#include "cmd/invoker.h"
#include "cmd/run.h"
#include "cmd/stop.h"
#include "core/cli.h"
#include "core/log.h"
#include "workload/link.h"
#include "workload/sock.h"

static int exit_code_of(int err)
{
	if (err == -EPERM || err == -EACCES || err == -ENOTSUP)
		return EXIT_CANNOT_RUN;
	return EXIT_FAILED;
}

/* ---- where things are -------------------------------------------------------------------- */

/* Beside us in a build tree, in ../libexec/copyscope when installed. */
static int find_workload(const char *name, const char **path, struct run_set *set)
{
	static const char *const places[] = {"%s/%s", "%s/../libexec/copyscope/%s"};
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	size_t i;

	if (n < 0)
		return err_r(-errno, "find my own path");
	self[n] = '\0';
	dirname(self);
	for (i = 0; i < ARRAY_SIZE(places); i++) {
		_cleanup_free_ char *candidate = xasprintf(places[i], self, name);

		/* access() would ask what the real user may, without our capabilities */
		if (!faccessat(AT_FDCWD, candidate, X_OK, AT_EACCESS)) {
			*path = run_set_str(set, candidate);
			return 0;
		}
	}
	return fail_r(-ENOENT, "cannot find the %s program beside %s: run make, or make install", name,
		      self);
}

/* ---- set-up and tear-down ---------------------------------------------------------------- */

static int open_testbed(struct run_context *ctx)
{
	const struct invoker who = invoker_get();
	const struct testbed_user user = {who.uid, who.gid, invoker_become};
	int recovered = testbed_recover(), err;

	if (recovered > 0) {
		log_info("removed what %d earlier run%s left behind", recovered,
			 recovered > 1 ? "s" : "");
		run_set_note(ctx->set, "testbed", "removed what %d killed runs left behind", recovered);
	}
	err = recovered < 0 ? recovered : testbed_up(ctx->set->plan.path, ctx->set->plan.ipv6, &ctx->testbed);
	return err ?: testbed_connect(ctx->testbed, ctx->client_path, &user);
}

static int open_observer(struct run_context *ctx)
{
	const struct observed owner[] = {
		{.label = role_names[ROLE_SERVER], .flow = FLOW_SENDS,
		 .cgroup_id = testbed_cgroup_id(ctx->testbed, ROLE_SERVER)},
		{.label = role_names[ROLE_CLIENT], .flow = FLOW_RECEIVES,
		 .cgroup_id = testbed_cgroup_id(ctx->testbed, ROLE_CLIENT)},
	};
	struct observer_config config = {
		.owner = owner,
		.owner_cnt = ARRAY_SIZE(owner),
		.tier = ctx->options->tier,
		.frequency_hz = ctx->set->plan.frequency_hz,
		.receive_netns = testbed_netns_inode(ctx->testbed, ROLE_CLIENT),
		.full = !strcmp(ctx->set->plan.level, "full"),
		.extras = plan_extras(&ctx->set->plan),
		.cross_check = ctx->options->cross_check,
	};

	return observer_open(&config, ctx->set, &ctx->observer);
}

/* Before the long run. */
static int check_congestion(const struct run_plan *plan)
{
	unsigned int v;
	int err = 0, fd;

	for (v = 0; v <= plan->variant_cnt && !err; v++) {
		const char *name = plan_variant(plan, v).congestion;

		err = name ? sock_with_congestion("0.0.0.0", name, &fd) : 0;
		if (name && !err)
			close(fd);
	}
	return err;
}

static int open_all(struct run_context *ctx)
{
	int err;

	err = check_congestion(&ctx->set->plan);
	err = err ?: find_workload("server", &ctx->server_path, ctx->set);
	err = err ?: find_workload("client", &ctx->client_path, ctx->set);
	err = err ?: open_testbed(ctx);
	return err ?: open_observer(ctx);
}

/* ---- the run ----------------------------------------------------------------------------- */

static void describe_self(struct run_context *ctx, uint64_t started_ns)
{
	struct observer_cost cost = observer_cost(ctx->observer);
	struct rusage self;

	if (cost.first_attach_ns)
		run_set_env(ctx->set, "first_probe_attached_ms", "%.0f",
			    (double)(cost.first_attach_ns - started_ns) / NSEC_PER_MSEC);
	if (cost.attached)
		run_set_env(ctx->set, "probes_attached_times", "%u", cost.attached);
	if (cost.begin_ns)
		run_set_env(ctx->set, "attribution_setup_ms", "%.1f",
			    (double)cost.begin_ns / NSEC_PER_MSEC);
	if (!getrusage(RUSAGE_SELF, &self))
		run_set_env(ctx->set, "profiler_max_rss_bytes", "%llu",
			    (unsigned long long)self.ru_maxrss * KIB);
}

/* Between two hosts; the other end tells with its first pass. */
static void describe_link(struct run_context *ctx)
{
	json_t *facts;

	if (!testbed_is_remote(ctx->testbed, ROLE_CLIENT))
		return;
	facts = link_facts_of(testbed_address(ctx->testbed, ROLE_SERVER));
	environment_of_role(ctx->set, ROLE_SERVER, facts);
	json_decref(facts);
}

/* Returns failed passes, -EINTR (partial), or another -errno: nothing to report. */
static int measure(struct run_context *ctx, uint64_t started_ns)
{
	int failed = open_all(ctx);

	if (!failed) {
		environment_describe(ctx->set);
		describe_link(ctx);
		failed = matrix_run(ctx);
		observer_note_costs(ctx->observer);
		describe_self(ctx, started_ns);
	}
	observer_close(&ctx->observer);
	return failed;
}

static int measure_and_report(struct run_context *ctx, struct output *output, uint64_t started_ns)
{
	int failed = measure(ctx, started_ns);

	testbed_down(&ctx->testbed);
	if (failed == -EINTR && !ctx->set->result_cnt && stop_signal)
		return fail_r(EXIT_FAILED, "interrupted before the first pass was over: nothing to "
					   "report");
	if (failed == -EINTR && !ctx->set->result_cnt) /* the other host is lost, and has been told so */
		return EXIT_FAILED;
	if (failed < 0 && failed != -EINTR)
		return exit_code_of(failed);
	ctx->set->elapsed_ns = monotonic_ns() - started_ns;
	if (output_write(output, ctx->set))
		return EXIT_FAILED;
	return failed ? EXIT_FAILED : EXIT_OK;
}

static void repeat_seed(struct run_set *set)
{
	_cleanup_free_ char *command = xasprintf("%s --seed %u", set->command, set->plan.seed);

	set->command = run_set_str(set, command);
}

static int run(int argc, char **argv, struct run_set *set)
{
	uint64_t started_ns = monotonic_ns();
	struct run_options options;
	struct run_context ctx = {.options = &options, .set = set};
	struct output output = OUTPUT_NONE;
	int code;

	code = run_options_parse(argc, argv, &options, set);
	if (code != CLI_GO_ON)
		return code;
	if (options.verbose)
		log_init("copyscope", LOG_DEBUG);
	if (environment_may_observe(false) || environment_need_files(&set->plan))
		return EXIT_CANNOT_RUN;
	environment_begin(set, "sudo ./profile.sh", argc, argv);
	if (!strstr(set->command, " --seed"))
		repeat_seed(set);
	if (options.without && !options.quiet)
		log_info("without %s", options.without);
	stop_on_signals();
	signal(SIGPIPE, SIG_IGN);
	code = output_open(&options, &output) ? EXIT_FAILED :
						measure_and_report(&ctx, &output, started_ns);
	output_close(&output);
	return code;
}

int cmd_run(int argc, char **argv)
{
	struct run_set *set = run_set_new();
	int code = run(argc, argv, set);

	run_set_free(&set);
	return code;
}
