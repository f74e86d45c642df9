#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Programs of the distribution, all at once and an owner each: what an emulated machine, to which it takes
# ten seconds to attach, has the time for. With TIER they are observed by that one.

bats_require_minimum_version 1.5.0
load helpers
load programs
load attach

declare -gA label kept # bats reads this file in a function
whom=()

# begin NAME START...: in a directory of its own; what it has set stays.
begin() {
    local name=$1 pids=
    mkdir "$name" && cd "$name" || return
    shift
    "$@"
    cd .. || return
    label[$name]="$(<"/proc/$pid/comm") ($pid)"
    kept[$name]="held=$name/${held:-} held_keeper=${held_keeper:-} port=${port:-} \
        server_keeper=${server_keeper:-} proxy_keeper=${proxy_keeper:-}"
    whom+=(-p "${pids:-$pid}")
}

# of NAME COMMAND...: with what has been kept of it, there.
of() {
    local held held_keeper port server_keeper proxy_keeper status=0
    eval "${kept[$1]}"
    held=${held#*/}
    cd "$1" || return
    shift
    "$@" || status=$?
    cd .. || return
    return $status
}

start_with_server() { # START...
    start_peer server server 0
    start_program program "$1" "$peer_port" "${@:2}"
}

expect() { # NAME WAY=BYTES...
    printf "${label[$1]}\t%s\n" "${@:2}" >>expected
}

# OWNER METRIC BYTES that are missing, or are too many.
differences() {
    awk -F '[\t=]' '$2 ~ /unix/ { next }
        { key = $1 "\t" ($2 ~ /^recv/ ? "received_bytes" : "sent_bytes") }
        FILENAME == "expected" { want[key] += $3; next }
        { seen[key] += $3 }
        END { for (key in want) if (want[key] != seen[key]) print key "\t" want[key] - seen[key] }' expected rows
}

# A program by fentry that is preempted is not run by others meanwhile: what those moved is missing. Then the kernel
# says so, and what is less than it was is told as a bound.
skips_are_told() {
    local owner metric missing
    jq -e '.results[0].drops | any(.[0] == "skipped_runs")' attach.json >/dev/null || return
    jq -r '.results[0].calls[] | "\(.[0])\t\(.[1])=\(.[4])"' attach.json >rows
    while IFS=$'\t' read -r owner metric missing; do
        echo "# $owner: $missing of $metric are missing" >&3
        [ "$missing" -gt 0 ] || return
        jq -e --arg owner "$owner" --arg metric "$metric" \
            '.how[.results[0].values[$owner][$metric][1]].bound == "lower"' attach.json >/dev/null || return
    done < <(differences)
}

@test "attach: programs of the distribution at once, an owner each: what each sent and received, by way" {
    random_file file 1000003
    begin iperf3 start_iperf3 -n 8M
    begin iperf3-Z start_iperf3 -n 8M -Z
    begin sendfile start_nginx 300001 "listen PORT;" "sendfile on;"
    begin write start_nginx 300001 "listen PORT;" "sendfile off;"
    begin redis start_redis 100000
    begin haproxy start_haproxy 2000003
    begin socat start_socat ../file 200005
    begin python-sendfile start_with_server sendfile ../file
    begin python-sendall start_with_server sizes 70000 1000
    of redis redis_count before
    attach "${whom[@]}" --tier "${TIER:-auto}"
    for name in iperf3 iperf3-Z socat python-sendfile python-sendall; do of $name release; done
    of redis redis_load get 50 2 100000
    for name in sendfile write; do of $name eval 'peer client http "$port" 5'; done
    of haproxy eval 'peer client client "$port" 1000001'
    for name in iperf3 iperf3-Z socat python-sendfile python-sendall; do of $name ended; done
    for name in iperf3 iperf3-Z; do of $name peer_ended proxy; done
    for name in socat python-sendfile python-sendall; do of $name peer_ended server; done
    detach
    of redis redis_count after
    [ -z "${TIER:-}" ] ||
        [ "$(jq -r '.probes[] | select(.quantity == "send" or .quantity == "recv") | .tier' attach.json | sort -u)" = "$TIER" ]

    payload=$(of iperf3-Z iperf3_payload)
    expect iperf3 "send=$(of iperf3 told proxy from_client)" "recv=$(of iperf3 told proxy from_server)"
    expect iperf3-Z "sendfile=$payload" "send=$(($(of iperf3-Z told proxy from_client) - payload))" \
        "recv=$(of iperf3-Z told proxy from_server)"
    expect sendfile sendfile=1500005 "send=$(($(of sendfile nginx_log all) - 1500005))" \
        "recv=$(of sendfile nginx_log request)"
    expect write "send=$(of write nginx_log all)" "recv=$(of write nginx_log request)"
    expect redis "send=$(of redis redis_sent before after)" "recv=$(of redis redis_received before after)"
    expect haproxy send=3000004 recv=3000004
    expect socat send=1000003 recv=200005
    expect python-sendfile sendfile=1000003 send=4
    expect python-sendall send=71000
    # nginx's master and workers talk over local sockets, at times of their own
    besides='unix|recv-unix' rows_are <expected || skips_are_told
}
