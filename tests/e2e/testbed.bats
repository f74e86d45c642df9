#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# The testbed on the machine itself: after ups, downs and kill -9, everything is as it was before.

load helpers

setup() {
    live=$OUT/tests/test_testbed_live
    recover=$OUT/tests/test_testbed_recover
    need_root
    for program in "$live" "$recover"; do
        [ -x "$program" ] || skip "$program is not built: make tests"
    done
    prime_netns
}

@test "testbed: up, down and kill -9 leave the machine as it was" {
    before=$(snapshot)
    for program in "$live" "$recover"; do
        run marked TESTBED_TEST_HOST=1 "$program"
        echo "$output"
        [ "$status" -eq 0 ]
        [[ "$output" == *"PASSED"* ]]
    done
    as_before "$before"
}

@test "testbed: two test runs side by side do not disturb each other" {
    "$live" >"$BATS_TEST_TMPDIR/a" 2>&1 &
    run "$live"
    echo "$output"
    [ "$status" -eq 0 ]
    wait $! || { cat "$BATS_TEST_TMPDIR/a"; false; }
}

# as_user COMMAND...: an ordinary user who holds what `copyscope check` asks for.
as_user() {
    local caps=+bpf,+perfmon,+net_admin,+sys_admin,+dac_override
    marked setpriv --reuid=12345 --regid=12345 --clear-groups --inh-caps=$caps --ambient-caps=$caps "$@"
}

# The pid of that user's run.
user_run() {
    grep -rhs . /run/copyscope-12345
}

teardown() {
    [ -z "${run_pid:-}" ] || kill -9 "$run_pid" 2>/dev/null || true
    [ -z "${user_pid:-}" ] || kill -9 "$user_pid" 2>/dev/null || true
}

@test "testbed: root and a user with capabilities do not block each other, each cleans up their own" {
    mkdir -m 777 "$BATS_TEST_TMPDIR/parent"
    chmod 711 "$BATS_RUN_TMPDIR" "$BATS_TEST_TMPDIR" "${BATS_TEST_TMPDIR%/*}"
    cd "$BATS_TEST_TMPDIR/parent"
    before=$(snapshot)
    long=(run "${CELL[@]}" --duration 30 --repeat 1 --format json)
    short=("$COPYSCOPE" "${SHORT[@]}" "${CELL[@]}" --format json)
    # beside the other's live run, and after its death
    start_run "${long[@]}" --out dead
    within 10 run_id "$run_pid"
    as_user "${short[@]}" --out user
    kill -9 "$run_pid"
    as_user "${short[@]}" --out user
    as_user "$COPYSCOPE" "${long[@]}" --out dead 2>err 3>&- &
    within 10 user_run >pid
    user_pid=$(cat pid)
    marked "${short[@]}" --out root
    kill -9 "$user_pid"
    marked "${short[@]}" --out root
    # the user's is not root's to remove
    user_run
    as_user "${short[@]}" --out user
    as_before "$before"
}

# apart COMMAND...: with a /run of its own, so that nobody else cleans up; what it leaves there is told.
apart() {
    marked unshare -m --propagation private bash -c 'mount -t tmpfs none /run || exit
        "$@"; status=$?
        find /run -mindepth 1 ! -path /run/netns -printf "left: %p\n" >&2
        exit $status' - "$@" >out 2>err 3>&-
}

@test "testbed: however few files may be open, an error is one line and nothing is left behind" {
    cd "$BATS_TEST_TMPDIR"
    before=$(snapshot)
    for limit in {4..30}; do
        status=0
        # shellcheck disable=SC2016
        apart bash -c 'ulimit -n "$1"; exec "$2" up-and-down' - "$limit" "$live" || status=$?
        echo "ulimit -n $limit: $status $(cat err)"
        [ "$(wc -l <err)" = $((status != 0)) ]
    done
    [ $status = 0 ]
    as_before "$before"
}

# fails_once SYSCALL ERROR N: the N-th such call of the testbed, and of each ip it starts, fails. Nothing is left
# after the next run, which has no cause to complain. Silent unless that is wrong.
fails_once() {
    local dir=$BATS_TEST_TMPDIR/$1-$3
    mkdir "$dir"
    # shellcheck disable=SC2016
    marked unshare -m --propagation private bash -c 'mount -t tmpfs none /run && cd "$1" || exit
        strace -f -qq -o log -e trace="$3,mkdirat" -e inject="$3:error=$4:when=$5" "$2" up-and-down >out 2>err ||
            [ -s err ] || echo "failed without a word"
        grep -q INJECTED log || echo "was not reached"
        "$2" up-and-down 2>&1 >out || echo "the next run failed"
        find /run -mindepth 1 ! -path /run/netns
        for mount in $(findmnt -rn -t cgroup2 -o TARGET); do
            for name in $(grep -o "copyscope-[0-9a-f]*" log | sort -u); do
                [ ! -e "$mount/$name" ] || echo "left: $mount/$name"
            done
        done' - "$dir" "$live" "$@" >"$dir/wrong" 2>&1 3>&- || echo "ended with status $?" >>"$dir/wrong"
    [ ! -s "$dir/wrong" ] || sed "s/^/$*: /" "$dir/wrong" "$dir/err"
}

@test "testbed: whichever system call fails, nothing is left after the next run" {
    need strace
    before=$(snapshot)
    cd "$BATS_TEST_TMPDIR"
    while read -r call error times; do
        for n in $times; do
            while [ "$(jobs -rp | wc -l)" -ge 3 ]; do wait -n; done
            fails_once "$call" "$error" "$n" &
        done
    done >wrong <<'END'
openat EMFILE 10 11 12 13 14 15 16 17 18 19 20 21 22
fstatfs EIO 1 2
mkdir ENOSPC 1
mkdirat EIO 1 2 3
flock EINTR 1 3
write ENOSPC 1
clone3 EAGAIN 1 2
wait4 EINTR 1
sendmsg ENOBUFS 1
mount EPERM 1
umount2 EBUSY 1 2
unlink EIO 1 2
unlinkat EIO 1 2
rmdir EIO 1
END
    wait
    cat wrong
    [ ! -s wrong ]
    as_before "$before"
}

@test "testbed: without root the tests are skipped, with the reason" {
    cp "$live" "$BATS_TEST_TMPDIR/live" && chmod 755 "$BATS_TEST_TMPDIR/live"
    chmod 711 "$BATS_RUN_TMPDIR" "$BATS_TEST_TMPDIR" "${BATS_TEST_TMPDIR%/*}"
    run setpriv --reuid=65534 --regid=65534 --clear-groups "$BATS_TEST_TMPDIR/live"
    echo "$output"
    [ "$status" -eq 0 ]
    [[ "$output" == *"needs root"* ]]
    [[ "$output" == *"SKIPPED"* ]]
}
