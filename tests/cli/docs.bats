#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# The scripts that hold documentation and vmlinux.h against their sources find what is wrong, and pass
# what is right.
bats_require_minimum_version 1.5.0

setup() {
    repo=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
}

need_btf() {
    [ -r /sys/kernel/btf/vmlinux ] || skip "this kernel has no BTF"
    command -v clang >/dev/null || skip "clang is not installed: scripts/deps.sh build"
}

# The documents and one script of the tree, with a report, where they can be spoilt.
copy_docs() {
    tree=$BATS_TEST_TMPDIR/tree
    mkdir -p "$tree/reports/sample"
    cp -r "$repo"/{README.md,CONTRIBUTING.md,LICENSE,docs,scripts,vmlinux} "$tree/"
    for folder in bpf userspace tests; do
        mkdir -p "$tree/$folder"
        cp "$repo/$folder/README.md" "$tree/$folder/"
    done
    mkdir "$tree/tests/golden"
    cp -r "$repo/tests/golden/attach-text" "$tree/tests/golden/"
    cp "$repo/tests/golden/normal/report.md" "$tree/reports/sample/"
    echo picture >"$tree/reports/sample/overview.png"
    OUT=${OUT:-$repo/build} "$tree/scripts/readme-excerpt.sh"
}

check_docs() {
    OUT=${OUT:-$repo/build} "$tree/scripts/readme-excerpt.sh" --check
}

@test "check-vmlinux: the header fits this kernel" {
    need_btf
    run -0 "$repo/scripts/check-vmlinux.sh"
    [ -z "$output" ]
}

@test "check-vmlinux: names a missing type, field and enumerator, and a changed shape" {
    need_btf
    sed -e 's/\bdata_len;/data_lenn;/' -e 's/__u16 sk_protocol;/__u32 sk_protocol;/' \
        -e 's/SOCK_ZEROCOPY = 0/SOCK_ZEROCOPYY = 0/' -e 's/\bkernfs_node\b/kernfs_nod/' \
        -e 's/cb\[48\]/cb[40]/' -e 's/struct css_set \*cgroups/struct css_set cgroups/' \
        -e 's/struct net \*net;/struct net *nett;/' -e 's/zerocopy : 1/zerocopy : 2/' \
        "$repo/vmlinux/vmlinux.h" >"$BATS_TEST_TMPDIR/vmlinux.h"
    VMLINUX_H=$BATS_TEST_TMPDIR/vmlinux.h run -1 --separate-stderr "$repo/scripts/check-vmlinux.sh"
    [ "${#lines[@]}" = 8 ]
    for word in "no field data_lenn" "sock.sk_protocol: integer of 2" "no SOCK_ZEROCOPYY" \
        "kernfs_nod: no such type" "sk_buff.cb: array of 48" "task_struct.cgroups: pointer" \
        "possible_net_t: no field nett" "zerocopy: bit field of 1"; do
        [[ $output == *"$word"* ]] || { echo "not found: $word"; return 1; }
    done
    [[ $stderr == *"8 differences"* ]]
}

@test "check-vmlinux: no BTF there: 77; usage: 2" {
    run -77 "$repo/scripts/check-vmlinux.sh" "$BATS_TEST_TMPDIR/none"
    run -2 "$repo/scripts/check-vmlinux.sh" --no-such-option
    run -2 "$repo/scripts/check-vmlinux.sh" a b
}

@test "readme-excerpt: fills in the parts, and is content with its own work" {
    copy_docs
    grep -q '^> - \*\*Who is fastest' "$tree/README.md"
    # Paths into folders that were not copied are not there.
    run check_docs
    [[ $output != *"out of date"* && $output != *"overview.png"* ]]
}

@test "readme-excerpt: finds a stale part, an undocumented option, a dead link, a missing picture" {
    copy_docs
    sed -i '/^| `-m, --mode LIST`/d' "$tree/README.md"
    echo '[x](docs/nowhere.md) and `scripts/nothing.sh`' >>"$tree/README.md"
    rm "$tree/reports/sample/overview.png"
    run -1 check_docs
    [[ $output == *"README.md: a generated part is out of date"* ]]
    [[ $output == *"link to docs/nowhere.md"* && $output == *"names scripts/nothing.sh"* ]]
    [[ $output == *"there is no reports/sample/overview.png"* ]]
}

@test "readme-excerpt: every option of run is in the README of the tree" {
    program=${OUT:-$repo/build}/copyscope
    for option in $("$program" run --help | grep -oE '^  (-.,|   ) --[a-z0-9-]+' | grep -oE -- '--[a-z0-9-]+'); do
        grep -qE "^\| \`(-., )?${option}[ \`]" "$repo/README.md" || { echo "missing: $option"; return 1; }
    done
}

@test "list reasons: a guest test that is named looks for the reason, and no other does" {
    local reason test named=0
    while IFS=$'\t' read -r reason _ test _; do
        if [ "$test" = - ]; then
            ! grep -F "\"$reason\"" "$repo"/tests/vm/check_*.sh || return 1
            continue
        fi
        echo "$reason: $test"
        compgen -G "$repo/tests/vm/guest/[0-9][0-9]-$test.sh" >/dev/null
        grep -F "\"$reason\"" "$repo/tests/vm/check_$test.sh"
        named=$((named + 1))
    done < <("$OUT/copyscope" list reasons)
    [ "$named" -ge 6 ]
}
