// SPDX-License-Identifier: GPL-2.0-only
/* One pass of one cell: start both roles behind their gates, let them run, and while they rest at the
 * end read everything that counted them. The order matters and is all here.
 */
#include <errno.h>
#include <string.h>

#include "cmd/role_process.h"
#include "cmd/run.h"
#include "cmd/stop.h"
#include "core/log.h"
#include "workload/workload.h"

#define READY_TIMEOUT_MS 10000
#define GRACE_NS	 (15 * NSEC_PER_SEC) /* past the pass's duration: draining, verifying */

struct cell {
	struct run_context *ctx;
	struct run_result *r;
	struct role_process server, client;
	char *reason; /* why it failed; the first one stays */
};

/* Takes over arg. */
static void add(struct role_args *a, char *arg)
{
	a->v[a->n++] = arg;
}

static void add_common(const struct cell *c, struct role_args *a)
{
	const struct run_plan *plan = &c->ctx->set->plan;

	add(a, xasprintf("--pattern=%s", plan->pattern));
	if (plan->congestion)
		add(a, xasprintf("--cc=%s", plan->congestion));
	if (c->ctx->options->cpus)
		add(a, xasprintf("--cpus=%s", c->ctx->options->cpus));
	if (plan->verify)
		add(a, xstrdup("--verify"));
}

static void server_args(const struct cell *c, struct role_args *a)
{
	const struct run_key *key = &c->r->key;

	add(a, xstrdup(c->ctx->server_path));
	add(a, xstrdup(key->mode));
	add(a, xasprintf("%llu", (unsigned long long)key->size_bytes));
	add(a, xasprintf("%.3f", (double)c->ctx->set->plan.duration_ns / NSEC_PER_SEC));
	add(a, xasprintf("--bind=%s", testbed_address(c->ctx->testbed, ROLE_SERVER)));
	add(a, xstrdup("--port=0"));
	add(a, xasprintf("--clients=%u", key->threads));
	add_common(c, a);
}

/* The client has no end of its own: it reads until the server's end of file, so that every byte sent
 * is received and both ends can be held against each other.
 */
static void client_args(const struct cell *c, struct role_args *a, uint64_t port)
{
	const struct run_key *key = &c->r->key;

	add(a, xstrdup(c->ctx->client_path));
	add(a, xstrdup(testbed_address(c->ctx->testbed, ROLE_SERVER)));
	add(a, xasprintf("%llu", (unsigned long long)key->size_bytes));
	add(a, xasprintf("%u", key->threads));
	add(a, xstrdup("0"));
	add(a, xstrdup("--until-eof"));
	add(a, xasprintf("--port=%u", (unsigned int)port));
	add_common(c, a);
}

/* Frees the arguments. */
static int start_role(struct cell *c, struct role_process *p, struct role_args *a)
{
	int err = role_process_start(p, c->ctx->testbed, a, &c->reason);

	while (a->n)
		free(a->v[--a->n]);
	return err ?: role_process_release(p);
}

static int fail(struct cell *c, int err, const struct role_process *p, const char *what)
{
	if (!c->reason)
		c->reason = xasprintf("%s: %s: %s", role_names[p->role], what,
				      err == -EPIPE ? "it died" : strerror(-err));
	return err;
}

static int next_event(struct cell *c, struct role_process *p, const char *name, int timeout_ms,
		      json_t **event)
{
	int err = control_read_event(&p->reader, timeout_ms, event);
	const char *got;

	if (stop_signal) {
		if (!err)
			json_decref(*event);
		return -EINTR;
	}
	if (err)
		return fail(c, err, p, "waiting for its result");
	got = json_string_value(json_object_get(*event, "event"));
	if (got && !strcmp(got, name))
		return 0;
	json_decref(*event);
	return fail(c, -EPROTO, p, "unexpected event");
}

static int start_server(struct cell *c, uint64_t *port)
{
	struct role_args a = {.n = 0};
	json_t *event;
	int err;

	server_args(c, &a);
	err = start_role(c, &c->server, &a);
	err = err ?: next_event(c, &c->server, "ready", READY_TIMEOUT_MS, &event);
	if (err)
		return err;
	*port = (uint64_t)json_integer_value(json_object_get(event, "port"));
	json_decref(event);
	return 0;
}

