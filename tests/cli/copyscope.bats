#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# copyscope's command line: help goes to stdout, and what cannot be understood is refused in one line
# with the right exit code before anything happens.

bats_require_minimum_version 1.5.0

setup() {
    OUT=$(realpath "${OUT:-build}")
    COPYSCOPE=$OUT/copyscope
    mkdir "$BATS_TEST_TMPDIR/here"
    cd "$BATS_TEST_TMPDIR/here" || return
}

# Nothing that is refused has left a trace.
teardown() {
    [ -z "$(ls -A "$BATS_TEST_TMPDIR/here")" ]
}

copyscope() {
    "$COPYSCOPE" "$@"
}

# refused HINT ARGUMENT...: exit 2, nothing on stdout, one line on stderr that holds HINT.
refused() {
    local hint=$1
    shift
    run -2 --separate-stderr copyscope "$@"
    echo "$*: $stderr"
    [ -z "$output" ]
    [ "${#stderr_lines[@]}" -eq 1 ]
    [[ $stderr == copyscope:* ]]
    [[ $stderr == *"$hint"* ]]
}

helps() {
    run -0 --separate-stderr copyscope "$@"
    [ -z "$stderr" ]
    [[ $output == *Usage:* ]]
}

# As nobody, from a copy: the build may be where nobody may look.
as_nobody() {
    if [ "$(id -u)" = 0 ]; then
        command -v setpriv >/dev/null || skip "setpriv is not installed: scripts/deps.sh test"
        setpriv --reuid=65534 --regid=65534 --clear-groups "$BATS_FILE_TMPDIR/copyscope" "$@"
    else
        "$BATS_FILE_TMPDIR/copyscope" "$@"
    fi
}

setup_file() {
    install -m 755 "${OUT:-build}/copyscope" "$BATS_FILE_TMPDIR/copyscope"
    chmod 711 "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR" "${BATS_FILE_TMPDIR%/*}"
}

@test "copyscope: --help and --version speak on stdout" {
    helps --help
    for command in run attach report check list; do [[ $output == *$'\n'"  $command "* ]]; done
    helps -h
    helps help
    for command in run attach report diff check list; do
        helps help "$command"
        [[ $output == "Usage: copyscope $command "* ]]
    done
    refused "no command 'atach'; did you mean 'attach'?" help atach
    run -0 --separate-stderr copyscope --version
    [[ $output =~ ^copyscope\ [0-9]+\.[0-9]+ ]]
}

@test "attach: says whom, or is refused" {
    helps attach --help
    [[ $output == *"-- CMD"* ]]
    refused "observe what? Give -p PID" attach
    refused "no command behind --" attach --
    refused "one of them" attach -a -p 1
    refused "one of them" attach -p 1 -- true
    refused "--pid 'nginx' is not the number of a process" attach -p nginx
    refused "--pid '' is not" attach -p ''
    refused "'812' belongs to no option" attach 812
    refused "'x' belongs to no option" attach -p 1 x
    refused "did you mean --cgroup" attach --cgruop /
    refused "--duration '0'" attach -p 1 -d 0
    refused "--format 'xml'" attach -p 1 --format xml
    refused "--by is of the text" attach -p 1 --by way --format json
    refused "--remote is for copyscope's own use" attach --remote --cgroup /some.slice
    refused "--remote is for copyscope's own use" attach --remote -p 1 -p 2
    refused "--by socket is told at the end only" attach -p 1 --by socket -i 1
    refused "--by reason is told at the end only" attach -p 1 --by reason --top
    refused "--by cgroup is of those that are named" attach -a --by cgroup
    refused "of a cgroup all is counted together" attach --cgroup / --container abcd --by process
    refused "--pprof is of samples" attach -p 1 --pprof file --freq 0
}

@test "attach: without rights it cannot" {
    run -77 as_nobody attach -p 1
    [ "${#lines[@]}" = 1 ]
    [[ $output == *CAP_BPF* ]]
}

@test "copyscope: nothing at all is a usage error, told on stderr" {
    run -2 --separate-stderr copyscope
    [ -z "$output" ]
    [[ $stderr == *Usage:* ]]
}

@test "copyscope: an unknown command is named, with the nearest" {
    refused "did you mean 'run'" runn
    refused "did you mean 'report'" reprot
    refused "see copyscope --help" xyzzy
    refused "see copyscope --help" --bogus
}

@test "run: --help names every option of the manual" {
    helps run --help
    for option in mode size threads duration repeat path ipv6 pattern ring tier level cc cpus freq out format \
        verify quiet; do
        [[ $output == *"--$option"* ]]
    done
    # fits a terminal
    [ "$(awk '{ print length }' <<<"$output" | sort -n | tail -n 1)" -le 100 ]
    helps run -h
    # even amid others, and before they are looked at
    helps run --help --mode A9
}

