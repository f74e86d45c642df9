#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# copyscope diff: what it compares, what it says, when it fails a build.

bats_require_minimum_version 1.5.0

setup_file() {
    cd "$BATS_TEST_DIRNAME/../.." || return
    OUT=$(realpath "${OUT:-build}")
    export OUT
}

setup() {
    GOLDEN=tests/golden
    TMP=$(mktemp -d)
}

teardown() {
    rm -rf "$TMP"
}

compare() {
    "$OUT/copyscope" diff "$@"
}

# The golden run with one number changed: jq's view of every clean server result of a mode.
slower() { # MODE FACTOR
    jq -c --arg mode "$1" --argjson by "$2" \
        '(.results[] | select(.mode == $mode) | .values |
            ((.server, .client).task_clock_ns, .cell.busy_cpu_ns)[0]) *= $by' \
        "$GOLDEN/normal.json"
}

@test "diff: usage errors are one line and exit 2" {
    for args in "" "$GOLDEN/normal.json" "a b c" "--format xml a b" "--modes A1 a" \
        "--metric cyclez a b" "--metric cycles, a b" "--metric cycles@ a b" "--fail-if cycles a b" \
        "--metric cycles@kernel $GOLDEN/normal.json $GOLDEN/normal.json" \
        "--fail-if cycles=1 a b" "--fail-if cycles>nan a b" "--fail-if cycles>-1 a b" \
        "--fail-if sent_bytes>1 a b" "--modes A1,A9 $GOLDEN/normal.json"; do
        # shellcheck disable=SC2086  # words
        run -2 --separate-stderr compare $args
        [ "${#stderr_lines[@]}" -eq 1 ]
        [ -z "$output" ]
    done
    run -2 --separate-stderr compare --fail-if 'cpu_ns_per_bite>1.05' a b
    [[ $stderr == *"did you mean 'cpu_ns_per_byte'"* ]]
    run -2 --separate-stderr compare --modes A1,A33 "$GOLDEN/normal.json"
    [[ $stderr == *"did you mean 'A3'"* ]]
}

@test "diff: what cannot be read exits 1" {
    echo '{' >"$TMP/broken.json"
    run -1 --separate-stderr compare "$GOLDEN/normal.json" "$TMP/broken.json"
    run -1 --separate-stderr compare "$GOLDEN/normal.json" "$TMP/absent"
    [ "${#stderr_lines[@]}" -eq 1 ]
}

@test "diff: a run and itself do not differ" {
    run -0 --separate-stderr compare "$GOLDEN/normal.json" "$GOLDEN/normal.json" --metric all \
        --format json
    jq -e '.rows | length > 500 and all(.[]; .verdict == "no difference" or
        .verdict == "absent" or (.verdict == "only a bound" and .bound != null))' \
        <<<"$output"
    jq -e '[.rows[] | select(.verdict != "absent") | .ratio == 1] | all' <<<"$output"
}

@test "diff: a directory and its results.json are the same" {
    mkdir "$TMP/r"
    cp "$GOLDEN/normal.json" "$TMP/r/results.json"
    compare "$TMP/r" "$GOLDEN/one-repetition.json" | tail -n +2 >"$TMP/1"
    compare "$TMP/r/results.json" "$GOLDEN/one-repetition.json" | tail -n +2 >"$TMP/2"
    cmp "$TMP/1" "$TMP/2"
    grep -q 'too few repetitions' "$TMP/1"
}

@test "diff: a slowdown of 20 % in one mode is found there and nowhere else" {
    slower A2 1.2 >"$TMP/slow.json"
    run -0 --separate-stderr compare "$GOLDEN/normal.json" "$TMP/slow.json" --format json \
        --metric cpu_ns_per_byte
    jq -e '[.rows[] | select(.mode_a == "A2")] | length == 8 and
        all(.[]; .verdict == "worse" and .ratio > 1.15 and .ratio < 1.25)' <<<"$output"
    jq -e '[.rows[] | select(.mode_a != "A2")] | length == 16 and all(.[]; .ratio == 1)' <<<"$output"
}

