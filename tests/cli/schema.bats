#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# docs/results.schema.json holds for what the program writes, knows the names that the program knows, and
# refuses what is damaged.

bats_require_minimum_version 1.5.0

setup_file() {
    cd "$BATS_TEST_DIRNAME/../.." || return
}

setup() {
    GOLDEN=tests/golden
    SCHEMA=docs/results.schema.json
    TMP=$BATS_TEST_TMPDIR
}

need_validator() {
    run tests/schema.sh "$GOLDEN/normal.json"
    [ "$status" != 77 ] || skip "$output"
}

# An extract of the golden run that has one of each thing, drops included.
sound() {
    jq '.results |= .[:6] | .results[5].drops = [["skipped_runs", "send_exit_fentry", 3]]' "$GOLDEN/normal.json"
}

@test "schema: every golden file is valid" {
    need_validator
    run -0 tests/schema.sh "$GOLDEN"/*.json
    [ "${#lines[@]}" = "$(ls "$GOLDEN"/*.json | wc -l)" ]
    run ! grep -v '^ok - ' <<<"$output"
}

# Where the fault is told to be, and the damage.
damages=(
    document '.colour = "red"'
    document 'del(.owners)'
    document 'del(.results)'
    version '.version = 3'
    version '.version = 1'
    schema '.schema = "results"'
    started_utc '.started_utc = "yesterday"'
    elapsed_ns '.elapsed_ns = -1'
    elapsed_ns '.elapsed_ns = 1.5'

    plan '.plan.speed = 9'
    plan.ipv6 '.plan.ipv6 = "yes"'
    'plan.threads[0]' '.plan.threads[0] = 0'
    plan.threads '.plan.threads += [1]'
    'plan.modes[0]' 'del(.plan.modes[0].takes_ids)'
    'plan.modes[1].way' '.plan.modes[1].way = "teleport"'
    plan.modes '.plan.modes += [.plan.modes[0]]'

    'owners[0][1]' '.owners[0][1] = "sends"'
    'owners[1]' '.owners[1] |= .[:1]'
    'owners[2][1]' '.owners[2][1] = "whole"'
    'owners[3]' '.owners[3][1] = "both"'
    owners '.owners[2][0] = "server"'
    'environment[0]' '.environment[0] += ["more"]'
    'probes[0]' '.probes[0].reason = "prose"'
    'probes[0].tier' '.probes[0].tier = "magic"'
    'frames[3]' '.frames[3] |= .[:2]'
    'frames[0][0]' '.frames[0][0] = "x"'

    'how[13].bound' '(.how[] | select(.status == "unsupported")).bound = "lower"'
    'how[0].status' '.how[0].status = "lossy"'
    'how[9].reasons[0]' '.how[9].reasons[0] |= .[:2]'
    'how[9].reasons[0][0]' '.how[9].reasons[0][0] = "Prose, as before"'

    stack_nodes '.stack_nodes += [0]'
    'stack_nodes[4]' '.stack_nodes[4] = 3'
    'stack_nodes[5]' '.stack_nodes[5] = (.frames | length)'
    'stack_nodes[1]' '.stack_nodes[1] = -1'

    results '.results += [.results[0]]'
    'results[0]' 'del(.results[0].waits)'
    'results[0].mode' '.results[0].mode = "Z9"'
    'results[0].size_bytes' '.results[0].size_bytes = 5'
    'results[0].pass' '.results[0].pass = "dirty"'
    'results[0].values.nobody' '.results[0].values |= (.nobody = .server)'
    'results[0].values.server' '.results[0].values.server["Cycles per byte"] = [1, 0]'
    'results[0].values.server.cycles' '.results[0].values.server.cycles = [1]'
    'results[0].values.server.cycles' '.results[0].values.server.cycles = [1, 0, 1, 1]'
    'results[0].values.server.cycles' '.results[0].values.server.cycles[1] = (.how | length)'
    'results[0].values.server.cycles' '.results[0].values.server.cycles[0] = null'
    'results[0].values.server.cycles' '.results[0].values.server.cycles[1] = 99'
    'results[0].values.server.cycles' '.results[0].values.server.cycles = [null, 99, 0.5]'
    'results[0].values.server.cycles[0]' '.results[0].values.server.cycles[0] = -1'
    'results[0].values.server.cycles[0]' '.results[0].values.server.cycles[0] = "many"'
    'results[0].values.server.cycles[2]' '.results[0].values.server.cycles[2] = 1.5'
    'results[0].latency.buckets' '.results[0].latency.buckets |= reverse'
    'results[0].latency.buckets[0][1]' '.results[0].latency.buckets[0][1] = 0'
    'results[0].latency.total' '.results[0].latency.total += 1'
    'results[0].latency.sum' '.results[0].latency.sum *= 2'
    'results[0].latency.max' '.results[0].latency.max += 1000'
    'results[5].waits[0]' '.results[5].waits[0][0] = "nobody"'
    'results[5].waits[0]' '.results[5].waits[0] |= .[:5]'
    'results[5].waits[0][4]' '.results[5].waits[0][4] = -1'
    'results[5].copies[0]' '.results[5].copies[0][0] = "nobody"'
    'results[5].copies[0]' '.results[5].copies[0] |= del(.[1])'
    'results[5].copies[0][1]' '.results[5].copies[0][1] = "In the path"'
    'results[5].copies[0][6]' '.results[5].copies[0][6] = -1'
    'results[5].drops[0]' '.results[5].drops[0] |= [.[0], .[2]]'
    'results[5].drops[0][2]' '.results[5].drops[0][2] = -3'
    'results[5].stacks[1]' '.results[5].stacks[1][1] = 4'
    'results[5].stacks[1]' '.results[5].stacks[1][2] = 1000'
    'results[5].stacks[1]' '.results[5].stacks[1] |= .[:4]'
    'results[5].stacks[1][0]' '.results[5].stacks[1][0] = 2'
    'results[5].stacks[1][3]' '.results[5].stacks[1][3] = -1'
)

@test "schema: each damage is refused where it is" {
    need_validator
    sound >"$TMP/sound.json"
    run -0 tests/schema.sh "$TMP/sound.json" # or every damage would be refused for that
    for ((i = 0; i < ${#damages[@]}; i += 2)); do
        jq -c "${damages[i + 1]}" "$TMP/sound.json" >"$TMP/$((100 + i)).json"
    done
    run -1 tests/schema.sh "$TMP"/[0-9]*.json
    for ((i = 0; i < ${#damages[@]}; i += 2)); do
        [[ $output == *"not ok - $TMP/$((100 + i)).json: ${damages[i]}: "* ]] || {
            echo "not refused at ${damages[i]}: ${damages[i + 1]}"
            grep -F "/$((100 + i)).json" <<<"$output"
            return 1
        }
    done
}

@test "schema: what jq cannot make is refused, too" {
    need_validator
    sound >"$TMP/sound.json"
    cd "$TMP" || return
    sed 's/"elapsed_ns": 16/&.0/' sound.json >real.json
    sed 's/"elapsed_ns": 16/"elapsed_ns": 1, &/' sound.json >twice.json
    sed 's/"elapsed_ns": [0-9]*/"elapsed_ns": NaN/' sound.json >nan.json
    sed 's/"elapsed_ns": [0-9]*/"elapsed_ns": 1e999/' sound.json >infinite.json
    printf '{"schema": "\xff"}' >bytes.json
    head -c 1000 sound.json >half.json
    : >empty.json
    for name in real twice nan infinite bytes half empty absent; do
        run -1 "$BATS_TEST_DIRNAME/../schema.sh" $name.json
        [[ $output == "not ok - $name.json: "* ]]
    done
}