@test "run: unknown options are named, with the nearest" {
    refused "did you mean --mode" run --moed all
    refused "did you mean --duration" run --durations 3
    refused "unknown option '--xyzzy'" run --xyzzy
    refused "unknown option '-z'" run -z
    refused "unknown option '-z'" run -qz
    refused "'--quiet' takes no value" run --quiet=yes
    refused "'--ipv6' takes no value" run --ipv6=yes
    refused "unknown option '-4'" run -4
    refused "needs a value" run --mode
    refused "unexpected argument 'A1'" run A1
}

@test "run: unknown modes, paths, patterns, tiers, levels, formats are named, with the nearest" {
    refused "did you mean A1" run --mode A9
    refused "unknown mode '17'" run --mode 17
    refused "did you mean" run --mode A1,A2,B3
    refused "did you mean veth" run --path vet
    refused "did you mean loopback" run --path loopbak
    refused "did you mean nic:IF1,IF2" run --path nic
    refused "copyscope list paths" run --path carrier-pigeon
    refused "did you mean stream" run --pattern steam
    refused "did you mean rr" run --pattern r
    refused "did you mean fentry" run --tier fentri
    refused "did you mean tracepoint" run --tier tracepoints
    refused "did you mean full" run --level ful
    refused "did you mean 'html'" run --format htm
    refused "list formats" run --format json,nothing-like-it
}

@test "run: sizes are 1 to 1G" {
    for size in 0 0K -1 -64K 2G 1025M 1073741825 18446744073709551616 64Q 64KK 6.4K 0x10 ' 64' 64K=; do
        refused "from 1 to 1G" run --size "$size"
    done
    refused "from 1 to 1G" run --size 64K,0
}

@test "run: threads, repetitions, duration, frequency, CPUs are in their ranges" {
    for n in 0 5000 -1 1.5 two 99999999999999999999; do
        refused "from 1 to 1024" run --threads "$n"
        refused "from 1 to 1000" run --repeat "$n"
    done
    for seconds in 0 0.001 -1 -0.5 abc nan inf 1e3 3601 1,5 ''; do
        refused "from 0.01 to 3600" run --duration "$seconds"
    done
    for hz in -1 x 100001; do refused "samples per second" run --freq "$hz"; done
    refused "from 1 to 50" run --margin 0
    refused "from 1 to 1000" run --attribution 0
    refused "from 1 to 4294967295" run --seed 0
    for cpu in x -1 99999; do refused "CPU numbers" run --cpus "$cpu"; done
    refused "may not be used here" run --cpus 1023
}

@test "run: an empty item of a list is an error, not nothing" {
    for option in --mode --size --threads --cpus; do
        for list in '' , 1, ,1 1,,1; do refused "empty" run "$option" "$list"; done
    done
    refused "no format" run --format ''
    refused "give a directory" run --out ''
}

@test "run: what is good is taken, down to the need for root" {
    for good in "--size 1G" "--size 1" "--size 64k" "--size 64KiB,1M" "--threads 1,1024" \
        "--duration 0.01" "--duration 3600" "--mode all" "--mode A1,2,zero-copy" "--mode=A3" \
        "--path loopback" "-6" "--ipv6 --path routed" "--pattern rr" "--tier tracepoint" "--freq 0" "-q -m 0 -s 1K -t 1 -d 1 -r 1"; do
        # shellcheck disable=SC2086
        run -77 --separate-stderr as_nobody run $good
        echo "$good: $stderr"
        [ "${#stderr_lines[@]}" -eq 1 ]
    done
}

@test "run: without root it says so, how to go on, and exits 77" {
    run -77 --separate-stderr as_nobody run
    [ -z "$output" ]
    [ "${#stderr_lines[@]}" -eq 1 ]
    [[ $stderr == *CAP_BPF* && $stderr == *sudo* ]]
}

@test "run, check: in a user namespace: 77 and the remedy, which is not to be root" {
    unshare -Urn true 2>/dev/null || skip "user namespaces are not allowed here"
    run -77 --separate-stderr unshare -Urn "$OUT/copyscope" run
    [ -z "$output" ]
    [ "${#stderr_lines[@]}" -eq 1 ]
    [[ $stderr == *"run outside of it" ]]
    run -77 --separate-stderr unshare -Urn "$OUT/copyscope" check
    [ "${#stderr_lines[@]}" -eq 1 ]
    [[ $stderr == *"run outside of it" && $output == *"--  capabilities "*"run outside of it"* ]]
    [[ $output$stderr != *"as root"* && $output != *sudo* ]]
}

# columns N: every line of $output has N tab-separated, non-empty fields; prints the first of each.
columns() {
    awk -F'\t' -v n="$1" 'NF != n { bad = 1 } { for (i = 1; i <= NF; i++) if ($i == "") bad = 1; print $1 }
        END { exit bad || NR == 0 }' <<<"$output"
}

