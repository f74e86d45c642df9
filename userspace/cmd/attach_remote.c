// SPDX-License-Identifier: GPL-2.0-only
/* An observation for copyscope on another host, whose client runs here. */
#include <signal.h>

#include "cmd/attach.h"
#include "cmd/switches.h"
#include "core/result_json.h"
#include "workload/control.h"

static int await(struct control_reader *orders, const char *what)
{
	json_t *event;
	int err = control_expect(orders, -1, what, &event);

	if (!err)
		json_decref(event);
	return err;
}

static int tell(const char *what)
{
	return control_send(STDOUT_FILENO, json_pack("{s:s}", "event", what));
}

/* The document as a string, for it is read like a file there, which believes nothing. */
static int tell_result(const struct run_set *set)
{
	_cleanup_free_ char *text = NULL;
	size_t len;
	int err = run_set_json(set, &text, &len);

	return err ?: control_send(STDOUT_FILENO, json_pack("{s:s,s:s%}", "event", "observed", "results", text, len));
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
	int err = switches_at_rest(pid, &now) ?: attach_end(a);

	if (err >= 0)
		switches_since(before, &now, a->set->result[0].v[1]);
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
