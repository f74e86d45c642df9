// SPDX-License-Identifier: GPL-2.0-only
/* Threads, gate, parking, and the main thread's wait. */
#include "workload/crew.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>

#include "core/log.h"
#include "core/process.h"

/* 1024 threads must fit; the large objects of a thread are on the heap. */
#define THREAD_STACK_BYTES (256 * KIB)
/* Ends a recv() that waits. Once may be a moment too early, so it is repeated. */
#define KICK	    SIGUSR1
#define KICK_AGAIN_NS NSEC_PER_MSEC

static void kicked(int signal)
{
	(void)signal;
}

int crew_init(struct crew *c, const struct workload_options *common, unsigned int connections)
{
	_cleanup_free_ char *what = xasprintf("a workload of %u threads", connections);
	sigset_t set;
	int err;

	*c = (struct crew){.common = common, .event_fd = -1, .signal_fd = -1,
			   .reader.fd = common->control_fd};
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->changed, NULL);
	err = process_need_files(connections + WORKLOAD_FILES, what);
	if (err)
		return err;
	signal(SIGPIPE, SIG_IGN);
	sigaction(KICK, &(struct sigaction){.sa_handler = kicked}, NULL);
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	c->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (c->signal_fd < 0)
		return err_r(-errno, "signalfd");
	c->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (c->event_fd < 0)
		return err_r(-errno, "eventfd");
	return 0;
}

void crew_fini(struct crew *c)
{
	size_t i;

	pthread_mutex_lock(&c->lock);
	c->open = c->released = true;
	pthread_cond_broadcast(&c->changed);
	pthread_mutex_unlock(&c->lock);
	for (i = 0; i < c->thread_cnt; i++)
		pthread_join(c->thread[i], NULL);
	free(c->thread);
	machine_free(&c->host);
	control_reader_free(&c->reader);
	json_decref(c->order);
	cleanup_close(&c->event_fd);
	cleanup_close(&c->signal_fd);
	pthread_cond_destroy(&c->changed);
	pthread_mutex_destroy(&c->lock);
}

int crew_start(struct crew *c, void *(*body)(void *), void *arg)
{
	const struct workload_options *o = c->common;
	pthread_attr_t attr;
	cpu_set_t cpus;
	int err;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, THREAD_STACK_BYTES);
	if (o->cpu_cnt) {
		CPU_ZERO(&cpus);
		CPU_SET(o->cpu[c->thread_cnt % o->cpu_cnt], &cpus);
		pthread_attr_setaffinity_np(&attr, sizeof(cpus), &cpus);
	}
	array_grow(c->thread, c->thread_cnt, c->thread_cap);
	err = pthread_create(&c->thread[c->thread_cnt], &attr, body, arg);
	pthread_attr_destroy(&attr);
	if (err)
		return fail_r(-err, "cannot start thread %zu: %s; use fewer threads or raise "
				    "`ulimit -u`", c->thread_cnt + 1, strerror(err));
	c->thread_cnt++;
	return 0;
}

/* Count the thread, and wake the main thread to see it. */
static void arrive(struct crew *c, atomic_uint *counter)
{
	atomic_fetch_add(counter, 1);
	/* Fails only when the counter would overflow, and then main is awake anyway. */
	eventfd_write(c->event_fd, 1);
}

/* With the lock held. A gate that closed again before we had a CPU was open nevertheless: the next rest counts us. */
static void wait_open(struct crew *c)
{
	unsigned int before = c->opened;

	while (!c->open && c->opened == before)
		pthread_cond_wait(&c->changed, &c->lock);
}

void crew_ready(struct crew *c)
{
	pthread_mutex_lock(&c->lock);
	arrive(c, &c->ready);
	wait_open(c);
	pthread_mutex_unlock(&c->lock);
}

void crew_done(struct crew *c)
{
	pthread_mutex_lock(&c->lock);
	arrive(c, &c->done);
	while (c->common->control_fd >= 0 && !c->released)
		pthread_cond_wait(&c->changed, &c->lock);
	pthread_mutex_unlock(&c->lock);
}

void crew_rest(struct crew *c)
{
	pthread_mutex_lock(&c->lock);
	c->resting++;
	eventfd_write(c->event_fd, 1);
	wait_open(c);
	pthread_mutex_unlock(&c->lock);
}

void crew_open_gate(struct crew *c)
{
	pthread_mutex_lock(&c->lock);
	c->open = true;
	c->opened++;
	c->resting = 0;
	atomic_fetch_and(&c->halt, ~(unsigned int)CREW_PAUSE);
	pthread_cond_broadcast(&c->changed);
	pthread_mutex_unlock(&c->lock);
}

