// SPDX-License-Identifier: GPL-2.0-only
/* Server and client as the orchestrator runs them, over --control on loopback: ready, warm, at rest, in the
 * window, result, parked threads that stand still, exit when let go, and exit when the orchestrator dies.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "core/log.h"
#include "workload/control.h"
#include "workload/main.h"

#define TIMEOUT_MS 20000
#define THREADS	   3u

struct peer {
	pid_t pid;
	struct control_reader control;
};

static void start_server(struct peer *p, const char *mode, struct server_options opt)
{
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	opt.mode = send_mode_find(mode);
	opt.common.control_fd = pair[1];
	opt.common.socket_fd = -1;
	p->pid = fork();
	assert_true(p->pid >= 0);
	if (!p->pid) {
		close(pair[0]);
		_exit(server_run(&opt));
	}
	close(pair[1]);
	p->control = (struct control_reader){.fd = pair[0]};
}

static void start_client(struct peer *p, const struct peer *other, struct client_options opt)
{
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	opt.common.control_fd = pair[1];
	opt.common.socket_fd = -1;
	p->pid = fork();
	assert_true(p->pid >= 0);
	if (!p->pid) {
		close(pair[0]);
		close(other->control.fd);
		_exit(client_run(&opt));
	}
	close(pair[1]);
	p->control = (struct control_reader){.fd = pair[0]};
}

static json_t *expect(struct peer *p, const char *name)
{
	json_t *event = NULL;

	assert_int_equal(control_read_event(&p->control, TIMEOUT_MS, &event), 0);
	assert_string_equal(json_string_value(json_object_get(event, "event")), name);
	return event;
}

static int release(struct peer *p)
{
	int status;

	if (p->control.fd >= 0)
		close(p->control.fd);
	control_reader_free(&p->control);
	assert_int_equal(waitpid(p->pid, &status, 0), p->pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

struct standing {
	unsigned int threads, asleep;
	uint64_t switches;
};

static void look_at_thread(const char *path, struct standing *s)
{
	_cleanup_fclose_ FILE *f = fopen(path, "re");
	unsigned long long n;
	char line[256], c;

	assert_non_null(f);
	s->threads++;
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "State: %c", &c) == 1)
			s->asleep += c == 'S';
		if (sscanf(line, "voluntary_ctxt_switches: %llu", &n) == 1 ||
		    sscanf(line, "nonvoluntary_ctxt_switches: %llu", &n) == 1)
			s->switches += n;
	}
}

static struct standing look_at(const struct peer *p)
{
	struct standing s = {0};
	char dir[64], path[128];
	struct dirent *entry;
	DIR *d;

	snprintf(dir, sizeof(dir), "/proc/%d/task", p->pid);
	d = opendir(dir);
	assert_non_null(d);
	while ((entry = readdir(d))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%.20s/status", dir, entry->d_name);
		look_at_thread(path, &s);
	}
	closedir(d);
	return s;
}

/* All threads are there, come to rest, and stay at rest; those of io_uring's, too. */
static void assert_parked(const struct peer *p, enum issue issue)
{
	const unsigned int threads = (issue == ISSUE_SQPOLL ? 2 : 1) * THREADS + 1;
	uint64_t deadline = monotonic_ns() + 5 * NSEC_PER_SEC;
	struct standing before, after;

	do {
		usleep(1000);
		before = look_at(p);
	} while (before.asleep < before.threads && monotonic_ns() < deadline);
	if (issue == ISSUE_IOWQ) /* workers come as they are needed */
		assert_true(before.threads > threads);
	else
		assert_int_equal(before.threads, threads);
	assert_int_equal(before.asleep, before.threads);
	usleep(50000);
	after = look_at(p);
	assert_int_equal(after.asleep, before.threads);
	assert_int_equal(after.switches, before.switches);
}

static double page_bytes(void)
{
	return (double)sysconf(_SC_PAGESIZE);
}

static double metric(const json_t *result, enum role role, enum metric_id id)
{
	static struct metric_value v[METRIC_MAX_];
	_cleanup_free_ struct hist *latency = NULL;
	_cleanup_free_ char *error = NULL;

	memset(v, 0, sizeof(v));
	assert_int_equal(workload_result_read(result, role, v, &latency, &error), 0);
	assert_null(error);
	assert_int_equal(latency != NULL, role == ROLE_CLIENT);
	assert_true(value_known(&v[id]));
	return v[id].value;
}

static struct server_options server_defaults(void)
{
	return (struct server_options){.bind = "127.0.0.1",
				       .clients = THREADS,
				       .ring = 8,
				       .wait_ns = 10 * NSEC_PER_SEC,
				       .common = {.size_bytes = 65536,
						  .duration_ns = 200 * NSEC_PER_MSEC}};
}

static uint16_t ready_port(struct peer *p)
{
	json_t *event = expect(p, "ready");
	uint16_t port = (uint16_t)json_integer_value(json_object_get(event, "port"));

	assert_int_not_equal(port, 0);
	json_decref(event);
	return port;
}