@test "schema: one bad file among good ones: each has its line, exit 1; no file: exit 2" {
    need_validator
    echo '{}' >"$TMP/bad.json"
    run -1 tests/schema.sh "$GOLDEN/partial.json" "$TMP/bad.json" "$GOLDEN/hostile.json"
    [ "${lines[0]}" = "ok - $GOLDEN/partial.json" ]
    [[ ${lines[1]} == "not ok - $TMP/bad.json: document: "* ]]
    [ "${lines[-1]}" = "ok - $GOLDEN/hostile.json" ]
    run -2 --separate-stderr tests/schema.sh
    [[ $stderr == usage:* ]]
}

@test "schema: without the validator: 77 and the script that installs it, in one line" {
    mkdir "$TMP/tests"
    sed 's|^python=.*|python=/nowhere/python3|' tests/schema.sh >"$TMP/tests/schema.sh"
    run -77 bash "$TMP/tests/schema.sh" "$GOLDEN/normal.json"
    [ "${#lines[@]}" = 1 ]
    [[ $output == *scripts/deps.sh* ]]
}

# The first column of a table, as it is in results.json.
names_of() { # FILE.def.h
    sed -nE 's/^[A-Z_]+\([A-Z0-9_]+, "([^"]*)".*/\1/p' "userspace/core/$1.def.h"
}

fits() { # FILE.def.h WHERE-THE-PATTERN-IS
    names_of "$1" | grep -q .
    names_of "$1" | jq -eRn --slurpfile schema "$SCHEMA" \
        "(\$schema[0].definitions | $2) as \$pattern | [inputs | select(test(\$pattern) | not)] | . == [] or error(join(\", \"))"
}

@test "schema: the patterns fit every name of the program's tables" {
    fits reason .key.pattern
    fits drop .key.pattern
    fits stage .key.pattern
    fits metric '.metrics.patternProperties | keys[0]'
    fits copy_reason .copy_reason.pattern
    fits call_way '.call.items[1].pattern'
}

# same_names ARRAY FILE WHERE...: the C array holds the names of these enums together, in any order.
same_names() {
    sed -n "/\\<$1\\[\\] = {/,/^};/s/.*] = \\(.*\\),\$/\\1/p" "userspace/$2" | sed 's/^NULL$/null/' >"$TMP/names"
    jq -es --slurpfile schema "$SCHEMA" "(\$schema[0].definitions | [$3] | unique) as \$want
        | unique == \$want or error(\"$1: \\(.) here, \\(\$want) in the schema\")" "$TMP/names"
}

@test "schema: its closed sets are those of the program" {
    same_names way_names core/mode.c '.mode.properties.way.enum[]'
    same_names buffers_names core/mode.c '.mode.properties.buffers.enum[]'
    same_names flow_names core/metric.c '.whole.items[1].const, .owner.items[1].enum[]'
    same_names value_status_names core/metric.c '.how.properties.status.enum[]'
    same_names bound_names core/metric.c '.how.properties.bound.enum[]'
    same_names tier_names core/reason.c '.tier.enum[]'
    same_names pass_names core/result.c '.result.properties.pass.enum[]'
    same_names result_status_names core/result.c '.result.properties.status.enum[]'
    same_names frame_kind_names core/result_json_fields.c '.frame.items[0].enum[]'
    same_names pattern_names workload/modes.c '.plan.properties.pattern.enum[] | values'
}
