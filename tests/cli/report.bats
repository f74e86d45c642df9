#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# copyscope report: renders committed results without root, refuses what it must.

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

report() {
    "$OUT/copyscope" report "$@"
}

@test "report: --versus adds two modes of the run, either way round, and refuses others" {
    run -0 report "$GOLDEN/normal.json" --out "$TMP/v" --format md --versus a1,A3
    [ "$(grep -c '^| A1 | A3 | ' "$TMP/v/report.md")" = 4 ]
    [ "$(grep -c '^| A3 | A1 | ' "$TMP/v/report.md")" = 4 ]
    for pair in A1 A1,A1 A1,A9 A1,A2,A3 write,A1 ""; do
        run -2 --separate-stderr report "$GOLDEN/normal.json" --out "$TMP/v2" --versus "$pair"
        [ "${#stderr_lines[@]}" = 1 ]
    done
    [ ! -e "$TMP/v2" ]
}

@test "report: of attach the answers, as text or as a page, or what is made of stacks, and nothing of modes" {
    local file of=$GOLDEN/attach/nginx-write.json drawn=$BATS_TEST_TMPDIR/drawn
    run -0 "$OUT/copyscope" report "$of"
    [[ $output == *"Would it pay?"* ]]
    run -0 "$OUT/copyscope" report "$of" --out "$drawn"
    grep -q '^nginx ([0-9]*);.*tcp_sendmsg_locked' "$drawn/attach.folded"
    for file in flame-attach.svg offcpu-attach.svg speedscope.json profile-attach.pb.gz; do [ -s "$drawn/$file" ]; done
    cmp "$of" "$drawn/results.json"
    for file in index.html report.md; do grep -q "Would it pay?" "$drawn/$file"; done
    [ "$(cut -d, -f 3-5 "$drawn/results.csv")" = "Owner,sent_calls,sent_bytes
nginx (11409),20174,6057122356" ]
    [ ! -e "$drawn/metrics.om" ]
    run -2 "$OUT/copyscope" report "$of" --format html,openmetrics --out "$BATS_TEST_TMPDIR/page"
    [[ $output == *"there is no openmetrics of"* ]]
    [ ! -e "$BATS_TEST_TMPDIR/page" ]
}

@test "report: no DIR, unknown option, unknown format are usage errors" {
    run -2 --separate-stderr report
    [[ $stderr == *"DIR is missing"* ]]
    run -2 --separate-stderr report "$GOLDEN/normal.json" "$GOLDEN/no-pmu.json" --out "$TMP/x"
    [[ $stderr == *"no-pmu.json' is one argument too many"* ]]
    run -2 report --no-such-option x
    run -2 --separate-stderr report "$GOLDEN/normal.json" --format htm --out "$TMP/x"
    [[ $stderr == *"did you mean 'html'"* ]]
    [ ! -e "$TMP/x" ]
}

@test "report: --help succeeds and tells where the formats are listed" {
    run -0 report --help
    [[ $output == "Usage: copyscope report"*"--format LIST"*"copyscope list formats"* ]]
}

@test "report: a directory without results.json fails in one line" {
    run -1 --separate-stderr report "$TMP"
    [ "${#stderr_lines[@]}" -eq 1 ]
    [ -z "$output" ]
}

@test "report: the original's columns come first, one row a cell and repetition" {
    run -0 report "$GOLDEN/normal.json" --format csv --out "$TMP/r"
    [ "$output" = "$TMP/r" ]
    head=Mode,Size,Threads,Throughput_Gbps,Latency_us,Cycles,L1_Misses,LLC_Misses,ContextSwitches
    [[ $(head -n 1 "$TMP/r/results.csv") == "$head",* ]]
    # 3 modes, 4 sizes, 2 thread counts, 3 repetitions
    [ "$(wc -l <"$TMP/r/results.csv")" -eq $((1 + 3 * 4 * 2 * 3)) ]
    # every row has as many fields as the header
    [ "$(awk -F, '{ print NF }' "$TMP/r/results.csv" | sort -u | wc -l)" -eq 1 ]
    grep -q '^2,1048576,4,' "$TMP/r/results.csv"
}

@test "report: a run over IPv6 says so wherever its path is told, one over IPv4 is as it was" {
    jq -c '.plan.ipv6 = true' "$GOLDEN/one-repetition.json" >"$TMP/six.json"
    run -0 report "$TMP/six.json" --format md,html,csv,openmetrics --out "$TMP/six"
    run -0 report "$GOLDEN/one-repetition.json" --format md,html,csv,openmetrics --out "$TMP/four"
    grep -q '^| Path, pattern | veth over IPv6, stream |' "$TMP/six/report.md"
    grep -q 'path veth over IPv6 · pattern stream' "$TMP/six/index.html"
    grep -q '^copyscope_run_info{.*path="veth",ip="6",' "$TMP/six/metrics.om"
    cmp "$TMP/six/results.csv" "$TMP/four/results.csv"
    run ! grep -r 'IPv6\|ip="' "$TMP/four"
}

@test "report: absent counters are empty fields, never 0" {
    report "$GOLDEN/no-pmu.json" --format csv --out "$TMP/r"
    awk -F, 'NR > 1 && ($6 != "" || $7 != "" || $8 != "" || $9 == "") { exit 1 }' "$TMP/r/results.csv"
}

@test "report: renders in place, twice the same" {
    mkdir "$TMP/r"
    cp "$GOLDEN/normal.json" "$TMP/r/results.json"
    report "$TMP/r" --format csv,md,flame,folded
    cp -r "$TMP/r" "$TMP/first"
    report "$TMP/r" --format csv,md,flame,folded
    diff -r --exclude plots "$TMP/first" "$TMP/r"
}

@test "report: a foreign directory is refused and untouched" {
    mkdir "$TMP/mine"
    echo keep >"$TMP/mine/thesis.txt"
    run -1 --separate-stderr report "$GOLDEN/normal.json" --out "$TMP/mine"
    [[ $stderr == *"not an earlier report: choose another directory" ]]
    [ "$(ls "$TMP/mine")" = thesis.txt ]
    [ "$(ls "$TMP")" = mine ]
}

@test "report: an unwritable place fails in one line with the remedy" {
    run -1 --separate-stderr report "$GOLDEN/normal.json" --out /proc/nowhere/r
    [ "${#stderr_lines[@]}" -eq 1 ]
    [[ $stderr == *"--out"* ]]
}

@test "report: a full disk leaves nothing behind" {
    run -1 bash -c "ulimit -f 8; trap '' XFSZ; '$OUT/copyscope' report '$GOLDEN/normal.json' \
        --format json --out '$TMP/r'"
    [ -z "$(ls -A "$TMP")" ]
}

@test "report: without gnuplot it is complete, with a warning and exit 0" {
    mkdir "$TMP/bin"
    run -0 --separate-stderr env PATH="$TMP/bin" "$OUT/copyscope" report "$GOLDEN/normal.json" \
        --out "$TMP/r"
    [[ $stderr == *gnuplot* ]]
    [ -s "$TMP/r/index.html" ]
    grep -q 'not drawn: gnuplot could not be started' "$TMP/r/report.md"
}

@test "report: plots are drawn as SVG and PNG, absent metrics are named instead" {
    command -v gnuplot >/dev/null || skip "gnuplot is not installed: scripts/deps.sh run"
    report "$GOLDEN/no-pmu.json" --out "$TMP/r"
    for plot in throughput latency cpu-per-byte copies-per-byte; do
        xmllint --noout "$TMP/r/plots/$plot.svg"
        [[ $(head -c 4 "$TMP/r/plots/$plot.png" | tail -c 3) == PNG ]]
    done
    [ ! -e "$TMP/r/plots/llc-misses.svg" ]
    grep -q 'LLC misses.*no hardware PMU' "$TMP/r/report.md"
    [ -z "$(find "$TMP/r" -name '*.dat')" ]
}

@test "report: the page asks nothing of the network" {
    report "$GOLDEN/normal.json" --out "$TMP/r"
    grep -q "default-src 'none'" "$TMP/r/index.html"
    grep -Eo '(src|href)="[^"]{0,5}' "$TMP/r/index.html" >"$TMP/links"
    run ! grep -v -e '"#' -e '"data:' "$TMP/links"
}

@test "report: hostile names stay text" {
    report "$GOLDEN/hostile.json" --out "$TMP/r"
    run ! grep -l 'alert(1)</script>' "$TMP/r/index.html" "$TMP/r/"*.svg
    # four blanks: a code block, where nothing is markup
    run ! grep -q '^ \{0,3\}[^ ].*<script' "$TMP/r/report.md"
    # U+202E, right-to-left override
    run ! grep -rl $'\xe2\x80\xae' "$TMP/r" --include='*.html' --include='*.svg' --include='*.md' \
        --include='*.csv' --include='*.folded'
    [ -z "$(find "$TMP" -newer "$GOLDEN/run.sh" -name 'x*' -not -path "$TMP/r*")" ]
}

@test "report: an imbalance is loud" {
    report "$GOLDEN/no-stacks.json" --format md --out "$TMP/r"
    grep -q 'ALARM: Does the ledger balance? No' "$TMP/r/report.md"
    grep -q 'repetition 2, attribution.*-1' "$TMP/r/report.md"
}

@test "report: files that we did not write survive it, whatever they are called" {
    report "$GOLDEN/normal.json" --out "$TMP/r"
    mkdir "$TMP/r/my-dir.svg"
    for name in a2-a3.svg my-notes.svg perf.folded profile-mine.pb.gz plots/mine.png my-dir.svg/x; do
        echo mine >"$TMP/r/$name"
    done
    report "$TMP/r"
    report "$GOLDEN/one-repetition.json" --out "$TMP/r"
    for name in a2-a3.svg my-notes.svg perf.folded profile-mine.pb.gz plots/mine.png my-dir.svg/x; do
        [ "$(cat "$TMP/r/$name")" = mine ]
    done
    # and of ours none too many: they are in the manifest, each of them
    find "$TMP/r" -type f -printf '%P\n' | grep -v -e MANIFEST -e mine -e a2-a3 -e my- -e perf.folded | sort >"$TMP/there"
    sed '1d;$d' "$TMP/r/MANIFEST" | sort | diff - "$TMP/there"
}

@test "report: the names of directories are names, also to gnuplot" {
    command -v gnuplot >/dev/null || skip "gnuplot is not installed"
    cd "$TMP"
    for name in '|touch PWN;#' '<touch PWN' '$(touch PWN)' '`touch PWN`' "a' ; system('touch PWN') #" \
        $'new\nline' '-e' '~' 'é ü'; do
        mkdir "./$name"
        cp "$BATS_TEST_DIRNAME/../golden/one-repetition.json" "./$name/results.json"
        (cd "./$name" && report . >/dev/null)
        [ -s "./$name/plots/throughput.svg" ]
        report "./$name" --out "./$name/again" >/dev/null
        [ -s "./$name/again/plots/throughput.png" ]
    done
    # as a relative path, which gnuplot would have got
    report '|touch PWN;#' >/dev/null
    [ -z "$(find . -name 'PWN*')" ]
}

@test "report: the caller's directory is still the caller's after it" {
    mkdir "$TMP/r"
    cp "$GOLDEN/one-repetition.json" "$TMP/r/results.json"
    (cd "$TMP/r" && report . --format md && [ -s ./report.md ] && [ "$(pwd -P)" = "$(realpath "$TMP/r")" ])
}

@test "report: its colours are told apart by who sees colours otherwise, in the light and in the dark" {
    local from to
    run -0 python3 tests/palettes.py .
    [ "${#lines[@]}" -gt 15 ]
    mkdir -p "$TMP/userspace"
    while read -r file from to; do
        rm -rf "$TMP/userspace/report"
        cp -r userspace/report "$TMP/userspace/"
        sed -i "s/$from/$to/" "$TMP/userspace/report/$file"
        run -1 python3 tests/palettes.py "$TMP"
        grep -q "^not ok.*$to" <<<"$output"
    done <<'END'
plots.c #6f6f00 #000000
section_cpu.c #ffc931 #e69f00
assets/report.css #009e73 #0b72b2
assets/flame.css #b9afbd #9cc9e0
END
}
