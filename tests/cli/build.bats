#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# The Makefile, in a copy of the tree in a path with a blank. Where only its decisions matter the
# compilers are fakes that touch what they should write: everything is "built" in a second.

bats_require_minimum_version 1.5.0

setup() {
    repo=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    built=${OUT:-$repo/build}
    unset OUT SAN CC CPPFLAGS CFLAGS EXTRA_CFLAGS LDFLAGS CLANG BPFTOOL MAKEFLAGS MAKELEVEL
    needs make
    copy_tree "$BATS_TEST_TMPDIR/a tree"
    cd "$BATS_TEST_TMPDIR/a tree" || return
}

needs() { # PROGRAM...
    local program
    for program; do
        command -v "$program" >/dev/null || skip "$program is not installed: scripts/deps.sh build"
    done
}

copy_tree() { # DIR
    mkdir -p "$1"
    cp -r "$repo"/{Makefile,CHANGELOG.md,LICENSE,bpf,completions,debian,man,scripts,userspace,vmlinux} "$1/"
}

fake_compilers() {
    fakes=$BATS_TEST_TMPDIR/bin
    mkdir "$fakes"
    # shellcheck disable=SC2016
    printf '#!/bin/sh\nwhile [ $# -gt 1 ] && [ "$1" != -o ]; do shift; done\n: >"$2"\n' >"$fakes/gcc"
    # shellcheck disable=SC2016
    printf '#!/bin/sh\n[ "$2" = skeleton ] || : >"$3"\n' >"$fakes/bpftool"
    chmod 755 "$fakes"/*
    for name in cc clang ld; do ln -s gcc "$fakes/$name"; done
    PATH=$fakes:$PATH
    export BPFTOOL=bpftool
    # a few sources of each kind will do
    find bpf userspace -name '*.c' ! -name main.c ! -name '*_main.c' ! -name util.c ! -name 'co*.bpf.c' -delete
}

@test "make: the same source makes the same bytes in two directories, one with a blank" {
    local objects=(build/main.o build/core/util.o build/assets/report.css.o build/bpf.o)
    needs gcc ld clang
    copy_tree "$BATS_TEST_TMPDIR/elsewhere"
    make -s "${objects[@]}"
    make -s -C "$BATS_TEST_TMPDIR/elsewhere" "${objects[@]}"
    for object in "${objects[@]}"; do
        cmp "$object" "$BATS_TEST_TMPDIR/elsewhere/$object"
        run ! grep -qaF "$BATS_TEST_TMPDIR" "$object"
    done
}

@test "make: when all is built, -q says so; ./server and ./client are there" {
    fake_compilers
    run -1 make -q
    make -s
    run -0 make -q
    run -0 make -q WERROR=1
    [ ./server -ef build/server ]
    [ ./client -ef build/client ]
    rm build/server
    run -1 make -q
    make -s
    run -0 make -q
    make -s OUT=build-x
    run -0 make -q OUT=build-x
}

@test "make: another compiler, other flags or another version build everything anew" {
    fake_compilers
    make -s
    for other in CC=gcc CFLAGS=-O0 CPPFLAGS=-DY EXTRA_CFLAGS=-DX LDFLAGS=-s SAN=1 "VERSION=it's new"; do
        run -1 make -q OUT=build "$other"
    done
    run -0 make -q # asking changed nothing
    run -0 make CFLAGS=-O0
    [[ $output == *"CC       core/util.o"*"LINK     copyscope"* ]]
    run -0 make CFLAGS=-O0
    [[ $output == *"Nothing to be done"* ]]
    run -1 make -q
    run -0 make CFLAGS=-O0 CLANG=gcc build/copyscope.bpf.o
    [[ $output == *"BPF      bpf.o"* ]]
}

@test "make: install and uninstall in a directory with a blank" {
    local root="$BATS_TEST_TMPDIR/a root"
    fake_compilers
    make -s
    make -s install DESTDIR="$root" PREFIX=/opt/x
    [ -x "$root/opt/x/bin/copyscope" ]
    [ -x "$root/opt/x/libexec/copyscope/server" ]
    grep -q '^ExecStart=/opt/x/bin/copyscope attach ' "$root/opt/x/lib/systemd/system/copyscope.service"
    diff <(cd man && ls copyscope*.8) <(ls "$root/opt/x/share/man/man8")
    [ -f "$root/opt/x/share/bash-completion/completions/copyscope" ]
    [ -f "$root/opt/x/share/zsh/site-functions/_copyscope" ]
    [ -f "$root/opt/x/share/fish/vendor_completions.d/copyscope.fish" ]
    [ ! -e "$BATS_TEST_TMPDIR/a" ]
    make -s uninstall DESTDIR="$root" PREFIX=/opt/x
    [ -z "$(find "$root" ! -type d)" ]
    make -s install DESTDIR="$root" PREFIX=/usr
    [ -f "$root/usr/share/zsh/vendor-completions/_copyscope" ]
    make -s uninstall DESTDIR="$root" PREFIX=/usr
    [ -z "$(find "$root" ! -type d)" ]
}

@test "make: clean removes every build, that in OUT, too, and nothing that is none" {
    fake_compilers
    make -s OUT=other other/core/util.o
    mkdir build build-san mine reports
    make -s clean OUT=other
    [ ! -e build ]
    [ ! -e build-san ]
    [ ! -e other ]
    [ -e reports ]
    make -s clean OUT=mine
    [ -e mine ]
}

@test "make: help names no variable of make's; a blank in OUT is refused in one line" {
    run -0 make -s help
    [[ $output == *"  fuzz "*"  install "* ]]
    [[ $output != *'$('* ]]
    run -2 make OUT="x y"
    [ "${#lines[@]}" = 1 ]
    [[ $output == *"OUT=x y"*blanks* ]]
}

@test "make: CPPFLAGS and LDFLAGS reach the programs and no BPF" {
    run -0 make -n V=1 OUT=x CPPFLAGS=-Dhost_only LDFLAGS=-Lhost_only x/copyscope x/server
    [ "$(grep -c 'Dhost_only.* -c ' <<<"$output")" -gt 50 ]
    [ "$(grep -c 'Lhost_only.* -o x/' <<<"$output")" = 2 ]
    run -0 grep '^clang -target bpf' <<<"$output"
    [[ $output != *host_only* ]]
}

version() {
    sed -n 's/^## \[\([0-9][^]]*\)\].*/\1/p' CHANGELOG.md | head -n 1
}

