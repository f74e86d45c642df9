#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Runs the tests and counts them one by one. Everything speaks TAP (cmocka, bats); a golden runner
# may also just exit 0, 1 or 77. Nothing may hang: each file has a time limit. A test that could not
# run is skipped aloud. The last line is the count; exit 1 if anything failed.
set -uo pipefail
tests=$(cd "$(dirname "$0")" && pwd)
cd "$tests/.." || exit 1
OUT=$(realpath -m "${OUT:-build}")
export OUT
# shellcheck disable=SC2034  # read by common.sh
program=run.sh
# shellcheck source=scripts/common.sh
. "$tests/../scripts/common.sh"
PATH=$PATH:/usr/sbin:/sbin

# seconds a file of each kind may take; TIME_FACTOR stretches them on slow machines
declare -A limit=([unit]=120 [cli]=600 [golden]=600 [browser]=300 [e2e]=1200)
# kinds of which several files run at once: those that measure nothing
declare -A at_once=([cli]=$(nproc) [golden]=$(nproc) [browser]=$(nproc))
factor=${TIME_FACTOR:-1}
passed=0 failed=0 skipped=0
skips=()

usage() {
    cat <<END
usage: tests/run.sh [unit|cli|golden|browser|e2e]... [PATTERN]
Runs the kinds named (all of them if none), of those the files whose name holds PATTERN.
  OUT=build      where the programs are      V=1  show the output of tests that pass, too
  COUNTS=FILE    append "passed failed skipped" to FILE
  EXCEPT="NAME..."  files that are left out
  TIME_FACTOR=N  multiply the time limits
END
}

skip() { # NAME REASON [HOW MANY]
    skipped=$((skipped + ${3:-1}))
    skips+=("$1: $2")
}

# Counts a TAP stream: prints "passed failed skipped" of it, then a line "name: reason" for each
# skip. Tests that the plan promised and that never reported have failed.
count_tap() {
    awk '
    function close_plan() { if (planned > seen) failed += planned - seen; planned = seen = 0 }
    /^1\.\.[0-9]+/ { close_plan(); planned = substr($1, 4) + 0; next }
    /^(not )?ok [0-9]+/ {
        seen++
        if (match($0, /# *[Ss][Kk][Ii][Pp]/)) {
            name = substr($0, 1, RSTART - 1); why = substr($0, RSTART + RLENGTH)
            sub(/^(not )?ok [0-9]+ *(- )?/, "", name); sub(/ +$/, "", name)
            sub(/^ +/, "", why)
            # cmocka has the name where bats has the reason; its reason is what the test said before
            skip[skipped++] = name == "" ? why ": " (said ? said : "no reason given") : name ": " why
        } else if ($1 == "ok") passed++
        else failed++
        said = ""
        next
    }
    { said = $0 }
    END {
        close_plan()
        print passed + 0, failed + 0, skipped + 0
        for (i = 0; i < skipped; i++) print skip[i]
    }' "$1"
}

# one_file NUMBER KIND NAME COMMAND...: one test program. Leaves NUMBER.sums (passed failed skipped), .skips and .text.
one_file() {
    local number=$1 kind=$2 name=$3 log=$work/$1.log status p f s line lines verdict start=$SECONDS
    shift 3
    # In the background, so that a signal to us reaches it, and a straggler that keeps its output
    # open holds up nobody.
    timeout -k 5 $((limit[$kind] * factor)) "$@" </dev/null >"$log" 2>&1 &
    running=$!
    [ "${V:-}" != 1 ] || tail -n +1 -s 0.1 -f --pid=$running "$log"
    wait $running
    status=$?
    running=
    { read -r p f s && mapfile -t lines; } < <(count_tap "$log")
    if [ $((p + f + s)) = 0 ]; then # not TAP, or dead before its first test
        case $status in
        0) p=1 ;;
        77) s=1 lines=("$(tail -n 1 "$log")") ;;
        *) f=1 ;;
        esac
    elif [ "$status" != 0 ] && [ "$f" = 0 ]; then
        f=1 # died after its last report: the status is one test more
    fi
    echo "$p $f $s" >"$work/$number.sums"
    for line in "${lines[@]}"; do echo "$kind/$name: $line"; done >"$work/$number.skips"
    verdict=ok
    [ "$f" = 0 ] || verdict=FAILED
    [ $((p + f)) != 0 ] || verdict=skipped
    {
        printf '%-8s%-36s %3d passed %3d failed %3d skipped %4d s\n' "$verdict" "$kind/$name" "$p" "$f" "$s" \
            $((SECONDS - start))
        [ "$f" = 0 ] || {
            case $status in
            124 | 137) echo "  stopped after its time limit of $((limit[$kind] * factor)) s" ;;
            *) echo "  exit status $status" ;;
            esac
            [ "${V:-}" = 1 ] || sed 's/^/  | /' "$log"
        }
    } >"$work/$number.text"
}

