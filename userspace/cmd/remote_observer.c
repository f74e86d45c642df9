// SPDX-License-Identifier: GPL-2.0-only
#include "cmd/remote_observer.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "core/process.h"
#include "core/result_json.h"

#define ATTACH_TIMEOUT_MS 60000 /* half a minute on an emulated machine */
#define ANSWER_TIMEOUT_MS 20000
#define EXIT_TIMEOUT_NS	  (3 * NSEC_PER_SEC)

static void disconnect(struct remote_observer *o)
{
	int status;

	if (o->reader.fd >= 0)
		close(take_fd(&o->reader.fd));
	control_reader_free(&o->reader);
	if (o->pid > 0)
		process_reap(o->pid, EXIT_TIMEOUT_NS, &status);
	o->pid = 0;
	if (o->stderr_fd >= 0)
		close(take_fd(&o->stderr_fd));
}

/* The first reason stays; its own words are better than ours. */
static void give_up(struct remote_observer *o, const char *why)
{
	_cleanup_free_ char *said = o->stderr_fd >= 0 ? testbed_remote_words(o->stderr_fd) : NULL;

	if (!o->why)
		o->why = xstrdup(said && *said ? said : why);
	disconnect(o);
}

static json_t *answer(struct remote_observer *o, const char *what, int timeout_ms)
{
	json_t *event;
	int err = o->pid ? control_expect(&o->reader, timeout_ms, what, &event) : -EPIPE;

	if (!err)
		return event;
	if (o->pid)
		give_up(o, err == -ETIMEDOUT ? "no answer came" : "it ended before its time");
	return NULL;
}

static void order(struct remote_observer *o, const char *what)
{
	if (o->pid && control_send(o->reader.fd, json_pack("{s:s}", "event", what)))
		give_up(o, "it ended before its time");
}

void remote_observer_start(struct remote_observer *o, struct testbed *tb, const struct run_plan *plan, int pid)
{
	const char *why = testbed_unobserved(tb);
	_cleanup_free_ char *target = xasprintf("--pid=%d", pid), *freq = xasprintf("--freq=%u", plan->frequency_hz);
	_cleanup_free_ char *tier = xasprintf("--tier=%s", plan->tier);
	char *const argv[] = {"copyscope", "attach", "--remote", "--quiet", target, freq, tier, NULL};

	if (why || pid <= 0) {
		give_up(o, why ?: "the client does not tell its number");
		return;
	}
	o->stderr_fd = memfd_create("observer-stderr", MFD_CLOEXEC);
	o->pid = o->stderr_fd < 0 ? -errno : testbed_remote_observe(tb, argv, o->stderr_fd, &o->reader.fd);
	if (o->pid < 0) {
		o->pid = 0;
		give_up(o, "ssh could not be started");
		return;
	}
	json_decref(answer(o, "attached", ATTACH_TIMEOUT_MS));
}

void remote_observer_begin(struct remote_observer *o)
{
	order(o, "begin");
	json_decref(answer(o, "begun", ANSWER_TIMEOUT_MS));
}

/* One owner between the whole and the kernel: the client. */
static int read_observed(struct remote_observer *o, const char *text)
{
	_cleanup_fclose_ FILE *in = text ? fmemopen((char *)text, strlen(text), "r") : NULL;
	int err = in ? run_set_read_json_from(in, "the other host's results", &o->observed) : -EPROTO;

	if (!err && (o->observed->result_cnt != 1 || o->observed->owner_cnt != 3))
		err = -EPROTO;
	return err;
}

void remote_observer_end(struct remote_observer *o)
{
	json_t *event;

	order(o, "end");
	event = answer(o, "observed", ANSWER_TIMEOUT_MS);
	if (event && read_observed(o, json_string_value(json_object_get(event, "results")))) {
		run_set_free(&o->observed);
		give_up(o, "its result cannot be read");
	}
	json_decref(event);
}

/* What this kernel has counted for it is 0 of nothing. */
void remote_observer_take(const struct remote_observer *o, struct run_set *set, struct run_result *r)
{
	const unsigned int client = owner_of_role(ROLE_CLIENT);
	const struct reason unseen = {.code = REASON_OTHER_HOST, .detail = o->why ?: "in a pass without probes"};
	const struct reason uncounted = {.code = REASON_OTHER_HOST, .detail = "hardware counters are those of this host"};
	struct metric_value *v = r->v[client];
	enum metric_id m;

	for (m = 0; m < METRIC_MAX_; m++) {
		if (metric_defs[m].source == FROM_BPF)
			v[m] = value_unsupported(run_set_reason(set, &unseen));
		else if (metric_defs[m].source == FROM_PERF && !value_known(&v[m]))
			v[m] = value_unsupported(run_set_reason(set, &uncounted));
	}
	if (o->observed)
		run_result_take(set, r, client, o->observed, 1);
}

void remote_observer_close(struct remote_observer *o)
{
	disconnect(o);
	run_set_free(&o->observed);
	free(o->why);
	o->why = NULL;
}
