// SPDX-License-Identifier: GPL-2.0-only
/* One pass of one cell: start both roles, warm them up, and in a moment when nothing is in flight begin the
 * window: time, CPU, counters, probes and samples start there and nowhere else. While both rest at the end, read
 * everything that counted them. The order matters and is all here.
 */
#include <errno.h>
#include <string.h>

#include "cmd/cell.h"
#include "cmd/stop.h"
#include "core/log.h"
#include "workload/workload.h"

#define READY_TIMEOUT_MS 10000
#define GRACE_NS	 (15 * NSEC_PER_SEC) /* past the pass's duration: draining, verifying */

/* Frees the arguments. */
static int start_role(struct cell *c, struct role_process *p, struct role_args *a)
{
	int err = role_process_start(p, c->ctx->testbed, a, &c->reason);

	while (a->n)
		free(a->v[--a->n]);
	return err;
}

static int fail(struct cell *c, int err, const struct role_process *p, const char *what)
{
	if (c->reason)
		return err;
	c->died = err == -EPIPE ? p : NULL;
	c->reason = xasprintf("%s: %s: %s", role_names[p->role], what, c->died ? "it died" : strerror(-err));
	return err;
}

/* It must be the one by that name. Otherwise it is freed. */
static int check_event(struct cell *c, const struct role_process *p, const char *name, json_t **event)
{
	const char *got = json_string_value(json_object_get(*event, "event"));
	if (got && !strcmp(got, name))
		return 0;
	/* It is over before its time, and may know why. */
	got = json_string_value(json_object_get(*event, "error"));
	if (got && !c->reason)
		c->reason = xasprintf("%s: %s", role_names[p->role], got);
	json_decref(*event);
	return fail(c, -EPROTO, p, "it ended before its time");
}

/* Looking about in the middle of each bin of the window. */
static int watch_event(struct cell *c, struct role_process *p, int timeout_ms, json_t **event)
{
	uint64_t now_ns = monotonic_ns(), give_up_ns = now_ns + (uint64_t)timeout_ms * NSEC_PER_MSEC;
	int err;

	do {
		uint64_t to_middle_ns = TIMELINE_BIN_NS - (now_ns - c->start_ns + TIMELINE_BIN_NS / 2) % TIMELINE_BIN_NS;

		err = control_read_event(&p->reader, (int)(to_middle_ns / NSEC_PER_MSEC), event);
		now_ns = monotonic_ns();
		if (err == -ETIMEDOUT)
			machine_look(c->machine, now_ns - c->start_ns, &c->r->timeline[TIMELINE_RUNNABLE]);
	} while (err == -ETIMEDOUT && now_ns < give_up_ns);
	return err;
}

static int next_event(struct cell *c, struct role_process *p, const char *name, int timeout_ms,
		      json_t **event)
{
	bool window = c->start_ns && p->role == ROLE_CLIENT; /* it ends with what the client says */
	int err = window ? watch_event(c, p, timeout_ms, event) : control_read_event(&p->reader, timeout_ms, event);

	if (stop_signal) {
		if (!err)
			json_decref(*event);
		return -EINTR;
	}
	return err ? fail(c, err, p, "waiting for its result") : check_event(c, p, name, event);
}

static int timeout_ms(uint64_t duration_ns)
{
	return (int)((duration_ns + GRACE_NS) / NSEC_PER_MSEC);
}

static int expect(struct cell *c, struct role_process *p, const char *name)
{
	json_t *event;
	int err = next_event(c, p, name, timeout_ms(0), &event);

	if (err)
		return err;
	environment_of_role(c->ctx->set, p->role, json_object_get(event, "host"));
	p->told_pid = p->told_pid ?: (int)json_integer_value(json_object_get(event, "pid"));
	json_decref(event);
	return 0;
}

/* Takes over the reference. */
static int order(struct cell *c, const struct role_process *p, json_t *what)
{
	int err = control_send(p->reader.fd, what);

	return err ? fail(c, err, p, "telling it what to do") : 0;
}

