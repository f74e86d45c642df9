#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# The tests' own check for what a run leaves behind: it sees what is ours, and takes nothing of others,
# who run on the same machine, for it.

load helpers

setup() {
    need_root
    cd "$BATS_TEST_TMPDIR" || return
    prime_netns
}

teardown() {
    [ -z "${other_pid:-}" ] || kill -9 "$other_pid" 2>/dev/null || true
    ! ip netns list | grep -q '^cs-0f0f0f-srv' || ip netns delete cs-0f0f0f-srv
}

only_ours_differs() {
    [ "$(difference "$before")" = $'> mount /run/netns/cs-0f0f0f-srv\n> netns cs-0f0f0f-srv' ]
}

@test "leftovers: ours are seen, a run of others is not taken for one, alive or dead" {
    before=$(snapshot)
    ip netns add cs-0f0f0f-srv
    "$COPYSCOPE" run "${CELL[@]}" --duration 30 --repeat 1 --out r >out 2>err 3>&- &
    other_pid=$!
    within 10 run_id $other_pid >id
    within 10 role_pids "$(cat id)" server
    within 20 only_ours_differs
    ip netns list | grep -q "^cs-$(cat id)-srv"
    kill -9 $other_pid
    within 20 only_ours_differs
    marked "$COPYSCOPE" "${SHORT[@]}" "${CELL[@]}" --quiet --out r
    within 20 only_ours_differs
    ip netns delete cs-0f0f0f-srv
    as_before "$before"
}
