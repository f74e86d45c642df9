// SPDX-License-Identifier: GPL-2.0-only
/* Real namespaces and cgroups; skipped without root. /run is a private tmpfs here, so that neither
 * other runs nor their leftovers matter; with TESTBED_TEST_HOST=1 (tests/e2e/testbed.bats) the
 * machine's own is used.
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "testbed/internal.h"
#include "testbed/mountinfo.h"
#include "testbed/testbed.h"

#define KILLS 30

static const struct testbed_config veth = {.path = "veth"};
static const struct testbed_config loopback = {.path = "loopback"};

static bool private_run(void)
{
	return !getenv("TESTBED_TEST_HOST");
}

/* Up in the current test; taken down after it even if it fails. */
static struct testbed *tb, *other;

static int take_down(void **state)
{
	(void)state;
	testbed_down(&tb);
	testbed_down(&other);
	return 0;
}

static int set_up(void **state)
{
	(void)state;
	if (geteuid() || !private_run())
		return 0;
	return unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	       mount("tmpfs", "/run", "tmpfs", 0, "mode=755");
}

/* Without root the whole program is one skipped test, with its reason. */
static void need_root(void)
{
	if (geteuid()) {
		print_message("skipped: needs root\n");
		skip();
	}
}

/* ---- looking ------------------------------------------------------------------------------- */

static char *cgroup2_root(void)
{
	_cleanup_fclose_ FILE *f = fopen("/proc/self/mountinfo", "re");
	_cleanup_free_ char *line = NULL;
	struct cgroup2_mount m;
	char *found = NULL;
	size_t cap = 0;

	while (!found && getline(&line, &cap, f) > 0) {
		if (!mountinfo_parse_cgroup2(line, &m))
			continue;
		found = xstrdup(m.mount_point);
		cgroup2_mount_clear(&m);
	}
	return found;
}

static bool exists(const char *fmt, const char *a, const char *b)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), fmt, a, b);
	return !access(path, F_OK);
}

static void assert_nothing_left(const char *id)
{
	_cleanup_free_ char *root = cgroup2_root();

	assert_false(exists("/run/copyscope/%s%s", id, ""));
	assert_false(exists("/var/run/netns/cs-%s-%s", id, "srv"));
	assert_false(exists("/var/run/netns/cs-%s-%s", id, "cli"));
	if (root)
		assert_false(exists("%s/copyscope-%s", root, id));
	if (private_run())
		assert_int_equal(access(STATE_BASE, F_OK), -1);
}

/* Lines of a file, as a fingerprint of what is mounted or linked. */
static size_t line_cnt(const char *path)
{
	_cleanup_fclose_ FILE *f = fopen(path, "re");
	_cleanup_free_ char *line = NULL;
	size_t cap = 0, n = 0;

	while (getline(&line, &cap, f) > 0)
		n++;
	return n;
}

/* ---- tests --------------------------------------------------------------------------------- */

