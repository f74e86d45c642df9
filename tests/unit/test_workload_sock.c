// SPDX-License-Identifier: GPL-2.0-only
/* What a connection that moves nothing waits for: its own kernel, or a peer that does not read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "core/util.h"
#include "workload/sock.h"

struct pair {
	int sender, receiver;
};

static int connect_pair(void **state)
{
	static struct pair pair;
	struct sockaddr_in addr = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(addr);
	_cleanup_close_ int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_false(setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &(int){4096}, sizeof(int)));
	pair.sender = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_false(bind(listener, (struct sockaddr *)&addr, len) || listen(listener, 1));
	assert_false(getsockname(listener, (struct sockaddr *)&addr, &len));
	assert_false(connect(pair.sender, (struct sockaddr *)&addr, len));
	pair.receiver = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	assert_true(pair.receiver >= 0);
	*state = &pair;
	return 0;
}

static int close_pair(void **state)
{
	struct pair *pair = *state;

	close(pair->sender);
	close(pair->receiver);
	return 0;
}

/* A corked piece waits for more, for 200 ms at most: it is looked at anew until that was not over between two calls. */
static void what_the_kernel_keeps_is_told(void **state)
{
	const struct pair *pair = *state;
	const int cork = 1;
	uint32_t held = 0;
	int tries;

	assert_int_equal(sock_held_back_bytes(pair->sender), 0);
	assert_false(setsockopt(pair->sender, IPPROTO_TCP, TCP_CORK, &cork, sizeof(cork)));
	for (tries = 0; !held && tries < 50; tries++) {
		char byte;

		assert_int_equal(send(pair->sender, "x", 1, 0), 1);
		held = sock_held_back_bytes(pair->sender);
		if (!held)
			assert_int_equal(recv(pair->receiver, &byte, 1, 0), 1);
	}
	assert_int_equal(held, 1);
}

/* Its window is shut before the queue is empty: nothing is under way, and what is not sent has no room. */
static void a_peer_that_does_not_read_is_not_our_kernel(void **state)
{
	static const char bytes[64 * 1024];
	const struct pair *pair = *state;
	struct tcp_info info = {.tcpi_unacked = 1};
	int tries;

	while (send(pair->sender, bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
		;
	for (tries = 0; info.tcpi_unacked && tries < 100; tries++) {
		socklen_t len = sizeof(info);

		usleep(10000);
		assert_false(getsockopt(pair->sender, IPPROTO_TCP, TCP_INFO, &info, &len));
	}
	assert_int_equal(info.tcpi_unacked, 0);
	assert_true(info.tcpi_notsent_bytes > 0);
	assert_int_equal(sock_held_back_bytes(pair->sender), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_the_kernel_keeps_is_told, connect_pair, close_pair),
		cmocka_unit_test_setup_teardown(a_peer_that_does_not_read_is_not_our_kernel, connect_pair, close_pair),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
