#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What each BPF program costs an event, as the kernel itself measures it (kernel.bpf_stats_enabled), and how
# long it is. The measuring is in the figures, two readings of a clock a run; empty programs on the same
# tracepoints have it, too, and what theirs takes less is what ours do. The last line is that, of the CPU time of
# the pass: what observing costs above the floor, whatever the machine's noise does to the throughput.
# --guest KERNEL does it in a guest (tests/vm/kernels.tsv) whose clock counts instructions, with --tier fentry or
# tracepoint; a second there is one of its clock.
set -euo pipefail
program=programs.sh
# shellcheck source=tests/bench/common.sh
. "$(dirname "$0")/common.sh"

mode=A1,A2,A3,A3p size=64K threads=1 duration=2 repeat=3 tier=auto freq=199 guest='' json=''
options "mode size threads duration repeat tier freq guest json" "$@"
need_root
need_programs copyscope
need_commands jq clang cc

work=$(temporary -d)
stats=/proc/sys/kernel/bpf_stats_enabled
before=$(cat $stats)
floor_pid=''

end_floor() {
    [ -z "$floor_pid" ] || { kill "$floor_pid" && wait "$floor_pid"; } 2>/dev/null || true
    floor_pid=
}

cleanup() {
    end_floor
    echo "$before" >$stats
    rm -rf "$work" "$OUT"/vm-helpers/{attach_all,floor.bpf.o} # or all guests would have them
}
trap cleanup EXIT
trap 'exit 130' INT TERM
flags=()
[ "$tier" != fentry ] || flags=(-DFUNCTION_TIER)
build_floor "$work" "${flags[@]}"
[ -n "$guest" ] || echo 1 >$stats

# Clean passes have only the floor's programs, which see as many events; the attribution passes have both.
here() { # COMMAND...
    "$work/attach_all" "$work/floor.bpf.o" >"$work/floor" &
    floor_pid=$!
    "$OUT/$1" "${@:2}" --out "$work/report" >"$work/log" 2>&1 || return
    end_floor
}

in_guest() { # COMMAND...
    mkdir -p "$OUT/vm-helpers"
    cp "$work/attach_all" "$OUT/vm-helpers/"
    install -m 755 "$work/floor.bpf.o" "$OUT/vm-helpers/" # only programs are taken along
    VM_CLOCK=virtual "$top/tests/vm/boot.sh" --out "$work/guest" "$guest" -- "echo 1 >$stats
        attach_all /usr/bin/floor.bpf.o >floor & floor=\$!
        sleep 2
        $* --out report || exit
        kill \$floor; wait \$floor" >"$work/log" 2>&1 || return
    cp -r "$work/guest/guest/floor" "$work/guest/guest/report" "$work/"
}

one() { # MODE SIZE THREADS
    "$where" copyscope run --mode "$1" --size "$2" --threads "$3" --repeat 1 --attribution "$repeat" \
        --duration "$duration" --freq "$freq" --beside none --tier "$tier" --format json --quiet ||
        { tail -n 10 "$work/log" >&2 && die 1 "copyscope run failed: see the lines above"; }
    jq --arg floor "$(awk 'NF == 3 { runs += $2; ns += $3 } END { print ns / runs }' "$work/floor")" '
        ($floor | tonumber) as $floor_ns
        | [.notes[] | select(.[0] == "probe") | .[1]
           | capture("^(?<name>[a-z_]+): (?<runs>[0-9]+) runs of (?<ns>[0-9]+) ns.* (?<bytes>[0-9]+) bytes$")
           | {name, runs: (.runs | tonumber), ns: (.ns | tonumber), bytes: (.bytes | tonumber)}] as $programs
        # The programs see the warm-ups, too, which are not in the passes.
        | [.results[] | select(.pass == "attribution")
           | (.values.server | 1 + .warmup_bytes[0] / .app_bytes[0])
             * .values.cell.cpu_ns_per_byte[0] * .values.client.app_bytes[0]] as $cpu_ns
        | def of(some; $less): ($programs | map(select(some) | .runs * (.ns - $less)) | add // 0) / ($cpu_ns | add);
        {mode: .plan.modes[0].name, size_bytes: .plan.size_bytes[0], threads: .plan.threads[0], $floor_ns,
         programs: ($programs | sort_by(-.runs * .ns)),
         above_floor: of(.name != "cpu_sample"; $floor_ns), samples: of(.name == "cpu_sample"; 0)}' \
        "$work/report/results.json"
}

where=here
[ -z "$guest" ] || where=in_guest
for of_mode in ${mode//,/ }; do
    for of_size in ${size//,/ }; do
        for of_threads in ${threads//,/ }; do
            one "$of_mode" "$of_size" "$of_threads" >"$work/one"
            cat "$work/one" >>"$work/all"
            printf '# %s, %s x %s\n%-22s%12s%10s%10s\n' "$of_mode" "$of_size" "$of_threads" program runs \
                "ns a run" bytes
            jq -r '(.programs[] | [.name, .runs, .ns, .bytes]), ["(an empty program)", "-", (.floor_ns | round), "-"]
                   | @tsv' "$work/one" |
                while IFS=$'\t' read -r name runs ns bytes; do
                    printf '%-22s%12s%10s%10s\n' "$name" "$runs" "$ns" "$bytes"
                done
            jq -r '"above the floor: \(10000 * .above_floor | round / 100) % of the CPU time, and CPU samples " +
                   "\(10000 * .samples | round / 100) %"' "$work/one"
        done
    done
done
[ -z "$json" ] || jq -s . "$work/all" >"$json"
