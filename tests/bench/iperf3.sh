#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# copyscope's server and client beside iperf3: throughput and CPU seconds per GiB (user and system
# of both ends) with the same message size, streams and congestion control over the same veth pair,
# interleaved. The server sends in both. iperf3 before 3.16 serves all streams from one thread.
set -euo pipefail
program=iperf3.sh
# shellcheck source=tests/bench/common.sh
. "$(dirname "$0")/common.sh"

size=64K threads=1 repeat=5 duration=2 mode=A1 cc=cubic
options "size threads repeat duration mode cc" "$@"
need_root
need_programs server client
need_commands ip ss iperf3 jq numfmt
bytes=$(numfmt --from=iec "$size") || die 2 "--size '$size' is no size: e.g. 64K"

ns_srv=cs-bench-srv-$$ ns_cli=cs-bench-cli-$$
readonly address=10.0.0.1 port=5201
server_pid=
work=$(temporary -d)

cleanup() {
    [ -z "$server_pid" ] || kill "$server_pid" 2>/dev/null || true
    ip netns pids "$ns_srv" 2>/dev/null | xargs -r kill 2>/dev/null || true
    ip netns del "$ns_srv" 2>/dev/null || true # takes the veth pair with it
    ip netns del "$ns_cli" 2>/dev/null || true
    rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

make_testbed() {
    local ns
    for ns in "$ns_srv" "$ns_cli"; do
        ip netns add "$ns"
        ip -n "$ns" link set lo up
    done
    ip link add veth0 netns "$ns_srv" type veth peer name veth0 netns "$ns_cli"
    ip -n "$ns_srv" addr add $address/24 dev veth0
    ip -n "$ns_cli" addr add 10.0.0.2/24 dev veth0
    ip -n "$ns_srv" link set veth0 up
    ip -n "$ns_cli" link set veth0 up
}

wait_listening() {
    local i
    for ((i = 0; i < 250; i++)); do
        [ -z "$(ip netns exec "$ns_srv" ss -Hltn "sport = :$1")" ] || return 0
        kill -0 "$server_pid" 2>/dev/null || break
        sleep 0.02
    done
    cat "$work/server.err" >&2
    die 1 "the server does not listen on port $1: see the lines above"
}

# both_ends PORT SERVER... -- CLIENT...: the client's stdout in $work/client, CPU seconds of both in
# $work/cpu (what bash's time reports, a line each).
both_ends() {
    local listen=$1 server=()
    shift
    while [ "$1" != -- ]; do
        server+=("$1")
        shift
    done
    shift
    local TIMEFORMAT='%U %S'
    (time ip netns exec "$ns_srv" "${server[@]}" >"$work/server" 2>"$work/server.err") \
        2>"$work/cpu.server" &
    server_pid=$!
    wait_listening "$listen"
    (time ip netns exec "$ns_cli" timeout $((duration + 20)) "$@" >"$work/client" \
        2>"$work/client.err") 2>"$work/cpu.client" || {
        cat "$work/client.err" "$work/client" >&2
        die 1 "the client failed: see the lines above"
    }
    wait "$server_pid" || {
        cat "$work/server.err" >&2
        die 1 "the server failed: see the lines above"
    }
    server_pid=
    cat "$work/cpu.server" "$work/cpu.client" >"$work/cpu"
}

# record NAME BYTES SECONDS
record() {
    awk -v name="$1" -v bytes="$2" -v seconds="$3" '
        { cpu += $1 + $2 }
        END { print name, bytes * 8 / seconds / 1e9, cpu / (bytes / 2 ^ 30) }' "$work/cpu" \
        >>"$work/samples"
}

run_copyscope() {
    local moved
    both_ends $port "$OUT/server" --bind $address --cc "$cc" --port $port "$mode" "$bytes" "$duration" -- \
        "$OUT/client" --port $port $address "$bytes" "$threads" "$duration"
    moved=$(cut -d, -f1 "$work/client" | tail -n 1)
    [[ $moved =~ ^[1-9][0-9]*$ ]] || die 1 "the client moved nothing: '$moved'"
    record copyscope "$moved" "$duration"
}

run_iperf3() {
    local moved
    both_ends $port iperf3 -s -1 -p $port -- \
        iperf3 -c $address -p $port -R -C "$cc" -l "$bytes" -P "$threads" -t "$duration" --json
    # It reports its errors in the JSON, and may exit 0 with them.
    moved=$(jq -er '.end.sum_received | select(.bytes > 0) | "\(.bytes) \(.seconds)"' \
        "$work/client") || die 1 "iperf3 moved nothing: $(jq -r .error "$work/client")"
    record iperf3 "${moved% *}" "${moved#* }"
}

column() { # NAME FIELD
    awk -v name="$1" -v field="$2" '$1 == name { print $field }' "$work/samples"
}

make_testbed
for ((i = 0; i < repeat; i++)); do
    # A B, then B A: neither always runs on the warmer machine.
    if ((i % 2)); then
        run_iperf3
        run_copyscope
    else
        run_copyscope
        run_iperf3
    fi
done

echo "# $size messages, $threads streams, $cc, $repeat x $duration s; median [smallest .. largest]"
printf '%-12s%-26s%s\n' "" "Gbit/s" "CPU s/GiB, both ends"
for name in copyscope iperf3; do
    mapfile -t gbps < <(column $name 2)
    mapfile -t cpu < <(column $name 3)
    printf '%-12s%-26s%s\n' "$name" "$(summary %.1f "${gbps[@]}")" "$(summary %.3f "${cpu[@]}")"
done
ratio_of() { # FIELD
    paste <(column copyscope "$1") <(column iperf3 "$1") | awk '{ print $1 / $2 }'
}
mapfile -t gbps < <(ratio_of 2)
mapfile -t cpu < <(ratio_of 3)
printf '%-12s%-26s%s\n' ratio "$(summary %.2f "${gbps[@]}")" "$(summary %.2f "${cpu[@]}")"
