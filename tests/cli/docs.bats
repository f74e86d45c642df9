#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# The scripts that hold documentation, manual pages, completions and vmlinux.h against their sources find
# what is wrong, and pass what is right.
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
    cp -r "$repo"/{README.md,CHANGELOG.md,CONTRIBUTING.md,LICENSE,SECURITY.md,docs,man,scripts,vmlinux} "$tree/"
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

@test "readme-excerpt: finds a stale part, an undocumented option, a dead link or anchor, a missing picture" {
    copy_docs
    sed -i '/^| `-m, --mode LIST`/d' "$tree/docs/running.md"
    echo '[x](docs/nowhere.md), [y](docs/diff.md#nothing), [z](docs/diff.md#what-the-numbers-are), [here](#install) and `scripts/nothing.sh`' >>"$tree/README.md"
    echo 'See the verdict, "Is this asked nowhere?", and "Can you trust this?".' >>"$tree/docs/diff.md"
    rm "$tree/reports/sample/overview.png"
    run -1 check_docs
    [[ $output == *"docs/running.md: a generated part is out of date"* && $output != *"README.md: a generated"* ]]
    [[ $output == *"link to docs/nowhere.md"* && $output == *"names scripts/nothing.sh"* ]]
    [[ $output == *"link to docs/diff.md#nothing, and there is no such heading"* ]]
    [[ $output != *"#what-the"* && $output != *"#install"* ]]
    [[ $output == *"docs/diff.md: the report does not ask 'Is this asked nowhere?'"* && $output != *"ask 'Can you"* ]]
    [[ $output == *"there is no reports/sample/overview.png"* ]]
}

@test "readme-excerpt: the documents of the tree are current, and the README is short" {
    OUT=${OUT:-$repo/build} run "$repo/scripts/readme-excerpt.sh" --check
    echo "$output"
    [ "$status" = 0 ]
    [ "$(wc -l <"$repo/README.md")" -lt 150 ]
}

