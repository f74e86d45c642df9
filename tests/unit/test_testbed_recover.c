// SPDX-License-Identifier: GPL-2.0-only
/* Testbeds that are not taken down, or cannot come up: what is left, and who removes it. */
#include <poll.h>
#include <linux/capability.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "testbed_live.h"

#define KILLS 30

/* A run that would stay up for ever, with a role process on its gate, and that makes one local socket after another. */
static void hold(const char *path, bool ipv6, int ready_fd)
{
	int bound, handle;
	pid_t pid;

	if (testbed_up(path, ipv6, &tb))
		_exit(1);
	pid = fork();
	if (!pid) {
		if (testbed_cgroup_add(tb, ROLE_CLIENT, getpid()) ||
		    testbed_enter_netns(tb, ROLE_CLIENT) || write(ready_fd, "r", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	while (!testbed_local_socket(tb, &bound, &handle)) {
		close(bound);
		close(handle);
	}
	_exit(1);
}

/* tests/e2e/helpers.bash wants to know which dead runs are ours. */
static void tell_test(void)
{
	const char *path = getenv("COPYSCOPE_TEST_RUNS");
	_cleanup_fclose_ FILE *f = path ? fopen(path, "ae") : NULL;

	if (f)
		fprintf(f, "%d\n", (int)getpid());
}

/* Kill a holder after delay_us, or once it is up (delay_us < 0); true if it was up. */
static bool kill_holder(const char *path, bool ipv6, int delay_us)
{
	struct pollfd ready = {.events = POLLIN};
	int gate[2], status;
	bool was_up;
	pid_t pid;

	assert_int_equal(pipe(gate), 0);
	pid = fork();
	if (!pid) {
		tell_test();
		alarm(20);
		hold(path, ipv6, gate[1]);
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

/* On the machine's own /run others die, and recover us, too. */
static void assert_recovered(size_t want)
{
	int cnt = testbed_recover();

	assert_true(private_run() ? cnt == (int)want : cnt >= 0);
}

static void killed_runs_are_recovered(void **state)
{
	static const char *const paths[] = {"veth", "loopback", "routed"};
	int i, up_cnt = 0, early_cnt = 0;

	(void)state;
	need_root();
	/* The role processes left behind become ours: count that they end. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	for (i = 0; i < KILLS; i++) {
		struct run_ids ids = {0};
		int delay_us = i % 5 ? rand() % 15000 : -1;
		bool ipv6 = i % 2 && here_is_ipv6();
		size_t k;

		if (kill_holder(paths[i % ARRAY_SIZE(paths)], ipv6, delay_us))
			up_cnt++;
		else
			early_cnt++;
		assert_int_equal(run_states_list(STATE_BASE, &ids), 0);
		assert_recovered(ids.cnt);
		for (k = 0; k < ids.cnt && private_run(); k++)
			assert_nothing_left(ids.id[k]);
		free(ids.id);
		reap();
		assert_recovered(0);
	}
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no process left over */
	print_message("killed %d runs that were up, %d on their way\n", up_cnt, early_cnt);
	assert_true(up_cnt >= KILLS / 5);
}

/* Runs fn in a child with its own mounts and expects it to return 0. */
static void in_child(int (*fn)(void))
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
			_exit(100);
		_exit(fn());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static int up_as_nobody(void)
{
	if (setresgid(65534, 65534, 65534) || setresuid(65534, 65534, 65534))
		return 1;
	return testbed_up("veth", false, &tb) == -EPERM && !tb ? 0 : 2;
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
	if (testbed_up("loopback", false, &tb))
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

/* The root of the hierarchy is taken, though a read-only mount and a part of it come before. */
static int up_among_odd_mounts(void)
{
	char *root, *id;

	while ((root = cgroup2_root()))
		if (umount2(root, MNT_DETACH))
			return 1;
	if (mount("none", "/mnt", "tmpfs", 0, NULL) || mkdir("/mnt/ro", 0700) ||
	    mkdir("/mnt/part", 0700) || mkdir("/mnt/the root", 0700) ||
	    mount("none", "/mnt/ro", "cgroup2", 0, NULL) ||
	    (mkdir("/mnt/ro/copyscope-test-part", 0755) && errno != EEXIST) ||
	    mount("/mnt/ro/copyscope-test-part", "/mnt/part", NULL, MS_BIND, NULL) ||
	    mount(NULL, "/mnt/ro", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) ||
	    mount("none", "/mnt/the root", "cgroup2", 0, NULL))
		return 2;
	if (testbed_up("loopback", false, &tb))
		return 3;
	id = xstrdup(testbed_id(tb));
	/* The root of a container's hierarchy is no root: there the order decides. */
	if (access("/mnt/the root/cgroup.events", F_OK) &&
	    !exists("/mnt/the root/copyscope-%s/%s", id, "client"))
		return 4;
	testbed_down(&tb);
	if (umount2("/mnt/part", 0) || rmdir("/mnt/the root/copyscope-test-part"))
		return 5;
	return exists("/mnt/the root/copyscope-%s%s", id, "") ? 6 : 0;
}

/* As from a file that has them: they do not reach ip. */
static int up_with_capabilities_of_our_own(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct caps[_LINUX_CAPABILITY_U32S_3];

	if (prctl(PR_SET_KEEPCAPS, 1) || setresuid(12345, 12345, 12345) ||
	    syscall(SYS_capget, &header, caps))
		return 1;
	caps[0].effective = caps[0].permitted;
	caps[1].effective = caps[1].permitted;
	if (syscall(SYS_capset, &header, caps))
		return 2;
	return testbed_up("veth", false, &tb) == -EPERM && !exists("/run/copyscope-%s%s", "12345", "") ? 0 : 3;
}

/* An ip that is this shell script: testbed_up() fails with one line that holds the words. */
static int up_with_ip(const char *script, const char *words)
{
	int fd = memfd_create("stderr", 0), out = dup(STDERR_FILENO), err;
	_cleanup_fclose_ FILE *f = fopen("/run/ip", "we");
	char said[1024] = "";

	if (!f || fprintf(f, "#!/bin/sh\n%s\n", script) < 0 || fflush(f) || chmod("/run/ip", 0755))
		return -1;
	fclose(take_ptr(f));
	dup2(fd, STDERR_FILENO);
	err = testbed_up("veth", false, &tb);
	dup2(out, STDERR_FILENO);
	if (pread(fd, said, sizeof(said) - 1, 0) <= 0 || !strstr(said, words) ||
	    strchr(said, '\n')[1] || exists("%s%s", STATE_BASE, ""))
		return -1;
	return err == -EIO ? 0 : -1;
}

static int up_with_failing_ip(void)
{
	if (!private_run())
		return 0;
	if (mknod("/run/ip", S_IFREG | 0755, 0) || mount("/run/ip", "/usr/sbin/ip", NULL, MS_BIND, NULL))
		return 1;
	if (up_with_ip("exit 1", "it did not say why"))
		return 2;
	if (up_with_ip("printf '\\nthe cause\\nthe place\\n' >&2; exit 1", "failed: the cause"))
		return 3;
	if (up_with_ip("kill -9 $$", "killed by signal 9"))
		return 4;
	return 0;
}

static int up_without_ip(void)
{
	static const char *const places[] = {"/usr/sbin/ip", "/sbin/ip", "/usr/bin/ip", "/bin/ip"};
	struct run_ids ids = {0};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(places); i++) /* /proc/version is not executable */
		if (!access(places[i], F_OK) &&
		    mount("/proc/version", places[i], NULL, MS_BIND, NULL))
			return 1;
	if (testbed_up("veth", false, &tb) != -ENOTSUP || tb)
		return 2;
	run_states_list(STATE_BASE, &ids);
	return private_run() && ids.cnt ? 3 : 0;
}

static void missing_things(void **state)
{
	(void)state;
	need_root();
	in_child(up_as_nobody);
	in_child(up_without_cgroup2);
	in_child(up_among_odd_mounts);
	in_child(up_without_ip);
	in_child(up_with_capabilities_of_our_own);
	in_child(up_with_failing_ip);
	assert_int_equal(testbed_up("teleport", false, &tb), -EINVAL);
	assert_null(tb);
}

/* Something that looks like a dead run's and cannot be removed is no obstacle to the next run. */
static void foreign_state(void **state)
{
	(void)state;
	need_root();
	if (!private_run())
		return;
	assert_int_equal(mkdir(STATE_BASE, 0700), 0);
	assert_int_equal(mkdir(STATE_BASE "/abcdef", 0700), 0);
	assert_int_equal(mkdir(STATE_BASE "/abcdef/foreign", 0700), 0);
	assert_int_equal(mkdir(STATE_BASE "/not-ours", 0700), 0);
	assert_int_equal(symlink("/etc/passwd", STATE_BASE "/abcde0"), 0);
	assert_int_equal(mkfifo(STATE_BASE "/abcde1", 0600), 0);
	assert_int_equal(testbed_recover(), 0);
	assert_int_equal(testbed_up("loopback", false, &tb), 0);
	testbed_down(&tb);
	assert_int_equal(rmdir(STATE_BASE "/abcdef/foreign"), 0);
	assert_int_equal(rmdir(STATE_BASE "/not-ours"), 0);
	assert_int_equal(unlink(STATE_BASE "/abcde0"), 0);
	assert_int_equal(unlink(STATE_BASE "/abcde1"), 0);
	assert_int_equal(rmdir(STATE_BASE "/abcdef"), 0);
	assert_int_equal(rmdir(STATE_BASE), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(missing_things, take_down),
		cmocka_unit_test_teardown(foreign_state, take_down),
		cmocka_unit_test(killed_runs_are_recovered),
	};

	srand((unsigned int)monotonic_ns());
	return cmocka_run_group_tests(tests, set_up, NULL);
}
