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

# The pids of all runs that these tests start. A run writes its own into its lock, where it stays: so we
# know a dead run of ours from another's. The file's name in the environment marks all processes of ours;
# bats and its helpers do not have it.
run_mark=COPYSCOPE_TEST_RUNS=$BATS_RUN_TMPDIR/runs

become_marked() { # COMMAND...: in a subshell, which turns into COMMAND
    echo "$BASHPID" >>"${run_mark#*=}"
    exec env "$run_mark" "$@"
}

marked() {
    (become_marked "$@")
}

# marked, with stderr beside the test's files.
copyscope() {
    marked "$COPYSCOPE" "$@" 2>"$BATS_TEST_TMPDIR/stderr"
}

# Its words, but for the line that it cleaned up after others.
said() {
    grep -vE 'removed what [0-9]+ earlier runs? left behind$' stderr || true
}

# start_run OPTION...: a run in the background; its pid is $run_pid, itself, not a subshell's.
start_run() {
    (become_marked "$COPYSCOPE" "$@" \
        >"$BATS_TEST_TMPDIR/run.out" 2>"$BATS_TEST_TMPDIR/run.err" 3>&-) &
    run_pid=$!
}

# within SECONDS COMMAND...: until it succeeds. TIME_FACTOR: how often as long on a slow machine.
within() {
    local end=$(($(date +%s%N) + $1 * ${TIME_FACTOR:-1} * 1000000000))
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
    local lock pid
    for lock in /run/copyscope*/*; do
        { read -r pid <"$lock" || [ "${pid:-}" = "$1" ]; } 2>/dev/null || continue
        [ "$pid" != "$1" ] || { echo "${lock##*/}"; return; }
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

# Lines that name a run which none of these tests started, alive or dead, are left out.
without_others() {
    local lock pid ids=
    for lock in /run/copyscope*/*; do
        pid=$(cat "$lock" 2>/dev/null) || continue
        [ -z "$pid" ] || grep -qsx "$pid" "${run_mark#*=}" || ids="$ids${ids:+|}${lock##*/}"
    done
    grep -vE "((cs|copyscope|tmp)-|^state )(${ids:-none})([-/]|\$)" || true
}

# Their files. grep's status says nothing of them: it is that of an error, too, when any process ends meanwhile.
marked_processes() {
    grep -lsz "^$run_mark\$" /proc/[0-9]*/environ
}

# BPF programs that no process of others holds, by their ids; cgroups' are the system's.
programs() {
    local others
    command -v bpftool >/dev/null || return 0
    bpftool prog show | awk '/^[0-9]+:/ && $2 !~ /^cgroup/ { print "program", $1, $2, $4 }' \
        >"$BATS_TEST_TMPDIR/programs"
    others=$(grep -s '^prog_id:' /proc/[0-9]*/fdinfo/* | grep -vFf <(
        echo /proc/self/
        marked_processes | sed 's/environ$/fdinfo\//'
    ) | awk '{ print "program " $2 ":" }' | sort -u)
    grep -vF "${others:-none}" "$BATS_TEST_TMPDIR/programs" || true
}

# All that a run may leave behind, a line each. DIR: where reports go.
snapshot() { # [DIR]
    {
        ip netns list 2>/dev/null | awk '/^cs-/ { print "netns", $1 }'
        ip -oneline link | awk '{ print "link", $2 }'
        awk '$5 !~ /\/bats-run-/ { print "mount", $5 }' /proc/self/mountinfo
        for mount in $(cgroup2_mounts); do
            find "$mount" -maxdepth 2 -name 'copyscope-*' -printf 'cgroup %p\n'
        done
        find /run/copyscope* -mindepth 1 -maxdepth 1 -printf 'state %f\n' 2>/dev/null || true
        programs
        marked_processes | sed 's/^/process /'
        find /tmp -maxdepth 1 -name '*copyscope-tmp-*' -printf 'file %p\n'
        [ -z "${1:-}" ] || find "$1" -mindepth 1 -maxdepth 1 -printf 'report %f\n'
    } | without_others | sort
}

# difference SNAPSHOT [DIR]: what is new; and gone, where no run may take anything away.
difference() {
    diff <(echo "$1") <(snapshot "${2:-}") | grep -E '^> |^< (link|mount|report) ' |
        grep -vE '^< .*(cs|copyscope)-' || true
}

# as_before SNAPSHOT [DIR]: what was left behind stays; others' runs come and go while we look.
as_before() {
    local end=$((SECONDS + 20)) left
    left=$(difference "$@")
    while [ -n "$left" ]; do
        [ $SECONDS -lt $end ] || { echo "$left"; return 1; }
        sleep 0.1
        left=$(difference "$@" | grep -Fx "$left") || true
    done
}

# The first named namespace of a machine mounts /run/netns on itself, and that stays.
prime_netns() {
    ip netns add "cs-prime-$$" && ip netns delete "cs-prime-$$"
}
