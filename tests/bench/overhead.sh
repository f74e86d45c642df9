#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What observation costs: CPU seconds per GiB with and without attribution, a mode. copyscope itself
# interleaves the clean and the attribution pass of each repetition; all figures are read from its
# results.json. CPU is the task clock of both ends, softirq work in their context included.
set -euo pipefail
program=overhead.sh
# shellcheck source=tests/bench/common.sh
. "$(dirname "$0")/common.sh"

mode=all size=64K threads=1 repeat=5 duration=1
options "mode size threads repeat duration" "$@"
need_root
need_programs copyscope
need_commands jq

work=$(temporary -d)
trap 'rm -rf "$work"' EXIT
"$OUT/copyscope" run --mode "$mode" --size "$size" --threads "$threads" --repeat "$repeat" \
    --attribution "$repeat" --duration "$duration" --out "$work/report" --format json --quiet >"$work/log" 2>&1 || {
    status=$?
    tail -n 10 "$work/log" >&2
    die $status "copyscope run failed: see the lines above"
}

# mode, repetition, then clean and attribution: CPU s/GiB and Gbit/s. Only pairs that both worked.
pairs() {
    jq -r '
        def number($role; $metric): .values[$role][$metric][0]?;
        def cpu: number("cell"; "cpu_ns_per_byte") | if . then . * pow(2; 30) / 1e9 else null end;
        [.results[] | select(.status == "ok")]
        | group_by([.mode, .size_bytes, .threads, .repetition])[]
        | (map(select(.pass == "clean"))[0]) as $c
        | (map(select(.pass == "attribution"))[0]) as $a
        | select($c and $a)
        | [$c.mode, $c.repetition, ($c | cpu), ($a | cpu),
           ($c | number("client"; "throughput_gbps")), ($a | number("client"; "throughput_gbps"))]
        | select(all(. != null)) | @tsv' "$work/report/results.json"
}

pairs >"$work/pairs"
[ -s "$work/pairs" ] || die 1 "results.json holds no pair of a clean and an attribution pass"
printf '# %s messages, %s threads, %s s a pass; median [smallest .. largest]\n' \
    "$size" "$threads" "$duration"
printf '%-6s%3s  %-24s%-24s%-22s%s\n' mode n "CPU s/GiB, clean" "CPU s/GiB, attribution" "ratio" \
    "Gbit/s, clean -> attribution"
# shellcheck disable=SC2016  # the columns are awk's
cut -f 1 "$work/pairs" | sort -u | while read -r name; do
    column() { awk -F'\t' -v m="$name" "\$1 == m { print $1 }" "$work/pairs"; }
    mapfile -t clean < <(column '$3')
    mapfile -t attributed < <(column '$4')
    mapfile -t ratio < <(column '$4 / $3')
    mapfile -t before < <(column '$5')
    mapfile -t after < <(column '$6')
    printf '%-6s%3d  %-24s%-24s%-22s%s -> %s\n' "$name" "${#clean[@]}" \
        "$(summary %.3f "${clean[@]}")" "$(summary %.3f "${attributed[@]}")" \
        "$(summary %.2f "${ratio[@]}")" "$(summary %.1f "${before[@]}")" "$(summary %.1f "${after[@]}")"
done
