// SPDX-License-Identifier: GPL-2.0-only
/* client IP SIZE THREADS SECONDS */
#include <errno.h>

#include "core/log.h"
#include "workload/options.h"
#include "workload/sock.h"

#define READ_DELAY_MAX_US (60 * 1000 * 1000)

static int set_address(void *ctx, const char *arg)
{
	struct client_options *o = ctx;
	struct sockaddr_storage addr;
	socklen_t len;

	o->address = arg;
	if (sock_address(arg, 0, &addr, &len))
		return fail_r(-EINVAL, "IP '%s': give an IPv4 or IPv6 address, such as 127.0.0.1",
			      arg);
	return 0;
}

static int set_threads(void *ctx, const char *arg)
{
	struct client_options *o = ctx;

	return cli_uint("THREADS", arg, 1, WORKLOAD_THREADS_MAX, &o->threads);
}

static int set_duration(void *ctx, const char *arg)
{
	struct client_options *o = ctx;

	return cli_seconds("SECONDS", arg, 0, WORKLOAD_DURATION_MAX_NS, &o->common.duration_ns);
}

static int set_port(void *ctx, const char *arg)
{
	struct client_options *o = ctx;

	return cli_uint("--port", arg, 1, UINT16_MAX, &o->common.port);
}

static int set_until_eof(void *ctx, const char *arg)
{
	(void)arg;
	((struct client_options *)ctx)->until_eof = true;
	return 0;
}

static int set_read_delay(void *ctx, const char *arg)
{
	struct client_options *o = ctx;

	return cli_uint("--read-delay-us", arg, 0, READ_DELAY_MAX_US, &o->read_delay_us);
}

static const struct cli_positional arguments[] = {{"IP", set_address},
						  {"SIZE", workload_set_size},
						  {"THREADS", set_threads},
						  {"SECONDS", set_duration}};

static const struct cli_option rows[] = {
	{"port", "N", "TCP port, 9711 if not given", set_port, 0},
	{"until-eof", NULL, "receive until the server ends the stream (SECONDS 0 is the same)",
	 set_until_eof, 0},
	{"read-delay-us", "N",
	 "pause before each message, so that data waits in the sender's queue", set_read_delay, 0},
};

static const struct cli client_cli = {
	.program = "client",
	.about = "Receive messages of SIZE bytes over THREADS connections for SECONDS and print "
		 "bytes_transferred,avg_latency_us.",
	.positional = arguments,
	.positional_cnt = ARRAY_SIZE(arguments),
	.option = rows,
	.option_cnt = ARRAY_SIZE(rows),
	.version = "client (copyscope) " COPYSCOPE_VERSION,
};

int client_options_parse(int argc, char **argv, struct client_options *o)
{
	int code;

	*o = (struct client_options){0};
	code = workload_options_parse(&client_cli, argc, argv, &o->common);
	if (code == CLI_GO_ON && o->until_eof)
		o->common.duration_ns = 0;
	return code;
}
