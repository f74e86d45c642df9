// SPDX-License-Identifier: GPL-2.0-only
/* What a testbed that is up is good for: traffic, cgroups, several at once. */
#include <netdb.h>
#include <sys/socket.h>

#include "testbed_live.h"
#include "workload/sock.h"

/* Counting all mounts would count those that others make and remove. */
static bool is_mounted(const char *id)
{
	_cleanup_fclose_ FILE *f = fopen("/proc/self/mountinfo", "re");
	_cleanup_free_ char *line = NULL;
	size_t cap = 0;

	while (getline(&line, &cap, f) > 0)
		if (strstr(line, id))
			return true;
	return false;
}

static void up_and_down(void **state)
{
	static const char *const paths[] = {"veth", "loopback", "veth", "veth", "loopback", "routed"};
	size_t i, links = line_cnt("/proc/net/dev");
	uint64_t begin_ns;

	(void)state;
	need_root();
	for (i = 0; i < ARRAY_SIZE(paths); i++) {
		_cleanup_free_ char *id = NULL;
		bool ipv6 = i >= 3 && here_is_ipv6();

		begin_ns = monotonic_ns();
		assert_int_equal(testbed_up(paths[i], ipv6, &tb), 0);
		print_message("%s%s up in %.1f ms\n", paths[i], ipv6 ? " over IPv6" : "",
			      (double)(monotonic_ns() - begin_ns) / 1e6);
		assert_int_equal(line_cnt("/proc/net/dev"), links);
		id = xstrdup(testbed_id(tb));
		assert_true(exists("/run/copyscope/%s%s", id, ""));
		assert_true(exists("/var/run/netns/%s%s", testbed_netns_name(tb, ROLE_SERVER), ""));
		assert_true(is_mounted(id));
		testbed_down(&tb);
		assert_null(tb);
		testbed_down(&tb);
		assert_nothing_left(id);
		assert_false(is_mounted(id));
		assert_int_equal(line_cnt("/proc/net/dev"), links);
	}
}

static int listen_at_server(struct sockaddr_storage *address)
{
	socklen_t len;
	int fd;

	if (sock_address(testbed_address(tb, ROLE_SERVER), 0, address, &len))
		_exit(9);
	fd = socket(address->ss_family, SOCK_STREAM, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)address, len) || listen(fd, 1) ||
	    getsockname(fd, (struct sockaddr *)address, &len))
		_exit(10);
	return fd;
}

static void accept_client(int fd)
{
	struct sockaddr_storage address;
	socklen_t len = sizeof(address);
	char peer[NI_MAXHOST];

	if (accept(fd, (struct sockaddr *)&address, &len) < 0 ||
	    getnameinfo((struct sockaddr *)&address, len, peer, sizeof(peer), NULL, 0, NI_NUMERICHOST))
		_exit(13);
	_exit(strcmp(peer, testbed_address(tb, ROLE_CLIENT)) ? 13 : 0);
}

/* The server's child reports its port; the client's child connects, at once, and must be seen under its
 * address.
 */
static void traffic_flows(const char *path, bool ipv6)
{
	struct sockaddr_storage address;
	int gate[2], status;
	pid_t server, client;

	assert_int_equal(testbed_up(path, ipv6, &tb), 0);
	assert_int_equal(pipe(gate), 0);
	server = fork();
	if (!server) {
		int fd;

		alarm(10);
		if (testbed_enter_netns(tb, ROLE_SERVER))
			_exit(11);
		fd = listen_at_server(&address);
		if (write(gate[1], &address, sizeof(address)) != sizeof(address))
			_exit(12);
		accept_client(fd);
	}
	assert_int_equal(read(gate[0], &address, sizeof(address)), sizeof(address));
	client = fork();
	if (!client) {
		alarm(2); /* one question for a neighbour may get lost, and is asked again after a second */
		if (testbed_enter_netns(tb, ROLE_CLIENT))
			_exit(11);
		_exit(connect(socket(address.ss_family, SOCK_STREAM, 0), (struct sockaddr *)&address,
			      sizeof(address))
			      ? 14
			      : 0);
	}
	assert_int_equal(waitpid(client, &status, 0), client);
	assert_int_equal(status, 0);
	assert_int_equal(waitpid(server, &status, 0), server);
	assert_int_equal(status, 0);
	close(gate[0]);
	close(gate[1]);
	testbed_down(&tb);
}