@test "diff: --fail-if exits 3 on a regression, 0 without, 1 when it cannot know" {
    slower A2 1.2 >"$TMP/slow.json"
    run -3 --separate-stderr compare "$GOLDEN/normal.json" "$TMP/slow.json" \
        --fail-if 'cpu_ns_per_byte>1.05'
    [[ $stderr == *"'cpu_ns_per_byte>1.05' holds at A2"* ]]
    run -0 compare "$GOLDEN/normal.json" "$TMP/slow.json" --fail-if 'cpu_ns_per_byte > 1.3'
    run -0 compare "$TMP/slow.json" "$GOLDEN/normal.json" --fail-if 'cpu_ns_per_byte>1.05'
    run -3 compare "$TMP/slow.json" "$GOLDEN/normal.json" --fail-if 'cpu_ns_per_byte@cell<=0.95'
    # one of two is enough, the order does not matter
    run -3 compare "$GOLDEN/normal.json" "$TMP/slow.json" --fail-if 'cycles@server>9' \
        --fail-if 'cpu_ns_per_byte>1.05'
    run -1 --separate-stderr compare "$GOLDEN/normal.json" "$GOLDEN/no-pmu.json" \
        --fail-if 'cycles@server>1.05'
    [[ $stderr == *"cannot be judged at A1, server, 16 KiB x 1: not measured in B: no hardware PMU"* ]]
    # a metric nobody asked for
    run -1 --separate-stderr compare "$GOLDEN/normal.json" "$GOLDEN/normal.json" \
        --fail-if 'verify_errors>1'
    [[ $stderr == *"neither side measured it"* ]]
}

@test "diff: a metric that only some modes have can be judged" {
    run -0 --separate-stderr compare "$GOLDEN/normal.json" "$GOLDEN/normal.json" \
        --fail-if 'copied_ids_ratio>1'
    [ -z "$stderr" ]
}

@test "diff: noise fails no build" {
    # half of the repetitions 20 % up, the others 20 % down: the interval spans 1
    jq -c '.results |= map(if .mode == "A1" then .repetition as $r |
        (.values | ((.server, .client).task_clock_ns, .cell.busy_cpu_ns)[0]) *= ([1.3, 0.7, 1.2][$r - 1]) else . end)' \
        "$GOLDEN/normal.json" >"$TMP/noisy.json"
    run -0 --separate-stderr compare "$GOLDEN/normal.json" "$TMP/noisy.json" --format json \
        --fail-if 'cpu_ns_per_byte>1.05' --modes A1,A1
    jq -e '.rows[] | select(.metric == "cpu_ns_per_byte") | .verdict == "no difference" and .ratio > 1.05' \
        <<<"$output" >/dev/null
    jq -e '.conditions == [{"condition": "cpu_ns_per_byte>1.05", "state": "does not hold"}]' <<<"$output"
}

@test "diff: runs that have no cell in common exit 1" {
    jq -c '.plan.modes[0].name = "Z1" | .plan.modes = .plan.modes[:1] |
        .results = [.results[] | select(.mode == "A1") | .mode = "Z1"]' "$GOLDEN/no-stacks.json" \
        >"$TMP/z.json"
    run -1 --separate-stderr compare "$GOLDEN/no-stacks.json" "$TMP/z.json" --fail-if 'cycles>1'
    [ "${#stderr_lines[@]}" -eq 1 ]
    [[ $stderr == *"no cell in common"* ]]
    run -0 compare "$GOLDEN/no-stacks.json" "$TMP/z.json" --modes A1,Z1
}

