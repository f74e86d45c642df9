#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# What copyscope attach writes meanwhile, and for whom: of all intervals together it is what the program
# counts itself, no more and no less.

bats_require_minimum_version 1.5.0
load helpers
load programs
load attach

spaces=()

teardown() {
    local space
    attach_teardown
    for space in "${spaces[@]}"; do ip netns delete "$space"; done
}

# A load, in the middle of which intervals end.
load_nginx() {
    start_nginx 300001 "listen PORT;" "sendfile on;"
    attach_to "$pids" -i 0.2 "$@"
    for _ in 1 2 3 4 5; do
        peer client http "$port" 10
        sleep 0.1
    done
    detach
    [ "$(nginx_log body)" = $((50 * 300001)) ]
}

@test "attach: --format jsonl: a document a line, which add up to all" {
    load_nginx --format jsonl
    [ "$(wc -l <attach.json)" -ge 3 ]
    split -l 1 --additional-suffix=.json attach.json line-
    for line in line-*.json; do is_valid_file "$line"; done
    # one begins where the other ends
    jq -se '([.[].plan.duration_ns] | add) == .[-1].elapsed_ns' attach.json
    [ "$(jq -s 'map(.results[0].calls // [] | .[] | select(.[1] == "sendfile") | .[4]) | add' attach.json)" = $((50 * 300001)) ]
    [ "$(jq -s 'map(.results[0].values[].spliced_bytes[0] // 0) | add' attach.json)" = $((50 * 300001)) ]
    copyscope report line-aa.json | grep '^nginx'
    # without intervals one line is all
    "$COPYSCOPE" attach -q --format jsonl -o one.json -- true
    [ "$(wc -l <one.json)" = 1 ]
    is_valid_file one.json
}

is_valid_file() { # FILE
    local status=0
    "$TOP/tests/schema.sh" "$1" >schema.out 2>&1 || status=$?
    [ $status = 0 ] || [ $status = 77 ] || { cat schema.out && return 1; }
}

# The sum of a column, by its name.
column() { # NAME FILE
    awk -F, -v name="$1" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) c = i; next } { n += $c } END { print n }' "$2"
}

@test "attach: --format csv: a row an interval and owner, which add up to all" {
    load_nginx --format csv
    [ "$(head -n 1 attach.json | cut -d, -f 1-3)" = UntilSeconds,Seconds,Owner ]
    [ "$(awk -F, '{ print NF }' attach.json | sort -u | wc -l)" = 1 ]
    [ "$(tail -n +2 attach.json | wc -l)" -ge 3 ]
    [ "$(column spliced_bytes attach.json)" = $((50 * 300001)) ]
    [ "$(grep -c "^[0-9.]*,[0-9.]*,nginx ($pid)," attach.json)" = "$(tail -n +2 attach.json | wc -l)" ]
    # the same of the whole
    run -0 "$COPYSCOPE" attach -q --format csv -o whole.csv -- "${PROGRAM[@]}" pair 1000
    [ "$(wc -l <whole.csv)" = 2 ]
    [ "$(column sent_bytes whole.csv)" = 1000 ]
}

@test "attach: --by way, with -i: a table an interval, and of the whole" {
    load_nginx --by way --format text
    [ "$(grep -c '^after [0-9.]* s$' attach.out)" -ge 3 ]
    [ "$(sendfile_of attach.out)" = $((50 * 300001)) ]
    [ "$(sendfile_of attach.json)" = $((50 * 300001)) ]
}

@test "attach: --top --by way: a line each way" {
    start_nginx 300001 "listen PORT;" "sendfile on;"
    timeout 30 /usr/bin/python3 "$BATS_TEST_DIRNAME/terminal.py" 12 100 '---q' "$COPYSCOPE" attach -q -p "$pids" --top \
        --by way >screen 3>&- &
    terminal=$!
    while kill -0 $terminal 2>/dev/null; do peer client http "$port" 50; done
    wait $terminal
    sed $'s/\e\\[H/\\n/g;s/\e\\[[0-9;?]*[A-Za-z]//g;s/\r//g' screen >frames
    grep -E '^program .* way *$' frames
    grep -E '^nginx \([0-9]+\) .* 100 % .* sendfile *$' frames
    grep -E '^nginx \([0-9]+\) .* 0 % .* recv *$' frames
}

# The sum of these rows.
sendfile_of() { # FILE
    awk '$NF == "sendfile" { gsub(",", "", $1); n += $1 } END { print n }' "$1"
}

