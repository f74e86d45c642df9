# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# The full tier and the tracepoints at once, on the same run: what both can see must be equal. A
# difference is a drop, which the laws do not allow.
# timeout: 180
ways=$(able A1 A3 sendfile vmsplice uring-zc ktls)
for path in veth loopback; do
    threads=4
    [ $path = veth ] || threads=1
    ok "run --cross-check --path $path" copyscope run --mode "$ways" --size 64K --threads $threads \
        --duration 0.5 --repeat 1 --freq 0 --cross-check --path $path --format json --out $path
done
