// SPDX-License-Identifier: GPL-2.0-only
/* server MODE SIZE SECONDS */
#include "workload/options_parse.h"
#include "workload/sock.h"

/* Buffers a connection: enough to keep a fast path full, few enough to stay in the cache. */
#define RING_BYTES	(16 * MIB)
#define RING_MIN	2u
#define RING_MAX	64u
#define CLIENTS_WAIT_NS (30 * NSEC_PER_SEC)

enum { OPT_BIND = OPT_ROLE, OPT_CLIENTS, OPT_WAIT, OPT_RING };

static const struct argp_option rows[] = {
	{"bind", OPT_BIND, "ADDR", 0, "listen on this address only", 0},
	{"clients", OPT_CLIENTS, "N", 0,
	 "wait for N connections, then start them and the clock together", 0},
	{"wait", OPT_WAIT, "SECONDS", 0,
	 "give up if no (or not all) clients came (30 with --clients, otherwise for ever)", 0},
	{"ring", OPT_RING, "N", 0, "zero-copy buffers a connection", 0},
	{0},
};

static int parse_mode(struct option_context *ctx, const char *arg)
{
	struct server_options *o = ctx->role;
	_cleanup_free_ char *list = NULL;
	const char *near;

	o->mode = send_mode_find(arg);
	if (o->mode)
		return 0;
	list = send_mode_list();
	near = send_mode_nearest(arg);
	if (near)
		return usage_error(ctx, "unknown mode '%s': did you mean %s? Modes: %s", arg, near,
				   list);
	return usage_error(ctx, "unknown mode '%s': choose one of %s", arg, list);
}

static int parse_message_size(struct option_context *ctx, const char *arg)
{
	return want_size(ctx, "SIZE", arg, WORKLOAD_SIZE_MAX_BYTES, &ctx->common->size_bytes);
}

static int parse_duration(struct option_context *ctx, const char *arg)
{
	return want_seconds(ctx, "SECONDS", arg, NSEC_PER_MSEC, &ctx->common->duration_ns);
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct option_context *ctx = state->input;
	struct server_options *o = ctx->role;
	uint64_t value;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = ctx;
		return 0;
	case OPT_BIND: {
		struct sockaddr_storage addr;
		socklen_t len;

		o->bind = arg;
		if (sock_address(arg, 0, &addr, &len))
			return usage_error(ctx, "--bind '%s': give an IPv4 or IPv6 address", arg);
		return 0;
	}
	case OPT_CLIENTS:
		if (want_u64(ctx, "--clients", arg, 1, WORKLOAD_THREADS_MAX, &value))
			return EINVAL;
		o->clients = (unsigned int)value;
		return 0;
	case OPT_WAIT:
		return want_seconds(ctx, "--wait", arg, NSEC_PER_MSEC, &o->wait_ns);
	case OPT_RING:
		if (want_u64(ctx, "--ring", arg, 1, WORKLOAD_THREADS_MAX, &value))
			return EINVAL;
		o->ring = (unsigned int)value;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* Help that knows the modes from their table. \v parts what comes before and after the options. */
static char *make_doc(void)
{
	char *doc = xstrdup(
		"Send messages of SIZE bytes to every client that connects, for SECONDS from "
		"the first.\vSIZE takes K, M, G; 1 byte to 1G. MODE is one of:");
	size_t i;

	for (i = 0; i < send_mode_cnt; i++) {
		const struct send_mode *m = send_modes[i];
		char *longer = xasprintf("%s\n  %s (%s, %s): %s", doc, m->name, m->aliases[0],
					 m->title, m->help);

		free(doc);
		doc = longer;
	}
	return doc;
}

bool server_options_parse(int argc, char **argv, struct server_options *o, int *status)
{
	static const struct positional args[] = {
		{"MODE", parse_mode}, {"SIZE", parse_message_size}, {"SECONDS", parse_duration}};
	const struct argp_child children[] = {{&common_argp, 0, NULL, 0}, {0}};
	_cleanup_free_ char *doc = make_doc();
	const struct argp argp = {
		.options = rows,
		.parser = parse_option,
		.args_doc = "MODE SIZE SECONDS",
		.doc = doc,
		.children = children,
	};
	struct option_context ctx = {
		.program = "server",
		.usage = "MODE SIZE SECONDS",
		.own = rows,
		.args = args,
		.arg_cnt = ARRAY_SIZE(args),
		.common = &o->common,
		.role = o,
	};

	*o = (struct server_options){.bind = "0.0.0.0"};
	if (!options_parse(&argp, argc, argv, &ctx, status))
		return false;
	if (!o->wait_ns)
		o->wait_ns = o->clients ? CLIENTS_WAIT_NS : UINT64_MAX;
	if (!o->ring) {
		o->ring = (unsigned int)MIN(RING_BYTES / o->common.size_bytes, (uint64_t)RING_MAX);
		o->ring = MAX(o->ring, RING_MIN);
	}
	return true;
}