static void up_and_down(void **state)
{
	const struct testbed_config *configs[] = {&veth, &loopback, &veth};
	size_t i, mounts = 0, links = line_cnt("/proc/net/dev");
	uint64_t begin_ns;

	(void)state;
	need_root();
	for (i = 0; i < ARRAY_SIZE(configs); i++) {
		_cleanup_free_ char *id = NULL;

		begin_ns = monotonic_ns();
		assert_int_equal(testbed_up(configs[i], &tb), 0);
		print_message("%s up in %.1f ms\n", configs[i]->path,
			      (double)(monotonic_ns() - begin_ns) / 1e6);
		assert_int_equal(line_cnt("/proc/net/dev"), links);
		id = xstrdup(testbed_id(tb));
		assert_true(exists("/run/copyscope/%s%s", id, "/lock"));
		assert_true(exists("/var/run/netns/%s%s", testbed_netns_name(tb, ROLE_SERVER), ""));
		testbed_down(&tb);
		assert_null(tb);
		testbed_down(&tb);
		assert_nothing_left(id);
		/* The first `ip netns add` of a machine mounts /run/netns on itself for good. */
		if (i)
			assert_int_equal(line_cnt("/proc/self/mountinfo"), mounts);
		mounts = line_cnt("/proc/self/mountinfo");
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
static void traffic_flows(const struct testbed_config *config)
{
	struct sockaddr_in address;
	char peer[INET_ADDRSTRLEN];
	int gate[2], status;
	pid_t server, client;

	assert_int_equal(testbed_up(config, &tb), 0);
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
	traffic_flows(&veth);
	traffic_flows(&loopback);
}

static pid_t sleeper(void)
{
	pid_t pid = fork();

	if (!pid) {
		for (;;)
			pause();
	}
	return pid;
}

static void cgroups(void **state)
{
	_cleanup_free_ char *root = cgroup2_root(), *want = NULL, *path = NULL, *line = NULL;
	char file[64];
	size_t cap = 0;
	struct stat st;
	bool found = false;
	int status;
	pid_t pid;
	FILE *f;

	(void)state;
	need_root();
	if (!root)
		skip();
	assert_int_equal(testbed_up(&loopback, &tb), 0);
	pid = sleeper();
	assert_int_equal(testbed_cgroup_add(tb, ROLE_CLIENT, pid), 0);
	assert_true(testbed_cgroup_add(tb, ROLE_CLIENT, INT_MAX) < 0);
	snprintf(file, sizeof(file), "/proc/%d/cgroup", (int)pid);
	want = xasprintf("0::/copyscope-%s/client\n", testbed_id(tb));
	f = fopen(file, "re");
	while (getline(&line, &cap, f) > 0)
		found |= !strcmp(line, want);
	fclose(f);
	assert_true(found);
	path = xasprintf("%s/copyscope-%s/client", root, testbed_id(tb));
	assert_int_equal(stat(path, &st), 0);
	assert_true(testbed_cgroup_id(tb, ROLE_CLIENT) == st.st_ino);
	assert_true(testbed_cgroup_id(tb, ROLE_SERVER) != st.st_ino);
	testbed_down(&tb); /* takes the process along */
	assert_int_equal(waitpid(pid, &status, WNOHANG), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

/* A run that would stay up for ever, with a role process on its gate and a temporary directory. */
static void hold(const struct testbed_config *config, int ready_fd, const char *temp)
{
	pid_t pid;

	if (testbed_up(config, &tb) || testbed_remember_path(tb, temp) || mkdir(temp, 0700))
		_exit(1);
	pid = fork();
	if (!pid) {
		if (testbed_cgroup_add(tb, ROLE_CLIENT, getpid()) ||
		    testbed_enter_netns(tb, ROLE_CLIENT) || write(ready_fd, "r", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	for (;;)
		pause();
}

/* Kill a holder after delay_us, or once it is up (delay_us < 0); true if it was up. */
static bool kill_holder(const struct testbed_config *config, int delay_us, const char *temp)
{
	struct pollfd ready = {.events = POLLIN};
	int gate[2], status;
	bool was_up;
	pid_t pid;

	assert_int_equal(pipe(gate), 0);
	pid = fork();
	if (!pid) {
		alarm(20);
		hold(config, gate[1], temp);
	}
	close(gate[1]);
	ready.fd = gate[0];
	if (delay_us < 0)
		poll(&ready, 1, 10000);
	else
		usleep((useconds_t)delay_us);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	was_up = poll(&ready, 1, 0) == 1 && (ready.revents & POLLIN);
	close(gate[0]);
	return was_up;
}

/* A killed process is empty of its cgroup a moment before it can be waited for. */
static void reap(void)
{
	uint64_t deadline_ns = monotonic_ns() + 2 * NSEC_PER_SEC;

	while (waitpid(-1, NULL, WNOHANG) >= 0 && monotonic_ns() < deadline_ns)
		usleep(200);
}

static void killed_runs_are_recovered(void **state)
{
	_cleanup_free_ char *temp = xasprintf("/tmp/copyscope-tmp-live-%d", (int)getpid());
	int i, up_cnt = 0, early_cnt = 0;

	(void)state;
	need_root();
	/* The role processes left behind become ours: count that they end. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	for (i = 0; i < KILLS; i++) {
		struct path_list ids = {0};
		int delay_us = i % 5 ? rand() % 15000 : -1;
		size_t k;

		*(kill_holder(i % 3 ? &veth : &loopback, delay_us, temp) ? &up_cnt : &early_cnt) +=
			1;
		assert_int_equal(run_dirs_list(STATE_BASE, &ids), 0);
		if (private_run())
			assert_int_equal(testbed_recover(), ids.cnt);
		else
			assert_true(testbed_recover() >= 0);
		for (k = 0; k < ids.cnt && private_run(); k++)
			assert_nothing_left(ids.path[k]);
		path_list_free(&ids);
		assert_int_equal(access(temp, F_OK), -1);
		reap();
		assert_int_equal(testbed_recover(), 0);
	}
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no process left over */
	print_message("killed %d runs that were up, %d on their way\n", up_cnt, early_cnt);
	assert_true(up_cnt >= KILLS / 5);
}

static void two_at_once(void **state)
{
	_cleanup_free_ char *first = NULL, *second = NULL;

	(void)state;
	need_root();
	assert_int_equal(testbed_up(&veth, &tb), 0);
	assert_int_equal(testbed_up(&veth, &other), 0);
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

/* Runs fn in a child with its own mounts and expects it to return 0. */
static void in_child(int (*fn)(void))
{
	int status;
	pid_t pid = fork();

	if (!pid)
		_exit(unshare(CLONE_NEWNS) ? 100 : fn());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static int up_as_nobody(void)
{
	if (setresgid(65534, 65534, 65534) || setresuid(65534, 65534, 65534))
		return 1;
	return testbed_up(&veth, &tb) == -EPERM && !tb ? 0 : 2;
}

static int up_without_cgroup2(void)
{
	uint64_t server, client;
	char *root, *id;
	size_t mounts;

	while ((root = cgroup2_root()))
		if (umount2(root, MNT_DETACH))
			return 1;
	mounts = line_cnt("/proc/self/mountinfo");
	if (testbed_up(&loopback, &tb))
		return 2;
	server = testbed_cgroup_id(tb, ROLE_SERVER);
	client = testbed_cgroup_id(tb, ROLE_CLIENT);
	if (!server || !client || server == client || cgroup2_root() ||
	    testbed_cgroup_add(tb, ROLE_SERVER, sleeper()))
		return 3;
	id = xstrdup(testbed_id(tb));
	testbed_down(&tb);
	if (line_cnt("/proc/self/mountinfo") > mounts + 1 || exists("/run/copyscope/%s%s", id, ""))
		return 4;
	/* Make it visible again: the cgroup must be gone. */
	if (mount("none", "/mnt", "cgroup2", 0, NULL))
		return 5;
	return exists("/mnt/copyscope-%s%s", id, "") ? 6 : 0;
}

static int up_without_ip(void)
{
	static const char *const places[] = {"/usr/sbin/ip", "/sbin/ip", "/usr/bin/ip", "/bin/ip"};
	struct path_list ids = {0};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(places); i++) /* /proc/version is not executable */
		if (!access(places[i], F_OK) &&
		    mount("/proc/version", places[i], NULL, MS_BIND, NULL))
			return 1;
	if (testbed_up(&veth, &tb) != -ENOTSUP || tb)
		return 2;
	run_dirs_list(STATE_BASE, &ids);
	return private_run() && ids.cnt ? 3 : 0;
}

static void missing_things(void **state)
{
	(void)state;
	need_root();
	in_child(up_as_nobody);
	in_child(up_without_cgroup2);
	in_child(up_without_ip);
	assert_int_equal(testbed_up(&(struct testbed_config){.path = "teleport"}, &tb), -EINVAL);
	assert_null(tb);
}

static void remembered_paths(void **state)
{
	_cleanup_free_ char *gone = xasprintf("/tmp/copyscope-tmp-gone-%d", (int)getpid());
	_cleanup_free_ char *kept = xasprintf("/tmp/copyscope-tmp-kept-%d", (int)getpid());

	(void)state;
	need_root();
	assert_int_equal(testbed_up(&loopback, &tb), 0);
	assert_int_equal(testbed_remember_path(tb, "/etc/passwd"), -EINVAL);
	assert_int_equal(testbed_remember_path(tb, "/tmp/copyscope-tmp-x/.."), -ENOENT);
	assert_int_equal(testbed_remember_path(tb, "/no/such/dir/copyscope-tmp-x"), -ENOENT);
	assert_int_equal(testbed_remember_path(tb, gone), 0);
	assert_int_equal(testbed_remember_path(tb, kept), 0);
	assert_int_equal(mkdir(gone, 0700), 0);
	assert_int_equal(mkdir(kept, 0700), 0);
	assert_int_equal(testbed_forget_path(tb, kept), 0);
	testbed_down(&tb);
	assert_int_equal(access(gone, F_OK), -1);
	assert_int_equal(rmdir(kept), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(up_and_down, take_down),
		cmocka_unit_test_teardown(traffic, take_down),
		cmocka_unit_test_teardown(cgroups, take_down),
		cmocka_unit_test_teardown(two_at_once, take_down),
		cmocka_unit_test_teardown(missing_things, take_down),
		cmocka_unit_test_teardown(remembered_paths, take_down),
		cmocka_unit_test(killed_runs_are_recovered),
	};

	srand((unsigned int)monotonic_ns());
	return cmocka_run_group_tests(tests, set_up, NULL);
}
