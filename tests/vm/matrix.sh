#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Boots every kernel of the table with the guest tests, checks on the host what they brought back, and
# writes which quantity each kernel shows by which tier. A guest that dies, hangs or complains in its
# kernel log has failed. The last line is the count; exit 1 if anything failed, 77 without QEMU.
set -uo pipefail
# shellcheck source=tests/vm/common.sh
. "$(dirname "$0")/common.sh"

readonly COMPLAINTS='WARNING:|Kernel panic|BUG:|Oops|general protection fault|Call Trace|blocked for more than|detected stall|soft lockup'

usage() {
    cat <<END_USAGE
usage: tests/vm/matrix.sh [-j GUESTS] [KERNEL...]
Runs the guest tests on the kernels named; if none, what tests/vm/kernels.tsv says of each kernel.
  -j GUESTS     guests at once (default 2)
  TESTS="10-veth ..."   only these of tests/vm/guest/*.sh
  OUT=build     where the programs are; results and logs go to OUT/vm/KERNEL
  TIMEOUT=1300  seconds of CPU time until a guest is given up; four times as many by the clock
The table is OUT/vm/kernel-matrix.md; a run of everything writes reports/kernel-matrix.md, too.
END_USAGE
}

guest_tests() {
    (cd "$vm/guest" && printf '%s\n' [0-9]*.sh | sed 's/\.sh$//')
}

# ---- one kernel ----------------------------------------------------------------------------------
# Whether what a test left is what docs/results.schema.json says, as TAP.
valid_results() { # DIRECTORY
    local files status
    mapfile -t files < <(cd "$1" && find . -name results.json | sort)
    [ ${#files[@]} -gt 0 ] || return 0
    (cd "$1" && "$vm/../schema.sh" "${files[@]}" 2>/dev/null) | sed -E 's/^((not )?ok) - /\1 - schema: /'
    status=${PIPESTATUS[0]}
    case $status in
    0 | 1) ;;
    77) echo "ok - schema # SKIP python3-jsonschema is missing: scripts/deps.sh test" ;;
    *) echo "not ok - schema.sh: status $status" ;;
    esac
}

# A guest that died brings no log back; its console has what the kernel held for an error.
kernel_log() { # DIRECTORY of the guest
    local log=$1/guest/dmesg
    [ -s "$log" ] || log=$1/console
    if grep -qE "$COMPLAINTS" "$log"; then
        echo "not ok - kernel log: $(grep -m 1 -E "$COMPLAINTS" "$log")"
    elif [ "$log" = "$1/console" ]; then
        echo "not ok - kernel log: none came back"
    else
        echo "ok - kernel log: no WARNING, no BUG"
    fi
}

# That of the guest at the other end of a wire, which is ended with this one: only its console is there.
peer_log() { # DIRECTORY of the guest
    [ -e "$1/peer/console" ] || return 0
    if grep -qE "$COMPLAINTS" "$1/peer/console"; then
        echo "not ok - peer's kernel log: $(grep -m 1 -E "$COMPLAINTS" "$1/peer/console")"
    else
        echo "ok - peer's kernel log: no WARNING, no BUG"
    fi
}

# What each test said and what its results prove, as TAP on stdout, a "TEST: " before each name.
judge() { # DIRECTORY of the guest [TEST...]
    local dir=$1/guest test check file status tests=("${@:2}")
    for test in "$dir"/*.status; do
        [ -e "$test" ] || continue
        test=$(basename "$test" .status)
        {
            cat "$dir/$test.tap"
            status=$(cat "$dir/$test.status")
            [ "$status" = 0 ] || echo "not ok - exit status $status (143: out of time)"
            [ "$status" != 0 ] || grep -qE '^(not )?ok' "$dir/$test.tap" || echo "not ok - no result"
            while read -r file; do
                jq -r -f "$vm/../laws.jq" "$file" 2>&1 || echo "not ok - laws of $file"
                # a target that was renamed moves them: check_renamed.sh tells where to
                [ "$test" = 41-renamed ] || jq -r --arg tiers "$tiers" -f "$vm/tiers.jq" "$file" 2>&1 ||
                    echo "not ok - tiers of $file"
            done < <(find "$dir/$test" -name results.json | sort)
            valid_results "$dir/$test"
            check=$vm/check_${test#[0-9][0-9]-}.sh
            if [ -x "$check" ]; then
                "$check" "$dir/$test" "$name" "$tiers" 2>&1 || echo "not ok - $(basename "$check") failed"
            fi
        } | sed -E "s/^((not )?ok)( [0-9]+)? *-? */\\1 - $test: /"
    done
    kernel_log "$1"
    peer_log "$1"
    [ ${#tests[@]} -gt 0 ] || mapfile -t tests < <(guest_tests)
    for test in "${tests[@]}"; do
        [ -e "$dir/$test.status" ] || echo "not ok - $test: was not run"
    done
}

# Boots KERNEL for the tests named (all if none) and judges them: DIR/{log,guest,tap}. The guest's own
# verdict counts as one test.
run_guest() { # KERNEL DIR [TEST...]
    local dir=$2 status
    read_row "$1"
    shift 2
    mkdir -p "$dir"
    rm -rf "$dir/guest" "$dir/tap"
    TIMEOUT=${TIMEOUT:-1300} "$vm/boot.sh" --no-build --out "$dir" "$name" --tests "$@" >"$dir/log" 2>&1
    status=$?
    {
        if [ $status = 0 ]; then echo "ok - guest: lived to its end"; else
            echo "not ok - guest: status $status, see $dir/log: $(grep -m 1 -F "$name: " "$dir/log")"
        fi
        judge "$dir" "$@"
    } >"$dir/tap"
}

# Leaves OUT/vm/KERNEL/{log,guest,tap,seconds}.
run_kernel() { # KERNEL
    local start=$SECONDS dir=$OUT/vm/$1 only=${TESTS:-}
    mkdir -p "$dir"
    rm -f "$dir/failed-before"
    read_row "$1"
    if [ -n "$whole" ] && [ -z "$only" ] && [ "$row_tests" != all ]; then only=${row_tests//,/ }; fi
    # shellcheck disable=SC2086  # a list of tests
    run_guest "$1" "$dir" $only
    echo $((SECONDS - start)) >"$dir/seconds"
}

# An emulated machine that shares two CPUs with another runs into time-outs a real one does not, and before
# 6.7 nothing tells which hits of a kprobe were missed. So the tests that failed (or were not reached) are
# taken again, alone and with a clock that no load of this machine hurries; what they say then counts, and
# what they said before is kept for the table. A complaint in the kernel log stays: nothing to take again
# is failure. Of a guest that died without one the log of the next counts.
run_again() { # KERNEL
    local dir=$OUT/vm/$1 test tests
    mapfile -t tests < <(sed -n 's/^not ok - \([0-9][0-9]-[a-z0-9-]*\): .*/\1/p' "$dir/tap" | sort -u)
    [ ${#tests[@]} -gt 0 ] || return 1
    echo "once more, alone: $1: ${tests[*]}"
    grep '^not ok' "$dir/tap" >>"$dir/failed-before"
    VM_CLOCK=virtual run_guest "$1" "$dir/again" "${tests[@]}"
    mkdir -p "$dir/guest"
    for test in "${tests[@]}"; do
        sed -i -E "/^(not )?ok - $test: /d" "$dir/tap"
        rm -rf "$dir/guest/$test" "$dir/guest/$test".*
        mv "$dir/again/guest/$test" "$dir/again/guest/$test".* "$dir/guest/"
    done
    sed -i -E '/^(not )?ok - guest: /d' "$dir/tap"
    if grep -q '^not ok - kernel log: none came back' "$dir/tap"; then
        sed -i '/^not ok - kernel log: /d' "$dir/tap"
        cat "$dir/again/tap" >>"$dir/tap"
    else
        grep -v '^ok - kernel log: ' "$dir/again/tap" >>"$dir/tap"
    fi
}

# ---- all of them ---------------------------------------------------------------------------------
show_kernel() { # KERNEL
    local dir=$OUT/vm/$1
    printf '%-12s %4d passed %4d failed %4d skipped  %4d s  %s\n' "$1" "$(count passed "$1")" \
        "$(count failed "$1")" "$(count skipped "$1")" "$(cat "$dir/seconds")" \
        "$(cat "$cache/kernels/$1/release")"
    grep '^not ok' "$dir/tap" | head -n 40 | sed 's/^/  /'
    grep -q '^not ok - guest' "$dir/tap" || return 0
    tail -n 40 "$dir/log" | sed 's/^/  | /'
}

run_all() {
    local kernel running=0
    for kernel in "${kernels[@]}"; do
        if [ "$running" -ge "$jobs" ]; then
            wait -n
            running=$((running - 1))
        fi
        (run_kernel "$kernel" && show_kernel "$kernel") &
        running=$((running + 1))
    done
    wait
}

# Each guest is a job with a process group of its own: kill must not reach who called us.
stop() {
    local pid
    trap - INT TERM
    for pid in $(jobs -p); do kill -- "-$pid" 2>/dev/null; done
    wait
    exit 130
}

# Where we cannot go on at all: no QEMU, no mirror (77), or the build failed (1).
prepare() {
    local kernel arches=() one
    for kernel in "${kernels[@]}"; do
        read_row "$kernel"
        need_commands "qemu-system-$(gnu_arch "$arch")" cpio jq
        [[ " ${arches[*]} " == *" $arch "* ]] || arches+=("$arch")
    done
    "$vm/fetch.sh" "${kernels[@]}" || exit
    for one in "${arches[@]}"; do "$vm/build.sh" "$one" >/dev/null || exit; done
}

kernels=()
jobs=2
while [ $# -gt 0 ]; do
    case $1 in
    -h | --help)
        usage
        exit 0
        ;;
    -j)
        jobs=${2:?}
        shift
        ;;
    -*)
        usage >&2
        exit 2
        ;;
    *) kernels+=("$1") ;;
    esac
    shift
done
whole=
[ ${#kernels[@]} -gt 0 ] || { mapfile -t kernels < <(standing_kernels) && whole=1; }
OUT=$(realpath -m "${OUT:-$top/build}")
export OUT
prepare
set -m
trap stop INT TERM
run_all
set +m
for kernel in "${kernels[@]}"; do
    for _ in first second third; do
        [ "$(count failed "$kernel")" != 0 ] || break
        run_again "$kernel" || break
        show_kernel "$kernel"
    done
done
"$vm/report.sh" "${kernels[@]}" >"$OUT/vm/kernel-matrix.md" || exit 1
if [ -n "$whole" ] && [ -z "${TESTS:-}" ]; then
    cp "$OUT/vm/kernel-matrix.md" "$top/reports/kernel-matrix.md"
fi
failed=$(count failed "${kernels[@]}")
echo "table: $OUT/vm/kernel-matrix.md"
echo "$(count passed "${kernels[@]}") passed, $failed failed, $(count skipped "${kernels[@]}") skipped"
[ "$failed" = 0 ]
