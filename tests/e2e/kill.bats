#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# A run that is killed, interrupted or terminated, whenever that comes: the machine is as it was after
# the next run, or at once where the run could still act.

bats_require_minimum_version 1.5.0
load helpers

setup() {
    need_root
    cd "$BATS_TEST_TMPDIR" || return
    prime_netns
    mkdir out
    cgroups=$(cgroup2_mounts | head -n 1)
    [ -n "$cgroups" ] || skip "no cgroup v2 hierarchy is mounted: nowhere to look"
    before=$(snapshot out)
}

teardown() {
    [ -z "${run_pid:-}" ] || kill -9 "$run_pid" 2>/dev/null || true
}

# ---- moments: true once the run has come that far (its pid in run_pid, its id in id) ----

# They are asked for in a tight loop, so they start as few programs as they can. A file that is not there yet
# would end the test, not the condition.
has_id() { [ -n "$id" ] || id=$(run_id "$run_pid"); }
has_netns() { has_id && [ -e "/run/netns/cs-$id-srv" ]; }
has_stage() { compgen -G 'out/.copyscope-tmp-*' >/dev/null; }
has_role() { has_id && read -r _ <"$cgroups/copyscope-$id/$1/cgroup.procs"; }
has_server() { has_role server; }
has_client() { has_role client; }
passes_done() { [ -e run.err ] && [[ $(<run.err) =~ (^|$'\n')"[$1/" ]]; }
in_attribution() { passes_done 1 && has_client; }
writes_report() { compgen -G 'out/.copyscope-tmp-*/results.json' >/dev/null; }
draws_plots() { compgen -G 'out/.copyscope-tmp-*/plots' >/dev/null; }

# kill_at SIGNAL COMMAND...: start a run, with the options in $over, and send it the signal at the moment COMMAND
# is true first; with $and_writer, to the writer of its report, too.
kill_at() {
    local signal=$1
    shift
    rm -f run.err
    id=
    # All formats: drawing plots takes long enough to be hit.
    # shellcheck disable=SC2086
    start_run run "${CELL[@]}" ${over:-} --duration 2 --repeat 1 --out out/r
    until "$@" 2>/dev/null; do
        kill -0 "$run_pid" || { echo "over before: $*"; cat run.err; return 1; }
    done
    # shellcheck disable=SC2046
    kill "-$signal" "$run_pid" ${and_writer:+$(cat "/proc/$run_pid/task/$run_pid/children")}
    status=0
    wait "$run_pid" || status=$?
}

next_run_cleans() {
    rm -rf out/r
    run -0 --separate-stderr copyscope "${SHORT[@]}" "${CELL[@]}" --out out/r
    jq -e '.partial_reason == null and ([.results[].status] | unique == ["ok"])' out/r/results.json
    rm -r out/r
    as_before "$before" out
}

@test "kill -9 at eight moments of a measurement, then a normal run: the machine is as before" {
    moments=("true" "sleep 0.02" has_stage has_id has_netns has_server has_client in_attribution)
    for moment in "${moments[@]}"; do
        # shellcheck disable=SC2086
        kill_at KILL $moment
        echo "killed at: $moment"
        [ "$status" -eq 137 ]
        # nothing that could be taken for a report, and the writer of it goes by itself
        within 10 nobody_writes
        [ -z "$(ls -A out)" ]
    done
    next_run_cleans
}

# No process of ours is left; the writer of a report, once it has the measurement, takes its time.
nobody_writes() { [ -z "$(marked_processes)" ]; }

@test "kill -9 when everything is measured: the report is completed all the same" {
    for moment in writes_report draws_plots; do
        kill_at KILL $moment
        echo "killed at: $moment"
        [ "$status" -eq 137 ]
        within 20 nobody_writes
        is_valid out/r
        [ -s out/r/index.html ]
        [ "$(ls -A out)" = r ]
        rm -r out/r
    done
    next_run_cleans
}

@test "kill -9 of a run over IPv6, routed: the next one takes away what is left of it" {
    [ -e /proc/net/if_inet6 ] || skip "this kernel has no IPv6"
    for moment in has_netns in_attribution; do
        over="-6 --path routed" kill_at KILL $moment
        [ "$status" -eq 137 ]
        within 10 nobody_writes
    done
    next_run_cleans
}

@test "kill -9: the run after it says that it cleaned up, on the terminal and in its report" {
    # a run of others may be the first to come by
    for attempt in 1 2 3 4 5; do
        kill_at KILL in_attribution
        rm -rf out/r
        run -0 --separate-stderr copyscope "${SHORT[@]}" "${CELL[@]}" --out out/r
        ! grep -qE 'removed what [0-9]+ earlier runs? left behind' stderr || break
    done
    grep -qE 'removed what [0-9]+ earlier runs? left behind' stderr
    jq -e '.notes | any(.[1] | test("killed"))' out/r/results.json
    rm -r out/r
    as_before "$before" out
}