@test "make: CHANGELOG.md and debian/changelog name the same version" {
    [[ $(version) =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]]
    [[ $(head -n 1 debian/changelog) == "copyscope ($(version)) "* ]]
}

@test "make dist: the same bytes from a checkout and from its own tarball, which builds without git" {
    local tarball
    tarball=copyscope-$(version).tar.gz
    [ -e "$repo/.git" ] || skip "no checkout: the tree may hold more than was committed"
    "$repo/scripts/dist.sh" "$BATS_TEST_TMPDIR/$tarball"
    mkdir "$BATS_TEST_TMPDIR/unpacked"
    tar -C "$BATS_TEST_TMPDIR/unpacked" -xf "$BATS_TEST_TMPDIR/$tarball"
    cd "$BATS_TEST_TMPDIR/unpacked/${tarball%.tar.gz}"
    make -s dist
    cmp "build/$tarball" "$BATS_TEST_TMPDIR/$tarball"
    fake_compilers
    make -s
    [ -e build/copyscope ]
}

# Of elfutils 0.192 in Debian 13 libelf.a and libdw.a need functions that are in neither.
static_libdw() {
    local file
    for file in elf dw; do nm "$(gcc -print-file-name=lib$file.a)" 2>/dev/null; done >symbols
    ! grep -q ' U eu_' symbols || grep -q ' T eu_' symbols
}

@test "make static: no program needs a library, and a report is the same" {
    local out=${built#"$repo/"} program
    needs gcc ldd nm
    static_libdw || skip "the libdw.a of this distribution lacks parts of itself (libeu)"
    make -q -C "$repo" OUT="$out" "$out/copyscope" 2>/dev/null || skip "$out is not built, or with other flags"
    make -s -C "$repo" OUT="$out" static 2>&1
    for program in copyscope server client; do
        run ldd "$built/static/$program"
        [[ $output == *"not a dynamic executable"* ]]
        run -0 "$built/static/$program" --version
        [[ $output == *" $(version)" ]]
    done
    [ "$("$built/static/copyscope" list modes)" = "$("$built/copyscope" list modes)" ]
    mkdir normal
    cp "$repo/tests/golden/normal.json" normal/results.json
    "$built/static/copyscope" report --format csv,md normal
    cmp normal/results.csv "$repo/tests/golden/normal/results.csv"
}

@test "release: the same programs make the same files, wherever, whenever and by whom" {
    local out program
    needs strip dpkg
    [ -x "$built/copyscope" ] || skip "$built is not built"
    for out in here "$BATS_TEST_TMPDIR/over/there"; do
        mkdir -p "$out/static"
        echo source >"$out/copyscope-$(version).tar.gz"
        for program in copyscope server client; do cp "$built/$program" "$out/static/"; done
    done
    OUT=here scripts/release.sh "$(version)"
    find "$out" -exec touch -d 2001-01-01 {} +
    (umask 027 && TZ=Asia/Tokyo LC_ALL=C.UTF-8 OUT=$out scripts/release.sh "$(version)")
    diff -r here/release "$out/release"
    [ "$(wc -l <here/release/SHA256SUMS)" = 3 ]
}

@test "release: the SPDX document has what 2.3 demands, and the date of the release" {
    needs jq
    echo one >"$BATS_TEST_TMPDIR/copyscope-1.tar.gz"
    scripts/spdx.sh 1.2.3 "$BATS_TEST_TMPDIR/copyscope-1.tar.gz" >document
    scripts/spdx.sh 1.2.3 "$BATS_TEST_TMPDIR/copyscope-1.tar.gz" | cmp - document
    jq -e --arg sum "$(sha256sum <"$BATS_TEST_TMPDIR/copyscope-1.tar.gz" | cut -d ' ' -f 1)" '
        ([.SPDXID] + [.packages[], .files[] | .SPDXID]) as $ids |
        .spdxVersion == "SPDX-2.3" and .dataLicense == "CC0-1.0" and .SPDXID == "SPDXRef-DOCUMENT"
        and (.documentNamespace | test("^https://[^#]+$"))
        and (.creationInfo.created | test("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z$"))
        and all(.packages[]; (.name | length > 0) and has("downloadLocation"))
        and (.packages[0] | .name == "copyscope" and .versionInfo == "1.2.3" and .licenseDeclared == "GPL-2.0-only")
        and any(.files[0].checksums[]; .algorithm == "SHA1")
        and any(.files[0].checksums[]; .algorithm == "SHA256" and .checksumValue == $sum)
        and ($ids | all(test("^SPDXRef-[A-Za-z0-9.-]+$")) and length == (unique | length))
        and all(.relationships[]; [.spdxElementId, .relatedSpdxElement] - $ids == [])' document
    run -2 scripts/spdx.sh 1.2.3
    [ "${#lines[@]}" = 1 ]
}
