#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# All benchmarks, a short table each. A quarter of an hour; needs root and an otherwise idle machine.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
status=0

bench() { # TITLE COMMAND...
    local code
    printf '\n== %s\n' "$1"
    shift
    "$@"
    code=$?
    [ $code = 0 ] || { [ $code = 77 ] && echo "(cannot run here)"; } || status=1
}

bench "start-up" "$here/startup.sh"
bench "cost of an event" "$here/programs.sh"
bench "cost of observation, 64K, one stream" "$here/overhead.sh" --size 64K --threads 1 --rounds 7
bench "beside their peers, 64K, one stream" "$here/peers.sh"
bench "beside their peers, 64K, four streams" "$here/peers.sh" --threads 4
exit $status
