// SPDX-License-Identifier: GPL-2.0-only
/* The client's main thread: connects, keeps the time, ends the run, reports. */
#include <errno.h>

#include "core/log.h"
#include "workload/conduct.h"
#include "workload/door.h"
#include "workload/link.h"
#include "workload/main.h"
#include "workload/receiver.h"
#include "workload/sock.h"

#define CONNECT_WAIT_NS (5 * NSEC_PER_SEC)

struct client {
	const struct client_options *opt;
	struct crew crew;
	struct memory_budget budget;
	struct receiver **receiver;
	size_t receiver_cnt, receiver_cap;
	uint64_t connected_ns; /* the last connection was up; a server that waits for all starts then */
	char *error;	       /* first one; goes into the result */
};

static int connect_all(struct client *c)
{
	uint64_t deadline = monotonic_ns() + CONNECT_WAIT_NS;
	int err, fd;

	while (c->receiver_cnt < c->opt->threads) {
		struct receiver *r;

		err = sock_connect(c->opt->address, &c->opt->common, deadline, &fd);
		if (err)
			return err;
		r = xcalloc(1, sizeof(*r));
		*r = (struct receiver){.opt = c->opt, .crew = &c->crew, .budget = &c->budget,
				       .session_fd = fd, .fd = fd};
		array_grow(c->receiver, c->receiver_cnt, c->receiver_cap);
		c->receiver[c->receiver_cnt++] = r;
		if (c->opt->udp)
			err = datagram_socket(fd, &c->opt->common, &r->fd);
		if (err)
			return err;
		if (c->opt->common.control_fd < 0 && door_say_hello(fd))
			return fail_r(-EPIPE, "the server turned connection %zu away: is its --clients "
					      "lower than our THREADS, or the run over?", c->receiver_cnt);
	}
	c->connected_ns = monotonic_ns();
	return 0;
}

static int start_all(struct client *c)
{
	size_t i;
	int err;

	for (i = 0; i < c->receiver_cnt; i++) {
		err = crew_start(&c->crew, receiver_main, c->receiver[i]);
		if (err)
			return err;
	}
	while (atomic_load(&c->crew.ready) < c->receiver_cnt)
		crew_wait(&c->crew, -1, UINT64_MAX);
	return 0;
}

/* A thread writes its account while we look. */
static uint64_t received_bytes(const void *client)
{
	const struct client *c = client;
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < c->receiver_cnt; i++)
		sum += __atomic_load_n(&c->receiver[i]->account.bytes, __ATOMIC_RELAXED);
	return sum;
}

static int begin(struct client *c)
{
	struct conducted as = {.follows = c->opt->common.pattern == PATTERN_STREAM,
			       .moved_bytes = received_bytes, .of = c};

	if (c->opt->common.remote)
		as.host = link_facts(c->receiver[0]->session_fd);
	if (c->opt->common.control_fd >= 0)
		return conduct(&c->crew, &as);
	/* Not with the first byte: a stall before that is part of what the user waits for. */
	conduct_alone(&c->crew, c->connected_ns);
	return 0;
}

/* Until the time is over, all streams have ended, or we are told to stop. */
static void run(struct client *c)
{
	uint64_t duration = c->opt->common.duration_ns;
	uint64_t deadline = duration ? monotonic_ns() + duration : UINT64_MAX;
	unsigned int events = 0;

	while (!crew_all_done(&c->crew) && monotonic_ns() < deadline &&
	       !(events & (CREW_SIGNAL | CREW_ORPHAN)))
		events = crew_wait(&c->crew, -1, deadline);
}

/* A blocked recv() returns when the reading side is shut. */
static void end_run(struct client *c)
{
	bool early = !crew_all_done(&c->crew);
	size_t i;

	crew_stop(&c->crew);
	for (i = 0; early && i < c->receiver_cnt; i++)
		shutdown(c->receiver[i]->session_fd, SHUT_RD);
	while (!crew_all_done(&c->crew))
		crew_wait(&c->crew, -1, UINT64_MAX);
}

static void set_error(struct client *c, char *text)
{
	log_error("%s", text);
	if (c->error)
		free(text);
	else
		c->error = text;
}

static void add_up(struct client *c, struct account *sum)
{
	size_t i;

	for (i = 0; i < c->receiver_cnt; i++) {
		account_add(sum, &c->receiver[i]->account);
		if (c->receiver[i]->error)
			set_error(c, xasprintf("connection %zu: %s", i + 1, c->receiver[i]->error));
	}
	if (sum->start_ns)
		sum->start_ns = c->crew.start_ns;
	if (!sum->bytes && !c->error)
		set_error(c, xasprintf("no data came from %s: is the server's --pattern "
				       "the same, and does it wait for more --clients?",
				       c->opt->address));
}

/* The original's line. No whole message, no latency: the field is empty, not 0. */
static void print_line(const struct account *a)
{
	printf("%llu,", (unsigned long long)a->bytes);
	if (a->latency.total)
		printf("%.2f", (double)a->latency.sum / (double)a->latency.total / NSEC_PER_USEC);
	putchar('\n');
}

static int report(struct client *c)
{
	_cleanup_free_ struct account *sum = xcalloc(1, sizeof(*sum));
	struct result_info info = {.role = ROLE_CLIENT,
				   .common = &c->opt->common,
				   .before = &c->crew.before,
				   .host = c->crew.host,
				   .datagrams = c->opt->udp,
				   .threads = (unsigned int)c->receiver_cnt};

	add_up(c, sum);
	if (!c->opt->common.json && c->opt->common.control_fd < 0)
		print_line(sum);
	info.error = c->error;
	return crew_report(&c->crew, account_to_json(sum, &info));
}

int client_run(const struct client_options *opt)
{
	struct client c = {.opt = opt};
	int err = crew_init(&c.crew, &opt->common, opt->threads);
	size_t i;

	memory_budget_init(&c.budget);
	err = err ?: connect_all(&c);
	err = err ?: start_all(&c);
	if (!err && !begin(&c))
		run(&c);
	end_run(&c);
	err = err ?: report(&c);
	crew_fini(&c.crew);
	for (i = 0; i < c.receiver_cnt; i++)
		receiver_free(c.receiver[i]);
	free(c.receiver);
	if (err == -EMFILE)
		err = EXIT_CANNOT_RUN;
	else
		err = err || c.error ? EXIT_FAILED : EXIT_OK;
	free(c.error);
	return err;
}
