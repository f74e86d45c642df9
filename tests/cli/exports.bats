#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# The exports, read by the programs they are made for, where those are installed:
#   speedscope   SPEEDSCOPE=DIR of the unpacked npm package (npm pack speedscope), and chromium
#   pprof        go tool pprof; protoc for the bare format
#   OpenMetrics  promtool

bats_require_minimum_version 1.5.0

setup_file() {
    cd "$BATS_TEST_DIRNAME/../.." || return
    OUT=$(realpath "${OUT:-build}")
    REPORTS=$(mktemp -d)
    SPEEDSCOPE=${SPEEDSCOPE:-$(npm root -g 2>/dev/null || true)/speedscope}
    export OUT REPORTS SPEEDSCOPE
    for input in normal hostile no-stacks; do
        "$OUT/copyscope" report "tests/golden/$input.json" --out "$REPORTS/$input" \
            --format csv,folded,speedscope,pprof,openmetrics >/dev/null
    done
}

teardown_file() {
    rm -rf "$REPORTS"
}

needs() {
    command -v "$1" >/dev/null || skip "$1 is not installed: $2"
}

# What speedscope's own importer shows of a file, as lines of text.
speedscope_shows() { # FILE
    local js dom
    js=$(mktemp --suffix=.js)
    printf 'speedscope.loadFileFromBase64("%s", "%s")' "$(basename "$1")" "$(base64 -w0 "$1")" >"$js"
    dom=$(timeout 60 chromium --headless --no-sandbox --disable-gpu --allow-file-access-from-files \
        --virtual-time-budget=15000 --dump-dom \
        "file://$SPEEDSCOPE/dist/release/index.html#localProfilePath=$js" 2>/dev/null)
    rm -f "$js"
    sed 's/<[^>]*>/\n/g' <<<"$dom"
}

# All frames, samples and weights of a speedscope file, as folded lines: "MODE ROLE frame;frame weight".
speedscope_folded() { # FILE
    jq -r '.shared.frames as $f | .profiles[] | .name as $n | [.samples, .weights] | transpose[] |
        $n + " " + (.[0] | map($f[.].name) | join(";")) + " \(.[1])"' "$1"
}

@test "speedscope: frames, samples and weights agree with the folded stacks" {
    needs jq "scripts/deps.sh test"
    for mode in A1 A3; do
        sed 's/^server;/server /; s/^client;/client /; s/^kernel;/kernel /' \
            "$REPORTS/normal/$mode.folded" | sort >"$REPORTS/expected"
        speedscope_folded "$REPORTS/normal/speedscope.json" |
            sed -n "s/^$mode \([a-z]*\), on-CPU samples/\1/p" | sort >"$REPORTS/got"
        [ -s "$REPORTS/got" ]
        diff "$REPORTS/expected" "$REPORTS/got"
    done
}

@test "speedscope: weights add up to the end value, every index is a frame" {
    needs jq "scripts/deps.sh test"
    for input in normal hostile; do
        jq -e '(.shared.frames | length) as $n | .profiles | length > 0 and all(.[];
            (.weights | add) == .endValue and (.samples | length) == (.weights | length) and
            all(.samples[][]; . < $n))' "$REPORTS/$input/speedscope.json"
    done
}

@test "speedscope: its importer takes the JSON, pprof and folded files" {
    needs chromium "scripts/deps.sh browser"
    [ -e "$SPEEDSCOPE/dist/release/index.html" ] ||
        skip "speedscope is not installed: npm install -g speedscope, or SPEEDSCOPE=DIR"
    run -0 speedscope_shows "$REPORTS/normal/speedscope.json"
    [[ $output == *"A1 server, on-CPU samples"* ]]
    for file in profile-A3.pb.gz A1.folded; do
        run -0 speedscope_shows "$REPORTS/normal/$file"
        [[ $output == *"Time Order"*"$file"* ]]
    done
    run -0 speedscope_shows "$REPORTS/hostile/speedscope.json"
    [[ $output == *"Time Order"* ]]
    # the check itself can fail
    echo 'no profile' >"$REPORTS/bad.json"
    run -0 speedscope_shows "$REPORTS/bad.json"
    [[ $output != *"Time Order"* ]]
}

@test "exports: without stacks there is no empty profile" {
    [ -s "$REPORTS/no-stacks/metrics.om" ]
    [ ! -e "$REPORTS/no-stacks/speedscope.json" ]
    [ -z "$(find "$REPORTS/no-stacks" -name '*.pb.gz')" ]
}

