# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Real programs to attach to, each on 127.0.0.1 with files of its own in the test's directory, and what
# moves bytes through them and counts those apart from copyscope. Loaded after helpers; a test ends with
# stop_programs. start_NAME sets $pid, the process to attach to, $port if it listens, and $pids, where
# these are several.
# shellcheck disable=SC2034  # what it sets is for the tests

PEER=(/usr/bin/python3 "$BATS_TEST_DIRNAME/peer.py")
PROGRAM=(/usr/bin/python3 "$BATS_TEST_DIRNAME/program.py")
MOST_SECONDS=$((40 * ${TIME_FACTOR:-1})) # that anything started here lives, whatever becomes of the test

started=()

# started_as NAME COMMAND...: in the background, with its words in NAME.out and NAME.err; $pid is the
# command's, $keeper that of the timeout around it, whose exit status is the command's.
started_as() {
    local name=$1
    shift
    timeout -k 1 $MOST_SECONDS "$@" >"$name.out" 2>"$name.err" </dev/null 3>&- &
    keeper=$!
    started+=("$keeper")
    within 5 has_child $keeper
    pid=$child
}

# One that has become what it is to be.
has_child() { # PID
    child=$(<"/proc/$1/task/$1/children") && child=${child% } && [ -n "$child" ] &&
        [ "$(readlink "/proc/$child/exe")" != "$(readlink "/proc/$1/exe")" ]
}

stop_programs() {
    local keeper
    for keeper in "${started[@]}"; do kill "$keeper" 2>/dev/null || true; done
    for keeper in "${started[@]}"; do wait "$keeper" 2>/dev/null || true; done
    started=()
}

# A process that waits until it is released, then becomes COMMAND: what a program does from its first
# byte on can be seen. $pid is its own before and after, $held what release and ended ask for.
start_held() { # NAME COMMAND...
    held=$1
    shift
    mkfifo "$held.gate"
    # shellcheck disable=SC2016
    started_as "$held" bash -c 'read -r <"$0" && exec "$@"' "$held.gate" "$@"
    held_keeper=$keeper
}

release() {
    echo go >"$held.gate"
}

# Waits for the held one; its exit status.
ended() {
    local status=0
    wait "$held_keeper" || status=$?
    [ $status = 0 ] || tail "$held.err"
    return $status
}

# Of ours: see program.py.
start_program() { # NAME COMMAND ARGUMENT...
    start_held "$1" "${PROGRAM[@]}" "${@:2}"
}

# Asked of the kernel: a connection would be one more to count.
listens() { # PORT
    ss -Hltn "sport = :$1" | grep -q .
}

# Below the ports that the kernel gives to those who do not care.
free_port() {
    port=$((20000 + RANDOM % 10000))
    while listens $port; do port=$((port + 1)); done
}

# start_peer NAME COMMAND ARGUMENT...: sets $peer_port.
start_peer() {
    local name=$1 pid
    shift
    started_as "$name" "${PEER[@]}" "$@"
    within 5 grep -q '^port ' "$name.out"
    peer_port=$(told "$name" port)
    eval "${name}_keeper=$keeper"
}

# The peer's own count, once it has ended.
told() { # NAME WHAT
    awk -v name="$2" '$1 == name { print $2 }' "$1.out"
}

peer_ended() { # NAME
    local keeper=${1}_keeper
    wait "${!keeper}"
}

# peer NAME COMMAND ARGUMENT...: one that connects, until it is done.
peer() {
    timeout $MOST_SECONDS "${PEER[@]}" "${@:2}" >"$1.out" 3>&-
}

random_file() { # FILE BYTES
    head -c "$2" /dev/urandom >"$1"
}

# ---- iperf3 ----

# Its client, held, and a proxy between it and its server, which counts all of its two connections.
start_iperf3() { # OPTION...
    need iperf3
    free_port
    started_as server iperf3 -s -1 -p "$port"
    within 5 listens "$port"
    start_peer proxy proxy "$port" 2
    start_held iperf3 iperf3 -c 127.0.0.1 -p "$peer_port" -J "$@"
}

# What it says of its payload. The rest of what its client sends: a cookie at the start of each connection,
# and the talk on the first of them.
iperf3_payload() {
    jq .end.sum_sent.bytes iperf3.out
}

# ---- nginx ----

