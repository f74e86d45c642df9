#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# server and client by hand: usage errors, the original's command lines, conservation, content.

bats_require_minimum_version 1.5.0

setup_file() {
    cd "$BATS_TEST_DIRNAME/../.." || return
    OUT=$(realpath "${OUT:-build}")
    export OUT
}

setup() {
    SERVER_PID=
}

teardown() {
    if [ -n "$SERVER_PID" ]; then
        kill "$SERVER_PID" 2>/dev/null || true
        wait "$SERVER_PID" 2>/dev/null || true
    fi
}

# start_server [PROGRAM] ARGS...: sets SERVER_PID and PORT; its output goes to $BATS_TEST_TMPDIR/server.*
start_server() {
    local program=$OUT/server err=$BATS_TEST_TMPDIR/server.err
    if [[ $1 == /* ]]; then
        program=$1
        shift
    fi
    : >"$err"
    "$program" "$@" --port 0 >"$BATS_TEST_TMPDIR/server.out" 2>"$err" 3>&- &
    SERVER_PID=$!
    for _ in {1..500}; do
        PORT=$(sed -n 's/.*listening on [^ ]*:\([0-9]*\).*/\1/p' "$err")
        [ -n "$PORT" ] && return 0
        kill -0 "$SERVER_PID" 2>/dev/null || break
        sleep 0.01
    done
    cat "$err" >&2
    return 1
}

# Its exit status becomes ours.
wait_server() {
    local pid=$SERVER_PID
    SERVER_PID=
    wait "$pid"
}

# assert_usage PATTERN COMMAND...: exit 2, nothing on stdout, one line on stderr that matches.
assert_usage() {
    local pattern=$1
    shift
    run -2 --separate-stderr timeout 10 "$@"
    [ -z "$output" ]
    echo "stderr: $stderr"
    [ "${#stderr_lines[@]}" -eq 1 ]
    [[ $stderr =~ $pattern ]]
}

field() { # field NAME FILE: a number of a one-line JSON object
    sed -n "s/.*\"$1\":\([0-9]*\)[,}].*/\1/p" "$2"
}

# assert_conserved MODE SIZE [CLIENT OPTION...]: what one side sent the other received, to the byte.
assert_conserved() {
    local mode=$1 size=$2 out=$BATS_TEST_TMPDIR
    shift 2
    start_server "$mode" "$size" 0.3 --clients 3 --json "$@"
    timeout 30 "$OUT/client" 127.0.0.1 "$size" 3 0 --until-eof --json --port "$PORT" "$@" \
        >"$out/client.out"
    wait_server
    [ "$(field bytes "$out/server.out")" -gt 0 ]
    [ "$(field bytes "$out/server.out")" -eq "$(field bytes "$out/client.out")" ]
    [ "$(field messages "$out/server.out")" -eq "$(field messages "$out/client.out")" ]
}

@test "server: bad arguments are one line and exit 2" {
    assert_usage "unknown mode 'A4': did you mean A[123]" "$OUT/server" A4 64K 1
    assert_usage "unknown mode 'zerocpy': did you mean zerocopy" "$OUT/server" zerocpy 64K 1
    assert_usage "SIZE '0'" "$OUT/server" 0 0 1
    assert_usage "SIZE '1025M': .* 1G" "$OUT/server" 0 1025M 1
    assert_usage "SIZE '1073741825'" "$OUT/server" 0 1073741825 1
    assert_usage "SIZE '64X'" "$OUT/server" 0 64X 1
    assert_usage "SIZE ''" "$OUT/server" 0 "" 1
    assert_usage "SECONDS '0'" "$OUT/server" 0 64K 0
    assert_usage "SECONDS '1e3'" "$OUT/server" 0 64K 1e3
    assert_usage "'-1': numbers must not be negative" "$OUT/server" 0 64K -1
    assert_usage "'-64': numbers must not be negative" "$OUT/server" 0 -64 1
    assert_usage "SECONDS is missing: the arguments are MODE SIZE SECONDS" "$OUT/server" 0 64K
    assert_usage "MODE is missing" "$OUT/server"
    assert_usage "'5' is one argument too many" "$OUT/server" 0 64K 1 5
    assert_usage "did you mean --clients" "$OUT/server" 0 64K 1 --client-s 3
    assert_usage "--port '65536'" "$OUT/server" 0 64K 1 --port 65536
    assert_usage "option '--port' needs a value" "$OUT/server" 0 64K 1 --port
    assert_usage "option '--json' takes no value" "$OUT/server" 0 64K 1 --json=1
    assert_usage "--port '-1'" "$OUT/server" 0 64K 1 --port -1
    assert_usage "--bind 'nowhere'" "$OUT/server" 0 64K 1 --bind nowhere
    assert_usage "--cpus '0,,1'" "$OUT/server" 0 64K 1 --cpus 0,,1
    assert_usage "--cpus '1023'" "$OUT/server" 0 64K 1 --cpus 1023
    assert_usage "--control 77" "$OUT/server" 0 64K 1 --control 77
}

@test "local sockets: what does not go together is one line and exit 2" {
    local long
    long=unix:/$(printf 'x%.0s' {1..107})
    assert_usage "--bind '$long': .*unix:PATH with a path of 1 to 107 bytes" "$OUT/server" unix 64K 1 --bind "$long"
    assert_usage "--bind 'unix:'" "$OUT/server" unix 64K 1 --bind unix:
    assert_usage "IP 'unix:': .*unix:PATH" "$OUT/client" unix: 64K 1 1
    assert_usage "mode unix sends over a local socket: pass --bind unix:PATH" "$OUT/server" unix 64K 1
    assert_usage "mode A1 sends over TCP: pass --bind an IP address" "$OUT/server" A1 64K 1 --bind unix:/tmp/x
    assert_usage "a local socket has no congestion control" "$OUT/server" unix 64K 1 --bind unix:/tmp/x --cc cubic
    assert_usage "a local socket has no congestion control" "$OUT/client" unix:/tmp/x 64K 1 1 --cc cubic
    assert_usage "copies from a local socket all the same" "$OUT/client" unix:/tmp/x 64K 1 1 --recv trunc
}

@test "datagrams: what does not go together is one line and exit 2" {
    assert_usage "there is no kTLS of datagrams" "$OUT/client" 127.0.0.1 64K 1 1 --udp --tls
    assert_usage "datagrams come from an IP address" "$OUT/client" unix:/tmp/x 64K 1 1 --udp
    assert_usage "--recv trunc takes no datagrams" "$OUT/client" 127.0.0.1 64K 1 1 --udp --recv trunc
}

# A peer that says it has room for a MiB, and takes one datagram of what comes.
datagram_peer() { # PORT WORDS
    timeout 20 python3 - "$1" "$2" <<'EOF'
import socket, struct, sys
tcp = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.bind(tcp.getsockname())
udp.connect(tcp.getpeername())
tcp.sendall(b"copyscope client\n")
if int(sys.argv[2]):
    tcp.sendall(struct.pack("<Q", 1 << 21))
    tcp.sendall(struct.pack("<Q", len(udp.recv(65536))))
while tcp.recv(8):
    pass
EOF
}

@test "datagrams: what is lost ends the run, and how much that is is told" {
    start_server udp-gso 64K 5 --clients 1
    datagram_peer "$PORT" 1
    if wait "$SERVER_PID"; then return 1; fi
    grep -qE 'of [0-9]+ bytes in datagrams the client took 1472: the others were lost, and UDP sends none again' \
        "$BATS_TEST_TMPDIR/server.err"
    start_server udp-gso 64K 5 --clients 1
    datagram_peer "$PORT" 0
    if wait "$SERVER_PID"; then return 1; fi
    grep -q 'it needs --udp' "$BATS_TEST_TMPDIR/server.err"
}

# start_local PATH SECONDS: a server at a path, which is there when this returns.
start_local() {
    "$OUT/server" unix 64K "$2" --bind "unix:$1" --clients 2 --json >"$BATS_TEST_TMPDIR/server.out" \
        2>"$BATS_TEST_TMPDIR/server.err" 3>&- &
    SERVER_PID=$!
    for _ in {1..500}; do
        grep -q "listening on unix:$1" "$BATS_TEST_TMPDIR/server.err" && return 0
        sleep 0.01
    done
    return 1
}

@test "local sockets: every byte arrives, and the path goes with the server" {
    local at=$BATS_TEST_TMPDIR/at
    start_local "$at" 0.3
    timeout 30 "$OUT/client" "unix:$at" 64K 2 0 --until-eof --json >"$BATS_TEST_TMPDIR/client.out"
    wait_server
    [ "$(field bytes "$BATS_TEST_TMPDIR/server.out")" -gt 0 ]
    [ "$(field bytes "$BATS_TEST_TMPDIR/server.out")" -eq "$(field bytes "$BATS_TEST_TMPDIR/client.out")" ]
    [ -z "$(field tcp_retransmit_bytes "$BATS_TEST_TMPDIR/server.out")" ]
    [ ! -e "$at" ]
    start_local "$at" 10
    kill -INT "$SERVER_PID"
    wait_server || true
    [ ! -e "$at" ]
}

@test "local sockets: a path that is taken is named, with the remedy" {
    local at=$BATS_TEST_TMPDIR/at
    start_local "$at" 10
    run -1 --separate-stderr "$OUT/server" unix 64K 1 --bind "unix:$at"
    [ "${#stderr_lines[@]}" -eq 1 ]
    [[ $stderr == *"$at is in use: pass another --bind, or stop the other server"* ]]
    kill -9 "$SERVER_PID"
    wait_server || true
    run -1 --separate-stderr "$OUT/server" unix 64K 1 --bind "unix:$at"
    [[ $stderr == *"$at is the socket of a server that is gone: remove it (rm $at)"* ]]
    rm "$at"
    run -1 --separate-stderr timeout 20 "$OUT/client" "unix:$at" 64K 1 1
    [ "${#stderr_lines[@]}" -eq 1 ]
    [[ $stderr == *"nobody listens at $at: start"* ]]
}

@test "client: bad arguments are one line and exit 2" {
    assert_usage "IP 'localhorst'" "$OUT/client" localhorst 64K 1 1
    assert_usage "THREADS '0'.* 1 to 1024" "$OUT/client" 127.0.0.1 64K 0 1
    assert_usage "THREADS '5000'" "$OUT/client" 127.0.0.1 64K 5000 1
    assert_usage "THREADS '4x'" "$OUT/client" 127.0.0.1 64K 4x 1
    assert_usage "numbers must not be negative" "$OUT/client" 127.0.0.1 64K -4 1
    assert_usage "SIZE '0'" "$OUT/client" 127.0.0.1 0 1 1
    assert_usage "SIZE '2G'" "$OUT/client" 127.0.0.1 2G 1 1
    assert_usage "SECONDS 'nan'" "$OUT/client" 127.0.0.1 64K 1 nan
    assert_usage "--pattern 'rx': did you mean rr\? Choose one of stream, rr" "$OUT/client" 127.0.0.1 64K 1 1 --pattern rx
    assert_usage "did you mean --until-eof" "$OUT/client" 127.0.0.1 64K 1 1 --until-oef
    assert_usage "unknown option '--frobnicate': see" "$OUT/client" 127.0.0.1 64K 1 1 --frobnicate
}

@test "--help and --version go to stdout and exit 0" {
    for program in server client; do
        run -0 --separate-stderr "$OUT/$program" --help
        [ -z "$stderr" ]
        [[ $output == "Usage: $program "*--port*--verify*--version* ]]
        # fits a terminal
        [ "$(awk '{ print length }' <<<"$output" | sort -n | tail -n 1)" -le 100 ]
        run -0 --separate-stderr "$OUT/$program" --version
        [[ $output == "$program (copyscope)"* ]]
    done
    run -0 "$OUT/server" --help
    [[ $output == *"A1 (0, two-copy)"*"A2 (1, one-copy)"*"A3 (2, zero-copy)"* ]]
}

@test "a busy port is named, with the remedy" {
    start_server A1 64K 10
    run -1 --separate-stderr "$OUT/server" A1 64K 1 --port "$PORT"
    [ "${#stderr_lines[@]}" -eq 1 ]
    [[ $stderr == *"port $PORT is in use: pass --port or stop the other server"* ]]
}

@test "no server: the client gives up with the remedy" {
    start_server A1 64K 10 # a port that was free a moment ago
    kill "$SERVER_PID"
    wait_server || true
    run -1 --separate-stderr timeout 20 "$OUT/client" 127.0.0.1 64K 1 1 --port "$PORT"
    [ -z "$output" ]
    [ "${#stderr_lines[@]}" -eq 1 ]
    [[ $stderr == *"nobody listens on 127.0.0.1 port $PORT: start"* ]]
}

@test "the client waits for a server that starts later" {
    start_server A1 64K 10
    kill "$SERVER_PID"
    wait_server || true
    (sleep 0.5 && exec "$OUT/server" A1 64K 1 --port "$PORT") 3>&- 2>/dev/null &
    SERVER_PID=$!
    run -0 timeout 20 "$OUT/client" 127.0.0.1 64K 2 0 --port "$PORT"
    [[ $output =~ ^[1-9][0-9]*,[0-9.]+$ ]]
}

@test "missing clients end the wait with an error" {
    start_server A2 64K 1 --clients 2 --wait 0.2
    local rc=0
    wait_server || rc=$?
    [ "$rc" -eq 1 ]
    grep -q '0 of 2 clients came within 0.2 s' "$BATS_TEST_TMPDIR/server.err"
}

@test "an unknown congestion control lists the known ones" {
    run -1 --separate-stderr "$OUT/server" A1 64K 1 --port 0 --cc nonesuch
    [ "${#stderr_lines[@]}" -eq 1 ]
    [[ $stderr == *"no congestion control 'nonesuch' here: choose one of: "* ]]
}

@test "the original's command lines: bytes,latency and nothing else on stdout" {
    for mode in 0 1 2; do
        start_server "$mode" 65536 3
        run -0 --separate-stderr timeout 20 "$OUT/client" 127.0.0.1 65536 4 1 --port "$PORT"
        [[ $output =~ ^[1-9][0-9]*,[0-9]+\.[0-9]+$ ]]
        wait_server # the clients left first: that is no error
        [ ! -s "$BATS_TEST_TMPDIR/server.out" ]
    done
}

@test "works for an ordinary user" {
    [ "$(id -u)" -eq 0 ] || skip "already an ordinary user: the other tests say it"
    local out=$BATS_TEST_TMPDIR/bin
    mkdir "$out" && install -m 755 "$OUT/server" "$OUT/client" "$out"
    chmod 755 "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR" "$BATS_TEST_TMPDIR" "$out" "$BATS_RUN_TMPDIR/test"
    # Pinned pages are limited for an ordinary user: 8 MiB messages meet that limit (ENOBUFS).
    for mode in 0 1 2; do
        for size in 64K 16M; do
            start_server "$(command -v setpriv)" --reuid 65534 --regid 65534 --clear-groups \
                "$out/server" "$mode" "$size" 0.3 --clients 2 --verify
            run -0 timeout 30 setpriv --reuid 65534 --regid 65534 --clear-groups \
                "$out/client" 127.0.0.1 "$size" 2 0 --verify --port "$PORT"
            wait_server
        done
    done
}

@test "sent equals received, every mode and size" {
    for mode in A1 A2 A3 write writev sendfile splice vmsplice; do
        for size in 1 64K 1M; do
            assert_conserved "$mode" "$size"
        done
    done
}

@test "sent equals received in rr, requests too" {
    for mode in A1 A2 A3; do
        assert_conserved "$mode" 16K --pattern rr
        [ "$(field reverse_bytes "$BATS_TEST_TMPDIR/server.out")" -eq \
            "$(field reverse_bytes "$BATS_TEST_TMPDIR/client.out")" ]
    done
}

@test "zero-copy: every id is accounted for" {
    local out=$BATS_TEST_TMPDIR/server.out
    assert_conserved A3 64K
    [ "$(field zc_ids_issued "$out")" -gt 0 ]
    [ "$(field zc_ids_issued "$out")" -eq "$(field zc_ids_completed "$out")" ]
    [ "$(field zc_ids_issued "$out")" -eq "$(field calls "$out")" ]
    assert_conserved A1 64K
    run ! grep -q zc_ids "$out" # not measured is not 0
}

@test "--verify: content is right in every mode, odd sizes too" {
    for mode in A1 A2 A3 write writev; do
        for size in 1 7 65537 1M; do
            assert_conserved "$mode" "$size" --verify
            [ "$(field verified_bytes "$BATS_TEST_TMPDIR/client.out")" -eq \
                "$(field bytes "$BATS_TEST_TMPDIR/client.out")" ]
            [ "$(field verify_errors "$BATS_TEST_TMPDIR/client.out")" -eq 0 ]
        done
    done
}

@test "--verify: what is written once and sent again and again repeats itself when the server says" {
    local mode size period
    for mode in sendfile splice vmsplice; do
        for size in 1 65537; do
            period=$((size * 3))
            start_server "$mode" "$size" 0.2 --clients 2 --ring 3 --verify --json
            grep -q -- "--period $period\$" "$BATS_TEST_TMPDIR/server.err"
            timeout 30 "$OUT/client" 127.0.0.1 "$size" 2 0 --verify --json --period "$period" --port "$PORT" \
                >"$BATS_TEST_TMPDIR/client.out"
            wait_server
            [ "$(field verified_bytes "$BATS_TEST_TMPDIR/client.out")" -eq "$(field bytes "$BATS_TEST_TMPDIR/server.out")" ]
        done
    done
    # and not otherwise
    start_server sendfile 64K 0.2 --clients 1 --ring 3 --verify
    run -1 --separate-stderr timeout 30 "$OUT/client" 127.0.0.1 64K 1 0 --verify --port "$PORT"
    [[ $stderr == *"corrupt bytes, the first at stream offset 196608"* ]]
}

@test "--recv trunc takes every byte and keeps none, so that it is not verified" {
    start_server A1 64K 0.3 --clients 2 --json
    timeout 30 "$OUT/client" 127.0.0.1 64K 2 0 --recv trunc --json --port "$PORT" >"$BATS_TEST_TMPDIR/client.out"
    wait_server
    [ "$(field bytes "$BATS_TEST_TMPDIR/client.out")" -eq "$(field bytes "$BATS_TEST_TMPDIR/server.out")" ]
    assert_usage "recv trunc keeps nothing" "$OUT/client" 127.0.0.1 64K 1 1 --recv trunc --verify
    assert_usage "choose one of copy, trunc" "$OUT/client" 127.0.0.1 64K 1 1 --recv splat
}

@test "--direct reads the file past the page cache, and is of no use to modes that send none" {
    for mode in A1 vmsplice; do
        assert_usage "direct: mode $mode sends no file" "$OUT/server" "$mode" 64K 1 --direct
    done
    assert_usage "direct: mode A3 sends no file" "$OUT/copyscope" run --direct --mode sendfile,A3
    start_server sendfile 64K 0.2 --clients 1 --ring 3 --direct --verify --json
    timeout 30 "$OUT/client" 127.0.0.1 64K 1 0 --verify --json --period 192K --port "$PORT" \
        >"$BATS_TEST_TMPDIR/client.out" || ! grep -q "direct: Invalid argument" "$BATS_TEST_TMPDIR/server.err" ||
        skip "tmpfs takes O_DIRECT since 6.6"
    wait_server
    [ "$(field verified_bytes "$BATS_TEST_TMPDIR/client.out")" -eq "$(field bytes "$BATS_TEST_TMPDIR/server.out")" ]
}

@test "--issue: threads of io_uring's send, every byte in its place, for modes that ask one" {
    assert_usage "issue sqpoll: mode A1 asks no io_uring" "$OUT/server" A1 64K 1 --issue sqpoll
    assert_usage "issue 'kworker': choose one of caller, sqpoll, iowq" "$OUT/server" uring 64K 1 --issue kworker
    assert_usage "issue iowq: mode A3 asks no io_uring" "$OUT/copyscope" run --issue iowq --mode uring,A3
    for mode in uring uring-zc uring-zc-fixed; do
        "$OUT/copyscope" list modes | grep -qP "^$mode\t.*supported$" || skip "no $mode here"
        for issue in sqpoll iowq; do
            for size in 1 100001; do
                start_server "$mode" "$size" 0.2 --clients 2 --issue "$issue" --batch 3 --verify --json
                timeout 30 "$OUT/client" 127.0.0.1 "$size" 2 0 --verify --json --port "$PORT" \
                    >"$BATS_TEST_TMPDIR/client.out"
                wait_server
                [ "$(field verified_bytes "$BATS_TEST_TMPDIR/client.out")" -eq "$(field bytes "$BATS_TEST_TMPDIR/server.out")" ]
            done
        done
    done
}

# Those of this machine that can be verified.
receives() {
    "$OUT/copyscope" list receives | awk -F'\t' '$3 == "supported" && $1 != "trunc" { print $1 }'
}

@test "--recv: each way takes every byte in its place, one by one and in large messages, and answers requests" {
    for way in $(receives); do
        for cell in "A1 1 stream" "A1 100001 stream" "A3 100001 stream" "sendfile 64K rr"; do
            read -r mode size pattern <<<"$cell"
            start_server "$mode" "$size" 0.2 --clients 2 --pattern "$pattern" --ring 3 --verify --json
            timeout 30 "$OUT/client" 127.0.0.1 "$size" 2 0 --recv "$way" --pattern "$pattern" --verify --json \
                $([ "$mode" != sendfile ] || echo --period 192K) --port "$PORT" >"$BATS_TEST_TMPDIR/client.out"
            wait_server
            [ "$(field verified_bytes "$BATS_TEST_TMPDIR/client.out")" -eq "$(field bytes "$BATS_TEST_TMPDIR/server.out")" ]
            [ "$(field messages "$BATS_TEST_TMPDIR/client.out")" -gt 0 ]
        done
    done
}

@test "--recv: each way ends when the client's time is over, in the middle of data and without any" {
    for way in $(receives); do
        start_server A1 64K 20
        timeout 5 "$OUT/client" 127.0.0.1 64K 2 0.2 --recv "$way" --port "$PORT"
        kill "$SERVER_PID"
        wait_server || true
        start_server A1 64K 1 --clients 2 --wait 5
        run -1 --separate-stderr timeout 3 "$OUT/client" 127.0.0.1 64K 1 0.2 --recv "$way" --port "$PORT"
        [[ $stderr == *"no data came"* ]]
        kill "$SERVER_PID"
        wait_server || true
    done
}

@test "--recv zcrx: where it does not work one line says what it takes" {
    [[ $(receives) != *zcrx* ]] || skip "it works here"
    run -77 --separate-stderr "$OUT/client" 127.0.0.1 64K 1 1 --recv zcrx
    [ "${#stderr_lines[@]}" -eq 1 ]
    [[ $stderr == *"zcrx does not work here: "*"Linux 7.1"* || $stderr == *"zcrx does not work here: "*CAP_NET_ADMIN* ]]
}

# Data must wait unsent in the sender's queue by reference: a large queue, few buffers, a slow reader.
verify_under_pressure() {
    local program=$1
    start_server "$program" A3 64K 1 --clients 1 --verify --ring 2 --sndbuf 1M
    run --separate-stderr timeout 30 "$OUT/client" 127.0.0.1 64K 1 0 --verify --rcvbuf 16K \
        --read-delay-us 2000 --port "$PORT"
    wait_server || return 3
    return "$status"
}

@test "--verify: zero-copy under back pressure is right" {
    verify_under_pressure "$OUT/server"
}

@test "--verify: a server that reuses buffers too early is caught" {
    local broken=$BATS_FILE_TMPDIR/broken
    make -s OUT="$broken" EXTRA_CFLAGS=-DCOPYSCOPE_TEST_REUSE_EARLY "$broken/server" >/dev/null 3>&-
    local rc=0
    verify_under_pressure "$broken/server" || rc=$?
    [ "$rc" -eq 1 ]
    [[ $stderr =~ [0-9]+" corrupt bytes, the first at stream offset "[0-9]+ ]]
}

@test "SIGINT ends the run early and still reports" {
    start_server A2 64K 60 --json
    "$OUT/client" 127.0.0.1 64K 2 0 --json --port "$PORT" >"$BATS_TEST_TMPDIR/client.out" 3>&- &
    local client=$!
    sleep 0.3
    kill -INT "$SERVER_PID"
    wait_server
    wait "$client"
    [ "$(field bytes "$BATS_TEST_TMPDIR/server.out")" -gt 0 ]
    [ "$(field bytes "$BATS_TEST_TMPDIR/server.out")" -eq "$(field bytes "$BATS_TEST_TMPDIR/client.out")" ]
}

@test "a client killed in mid-stream leaves the others alone" {
    start_server A3 64K 1.5
    "$OUT/client" 127.0.0.1 64K 2 0 --port "$PORT" >/dev/null 2>&1 3>&- &
    local victim=$!
    sleep 0.2
    kill -KILL "$victim"
    run -0 timeout 20 "$OUT/client" 127.0.0.1 64K 2 0 --port "$PORT"
    wait_server
}

@test "a message that does not fit into memory is a clear error" {
    start_server A3 1G 1 --ring 1024 --clients 1
    timeout 30 "$OUT/client" 127.0.0.1 1G 1 0 --port "$PORT" >/dev/null 2>&1 || true
    local rc=0
    wait_server || rc=$?
    [ "$rc" -eq 1 ]
    grep -q 'no memory for messages of 1G: use a smaller SIZE' "$BATS_TEST_TMPDIR/server.err"
}

@test "pinning, buffers and congestion control are taken" {
    local cc
    read -r cc _ </proc/sys/net/ipv4/tcp_allowed_congestion_control
    assert_conserved A2 16K --cpus 0 --cc "$cc" --sndbuf 128K --rcvbuf 64K
    grep -q "\"congestion_control\":\"$cc\"" "$BATS_TEST_TMPDIR/server.out"
    [ "$(field sndbuf_bytes "$BATS_TEST_TMPDIR/server.out")" -eq 262144 ]
    [ "$(field rcvbuf_bytes "$BATS_TEST_TMPDIR/client.out")" -eq 131072 ]
}

# ---- strangers ----

listens_on() { # ADDRESS AS IN /proc/net/tcp, FILE
    grep -qi "^ *[0-9]*: $1:$(printf %04x "$PORT") .* 0A " "$2"
}

@test "server: strangers cannot connect unless --bind lets them" {
    start_server A1 64K 5
    listens_on 0100007F /proc/net/tcp
    grep -q "listening on 127.0.0.1:$PORT, this machine only; --bind 0.0.0.0 for all" "$BATS_TEST_TMPDIR/server.err"
    kill "$SERVER_PID"
    wait_server || true
    start_server A1 64K 5 --bind 0.0.0.0
    listens_on 00000000 /proc/net/tcp
    grep -q "listening on 0.0.0.0:$PORT$" "$BATS_TEST_TMPDIR/server.err"
    kill "$SERVER_PID"
    wait_server || true
    [ -e /proc/net/if_inet6 ] || skip "no IPv6 here"
    start_server A1 64K 0.3 --bind ::1
    grep -q "listening on \[::1\]:$PORT$" "$BATS_TEST_TMPDIR/server.err"
    run -0 timeout 20 "$OUT/client" ::1 64K 1 0 --port "$PORT"
}

@test "server: a port scan starts no clock and ends no measurement" {
    start_server A1 64K 1
    exec 4<>"/dev/tcp/127.0.0.1/$PORT" && exec 4>&-
    exec 4<>"/dev/tcp/127.0.0.1/$PORT" && printf 'GET / HTTP/1.1\r\n\r\n' >&4 && exec 4>&-
    exec 4<>"/dev/tcp/127.0.0.1/$PORT" && printf copyscope >&4
    sleep 1.3
    kill -0 "$SERVER_PID"
    run -0 timeout 20 "$OUT/client" 127.0.0.1 64K 2 0 --port "$PORT"
    exec 4>&-
    wait_server
    grep -q "A1: sent ${output%,*} bytes over 2 connections" "$BATS_TEST_TMPDIR/server.err"
    # told once, however many there were
    [ "$(grep -c 'sent a peer at 127.0.0.1 away: it is no client of ours' "$BATS_TEST_TMPDIR/server.err")" -eq 1 ]
}

@test "server: scans alone are no clients, with --wait or without" {
    start_server A1 64K 1 --wait 0.5
    for _ in 1 2 3; do exec 4<>"/dev/tcp/127.0.0.1/$PORT" && exec 4>&-; done
    local rc=0
    wait_server || rc=$?
    [ "$rc" -eq 1 ]
    grep -q '0 of 1 clients came within 0.5 s' "$BATS_TEST_TMPDIR/server.err"
}

@test "server: who says nothing is sent away, and keeps nobody out" {
    local fds=()
    start_server "$(command -v bash)" -c "ulimit -n 40; exec '$OUT/server' \"\$@\"" server A1 64K 0.5 --clients 2
    for _ in {1..100}; do
        exec {fd}<>"/dev/tcp/127.0.0.1/$PORT"
        fds+=("$fd")
    done
    run -0 timeout 20 "$OUT/client" 127.0.0.1 64K 2 0 --port "$PORT"
    wait_server
    # Without clients, too, and for good: at most two seconds.
    start_server A1 64K 5
    exec 4<>"/dev/tcp/127.0.0.1/$PORT"
    timeout 10 cat <&4
    exec 4>&-
    for fd in "${fds[@]}"; do exec {fd}>&-; done
}

@test "client: a stream cut in the middle of a message is a failure" {
    # A1 would be between two messages, where no cut shows, as long as it copies
    start_server A2 16M 20
    "$OUT/client" 127.0.0.1 16M 2 0 --port "$PORT" >/dev/null 2>"$BATS_TEST_TMPDIR/client.err" 3>&- &
    local client=$! rc=0
    sleep 1.5
    kill -KILL "$SERVER_PID"
    wait_server || true
    wait "$client" || rc=$?
    [ "$rc" -eq 1 ]
    cat "$BATS_TEST_TMPDIR/client.err"
    grep -qE 'in the middle of (a message of 16M|the stream)' "$BATS_TEST_TMPDIR/client.err"
    # no multiple of the server's SIZE
    start_server A1 64K 0.3
    run -1 --separate-stderr timeout 20 "$OUT/client" 127.0.0.1 7919 1 0 --port "$PORT"
    [ "${#stderr_lines[@]}" -eq 1 ]
    [[ $stderr == *"in the middle of a message of 7919: the server died or was killed, or its SIZE is not ours" ]]
    # our own end may come anywhere
    start_server A1 64K 10
    run -0 --separate-stderr timeout 20 "$OUT/client" 127.0.0.1 64K 1 1.5 --port "$PORT"
    [ -z "$stderr" ]
}

# ---- what cannot be had ----

@test "too few files are told with how many are needed" {
    run -77 --separate-stderr bash -c "ulimit -n 30; exec '$OUT/client' 127.0.0.1 64K 64 1"
    [ "$stderr" = "client: a workload of 64 threads needs 80 open files, RLIMIT_NOFILE allows 30: raise it, as root if \
need be, with \`ulimit -n 80\`" ]
    run -77 --separate-stderr bash -c "ulimit -n 30; exec '$OUT/server' A1 64K 1 --clients 64"
    [ "${#stderr_lines[@]}" -eq 1 ]
    [[ $stderr == *"needs 80 open files"* ]]
    # the hard limit is what counts
    start_server "$(command -v bash)" -c "ulimit -Sn 20; exec '$OUT/server' \"\$@\"" server A1 4K 0.3 --clients 30
    run -0 bash -c "ulimit -Sn 20; exec timeout 20 '$OUT/client' 127.0.0.1 4K 30 0 --port $PORT"
}

@test "a result that cannot be written is a failure" {
    for option in "" --json; do
        start_server A1 64K 0.3
        # shellcheck disable=SC2086
        run -1 --separate-stderr bash -c "exec timeout 20 '$OUT/client' 127.0.0.1 64K 1 0 --port $PORT $option >/dev/full"
        [ "$stderr" = "client: cannot write to standard output: No space left on device" ]
    done
}
