#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What observing costs: CPU per byte of a workload that is observed over that of the same workload alone,
# both ends and the kernel's threads (results.json has it of both passes). Each round runs every cell once
# alone and once beside each observer, in random order, and a ratio is of one round. The observers:
#   copyscope    its attribution passes, as they are
#   floor        empty BPF programs on the same tracepoints
#   perf-stat    perf stat -a of the same tracepoints
#   bpftrace     a script with the same counts, bytes and stacks of switches
#   perf-record  perf record -a -g of the same tracepoints
# An observer that is not installed is left out, and said.
set -euo pipefail
program=overhead.sh
# shellcheck source=tests/bench/common.sh
. "$(dirname "$0")/common.sh"

mode=all size=16K,64K,1M threads=1,4 rounds=15 duration=0.5 json='' seed=$RANDOM
observers=copyscope,floor,perf-stat,bpftrace,perf-record
options "mode size threads rounds duration observers json seed" "$@"
need_root
need_programs copyscope
need_commands jq
[[ $rounds =~ ^[1-9][0-9]*$ ]] || die 2 "--rounds '$rounds' is no whole number above 0"
events=(sched:sched_switch sock:sock_send_length sock:sock_recv_length skb:skb_copy_datagram_iovec
    net:netif_receive_skb tcp:tcp_retransmit_skb) # tcp_sendmsg_locked is not for perf

work=$(temporary -d)
observer_pid=

cleanup() {
    stop_observer
    rm -rf "$work"
}

stop_observer() {
    [ -z "$observer_pid" ] || { kill -TERM "$observer_pid" && wait "$observer_pid"; } 2>/dev/null || true
    observer_pid=
}
trap cleanup EXIT
trap 'exit 130' INT TERM

background() {
    "$@" >"$work/observer" 2>&1 &
    observer_pid=$!
}

start_observer() {
    case $1 in
    copyscope) ;;
    floor) background "$work/attach_all" "$work/floor.bpf.o" ;;
    perf-stat) background perf stat -a "${events[@]/#/-e}" ;;
    perf-record) background perf record -a -g -o /dev/null "${events[@]/#/-e}" ;;
    bpftrace) background bpftrace "$top/tests/bench/same.bt" ;;
    esac
    case $1 in
    floor | bpftrace) wait_until 20 grep -qE 'Attach(ing|ed)' "$work/observer" && sleep 1 ;;
    perf-*) sleep 1 ;;
    esac
    still_there
}

still_there() {
    [ -z "$observer_pid" ] || kill -0 "$observer_pid" 2>/dev/null || {
        cat "$work/observer" >&2
        die 1 "the observer ended by itself: see the lines above"
    }
}

wait_until() { # SECONDS COMMAND...
    local i
    for ((i = 0; i < 10 * $1; i++)); do
        ! "${@:2}" 2>/dev/null || return 0
        sleep 0.1
    done
    cat "$work/observer" >&2
    die 1 "the observer did not start: see the lines above"
}

# "copyscope" is the run without another observer, and always there: it has the passes alone.
present=(copyscope)
for name in ${observers//,/ }; do
    case $name in
    copyscope) continue ;;
    floor) needs=(clang cc) ;;
    perf-stat | perf-record) needs=(perf) ;;
    bpftrace) needs=(bpftrace) ;;
    *) die 2 "--observers '$name': a list of copyscope, floor, perf-stat, bpftrace, perf-record" ;;
    esac
    lacks=
    for command in "${needs[@]}"; do
        command -v "$command" >/dev/null || lacks=$command
    done
    if [ -z "$lacks" ]; then
        present+=("$name")
    else
        echo "# without $name: no $lacks here"
    fi
done
[[ " ${present[*]} " != *' floor '* ]] || build_floor "$work"

# A run has a clean pass and an attribution pass of each cell, one right after the other. Lines
# "round observer mode size threads CPU-ns-per-byte"; what another observer does to ours is not asked.
one() { # ROUND NAME; alone: none of them
    start_observer "$2"
    "$OUT/copyscope" run --mode "$mode" --size "$size" --threads "$threads" --repeat 1 --attribution 1 \
        --duration "$duration" --beside none --out "$work/report" --format json --quiet >"$work/log" 2>&1 || {
        tail -n 10 "$work/log" >&2
        die 1 "copyscope run failed: see the lines above"
    }
    still_there
    stop_observer
    jq -r --arg round "$1" --arg name "$2" '.results[] | select(.status == "ok")
        | (if .pass == "clean" then (if $name == "copyscope" then "alone" else $name end)
           elif $name == "copyscope" then $name else empty end) as $who
        | [$round, $who, .mode, .size_bytes, .threads, .values.cell.cpu_ns_per_byte[0]]
        | select(all(. != null)) | @tsv' "$work/report/results.json" >>"$work/samples"
}

for ((i = 0; i < rounds; i++)); do
    mapfile -t order < <(shuffled "$i" "${present[@]}")
    for name in "${order[@]}"; do
        one "$i" "$name"
    done
done

# mode size threads observer ratio, a line a round
awk -F '\t' '
    { cell = $3 "\t" $4 "\t" $5; value[$1, cell, $2] = $6 }
    $2 != "alone" { order[++n] = $1 SUBSEP cell SUBSEP $2 }
    END {
        for (i = 1; i <= n; i++) {
            split(order[i], at, SUBSEP)
            alone = value[at[1], at[2], "alone"]
            if (alone > 0)
                print at[2] "\t" at[3] "\t" value[order[i]] / alone
        }
    }' "$work/samples" >"$work/ratios"

echo "# $rounds rounds of $duration s a pass, --seed $seed: CPU per byte, observed / alone, median [interval]"
cut -f 1-4 "$work/ratios" | sort -u | sort -t $'\t' -k 2,2n -k 3,3n -k 1,1 -k 4,4 >"$work/rows"
while IFS=$'\t' read -r of_mode of_size of_threads of_name; do
    line=$(awk -F '\t' -v key="$of_mode$of_size$of_threads$of_name" '$1 $2 $3 $4 == key { print $5 }' \
        "$work/ratios" | interval %.3f)
    printf '%-5s%9s x%-4s%-13s%s\n' "$of_mode" "$of_size" "$of_threads" "$of_name" "$line"
    jq -n -c --arg mode "$of_mode" --argjson size_bytes "$of_size" --argjson threads "$of_threads" \
        --arg observer "$of_name" --arg line "$line" '
        ($line | [scan("[0-9]+(?:\\.[0-9]+)?") | tonumber]) as [$median, $low, $high, $percent]
        | {$mode, $size_bytes, $threads, $observer, $median, $low, $high, $percent}' >>"$work/json"
done <"$work/rows"
[ -z "$json" ] || jq -s --arg rounds "$rounds" --arg duration "$duration" --arg kernel "$(uname -r)" \
    '{rounds: ($rounds | tonumber), duration_s: ($duration | tonumber), $kernel, ratios: .}' "$work/json" >"$json"
