// SPDX-License-Identifier: GPL-2.0-only
/* The gate: whoever is late for it is neither lost nor left behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <signal.h>
#include <unistd.h>

#include "workload/crew.h"

#define THREADS 64
#define ROUNDS	200

static struct crew crew;

static void *work(void *unused)
{
	crew_ready(&crew);
	for (;;) {
		while (!crew_halted(&crew))
			;
		if (!crew_paused(&crew))
			break;
		crew_rest(&crew);
	}
	crew_done(&crew);
	return unused;
}

/* A pause that waits for ever is ended as Ctrl-C would. */
static void too_long(int signal)
{
	(void)signal;
	kill(getpid(), SIGTERM);
}

static void test_gate_shut_at_once(void **state)
{
	const struct workload_options common = {.control_fd = -1, .socket_fd = -1};
	int i;

	(void)state;
	assert_int_equal(crew_init(&crew, &common, THREADS), 0);
	for (i = 0; i < THREADS; i++)
		assert_int_equal(crew_start(&crew, work, NULL), 0);
	while (atomic_load(&crew.ready) < THREADS)
		crew_wait(&crew, -1, UINT64_MAX);
	signal(SIGALRM, too_long);
	alarm(30);
	for (i = 0; i < ROUNDS; i++) {
		crew_open_gate(&crew);
		assert_int_equal(crew_pause(&crew, false), 0);
		assert_int_equal(crew.resting, THREADS);
	}
	alarm(0);
	crew_stop(&crew);
	crew_fini(&crew);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gate_shut_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
