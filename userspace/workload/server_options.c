// SPDX-License-Identifier: GPL-2.0-only
/* server MODE SIZE SECONDS */
#include <errno.h>

#include "core/log.h"
#include "workload/options.h"
#include "workload/sock.h"

/* Buffers a connection: enough to keep a fast path full, few enough to stay in the cache. */
#define RING_BYTES	(16 * MIB)
#define RING_MIN	2u
#define RING_MAX	64u
#define CLIENTS_WAIT_NS (30 * NSEC_PER_SEC)

static int set_mode(void *ctx, const char *arg)
{
	struct server_options *o = ctx;
	_cleanup_free_ char *list = NULL;
	const char *near;

	o->mode = send_mode_find(arg);
	if (o->mode)
		return 0;
	list = send_mode_list();
	near = send_mode_nearest(arg);
	if (near)
		return fail_r(-EINVAL, "unknown mode '%s': did you mean %s? Modes: %s", arg, near,
			      list);
	return fail_r(-EINVAL, "unknown mode '%s': choose one of %s", arg, list);
}

static int set_duration(void *ctx, const char *arg)
{
	struct server_options *o = ctx;

	return cli_seconds("SECONDS", arg, NSEC_PER_MSEC, WORKLOAD_DURATION_MAX_NS,
			   &o->common.duration_ns);
}

static int set_port(void *ctx, const char *arg)
{
	struct server_options *o = ctx;

	return cli_uint("--port", arg, 0, UINT16_MAX, &o->common.port);
}

static int set_bind(void *ctx, const char *arg)
{
	struct server_options *o = ctx;
	struct sockaddr_storage addr;
	socklen_t len;

	o->bind = arg;
	if (sock_address(arg, 0, &addr, &len))
		return fail_r(-EINVAL, "--bind '%s': give an IPv4 or IPv6 address", arg);
	return 0;
}

static int set_clients(void *ctx, const char *arg)
{
	struct server_options *o = ctx;

	return cli_uint("--clients", arg, 1, WORKLOAD_THREADS_MAX, &o->clients);
}

static int set_wait(void *ctx, const char *arg)
{
	struct server_options *o = ctx;

	return cli_seconds("--wait", arg, NSEC_PER_MSEC, WORKLOAD_DURATION_MAX_NS, &o->wait_ns);
}

static int set_ring(void *ctx, const char *arg)
{
	struct server_options *o = ctx;

	return cli_uint("--ring", arg, 1, WORKLOAD_THREADS_MAX, &o->ring);
}

static const struct cli_positional arguments[] = {
	{"MODE", set_mode}, {"SIZE", workload_set_size}, {"SECONDS", set_duration}};

static const struct cli_option rows[] = {
	{"port", "N", "TCP port, 9711 if not given; 0 takes a free one", set_port, 0},
	{"bind", "ADDR", "listen on this address only", set_bind, 0},
	{"clients", "N", "wait for N connections, then start them and the clock together",
	 set_clients, 0},
	{"wait", "SECONDS",
	 "give up if no (or not all) clients came (30 with --clients, otherwise for ever)",
	 set_wait, 0},
	{"ring", "N", "zero-copy buffers a connection", set_ring, 0},
};

/* Help that knows the modes from their table. */
static void print_modes(void)
{
	size_t i;

	puts("\nSIZE takes K, M, G; 1 byte to 1G. MODE is one of:");
	for (i = 0; i < send_mode_cnt; i++) {
		const struct send_mode *m = send_modes[i];
		_cleanup_free_ char *head =
			xasprintf("  %s (%s, %s)", m->name, m->aliases[0], m->title);

		cli_print_row(head, m->help);
	}
}

static const struct cli server_cli = {
	.program = "server",
	.about = "Send messages of SIZE bytes to every client that connects, for SECONDS from the "
		 "first.",
	.positional = arguments,
	.positional_cnt = ARRAY_SIZE(arguments),
	.option = rows,
	.option_cnt = ARRAY_SIZE(rows),
	.version = "server (copyscope) " COPYSCOPE_VERSION,
	.notes = print_modes,
};

int server_options_parse(int argc, char **argv, struct server_options *o)
{
	int code;

	*o = (struct server_options){.bind = "0.0.0.0"};
	code = workload_options_parse(&server_cli, argc, argv, &o->common);
	if (code != CLI_GO_ON)
		return code;
	if (!o->wait_ns)
		o->wait_ns = o->clients ? CLIENTS_WAIT_NS : UINT64_MAX;
	if (!o->ring) {
		o->ring = (unsigned int)MIN(RING_BYTES / o->common.size_bytes, (uint64_t)RING_MAX);
		o->ring = MAX(o->ring, RING_MIN);
	}
	return CLI_GO_ON;
}