@test "diff: what the runs were told differently is said" {
    jq -c '.plan.path = "loopback"' "$GOLDEN/normal.json" >"$TMP/lo.json"
    run -0 compare "$GOLDEN/normal.json" "$TMP/lo.json"
    [[ $output == *"differs: path: veth / loopback"* ]]
    jq -c '.plan.ipv6 = true' "$GOLDEN/normal.json" >"$TMP/v6.json"
    run -0 compare "$GOLDEN/normal.json" "$TMP/v6.json"
    [[ $output == *"differs: IP version: IPv4 / IPv6"* && $output != *"differs: path"* ]]
}

@test "diff: the flamegraph is well-formed, per byte, and shows what vanished" {
    command -v xmllint >/dev/null || skip "xmllint is not installed: scripts/deps.sh test"
    compare "$GOLDEN/normal.json" --modes A1,A3 --flame "$TMP/f.svg" >/dev/null
    xmllint --noout "$TMP/f.svg"
    # A1 alone flattens, A3 alone copies in softirq
    grep -q '<title>flatten \[libc.so.6\] (A [0-9.]*, B 0 ns per KiB, vanished)' "$TMP/f.svg"
    grep -q '<title>skb_copy_ubufs (A 0, B [0-9.]* ns per KiB, new)' "$TMP/f.svg"
    # the same run twice: nothing grew or shrank
    compare "$GOLDEN/normal.json" "$GOLDEN/normal.json" --flame "$TMP/same.svg" >/dev/null
    run ! grep -E ', (new|vanished|[+-][1-9].*)\)</title>' "$TMP/same.svg"
    # twice as many bytes for the same samples: half of the time per byte
    jq -c '(.results[].values.server.app_bytes[0]) *= 2' "$GOLDEN/normal.json" >"$TMP/twice.json"
    compare "$GOLDEN/normal.json" "$TMP/twice.json" --flame "$TMP/half.svg" >/dev/null
    [ "$(grep -c ', -50.0 %)</title>' "$TMP/half.svg")" = \
        "$(grep -c 'ns per KiB, .*</title>' "$TMP/half.svg")" ]
}

@test "diff: no stacks, no flamegraph: exit 1, the file is not made" {
    run -1 --separate-stderr compare "$GOLDEN/no-stacks.json" --modes A1,A3 --flame "$TMP/f.svg"
    [[ $stderr == *"no CPU samples"* ]]
    [ ! -e "$TMP/f.svg" ]
}

@test "diff: hostile names stay text in every format" {
    for format in text md json; do
        compare "$GOLDEN/hostile.json" "$GOLDEN/hostile.json" --format $format --flame "$TMP/g.svg" \
            --fail-if 'throughput_gbps<1' >"$TMP/$format"
        [ -s "$TMP/$format" ]
    done
    jq -e . "$TMP/json" >/dev/null
    run ! grep -lF '<script>alert' "$TMP/md" "$TMP/g.svg"
    # escape and direction characters of a terminal
    run ! grep -lF $'\xe2\x80\xae' "$TMP/text" "$TMP/md" "$TMP/g.svg"
    run ! grep -lP '[\x00-\x08\x0b-\x1f]' "$TMP/text" "$TMP/md" "$TMP/g.svg"
}

@test "diff: a hostile owner stays text, too" {
    jq '(.owners[1][0], .results[].copies[][0]) |= (if . == "server" then "\u001b[31m" else . end)
        | (.results[].waits[][0]) |= (if . == "server" then "\u001b[31m" else . end)
        | .results[].values |= with_entries(if .key == "server" then .key = "\u001b[31m" else . end)' \
        "$GOLDEN/one-repetition.json" >"$TMP/owner.json"
    for format in text md; do
        compare "$TMP/owner.json" --modes A1,A3 --metric all --format $format >"$TMP/$format"
        grep -qF 'U+001B>[31m' "$TMP/$format" || grep -qF 'U+001B&gt;' "$TMP/$format"
    done
    run ! grep -lP '[\x00-\x08\x0b-\x1f]' "$TMP/text" "$TMP/md"
}
