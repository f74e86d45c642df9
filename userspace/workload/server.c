// SPDX-License-Identifier: GPL-2.0-only
/* The server's main thread: accepts, opens the start gate, keeps the time, ends the run. */
#include <errno.h>
#include <string.h>

#include "core/log.h"
#include "workload/conduct.h"
#include "workload/door.h"
#include "workload/main.h"
#include "workload/sender.h"
#include "workload/sock.h"

#define TICK_NS NSEC_PER_SEC

struct server {
	const struct server_options *opt;
	struct crew crew;
	struct memory_budget budget;
	struct door door;
	struct sender **sender;
	size_t sender_cnt, sender_cap;
	bool interrupted;
	char *error; /* first one; goes into the result */
};

static void set_error(struct server *v, const char *text)
{
	if (!v->error)
		v->error = xstrdup(text);
}

static void add_sender(struct server *v, int fd)
{
	struct sender *s = xcalloc(1, sizeof(*s));

	*s = (struct sender){.opt = v->opt, .crew = &v->crew, .budget = &v->budget,
			     .session_fd = fd, .fd = fd};
	array_grow(v->sender, v->sender_cnt, v->sender_cap);
	v->sender[v->sender_cnt++] = s;
	if (crew_start(&v->crew, sender_main, s)) {
		set_error(v, "cannot start a thread for a connection");
		v->interrupted = true;
		sender_free(v->sender[--v->sender_cnt]);
	}
}

static void accept_clients(struct server *v)
{
	unsigned int limit = v->opt->clients ? v->opt->clients : WORKLOAD_THREADS_MAX;
	int fd, err;

	while (v->sender_cnt < limit && !v->interrupted) {
		err = door_admit(&v->door, &fd);
		if (err == -EAGAIN)
			return;
		if (!err) {
			add_sender(v, fd);
			continue;
		}
		set_error(v, "cannot accept more connections");
		v->interrupted = true;
	}
	door_close(&v->door);
}

static void wait_once(struct server *v, uint64_t until_ns)
{
	uint64_t wake_ns = MIN(until_ns, door_deadline(&v->door));
	unsigned int events = crew_wait(&v->crew, v->door.event_fd, wake_ns);

	if (events & (CREW_SIGNAL | CREW_ORPHAN))
		v->interrupted = true;
	else if (v->door.event_fd >= 0)
		accept_clients(v);
}

static bool sender_failed(const struct server *v)
{
	size_t i;

	for (i = 0; i < v->sender_cnt; i++) {
		if (atomic_load(&v->sender[i]->finished) && v->sender[i]->error)
			return true;
	}
	return false;
}

/* Wait until enough connections are there and prepared. */
static void gather(struct server *v)
{
	unsigned int need = v->opt->clients ? v->opt->clients : 1, ready = 0;
	_cleanup_free_ char *text = NULL;
	uint64_t until = UINT64_MAX;

	if (v->opt->wait_ns != UINT64_MAX)
		until = monotonic_ns() + v->opt->wait_ns;
	while (ready < need && !v->interrupted && monotonic_ns() < until) {
		wait_once(v, until);
		ready = atomic_load(&v->crew.ready);
	}
	if (ready >= need || v->error)
		return;
	text = v->interrupted ? xstrdup("ended before the run began")
			      : xasprintf("%u of %u clients came within %.3g s: start them sooner "
					  "or pass a longer --wait",
					  ready, need, (double)v->opt->wait_ns / NSEC_PER_SEC);
	log_error("%s", text);
	set_error(v, text);
	v->interrupted = true;
}

/* A thread writes its account while we look. */
static uint64_t sent_bytes(const void *server)
{
	const struct server *v = server;
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < v->sender_cnt; i++)
		sum += __atomic_load_n(&v->sender[i]->account.bytes, __ATOMIC_RELAXED);
	return sum;
}

static int begin(struct server *v)
{
	struct conducted as = {.follows = v->opt->common.pattern == PATTERN_RR,
			       .moved_bytes = sent_bytes, .of = v};

	if (v->opt->common.control_fd >= 0)
		return conduct(&v->crew, &as);
	conduct_alone(&v->crew, monotonic_ns());
	return 0;
}

static void run(struct server *v)
{
	uint64_t deadline = v->crew.start_ns + v->opt->common.duration_ns;

	while (!v->interrupted && monotonic_ns() < deadline && !sender_failed(v)) {
		/* With --clients nobody else will come. */
		if (v->opt->clients && crew_all_done(&v->crew))
			break;
		wait_once(v, deadline);
	}
}

/* Before 6.5 sendfile() to a kTLS socket tells TCP of all but the last pages of a pipe that more will come, and waits
 * for room that records take which TCP therefore keeps (tls_sw_do_sendpage(), MSG_SENDPAGE_NOTLAST).
 */
static void tell_stalled(struct server *v, uint32_t held_back_bytes)
{
	if (held_back_bytes)
		log_error("the kernel holds %u bytes back that a client has room for: gave up on it; of ktls-sendfile "
			  "before 6.5 that is known, and does not happen with --chunk 16K", held_back_bytes);
	else
		log_error("a client stopped reading: gave up on it; is its --pattern the same as ours?");
	set_error(v, held_back_bytes ? "the kernel stopped sending" : "a client stopped reading");
}

