#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Each send mode beside public senders of its kind: iperf3, neper where NEPER names a directory that
# holds its tcp_stream, and liburing's example send-zerocopy where LIBURING names its built sources.
# That one's receiver discards, and it sends one buffer: beside it is MODE/trunc, whose receiver does
# so, too, and for the other MODE:flat/trunc (MODE:BUFFERS is --buffers). Same message size, streams,
# congestion control and veth pair; a round runs each once, in random order, and a ratio is of one
# round. CPU is user and system of both processes, set-up included; what ksoftirqd did is only in what
# the whole machine did, an upper bound unless nothing else runs.
set -euo pipefail
program=peers.sh
# shellcheck source=tests/bench/common.sh
. "$(dirname "$0")/common.sh"

modes=A1,A2,A3,A3p,write,sendfile,uring,uring-zc size=64K threads=1 repeat=6 duration=2 cc=cubic seed=$RANDOM
options "modes size threads repeat duration cc seed" "$@"
need_root
need_programs server client
need_commands ip ss iperf3 jq numfmt
bytes=$(numfmt --from=iec "$size") || die 2 "--size '$size' is no size: e.g. 64K"
for name in threads repeat duration; do
    [[ ${!name} =~ ^[1-9][0-9]*$ ]] || die 2 "--$name '${!name}' is no whole number above 0"
done
readonly limit=1.05 # of the peer's CPU per byte, for a mode that does as well as it can

# name, kind, command
peers=("iperf3 copy run_iperf3" "iperf3-Z sendfile run_iperf3 -Z")
if [ -x "${NEPER:-}/tcp_stream" ]; then
    peers+=("neper copy run_neper" "neper-Z zerocopy run_neper -Z")
elif [ -n "${NEPER:-}" ]; then
    die 1 "NEPER=$NEPER holds no tcp_stream: git clone https://github.com/google/neper, make there"
fi

if [ -x "${LIBURING:-}/examples/send-zerocopy" ]; then
    peers+=("liburing-zc discard run_liburing -z 1" "liburing-zcb discard run_liburing -z 1 -b 1")
elif [ -n "${LIBURING:-}" ]; then
    die 1 "LIBURING=$LIBURING holds no examples/send-zerocopy: run ./configure and make there"
fi

kind_of() { # MODE[:BUFFERS][/trunc]
    [[ $1 != */trunc ]] || { echo discard && return; }
    case ${1%:*} in
    A1 | A2 | write | writev | uring) echo copy ;;
    A3 | A3p | uring-zc | uring-zc-fixed) echo zerocopy ;;
    sendfile | splice | vmsplice) echo sendfile ;;
    *) die 2 "--modes: '$1' has no peer: see copyscope list modes" ;;
    esac
}

contenders=("${peers[@]}")
for mode in ${modes//,/ }; do
    contenders+=("$mode $(kind_of "$mode") run_copyscope $mode")
done

ns_srv=cs-bench-srv-$$ ns_cli=cs-bench-cli-$$
readonly address=10.0.0.1
port=5201
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
    # By the route, not by the programs' options: iperf3 and neper set it on an open connection, and
    # where the default is bbr its pacing stays with the socket (neper -Z: twice the CPU).
    for ns in "$ns_srv" "$ns_cli"; do
        ip -n "$ns" link set veth0 up
        ip -n "$ns" route replace 10.0.0.0/24 dev veth0 congctl "$cc" ||
            die 2 "no congestion control '$cc' here: sysctl net.ipv4.tcp_available_congestion_control"
    done
}

wait_listening() {
    local i
    for ((i = 0; i < 250; i++)); do
        [ -z "$(ip netns exec "$ns_srv" ss -Hltn "sport = :$port")" ] || return 0
        kill -0 "$server_pid" 2>/dev/null || break
        sleep 0.02
    done
    cat "$work/server.err" >&2
    die 1 "the server does not listen on port $port: see the lines above"
}

busy_s() { # what all CPUs did, whoever asked for it
    awk -v hz="$(getconf CLK_TCK)" '
        $1 == "cpu" { print ($2 + $3 + $4 + $7 + $8) / hz }' /proc/stat
}

# both_ends SERVER... -- CLIENT...: the client's stdout in $work/client; in $work/cpu the CPU seconds,
# user and system, of each (bash's time), then what the machine had used before and after.
both_ends() {
    local server=() before
    while [ "$1" != -- ]; do
        server+=("$1")
        shift
    done
    shift
    local TIMEFORMAT='%U %S'
    before=$(busy_s)
    (time ip netns exec "$ns_srv" timeout $((duration + 30)) "${server[@]}" >"$work/server" \
        2>"$work/server.err") 2>"$work/cpu" &
    server_pid=$!
    wait_listening
    (time ip netns exec "$ns_cli" timeout $((duration + 20)) "$@" >"$work/client" \
        2>"$work/client.err") 2>"$work/cpu.client" || {
        cat "$work/client.err" "$work/client" >&2
        die 1 "the client failed: see the lines above"
    }
    wait "$server_pid" || { cat "$work/server.err" >&2 && die 1 "the server failed: see the lines above"; }
    server_pid=
    { cat "$work/cpu.client" && echo "$before $(busy_s)"; } >>"$work/cpu"
}

# A run_ function prints the bytes that arrived and the seconds they took.
run_copyscope() { # MODE[:BUFFERS][/trunc]; the server sends
    local mode=${1%/trunc} from=()
    [[ $mode != *:* ]] || from=(--buffers "${mode#*:}")
    # iperf3's file lies there: one of ext4 or xfs may have larger folios than one in memory
    [[ $mode != sendfile && $mode != splice ]] || from=(--file-dir "${TMPDIR:-/tmp}")
    both_ends "$OUT/server" --bind $address --port $port --clients "$threads" \
        "${from[@]}" "${mode%:*}" "$bytes" "$duration" -- \
        "$OUT/client" --port $port --until-eof --json $address "$bytes" "$threads" 0 \
        --recv "$([[ $1 == */trunc ]] && echo trunc || echo copy)"
    jq -er 'select(.bytes > 0) | "\(.bytes) \(.elapsed_ns / 1e9)"' "$work/client"
}

