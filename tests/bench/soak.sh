#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Long passes with many threads: the profiler's memory stays where it was, the ledger balances to the
# byte, no drop goes without its name. Six passes (three modes, clean and observed) share --minutes.
# Exit: 0 all hold, 1 one does not, 2 usage, 77 cannot run here.
set -euo pipefail
program=soak.sh
# shellcheck source=tests/bench/common.sh
. "$(dirname "$0")/common.sh"

minutes=30 threads=8 size=64K growth_mib=8
options "minutes threads size" "$@"
[[ $minutes =~ ^[1-9][0-9]*$ ]] || die 2 "--minutes '$minutes': give a whole number"
need_root
need_programs copyscope
need_commands jq

work=$(mktemp -d)
run=
trap '[ -z "$run" ] || kill "$run" 2>/dev/null; rm -rf "$work"' EXIT

# Every second until the last pass is over: afterwards a report is made, which takes memory of its own.
sample() {
    local kib
    while kib=$(awk '/^VmRSS/ { print $2 }' "/proc/$run/status" 2>/dev/null) && [ -n "$kib" ] &&
        ! grep -q '^\[6/6\]' "$work/log"; do
        echo "$kib" >>"$work/rss"
        sleep 1
    done
}

"$OUT/copyscope" run --mode all --size "$size" --threads "$threads" --duration $((minutes * 10)) --repeat 1 \
    --out "$work/report" >"$work/log" 2>&1 &
run=$!
sample
status=0
wait $run || status=$?
run=
[ $status = 0 ] || {
    tail -n 10 "$work/log" >&2
    die $status "copyscope run failed: see the lines above"
}

jq -r '"moved: \([.results[].values.client.app_bytes[0]] | add / 1e9 | floor) GB in \(.results | length) passes"' \
    "$work/report/results.json"
jq -r '.results[] | .mode as $mode | .drops[] | select(.[2] != 0) | "drops: \($mode) \(.)"' "$work/report/results.json"
jq -r -f "$top/tests/laws.jq" "$work/report/results.json" >"$work/laws"
echo "laws: $(grep -c '^ok' "$work/laws") hold, $(grep -c 'SKIP' "$work/laws" || true) of them not shown here"
! grep '^not ok' "$work/laws" || status=1

awk -v limit="$growth_mib" '
    { kib[NR] = $1 }
    function most(from, to,    i, max) { for (i = from; i <= to; i++) if (kib[i] > max) max = kib[i]; return max }
    END {
        early = most(1, int(NR / 2)); late = most(int(NR / 2) + 1, NR)
        printf "memory, MiB: %.1f at first, at most %.1f in the first half, %.1f in the second (limit: %d more)\n",
            kib[1] / 1024, early / 1024, late / 1024, limit
        exit NR < 4 || late - early > limit * 1024
    }' "$work/rss" || status=1
exit $status