@test "readme-excerpt: every option of run is in docs/running.md of the tree" {
    program=${OUT:-$repo/build}/copyscope
    for option in $("$program" run --help | grep -oE '^  (-.,|   ) --[a-z0-9-]+' | grep -oE -- '--[a-z0-9-]+'); do
        grep -qE "^\| \`(-., )?${option}[ \`]" "$repo/docs/running.md" || { echo "missing: $option"; return 1; }
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

# What bash offers for a command line; the last word is the one to be completed.
offered() { # WORD...
    set +e # as in a shell at a terminal
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
    _copyscope
    printf '%s\n' "${COMPREPLY[@]}"
}

@test "man: pages and completions are what the program says, and --check finds what is not" {
    tree=$BATS_TEST_TMPDIR/tree
    mkdir "$tree"
    cp -r "$repo"/{CHANGELOG.md,completions,man,scripts} "$tree/"
    sed -i '/^\*--verify\*/d' "$tree/man/copyscope-run.8.scd"
    sed -i 's/ tracepoint//' "$tree/completions/copyscope.bash"
    OUT=${OUT:-$repo/build} run "$tree/scripts/man.sh" --check
    [ "$status" = 1 ]
    diff <(grep 'out of date' <<<"$output") - <<END
man/copyscope-run.8.scd is out of date: run scripts/man.sh
completions/copyscope.bash is out of date: run scripts/man.sh
END
}

@test "man: every page is there, is committed as roff, and man has nothing to say against it" {
    local page name
    for name in copyscope $("${OUT:-$repo/build}/copyscope" --help | sed -nE 's/^  ([a-z]+) +[^ ].*/copyscope-\1/p'); do
        page=$repo/man/$name.8
        head -n 4 "$page" | grep -q '^.\\" Generated by scdoc'
        if command -v man >/dev/null; then
            LC_ALL=C.UTF-8 man --warnings -E UTF-8 -l -Tutf8 -Z "$page" 2>&1 >/dev/null | diff - /dev/null
        fi
        if command -v mandoc >/dev/null; then
            # scdoc opens a paragraph more often than it needs to
            run ! grep -v 'skipping paragraph macro' <(mandoc -Tlint -W warning "$page")
        fi
    done
}

@test "completion: bash offers commands, options, values, lists and files" {
    cd "$repo"
    # shellcheck source=completions/copyscope.bash
    source completions/copyscope.bash
    complete -p copyscope
    diff <(offered copyscope '' | sed '/^help$\|^--/d' | sort) \
        <("${OUT:-$repo/build}/copyscope" --help | sed -nE 's/^  ([a-z]+) +[^ ].*/\1/p' | sort)
    [ "$(offered copyscope at)" = attach ]
    [ "$(offered copyscope run --cro)" = --cross-check ]
    [ "$(offered copyscope run --tier '')" = $'auto\nfentry\nkprobe\ntracepoint' ]
    [ "$(offered copyscope run --tier = tr)" = tracepoint ]
    [ "$(offered copyscope run --level =)" = $'light\nfull' ]
    [ "$(offered copyscope run -m A1,uring-zc-)" = A1,uring-zc-fixed ]
    [ "$(offered copyscope run --path n)" = nic: ]
    [ "$(offered copyscope report --format csv,open)" = csv,openmetrics ]
    [ "$(offered copyscope diff -f t)" = text ]
    [ "$(offered copyscope diff --metric throughput_g)" = throughput_gbps ]
    [ "$(offered copyscope list rea)" = reasons ]
    [ "$(offered copyscope run --out comp)" = completions ]
    [ "$(offered copyscope report tes)" = tests ]
    [ "$(offered copyscope diff READ)" = README.md ]
    [ "$(offered copyscope help di)" = diff ]
    [ "$(offered copyscope attach --pid $$)" = $$ ]
    offered copyscope attach -- timeou | grep -x timeout
    [ "$(offered copyscope attach -- cat READ)" = README.md ]
    [ -z "$(offered copyscope run --repeat '')" ]
    [ -z "$(offered copyscope nonsense '')" ]
}

@test "completion: bash knows the modes, receives, paths and formats of list, and each option" {
    # shellcheck source=completions/copyscope.bash
    source "$repo/completions/copyscope.bash"
    local copyscope=${OUT:-$repo/build}/copyscope pair command
    for pair in --mode=modes --recv=receives --path=paths --format=formats; do
        diff <("$copyscope" list "${pair#*=}" | cut -f1 | sed 's/:.*/:/' | sort) \
            <(offered copyscope run "${pair%=*}" '' | grep -vx 'all\|original' | sort)
    done
    for command in $_copyscope_commands; do
        diff <("$copyscope" "$command" --help | grep -oE '^  (-.,|   ) --[a-z0-9-]+' | grep -oE -- '-[a-z0-9-]+' | sort) \
            <(offered copyscope "$command" - | sort)
    done
}

@test "completion: zsh and fish can read theirs" {
    local shells=0
    if command -v zsh >/dev/null; then
        run -0 zsh -n "$repo/completions/_copyscope"
        shells=1
    fi
    if command -v fish >/dev/null; then
        run -0 fish --no-execute "$repo/completions/copyscope.fish"
        [ "$(fish --no-config -c "source '$repo/completions/copyscope.fish'; complete -C 'copyscope run --level f'")" = \
            $'full\t'"$(fish --no-config -c "source '$repo/completions/copyscope.fish'; complete -C 'copyscope run --lev'" | cut -f2)" ]
        shells=1
    fi
    [ $shells = 1 ] || skip "neither zsh nor fish is installed"
}

@test "README: the commands and options that it names are there" {
    local command help file option options
    cd "$repo"
    help=$(for command in run attach report diff check; do "${OUT:-build}/copyscope" "$command" --help; done)
    options=$(grep -v '^[>|]' README.md | grep -oE -- '(^|[ `])--?[a-z][a-z-]*' | tr -d '` ' | sort -u)
    [ "$(wc -l <<<"$options")" -gt 10 ]
    for option in $options; do
        grep -qE -- "(^|[ ,])$option([ ,]|\$)" <<<"$help" || { echo "$option is no option"; return 1; }
    done
    for file in $(grep -oE '(sudo|^   ) \./[a-z./]+' README.md | grep -oE '[a-z].*[a-z]' | sed 's/^sudo \.\///' | sort -u); do
        [ "$file" = build/copyscope ] || [ -x "$file" ] || { echo "$file is no command"; return 1; }
    done
}
