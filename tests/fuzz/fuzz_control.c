// SPDX-License-Identifier: GPL-2.0-only
/* Any bytes from a server or client, in any pieces: events, and what they say was counted, or an error.
 * The first byte is the length of the pieces.
 */
#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/socket.h>

#include "workload/control.h"
#include "workload/workload.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void read_result(const json_t *event, enum role role)
{
	struct metric_value v[METRIC_MAX_] = {0};
	struct hist *latency = NULL;
	char *error = NULL;
	size_t i;

	if (workload_result_read(event, role, v, &latency, &error)) {
		must(!latency && !error);
		for (i = 0; i < METRIC_MAX_; i++)
			must(!value_known(&v[i]));
		return;
	}
	must(value_known(&v[M_APP_BYTES]));
	for (i = 0; i < METRIC_MAX_; i++)
		must(!value_known(&v[i]) || (isfinite(v[i].value) && v[i].value >= 0));
	free(latency);
	free(error);
}

static void read_timelines(const json_t *event)
{
	struct timeline *timeline[TIMELINE_MAX_] = {NULL};
	enum timeline_kind kind;

	workload_timelines_read(event, timeline);
	for (kind = 0; kind < TIMELINE_MAX_; kind++) {
		must(!timeline[kind] || (timeline[kind]->cnt && timeline[kind]->cnt <= TIMELINE_BINS && timeline[kind]->bin_ns));
		free(timeline[kind]);
	}
}

/* All that is there for now; the error that ends it. */
static int take_events(struct control_reader *reader)
{
	json_t *event = NULL;
	enum role role;
	int err;

	while (!(err = control_read_event(reader, 0, &event)) || err == -EINTR) {
		if (err)
			continue; /* the fuzzer's own clock */
		must(json_is_string(json_object_get(event, "event")));
		for (role = 0; role < ROLE_MAX_; role++)
			read_result(event, role);
		read_timelines(event);
		json_decref(event);
	}
	return err;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct control_reader reader = {0};
	int fd[2], err = -ETIMEDOUT;
	size_t piece, at;

	if (!size || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd))
		return 0;
	reader.fd = fd[0];
	piece = *data ? (size_t)*data * 16 : size;
	for (at = 1; at < size && err == -ETIMEDOUT; at += piece) {
		must(write(fd[1], data + at, MIN(piece, size - at)) > 0);
		err = take_events(&reader);
	}
	close(fd[1]);
	if (err == -ETIMEDOUT)
		err = take_events(&reader);
	must(err == -EPIPE || err == -EPROTO);
	control_reader_free(&reader);
	close(fd[0]);
	return 0;
}
