# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# Other ways to receive, from a sender that copies and from one that refers: what the kernel copied of the latter's on the
# way lies in whole pages of its own, which can be mapped.
# timeout: 360
receive() { # WAY PATH PATTERN
    how=$(copyscope list receives | awk -F'\t' -v way="$1" '$1 == way { print $3 }')
    if [ "$how" = supported ]; then
        ok "run --recv $1" copyscope run --mode A1,A3 --size 100000 --threads 2 --duration 0.3 --repeat 1 --freq 0 \
            --recv "$1" --path "$2" --pattern "$3" --verify --format json --out "$1"
    else
        skip "run --recv $1" "$how"
    fi
}
receive splice veth rr
receive mmap loopback stream
receive zcrx veth stream
