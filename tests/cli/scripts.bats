#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# The scripts around the program: what deps.sh finds missing and installs, what profile.sh does
# before it hands over, what lint.sh and run.sh catch. Each test works in a copy of the scripts in a
# path with a blank; installers are fakes that write down how they were called.

bats_require_minimum_version 1.5.0

setup() {
    repo=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    tree="$BATS_TEST_TMPDIR/a tree"
    fakes=$BATS_TEST_TMPDIR/bin
    calls=$BATS_TEST_TMPDIR/calls
    mkdir -p "$tree" "$fakes"
    cp -r "$repo/scripts" "$repo/profile.sh" "$tree/"
    chmod -R a+rX "$BATS_RUN_TMPDIR"
    : >"$calls"
    chmod a+w "$calls"
}

fake() { # NAME BODY
    rm -f "$fakes/$1"
    printf '#!/bin/bash\necho "%s $*" >>"%s"\n%s\n' "$1" "$calls" "${2:-}" >"$fakes/$1"
    chmod 755 "$fakes/$1"
}

# A PATH with the base system's commands, the fakes, and nothing that could compile.
bare_path() {
    local name
    for name in bash cat chmod cut dirname env find grep head id mktemp nproc printf readlink rm setpriv \
        stat tail uname; do
        [ -e "$fakes/$name" ] || ln -s "$(command -v "$name")" "$fakes/$name"
    done
    PATH=$fakes
}

# Run as an ordinary user, whoever we are.
as_user() {
    if [ "$EUID" = 0 ]; then
        setpriv --reuid=65534 --regid=65534 --clear-groups -- "$@"
    else
        "$@"
    fi
}

need_root() {
    [ "$EUID" = 0 ] || skip "needs root"
}

# A tree that "builds" a copyscope which prints each of its arguments on a line.
buildable_tree() {
    cat >"$tree/Makefile" <<'END'
all: build/copyscope server client
server client: %: build/%
	ln -sf $< $@
build/%:
	mkdir -p build && printf '#!/bin/sh\nprintf "<%%s>\\n" "$$@"\n' >$@ && chmod +x $@
END
}

@test "deps: --check names what is missing and the command that installs it" {
    fake apt-get
    fake apt-cache 'echo "Package: x"'
    bare_path
    run -77 "$tree/scripts/deps.sh" --check build
    [[ $output == *"missing: gcc make binutils clang"* ]]
    [[ $output == *"sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y"*" clang"* ]]
    run ! grep -q apt-get "$calls"
}

@test "deps: an ordinary user gets 77 and the command, and nothing is installed" {
    fake apt-get
    fake apt-cache 'echo "Package: x"'
    bare_path
    run -77 as_user "$tree/scripts/deps.sh" build
    [[ $output == *"needs root: sudo env "*"apt-get install"* ]]
    run ! grep -q apt-get "$calls"
}

@test "deps: no package manager it knows: names the packages, 77" {
    bare_path
    run -77 "$tree/scripts/deps.sh" build
    [[ $output == *"no apt-get, dnf or pacman"*"clang"* ]]
}

@test "deps: Fedora and Arch have their own names and commands" {
    fake dnf
    fake pacman
    bare_path
    run -77 "$tree/scripts/deps.sh" --check build
    [[ $output == *"sudo dnf install -y"*" gcc "*" clang"* ]]
    rm "$fakes/dnf"
    run -77 "$tree/scripts/deps.sh" --check test
    [[ $output == *"sudo pacman -S --needed --noconfirm"*" bash-bats"* ]]
}

@test "deps: known packages are installed without fetching the lists first" {
    need_root
    fake apt-cache 'echo "Package: x"'
    fake apt-get
    bare_path
    run -1 "$tree/scripts/deps.sh" build # the fake installs nothing, and that is noticed
    [[ $output == *"installing gcc make"* ]]
    [[ $output == *"still not found: gcc make"* ]]
    grep -q '^apt-get install -y --no-install-recommends gcc make' "$calls"
    run ! grep -q '^apt-get update' "$calls"
}

