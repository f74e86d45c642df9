#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The one command: sudo ./profile.sh --mode all. Installs what is missing, builds what is out of
# date, and hands over to `copyscope run` with the options it was given. No measuring is done here.
set -euo pipefail
program=profile.sh
top=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
# shellcheck source=scripts/common.sh
. "$top/scripts/common.sh"

copyscope=$top/build/copyscope
deps=$top/scripts/deps.sh

short_help() {
    cat <<END
usage: sudo ./profile.sh [--no-install] [OPTION...]     e.g. sudo ./profile.sh --mode all
Runs the send modes and reports what the kernel did with each byte.
  --no-install  of profile.sh itself: install nothing, use what is here
END
}

help() {
    short_help
    if [ -x "$copyscope" ]; then
        printf '\nAll other options are those of copyscope run:\n\n'
        exec "$copyscope" run --help
    fi
    echo "All other options are those of copyscope run: see docs/running.md, or build (make) and ask again."
    exit 0
}

# Plots and network tools can be done without: copyscope says what it lacks. A compiler cannot.
install_missing() {
    "$deps" build run && return
    "$deps" --check build 2>/dev/null || exit 1
    say "going on without what could not be installed"
}

is_current() {
    make -C "$top" -q OUT=build all >/dev/null 2>&1
}

build_if_needed() {
    command -v make >/dev/null || {
        "$deps" --check build || true
        die 77 "cannot build: leave --no-install out, or install the packages named above"
    }
    ! is_current || return 0
    say "building (about half a minute the first time)"
    log=$(temporary)
    trap 'rm -f "$log"' EXIT
    build "$log" OUT=build all || {
        "$deps" --check build || true
        die 1 "the build failed: see the lines above; make -C '$top' V=1 shows each command"
    }
    rm -f "$log"
    trap - EXIT
}

no_install=
pass=()
for arg; do
    case $arg in
    --no-install) no_install=1 ;;
    --help | -h | '-?' | --usage) help ;;
    *) pass+=("$arg") ;;
    esac
done

[ "$EUID" = 0 ] || die 77 "needs root: sudo ./profile.sh ${*:-}"
[ -n "$no_install" ] || install_missing
build_if_needed
export COPYSCOPE_REPORTS=${COPYSCOPE_REPORTS:-$top/reports}
exec "$copyscope" run "${pass[@]}"
