#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Things go wrong around a run: it says so in one line with the remedy or goes on and tells the report,
# its exit code is right, and nothing is left behind.

bats_require_minimum_version 1.5.0
load helpers

setup() {
    need_root
    cd "$BATS_TEST_TMPDIR" || return
    prime_netns
    mkdir out
    before=$(snapshot out)
}

teardown() {
    [ -z "${run_pid:-}" ] || kill -9 "$run_pid" 2>/dev/null || true
    [ -z "${mounted:-}" ] || umount "$mounted"
    [ -z "${taken:-}" ] || ip netns delete "$taken"
}

# One line on stderr that holds every WORD.
one_line() { # WORD...
    local word
    cat stderr
    [ "$(said | wc -l)" -eq 1 ]
    for word; do grep -qF -- "$word" stderr; done
}

small_tmpfs() { # OPTIONS
    mounted=$BATS_TEST_TMPDIR/small
    mkdir "$mounted"
    mount -t tmpfs -o "$1" small "$mounted"
}

# A build of its own, where the program NAME is the C given on stdin.
build_with() { # NAME
    local cc=${CC:-gcc}
    need "$cc"
    mkdir bin
    cp "$OUT/copyscope" "$OUT/server" "$OUT/client" bin/
    "$cc" -o "bin/$1" -x c -
    COPYSCOPE=$BATS_TEST_TMPDIR/bin/copyscope
}

# In a mount namespace of its own, COMMANDS first.
elsewhere() { # COMMANDS OPTION...
    local prepare=$1
    shift
    marked unshare -m --propagation private \
        sh -c "set -e; $prepare"'; exec "$@"' sh "$COPYSCOPE" "$@" 2>stderr
}

# ---- the workload dies ----