run_iperf3() { # [-Z]; the server sends. Before 3.16 one thread serves all streams
    both_ends iperf3 -s -1 -p $port -- \
        iperf3 -c $address -p $port -R -l "$bytes" -P "$threads" -t "$duration" --json "$@"
    # It reports its errors in the JSON, and may exit 0 with them.
    jq -er '.end.sum_received | select(.bytes > 0) | "\(.bytes) \(.seconds)"' "$work/client"
}

run_neper() { # [-Z]; the client sends. Its last sample of each flow has all bytes
    local neper=("$NEPER/tcp_stream" --logtostderr -C "$port" -B "$bytes" -T "$threads")
    both_ends "${neper[@]}" -A"$work/samples.neper" -- \
        "${neper[@]}" -c -H $address -F "$threads" -l "$duration" "$@"
    awk -F, '
        NR > 1 && $3 > 0 {
            if (!begin || $3 < begin) begin = $3
            if ($3 > end) end = $3
            if ($4 > flow[$1, $2]) flow[$1, $2] = $4
        }
        END {
            for (i in flow) sum += flow[i]
            if (!(sum > 0)) exit 1
            printf "%.0f %.6f\n", sum, end - begin
        }' "$work/samples.neper"
}

run_liburing() { # [-z 1 [-b 1]]; the client sends, one request at a time, and counts MiB
    local port=$((20000 + RANDOM % 12000)) # it cannot have one again so soon
    local example=("$LIBURING/examples/send-zerocopy" -4 -p "$port" -s "$bytes" -n 1 -T "$threads")
    both_ends "${example[@]}" -R -t "$duration" tcp -- "${example[@]}" -D $address -t "$duration" "$@" tcp
    awk -F'[=(), ]+' '/^packets=/ { if ($4 > 0 && $8 > 0) print $4 * 2 ^ 20, $4 / $8, found = 1 }
        END { exit !found }' "$work/client" | cut -d' ' -f 1,2
}

# one ROUND NAME KIND COMMAND...: a line "round name Gbit/s CPU-s/GiB machine-s/GiB" in $work/samples
one() {
    local name=$2 moved
    "${@:4}" >"$work/moved" || die 1 "$name moved nothing: $(head -c 500 "$work/client")"
    moved=$(cat "$work/moved")
    awk -v round="$1" -v name="$name" -v bytes="${moved% *}" -v seconds="${moved#* }" '
        NR < 3 { cpu += $1 + $2 }
        NR == 3 { machine = $2 - $1 }
        END {
            gib = bytes / 2 ^ 30
            print round, name, bytes * 8 / seconds / 1e9, cpu / gib, machine / gib
        }' "$work/cpu" >>"$work/samples"
}

column() { # NAME FIELD, a value a round
    awk -v name="$1" -v field="$2" '$2 == name { print $field }' "$work/samples"
}

make_testbed
for ((i = 0; i < repeat; i++)); do
    mapfile -t order < <(shuffled "$i" "${contenders[@]}")
    for line in "${order[@]}"; do
        read -ra words <<<"$line"
        one "$i" "${words[@]}"
    done
done

echo "# $size messages, $threads streams, $cc, $repeat rounds of $duration s, --seed $seed;" \
    "median [smallest .. largest]"
[ -n "${NEPER:-}" ] || echo "# no NEPER: without tcp_stream, so that MSG_ZEROCOPY has no peer of its kind"
printf '%-22s%-10s%-24s%-24s%s\n' sender kind "Gbit/s" "CPU s/GiB, both ends" \
    "CPU s/GiB, all this machine did meanwhile"
for line in "${contenders[@]}"; do
    read -r name kind _ <<<"$line"
    mapfile -t gbps < <(column "$name" 3)
    mapfile -t cpu < <(column "$name" 4)
    mapfile -t machine < <(column "$name" 5)
    printf '%-22s%-10s%-24s%-24s%s\n' "$name" "$kind" "$(summary %.1f "${gbps[@]}")" \
        "$(summary %.3f "${cpu[@]}")" "$(summary %.3f "${machine[@]}")"
done

# beside MODE PEER: the ratio of CPU per byte in each round
beside() {
    paste <(column "$1" 4) <(column "$2" 4) | awk '{ print $1 / $2 }' | interval %.3f
}

judged() { # the line of interval
    awk -v limit=$limit '
        { low = substr($2, 2) + 0; high = $4 + 0 }
        $5 < 95 { print "undecided: an interval takes --repeat 6 or more"; exit }
        low > limit { print "ABOVE " limit; exit }
        high <= limit { print "not above " limit; exit }
        { print "undecided at " limit ": a larger --repeat or --duration narrows it" }' <<<"$1"
}

echo "# CPU per byte, mode / peer of the same round: median [interval] and what the interval covers"
for mode in ${modes//,/ }; do
    for line in "${peers[@]}"; do
        read -r name kind _ <<<"$line"
        ratio=$(beside "$mode" "$name")
        case $(kind_of "$mode")/$kind in
        copy/copy | zerocopy/zerocopy | sendfile/sendfile | discard/discard) word=$(judged "$ratio") ;;
        zerocopy/sendfile) word="another kind (sendfile): not judged" ;;
        *) continue ;;
        esac
        printf '%-21s / %-13s%-32s%s\n' "$mode" "$name" "$ratio" "$word"
    done
done
