#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# The testbed on the machine itself: after ups, downs and kill -9, everything is as it was before.

setup() {
	[ "$(id -u)" = 0 ] || skip "needs root"
	live="${OUT:-build}/tests/test_testbed_live"
	recover="${OUT:-build}/tests/test_testbed_recover"
	for program in "$live" "$recover"; do
		[ -x "$program" ] || skip "$program is not built: make tests"
	done
	PATH="$PATH:/usr/sbin:/sbin"
	command -v ip >/dev/null || skip "needs iproute2"
	# The first named namespace of a machine mounts /run/netns on itself, and that stays.
	ip netns add "cs-prime-$$" && ip netns delete "cs-prime-$$"
}

snapshot() {
	echo "== netns";      ip netns list | grep '^cs-'
	echo "== links";      ip -oneline link | awk '{ print $2 }'
	echo "== mounts";     awk '{ print $5 }' /proc/self/mountinfo
	echo "== cgroups";    find /sys/fs/cgroup -maxdepth 3 -type d -name 'copyscope-*'
	echo "== state";      ls /run/copyscope 2>&1
	echo "== temporary";  ls -d /tmp/copyscope-tmp-* 2>&1
	echo "== processes";  pgrep -fc 'test_testbed_(live|recover)'
	return 0
}

@test "testbed: up, down and kill -9 leave the machine as it was" {
	before="$(snapshot)"
	for program in "$live" "$recover"; do
		run env TESTBED_TEST_HOST=1 "$program"
		echo "$output"
		[ "$status" -eq 0 ]
		[[ "$output" == *"PASSED"* ]]
	done
	after="$(snapshot)"
	diff <(echo "$before") <(echo "$after")
}

@test "testbed: two test runs side by side do not disturb each other" {
	"$live" >"$BATS_TEST_TMPDIR/a" 2>&1 &
	run "$live"
	echo "$output"
	[ "$status" -eq 0 ]
	wait $! || { cat "$BATS_TEST_TMPDIR/a"; false; }
}

@test "testbed: without root the tests are skipped, with the reason" {
	command -v setpriv >/dev/null || skip "needs setpriv (util-linux)"
	cp "$live" "$BATS_TEST_TMPDIR/live" && chmod 755 "$BATS_TEST_TMPDIR/live"
	chmod 711 "$BATS_RUN_TMPDIR" "$BATS_TEST_TMPDIR" "${BATS_TEST_TMPDIR%/*}"
	run setpriv --reuid=65534 --regid=65534 --clear-groups "$BATS_TEST_TMPDIR/live"
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *"needs root"* ]]
	[[ "$output" == *"SKIPPED"* ]]
}