void crew_stop(struct crew *c)
{
	atomic_fetch_or(&c->halt, CREW_STOP);
	crew_open_gate(c);
}

static bool all_rest(struct crew *c)
{
	bool all;

	pthread_mutex_lock(&c->lock);
	all = c->resting + atomic_load(&c->done) >= c->thread_cnt;
	pthread_mutex_unlock(&c->lock);
	return all;
}

int crew_pause(struct crew *c, bool follows)
{
	unsigned int events = 0;
	size_t i;

	pthread_mutex_lock(&c->lock);
	c->open = false;
	atomic_fetch_or(&c->halt, CREW_PAUSE);
	pthread_mutex_unlock(&c->lock);
	while (!all_rest(c) && !(events & (CREW_SIGNAL | CREW_ORPHAN))) {
		for (i = 0; follows && i < c->thread_cnt; i++)
			pthread_kill(c->thread[i], KICK);
		events = crew_wait(c, -1, follows ? monotonic_ns() + KICK_AGAIN_NS : UINT64_MAX);
	}
	return events & (CREW_SIGNAL | CREW_ORPHAN) ? -ECANCELED : 0;
}

int crew_await(const struct crew *c, int fd)
{
	struct pollfd pfd = {.fd = fd, .events = POLLIN};

	while (poll(&pfd, 1, -1) < 0 && errno == EINTR)
		if (crew_paused(c))
			return -EINTR;
	return 0;
}

ssize_t crew_recv(const struct crew *c, int fd, void *buf, size_t len, int flags)
{
	ssize_t n;

	do
		n = recv(fd, buf, len, flags);
	while (n < 0 && errno == EINTR && !crew_paused(c));
	return n < 0 ? -errno : n;
}

static struct timespec time_left(uint64_t until_ns)
{
	uint64_t now = monotonic_ns(), left = until_ns > now ? until_ns - now : 0;

	return (struct timespec){.tv_sec = (time_t)(left / NSEC_PER_SEC),
				 .tv_nsec = (long)(left % NSEC_PER_SEC)};
}

/* What came through --control, if anything. */
static unsigned int listen_to_orders(struct crew *c)
{
	int err;

	if (c->order || c->orphan || c->reader.fd < 0)
		return 0;
	err = control_read_event(&c->reader, 0, &c->order);
	if (!err)
		return CREW_ORDER;
	c->orphan = err != -ETIMEDOUT && err != -EINTR;
	return c->orphan ? CREW_ORPHAN : 0;
}

unsigned int crew_wait(struct crew *c, int other_fd, uint64_t until_ns)
{
	/* An order may have come in the same piece as the one before. */
	unsigned int events = c->reader.len ? listen_to_orders(c) : 0;
	struct pollfd pfd[] = {
		{.fd = c->event_fd, .events = POLLIN},
		{.fd = c->signal_fd, .events = POLLIN},
		{.fd = c->orphan || c->order ? -1 : c->common->control_fd, .events = POLLIN},
		{.fd = other_fd, .events = POLLIN},
	};
	struct timespec left = time_left(until_ns);
	struct signalfd_siginfo si;
	eventfd_t count;

	if (events)
		return events;
	if (ppoll(pfd, ARRAY_SIZE(pfd), until_ns == UINT64_MAX ? NULL : &left, NULL) <= 0)
		return 0;
	if (pfd[0].revents)
		eventfd_read(c->event_fd, &count);
	if (pfd[1].revents && read(c->signal_fd, &si, sizeof(si)) > 0)
		events |= CREW_SIGNAL;
	if (pfd[2].revents)
		events |= listen_to_orders(c);
	if (pfd[3].revents)
		events |= CREW_OTHER_FD;
	return events;
}

/* The end of a stream of orders may have come before the answers', and is told once. */
static void wait_for_release(struct crew *c)
{
	unsigned int events = 0;

	while (!c->orphan && !(events & (CREW_ORPHAN | CREW_SIGNAL))) {
		json_decref(c->order);
		c->order = NULL;
		events = crew_wait(c, -1, UINT64_MAX);
	}
}

int crew_report(struct crew *c, json_t *result)
{
	int err;

	if (c->common->control_fd >= 0) {
		json_object_set_new(result, "event", json_string("result"));
		err = control_send(workload_answer_fd(c->common), result);
		if (!err)
			wait_for_release(c);
		return err;
	}
	if (c->common->json) {
		json_dumpf(result, stdout, JSON_COMPACT);
		putchar('\n');
	}
	json_decref(result);
	return 0;
}
