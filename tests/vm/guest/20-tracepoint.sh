# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# Tracepoints alone: what they cannot show on this kernel must be absent with a reason, the rest right.
# timeout: 180
for path in veth loopback; do
    threads=4
    [ $path = veth ] || threads=1
    ok "run --tier tracepoint --path $path" copyscope run --mode original,A3p --size 64K --threads $threads \
        --duration 0.5 --repeat 1 --freq 0 --tier tracepoint --path $path --format json --out $path
done