# start_nginx BYTES LINE...: a master and two workers, which serve a file of so many bytes; LINEs go to its
# server{}.
start_nginx() {
    need nginx
    local size=$1 dir=$PWD/nginx
    shift
    free_port
    mkdir -p "$dir/root"
    random_file "$dir/root/file" "$size"
    cat >"$dir/conf" <<END
daemon off;
user root;
worker_processes 2;
pid $dir/pid;
error_log $dir/error.log;
events {}
http {
    log_format counts '\$request_length \$bytes_sent \$body_bytes_sent';
    access_log $dir/access.log counts;
    client_body_temp_path $dir/body;
    proxy_temp_path $dir/proxy;
    fastcgi_temp_path $dir/fastcgi;
    uwsgi_temp_path $dir/uwsgi;
    scgi_temp_path $dir/scgi;
    server {
        root $dir/root;
$(printf '        %s\n' "$@" | sed "s/PORT/127.0.0.1:$port/")
    }
}
END
    started_as nginx nginx -p "$dir" -c "$dir/conf" -e "$dir/error.log"
    within 5 nginx_works
    pids=$pid,${workers// /,}
}

nginx_works() {
    workers=$(<"/proc/$pid/task/$pid/children") && workers=${workers% }
    [ "$(wc -w <<<"$workers")" = 2 ]
}

nginx_reloaded() { # OLD WORKERS
    nginx_works && [ "$workers" != "$1" ] && ! grep -qwE "${1// /|}" <<<"$workers"
}

# By its log: of all requests, what it received, sent, and of this from the file.
nginx_log() { # request|all|body
    awk -v what="$1" '{ request += $1; all += $2; body += $3 }
        END { print what == "request" ? request : what == "all" ? all : body }' nginx/access.log
}

nginx_certificate() {
    need openssl
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
        -keyout key.pem -out cert.pem 2>openssl.err
}

# ---- redis ----

# Debian has the server's program in its tools, too, where it is called by another name.
start_redis() { # VALUE_BYTES
    need redis-benchmark
    local program
    program=$(command -v redis-server || command -v redis-check-rdb) ||
        skip "redis-server is not installed: scripts/deps.sh test"
    free_port
    ln -s "$program" redis-server
    started_as redis ./redis-server --bind 127.0.0.1 --port "$port" --dir "$PWD" --save '' --appendonly no
    within 5 listens "$port"
    redis_load set 1 1 "$1"
}

# Its value has the name that the benchmark of GET asks for.
redis_load() { # get|set REQUESTS CONNECTIONS VALUE_BYTES
    redis-benchmark -h 127.0.0.1 -p "$port" -t "$1" -n "$2" -c "$3" -d "$4" -q >benchmark.out 2>&1
}

# Its own count, which has the question and not yet the answer; so what it sent and received between two:
redis_count() { # NAME
    peer "$1" redis "$port" "INFO stats"
}

redis_sent() {
    echo $(($(told "$2" total_net_output_bytes) - $(told "$1" total_net_output_bytes) - $(told "$1" answer)))
}

redis_received() {
    echo $(($(told "$2" total_net_input_bytes) - $(told "$1" total_net_input_bytes) - $(told "$2" question)))
}

# ---- haproxy ----

# start_haproxy ANSWER_BYTES LINE...: to a server that takes all that comes, then answers.
start_haproxy() {
    need haproxy
    start_peer server server "$1"
    shift
    free_port
    cat >haproxy.cfg <<END
global
    nbthread 2
defaults
    mode tcp
    timeout connect 5s
    timeout client 20s
    timeout server 20s
listen test
    bind 127.0.0.1:$port
    server peer 127.0.0.1:$peer_port
$(printf '    %s\n' "$@")
END
    started_as haproxy haproxy -db -f haproxy.cfg
    within 5 listens "$port"
}

# ---- socat ----

# Held: sends FILE, and takes the server's answer of so many bytes.
start_socat() { # FILE ANSWER_BYTES
    need socat
    start_peer server server "$2"
    start_held socat socat -t 10 "OPEN:$1,rdonly!!OPEN:/dev/null,wronly" "TCP:127.0.0.1:$peer_port"
}

# Forks a process for each connection, which has a shell take all that comes, then answer with FILE; over a
# socketpair of theirs.
start_forking_socat() { # FILE
    need socat
    free_port
    started_as socat socat "TCP-LISTEN:$port,bind=127.0.0.1,reuseaddr,fork" "SYSTEM:cat >/dev/null; cat $1"
    within 5 listens "$port"
}
