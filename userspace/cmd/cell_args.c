// SPDX-License-Identifier: GPL-2.0-only
/* What a pass tells its server and client on their command lines. */
#include <string.h>

#include "cmd/cell.h"
#include "workload/workload.h"

/* Takes over arg. */
static void add(struct role_args *a, char *arg)
{
	a->v[a->n++] = arg;
}

static void add_common(const struct cell *c, struct role_args *a)
{
	const struct run_plan *plan = &c->ctx->set->plan;

	add(a, xasprintf("--pattern=%s", c->how.pattern));
	if (c->ctx->options->cpus)
		add(a, xasprintf("--cpus=%s", c->ctx->options->cpus));
	if (plan->pipe_bytes)
		add(a, xasprintf("--pipe=%llu", (unsigned long long)plan->pipe_bytes));
	if (plan->verify)
		add(a, xstrdup("--verify"));
}

static const struct send_mode *mode_of(const struct run_key *key)
{
	char name[32];

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(key->mode, "#"), key->mode); /* "A1#2" is A1 again */
	return send_mode_find(name);
}

enum transport cell_transport(const struct cell *c)
{
	return run_set_mode(c->ctx->set, c->r)->traits.transport;
}

bool cell_is_local(const struct cell *c)
{
	return cell_transport(c) == TRANSPORT_UNIX;
}

/* Where the server listens: a congestion control is TCP's. */
static void add_place(const struct cell *c, struct role_args *a)
{
	a->keep_fd = c->bound_fd;
	if (cell_is_local(c)) {
		add(a, xasprintf("--bind=unix:/proc/self/fd/%d", c->handle_fd));
		add(a, xasprintf("--socket=%d", c->bound_fd));
		return;
	}
	a->address = testbed_address(c->ctx->testbed, ROLE_SERVER);
	a->congestion = cell_transport(c) == TRANSPORT_TCP ? c->how.congestion : NULL;
	add(a, xasprintf("--bind=%s", a->address));
	/* A firewall between two hosts wants to be told which. */
	add(a, xasprintf("--port=%d", c->client.kind->remote ? WORKLOAD_DEFAULT_PORT : 0));
}

void cell_server_args(const struct cell *c, struct role_args *a)
{
	const enum buffers buffers = run_set_mode(c->ctx->set, c->r)->traits.buffers;
	const struct run_plan *plan = &c->ctx->set->plan;
	const struct run_key *key = &c->r->key;

	add(a, xstrdup(c->ctx->server_path));
	add(a, xstrdup(mode_of(key)->name));
	add(a, xasprintf("%llu", (unsigned long long)key->size_bytes));
	add(a, xasprintf("%.3f", (double)plan->duration_ns / NSEC_PER_SEC));
	add_place(c, a);
	add(a, xasprintf("--clients=%u", key->threads));
	if (buffers != BUFFERS_FILE) /* that is the mode's own, and nobody's choice */
		add(a, xasprintf("--buffers=%s", buffers_names[buffers]));
	if (plan->ring)
		add(a, xasprintf("--ring=%u", plan->ring));
	if (plan->file_dir)
		add(a, xasprintf("--file-dir=%s", plan->file_dir));
	if (plan->direct)
		add(a, xstrdup("--direct"));
	if (plan->chunk_bytes)
		add(a, xasprintf("--chunk=%llu", (unsigned long long)plan->chunk_bytes));
	if (plan->batch)
		add(a, xasprintf("--batch=%u", plan->batch));
	if (plan->issue)
		add(a, xasprintf("--issue=%s", issue_names[plan->issue]));
	add_common(c, a);
}

/* The client has no end of its own: it reads until the server's end of file, so that every byte sent
 * is received and both ends can be held against each other.
 */
void cell_client_args(const struct cell *c, struct role_args *a, uint64_t port)
{
	const struct run_key *key = &c->r->key;

	a->keep_fd = c->handle_fd;
	add(a, xstrdup(c->ctx->client_path));
	add(a, cell_is_local(c) ? xasprintf("unix:/proc/self/fd/%d", c->handle_fd)
			   : xstrdup(testbed_address(c->ctx->testbed, ROLE_SERVER)));
	add(a, xasprintf("%llu", (unsigned long long)key->size_bytes));
	add(a, xasprintf("%u", key->threads));
	add(a, xstrdup("0"));
	add(a, xstrdup("--until-eof"));
	if (port) /* a local socket has none */
		add(a, xasprintf("--port=%u", (unsigned int)port));
	if (c->ctx->set->plan.receive) {
		add(a, xasprintf("--recv=%s", c->ctx->set->plan.receive));
		a->net_admin = recv_mode_find(c->ctx->set->plan.receive)->net_admin;
	}
	if (mode_of(key)->traits.way == WAY_ENCRYPT)
		add(a, xstrdup("--tls"));
	if (cell_transport(c) == TRANSPORT_UDP)
		add(a, xstrdup("--udp"));
	if (c->ctx->set->plan.verify && mode_of(key)->repeats)
		add(a, xasprintf("--period=%llu", (unsigned long long)(key->size_bytes *
					send_ring(key->size_bytes, c->ctx->set->plan.ring))));
	add_common(c, a);
}
