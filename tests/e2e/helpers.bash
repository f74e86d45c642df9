# SPDX-License-Identifier: GPL-2.0-only
# What the end-to-end tests share: short runs, questions to a results.json, and what a machine looks
# like before and after. Loaded with `load helpers`.

TOP=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
OUT=$(realpath -m "${OUT:-$TOP/build}")
export OUT
PATH=$PATH:/usr/sbin:/sbin
COPYSCOPE=$OUT/copyscope
NOBODY=65534

# Short passes (of these options the last wins), and what there is one of (lists add up).
SHORT=(run --duration 0.1 --repeat 1 --format json,md)
CELL=(--mode A1 --size 64K --threads 2)
MODES=(--mode all --size 64K --threads 2)

need() { # PROGRAM...
    local program group
    for program; do
        group=$(awk -v check="cmd:$program" '$2 == check { print $1; exit }' "$TOP/scripts/deps.sh")
        command -v "$program" >/dev/null ||
            skip "$program is not installed${group:+: scripts/deps.sh $group}"
    done
}

need_root() {
    [ "$(id -u)" = 0 ] || skip "needs root"
    [ -x "$COPYSCOPE" ] || skip "$COPYSCOPE is not built: make"
    need ip jq setpriv
}

# Everything that a test starts carries this in its environment, to be found by. It is for the runs
# alone: bats and its helpers do not have it.
marked() {
    env COPYSCOPE_TEST_MARK="$BATS_ROOT_PID" "$@"
}

# marked, with stderr beside the test's files.
copyscope() {
    marked "$COPYSCOPE" "$@" 2>"$BATS_TEST_TMPDIR/stderr"
}

# start_run OPTION...: a run in the background; its pid is $run_pid, itself, not a subshell's.
start_run() {
    # exec: no shell between us and it
    (exec env COPYSCOPE_TEST_MARK="$BATS_ROOT_PID" "$COPYSCOPE" "$@" \
        >"$BATS_TEST_TMPDIR/run.out" 2>"$BATS_TEST_TMPDIR/run.err" 3>&-) &
    run_pid=$!
}

# within SECONDS COMMAND...: until it succeeds.
within() {
    local end=$(($(date +%s%N) + $1 * 1000000000))
    shift
    until "$@"; do
        [ "$(date +%s%N)" -lt "$end" ] || return 1
        sleep 0.01
    done
}

# The laws of tests/laws.jq; prints those that the report breaks.
keeps_laws() { # DIR
    local laws
    laws=$(jq -r -f "$TOP/tests/laws.jq" "$1/results.json") || return
    ! grep '^not ok' <<<"$laws"
}

# It is as docs/results.schema.json says; prints where it is not. Without the validator that is said.
is_valid() { # DIR
    local faults status=0
    faults=$("$TOP/tests/schema.sh" "$1/results.json" 2>&1) || status=$?
    case $status in
    0) ;;
    77) echo "# not validated: $faults" >&3 ;;
    *) echo "$faults" && return 1 ;;
    esac
}

# What every fresh result has to be.
is_sound() { # DIR
    is_valid "$1" && keeps_laws "$1"
}

cgroup2_mounts() {
    findmnt -rn -t cgroup2 -o TARGET
}

# The run's id, once it has one.
run_id() { # PID
    local lock
    for lock in /run/copyscope/*/lock; do
        if [ "$(cat "$lock" 2>/dev/null)" = "$1" ]; then
            basename "${lock%/lock}"
            return
        fi
    done
    return 1
}

# The processes of one role of a run: pids, or failure while there are none.
role_pids() { # ID server|client
    local mount
    for mount in $(cgroup2_mounts); do
        cat "$mount/copyscope-$1/$2/cgroup.procs" 2>/dev/null
    done | grep .
}

# ---- before and after ----

# A pattern for the lines that name a run: namespaces, cgroup, temporary files, state.
names_run() { # ID|ID...
    echo "((cs|copyscope|tmp)-|^(< )?)(${1:-none})(-|\$)"
}

# Lines that name a run which lives (somebody else's) are left out.
without_living_runs() {
    local lock id ids=
    for lock in /run/copyscope/*/lock; do
        [ -e "$lock" ] && kill -0 "$(cat "$lock" 2>/dev/null || echo 0)" 2>/dev/null || continue
        id=${lock%/lock}
        ids="$ids${ids:+|}${id##*/}"
    done
    grep -vE "$(names_run "$ids")" || true
}

marked_processes() {
    grep -lsz "^COPYSCOPE_TEST_MARK=$BATS_ROOT_PID\$" /proc/[0-9]*/environ
}

# All that a run may leave behind. DIR: where reports go.
snapshot() { # [DIR]
    {
        echo "== network namespaces"
        ip netns list 2>/dev/null | awk '{ print $1 }' | grep '^cs-' | sort
        echo "== links"
        ip -oneline link | awk '{ print $2 }' | sort
        echo "== mounts"
        awk '{ print $5 }' /proc/self/mountinfo | grep -v "^$BATS_RUN_TMPDIR" | sort
        echo "== cgroups"
        for mount in $(cgroup2_mounts); do
            find "$mount" -maxdepth 2 -name 'copyscope-*'
        done | sort
        echo "== state"
        ls -A /run/copyscope 2>/dev/null || true # bats ends a function at what fails
        ! command -v bpftool >/dev/null ||
            bpftool prog show | awk '/^[0-9]+:/ { print "program", $1, $2, $4 }' | sort
        echo "== processes"
        marked_processes || true
        echo "== temporary files"
        ls -d /tmp/*copyscope-tmp-* /tmp/.copyscope-tmp-* 2>/dev/null || true
        [ -z "${1:-}" ] || ls -A "$1"
    } | without_living_runs
}

# difference SNAPSHOT [DIR]: a program that is gone was somebody else's, and what a run left that was
# killed before this test began has to go; anything else that is gone is as wrong as what is new.
difference() {
    local dead
    dead=$(awk '/^== / { state = $2 == "state"; next } state && $1 != "program"' <<<"$1" | paste -sd'|')
    diff <(echo "$1") <(snapshot "${2:-}") |
        sed -nE "/^< program /d; /^< /{ /$(names_run "$dead")/d }; /^[<>]/p" | grep .
}

nothing_differs() {
    ! difference "$@" >/dev/null
}

# as_before SNAPSHOT [DIR]: give the kernel, and runs of others, a moment.
as_before() {
    within 20 nothing_differs "$@" || {
        difference "$@"
        return 1
    }
}

# The first named namespace of a machine mounts /run/netns on itself, and that stays.
prime_netns() {
    ip netns add "cs-prime-$$" && ip netns delete "cs-prime-$$"
}
