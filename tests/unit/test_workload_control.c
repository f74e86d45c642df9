// SPDX-License-Identifier: GPL-2.0-only
/* Events over the control socket: whole, in pieces, late, broken, and the peer's death. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "workload/control.h"

static int pair[2];
static struct control_reader reader;

static int setup(void **state)
{
	(void)state;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return -1;
	reader = (struct control_reader){.fd = pair[0]};
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	control_reader_free(&reader);
	close(pair[0]);
	if (pair[1] >= 0)
		close(pair[1]);
	return 0;
}

static void put(const char *text)
{
	assert_int_equal(write(pair[1], text, strlen(text)), strlen(text));
}

static void assert_event(const char *name)
{
	json_t *event = NULL;

	assert_int_equal(control_read_event(&reader, 1000, &event), 0);
	assert_string_equal(json_string_value(json_object_get(event, "event")), name);
	json_decref(event);
}

static int failure(int timeout_ms)
{
	json_t *event = NULL;
	int err = control_read_event(&reader, timeout_ms, &event);

	assert_null(event);
	return err;
}

static void sent_events_arrive(void **state)
{
	(void)state;
	assert_int_equal(control_send(pair[1], json_pack("{s:s,s:i}", "event", "ready", "port", 7)),
			 0);
	assert_int_equal(control_send(pair[1], json_pack("{s:s}", "event", "result")), 0);
	assert_event("ready");
	assert_event("result");
}

static void pieces_and_timeout(void **state)
{
	(void)state;
	assert_int_equal(failure(0), -ETIMEDOUT);
	put("{\"event\":");
	assert_int_equal(failure(10), -ETIMEDOUT);
	put("\"a\"}\n{\"event\":\"b\"}\n{\"ev");
	assert_event("a");
	assert_event("b");
	assert_int_equal(failure(0), -ETIMEDOUT);
	put("ent\":\"c\"}\n");
	assert_event("c");
}

static void long_event(void **state)
{
	char *text = xmalloc(100001);
	json_t *event;

	(void)state;
	memset(text, 'x', 100000);
	text[100000] = '\0';
	event = json_pack("{s:s,s:s}", "event", "long", "text", text);
	assert_int_equal(control_send(pair[1], event), 0);
	assert_event("long");
	free(text);
}

static void death_is_not_a_timeout(void **state)
{
	(void)state;
	put("{\"event\":\"ready\"}\n{\"event\":\"res");
	close(pair[1]);
	pair[1] = -1;
	assert_event("ready");
	assert_int_equal(failure(1000), -EPIPE);
	assert_int_equal(failure(-1), -EPIPE);
}

static void garbage_is_refused(void **state)
{
	(void)state;
	put("not json\n");
	assert_int_equal(failure(1000), -EPROTO);
	put("{\"no\":\"event\"}\n");
	assert_int_equal(failure(1000), -EPROTO);
	put("[1]\n{\"event\":\"fine\"}\n");
	assert_int_equal(failure(1000), -EPROTO);
	assert_event("fine");
}

static void nobody_listens(void **state)
{
	(void)state;
	shutdown(pair[0], SHUT_RDWR);
	assert_int_equal(control_send(pair[1], json_pack("{s:s}", "event", "ready")), -EPIPE);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(sent_events_arrive),     TEST(pieces_and_timeout), TEST(long_event),
		TEST(death_is_not_a_timeout), TEST(garbage_is_refused), TEST(nobody_listens),
	};
#undef TEST

	return cmocka_run_group_tests(tests, NULL, NULL);
}
