// SPDX-License-Identifier: GPL-2.0-only
/* What the command lines of server and client share. */
#include "workload/options.h"

#include <errno.h>
#include <fcntl.h>

#include "core/log.h"

#define SOCKET_BUFFER_MAX_BYTES (GIB / 2)

_Static_assert(!offsetof(struct server_options, common),
	       "shared rows set it through either struct");
_Static_assert(!offsetof(struct client_options, common),
	       "shared rows set it through either struct");

static int set_json(void *ctx, const char *arg)
{
	(void)arg;
	((struct workload_options *)ctx)->json = true;
	return 0;
}

static int set_verify(void *ctx, const char *arg)
{
	(void)arg;
	((struct workload_options *)ctx)->verify = true;
	return 0;
}

static int set_pattern(void *ctx, const char *arg)
{
	size_t pattern;
	int err = cli_choice("--pattern", arg, pattern_names, PATTERN_MAX_, &pattern);

	if (!err)
		((struct workload_options *)ctx)->pattern = (enum pattern)pattern;
	return err;
}

static int set_cc(void *ctx, const char *arg)
{
	((struct workload_options *)ctx)->cc = arg;
	return 0;
}

static int set_sndbuf(void *ctx, const char *arg)
{
	struct workload_options *o = ctx;

	return cli_size("--sndbuf", arg, SOCKET_BUFFER_MAX_BYTES, &o->sndbuf_bytes);
}

static int set_rcvbuf(void *ctx, const char *arg)
{
	struct workload_options *o = ctx;

	return cli_size("--rcvbuf", arg, SOCKET_BUFFER_MAX_BYTES, &o->rcvbuf_bytes);
}

static int add_cpu(const char *item, void *ctx)
{
	struct workload_options *o = ctx;

	array_grow(o->cpu, o->cpu_cnt, o->cpu_cap);
	if (cli_cpu("--cpus", item, &o->cpu[o->cpu_cnt]))
		return -EINVAL;
	o->cpu_cnt++;
	return 0;
}

static int set_cpus(void *ctx, const char *arg)
{
	((struct workload_options *)ctx)->cpu_cnt = 0;
	return cli_list("--cpus", arg, add_cpu, ctx);
}

static int set_control(void *ctx, const char *arg)
{
	unsigned int fd;

	if (cli_uint("--control", arg, 0, INT32_MAX, &fd))
		return -EINVAL;
	if (fcntl((int)fd, F_SETFD, FD_CLOEXEC))
		return fail_r(-EINVAL, "--control %s: no such file descriptor; copyscope passes it",
			      arg);
	((struct workload_options *)ctx)->control_fd = (int)fd;
	return 0;
}

static const struct cli_option rows[] = {
	{"json", NULL, "print the result as a JSON object on standard output", set_json, 0},
	{"verify", NULL, "fill and check every byte (give it to both sides)", set_verify, 0},
	{"pattern", "stream|rr",
	 "stream (default), or rr: one message for each 8-byte request (give it to both sides)",
	 set_pattern, 0},
	{"cc", "NAME", "TCP congestion control", set_cc, 0},
	{"sndbuf", "BYTES", "SO_SNDBUF", set_sndbuf, 0},
	{"rcvbuf", "BYTES", "SO_RCVBUF", set_rcvbuf, 0},
	{"cpus", "LIST", "run thread i on the CPU at place i modulo length (0,2,3)", set_cpus, 0},
	{"control", "FD", "report to copyscope over this inherited socket", set_control, 0},
};

int workload_set_size(void *ctx, const char *arg)
{
	struct workload_options *o = ctx;

	return cli_size("SIZE", arg, WORKLOAD_SIZE_MAX_BYTES, &o->size_bytes);
}

int workload_options_parse(const struct cli *own, int argc, char **argv,
			   struct workload_options *common)
{
	struct cli cli = *own;
	int code;

	cli.shared = rows;
	cli.shared_cnt = ARRAY_SIZE(rows);
	*common = (struct workload_options){.control_fd = -1, .port = WORKLOAD_DEFAULT_PORT};
	log_init(cli.program, LOG_INFO);
	code = cli_parse(&cli, argc, argv, common);
	if (code != CLI_GO_ON)
		workload_options_free(common);
	else if (common->control_fd >= 0)
		log_init(cli.program, LOG_WARN);
	return code;
}

void workload_options_free(struct workload_options *o)
{
	free(o->cpu);
	o->cpu = NULL;
	o->cpu_cnt = o->cpu_cap = 0;
}
