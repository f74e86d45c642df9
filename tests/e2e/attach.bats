#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# copyscope attached to real programs: each byte that they sent and received is there, under the way that it
# went, as somebody else counted it: the program's own log, the other end, or a proxy between.

bats_require_minimum_version 1.5.0
load helpers
load programs
load attach

# ---- programs ----

@test "attach: iperf3: all its client sent, payload and talk, is what a proxy saw" {
    start_iperf3 -n 64M
    attach_to "$pid"
    release
    over proxy
    [ "$(iperf3_payload)" -ge $((64 << 20)) ]
    counts_are "send=$(told proxy from_client)" "recv=$(told proxy from_server)"
}

@test "attach: iperf3 -Z: the payload went by sendfile, the talk did not" {
    start_iperf3 -n 64M -Z
    attach_to "$pid"
    release
    over proxy
    payload=$(iperf3_payload)
    counts_are "sendfile=$payload" "send=$(($(told proxy from_client) - payload))" \
        "recv=$(told proxy from_server)"
}

# Its master and workers talk over local sockets, at times of their own.
nginx_counts_are() {
    besides='unix|recv-unix' counts_are "$@"
}

@test "attach: nginx, sendfile on: bodies by sendfile, heads by write, as its log has them" {
    start_nginx 300001 "listen PORT;" "sendfile on;"
    attach_to "$pids"
    peer client http "$port" 50
    detach
    [ "$owner" = "nginx ($pid)" ]
    [ "$(nginx_log body)" = $((50 * 300001)) ]
    [ "$(nginx_log all)" = "$(told client received)" ]
    nginx_counts_are "sendfile=$(nginx_log body)" "send=$(($(nginx_log all) - $(nginx_log body)))" \
        "recv=$(nginx_log request)"
}

@test "attach: nginx, sendfile off: all by write" {
    start_nginx 300001 "listen PORT;" "sendfile off;"
    attach_to "$pids"
    peer client http "$port" 50
    detach
    [ "$(nginx_log all)" = "$(told client received)" ]
    nginx_counts_are "send=$(nginx_log all)" "recv=$(nginx_log request)"
}

@test "attach: nginx with TLS of its own: records by write, as many bytes as the other end saw" {
    nginx_certificate
    start_nginx 300001 "listen PORT ssl;" "sendfile on;" "ssl_certificate $PWD/cert.pem;" \
        "ssl_certificate_key $PWD/key.pem;"
    attach_to "$pids"
    peer client https "$port" 5
    detach
    [ "$(nginx_log all)" -lt "$(told client received)" ]
    nginx_counts_are "send=$(told client received)" "recv=$(told client sent)"
}

@test "attach: nginx that is told to reload: its new workers are followed" {
    start_nginx 300001 "listen PORT;" "sendfile on;"
    attach_to "$pids"
    peer before http "$port" 5
    old=$workers
    kill -HUP "$pid"
    within 5 nginx_reloaded "$old"
    peer after http "$port" 5
    detach
    [ "$(nginx_log body)" = $((10 * 300001)) ]
    nginx_counts_are "sendfile=$(nginx_log body)" "send=$(($(nginx_log all) - $(nginx_log body)))" \
        "recv=$(nginx_log request)"
}

@test "attach: redis: what it says itself that it sent and received" {
    start_redis 100000
    redis_count before
    attach_to "$pid"
    redis_load get 500 10 100000
    detach
    redis_count after
    [ "$(redis_sent before after)" -ge $((500 * 100011)) ]
    counts_are "send=$(redis_sent before after)" "recv=$(redis_received before after)"
}

@test "attach: haproxy that copies" {
    start_haproxy 20000003
    attach_to "$pid"
    peer client client "$port" 10000001
    detach
    counts_are recv=30000004 send=30000004
}

bytes_of() { # WAY
    jq --arg way "$1" '.results[0].calls | map(select(.[1] == $way) | .[4]) | add // 0' attach.json
}

