// SPDX-License-Identifier: GPL-2.0-only
/* What the command lines of server and client share. */
#include "workload/options.h"

#include <errno.h>
#include <fcntl.h>

#include "core/log.h"
#include "workload/sock.h"

#define SOCKET_BUFFER_MAX_BYTES (GIB / 2)

_Static_assert(!offsetof(struct server_options, common) && !offsetof(struct client_options, common),
	       "shared rows set it through either struct");

static int add_cpu(void *ctx, const char *item)
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

static int set_fd(const char *option, const char *arg, int *out)
{
	unsigned int fd;

	if (cli_uint(option, arg, 0, INT32_MAX, &fd))
		return -EINVAL;
	if (fcntl((int)fd, F_SETFD, FD_CLOEXEC))
		return fail_r(-EINVAL, "%s %s: no such file descriptor; copyscope passes it", option, arg);
	*out = (int)fd;
	return 0;
}

static int set_control(void *ctx, const char *arg)
{
	return set_fd("--control", arg, &((struct workload_options *)ctx)->control_fd);
}

int workload_set_socket(void *ctx, const char *arg)
{
	return set_fd("--socket", arg, &((struct workload_options *)ctx)->socket_fd);
}

static const struct cli_option rows[] = {
	{"json", NULL, "print the result as a JSON object on standard output",
	 CLI_FLAG(struct workload_options, json)},
	{"verify", NULL, "fill and check every byte (give it to both sides)",
	 CLI_FLAG(struct workload_options, verify)},
	{"pattern", "stream|rr",
	 "stream (default), or rr: one message for each 8-byte request (give it to both sides)",
	 CLI_CHOICE(struct workload_options, pattern, pattern_names)},
	{"cc", "NAME", "TCP congestion control", CLI_TEXT(struct workload_options, cc)},
	{"sndbuf", "BYTES", "SO_SNDBUF",
	 CLI_SIZE(struct workload_options, sndbuf_bytes, SOCKET_BUFFER_MAX_BYTES)},
	{"rcvbuf", "BYTES", "SO_RCVBUF",
	 CLI_SIZE(struct workload_options, rcvbuf_bytes, SOCKET_BUFFER_MAX_BYTES)},
	{"cpus", "LIST", "run thread i on the CPU at place i modulo length (0,2,3)",
	 CLI_CALL(set_cpus)},
	{"control", "FD", "report to copyscope over this inherited socket", CLI_CALL(set_control)},
};

int workload_check_local(const struct workload_options *o)
{
	return o->cc ? fail_r(-EINVAL, "--cc: a local socket has no congestion control: leave it out") : 0;
}

int workload_check_address(const char *arg)
{
	struct sockaddr_storage address;
	socklen_t len;

	return sock_address(arg, 0, &address, &len);
}

int workload_options_parse(const struct cli *own, int argc, char **argv,
			   struct workload_options *common)
{
	struct cli cli = *own;
	int code;

	cli.shared = (struct cli_rows)CLI_ROWS(rows);
	*common = (struct workload_options){.control_fd = -1, .socket_fd = -1, .port = WORKLOAD_DEFAULT_PORT};
	log_init(cli.program, LOG_INFO);
	code = cli_parse(&cli, argc, argv, common);
	if (code != CLI_GO_ON)
		workload_options_free(common);
	else if (common->remote || common->control_fd >= 0)
		log_init(cli.program, LOG_WARN);
	if (common->remote)
		common->control_fd = STDIN_FILENO;
	return code;
}

void workload_options_free(struct workload_options *o)
{
	free(o->cpu);
	o->cpu = NULL;
	o->cpu_cnt = o->cpu_cap = 0;
}
