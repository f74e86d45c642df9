// SPDX-License-Identifier: GPL-2.0-only
/* client IP SIZE THREADS SECONDS */
#include "workload/options_parse.h"
#include "workload/sock.h"

enum { OPT_UNTIL_EOF = OPT_ROLE, OPT_READ_DELAY };

static const struct argp_option rows[] = {
	{"until-eof", OPT_UNTIL_EOF, NULL, 0,
	 "receive until the server ends the stream (SECONDS 0 is the same)", 0},
	{"read-delay-us", OPT_READ_DELAY, "N", 0,
	 "pause before each message, so that data waits in the sender's queue", 0},
	{0},
};

static int parse_address(struct option_context *ctx, const char *arg)
{
	struct client_options *o = ctx->role;
	struct sockaddr_storage addr;
	socklen_t len;

	o->address = arg;
	if (sock_address(arg, 0, &addr, &len))
		return usage_error(ctx, "IP '%s': give an IPv4 or IPv6 address, such as 127.0.0.1",
				   arg);
	return 0;
}

static int parse_message_size(struct option_context *ctx, const char *arg)
{
	return want_size(ctx, "SIZE", arg, WORKLOAD_SIZE_MAX_BYTES, &ctx->common->size_bytes);
}

static int parse_threads(struct option_context *ctx, const char *arg)
{
	struct client_options *o = ctx->role;
	uint64_t value;

	if (want_u64(ctx, "THREADS", arg, 1, WORKLOAD_THREADS_MAX, &value))
		return EINVAL;
	o->threads = (unsigned int)value;
	return 0;
}

static int parse_duration(struct option_context *ctx, const char *arg)
{
	return want_seconds(ctx, "SECONDS", arg, 0, &ctx->common->duration_ns);
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct option_context *ctx = state->input;
	struct client_options *o = ctx->role;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = ctx;
		return 0;
	case OPT_UNTIL_EOF:
		o->until_eof = true;
		return 0;
	case OPT_READ_DELAY:
		return want_u64(ctx, "--read-delay-us", arg, 0, 60 * 1000 * 1000,
				&o->read_delay_us);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

bool client_options_parse(int argc, char **argv, struct client_options *o, int *status)
{
	static const struct positional args[] = {{"IP", parse_address},
						 {"SIZE", parse_message_size},
						 {"THREADS", parse_threads},
						 {"SECONDS", parse_duration}};
	const struct argp_child children[] = {{&common_argp, 0, NULL, 0}, {0}};
	const struct argp argp = {
		.options = rows,
		.parser = parse_option,
		.args_doc = "IP SIZE THREADS SECONDS",
		.doc = "Receive messages of SIZE bytes over THREADS connections for SECONDS and "
		       "print "
		       "bytes_transferred,avg_latency_us.",
		.children = children,
	};
	struct option_context ctx = {
		.program = "client",
		.usage = "IP SIZE THREADS SECONDS",
		.own = rows,
		.args = args,
		.arg_cnt = ARRAY_SIZE(args),
		.port_min = 1,
		.common = &o->common,
		.role = o,
	};

	*o = (struct client_options){0};
	if (!options_parse(&argp, argc, argv, &ctx, status))
		return false;
	if (o->until_eof)
		o->common.duration_ns = 0;
	return true;
}