@test "deps: lists are fetched when they do not know a package, and a failure is explained" {
    need_root
    fake apt-cache
    fake apt-get '[ "$1" = update ] || { echo "E: no space left"; exit 100; }'
    bare_path
    run -1 "$tree/scripts/deps.sh" build
    [ "$(grep -c '^apt-get update' "$calls")" = 1 ]
    [[ $output == *"E: no space left"* ]]
    [[ $output == *"run yourself: env DEBIAN_FRONTEND=noninteractive apt-get install"* ]]
}

@test "deps: no mirror answers, with which apt-get update is content: says that it is the network" {
    need_root
    fake apt-cache
    fake apt-get 'printf "Err:1 http://mirror InRelease\n  no route\nReading package lists...\n"
        echo "W: Failed to fetch http://mirror/InRelease: no route"'
    bare_path
    run -1 "$tree/scripts/deps.sh" build
    [[ $output == *"W: Failed to fetch"*"apt-get update failed: check the network"* ]]
    run ! grep -q '^apt-get install' "$calls"
}

@test "deps: a mirror without what we want may fail" {
    need_root
    fake apt-cache "grep -q '^apt-get update' '$calls' && echo 'Package: x'"
    fake apt-get '[ "$1" = install ] || echo "Err:1 http://other InRelease"'
    bare_path
    run -1 "$tree/scripts/deps.sh" build # the fake installs nothing
    grep -q '^apt-get install' "$calls"
}

@test "deps: stale lists are fetched again, once" {
    need_root
    fake apt-cache 'echo "Package: x"'
    fake apt-get '[ "$1" = update ] || exit 100'
    bare_path
    run -1 "$tree/scripts/deps.sh" build
    [ "$(grep -c '^apt-get update' "$calls")" = 1 ]
    [ "$(grep -c '^apt-get install' "$calls")" = 2 ]
}

@test "deps: what Debian would start and enable is neither, and the policy goes with the installation" {
    need_root
    policy=$BATS_TEST_TMPDIR/policy
    sed -i "s|^policy=.*|policy=$policy|; /^PATH=/d" "$tree/scripts/deps.sh" # they live in sbin
    bare_path
    fake apt-get "for name in nginx haproxy.service cron; do
        '$policy' \$name start; echo \"\$name \$?\" >>'$calls'; done"
    fake apt-cache 'echo "Package: $3"'
    fake update-rc.d
    run -1 "$tree/scripts/deps.sh" test # the fake installs nothing
    grep -q '^apt-get install .*nginx' "$calls"
    for line in "nginx 101" "haproxy.service 101" "cron 0" \
        "update-rc.d nginx disable" "update-rc.d haproxy disable"; do
        grep -qxF "$line" "$calls"
    done
    [ ! -e "$policy" ]

    : >"$calls"
    echo theirs >"$policy"
    run -1 "$tree/scripts/deps.sh" test
    [ "$(cat "$policy")" = theirs ]
    rm "$policy"

    : >"$calls"
    run -1 "$tree/scripts/deps.sh" build
    run -1 grep -E '^nginx 101|update-rc.d' "$calls"
}

@test "deps: unknown group, no group, help" {
    run -2 "$tree/scripts/deps.sh" biuld
    [[ $output == *"'biuld'"*"--help"* ]]
    run -2 "$tree/scripts/deps.sh"
    run -0 "$tree/scripts/deps.sh" --help
    [[ $output == usage:* ]]
}

@test "deps: each row of the table has its five columns and a known check" {
    run -0 awk '/<<END/ { on = 1; next } /^END/ { exit }
        on && !/^#/ && (NF != 5 || $1 !~ /^(build|run|test|browser|vm|package|bench)$/ ||
                        $2 !~ /^(cmd|run|hdr|gcc|arm|py|font):/) { print; bad = 1 }
        on { rows++ } END { exit bad || rows < 20 }' "$tree/scripts/deps.sh"
}

