// SPDX-License-Identifier: GPL-2.0-only
/* server MODE SIZE SECONDS */
#include <errno.h>

#include "core/log.h"
#include "workload/options.h"
#include "workload/sock.h"

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

static const struct cli_option arguments[] = {
	{.name = "MODE", CLI_CALL(set_mode)},
	{.name = "SIZE",
	 CLI_SIZE(struct server_options, common.size_bytes, WORKLOAD_SIZE_MAX_BYTES)},
	{.name = "SECONDS",
	 CLI_SECONDS(struct server_options, common.duration_ns, NSEC_PER_MSEC,
		     WORKLOAD_DURATION_MAX_NS)},
};

static const struct cli_option rows[] = {
	{"port", "N", "TCP port, 9711 if not given; 0 takes a free one",
	 CLI_UINT(struct server_options, common.port, 0, UINT16_MAX)},
	{"bind", "ADDR", "listen on this address, not on " WORKLOAD_DEFAULT_BIND "; 0.0.0.0 (IPv6 too: ::) is all "
			 "of this machine's. unix:PATH is a local socket, for mode unix",
	 CLI_TEXT(struct server_options, bind), .check = workload_check_address,
	 .want = SOCK_ADDRESS_WANT},
	{"socket", "FD", "listen on this inherited socket, which copyscope made", CLI_CALL(workload_set_socket)},
	{"clients", "N", "wait for N connections, then start them and the clock together",
	 CLI_UINT(struct server_options, clients, 1, WORKLOAD_THREADS_MAX)},
	{"wait", "SECONDS",
	 "give up if no (or not all) clients came (30 with --clients, otherwise for ever)",
	 CLI_SECONDS(struct server_options, wait_ns, NSEC_PER_MSEC, WORKLOAD_DURATION_MAX_NS)},
	{"ring", "N", RING_HELP,
	 CLI_UINT(struct server_options, ring, 1, WORKLOAD_THREADS_MAX)},
	{"buffers", BUFFERS_ARGUMENT, BUFFERS_HELP,
	 CLI_CHOICE_OF(struct server_options, buffers, buffers_names, BUFFERS_FILE)},
	{"file-dir", "DIR", FILE_DIR_HELP, CLI_TEXT(struct server_options, file_dir)},
	{"direct", NULL, DIRECT_HELP, CLI_FLAG(struct server_options, direct)},
	{"chunk", "BYTES", CHUNK_HELP,
	 CLI_SIZE(struct server_options, chunk_bytes, WORKLOAD_SIZE_MAX_BYTES)},
	{"pipe", "BYTES", PIPE_HELP, CLI_SIZE(struct server_options, pipe_bytes, PIPE_MAX_BYTES)},
	{"batch", "N", BATCH_HELP, CLI_UINT(struct server_options, batch, 1, BATCH_MAX)},
	{"issue", ISSUE_ARGUMENT, ISSUE_HELP, CLI_CHOICE_OF(struct server_options, issue, issue_names, ISSUE_OTHER)},
};

/* Help that knows the modes from their table. */
static void print_modes(void)
{
	size_t i;

	puts("\nSIZE takes K, M, G; 1 byte to 1G. MODE is one of:");
	for (i = 0; i < send_mode_cnt; i++) {
		const struct send_mode *m = send_modes[i];

		cli_print_row(m->help, m->original ? "  %s (%s, %s)" : "  %s (%s)", m->name, m->aliases[0], m->title);
	}
}

static const struct cli server_cli = {
	.program = "server",
	.about = "Send messages of SIZE bytes to every client that connects, for SECONDS from the "
		 "first.",
	.positional = CLI_ROWS(arguments),
	.option = CLI_ROWS(rows),
	.version = "server (copyscope) " COPYSCOPE_VERSION,
	.notes = print_modes,
};

/* Where a mode sends is its own. */
static int check_transport(const struct server_options *o)
{
	bool is_path = o->bind && sock_unix_path(o->bind), local = o->mode->traits.transport == TRANSPORT_UNIX;

	if (local && !is_path)
		return fail_r(-EINVAL, "mode %s sends over a local socket: pass --bind unix:PATH", o->mode->name);
	if (!local && is_path)
		return fail_r(-EINVAL, "mode %s sends over TCP: pass --bind an IP address", o->mode->name);
	return local ? workload_check_local(&o->common) : 0;
}

static int check_direct(const struct server_options *o)
{
	return o->direct && !mode_sends_file(&o->mode->traits) ? fail_r(-EINVAL, DIRECT_NO_FILE, o->mode->name) : 0;
}

static int check_issue(const struct server_options *o)
{
	if (!o->issue || o->mode->traits.requests)
		return 0;
	return fail_r(-EINVAL, ISSUE_NO_RING, issue_names[o->issue], o->mode->name);
}

int server_options_parse(int argc, char **argv, struct server_options *o)
{
	int code;

	*o = (struct server_options){0};
	code = workload_options_parse(&server_cli, argc, argv, &o->common);
	if (code != CLI_GO_ON)
		return code;
	if (check_transport(o) || check_direct(o) || check_issue(o)) {
		workload_options_free(&o->common);
		return EXIT_USAGE;
	}
	o->buffers = send_mode_buffers(o->mode, o->buffers);
	if (!o->wait_ns)
		o->wait_ns = o->clients ? CLIENTS_WAIT_NS : UINT64_MAX;
	o->ring = send_ring(o->common.size_bytes, o->ring);
	return CLI_GO_ON;
}
