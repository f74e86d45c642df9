#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The README's test command, and all that CI runs: installs what is missing, builds with gcc and with
# clang (warnings are errors), lints, runs every test, then the unit and command-line tests again
# with the address and undefined-behaviour sanitizers. The last line is the count of them all.
# Without root it installs nothing and skips what needs root. With --all (as CI does) it also opens the
# report in a browser and boots the kernel matrix of tests/vm in QEMU, some 15 minutes more.
set -uo pipefail
program=test.sh # for say() and die() of common.sh
top=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=scripts/common.sh
. "$top/scripts/common.sh"
cd "$top" || exit 1
unset OUT SAN
all=

usage() {
    cat <<END
usage: sudo ./scripts/test.sh [--all]
Installs what is missing, builds, and runs every test; without root, those that need none.
  --all  the report in a browser and the kernel matrix in QEMU, too: some 15 minutes more
END
}

case ${1:-} in
--all) all=1 ;;
'') ;;
-h | --help)
    usage
    exit 0
    ;;
*) die 2 "unknown argument '$1': try scripts/test.sh --help" ;;
esac

work=$(temporary -d) || exit
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
counts=$work/counts

# step NAME COMMAND...: one more test, which is the command's success; failure shows its words.
step() {
    local name=$1
    shift
    if "$@" >"$work/out" 2>&1; then
        echo "ok      $name"
        echo "1 0 0" >>"$counts"
    else
        echo "FAILED  $name"
        sed 's/^/  | /' "$work/out"
        echo "0 1 0" >>"$counts"
        return 1
    fi
}

# run_tests WHAT VARIABLE=... COMMAND...: tests/run.sh adds its counts itself; its own closing line
# would only look like ours. A runner that dies before it counts is a failure.
run_tests() {
    local what=$1 before
    shift
    before=$(wc -l <"$counts")
    echo "$what:"
    env COUNTS="$counts" "$@" | sed -u '/^[0-9]* passed, [0-9]* failed, [0-9]* skipped$/d'
    [ "$(wc -l <"$counts")" -gt "$before" ] ||
        { echo "FAILED  $what: the runner ended early"; echo "0 1 0" >>"$counts"; }
}

if [ "$EUID" = 0 ]; then
    # shellcheck disable=SC2086  # two words or none
    scripts/deps.sh build run test ${all:+browser vm} || exit
else
    say "not root: tests that need it will be skipped"
    scripts/deps.sh --check build run test || exit
fi

if step "build (gcc)" build "$work/log" OUT=build WERROR=1 all tests; then
    step lint scripts/lint.sh
    run_tests "all tests" OUT=build tests/run.sh
    step "build (clang)" build "$work/log" OUT=build-clang CC=clang WERROR=1 all tests
    if step "build (sanitizers)" build "$work/log" OUT=build-san SAN=1 WERROR=1 all tests; then
        # not what is of make, scripts and texts
        run_tests "with sanitizers" OUT=build-san UBSAN_OPTIONS=print_stacktrace=1 \
            EXCEPT="build.bats docs.bats scripts.bats" tests/run.sh unit cli golden
    fi
fi

if [ -n "$all" ]; then
    [ "$EUID" != 0 ] || step "torture, one minute" make torture MINUTES=1 SEED=1
    echo "kernel matrix:"
    OUT=build tests/vm/matrix.sh | tee "$work/matrix"
    if ! sed -nE 's/^([0-9]+) passed, ([0-9]+) failed, ([0-9]+) skipped$/\1 \2 \3/p' "$work/matrix" |
        grep . >>"$counts"; then
        echo "FAILED  kernel matrix: it was not run"
        echo "0 1 0" >>"$counts"
    fi
fi

awk '{ p += $1; f += $2; s += $3 } END {
    printf "%d passed, %d failed, %d skipped\n", p, f, s; exit f > 0 }' "$counts"
