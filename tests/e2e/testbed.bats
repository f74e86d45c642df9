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

@test "testbed: without root the tests are skipped, with the reason" {
    cp "$live" "$BATS_TEST_TMPDIR/live" && chmod 755 "$BATS_TEST_TMPDIR/live"
    chmod 711 "$BATS_RUN_TMPDIR" "$BATS_TEST_TMPDIR" "${BATS_TEST_TMPDIR%/*}"
    run setpriv --reuid=65534 --regid=65534 --clear-groups "$BATS_TEST_TMPDIR/live"
    echo "$output"
    [ "$status" -eq 0 ]
    [[ "$output" == *"needs root"* ]]
    [[ "$output" == *"SKIPPED"* ]]
}