@test "deps: a test that skips for want of a program names the group that installs it" {
    local file programs group name found=0
    while IFS=: read -r file programs group; do
        for name in ${programs/ or / }; do
            found=$((found + 1))
            grep -qE "^$group +cmd:$name " "$repo/scripts/deps.sh" ||
                { echo "$file: $name is not in the group $group"; return 1; }
        done
    done < <(cd "$repo" && grep -roE '"([a-z]+ or )?[a-z]+ is not installed: scripts/deps.sh [a-z]+' tests |
        sed 's/"//; s/ is not installed: scripts.deps.sh /:/')
    [ "$found" -ge 10 ]
}

@test "a TMPDIR that cannot be used: one line with the remedy, from every script" {
    buildable_tree
    mkdir "$tree/tests"
    cp -r "$repo/tests/run.sh" "$repo/tests/golden" "$repo/tests/browser" "$tree/tests/"
    for script in scripts/test.sh tests/run.sh tests/golden/run.sh tests/browser/run.sh; do
        TMPDIR=/nowhere run -1 "$tree/$script"
        echo "$script: $output"
        [ "${#lines[@]}" = 1 ]
        [[ $output == *"cannot write in /nowhere: "*TMPDIR* ]]
    done
    [ "$EUID" = 0 ] || return 0
    TMPDIR=/nowhere run -1 "$tree/profile.sh" --no-install
    [ "${lines[-1]}" = "profile.sh: cannot write in /nowhere: free some space there, or set TMPDIR to another directory" ]
    [ "${#lines[@]}" = 2 ] # it said that it builds
}

@test "test.sh: --help, and an argument it does not know" {
    run -0 "$tree/scripts/test.sh" --help
    [[ $output == usage:*--all* ]]
    run -2 "$tree/scripts/test.sh" --al
    [ "${#lines[@]}" = 1 ]
    [[ $output == *"'--al'"*"--help"* ]]
}

@test "profile: an ordinary user is told to use sudo, before anything is installed or built" {
    fake apt-get
    bare_path
    run -77 as_user "$tree/profile.sh" --mode all
    [[ $output == *"needs root: sudo ./profile.sh --mode all"* ]]
    [ ! -s "$calls" ]
    [ ! -e "$tree/build" ]
}

@test "profile: --help needs no root, no build and installs nothing; from any directory" {
    fake apt-get
    bare_path
    cd /
    run -0 as_user "$tree/profile.sh" --help
    [[ $output == usage:*"--no-install"* ]]
    [ ! -s "$calls" ]
}

@test "profile: --help shows copyscope's own help once that is built" {
    buildable_tree
    make -s -C "$tree"
    run -0 as_user "$tree/profile.sh" --mode A1 --help
    [[ $output == *"--no-install"*"<run>"*"<--help>"* ]]
}

@test "profile: builds, passes every option on as it is, and is silent the second time" {
    need_root
    buildable_tree
    ln -s "$tree/profile.sh" "$BATS_TEST_TMPDIR/link.sh"
    cd /
    run -0 "$BATS_TEST_TMPDIR/link.sh" --no-install --mode all --out "x  y" --bogus '*' ''
    [[ $output == *"profile.sh: building"* ]]
    [[ $output == *$'<run>\n<--mode>\n<all>\n<--out>\n<x  y>\n<--bogus>\n<*>\n<>' ]]
    run -0 "$BATS_TEST_TMPDIR/link.sh" --no-install
    [ "$output" = "<run>" ]
}

@test "profile: without a compiler and without a network it stops, and says why" {
    need_root
    buildable_tree
    fake apt-cache 'echo "Package: x"'
    fake apt-get 'echo "E: no route to the mirror"; exit 100'
    bare_path
    run -1 "$tree/profile.sh"
    [[ $output == *"E: no route to the mirror"*"apt-get update failed"* ]]
    [[ $output != *building* ]]
}

