# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Sourced by attach.sh: what is observed, nginx under wrk or build/server, each on CPU 0 and who takes what it
# sends on CPU 1, and what it took. The caller has $work, $bytes (of nginx's file), $connections, $duration,
# $message, $others; started, an array of what it ends; and pid and port, of each nginx by its name.
# shellcheck disable=SC2154,SC2034

# ns of CPU that a process and its children have had
cpu_ns() { # PID
    local pid files=()
    for pid in "$1" $(<"/proc/$1/task/$1/children"); do
        files+=("/proc/$pid"/task/*/schedstat)
    done
    awk '{ ns += $1 } END { printf "%.0f\n", ns }' "${files[@]}"
}

# ---- nginx -------------------------------------------------------------

listens() { # PORT
    ss -Hltn "sport = :$1" | grep -q .
}

# start_nginx NAME LINE...: sets pid[NAME] and port[NAME]; LINEs go to its server{}.
start_nginx() {
    local dir=$work/$1 free=$((20000 + RANDOM % 10000))
    while listens $free; do free=$((free + 1)); done
    mkdir -p "$dir/root"
    head -c "$bytes" /dev/urandom >"$dir/root/file"
    cat >"$dir/conf" <<END
daemon off;
worker_processes 1;
worker_cpu_affinity 01;
pid $dir/pid;
error_log $dir/error.log;
events {}
http {
    access_log off;
    keepalive_requests 1000000000;
    client_body_temp_path $dir/body;
    proxy_temp_path $dir/proxy;
    fastcgi_temp_path $dir/fastcgi;
    uwsgi_temp_path $dir/uwsgi;
    scgi_temp_path $dir/scgi;
    server {
        listen 127.0.0.1:$free;
        root $dir/root;
$(printf '        %s\n' "${@:2}")
    }
}
END
    nginx -p "$dir" -c "$dir/conf" -e "$dir/error.log" >"$dir/out" 2>&1 &
    started+=($!)
    pid[$1]=$!
    port[$1]=$free
    within 5 grep -q . "/proc/$!/task/$!/children" || {
        cat "$dir/out" "$dir/error.log" >&2
        die 1 "nginx did not start: see the lines above"
    }
}

# Each connection rests so many ms before it asks again, where PAUSE is not 0: then all that comes is served
# at once, whatever it costs, and the rate is the pauses'.
wrk_script() { # PAUSE
    [ "$1" = 0 ] || echo "function delay() return $1 end"
    cat <<'END'
function done(all, latency, requests)
    local e = all.errors
    print("counted", all.requests, e.connect + e.read + e.write, e.status, all.duration / 1e6, e.timeout,
        latency.max / 1e6)
end
END
}

# load PORT SECONDS [PAUSE]: "counted REQUESTS ERRORS NON_2XX SECONDS TIMEOUTS LONGEST_S": a timeout is 2 s without an answer
load() {
    wrk_script "${3:-0}" >"$work/wrk.lua"
    taskset -c 1 wrk -t 1 -c "$connections" -d "$2" -s "$work/wrk.lua" "http://127.0.0.1:$1/file" | grep '^counted'
}

# Seconds of CPU of the whole machine, and what its host took away.
machine_s() {
    awk -v hz="$(getconf CLK_TCK)" '$1 == "cpu" { print ($2 + $3 + $4 + $7 + $8) / hz, $9 / hz }' /proc/stat
}

# window PID PORT SECONDS [PAUSE]: "ns-per-request requests-per-second others-percent", the last of one CPU: what
# neither nginx nor wrk had.
window() {
    local before machine counted TIMEFORMAT='%U %S'
    before=$(cpu_ns "$1") machine=$(machine_s)
    { time load "${@:2}" >"$work/counted" || die 1 "wrk failed"; } 2>"$work/wrk-cpu"
    counted=$(cat "$work/counted")
    awk -v before="$before" -v after="$(cpu_ns "$1")" -v machine="$machine $(machine_s)" \
        -v wrk="$(cat "$work/wrk-cpu")" '
        $3 || $4 || !$2 { print "wrk: " $0 >"/dev/stderr"; exit 1 }
        {
            split(machine, m, " "); split(wrk, w, " ")
            others = m[3] - m[1] + m[4] - m[2] - w[1] - w[2] - (after - before) / 1e9
            print (after - before) / $2, $2 / $5, 100 * (others > 0 ? others : 0) / $5
        }' <<<"$counted"
}

# The same, once more where others had too much of the machine meanwhile: COMMAND... sets $result.
readonly MOST_TRIES=15
repeated=0 disturbed=0
quietly() {
    local try
    for ((try = 0; try < MOST_TRIES; try++)); do
        "$@"
        ! awk -v most="$others" '{ exit $3 > most }' <<<"$result" || return 0
        repeated=$((repeated + 1))
    done
    disturbed=$((disturbed + 1))
}

noise() {
    echo "# of the windows $repeated were repeated, since others had more than $others % of a CPU; $disturbed kept all the same"
}

# ---- build/server ---------------------------------------------------------------------------

make_testbed() {
    local ns
    for ns in "$ns_srv" "$ns_cli"; do
        ip netns add "$ns"
        ip -n "$ns" link set lo up
    done
    ip link add veth0 netns "$ns_srv" type veth peer name veth0 netns "$ns_cli"
    ip -n "$ns_srv" addr add 10.0.0.1/24 dev veth0
    ip -n "$ns_cli" addr add 10.0.0.2/24 dev veth0
    for ns in "$ns_srv" "$ns_cli"; do ip -n "$ns" link set veth0 up; done
}

# start_sender PATH MODE SECONDS: build/server on CPU 0, and who takes it on CPU 1; sets sender and taker.
start_sender() {
    local srv=(ip netns exec "$ns_srv") cli=(ip netns exec "$ns_cli") address=10.0.0.1
    [ "$1" != loopback ] || { cli=("${srv[@]}") && address=127.0.0.1; }
    local TIMEFORMAT='%U %S' # ip becomes what it starts
    (time "${srv[@]}" "$OUT/server" --bind $address --port 5201 --clients 1 --cpus 0 --json \
        "$2" "$message" "$3" >"$work/server" 2>"$work/server.err") 2>"$work/cpu" &
    sender=$!
    within 5 grep -q 'listening on' "$work/server.err" || { cat "$work/server.err" >&2 && die 1 "the server failed"; }
    (time "${cli[@]}" "$OUT/client" --port 5201 --until-eof --cpus 1 $address "$message" 1 0 >"$work/client" \
        2>"$work/client.err") 2>"$work/cpu.client" &
    taker=$!
}

sender_over() {
    wait "$taker" || { cat "$work/client.err" >&2 && die 1 "the client failed"; }
    wait "$sender" || { cat "$work/server.err" >&2 && die 1 "the server failed"; }
}

# The server's pid, behind the shell that takes its time.
sender_pid() {
    local at=$sender
    while [ "$(<"/proc/$at/comm")" != server ]; do
        at=$(<"/proc/$at/task/$at/children") && at=${at% }
    done
    echo "$at"
}

sender_window() { # PATH MODE
    local machine
    machine=$(machine_s)
    start_sender "$1" "$2" "$duration"
    sender_over
    result=$(awk -v machine="$machine $(machine_s)" -v bytes="$(jq .bytes "$work/server")" -v s="$duration" '
        NR == 1 { own = $1 + $2 }
        { both += $1 + $2 }
        END {
            split(machine, m, " ")
            print own / bytes * 1e9, bytes / s, 100 * (m[3] - m[1] + m[4] - m[2] - both) / s
        }' "$work/cpu" "$work/cpu.client")
}
