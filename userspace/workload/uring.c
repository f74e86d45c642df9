// SPDX-License-Identifier: GPL-2.0-only
#include "workload/uring.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "core/log.h"
#include "workload/crew.h"

/* ms; the kernel rounds it up to ticks. 0 would be a second. */
#define SQPOLL_IDLE_MS 1

/* The thread that polls takes requests off the ring only after it has completed them (io_submit_sqes()), so that who has
 * seen them complete may find no room: with twice as much those before are gone for certain.
 */
static int init_polled(struct io_uring *ring, unsigned int requests, unsigned int completions)
{
	struct io_uring_params p = {.flags = IORING_SETUP_CQSIZE | IORING_SETUP_SQPOLL,
				    .cq_entries = MAX(completions, 2 * requests),
				    .sq_thread_idle = SQPOLL_IDLE_MS};

	return io_uring_queue_init_params(2 * requests, ring, &p);
}

/* Work that is left to do for a request is done where its thread waits for it, and interrupts nothing: since 6.1. */
static int init(struct io_uring *ring, unsigned int requests, unsigned int completions)
{
	struct io_uring_params p = {.flags = IORING_SETUP_CQSIZE | IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN,
				    .cq_entries = MAX(completions, 2 * requests)};
	int err = io_uring_queue_init_params(requests, ring, &p);

	if (err != -EINVAL)
		return err;
	p.flags = IORING_SETUP_CQSIZE;
	return io_uring_queue_init_params(requests, ring, &p);
}

/* Where only root may have rings (kernel.io_uring_disabled=1), the workload of `run`, which is not root, has none. */
static bool only_for_root(void)
{
	_cleanup_fclose_ FILE *f = fopen("/proc/sys/kernel/io_uring_disabled", "re");
	unsigned int disabled = 0;

	return f && fscanf(f, "%u", &disabled) == 1 && disabled == 1;
}

struct attempt {
	int (*try)(int arg);
	int arg, err;
};

static void *make_attempt(void *arg)
{
	struct attempt *a = arg;

	a->err = a->try(a->arg);
	return NULL;
}

/* The kernel takes a closed ring apart later, and wakes the thread that made it for that: one that is gone by then, and
 * not one that is to stand still in a window.
 */
int uring_try(int (*try)(int arg), int arg)
{
	struct attempt a = {.try = try, .arg = arg};
	pthread_t thread;
	int err;

	if (only_for_root())
		return -EPERM;
	err = pthread_create(&thread, NULL, make_attempt, &a);
	if (err)
		return -err;
	pthread_join(thread, NULL);
	return a.err;
}

static int knows(int opcode)
{
	struct io_uring_probe *probe;
	struct io_uring ring;
	int err = init(&ring, 1, 0);

	if (err)
		return err;
	probe = io_uring_get_probe_ring(&ring);
	err = probe && io_uring_opcode_supported(probe, opcode) ? 0 : -EOPNOTSUPP;
	io_uring_free_probe(probe);
	io_uring_queue_exit(&ring);
	return err;
}

int uring_supported(int opcode)
{
	return uring_try(knows, opcode);
}

/* There are rings, or we would not have come to ask for one with a thread. */
static char *no_thread(int err)
{
	return xasprintf("no io_uring that a thread polls: %s%s", strerror(-err),
			 err == -EAGAIN ? ": raise `ulimit -u`" : "");
}

int uring_open(struct io_uring *ring, enum issue issue, unsigned int requests, unsigned int completions, char **error)
{
	const bool polled = issue == ISSUE_SQPOLL;
	int err = polled ? init_polled(ring, requests, completions) : init(ring, requests, completions);

	if (err == -ENOMEM)
		*error = xstrdup("no memory for an io_uring: raise `ulimit -l`, or use fewer clients");
	else if (err && polled && err != -EMFILE)
		*error = no_thread(err);
	else if (err)
		*error = xasprintf("no io_uring: %s: %s", strerror(-err),
				   err == -EMFILE ? "raise `ulimit -n`" : "see sysctl kernel.io_uring_disabled");
	return err;
}

/* For larger completions there is nothing to fall back to: kernels that know them have all of these. */
int uring_open_large(struct io_uring *ring, unsigned int completions)
{
	struct io_uring_params p = {.flags = IORING_SETUP_CQSIZE | IORING_SETUP_SINGLE_ISSUER |
					     IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_CQE32,
				    .cq_entries = completions};

	return io_uring_queue_init_params(1, ring, &p);
}

unsigned int uring_issued_by(enum issue issue)
{
	return issue == ISSUE_IOWQ ? IOSQE_ASYNC : 0;
}

int uring_submit(struct io_uring *ring, unsigned int completions)
{
	int n;

	do {
		n = io_uring_submit_and_wait(ring, completions);
	} while (n == -EINTR);
	return n < 0 ? n : 0;
}

int uring_wait(struct io_uring *ring, struct io_uring_cqe **cqe, uint64_t timeout_ns)
{
	struct __kernel_timespec ts = {.tv_sec = (long long)(timeout_ns / NSEC_PER_SEC),
				       .tv_nsec = (long long)(timeout_ns % NSEC_PER_SEC)};
	int err;

	do {
		err = timeout_ns ? io_uring_wait_cqe_timeout(ring, cqe, &ts) : io_uring_wait_cqe(ring, cqe);
	} while (err == -EINTR);
	return err;
}

int uring_next(struct io_uring *ring, struct io_uring_cqe **cqe, struct crew *crew)
{
	int n;

	while (io_uring_peek_cqe(ring, cqe)) {
		n = io_uring_submit_and_wait(ring, 1);
		if (n < 0 && (n != -EINTR || crew_paused(crew)))
			return n;
	}
	return 0;
}
