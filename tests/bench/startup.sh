#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What the profiler itself takes: time from its start to the first probe attached, and its own peak
# memory, as it records them in results.json. Limits: 500 ms and 64 MiB; exit 1 above either.
set -euo pipefail
program=startup.sh
# shellcheck source=tests/bench/common.sh
. "$(dirname "$0")/common.sh"

repeat=5
options "repeat" "$@"
need_root
need_programs copyscope
need_commands jq

work=$(temporary -d)
trap 'rm -rf "$work"' EXIT

fact() { # NAME
    jq -er --arg name "$1" '.environment[] | select(.[0] == $name) | .[1]' \
        "$work/report/results.json" || die 1 "results.json has no environment fact $1"
}

attach_ms=() rss_mib=()
for ((i = 0; i < repeat; i++)); do
    rm -rf "$work/report"
    "$OUT/copyscope" run --mode A1 --size 64K --threads 1 --duration 0.1 --out "$work/report" \
        --format json --quiet >"$work/log" 2>&1 || {
        status=$?
        tail -n 10 "$work/log" >&2
        die $status "copyscope run failed: see the lines above"
    }
    attach_ms+=("$(fact first_probe_attached_ms)")
    rss_mib+=("$(fact profiler_max_rss_bytes | awk '{ print $1 / 1048576 }')")
done

echo "start to first probe attached, ms: $(summary %.0f "${attach_ms[@]}") (limit 500)"
echo "profiler's peak memory, MiB:       $(summary %.1f "${rss_mib[@]}") (limit 64)"
printf '%s\n' "${attach_ms[@]}" | awk '$1 >= 500 { bad = 1 } END { exit bad }'
printf '%s\n' "${rss_mib[@]}" | awk '$1 >= 64 { bad = 1 } END { exit bad }'