@test "kill -9 of all of it while an earlier report is replaced: that one stays whole, with what is not ours" {
    copyscope "${SHORT[@]}" "${CELL[@]}" --out out/r
    mkdir -p out/r/plots out/r/my-dir.svg
    for name in notes.txt a2-a3.svg my-notes.svg perf.folded plots/mine.png my-dir.svg/x; do
        echo keep >"out/r/$name"
    done
    find out/r -type f -exec sha256sum {} + | sort >sums
    command -v gnuplot >/dev/null || skip "gnuplot is not installed: scripts/deps.sh run"
    and_writer=1
    kill_at KILL compgen -G 'out/r/.copyscope-tmp-*/plots'
    and_writer=
    [ "$status" -eq 137 ]
    find out/r -type f -not -path '*/.copyscope-tmp-*' -exec sha256sum {} + | sort | diff sums -
    # removed by whoever comes next, a run or a report
    [ "$(ls -d out/r/.copyscope-tmp-* | wc -l)" -eq 1 ]
    run -0 --separate-stderr copyscope report out/r
    [ "$(ls -d out/r/.copyscope-tmp-* 2>/dev/null | wc -l)" -eq 0 ]
    run -0 --separate-stderr copyscope "${SHORT[@]}" "${CELL[@]}" --out out/r
    for name in notes.txt a2-a3.svg my-notes.svg perf.folded plots/mine.png my-dir.svg/x; do
        [ "$(cat "out/r/$name")" = keep ]
    done
    [ -e out/r/results.json ]
    [ ! -e out/r/index.html ] # not among the formats of that last run
    rm -r out/r
    as_before "$before" out
}

@test "the writer of the report is killed: another one writes it" {
    start_run run "${CELL[@]}" --duration 0.2 --repeat 1 --out out/r
    within 20 draws_plots
    kill -9 $(cat "/proc/$run_pid/task/$run_pid/children")
    wait "$run_pid"
    [ "$(cat run.out)" = out/r ]
    grep -q 'the writer of the report was killed' run.err
    is_valid out/r
    [ -s out/r/index.html ]
    [ "$(ls -A out)" = r ]
    rm -r out/r
    as_before "$before" out
}

another_writes() {
    writer=$(cat "/proc/$run_pid/task/$run_pid/children") && [ -n "$writer" ] && [ "$writer" != "$last" ]
}

@test "every writer of the report is killed: what was measured is saved all the same" {
    start_run run "${CELL[@]}" --duration 0.2 --repeat 1 --out out/r
    within 20 draws_plots
    writer= last=
    for i in 1 2; do
        within 20 another_writes
        kill -9 $writer
        last=$writer
    done
    status=0
    wait "$run_pid" || status=$?
    [ "$status" -eq 1 ]
    grep -q 'the measurement is in out/r' run.err
    run -0 --separate-stderr copyscope report out/r
    is_valid out/r
    [ -s out/r/index.html ]
    rm -r out/r
    as_before "$before" out
}

@test "an interrupted report leaves nothing, and ends as a shell expects it" {
    copyscope run "${CELL[@]}" --duration 0.1 --repeat 1 --out out/r
    find out/r -type f -exec sha256sum {} + | sort >sums
    for signal in INT TERM HUP; do
        (exec env "$run_mark" "$COPYSCOPE" report out/r >/dev/null 3>&-) &
        within 10 compgen -G 'out/r/.copyscope-tmp-*/results.json'
        kill "-$signal" $!
        status=0
        wait $! || status=$?
        [ "$status" -eq $((128 + $(kill -l $signal))) ]
        find out/r -type f -exec sha256sum {} + | sort | diff sums -
    done
    rm -r out/r
    as_before "$before" out
}

# partial NAME: what a run that was interrupted by signal NAME after its first pass leaves.
partial() {
    [ "$status" -eq 1 ]
    [ "$(cat run.out)" = out/r ]
    jq -e ".partial_reason | test(\"^interrupted \\\\($1\\\\) after [0-9]+ of [0-9]+ passes\")" out/r/results.json
    is_valid out/r
    # whole results only
    jq -e '.results | length >= 1 and all(.status == "ok")' out/r/results.json
    head -n 12 out/r/report.md | grep -qi 'partial\|interrupted'
    grep -qi 'interrupted' out/r/index.html
    rm -r out/r
    as_before "$before" out
}

@test "Ctrl-C: a partial report that says so, exit 1, nothing left behind" {
    kill_at INT in_attribution
    partial Interrupt
}

@test "SIGTERM and SIGHUP: the same" {
    kill_at TERM in_attribution
    partial Terminated
    kill_at HUP in_attribution
    partial Hangup
}

@test "Ctrl-C answers soon, even in a long pass" {
    id=
    start_run run "${CELL[@]}" --duration 60 --repeat 1 --format json,md --out out/r
    within 10 has_client
    sent=$(date +%s%N)
    kill -INT "$run_pid"
    status=0
    wait "$run_pid" || status=$?
    [ $((($(date +%s%N) - sent) / 1000000)) -lt 4000 ]
    [ "$status" -eq 1 ]
    # not one pass was finished: there is nothing to report, and it says so
    [ ! -e out/r ]
    [ ! -s run.out ]
    grep -q 'interrupted before the first pass was over' run.err
    [ "$(grep -vc ' passes, about ' run.err)" -eq 1 ]
    as_before "$before" out
}

@test "Ctrl-C during set-up: nothing to report, nothing left behind" {
    for moment in has_id has_stage has_server; do
        kill_at INT $moment
        [ "$status" -eq 1 ]
        rm -rf out/r
        as_before "$before" out
    done
}

@test "Ctrl-C twice: it dies at once, and the next run cleans" {
    id=
    start_run run "${CELL[@]}" --duration 60 --repeat 1 --out out/r
    within 10 has_client
    kill -STOP "$(role_pids "$id" server)" # it will not go: the run waits for it
    kill -INT "$run_pid"
    sleep 0.2
    kill -INT "$run_pid"
    status=0
    wait "$run_pid" || status=$?
    [ "$status" -eq 130 ]
    [ ! -e out/r ]
    next_run_cleans
}
