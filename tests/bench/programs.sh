#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What each BPF program costs an event, as the kernel itself measures it (kernel.bpf_stats_enabled), and how
# long it is. The measuring is in the figures, two readings of a clock a run; empty programs on the same
# tracepoints have it, too, and what theirs takes less is what ours do. The last line is that, of the CPU time of
# the pass: what observing costs above the floor, whatever the machine's noise does to the throughput.
set -euo pipefail
program=programs.sh
# shellcheck source=tests/bench/common.sh
. "$(dirname "$0")/common.sh"

mode=A1,A2,A3,A3p size=64K threads=1 duration=2 tier=auto json=''
options "mode size threads duration tier json" "$@"
need_root
need_programs copyscope
need_commands jq bpftool clang cc

work=$(temporary -d)
stats=/proc/sys/kernel/bpf_stats_enabled
before=$(cat $stats)
run_pid='' floor_pid=''

end() { # PID...
    [ $# = 0 ] || { kill "$@" && wait "$@"; } 2>/dev/null || true
}

cleanup() {
    # shellcheck disable=SC2086  # none or one
    end $run_pid $floor_pid
    echo "$before" >$stats
    rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM
build_floor "$work"
echo 1 >$stats

# Programs of ours are gone when the run is: the last look at each counts. Those of the floor are there for one
# run only, so that they have seen the same events.
watch_run() {
    while kill -0 "$run_pid" 2>/dev/null; do
        bpftool prog show --json | jq -c '.[] | select(.run_cnt > 0)
            | {id, name, run_cnt, run_time_ns, bytes_xlated, bytes_jited}' >>"$work/seen" || true
        sleep 0.1
    done
}

for one in ${mode//,/ }; do
    : >"$work/seen"
    "$OUT/copyscope" run --mode "$one" --size "$size" --threads "$threads" --repeat 1 --duration "$duration" \
        --beside none --tier "$tier" --out "$work/report" --format json --quiet >"$work/log" 2>&1 &
    run_pid=$!
    "$work/attach_all" "$work/floor.bpf.o" >/dev/null &
    floor_pid=$!
    watch_run
    wait "$run_pid" || { tail -n 10 "$work/log" >&2 && die 1 "copyscope run failed: see the lines above"; }
    run_pid=
    end "$floor_pid"
    floor_pid=
    jq -s --slurpfile report "$work/report/results.json" --arg size "$size" --argjson threads "$threads" '
        ($report[0].results[] | select(.pass == "attribution")) as $r
        # Warm-ups are in the runs, and not in the pass.
        | ($r.values.server | 1 + .warmup_bytes[0] / .app_bytes[0]) as $warm
        | (group_by(.id) | map(max_by(.run_cnt))) as $all
        | ($all | map(select(.name | startswith("empty_")))) as $empty
        | (($empty | map(.run_time_ns) | add) / ($empty | map(.run_cnt) | add)) as $floor_ns
        | ($all - $empty | map(. + {ns: (.run_time_ns / .run_cnt)}) | sort_by(-.run_time_ns)) as $ours
        | ($ours | map(select(.name != "cpu_sample") | .run_cnt * (.ns - $floor_ns)) | add) as $above_ns
        | ($ours | map(select(.name == "cpu_sample") | .run_time_ns) | add // 0) as $sample_ns
        | ($r.values.cell.cpu_ns_per_byte[0] * $r.values.client.app_bytes[0] * $warm) as $cpu_ns
        | {mode: $r.mode, $size, $threads, messages: $r.values.client.messages[0], floor_ns: $floor_ns,
           programs: $ours, above_floor: ($above_ns / $cpu_ns), samples: ($sample_ns / $cpu_ns)}' \
        "$work/seen" >"$work/one"
    cat "$work/one" >>"$work/all"
    printf '# %s, %s x %s\n%-28s%12s%10s%14s%14s\n' "$one" "$size" "$threads" program runs "ns a run" \
        "bytes xlated" "bytes jited"
    jq -r '(.programs[] | [.name, .run_cnt, (.ns | round), .bytes_xlated, .bytes_jited]),
           ["(an empty program)", "", (.floor_ns | round), "", ""] | @tsv' "$work/one" |
        while IFS=$'\t' read -r name runs ns xlated jited; do
            printf '%-28s%12s%10s%14s%14s\n' "$name" "$runs" "$ns" "$xlated" "$jited"
        done
    jq -r '"above the floor: \(1000 * .above_floor | round / 10) % of the CPU time, and CPU samples " +
           "\(1000 * .samples | round / 10) %"' "$work/one"
done
[ -z "$json" ] || jq -s . "$work/all" >"$json"