@test "attach: --prometheus-textfile: in one step, each interval and at the end, as the user" {
    need promtool
    mkdir theirs
    chown 65534 theirs
    chmod 777 . .. && export SUDO_UID=65534 SUDO_GID=65534
    start_nginx 300001 "listen PORT;" "sendfile on;"
    attach_to "$pids" -i 0.2 --prometheus-textfile theirs/copyscope.prom --pprof theirs/profile.pb.gz
    within 5 test -s theirs/copyscope.prom -a -s theirs/profile.pb.gz
    before=$(stat -c %i theirs/copyscope.prom)
    peer client http "$port" 50
    within 5 grep "^copyscope_moved_bytes_total{program=\"nginx ($pid)\",direction=\"transmit\",way=\"sendfile\"} $((50 * 300001))\$" \
        theirs/copyscope.prom
    [ "$(stat -c %i theirs/copyscope.prom)" != "$before" ]
    rm theirs/copyscope.prom
    unset SUDO_UID SUDO_GID
    detach
    promtool check metrics <theirs/copyscope.prom
    gzip -t theirs/profile.pb.gz
    # nothing beside them, and both are theirs
    [ "$(cd theirs && stat -c '%u %n' -- *)" = "65534 copyscope.prom
65534 profile.pb.gz" ]
}

@test "attach: --pprof, --prometheus-textfile: what cannot be there is told before" {
    mkfifo pipe
    for option in --pprof --prometheus-textfile; do
        run -1 --separate-stderr "$COPYSCOPE" attach $option pipe -- touch ran
        [ "$stderr" = "copyscope: pipe is not a file: it would be replaced by one" ]
        run -1 --separate-stderr "$COPYSCOPE" attach $option nowhere/file -- touch ran
        [ "${#stderr_lines[@]}" = 1 ]
    done
    [ -p pipe ] && [ ! -e ran ]
    run -2 --separate-stderr "$COPYSCOPE" attach --pprof file --freq 0 -- touch ran
    [ "${#stderr_lines[@]}" = 1 ]
}

@test "attach: --pprof: where the program's CPU time went" {
    run -0 "$COPYSCOPE" attach -q --freq 999 --pprof profile.pb.gz -o words -- python3 -c '
import time
end = time.process_time() + 0.3
while time.process_time() < end: bytes(1 << 16)'
    # what is in it, field by field: tests/cli/exports.bats
    gzip -dc profile.pb.gz >profile
    grep -aq 'python3' profile # a mapping
    grep -aq "$(sed -n '1s/, [0-9.]* s$//p' words)" profile
}

# iperf3 between two network namespaces; $pid is its client's.
start_iperf3_over_veth() {
    need iperf3
    spaces=(attach-near-$$ attach-far-$$)
    ip netns add "${spaces[0]}"
    ip netns add "${spaces[1]}"
    ip -n "${spaces[0]}" link add near type veth peer name far netns "${spaces[1]}"
    ip -n "${spaces[0]}" address add 198.51.100.1/30 dev near
    ip -n "${spaces[1]}" address add 198.51.100.2/30 dev far
    ip -n "${spaces[0]}" link set near up
    ip -n "${spaces[1]}" link set far up
    started_as server ip netns exec "${spaces[1]}" iperf3 -s -1
    within 5 far_listens
    started_as client ip netns exec "${spaces[0]}" iperf3 -c 198.51.100.2 -t 30 -b 2G
    within 5 sends_much
}

far_listens() {
    ip netns exec "${spaces[1]}" ss -Hltn 'sport = :5201' | grep -q .
}

sends_much() {
    ip netns exec "${spaces[0]}" ss -Htin 'dport = :5201' | grep -qE 'bytes_acked:[0-9]{7}'
}

@test "attach: what goes over veth is told as that, as the routes in the program's namespace are" {
    start_iperf3_over_veth
    attach_to "$pid" -d 1
    attach_ended
    jq -e '.results[0].sockets[0] | .[3] == "198.51.100.2:5201" and .[-1] == "veth"' attach.json
    is_valid_file attach.json
    copyscope report attach.json >words
    grep -E ' tcp 198.51.100.1:[0-9]+ to 198.51.100.2:5201 over veth$' words
    # of a program whose namespace there is no more, nothing is said
    attach_to "$pid"
    stop_programs
    attach_ended
    jq -e '.results[0].sockets[0] | length == 9' attach.json
}