# Tracepoints alone do not see a splice from a socket.
sees_splices() {
    jq -e '.results[0].values[].spliced_to_pipe_bytes[0] != null' attach.json
}

@test "attach: haproxy that splices: what went into a pipe came out of it, the rest was copied" {
    start_haproxy 20000003 "option splice-request" "option splice-response"
    attach_to "$pid"
    peer client client "$port" 10000001
    detach
    spliced=$(bytes_of sendfile) copied=$((30000004 - $(bytes_of sendfile)))
    [ "$spliced" -gt 0 ]
    from_sockets=$spliced
    sees_splices || from_sockets=0
    counts_are recv-splice=$from_sockets recv=$copied sendfile="$spliced" send=$copied
}

@test "attach: socat" {
    random_file file 1000003
    start_socat file 2000005
    attach_to "$pid"
    release
    over server
    [ "$(told server received)" = 1000003 ]
    counts_are send=1000003 recv=2000005
}

@test "attach: socat that forks for each connection: its children, and theirs, are followed" {
    random_file file 300001
    start_forking_socat file
    attach_to "$pid"
    for _ in 1 2 3; do peer client client "$port" 100003; done
    detach
    [ "$(told client received)" = 300001 ]
    counts_are send=900003 recv=300009 unix=1200012 recv-unix=1200012
}

# ---- ways ----