static int start_client(struct cell *c, uint64_t port)
{
	struct role_args a = {.n = 0};

	client_args(c, &a, port);
	return start_role(c, &c->client, &a);
}

static int read_result(struct cell *c, struct role_process *p)
{
	uint64_t timeout_ns = c->ctx->set->plan.duration_ns + GRACE_NS;
	struct run_result *r = c->r;
	struct hist *latency = NULL;
	char *said = NULL;
	json_t *event;
	int err;

	err = next_event(c, p, "result", (int)(timeout_ns / NSEC_PER_MSEC), &event);
	if (err)
		return err;
	err = workload_result_read(event, p->role, r->v[owner_of_role(p->role)], &latency, &said);
	json_decref(event);
	if (err)
		return fail(c, err, p, "result");
	if (latency) {
		free(r->latency);
		r->latency = latency;
	}
	if (said) {
		if (!c->reason)
			c->reason = xasprintf("%s: %s", role_names[p->role], said);
		free(said);
		return -EIO;
	}
	return 0;
}

static int settle(struct cell *c, struct role_process *p)
{
	struct metric_value *v = c->r->v[owner_of_role(p->role)];
	struct switch_count n;
	int err = role_process_settle(p, &n);

	if (err)
		return fail(c, err, p, "coming to rest");
	v[M_PROC_CTX_VOLUNTARY] = value_ok((double)n.voluntary, "/proc/PID/task/*/status");
	v[M_PROC_CTX_INVOLUNTARY] = value_ok((double)n.involuntary, "/proc/PID/task/*/status");
	perf_counters_read(p->counters, c->ctx->set, v);
	return 0;
}

/* Both ends say so themselves: a pass without bytes is a failure, not a result of 0 Gbit/s. */
static int check_moved(struct cell *c)
{
	if (c->r->v[owner_of_role(ROLE_CLIENT)][M_APP_BYTES].value > 0)
		return 0;
	c->reason = xstrdup("no data moved");
	return -ENODATA;
}

static int run_roles(struct cell *c)
{
	uint64_t port;
	int err;

	err = start_server(c, &port);
	err = err ?: start_client(c, port);
	err = err ?: read_result(c, &c->client);
	err = err ?: read_result(c, &c->server);
	err = err ?: settle(c, &c->server);
	err = err ?: settle(c, &c->client);
	return err ?: check_moved(c);
}

/* Nothing of the observation is in the kernel. */
static int run_clean(struct cell *c)
{
	observer_detach(c->ctx->observer);
	return run_roles(c);
}

/* A pass whose probes were skipped counts too little: if another tier can do better, take it again. */
static int observe_roles(struct cell *c)
{
	struct observer *o = c->ctx->observer;
	int err = observer_begin(o), changed;

	err = err ?: run_roles(c);
	changed = observer_end(o, err ? NULL : c->r);
	if (err || changed <= 0)
		return err ?: changed;
	c->reason = xstrdup("fentry programs were preempted and runs skipped: again by kprobes");
	return -EAGAIN;
}

static void end_role(struct cell *c, struct role_process *p, bool failed)
{
	_cleanup_free_ char *why = NULL;

	role_process_end(p, &why);
	if (!failed || !why)
		return;
	/* One end that crashed is why the other complains of its connection. */
	if (!p->crashed && (c->client.crashed || c->server.crashed))
		return;
	/* The process's own words say more than "it died". */
	free(c->reason);
	c->reason = xasprintf("%s: %s", role_names[p->role], why);
}

int cell_run_pass(struct run_context *ctx, struct run_result *r, const char **reason)
{
	struct cell c = {
		.ctx = ctx,
		.r = r,
		.server = ROLE_PROCESS_INIT(ROLE_SERVER),
		.client = ROLE_PROCESS_INIT(ROLE_CLIENT),
	};
	int err = r->key.pass == PASS_ATTRIBUTION ? observe_roles(&c) : run_clean(&c);

	end_role(&c, &c.client, err != 0);
	end_role(&c, &c.server, err != 0);
	if (err)
		*reason = run_set_str(ctx->set, c.reason ? c.reason : strerror(-err));
	free(c.reason);
	return stop_signal ? -EINTR : err;
}
