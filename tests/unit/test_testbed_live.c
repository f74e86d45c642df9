// SPDX-License-Identifier: GPL-2.0-only
/* What a testbed that is up is good for: traffic, cgroups, several at once. */
#include <arpa/inet.h>
#include <sys/socket.h>

#include "testbed_live.h"

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
	static const char *const paths[] = {"veth", "loopback", "veth"};
	size_t i, links = line_cnt("/proc/net/dev");
	uint64_t begin_ns;

	(void)state;
	need_root();
	for (i = 0; i < ARRAY_SIZE(paths); i++) {
		_cleanup_free_ char *id = NULL;

		begin_ns = monotonic_ns();
		assert_int_equal(testbed_up(paths[i], &tb), 0);
		print_message("%s up in %.1f ms\n", paths[i],
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

static int listen_at_server(struct sockaddr_in *address)
{
	socklen_t len = sizeof(*address);
	int fd;

	*address = (struct sockaddr_in){.sin_family = AF_INET};
	inet_pton(AF_INET, testbed_address(tb, ROLE_SERVER), &address->sin_addr);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)address, len) || listen(fd, 1) ||
	    getsockname(fd, (struct sockaddr *)address, &len))
		_exit(10);
	return fd;
}

/* The server's child reports its port; the client's child connects and must be seen under its
 * address.
 */
static void traffic_flows(const char *path)
{
	struct sockaddr_in address;
	char peer[INET_ADDRSTRLEN];
	int gate[2], status;
	pid_t server, client;

	assert_int_equal(testbed_up(path, &tb), 0);
	assert_int_equal(pipe(gate), 0);
	server = fork();
	if (!server) {
		socklen_t len = sizeof(address);
		int fd, conn;

		alarm(10);
		if (testbed_enter_netns(tb, ROLE_SERVER))
			_exit(11);
		fd = listen_at_server(&address);
		if (write(gate[1], &address, sizeof(address)) != sizeof(address))
			_exit(12);
		conn = accept(fd, (struct sockaddr *)&address, &len);
		inet_ntop(AF_INET, &address.sin_addr, peer, sizeof(peer));
		_exit(conn < 0 || strcmp(peer, testbed_address(tb, ROLE_CLIENT)) ? 13 : 0);
	}
	assert_int_equal(read(gate[0], &address, sizeof(address)), sizeof(address));
	client = fork();
	if (!client) {
		alarm(10);
		if (testbed_enter_netns(tb, ROLE_CLIENT))
			_exit(11);
		_exit(connect(socket(AF_INET, SOCK_STREAM, 0), (struct sockaddr *)&address,
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
	traffic_flows("veth");
	traffic_flows("loopback");
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
	assert_int_equal(testbed_up("loopback", &tb), 0);
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
	assert_int_equal(testbed_up("veth", &tb), 0);
	assert_int_equal(testbed_up("veth", &other), 0);
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

	err = err < 0 ? err : testbed_up("veth", &tb);
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
		cmocka_unit_test_teardown(cgroups, take_down),
		cmocka_unit_test_teardown(two_at_once, take_down),
	};

	if (argc > 1 && !strcmp(argv[1], "up-and-down"))
		return once();
	return cmocka_run_group_tests(tests, set_up, NULL);
}