@test "attach: calls are told by size" {
    start_peer server server 0
    start_program program sizes "$peer_port" 1 2 3 4 1000 1023 1024 65536
    attach_to "$pid"
    release
    over server
    counts_are send="$(told server received)"
    [ "$(sizes_of send)" = "1 1 1
2 2 5
4 1 4
512 2 2023
1024 1 1024
65536 1 65536" ]
}

@test "attach: Python's sendfile()" {
    random_file file 3000017
    start_peer server server 0
    start_program program sendfile "$peer_port" file
    attach_to "$pid"
    release
    over server
    [ "$(told server received)" = 3000021 ]
    counts_are sendfile=3000017 send=4
}

@test "attach: MSG_ZEROCOPY, and what comes of it on a socket without SO_ZEROCOPY" {
    declare -A way=([yes]=zerocopy [no]=zerocopy-unset)
    for allowed in yes no; do
        start_peer server server 0
        start_program "$allowed" zerocopy "$peer_port" 5000001 $allowed
        attach_to "$pid"
        release
        over server
        [ "$(told server received)" = 5000005 ]
        counts_are "${way[$allowed]}"=5000001 send=4
    done
}

@test "attach: datagrams: as many bytes as the calls returned, not as many as came" {
    start_peer echo echo
    start_program program datagrams "$peer_port" 1 100 1472 65507
    attach_to "$pid"
    release
    over
    counts_are udp=68080 recv-udp=67090
    [ "$(sizes_of udp)" = "1 1 1
64 1 100
512 1 1000
1024 1 1472
32768 1 65507" ]
    [ "$(sizes_of recv-udp | head -n 2)" = "1 1 1
8 1 10" ]
}

@test "attach: local sockets: streams, not datagrams nor pipes" {
    start_program program pair 1 1000 70000
    attach_to "$pid"
    release
    over
    counts_are unix=71001 recv-unix=71001
}

@test "attach: what is peeked at is received when it is taken" {
    start_peer echo echo
    echo_port=$peer_port
    start_peer server server 100
    start_program program peek "$peer_port" "$echo_port"
    attach_to "$pid"
    release
    over server
    counts_are unix=100 udp=100 recv-unix=100 recv-udp=100 recv=100
}

# ---- whom, from when, until when ----

@test "attach: a connection that is open already counts from now on" {
    start_peer server server 0
    start_held program bash -c 'exec 5<>"/dev/tcp/127.0.0.1/$0"; printf before >&5; read -r <again
        printf "from here" >&5' "$peer_port"
    mkfifo again
    release
    within 5 sent_before "$peer_port"
    attach_to "$pid"
    echo >again
    over server
    [ "$(told server received)" = 15 ]
    counts_are send=9
}

sent_before() { # PORT
    ss -Htin "dport = :$1" | grep -q 'bytes_acked:7 '
}

@test "attach: one of two that do the same" {
    start_peer server server 0
    start_program first sizes "$peer_port" 1000
    first=$pid first_keeper=$keeper
    start_peer other server 0
    start_program second sizes "$peer_port" 70000
    attach_to "$first"
    release
    ended
    held=first held_keeper=$first_keeper
    release
    over server other
    counts_are send=1000
}

@test "attach: two pids are one owner" {
    start_peer server server 0
    start_program first sizes "$peer_port" 1000
    first=$pid first_keeper=$keeper
    start_peer other server 0
    start_program second sizes "$peer_port" 70000
    attach_to "$first,$pid"
    release
    ended
    # the other still lives
    kill -0 "$attach_pid"
    held=first held_keeper=$first_keeper
    release
    over server other
    counts_are send=71000
}

@test "attach: --cgroup: all that is in it" {
    mount=$(cgroup2_mounts | head -n 1)
    [ -n "$mount" ] || skip "no cgroup v2 hierarchy is mounted"
    group=$mount/attach-test-$$
    mkdir "$group"
    start_peer server server 0
    start_held program bash -c '"$@" & "$@"; wait' bash "${PROGRAM[@]}" pair 1000
    echo "$pid" >"$group/cgroup.procs"
    attach --cgroup "$group"
    release
    ended
    detach
    owner_is_the_one
    counts_are unix=2000 recv-unix=2000
}

@test "attach: --container: by its id, or as much of it as there is but one of" {
    mount=$(cgroup2_mounts | head -n 1)
    [ -n "$mount" ] || skip "no cgroup v2 hierarchy is mounted"
    id=$(printf '%064x' $$ | rev)
    group=$mount/docker-$id.scope
    mkdir "$group"
    run -2 --separate-stderr "$COPYSCOPE" attach --container xyz
    [[ $stderr == *"is no container's id"* ]]
    run -1 --separate-stderr "$COPYSCOPE" attach --container "${id:0:60}ffff"
    [[ $stderr == *"no container"*"is it running?"* ]]
    start_peer server server 0
    start_held program bash -c '"$@" & "$@"; wait' bash "${PROGRAM[@]}" pair 1000
    echo "$pid" >"$group/cgroup.procs"
    attach --container "${id:0:12}"
    release
    ended
    detach
    owner_is_the_one
    [ "$owner" = "container ${id:0:12}" ]
    counts_are unix=2000 recv-unix=2000
}

@test "attach: a container that stops meanwhile: what was counted is told, as of a cgroup that is removed" {
    mount=$(cgroup2_mounts | head -n 1)
    [ -n "$mount" ] || skip "no cgroup v2 hierarchy is mounted"
    id=$(printf '%064x' $$ | rev)
    group=$mount/docker-$id.scope
    mkdir "$group" "$group/inner"
    start_program program pair 1000
    echo "$pid" >"$group/inner/cgroup.procs"
    attach --container "$id"
    release
    ended
    sleep 1 # a cgroup that is empty may be used again
    kill -0 "$attach_pid"
    rmdir "$group/inner" "$group"
    within 5 ended_by_itself
    attach_ended
    owner_is_the_one
    counts_are unix=1000 recv-unix=1000
}

@test "attach: a process of another user's, with capabilities but CAP_SYS_PTRACE: 77 and one line" {
    need setpriv
    sleep 30 3>&- &
    sleeper=$!
    install -m 755 "$COPYSCOPE" ./copyscope
    chmod 755 . && chmod a+x "$BATS_RUN_TMPDIR" "${BATS_TEST_TMPDIR%/*}"
    caps=+bpf,+perfmon,+syslog
    run -77 --separate-stderr setpriv --reuid=$NOBODY --regid=$NOBODY --clear-groups --inh-caps=-all,$caps \
        --ambient-caps=-all,$caps "$PWD/copyscope" attach -p $sleeper -d 0.1
    [ "$stderr" = "copyscope: process $sleeper belongs to another user (0): run with sudo, or with CAP_SYS_PTRACE" ]
    [ -z "$output" ]
    kill $sleeper
}

@test "attach: a socket over which much moved is listed, also when it is closed" {
    start_peer server server 0
    start_program program sizes "$peer_port" 70000 1000
    # attach would end with the program, and its socket may still be on its way then
    sleep 60 3>&- &
    sleeper=$!
    attach_to "$pid,$sleeper"
    release
    ended
    peer_ended server
    detach
    kill $sleeper
    counts_are send=71000
    jq -e --arg to "127.0.0.1:$peer_port" '.results[0].sockets | length == 1 and .[0][1:2] + .[0][3:] == ["tcp", $to, true, 2, 71000, 0, 0]' attach.json
}

# OWNER WAY: bytes of one of several.
bytes_of_owner() {
    jq --arg owner "$1" --arg way "$2" \
        '.results[0].calls | map(select(.[0] == $owner and .[1] == $way) | .[4]) | add // 0' attach.json
}

@test "attach: -a: each program that sends or receives, by its name, whatever it did before" {
    start_nginx 300001 "listen PORT;" "sendfile on;"
    attach -a
    cp -L /usr/bin/python3 ./fetcher
    "$PWD/fetcher" "${PEER[1]}" http "$port" 50 >client.out
    detach
    [ "$(bytes_of_owner nginx sendfile)" = $((50 * 300001)) ]
    [ "$(bytes_of_owner nginx send)" = "$(($(nginx_log all) - 50 * 300001))" ]
    [ "$(bytes_of_owner fetcher recv)" = "$(nginx_log all)" ]
    [ "$(bytes_of_owner fetcher send)" = "$(nginx_log request)" ]
}

# What a query answers, a number; fails until there is one.
asked() { # QUERY
    curl -fsG "http://127.0.0.1:$prometheus_port/api/v1/query" --data-urlencode "query=$1" |
        jq -r '.data.result[0].value[1] // empty' | grep .
}

@test "attach: --prometheus: a real one scrapes it, and answers a query" {
    need prometheus
    need promtool
    need curl
    start_nginx 300001 "listen PORT;" "sendfile on;"
    port_of_nginx=$port
    free_port && exporter_port=$port
    free_port && prometheus_port=$port
    attach_to "$pid" --prometheus "$exporter_port"
    peer client http "$port_of_nginx" 20
    curl -fs "http://127.0.0.1:$exporter_port/metrics" >metrics
    promtool check metrics <metrics
    [ "$(curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$exporter_port/")" = 404 ]
    printf 'global: {scrape_interval: 1s}\nscrape_configs: [{job_name: copyscope, static_configs: [{targets: ["127.0.0.1:%s"]}]}]\n' \
        "$exporter_port" >prometheus.yml
    started_as prometheus prometheus --config.file=prometheus.yml --storage.tsdb.path="$PWD/tsdb" \
        --web.listen-address="127.0.0.1:$prometheus_port"
    within 20 asked 'sum(copyscope_moved_bytes_total{way="sendfile"})' >/dev/null
    [ "$(asked 'sum(copyscope_moved_bytes_total{way="sendfile"})')" = $((20 * 300001)) ]
    [ "$(asked 'copyscope_probe_up{quantity="send"}')" = 1 ]
    detach
    nginx_counts_are "sendfile=$(nginx_log body)" "send=$(($(nginx_log all) - $(nginx_log body)))" \
        "recv=$(nginx_log request)"
}

@test "attach: --top: a screen of its own, as wide as the terminal, and the old one comes back" {
    run -1 --separate-stderr "$COPYSCOPE" attach -a --top </dev/null
    [[ $stderr == *"--top needs a terminal"* ]]
    start_nginx 300001 "listen PORT;" "sendfile on;"
    timeout 30 /usr/bin/python3 "$BATS_TEST_DIRNAME/terminal.py" 12 70 '--sp-p+-q' "$COPYSCOPE" attach -q -a --top \
        >screen 3>&- &
    terminal=$!
    while kill -0 $terminal 2>/dev/null; do peer client http "$port" 50; done
    wait $terminal
    grep '^settings kept' screen
    [ "$(grep -o $'\e\[?1049[hl]' screen | tr -d '\n')" = $'\e[?1049h\e[?1049l' ]
    # a line each, what is drawn over what
    sed $'s/\e\\[H/\\n/g;s/\e\\[?1049l.*/\\nTHE END/;s/\e\\[[0-9;?]*[A-Za-z]//g;s/\r//g' screen | sed '/^THE END/,$d' >frames
    [ "$(grep -c '^copyscope attach, ' frames)" -ge 4 ]
    grep 'sort by (received)' frames
    grep '^paused ' frames
    grep -E '^nginx .* (100|> 99.9|99.[0-9]) %' frames
    [ "$(awk '{ if (length > n) n = length } END { print n }' frames)" -gt 70 ]
    [ "$(awk '{ if (length > n) n = length } END { print n }' frames)" -le 80 ]
}

@test "attach: as the systemd unit and the DaemonSet run it: without root, by capabilities" {
    need curl
    need setpriv
    unit=$TOP/scripts/copyscope.service.in
    caps=$(sed -n 's/^AmbientCapabilities=//p' "$unit" | tr ' A-Z' ',a-z' | sed 's/cap_/+/g')
    # the same there
    [ "$(sed -n 's/^ *add: \[\(.*\)\]/\1/p' "$TOP/docs/examples/daemonset.yaml" | tr -d ' ' | tr A-Z a-z)" = "${caps//+/}" ]
    read -ra words <<<"$(sed -n 's|^ExecStart=@PREFIX@/bin/copyscope ||p' "$unit")"
    free_port
    words[-1]=127.0.0.1:$port
    install -m 755 "$COPYSCOPE" ./copyscope
    chmod 755 . && chmod a+x "$BATS_RUN_TMPDIR" "${BATS_TEST_TMPDIR%/*}"
    started_as service setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all,"$caps" \
        --ambient-caps=-all,"$caps" --bounding-set=-all,"$caps" "$PWD/copyscope" "${words[@]}"
    within 20 curl -fs -o metrics "http://127.0.0.1:$port/metrics"
    grep '^copyscope_probe_up{quantity="send",tier="[a-z]*"} 1' metrics
    grep ' 65534 ' < <(ps -o uid=,args= -p "$pid" | sed 's/^ */ /')
}

@test "attach: -d ends it" {
    start_redis 10
    attach_to "$pid" -d 2
    redis_count during
    within 5 ended_by_itself
    attach_ended
    counts_are send="$(told during answer)" recv="$(told during question)"
}

ended_by_itself() {
    ! kill -0 "$attach_pid"
} 2>/dev/null

# one_line STATUS OPTION...: it fails so, with one line of words.
one_line() {
    run -"$1" --separate-stderr copyscope attach "${@:2}"
    [ -z "$output" ]
    cat stderr
    [ "$(wc -l <stderr)" = 1 ]
}

@test "attach: a process that there is not, a thread of the kernel: 1 and one line" {
    one_line 1 -p "$(cat /proc/sys/kernel/pid_max)"
    one_line 1 -p "$$,$(bash -c 'echo $$')"
    [ "$(cat /proc/2/comm)" = kthreadd ] || skip "no thread of the kernel is to be seen here"
    one_line 1 -p 2
}

@test "attach: -- COMMAND: its exit status and its stdout are its own" {
    run -7 --separate-stderr copyscope attach --format json -o attach.json -- \
        bash -c 'echo out; "$@"; exit 7' bash "${PROGRAM[@]}" pair 1000
    [ "$output" = out ]
    grep -q '^copyscope: attached' stderr
    owner_is_the_one
    counts_are unix=1000 recv-unix=1000
    run -143 --separate-stderr copyscope attach --format json -o attach.json -- bash -c 'kill $$'
    run -0 --separate-stderr copyscope attach --format json -o attach.json -- true
    [ "$(jq '.results[0].calls // [] | length' attach.json)" = 0 ]
}

@test "attach: -- what cannot be run: 127 or 126, as a shell has it, and one line" {
    one_line 127 -- nowhere-such-a-command
    one_line 127 -- ./nowhere
    touch file
    one_line 126 -- ./file
    one_line 126 -- .
}

@test "attach: in a PID namespace of its own no process can be told: 77 and one line, and no command is run" {
    for whom in "-p 1" "-- touch ran"; do
        # shellcheck disable=SC2086
        run -77 --separate-stderr unshare --pid --fork --mount-proc "$COPYSCOPE" attach $whom
        [[ $stderr == *"in a PID namespace of its own"* ]]
        [ "${#stderr_lines[@]}" = 1 ]
    done
    [ ! -e ran ]
}

@test "attach: what cannot be written to is told before, in one line; a file of --out is the user's" {
    sleep 30 3>&- &
    sleeper=$!
    run -1 --separate-stderr "$COPYSCOPE" attach -q -p $sleeper -d 0.1 -o /nowhere/file
    [ "${#stderr_lines[@]}" = 1 ]
    [[ $stderr == *"cannot write to /nowhere/file"* ]]
    run -1 --separate-stderr bash -c "'$COPYSCOPE' attach -q -p $sleeper -d 0.1 >/dev/full"
    [ "${#stderr_lines[@]}" = 1 ]
    mkdir theirs
    run -1 --separate-stderr env SUDO_UID=65534 SUDO_GID=65534 "$COPYSCOPE" attach -q -p $sleeper -d 0.1 -o theirs/file
    [ ! -e theirs/file ]
    chmod 777 theirs . ..
    run -0 env SUDO_UID=65534 SUDO_GID=65534 "$COPYSCOPE" attach -q -p $sleeper -d 0.1 -o theirs/file
    [ "$(stat -c %u theirs/file)" = 65534 ]
    kill $sleeper
}

@test "attach: --report: the answers and the stacks as a page, the user's; a place that is none is told before" {
    run -1 --separate-stderr "$COPYSCOPE" attach --report /etc -- false
    [[ $stderr == *"/etc is not empty and not an earlier report"* ]]
    install -d -o 65534 -g 65534 mine
    run -0 --separate-stderr env SUDO_UID=65534 SUDO_GID=65534 "$COPYSCOPE" attach --report mine/r --freq 999 -- \
        python3 -c '
import socket, threading
a, b = socket.socketpair()
def take():
    while b.recv(1 << 20): pass
t = threading.Thread(target=take)
t.start()
for i in range(20000): a.sendall(bytes(1 << 16))
a.close()
t.join()'
    [[ $stderr == *"sent 1.22 GiB in 20,000 calls"* ]]
    # the page says what the text does, and its data is that of --format json
    grep -q '<h3>Did zero-copy happen?</h3>' mine/r/index.html
    grep -q 'sent 1.22 GiB in 20,000 calls' mine/r/index.html mine/r/report.md
    for file in index.html report.md results.json attach.folded flame-attach.svg profile-attach.pb.gz; do
        [ "$(stat -c %u "mine/r/$file")" = 65534 ]
    done
    run -0 copyscope report mine/r
    [[ $output == *"sent 1.22 GiB in 20,000 calls"* ]]
}

@test "attach: nothing is left behind, and what it looked at lives on, however it ends" {
    start_redis 10
    before=$(snapshot)
    attach_to "$pid"
    redis_count during
    detach
    as_before "$before"
    attach_to "$pid"
    kill -KILL "$attach_pid"
    wait "$attach_pid" || [ $? = 137 ]
    attach_pid=
    as_before "$before"
    kill -0 "$pid"
    redis_count after
}