static void traffic(void **state)
{
	(void)state;
	need_root();
	traffic_flows("veth", false);
	traffic_flows("loopback", false);
	traffic_flows("routed", false);
}

static void traffic_over_ipv6(void **state)
{
	(void)state;
	need_root();
	if (!here_is_ipv6()) {
		print_message("skipped: this kernel has no IPv6\n");
		skip();
	}
	traffic_flows("veth", true);
	traffic_flows("loopback", true);
	traffic_flows("routed", true);
}

static bool is_in_cgroup(pid_t pid, const char *want)
{
	_cleanup_free_ char *path = xasprintf("/proc/%d/cgroup", (int)pid), *line = NULL;
	bool found = false;
	size_t cap = 0;
	FILE *f = fopen(path, "re");

	while (getline(&line, &cap, f) > 0)
		found |= !strcmp(line, want);
	fclose(f);
	return found;
}

static void dies_with_the_testbed(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, WNOHANG), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void cgroups(void **state)
{
	_cleanup_free_ char *root = NULL, *want = NULL, *path = NULL;
	struct stat st;
	pid_t pid, born;

	(void)state;
	need_root();
	root = cgroup2_root();
	if (!root) {
		print_message("skipped: no cgroup v2 hierarchy is mounted\n");
		skip();
	}
	assert_int_equal(testbed_up("loopback", false, &tb), 0);
	pid = sleeper();
	assert_int_equal(testbed_cgroup_add(tb, ROLE_CLIENT, pid), 0);
	assert_true(testbed_cgroup_add(tb, ROLE_CLIENT, INT_MAX) < 0);
	want = xasprintf("0::/copyscope-%s/client\n", testbed_id(tb));
	assert_true(is_in_cgroup(pid, want));
	born = testbed_fork(tb, ROLE_CLIENT);
	while (!born)
		pause();
	assert_true(is_in_cgroup(born, want));
	path = xasprintf("%s/copyscope-%s/client", root, testbed_id(tb));
	assert_int_equal(stat(path, &st), 0);
	assert_true(testbed_cgroup_id(tb, ROLE_CLIENT) == st.st_ino);
	assert_true(testbed_cgroup_id(tb, ROLE_SERVER) != st.st_ino);
	testbed_down(&tb); /* takes the processes along */
	dies_with_the_testbed(pid);
	dies_with_the_testbed(born);
}

static void two_at_once(void **state)
{
	_cleanup_free_ char *first = NULL, *second = NULL;

	(void)state;
	need_root();
	assert_int_equal(testbed_up("veth", false, &tb), 0);
	assert_int_equal(testbed_up("veth", false, &other), 0);
	first = xstrdup(testbed_id(tb));
	second = xstrdup(testbed_id(other));
	assert_string_not_equal(first, second);
	assert_true(testbed_cgroup_id(tb, ROLE_SERVER) != testbed_cgroup_id(other, ROLE_SERVER));
	assert_int_equal(testbed_recover(), 0); /* the living are left alone */
	testbed_down(&tb);
	assert_false(exists("/run/copyscope/%s%s", first, ""));
	assert_true(exists("/var/run/netns/%s%s", testbed_netns_name(other, ROLE_CLIENT), ""));
	testbed_down(&other);
	assert_nothing_left(second);
}

/* "up-and-down": just that, for tests that disturb it; the id on stdout. */
static int once(void)
{
	int err = testbed_recover();

	err = err < 0 ? err : testbed_up("veth", false, &tb);
	if (err)
		return EXIT_FAILED;
	puts(testbed_id(tb));
	testbed_down(&tb);
	return EXIT_OK;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(up_and_down, take_down),
		cmocka_unit_test_teardown(traffic, take_down),
		cmocka_unit_test_teardown(traffic_over_ipv6, take_down),
		cmocka_unit_test_teardown(cgroups, take_down),
		cmocka_unit_test_teardown(two_at_once, take_down),
	};

	if (argc > 1 && !strcmp(argv[1], "up-and-down"))
		return once();
	return cmocka_run_group_tests(tests, set_up, NULL);
}