# The verdicts of all files that were begun, in their order.
collect() {
    local p f s
    wait
    for number in "${begun[@]}"; do
        cat "$work/$number.text"
        { read -r p f s <"$work/$number.sums"; } 2>/dev/null || { p=0 f=1 s=0; }
        passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
        mapfile -t -O ${#skips[@]} skips <"$work/$number.skips"
    done
    begun=()
}

# run_file KIND NAME COMMAND...: alone, or beside others of its kind; collect() tells.
run_file() {
    files=$((files + 1))
    if [ "${at_once[$1]:-1}" = 1 ] || [ "${V:-}" = 1 ] || [ "$2" = workload.bats ]; then
        collect
        begun=("$files")
        one_file $files "$@"
        collect
        return
    fi
    while [ "$(jobs -rp | wc -l)" -ge "${at_once[$1]}" ]; do wait -n; done
    begun+=("$files")
    (
        trap '[ -z "$running" ] || kill "$running"; exit 130' INT TERM
        one_file $files "$@"
    ) &
}

selected() { # NAME
    [[ $1 == *"$pattern"* && " ${EXCEPT:-} " != *" $1 "* ]]
}

run_unit() {
    local source name
    for source in tests/unit/test_*.c; do
        name=$(basename "$source" .c)
        { [ -e "$source" ] && selected "$name"; } || continue
        if [ -x "$OUT/tests/$name" ]; then
            run_file unit "$name" env CMOCKA_MESSAGE_OUTPUT=tap "$OUT/tests/$name"
        else
            failed=$((failed + 1))
            echo "FAILED  unit/$name: not built, run make tests"
        fi
    done
}

run_bats() { # KIND
    local file name
    for file in tests/"$1"/*.bats; do
        name=$(basename "$file")
        { [ -e "$file" ] && selected "$name"; } || continue
        if ! command -v bats >/dev/null; then
            skip "$1/$name" "bats is not installed: scripts/deps.sh test" "$(grep -c '^@test' "$file")"
        else
            run_file "$1" "$name" bats --tap "$file"
        fi
    done
}

run_golden() {
    if [ -x tests/golden/run.sh ]; then
        ! selected run.sh || run_file golden run.sh tests/golden/run.sh
    fi
    run_bats golden
}

run_browser() {
    [ -x tests/browser/run.sh ] || return 0
    ! selected run.sh || run_file browser run.sh tests/browser/run.sh
}

run_e2e() {
    local file name
    if [ "$EUID" = 0 ]; then
        run_bats e2e
        return
    fi
    for file in tests/e2e/*.bats; do
        name=$(basename "$file")
        { [ -e "$file" ] && selected "$name"; } || continue
        skip "e2e/$name" "needs root" "$(grep -c '^@test' "$file")"
    done
}

# What the kernel complained about while tests ran as root is a failure, whatever they said.
scan_dmesg() {
    local complaints
    dmesg >"$work/after" 2>/dev/null || return 0
    complaints=$(awk -v last="$(tail -n 1 "$work/before")" '
        { line[NR] = $0; if ($0 == last) from = NR }
        END { for (i = from + 1; i <= NR; i++) print line[i] }' "$work/after" |
        grep -E 'BUG:|WARNING:|Oops|general protection fault|blocked for more than|detected stall')
    [ -n "$complaints" ] || return 0
    failed=$((failed + 1))
    printf 'FAILED  the kernel log has new complaints:\n%s\n' "$complaints"
}

kinds=()
pattern=
for arg; do
    case $arg in
    unit | cli | golden | browser | e2e) kinds+=("$arg") ;;
    -h | --help)
        usage
        exit 0
        ;;
    -*)
        usage >&2
        exit 2
        ;;
    *) pattern=$arg ;;
    esac
done
[ ${#kinds[@]} -gt 0 ] || kinds=(unit cli golden browser e2e)

work=$(temporary -d) || exit
running='' files=0 begun=()
trap 'rm -rf "$work"' EXIT
# shellcheck disable=SC2046  # several jobs
trap '[ -z "$running" ] || kill "$running"; kill $(jobs -p) 2>/dev/null; exit 130' INT TERM
dmesg_readable=
if [ "$EUID" = 0 ] && dmesg >"$work/before" 2>/dev/null; then dmesg_readable=1; fi

for kind in "${kinds[@]}"; do
    case $kind in
    unit) run_unit ;;
    cli) run_bats cli ;;
    golden) run_golden ;;
    browser) run_browser ;;
    e2e) run_e2e ;;
    esac
done
collect
[ -z "$dmesg_readable" ] || scan_dmesg

if [ $((passed + failed + skipped)) = 0 ]; then
    echo "no test matches"
    failed=1
fi
if [ ${#skips[@]} -gt 0 ]; then
    echo "skipped:"
    printf '  %s\n' "${skips[@]}"
fi
[ -z "${COUNTS:-}" ] || echo "$passed $failed $skipped" >>"$COUNTS"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
