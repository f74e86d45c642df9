// SPDX-License-Identifier: GPL-2.0-only
/* client IP SIZE THREADS SECONDS */
#include <errno.h>

#include "core/log.h"
#include "workload/options.h"
#include "workload/sock.h"

#define PERIOD_MAX_BYTES  (WORKLOAD_THREADS_MAX * WORKLOAD_SIZE_MAX_BYTES)
#define READ_DELAY_MAX_US (60 * 1000 * 1000)

static int set_recv(void *ctx, const char *arg)
{
	struct client_options *o = ctx;

	o->recv = recv_mode_parse(arg);
	return o->recv ? 0 : -EINVAL;
}

static const struct cli_option arguments[] = {
	{.name = "IP", CLI_TEXT(struct client_options, address), .check = workload_check_address,
	 .want = SOCK_ADDRESS_WANT},
	{.name = "SIZE",
	 CLI_SIZE(struct client_options, common.size_bytes, WORKLOAD_SIZE_MAX_BYTES)},
	{.name = "THREADS", CLI_UINT(struct client_options, threads, 1, WORKLOAD_THREADS_MAX)},
	{.name = "SECONDS",
	 CLI_SECONDS(struct client_options, common.duration_ns, 0, WORKLOAD_DURATION_MAX_NS)},
};

static const struct cli_option rows[] = {
	{"port", "N", "TCP port, 9711 if not given",
	 CLI_UINT(struct client_options, common.port, 1, UINT16_MAX)},
	{"until-eof", NULL, "receive until the server ends the stream (SECONDS 0 is the same)",
	 CLI_FLAG(struct client_options, until_eof)},
	{"recv", "MODE", RECV_HELP, CLI_CALL(set_recv)},
	{"tls", NULL, "what comes is encrypted: the server's MODE is ktls or ktls-sendfile",
	 CLI_FLAG(struct client_options, tls)},
	{"udp", NULL, "what comes is datagrams: the server's MODE is udp-gso or udp-gso-zc", CLI_FLAG(struct client_options, udp)},
	{"pipe", "BYTES", PIPE_HELP, CLI_SIZE(struct client_options, pipe_bytes, PIPE_MAX_BYTES)},
	{"remote", NULL, "copyscope runs on another host: obey it on standard input, answer on standard output, tell what this host did",
	 CLI_FLAG(struct client_options, common.remote)},
	{"period", "BYTES", "--verify: the stream repeats itself after so many, whole messages; the server says when it does",
	 CLI_SIZE(struct client_options, period_bytes, PERIOD_MAX_BYTES)},
	{"read-delay-us", "N",
	 "pause before each message, so that data waits in the sender's queue",
	 CLI_UINT(struct client_options, read_delay_us, 0, READ_DELAY_MAX_US)},
};

static const struct cli client_cli = {
	.program = "client",
	.about = "Receive messages of SIZE bytes over THREADS connections for SECONDS and print "
		 "bytes_transferred,avg_latency_us.",
	.positional = CLI_ROWS(arguments),
	.option = CLI_ROWS(rows),
	.version = "client (copyscope) " COPYSCOPE_VERSION,
};

/* Not all can be had of every kind of connection. */
static int check_way(const struct client_options *o)
{
	const bool local = sock_unix_path(o->address);
	const char *misfit = recv_mode_misfit(o->recv, &(struct mode_traits){
		.way = o->tls ? WAY_ENCRYPT : WAY_COPY,
		.transport = o->udp ? TRANSPORT_UDP : local ? TRANSPORT_UNIX : TRANSPORT_TCP,
	});

	if (o->udp && o->tls)
		return fail_r(EXIT_USAGE, "--udp and --tls: there is no kTLS of datagrams: leave out one of them");
	if (o->udp && local)
		return fail_r(EXIT_USAGE, "--udp: datagrams come from an IP address, not from a path");
	if (misfit)
		return fail_r(EXIT_USAGE, "--recv %s %s: leave it out", o->recv->name, misfit);
	return local && workload_check_local(&o->common) ? EXIT_USAGE : CLI_GO_ON;
}

int client_options_parse(int argc, char **argv, struct client_options *o)
{
	int code;

	*o = (struct client_options){.recv = recv_modes[0]};
	code = workload_options_parse(&client_cli, argc, argv, &o->common);
	if (code == CLI_GO_ON && o->until_eof)
		o->common.duration_ns = 0;
	if (code != CLI_GO_ON)
		return code;
	code = check_way(o);
	if (code == CLI_GO_ON)
		code = recv_mode_check(o->recv, o->common.verify);
	if (code != CLI_GO_ON)
		workload_options_free(&o->common);
	return code;
}
