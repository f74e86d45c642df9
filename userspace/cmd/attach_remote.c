// SPDX-License-Identifier: GPL-2.0-only
/* An observation for copyscope on another host, whose client runs here. */
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "cmd/attach.h"
#include "cmd/switches.h"
#include "core/result_json.h"
#include "workload/control.h"

static int await(struct control_reader *orders, const char *what)
{
	json_t *order;
	int err = control_read_event(orders, -1, &order);

	if (err)
		return err;
	if (strcmp(json_string_value(json_object_get(order, "event")), what))
		err = -EPROTO;
	json_decref(order);
	return err;
}

static int tell(const char *event)
{
	return control_send(STDOUT_FILENO, json_pack("{s:s}", "event", event));
}

/* The document as a string, for it is read like a file there, which believes nothing. */
static int tell_result(const struct run_set *set)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	int err = out ? run_set_write_json(set, out) : -errno;

	if (out && fclose(out) && !err)
		err = -errno;
	err = err ?: control_send(STDOUT_FILENO, json_pack("{s:s,s:s%}", "event", "observed", "results", text, len));
	free(text);
	return err;
}

/* While the client rests, so that its switches in /proc are those of the same time. */
static int begin(struct attach *a, int pid, struct switch_count *before)
{
	int err = switches_at_rest(pid, before) ?: observer_begin(a->observer);

	a->begun_ns = monotonic_ns();
	return err;
}

static int end(struct attach *a, int pid, const struct switch_count *before)
{
	struct switch_count now;
	int err = switches_at_rest(pid, &now);
	struct run_result *r;

	if (err)
		return err;
	a->set->elapsed_ns = a->set->plan.duration_ns = monotonic_ns() - a->begun_ns;
	r = run_set_add(a->set, &the_observation);
	r->attempts = 1;
	err = observer_end(a->observer, r);
	switches_since(before, &now, r->v[1]);
	return err;
}

int attach_obey(struct attach *a)
{
	const int pid = a->options->targets.target[0].pid[0];
	struct control_reader orders = {.fd = STDIN_FILENO};
	struct switch_count before;
	int err;

	signal(SIGPIPE, SIG_IGN);
	err = tell("attached") ?: await(&orders, "begin");
	err = err ?: begin(a, pid, &before);
	err = err ?: tell("begun");
	err = err ?: await(&orders, "end");
	err = err ?: end(a, pid, &before);
	control_reader_free(&orders);
	return err < 0 ? err : tell_result(a->set);
}