@test "profile: what only the plots need may be missing" {
    need_root
    buildable_tree
    fake apt-cache 'echo "Package: x"'
    fake apt-get 'exit 100'
    for name in gcc make ld clang bpftool flock mkdir chmod ln sh; do
        ln -s "$(command -v "$name")" "$fakes/$name"
    done
    bare_path
    run -0 "$tree/profile.sh" --mode A1
    [[ $output == *"installing gnuplot-nox"*"going on without what could not be installed"* ]]
    [[ $output == *$'<run>\n<--mode>\n<A1>' ]]
}

@test "profile: a build that fails shows why and what to do, exit 1" {
    need_root
    printf 'all:\n\t@echo "x.c:1: error: the reason"; exit 1\n' >"$tree/Makefile"
    run -1 "$tree/profile.sh" --no-install
    [[ $output == *"error: the reason"*"the build failed"*"V=1"* ]]
}

@test "profile: --no-install without make says what is missing, 77" {
    need_root
    fake apt-get
    fake apt-cache 'echo "Package: x"'
    bare_path
    run -77 "$tree/profile.sh" --no-install
    [[ $output == *"missing: gcc make"*"cannot build: leave --no-install out"* ]]
    run ! grep -q '^apt-get' "$calls"
}

@test "profile: a tree of the user behind sudo gets no file of root's" {
    need_root
    buildable_tree
    chown -R 65534:65534 "$tree"
    SUDO_UID=65534 SUDO_USER=nobody run -0 "$tree/profile.sh" --no-install
    [ -z "$(find "$tree" ! -uid 65534)" ]
}

# A source of the tree with its licence in line 1 and what follows from line 2 on.
source_file() { # FILE LINE...
    mkdir -p "$tree/${1%/*}"
    printf '%s\n' '// SPDX-License-Identifier: GPL-2.0-only' "${@:2}" >"$tree/$1"
}

functions() { # COUNT LINES
    local i
    for ((i = 0; i < $1; i++)); do
        printf '%s\n' 'int f(void)' '{'
        yes '	;' | head -n $(($2 - 2))
        echo '}'
    done
}