# one_dies ROLE: killed once in the middle of a pass, the run tries again and says so.
one_dies() {
    start_run "${SHORT[@]}" "${CELL[@]}" --duration 3 --out out/r
    within 10 run_id "$run_pid" >id
    within 10 role_pids "$(cat id)" client >/dev/null # then both are there
    sleep 0.1
    role_pids "$(cat id)" "$1" >pids
    kill -9 "$(cat pids)"
    wait "$run_pid"
    [ "$(cat run.out)" = out/r ]
    jq -e '[.results[] | .status] == ["ok", "ok"]' out/r/results.json
    jq -e "[.results[] | select(.attempts == 2)] | length == 1 and
        (.[0].reason | test(\"$1.*killed by signal 9\"))" out/r/results.json
    jq -re '.results[] | select(.attempts == 1) | .reason == null' out/r/results.json
    grep -q "$1.*killed by signal 9" out/r/report.md
    # what the first attempt counted is not in the second
    is_sound out/r
    rm -r out/r
    as_before "$before" out
}

@test "the server is killed in the middle of a cell: tried again, and the report says so" {
    one_dies server
}

@test "the client is killed in the middle of a cell: tried again, and the report says so" {
    one_dies client
}

# always_dies ROLE REASON: no attempt succeeds.
always_dies() {
    run -1 --separate-stderr copyscope "${SHORT[@]}" "${CELL[@]}" --quiet --out out/r
    # one line a pass that failed for good
    [ "$(said | wc -l)" -eq 2 ]
    [ "$(grep -cF "$2" stderr)" -eq 2 ]
    # there is a report, and it hides nothing
    [ "$output" = out/r ]
    is_valid out/r
    jq -e --arg reason "$1: $2" '.results | length == 2 and
        all(.status == "failed" and .attempts == 3 and .reason == $reason)' out/r/results.json
    # no number was made up
    jq -e '[.results[].values[] | select(.app_bytes)] == []' out/r/results.json
    grep -qF "$2" out/r/report.md
    rm -r out/r
    as_before "$before" out
}

@test "a server that always dies: exit 1, and the report lists the failed cells with its words" {
    build_with server <<'END'
#include <stdio.h>
int main(void) { fputs("first words\nserver: the sky fell: look up\n", stderr); return 1; }
END
    always_dies server "the sky fell: look up"
}

@test "a client that always crashes: exit 1, and the report says by which signal" {
    build_with client <<'END'
#include <signal.h>
int main(void) { signal(SIGTRAP, SIG_DFL); raise(SIGTRAP); return 0; }
END
    always_dies client "killed by signal 5 (Trace/breakpoint trap)"
}

@test "a workload that speaks gibberish fails, it does not hang" {
    build_with server <<'END'
#include <stdlib.h>
#include <unistd.h>
int main(int argc, char **argv) { write(atoi(argv[argc - 1]), "{]\n", 3); sleep(100); return 0; }
END
    run -1 --separate-stderr copyscope "${SHORT[@]}" "${CELL[@]}" --quiet --out out/r
    # that we ended it ourselves is not the reason
    jq -e '.results | all(.status == "failed" and (.reason | test("^server: .*(event|result)")))' \
        out/r/results.json
    rm -r out/r
    as_before "$before" out
}

@test "the programs of the workload are missing: one line, before anything is made" {
    mkdir bin
    cp "$OUT/copyscope" bin/
    COPYSCOPE=$PWD/bin/copyscope
    run -1 --separate-stderr copyscope "${SHORT[@]}" "${CELL[@]}" --out out/r
    one_line server make
    as_before "$before" out
}

@test "a congestion control that is not there: told at once, by its name" {
    run -1 --separate-stderr copyscope "${SHORT[@]}" "${CELL[@]}" --cc no-such-cc --out out/r
    one_line "no congestion control 'no-such-cc' here: choose one of:"
    [ ! -e out/r ]
    as_before "$before" out
}

# ---- the report has no place ----

@test "without gnuplot the report is complete, with a note and exit 0" {
    mkdir bin
    ln -s "$(command -v ip)" bin/ip
    run -0 --separate-stderr copyscope_with_path "$PWD/bin" run "${CELL[@]}" --duration 0.1 --repeat 1 \
        --quiet --out out/r
    one_line gnuplot
    [ -s out/r/index.html ]
    [ -z "$(find out/r -name '*.png')" ]
    grep -q 'not drawn: gnuplot' out/r/report.md
}

copyscope_with_path() { # PATH OPTION...
    local path=$1
    shift
    marked env PATH="$path" "$COPYSCOPE" "$@" 2>stderr
}

@test "the disk is full before the measurement can be written: it is saved elsewhere, and the remedy works" {
    small_tmpfs size=16k
    mkdir tmp
    export TMPDIR=$PWD/tmp
    run -1 --separate-stderr copyscope "${SHORT[@]}" "${CELL[@]}" --quiet --out "$mounted/r"
    [ "$output" = "$mounted/r" ] || [ -z "$output" ]
    one_line "No space left on device" "the measurement is in $PWD/tmp/copyscope-"
    [ -z "$(ls -A "$mounted")" ]
    run -0 --separate-stderr copyscope report "$(echo tmp/copyscope-*)" --out out/r
    is_sound out/r
    rm -r out/r tmp
    unset TMPDIR
    as_before "$before" out
}

@test "the disk is full while the report is written: the measurement stays, and the remedy works" {
    small_tmpfs size=120k
    run -1 --separate-stderr copyscope run "${CELL[@]}" --duration 0.1 --repeat 1 --quiet \
        --out "$mounted/r"
    cat stderr
    grep -q "cannot write .*index.html.*No space left on device.*copyscope report $mounted/r" stderr
    is_sound "$mounted/r"
    [ "$(ls -A "$mounted")" = r ]
    # nothing half-written
    [ -z "$(find "$mounted/r" -empty)" ]
    [ ! -e "$mounted/r/index.html" ]
    mount -o remount,size=8m "$mounted"
    run -0 --separate-stderr copyscope report "$mounted/r"
    [ -s "$mounted/r/index.html" ]
    as_before "$before" out
}

@test "the disk is full before an earlier report is replaced: that one stays as it was" {
    small_tmpfs size=1m
    copyscope "${SHORT[@]}" "${CELL[@]}" --format json --freq 0 --quiet --out "$mounted/r"
    find "$mounted/r" -type f -exec sha256sum {} + >sums
    head -c 10m /dev/zero >"$mounted/fill" 2>/dev/null || true
    run -1 --separate-stderr copyscope "${SHORT[@]}" "${CELL[@]}" --quiet --out "$mounted/r"
    one_line "No space left on device"
    find "$mounted/r" -type f -exec sha256sum {} + | diff sums -
    [ "$(ls -A "$mounted" | sort | tr '\n' ' ')" = "fill r " ]
}

@test "a dangling link or a name too long for --out: refused before anything is measured" {
    ln -s nowhere link
    run -1 --separate-stderr copyscope "${SHORT[@]}" "${CELL[@]}" --out link
    one_line "leads nowhere" "choose another directory"
    run -1 --separate-stderr copyscope "${SHORT[@]}" "${CELL[@]}" --out "$(printf 'x%.0s' {1..300})"
    one_line "File name too long"
    as_before "$before" out
}

@test "the place is taken while we measure: the report stands beside it, and nothing is lost" {
    start_run "${SHORT[@]}" "${CELL[@]}" --quiet --duration 0.5 --out out/r
    within 10 compgen -G 'out/.copyscope-tmp-*'
    mkdir out/r
    echo mine >out/r/thesis.txt
    wait "$run_pid"
    [ "$(cat run.out)" = out/r-2 ]
    grep -q 'taken' run.err
    is_sound out/r-2
    [ "$(ls -A out/r)" = thesis.txt ]
}

@test "without --out runs of the same second have a report each" {
    export COPYSCOPE_REPORTS=$PWD/reports
    for i in 1 2 3; do
        copyscope "${SHORT[@]}" "${CELL[@]}" --quiet >"path$i" 3>&- &
    done
    wait
    [ "$(sort -u path1 path2 path3 | wc -l)" -eq 3 ]
    for i in 1 2 3; do is_valid "$(cat "path$i")"; done
}

@test "an unwritable place is refused before anything is measured" {
    small_tmpfs ro
    run -1 --separate-stderr copyscope "${SHORT[@]}" "${CELL[@]}" --out "$mounted/r"
    one_line "Read-only file system" --out
    run -1 --separate-stderr copyscope "${SHORT[@]}" "${CELL[@]}" --out out/no/such/r
    one_line out/no/such --out
    run -1 --separate-stderr copyscope "${SHORT[@]}" "${CELL[@]}" --out /proc/nowhere/r
    one_line --out
    export COPYSCOPE_REPORTS=$mounted/reports
    run -1 --separate-stderr copyscope "${SHORT[@]}" "${CELL[@]}"
    one_line "Read-only file system" --out
    as_before "$before" out
}

@test "a mount point can have the report as well" {
    small_tmpfs size=8m
    run -0 --separate-stderr copyscope "${SHORT[@]}" "${CELL[@]}" --quiet --out "$mounted"
    is_sound "$mounted"
    run -0 --separate-stderr copyscope report "$mounted"
    [ -s "$mounted/index.html" ]
    as_before "$before" out
}

# ---- the machine lacks something ----

@test "no BTF: exit 77 and the remedy" {
    run -77 --separate-stderr elsewhere "mount -t tmpfs none /sys/kernel/btf;
        for f in /boot/vmlinux-$(uname -r) /lib/modules/$(uname -r)/build/vmlinux; do
            [ ! -e \$f ] || mount --bind /dev/null \$f; done" "${SHORT[@]}" "${CELL[@]}" --out out/r
    one_line BTF
    [ -z "$output" ]
    as_before "$before" out
}

@test "no iproute2: exit 77 and the remedy" {
    run -77 --separate-stderr elsewhere 'for ip in /usr/sbin/ip /sbin/ip /usr/bin/ip /bin/ip; do
            [ ! -e $ip ] || mount --bind /proc/version $ip; done' "${SHORT[@]}" "${CELL[@]}" --out out/r
    one_line iproute2
    [ -z "$output" ]
    as_before "$before" out
}

@test "no cgroup v2 hierarchy mounted: one is used all the same, and the counts are exact" {
    run -0 --separate-stderr elsewhere 'while mount=$(findmnt -rn -t cgroup2 -o TARGET | head -n 1) &&
            [ -n "$mount" ]; do umount -l "$mount"; done' "${SHORT[@]}" "${MODES[@]}" --quiet --out out/r
    is_sound out/r
    rm -r out/r
    as_before "$before" out
}

@test "no cgroup v2 at all: exit 77 and the remedy" {
    build_preload <<'END'
#include <errno.h>
#include <stdarg.h>
#include <sys/syscall.h>
/* fsopen("cgroup2") fails as on a kernel without it. */
long syscall(long nr, ...)
{
	static long (*next)(long, ...);
	va_list ap;
	long a[6];
	int i;

	va_start(ap, nr);
	for (i = 0; i < 6; i++)
		a[i] = va_arg(ap, long);
	va_end(ap);
	if (nr == SYS_fsopen) {
		errno = ENODEV;
		return -1;
	}
	if (!next)
		next = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
	return next(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
}
END
    run -77 --separate-stderr elsewhere 'while mount=$(findmnt -rn -t cgroup2 -o TARGET | head -n 1) &&
            [ -n "$mount" ]; do umount -l "$mount"; done; export LD_PRELOAD='"$PWD/preload.so" \
        "${SHORT[@]}" "${CELL[@]}" --out out/r
    one_line "cgroup v2" mount
    as_before "$before" out
}

# build_preload: a library of the C on stdin, to stand before libc's functions.
build_preload() {
    local cc=${CC:-gcc}
    need "$cc"
    { printf '#define _GNU_SOURCE\n#include <dlfcn.h>\n#include <stddef.h>\n#include <string.h>\n'; cat; } |
        "$cc" -shared -fPIC -o preload.so -x c -
    export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0
}

@test "the names of the namespaces are taken: one line with the remedy, and they stay as they were" {
    # dice that always fall the same
    build_preload <<'END'
#include <sys/types.h>
ssize_t getrandom(void *buf, size_t len, unsigned flags)
{
	(void)flags;
	memset(buf, 0xab, len);
	return (ssize_t)len;
}
END
    ip netns add cs-ababab-srv
    taken=cs-ababab-srv
    run -1 --separate-stderr marked env LD_PRELOAD="$PWD/preload.so" "$COPYSCOPE" "${SHORT[@]}" \
        "${CELL[@]}" --out out/r
    [ "${#stderr_lines[@]}" -eq 1 ]
    [[ $stderr == *"cs-"* && $stderr == *"ip netns"* ]]
    ip netns list | grep -q cs-ababab-srv
    ip netns delete cs-ababab-srv
    taken=
    # with the name free the same dice will do
    run -0 --separate-stderr marked env LD_PRELOAD="$PWD/preload.so" "$COPYSCOPE" "${SHORT[@]}" \
        "${CELL[@]}" --quiet --out out/r
    rm -r out/r
    as_before "$before" out
}

@test "the results cannot be handed to the report's writer: another one gets them" {
    need strace
    # which of its writes it is; the first run may clean up after others, and says so
    for _ in 1 2; do
        marked strace -y -qq -o log -e trace=write "$COPYSCOPE" run "${CELL[@]}" --duration 0.05 --repeat 1 --quiet \
            --format json --out out/r
        rm -r out/r
    done
    n=$(grep '^write(' log | grep -n 'memfd:results.json' | head -n 1 | cut -d: -f1)
    marked strace -qq -o log -e trace=write -e inject=write:error=ENOSPC:when="$n" "$COPYSCOPE" run "${CELL[@]}" \
        --duration 0.05 --repeat 1 --quiet --format json --out out/r 2>stderr
    grep -q INJECTED log
    grep -q 'hand over the results for the report: No space left on device' stderr
    grep -q 'another begins' stderr
    is_valid out/r
    rm -r out/r
    as_before "$before" out
}

@test "no disk says that it keeps what was measured: it is written all the same, and said where" {
    need strace
    mkdir tmp
    export TMPDIR=$PWD/tmp
    status=0
    marked strace -f -qq -o log -e trace=fdatasync -e inject=fdatasync:error=EINTR "$COPYSCOPE" run "${CELL[@]}" \
        --duration 0.05 --repeat 1 --quiet --format json --out out/r 2>stderr || status=$?
    [ "$status" = 1 ]
    grep -q INJECTED log
    saved=$(sed -n 's/.*; the measurement is in \([^:]*\): .*/\1/p' stderr)
    is_valid "$saved"
    rm -r "$saved"
    unset TMPDIR
    as_before "$before" out
}