static void order(struct peer *p, json_t *what)
{
	assert_int_equal(control_send(p->control.fd, what), 0);
}

/* Returns the bytes that both say were moved before the window. */
static json_int_t warm_up(struct peer *leads, struct peer *follows)
{
	json_t *event;
	json_int_t bytes;

	order(follows, json_pack("{s:s}", "event", "warm"));
	order(leads, json_pack("{s:s,s:I}", "event", "warm", "for_ns", (json_int_t)50 * NSEC_PER_MSEC));
	event = expect(leads, "paused");
	bytes = json_integer_value(json_object_get(event, "bytes"));
	json_decref(event);
	order(follows, json_pack("{s:s,s:I}", "event", "pause", "bytes", bytes));
	event = expect(follows, "paused");
	assert_int_equal(json_integer_value(json_object_get(event, "bytes")), bytes);
	json_decref(event);
	return bytes;
}

static void start_window(struct peer *server, struct peer *client)
{
	json_int_t at_ns = (json_int_t)monotonic_ns();

	order(client, json_pack("{s:s,s:I}", "event", "start", "at_ns", at_ns));
	order(server, json_pack("{s:s,s:I}", "event", "start", "at_ns", at_ns));
}

/* malloc()'s header pushes each field over one page more than it needs. */
static void assert_layout(const struct send_mode *mode, enum buffers buffers, const json_t *sent)
{
	double pages, least;

	if (mode->traits.way != WAY_ZEROCOPY)
		return;
	pages = metric(sent, ROLE_SERVER, M_FIELD_PAGES);
	least = metric(sent, ROLE_SERVER, M_LEAST_PAGES);
	assert_true(least * page_bytes() >= metric(sent, ROLE_SERVER, M_APP_BYTES));
	if (buffers == BUFFERS_HEAP)
		assert_true(pages > least);
	else if (mode->traits.transport == TRANSPORT_UDP) /* no call takes a whole message */
		assert_in_range(pages, least, least + metric(sent, ROLE_SERVER, M_APP_CALLS));
	else if (!metric(sent, ROLE_SERVER, M_PARTIAL_SENDS))
		assert_int_equal(pages, least);
	if (buffers == BUFFERS_HUGE) /* of one kind */
		assert_true(!metric(sent, ROLE_SERVER, M_HUGETLB_BYTES) ||
			    !metric(sent, ROLE_SERVER, M_THP_BYTES));
}

static void run_of_mode(const struct send_mode *mode, enum buffers asked, enum pattern pattern, enum issue issue)
{
	struct client_options copt = {
		.address = "127.0.0.1", .threads = THREADS, .recv = recv_modes[0],
		.common = {.size_bytes = 65536, .pattern = pattern, .verify = true}};
	struct server_options sopt = server_defaults();
	bool rr = pattern == PATTERN_RR, local = mode->traits.transport == TRANSPORT_UNIX;
	_cleanup_free_ char *place = xasprintf("unix:/tmp/copyscope-test-%d.sock", (int)getpid());
	struct peer server, client;
	json_t *sent, *received;
	json_int_t warm;

	sopt.buffers = send_mode_buffers(mode, asked);
	sopt.common.pattern = pattern;
	sopt.issue = issue;
	sopt.common.verify = true;
	sopt.ring = send_ring(sopt.common.size_bytes, sopt.ring);
	copt.tls = mode->traits.way == WAY_ENCRYPT;
	copt.udp = mode->traits.transport == TRANSPORT_UDP;
	copt.period_bytes = mode->repeats ? sopt.ring * sopt.common.size_bytes : 0;
	if (local)
		sopt.bind = copt.address = place;
	start_server(&server, mode->name, sopt);
	if (local)
		json_decref(expect(&server, "ready"));
	else
		copt.common.port = ready_port(&server);
	start_client(&client, &server, copt);
	json_decref(expect(&client, "prepared"));
	json_decref(expect(&server, "prepared"));
	warm = warm_up(rr ? &client : &server, rr ? &server : &client);
	assert_true(warm > 0 && warm % 65536 == 0);
	assert_parked(&server, issue);
	assert_parked(&client, ISSUE_CALLER);
	start_window(&server, &client);
	sent = expect(&server, "result");
	received = expect(&client, "result");
	assert_true(metric(sent, ROLE_SERVER, M_APP_BYTES) > 0);
	assert_int_equal(metric(sent, ROLE_SERVER, M_APP_BYTES),
			 metric(received, ROLE_CLIENT, M_APP_BYTES));
	assert_int_equal(metric(sent, ROLE_SERVER, M_WARMUP_BYTES), warm);
	assert_int_equal(metric(received, ROLE_CLIENT, M_WARMUP_BYTES), warm);
	assert_int_equal(json_integer_value(json_object_get(sent, "start_ns")),
			 json_integer_value(json_object_get(received, "start_ns")));
	assert_int_equal(metric(received, ROLE_CLIENT, M_VERIFIED_BYTES),
			 metric(received, ROLE_CLIENT, M_APP_BYTES));
	assert_int_equal(metric(received, ROLE_CLIENT, M_VERIFY_ERRORS), 0);
	if (rr || copt.udp)
		assert_int_equal(metric(sent, ROLE_SERVER, M_APP_REVERSE_BYTES),
				 metric(received, ROLE_CLIENT, M_APP_REVERSE_BYTES));
	assert_layout(mode, sopt.buffers, sent);
	assert_true(metric(received, ROLE_CLIENT, M_LATENCY_P99_US) > 0);
	assert_true(metric(received, ROLE_CLIENT, M_THROUGHPUT_GBPS) > 0);
	assert_parked(&server, issue);
	assert_parked(&client, ISSUE_CALLER);
	json_decref(sent);
	json_decref(received);
	assert_int_equal(release(&server), 0);
	assert_int_equal(release(&client), 0);
	assert_true(access(place + strlen("unix:"), F_OK) && errno == ENOENT);
}