static int start_server(struct cell *c, uint64_t *port)
{
	struct role_args a = {.keep_fd = -1};
	json_t *event;
	int err;

	cell_server_args(c, &a);
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
	struct role_args a = {.keep_fd = -1};

	cell_client_args(c, &a, port);
	return start_role(c, &c->client, &a);
}

static int read_result(struct cell *c, struct role_process *p)
{
	struct run_result *r = c->r;
	struct hist *latency = NULL;
	char *said = NULL;
	json_t *event;
	int err;

	err = next_event(c, p, "result", timeout_ms(c->ctx->set->plan.duration_ns), &event);
	if (err)
		return err;
	err = workload_result_read(event, p->role, r->v[owner_of_role(p->role)], &latency, &said);
	err = err ?: workload_timelines_read(event, r->timeline);
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

/* Looking about went on until the client had told its result: the window ended with the last byte. */
static void end_looks(struct run_result *r)
{
	struct timeline *looks = r->timeline[TIMELINE_RUNNABLE];
	const struct timeline *window = r->timeline[TIMELINE_RECEIVED];

	if (looks && window)
		timeline_cut(looks, window);
}

static int settle(struct cell *c, struct role_process *p)
{
	int err = role_process_settle(p, c->ctx->set, c->r);

	return err ? fail(c, err, p, "coming to rest") : 0;
}

/* Both ends say so themselves: a pass without bytes is a failure, not a result of 0 Gbit/s. */
static int check_moved(struct cell *c)
{
	if (c->r->v[owner_of_role(ROLE_CLIENT)][M_APP_BYTES].value > 0)
		return 0;
	c->reason = xstrdup("no data moved");
	return -ENODATA;
}

/* Who moves by itself. */
static struct role_process *leader(struct cell *c)
{
	return strcmp(c->how.pattern, "rr") ? &c->server : &c->client;
}

static struct role_process *follower(struct cell *c)
{
	return leader(c) == &c->server ? &c->client : &c->server;
}

/* Connections find their speed, caches and page pools fill, until the end that moves by itself rests, and then
 * the other, when all of it has arrived.
 */
static int warm_up(struct cell *c)
{
	const struct run_plan *plan = &c->ctx->set->plan;
	struct role_process *leads = leader(c), *follows = follower(c);
	json_t *paused, *bytes;
	int err;

	err = order(c, follows, json_pack("{s:s}", "event", "warm"));
	err = err ?: order(c, leads, json_pack("{s:s,s:I}", "event", "warm", "for_ns",
					       (json_int_t)plan->warmup_ns));
	err = err ?: next_event(c, leads, "paused", timeout_ms(plan->warmup_ns), &paused);
	if (err)
		return err;
	bytes = json_incref(json_object_get(paused, "bytes"));
	json_decref(paused);
	err = order(c, follows, json_pack("{s:s,s:o*}", "event", "pause", "bytes", bytes));
	return err ?: expect(c, follows, "paused");
}

/* One on another host begins its window when it is told, and says so: then the other may move. */
static int let_start(struct cell *c, struct role_process *p)
{
	int err = order(c, p, json_pack("{s:s,s:I}", "event", "start", "at_ns", (json_int_t)c->start_ns));

	return err || !p->kind->remote ? err : expect(c, p, "started");
}

/* Both rest. What counts them is started, and then they are, at one instant. */
static int begin_window(struct cell *c)
{
	int err;

	err = role_process_rest(&c->server);
	err = err ? fail(c, err, &c->server, "coming to rest") : role_process_rest(&c->client);
	if (!err && c->r->key.pass == PASS_ATTRIBUTION)
		err = observer_begin(c->ctx->observer);
	if (err)
		return fail(c, err, &c->client, "beginning");
	remote_observer_begin(&c->there);
	c->machine = machine_begin("/proc", (pid_t[]){c->server.pid, c->client.pid}, c->client.kind->remote ? 1 : 2);
	c->start_ns = monotonic_ns();
	return let_start(c, follower(c)) ?: let_start(c, leader(c));
}

static int run_roles(struct cell *c)
{
	uint64_t port;
	int err = cell_is_local(c) ? testbed_local_socket(c->ctx->testbed, &c->bound_fd, &c->handle_fd) : 0;

	err = err ?: start_server(c, &port);
	err = err ?: start_client(c, port);
	err = err ?: expect(c, &c->client, "prepared");
	err = err ?: expect(c, &c->server, "prepared");
	if (!err && c->client.kind->remote && c->r->key.pass == PASS_ATTRIBUTION)
		remote_observer_start(&c->there, c->ctx->testbed, &c->ctx->set->plan, c->client.told_pid);
	if (!err && c->ctx->set->plan.warmup_ns)
		err = warm_up(c);
	err = err ?: begin_window(c);
	err = err ?: read_result(c, &c->client);
	err = err ?: read_result(c, &c->server);
	if (!err) {
		machine_end(c->machine, c->r->v[OWNER_WHOLE]);
		end_looks(c->r);
		remote_observer_end(&c->there);
	}
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
	int err = observer_attach(o), changed;

	err = err ?: run_roles(c);
	changed = observer_end(o, err ? NULL : c->r);
	if (err || changed <= 0)
		return err ?: changed;
	c->reason = xstrdup("fentry programs were preempted and runs skipped: again by kprobes");
	return -EAGAIN;
}

/* The kernel counted none of it: that says nothing of a socket that is not TCP's. */
static void leave_out_tcp(struct run_result *r)
{
	static const struct reason why = {.code = REASON_NOT_TCP};
	unsigned int o;

	r->v[owner_of_role(ROLE_SERVER)][M_TCP_RETRANSMIT_BYTES] = value_unsupported(&why);
	for (o = 1; o < r->owner_cnt && r->key.pass == PASS_ATTRIBUTION; o++)
		r->v[o][M_RETRANSMIT_BYTES] = r->v[o][M_RETRANSMIT_SEGMENTS] = value_unsupported(&why);
}

static void end_role(struct cell *c, struct role_process *p, bool failed)
{
	_cleanup_free_ char *why = NULL, *before = NULL;

	role_process_end(p, &why);
	if (!failed || !why)
		return;
	/* One end that crashed is why the other complains of its connection. */
	if (!p->crashed && (c->client.crashed || c->server.crashed))
		return;
	if (c->died && c->died != p)
		return;
	/* The process's own words say more than "it died", but not than what we ended it for. */
	before = c->reason;
	c->reason = xasprintf("%s%s%s: %s", c->died || !before ? "" : before, c->died || !before ? "" : "; ",
			      role_names[p->role], why);
}

int cell_run_pass(struct run_context *ctx, struct run_result *r, const char **reason)
{
	struct cell c = {
		.ctx = ctx,
		.r = r,
		.how = plan_variant(&ctx->set->plan, r->key.variant),
		.server = ROLE_PROCESS_INIT(ROLE_SERVER, &role_local),
		.client = ROLE_PROCESS_INIT(ROLE_CLIENT, testbed_is_remote(ctx->testbed, ROLE_CLIENT) ? &role_remote : &role_local),
		.there = REMOTE_OBSERVER_INIT,
		.bound_fd = -1,
		.handle_fd = -1,
	};
	int err = r->key.pass == PASS_ATTRIBUTION ? observe_roles(&c) : run_clean(&c);

	if (!err && cell_transport(&c) != TRANSPORT_TCP)
		leave_out_tcp(r);
	if (!err && c.client.kind->remote)
		remote_observer_take(&c.there, ctx->set, r);
	remote_observer_close(&c.there);
	end_role(&c, &c.client, err != 0);
	end_role(&c, &c.server, err != 0);
	if (err)
		*reason = run_set_str(ctx->set, c.reason ? c.reason : strerror(-err));
	cleanup_close(&c.bound_fd);
	cleanup_close(&c.handle_fd);
	machine_free(&c.machine);
	free(c.reason);
	return stop_signal ? -EINTR : err;
}