@test "pprof: the fields are those of profile.proto, and say what the folded stacks say" {
    needs protoc "apt-get install protobuf-compiler"
    gzip -dc "$REPORTS/normal/profile-A1.pb.gz" |
        protoc --decode=Profile -I tests/cli tests/cli/profile.proto >"$REPORTS/text"
    # nothing that the description does not know
    run ! grep -E '^ *[0-9]+[: ]' "$REPORTS/text"
    grep -q 'string_table: "tcp_sendmsg_locked"' "$REPORTS/text"
    grep -q 'string_table: "\[kernel.kallsyms\]"' "$REPORTS/text"
    # the first value of each sample: on-CPU samples
    sum=$(awk '/^sample \{/ { first = 1 } first && /^  value:/ { sum += $2; first = 0 }
        END { print sum }' "$REPORTS/text")
    [ "$sum" = "$(awk '{ sum += $NF } END { print sum }' "$REPORTS/normal/A1.folded")" ]
}

@test "pprof: go tool pprof reads it; kernel functions, labels, total" {
    needs go "apt-get install golang-go"
    go tool pprof -h 2>&1 | grep -q sample_index || skip "this go has no pprof"
    cd "$REPORTS"
    run -0 --separate-stderr go tool pprof -top -sample_index=samples normal/profile-A3.pb.gz
    [[ $output == *"Type: samples"* ]]
    [[ $output == *skb_copy_ubufs* ]]
    total=$(awk '{ sum += $NF } END { print sum }' normal/A3.folded)
    [[ $output == *"of $total total"* ]]
    run -0 --separate-stderr go tool pprof -tags normal/profile-A3.pb.gz
    [[ $output == *"mode: Total"*A3*"role: Total"*server* ]]
    for file in hostile/*.pb.gz; do
        run -0 --separate-stderr go tool pprof -top "$file"
    done
}

@test "OpenMetrics: promtool accepts it" {
    needs promtool "scripts/deps.sh test"
    for input in normal hostile no-stacks; do
        run -0 promtool check metrics <"$REPORTS/$input/metrics.om"
        [ -z "$output" ]
    done
    run ! promtool check metrics <<<'copyscope_broken{mode="A1} 1'
}

@test "OpenMetrics: families are told once, in base units, and end with EOF" {
    file=$REPORTS/normal/metrics.om
    [ "$(tail -n 1 "$file")" = "# EOF" ]
    [ -z "$(grep '^# TYPE' "$file" | sort | uniq -d)" ]
    # a UNIT is the end of its family's name
    awk '/^# UNIT/ && substr($3, length($3) - length($4)) != "_" $4 { exit 1 }' "$file"
    run ! grep -E '^copyscope_[a-z_]*_(ns|us|gbps)\{' "$file"
    # 8 Gbit/s are 1e9 bytes/s, as in results.csv
    om=$(grep '^copyscope_throughput_bytes_per_second{mode="A1",size="16384",threads="1",role="client",pass="clean",repetition="1"}' "$file" |
        awk '{ print $NF }')
    csv=$(awk -F, '$1 == 0 && $2 == 16384 && $3 == 1 { print $4; exit }' "$REPORTS/normal/results.csv")
    awk -v om="$om" -v csv="$csv" 'BEGIN { d = om / (csv * 1e9 / 8) - 1; exit !(d < 1e-4 && d > -1e-4) }'
}

@test "OpenMetrics: what was not measured has no sample" {
    "$OUT/copyscope" report tests/golden/no-pmu.json --format openmetrics --out "$REPORTS/no-pmu"
    run ! grep -E 'copyscope_(cycles|llc_misses)' "$REPORTS/no-pmu/metrics.om"
    grep -q '^copyscope_task_clock_seconds{' "$REPORTS/no-pmu/metrics.om"
}

@test "exports: hostile names are escaped in every format" {
    cd "$REPORTS/hostile"
    # every line of the metrics is a comment or one whole sample
    run ! grep -vE '^(#.*|copyscope_[a-z0-9_]+\{([a-z]+="([^"\\]|\\.)*",?)+\} -?[0-9.e+-]+)$' metrics.om
    # the two quotes of the name and nothing else, in all of them
    grep -qF 'mode="<script>alert(1)</script>\"' metrics.om
    grep -qF '{"name": "<script>alert(1)</script>\"' speedscope.json
    gzip -dc profile-A3.pb.gz >a3.pb
    grep -qF '<script>alert(1)</script>"' a3.pb
    # U+202E is shown, never sent
    run ! grep -lF $'\xe2\x80\xae' metrics.om speedscope.json a3.pb
    grep -cqF '<U+202E>' speedscope.json
    # invalid UTF-8 has become U+FFFD
    iconv -f UTF-8 -t UTF-8 metrics.om >/dev/null
    iconv -f UTF-8 -t UTF-8 speedscope.json >/dev/null
}

@test "exports: what the fuzzers found is refused or rendered, never a crash" {
    for file in tests/fuzz/corpus/results_json/*; do
        run --separate-stderr "$OUT/copyscope" report "$file" --out "$REPORTS/corpus" \
            --format json,csv,folded,flame,flame-diff,speedscope,pprof,openmetrics
        [ "$status" -le 1 ] || {
            echo "$file: exit $status"
            false
        }
        [ "${#stderr_lines[@]}" -le 1 ]
    done
}
