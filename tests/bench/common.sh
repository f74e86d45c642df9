# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Sourced by the benchmarks: where the programs are, option values, medians. The machine's noise is
# part of every figure, so each comes with its median and its smallest and largest value.

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
OUT=$(realpath -m "${OUT:-$top/build}")
PATH=$PATH:/usr/sbin:/sbin
# shellcheck source=scripts/common.sh
. "$top/scripts/common.sh"

need_root() {
    [ "$EUID" = 0 ] || die 77 "needs root: sudo tests/bench/${program:?}"
}

need_programs() {
    local name
    for name in "$@"; do
        [ -x "$OUT/$name" ] || die 1 "$OUT/$name is not built: run make"
    done
}

need_commands() {
    local name
    for name in "$@"; do
        command -v "$name" >/dev/null || die 77 "$name is missing: sudo scripts/deps.sh run bench"
    done
}

# summary FORMAT VALUE...: "median [smallest .. largest]"
summary() {
    local format=$1
    shift
    printf '%s\n' "$@" | sort -g | awk -v f="$format" '
        { v[NR] = $1 }
        END {
            m = NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2
            printf f " [" f " .. " f "]", m, v[1], v[NR]
        }'
}

# interval FORMAT: of the values on stdin, "median [low .. high] C %": the narrowest pair of order
# statistics that covers the true median in at least 95 of 100 cases. Below 6 values there is none:
# it is the range then, which covers C.
interval() {
    sort -g | awk -v f="$1" '
        { v[NR] = $1 }
        END {
            m = NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2
            tail = term = 2 ^ -NR # P(at most k - 1 of n beyond the median)
            for (k = 1; k < NR / 2; k++) {
                term *= (NR - k + 1) / k
                if (2 * (tail + term) > 0.05)
                    break
                tail += term
            }
            printf f " [" f " .. " f "] %.1f %%\n", m, v[k], v[NR + 1 - k], 100 * (1 - 2 * tail)
        }'
}

# shuffled ROUND LINE...: by the script's $seed
shuffled() {
    printf '%s\n' "${@:2}" | awk -v seed="$((${seed:?} + $1 * 65536))" '
        BEGIN { srand(seed) }
        { print rand() "\t" $0 }' | sort -g | cut -f 2
}

# options NAMES ARG...: set a variable for each --name value; names outside the list are refused.
options() {
    local known=" $1 " name
    shift
    while [ $# -gt 0 ]; do
        name=${1#--}
        # shellcheck disable=SC2086  # a list of words
        [[ $1 == --?* && $known == *" $name "* ]] ||
            die 2 "unknown option '$1': the options are$(printf -- ' --%s' $known)"
        [ $# -ge 2 ] || die 2 "$1 needs a value"
        printf -v "$name" %s "$2"
        shift 2
    done
}

# build_floor DIR [FLAG...]: DIR/attach_all DIR/floor.bpf.o attaches the empty programs until it is ended.
build_floor() {
    clang -target bpf -g -O2 "${@:2}" -I"/usr/include/$(uname -m)-linux-gnu" -c "$top/tests/bench/floor.bpf.c" \
        -o "$1/floor.bpf.o"
    cc -O2 "$top/tests/bench/attach_all.c" -o "$1/attach_all" -lbpf
}
