# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# Tracepoints alone: what they cannot show on this kernel must be absent with a reason, the rest right.
# timeout: 180
look() { # PATH THREADS MODES
    ok "run --tier tracepoint --path $1" copyscope run --mode "$3" --size 64K --threads "$2" --duration 0.5 --repeat 1 \
        --freq 0 --tier tracepoint --path "$1" --format json --out "$1"
}
look veth 4 "$(able A1 A2 A3 A3p sendfile uring-zc ktls udp-gso-zc unix)"
look loopback 1 A1,A3