/* Shut the connections that move nothing, so that their threads come back. */
static void abandon_stalled(struct server *v, struct stall *stall)
{
	uint32_t held_back_bytes = 0;
	bool any = false;
	size_t i;

	for (i = 0; i < v->sender_cnt; i++) {
		struct sender *s = v->sender[i];

		if (atomic_load(&s->finished) || !sock_stalled(&stall[i], s->session_fd))
			continue;
		any = true;
		held_back_bytes = sock_held_back_bytes(s->session_fd) ?: held_back_bytes;
		shutdown(s->session_fd, SHUT_RDWR);
	}
	if (!any || atomic_load(&v->crew.abandon))
		return;
	atomic_store(&v->crew.abandon, true);
	tell_stalled(v, held_back_bytes);
}

static void end_run(struct server *v)
{
	_cleanup_free_ struct stall *stall = NULL;

	door_close(&v->door);
	crew_stop(&v->crew);
	stall = xcalloc(v->sender_cnt, sizeof(*stall));
	while (!crew_all_done(&v->crew)) {
		wait_once(v, monotonic_ns() + TICK_NS);
		abandon_stalled(v, stall);
	}
}

static void summarise(const struct server *v, const struct account *a)
{
	double seconds = (double)(a->end_ns - a->start_ns) / NSEC_PER_SEC;

	if (a->end_ns > a->start_ns)
		log_info("%s: sent %llu bytes over %zu connections in %.3f s, %.3f Gbit/s",
			 v->opt->mode->name, (unsigned long long)a->bytes, v->sender_cnt, seconds,
			 (double)a->bytes * 8 / (double)(a->end_ns - a->start_ns));
}

static json_t *make_result(struct server *v)
{
	_cleanup_free_ struct account *sum = xcalloc(1, sizeof(*sum));
	struct result_info info = {.role = ROLE_SERVER,
				   .common = &v->opt->common,
				   .mode = v->opt->mode,
				   .before = &v->crew.before,
				   .datagrams = v->opt->mode->traits.transport == TRANSPORT_UDP,
				   .buffers = v->opt->buffers,
				   .threads = (unsigned int)v->sender_cnt};
	size_t i;

	for (i = 0; i < v->sender_cnt; i++) {
		account_add(sum, &v->sender[i]->account);
		if (v->sender[i]->error) {
			log_error("connection %zu: %s", i + 1, v->sender[i]->error);
			set_error(v, v->sender[i]->error);
		}
	}
	summarise(v, sum);
	info.error = v->error;
	return account_to_json(sum, &info);
}

static int prepare(struct server *v)
{
	const char *bind = v->opt->bind ?: WORKLOAD_DEFAULT_BIND;
	uint16_t port;
	int err = send_mode_unsupported(v->opt->mode);

	if (err)
		return fail_r(-ENOTSUP, "%s (%s) does not work on this kernel: %s; choose another "
					"mode",
			      v->opt->mode->name, v->opt->mode->title, strerror(-err));
	memory_budget_init(&v->budget);
	err = door_open(&v->door, bind, &v->opt->common, &port);
	if (err)
		return err;
	if (sock_unix_path(bind))
		log_info("listening on %s", bind);
	else
		log_info(strchr(bind, ':') ? "listening on [%s]:%u%s" : "listening on %s:%u%s", bind, port,
			 v->opt->bind ? "" : ", this machine only; --bind 0.0.0.0 for all");
	if (v->opt->mode->traits.transport == TRANSPORT_UDP && v->opt->common.control_fd < 0)
		log_info("%s sends datagrams: the client needs --udp", v->opt->mode->name);
	if (v->opt->common.verify && v->opt->mode->repeats)
		log_info("%s sends the same %u messages again and again: the client needs --period %llu", v->opt->mode->name,
			 v->opt->ring, (unsigned long long)(v->opt->ring * v->opt->common.size_bytes));
	if (v->opt->common.control_fd >= 0)
		return control_send(workload_answer_fd(&v->opt->common),
				    json_pack("{s:s,s:i}", "event", "ready", "port", (int)port));
	return 0;
}

int server_run(const struct server_options *opt)
{
	struct server v = {.opt = opt, .door = DOOR_CLOSED};
	int err = crew_init(&v.crew, &opt->common, opt->clients);
	size_t i;

	err = err ?: prepare(&v);
	if (!err) {
		gather(&v);
		if (!v.interrupted && !begin(&v))
			run(&v);
		end_run(&v);
		err = crew_report(&v.crew, make_result(&v));
	}
	door_close(&v.door);
	crew_fini(&v.crew);
	for (i = 0; i < v.sender_cnt; i++)
		sender_free(v.sender[i]);
	free(v.sender);
	if (err == -ENOTSUP || err == -EMFILE)
		err = EXIT_CANNOT_RUN;
	else
		err = err || v.error ? EXIT_FAILED : EXIT_OK;
	free(v.error);
	return err;
}