static void every_mode(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < send_mode_cnt; i++) {
		if (send_mode_unsupported(send_modes[i])) {
			print_message("# SKIP %s: not on this kernel\n", send_modes[i]->name);
			continue;
		}
		run_of_mode(send_modes[i], BUFFERS_HEAP, PATTERN_STREAM, ISSUE_CALLER);
		run_of_mode(send_modes[i], BUFFERS_HEAP, PATTERN_RR, ISSUE_CALLER);
	}
}

static void every_placement(void **state)
{
	(void)state;
	run_of_mode(send_mode_find("A3"), BUFFERS_PAGE, PATTERN_STREAM, ISSUE_CALLER);
	run_of_mode(send_mode_find("A3"), BUFFERS_HUGE, PATTERN_STREAM, ISSUE_CALLER);
	run_of_mode(send_mode_find("A1"), BUFFERS_HUGE, PATTERN_STREAM, ISSUE_CALLER);
	run_of_mode(send_mode_find("uring-zc-fixed"), BUFFERS_HUGE, PATTERN_STREAM, ISSUE_CALLER);
}

/* Threads of the kernel's send for ours. */
static void every_issue(void **state)
{
	static const enum issue others[] = {ISSUE_SQPOLL, ISSUE_IOWQ};
	size_t i, m;

	(void)state;
	for (m = 0; m < send_mode_cnt; m++) {
		if (!send_modes[m]->traits.requests || send_mode_unsupported(send_modes[m]))
			continue;
		for (i = 0; i < ARRAY_SIZE(others); i++) {
			run_of_mode(send_modes[m], BUFFERS_HEAP, PATTERN_STREAM, others[i]);
			run_of_mode(send_modes[m], BUFFERS_HEAP, PATTERN_RR, others[i]);
		}
	}
}

/* The orchestrator is killed in mid-run: both ends go, soon, by themselves. */
static void orphans_exit(void **state)
{
	struct client_options copt = {
		.address = "127.0.0.1", .threads = THREADS, .recv = recv_modes[0], .common = {.size_bytes = 65536}};
	struct server_options sopt = server_defaults();
	uint64_t begin = monotonic_ns();
	struct peer server, client;

	(void)state;
	sopt.common.duration_ns = 60 * NSEC_PER_SEC;
	start_server(&server, "A3", sopt);
	copt.common.port = ready_port(&server);
	start_client(&client, &server, copt);
	json_decref(expect(&client, "prepared"));
	json_decref(expect(&server, "prepared"));
	start_window(&server, &client);
	usleep(200000);
	release(&server);
	release(&client);
	assert_true(monotonic_ns() - begin < 10 * NSEC_PER_SEC);
}

/* The server dies: the client says so instead of taking it for the end of the run. */
static void dead_server_is_an_error(void **state)
{
	struct client_options copt = {.address = "127.0.0.1",
				      .threads = THREADS,
				      .recv = recv_modes[0],
				      .common = {.size_bytes = 1 * MIB, .port = 0}};
	struct server_options sopt = server_defaults();
	struct peer server, client;
	json_t *event = NULL;

	(void)state;
	sopt.clients = THREADS + 1; /* never starts */
	start_server(&server, "A1", sopt);
	copt.common.port = ready_port(&server);
	start_client(&client, &server, copt);
	json_decref(expect(&client, "prepared"));
	kill(server.pid, SIGKILL);
	assert_int_equal(control_read_event(&server.control, TIMEOUT_MS, &event), -EPIPE);
	order(&client, json_pack("{s:s,s:I}", "event", "start", "at_ns", (json_int_t)monotonic_ns()));
	event = expect(&client, "result");
	assert_true(json_is_string(json_object_get(event, "error")));
	json_decref(event);
	assert_int_equal(release(&client), EXIT_FAILED);
	close(server.control.fd);
	control_reader_free(&server.control);
	waitpid(server.pid, NULL, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_mode),
		cmocka_unit_test(every_placement),
		cmocka_unit_test(every_issue),
		cmocka_unit_test(orphans_exit),
		cmocka_unit_test(dead_server_is_an_error),
	};

	log_init("test_workload_live", LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