# FILE | its line 2, which breaks a rule | what lint says of it; a breach a file.
breaches() {
    cat <<'END'
userspace/core/perf.c|#include "perf/x.h"|core/ may not include perf/x.h
userspace/core/analysis.c|#include "analysis/x.h"|core/ may not include analysis/x.h
userspace/core/report.c|#include "report/x.h"|core/ may not include report/x.h
userspace/core/elf.c|#include <libelf.h>|core/ is libc and jansson only
userspace/workload/testbed.c|#include "testbed/x.h"|workload/ may not include testbed/x.h
userspace/testbed/workload.c|#include "workload/x.h"|testbed/ may not include workload/x.h
userspace/probe/perf.c|#include "perf/x.h"|probe/ may not include perf/x.h
userspace/perf/sym.c|#include "sym/x.h"|perf/ may not include sym/x.h
userspace/perf/folder.c|#include "x.h"|include by folder: "perf/x.h"
userspace/sym/observe.c|#include "observe/x.h"|sym/ may not include observe/x.h
userspace/observe/report.c|#include "report/x.h"|observe/ may not include report/x.h
userspace/observe/workload.c|#include "workload/x.h"|observe/ may not include workload/x.h
userspace/analysis/report.c|#include "report/x.h"|analysis/ may not include report/x.h
userspace/report/probe.c|#include "probe/probe.h"|report/ may not include probe/probe.h
userspace/report/observe.c|#include "observe/x.h"|report/ may not include observe/x.h
userspace/report/cmd.c|#include "cmd/x.h"|report/ may not include cmd/x.h
userspace/main.c|#include "report/x.h"|main/ may not include report/x.h
userspace/report/bpf.c|#include <bpf/libbpf.h>|may include bpf/libbpf.h
userspace/observe/skel.c|#include "copyscope.skel.h"|may include copyscope.skel.h
userspace/cmd/abi.c|#include "bpf/copyscope_abi.h"|may include bpf/copyscope_abi.h
userspace/cmd/private.h|#include "probe/registry.h"|may include probe/registry.h
userspace/observe/private.c|  # include "probe/session.h"|may include probe/session.h
userspace/probe/probe.h|#include "bpf/copyscope_abi.h"|which probe.h is not, may include bpf/
userspace/analysis/print.c|	printf("words");|analysis/ prints nothing
userspace/analysis/stream.c|	fputs("words", out);|analysis/ prints nothing
userspace/analysis/draw.h|void draw(FILE *out);|analysis/ prints nothing
userspace/cmd/mode.c|	if (!strcmp(mode->name, "A3"))|compare of a mode's name
userspace/report/mode.c|	if (!strcasecmp("A1", name))|compare of a mode's name
tests/mode.jq|  select(.mode == "A2")|compare of a mode's name
tests/vm/mode.sh|jq 'select(.mode != "A2")'|compare of a mode's name
userspace/core/table.def.h|{|a function, and *.def.h are tables
userspace/core/version.c|#if LINUX_VERSION_CODE > 1|version compare
bpf/sec.bpf.c|SEC("tp_btf/x")|SEC("tp_btf/x: a program's section begins with "?"
END
}

@test "lint: finds each kind of breach" {
    local file line words found spdx='SPDX-License-Identifier: GPL-2.0-only'
    while IFS='|' read -r file line words; do
        source_file "$file" "$line"
    done < <(breaches)
    printf 'int x;\n' >"$tree/userspace/core/spdx.c"
    source_file userspace/new/x.c
    source_file userspace/core/big.c "$(yes 'int x;' | head -n 450)"
    source_file userspace/core/long.c "$(functions 1 61)"
    source_file bpf/many.bpf.c "$(functions 8 25; functions 1 26)"
    printf '# %s\nx="/ho''me/someone/x"\n' "$spdx" >"$tree/scripts/path.sh"
    run -1 "$tree/scripts/lint.sh"
    while IFS='|' read -r file line words; do
        found=$(grep -F "$file:2: " <<<"$output") || found=nothing
        [[ $found == *"$words"* && $found != *$'\n'* ]] || { echo "$file: $found"; return 1; }
    done < <(breaches)
    for found in 'core/spdx.c:1: no SPDX' 'scripts/path.sh:2: a path of one' \
        'userspace/new/x.c:1: new/ has no row' 'core/big.c: 451 lines, more than 450' \
        'core/long.c:3: function of 61 lines, more than 60' \
        '90th percentile of 10 functions is 26 lines, more than 25'; do
        [[ $output == *"$found"* ]] || { echo "not found: $found"; return 1; }
    done
}

@test "lint: what is within the rules passes" {
    source_file userspace/core/big.c '#include <jansson.h>' '#include <sys/stat.h>' \
        "$(yes 'int x;' | head -n 447)"
    source_file userspace/core/long.c "$(functions 1 60)"
    source_file bpf/many.bpf.c "$(functions 9 25)"
    source_file tests/unit/test_x.c "$(functions 5 60)" # counts in no percentile
    source_file userspace/core/table.def.h 'ROW(A1, "A1", "strcmp")' '};'
    source_file userspace/workload/x.c '#include "core/x.h"' '#include "workload/y.h"' \
        '	.name = "A1", .aliases = (const char *const[]){"0", NULL},'
    source_file userspace/probe/probe.h '#include "core/x.h"'
    source_file userspace/probe/registry.h '#include "bpf/copyscope_abi.h"' \
        '#include "probe/probe.h"'
    source_file userspace/probe/x.c '#include <bpf/libbpf.h>' '#include "copyscope.skel.h"' \
        '#include "probe/registry.h"'
    source_file userspace/sym/x.c '#include <elfutils/libdwfl.h>'
    source_file userspace/observe/x.c '#include "probe/probe.h"' '#include "perf/x.h"' \
        '#include "sym/x.h"' '#include "core/x.h"'
    source_file userspace/analysis/x.c '#include "core/x.h"' 'int f(FILE_MODE m);' \
        '	snprintf(id, sizeof(id), "%d", 1);' '	return fail_r(-EINVAL, "line %d", 1);'
    source_file userspace/report/x.c '#include "analysis/x.h"' '#include <zlib.h>' \
        '	fprintf(out, "words");'
    source_file userspace/cmd/x.c '#include "observe/x.h"' '#include "workload/x.h"' \
        '#include "testbed/x.h"' '#include "probe/probe.h"' '#include "report/x.h"' \
        '#include "analysis/x.h"'
    source_file userspace/main.c '#include "cmd/x.h"' '#include "core/x.h"' '	strcmp(word, "--help");'
    source_file bpf/sec.bpf.c 'SEC("?tp_btf/a")' 'SEC("license")' 'SEC(".maps")'
    source_file tests/x.jq 'select(.mode == $mode)'
    run -0 "$tree/scripts/lint.sh"
}

# tests/run.sh counts what it is told, and what it is not told.
runner_tree() {
    mkdir -p "$tree/tests/unit" "$tree/tests/cli" "$tree/build/tests"
    cp "$repo/tests/run.sh" "$tree/tests/"
    unset OUT COUNTS V
}

unit_program() { # NAME BODY
    touch "$tree/tests/unit/$1.c"
    printf '#!/bin/sh\n%s\n' "$2" >"$tree/build/tests/$1"
    chmod 755 "$tree/build/tests/$1"
}

@test "run.sh: counts passed, failed and skipped tests and lists the reasons" {
    runner_tree
    unit_program test_a 'printf "1..4\nok 1 - a\nnot ok 2 - b\nno fuel\nnot ok 3 # SKIP c\nok 4 - d\n"; exit 1'
    printf '@test "x" { true; }\n@test "y" { skip "no water"; }\n' >"$tree/tests/cli/x.bats"
    run -1 "$tree/tests/run.sh"
    [ "${lines[-1]}" = "3 passed, 1 failed, 2 skipped" ]
    [[ $output == *"unit/test_a: c: no fuel"* && $output == *"cli/x.bats: y: no water"* ]]
}

@test "run.sh: a program that dies, stops early, hangs or was not built has failed" {
    runner_tree
    unit_program test_dies 'kill -SEGV $$'
    unit_program test_early 'printf "1..3\nok 1 - a\n"'
    unit_program test_late 'printf "1..1\nok 1 - a\n"; exit 1'
    unit_program test_hangs 'sleep 60'
    touch "$tree/tests/unit/test_absent.c"
    sed -i 's/\[unit\]=120/[unit]=1/' "$tree/tests/run.sh"
    run -1 "$tree/tests/run.sh" unit
    [ "${lines[-1]}" = "2 passed, 6 failed, 0 skipped" ]
    [[ $output == *"time limit of 1 s"* ]]
}

@test "run.sh: selects by kind and name; nothing selected is a failure" {
    runner_tree
    unit_program test_a 'printf "1..1\nok 1 - a\n"'
    unit_program test_b 'printf "1..1\nok 1 - b\n"'
    run -0 "$tree/tests/run.sh" unit _b
    [ "${lines[-1]}" = "1 passed, 0 failed, 0 skipped" ]
    run -1 "$tree/tests/run.sh" unit nothing
}

@test "benchmarks: an interval covers 95 of 100, and says so where it cannot" {
    local n
    for n in 5 6 9 20; do
        # shellcheck source=tests/bench/common.sh
        run bash -c ". '$BATS_TEST_DIRNAME/../bench/common.sh'; seq $n | shuf | interval %g"
        [ "$status" -eq 0 ]
        case $n in
        5) [ "$output" = "3 [1 .. 5] 93.8 %" ] ;;
        6) [ "$output" = "3.5 [1 .. 6] 96.9 %" ] ;;
        9) [ "$output" = "5 [2 .. 8] 96.1 %" ] ;;
        20) [ "$output" = "10.5 [6 .. 15] 95.9 %" ] ;;
        esac
    done
}
