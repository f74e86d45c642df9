// SPDX-License-Identifier: GPL-2.0-only
#include "workload/conduct.h"

#include <errno.h>
#include <string.h>

#define LOOK_AGAIN_NS NSEC_PER_MSEC

static int tell(const struct crew *c, json_t *event)
{
	return control_send(workload_answer_fd(c->common), event);
}

static bool is_over(const struct crew *c, unsigned int events)
{
	return events & (CREW_SIGNAL | CREW_ORPHAN) || atomic_load(&c->done);
}

static int next_order(struct crew *c, json_t **order)
{
	while (!c->order)
		if (is_over(c, crew_wait(c, -1, UINT64_MAX)))
			return -ECANCELED;
	*order = take_ptr(c->order);
	return 0;
}

/* The peer rests, and sent so much: all of it has to arrive before we rest, too. */
static int wait_for_bytes(struct crew *c, const struct conducted *who, uint64_t bytes)
{
	while (who->moved_bytes(who->of) < bytes)
		if (is_over(c, crew_wait(c, -1, monotonic_ns() + LOOK_AGAIN_NS)))
			return -ECANCELED;
	return 0;
}

static int let_warm(struct crew *c, uint64_t for_ns)
{
	uint64_t until_ns = monotonic_ns() + for_ns;

	crew_open_gate(c);
	while (monotonic_ns() < until_ns)
		if (is_over(c, crew_wait(c, -1, until_ns)))
			return -ECANCELED;
	return 0;
}

static int rest(struct crew *c, const struct conducted *who)
{
	int err = crew_pause(c, who->follows);

	return err ?: tell(c, json_pack("{s:s,s:I}", "event", "paused", "bytes",
					(json_int_t)who->moved_bytes(who->of)));
}

/* Clocks of two hosts have nothing in common: there it begins when the order comes, and we say so. */
static int begin_window(struct crew *c, uint64_t start_ns)
{
	const bool remote = c->common->remote;

	if (remote)
		c->host = machine_begin("/proc", (pid_t[]){getpid()}, 1);
	c->start_ns = remote ? monotonic_ns() : start_ns;
	getrusage(RUSAGE_SELF, &c->before);
	crew_open_gate(c);
	return remote ? tell(c, json_pack("{s:s}", "event", "started")) : 0;
}

/* 1: the window has begun. */
static int obey(struct crew *c, const struct conducted *who, const json_t *order)
{
	const char *what = json_string_value(json_object_get(order, "event"));
	uint64_t for_ns = (uint64_t)json_integer_value(json_object_get(order, "for_ns"));
	uint64_t bytes = (uint64_t)json_integer_value(json_object_get(order, "bytes"));

	if (!strcmp(what, "start"))
		return begin_window(c, (uint64_t)json_integer_value(json_object_get(order, "at_ns"))) ?: 1;
	if (!strcmp(what, "pause"))
		return wait_for_bytes(c, who, bytes) ?: rest(c, who);
	if (!strcmp(what, "warm"))
		return let_warm(c, for_ns) ?: for_ns ? rest(c, who) : 0;
	return 0;
}

int conduct(struct crew *c, const struct conducted *who)
{
	int err = tell(c, json_pack("{s:s,s:i,s:o*}", "event", "prepared", "pid", (int)getpid(), "host", who->host));

	while (!err) {
		json_t *order;

		err = next_order(c, &order);
		if (err)
			break;
		err = obey(c, who, order);
		json_decref(order);
	}
	return err > 0 ? 0 : err;
}

void conduct_alone(struct crew *c, uint64_t start_ns)
{
	c->start_ns = start_ns;
	crew_open_gate(c);
}