@test "list: the tables are well-formed, and their names are unique" {
    # As nobody: root sees in place of the probes' plan what this kernel makes of it.
    for table in modes:4 receives:3 formats:3 metrics:4 paths:2 probes:3; do
        run -0 --separate-stderr as_nobody list "${table%:*}"
        [ "${#stderr_lines[@]}" -le 1 ]
        names=$(columns "${table#*:}") || { echo "$output"; false; }
        [ -z "$(sort <<<"$names" | uniq -d)" ]
    done
}

@test "list: it holds what the options understand" {
    for mode in $(copyscope list modes | cut -f1); do
        run -77 as_nobody run --mode "$mode"
    done
    for way in $(copyscope list receives | cut -f1); do
        run -77 as_nobody run --recv "$way"
    done
    for format in $(copyscope list formats | cut -f1); do
        run -77 as_nobody run --format "$format"
    done
    for path in $(copyscope list paths | cut -f1); do
        run -77 as_nobody run --path "$path"
    done
    # each probe can be observed somehow
    run -0 --separate-stderr as_nobody list probes
    [ "$(grep -cE '(fentry|kprobe|tracepoint|perf event):[^;]+$' <<<"$output")" -eq "${#lines[@]}" ]
}

@test "list: unknown tables are named, with the nearest" {
    helps list --help
    refused "there is no table 'modez': did you mean modes? There are modes, receives, probes" list modez
    refused "'paths' is one argument too many" list modes paths
    refused "there is no table 'xyzzy': there are modes, receives, probes" list xyzzy
    run -0 --separate-stderr copyscope list
    [[ ${lines[0]} == "  modes "* ]]
    refused "unknown option" list --x
}

@test "options are not abbreviated" {
    refused "unknown option '--jso': did you mean --json?" list --jso
    refused "unknown option '--rep': did you mean --repeat?" run --rep 3
    refused "unknown option '--rep': did you mean --repeat?" run --rep=3
}

# lost REASON COMMAND...: what it printed did not arrive: one line that says so and why, exit 1.
lost() {
    local reason=$1
    shift
    run -1 --separate-stderr "$@"
    echo "$*: $stderr"
    [ "${#stderr_lines[@]}" -eq 1 ]
    [[ $stderr == *": cannot write to standard output: $reason" ]]
}

@test "output that cannot be written is a failure, whatever the command" {
    local golden=$BATS_TEST_DIRNAME/../golden report=$BATS_TEST_TMPDIR/report command
    mkdir "$report"
    cp "$golden/partial.json" "$report/results.json"
    for command in "--help" "--version" "run --help" "list metrics" "list modes" "list probes" \
        "diff $golden/normal.json $golden/no-pmu.json" "report --format json $report"; do
        # shellcheck disable=SC2086
        set -- $command
        lost "No space left on device" bash -c '"$0" "$@" >/dev/full' "$COPYSCOPE" "$@"
        lost "it is closed" bash -c '"$0" "$@" >&-' "$COPYSCOPE" "$@"
    done
    lost "Broken pipe" bash -c '(trap "" PIPE; sleep 0.1; exec "$0" list metrics) | true; exit "${PIPESTATUS[0]}"' \
        "$COPYSCOPE"
}

@test "with nothing to print a closed stdout is no failure, nor are a closed stdin and stderr" {
    run -2 bash -c '"$0" xyzzy >&- 2>/dev/null' "$COPYSCOPE"
    run -0 bash -c '"$0" list modes <&- 2>&-' "$COPYSCOPE"
    [[ $output == A1* ]]
}

@test "what others wrote is shown, and does nothing to the terminal" {
    run --separate-stderr copyscope report "$(printf 'no\033[31m\n\302\23331m/\303\251')"
    [ "$status" -eq 1 ]
    [ "${#stderr_lines[@]}" -eq 1 ]
    [[ $stderr == *"no<U+001B>[31m<U+000A><U+009B>31m/é/results.json"* ]]
    printf '{"schema": "\033]0;owned\a"' >"$BATS_TEST_TMPDIR/bad.json"
    run --separate-stderr copyscope report "$BATS_TEST_TMPDIR/bad.json"
    [ "$status" -eq 1 ]
    [[ $stderr != *$'\033'* && $stderr != *$'\a'* ]]
}

@test "a limit of open files that is too low is named, with what is needed" {
    for command in "check" "run"; do
        [ "$command" = check ] || [ "$(id -u)" = 0 ] || continue
        run -77 --separate-stderr bash -c "ulimit -n 30; exec '$COPYSCOPE' $command --tier auto"
        echo "$stderr"
        [ "${#stderr_lines[@]}" -eq 1 ]
        [[ $stderr =~ "needs "[0-9]+" open files, RLIMIT_NOFILE allows 30: raise it, as root if need be, with \`ulimit -n "[0-9]+ ]]
    done
    [ "$(id -u)" = 0 ] || skip "needs root for the rest"
    run -77 --separate-stderr bash -c "ulimit -n 1024; exec '$COPYSCOPE' run --threads 1,1024"
    [[ $stderr == *"a workload of 1024 threads needs 1040 open files, RLIMIT_NOFILE allows 1024"* ]]
}
