#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The house rules that a machine can keep (CONTRIBUTING.md): one line a finding, exit 1 if any.
set -uo pipefail
program=lint.sh
top=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=scripts/common.sh
. "$top/scripts/common.sh"
cd "$top" || exit 1
OUT=${OUT:-build}

readonly MAX_FUNCTION=80 MAX_FILE=450

# Everything we wrote, nothing that is generated; works without git.
mapfile -t files < <(find . \( -path ./.git -o -path './build*' -o -path './reports/*' \) -prune \
    -o -type f -print | sed 's|^\./||' | sort)

matching() { # REGEX: of the files, by name
    printf '%s\n' "${files[@]}" | grep -E "$1"
}

mapfile -t c_files < <(matching '^(userspace|bpf|tests)/.*\.[ch]$')
mapfile -t product < <(matching '^(userspace|bpf)/.*\.[ch]$')
mapfile -t bpf_files < <(matching '^bpf/.*\.[ch]$')
mapfile -t shell_files < <(matching '\.sh$|^\.ci/run$')
mapfile -t bats_files < <(matching '\.bats$')
mapfile -t sources < <(matching '\.([ch]|sh|bats|gp|py)$|^(Makefile|\.ci/run)$')

# Directions: main -> cmd -> { workload probe perf sym testbed report } -> core, and libbpf and the
# skeleton are seen by probe/ alone.
include_directions() {
    awk '
    function complain(text) { print FILENAME ":" FNR ": " text }
    FNR == 1 { split(FILENAME, part, "/"); here = part[3] == "" ? "main" : part[2] }
    !/^[ \t]*#[ \t]*include[ \t]/ { next }
    {
        line = $0
        sub(/^[ \t]*#[ \t]*include[ \t]*/, "", line)
        system_header = line ~ /^</
        path = substr(line, 2); sub(/[">].*/, "", path)
        libbpf = path ~ /^bpf\// || path ~ /\.skel\.h$/ || path ~ /copyscope_abi\.h$/
        if (libbpf && here != "probe") complain("only probe/ may include " path)
        if (here == "core" && path ~ /^(elfutils\/|libelf|gelf|dwarf|zlib|argp)/)
            complain("core/ is libc and jansson only, not " path)
        if (libbpf || system_header) next
        if (split(path, to, "/") < 2) { complain("include by folder: \"" here "/" path "\""); next }
        if (to[1] == here || to[1] == "core" || here == "cmd") next
        if (here == "main" && to[1] == "cmd") next
        complain(here "/ may not include " path)
    }' "$@"
}

# In kernel style a body opens and closes with a brace in the first column.
lengths() {
    awk -v max_function="$MAX_FUNCTION" -v max_file="$MAX_FILE" '
    function close_file() {
        if (lines > max_file) print name ": " lines " lines, more than " max_file ": split it"
    }
    FNR == 1 { close_file(); name = FILENAME }
    { lines = FNR }
    /^\{/ { from = FNR }
    /^\}/ {
        if (from && FNR - from + 1 > max_function)
            print FILENAME ":" from ": function of " FNR - from + 1 " lines, more than " max_function
        from = 0
    }
    END { close_file() }' "$@"
}

licences() {
    local file
    for file; do
        head -n 3 "$file" | grep -q 'SPDX-License-Identifier: GPL-2.0-only' ||
            echo "$file:1: no SPDX-License-Identifier: GPL-2.0-only in the first lines"
    done
}

# Ask whether a thing exists, never what the kernel is called.
version_compares() {
    grep -nHE 'LINUX_VERSION_CODE|KERNEL_VERSION|(sscanf|strverscmp|strto[a-z]+) ?\([^;]*\brelease\b' \
        "$@" | sed 's/:[^:]*$/: version compare: test for what you need instead/'
}

# A program that is not asked for must not be loaded: every one is optional ("?").
bpf_sections() {
    grep -nHE '\bSEC\("[^?]' "$@" | grep -vE 'SEC\("(license|\.[a-z._]+)"\)' |
        sed -E 's/^([^:]*:[0-9]+):.*(SEC\("[^"]*).*/\1: \2: a program'\''s section begins with "?"/'
}

machine_paths() {
    grep -nHE '(^|[^A-Za-z0-9_}.-])/(work|home|root|Users)/[A-Za-z]' "$@" |
        sed -E 's/^([^:]*:[0-9]+):.*/\1: a path of one machine/'
}

# Reports are rendered without libbpf; the linker would say so only on a machine that lacks it.
libbpf_free() {
    local lib
    for lib in "$OUT/libreport.a" "$OUT/libcore.a"; do
        if [ -e "$lib" ]; then
            nm -u "$lib" | awk -v lib="$lib" '
                $2 ~ /^(lib)?(bpf|btf)_/ { print lib ": needs " $2 ": only probe/ may use libbpf" }'
        else
            say "$lib is not built: its symbols were not looked at"
        fi
    done
}

shell_warnings() {
    if command -v shellcheck >/dev/null; then
        shellcheck -x -S warning -f gcc "$@"
        # `! command` in a bats test fails nothing, `run ! command` does
        shellcheck -x --include=SC2314,SC2315 -f gcc "${bats_files[@]}"
    else
        say "shellcheck is not installed (scripts/deps.sh test): scripts were not looked at"
    fi
}

all_findings() {
    mapfile -t userspace < <(matching '^userspace/.*\.[ch]$')
    [ ${#userspace[@]} = 0 ] || include_directions "${userspace[@]}"
    [ ${#c_files[@]} = 0 ] || lengths "${c_files[@]}"
    [ ${#product[@]} = 0 ] || version_compares "${product[@]}"
    [ ${#bpf_files[@]} = 0 ] || bpf_sections "${bpf_files[@]}"
    lengths "${shell_files[@]}"
    licences "${sources[@]}"
    # Test data may hold any path.
    mapfile -t ours < <(printf '%s\n' "${files[@]}" | grep -vE '^tests/(unit|golden|fuzz)/')
    machine_paths "${ours[@]}"
    libbpf_free
    shell_warnings "${shell_files[@]}"
}

findings=$(all_findings)
[ -n "$findings" ] || exit 0
printf '%s\n' "$findings"
say "$(wc -l <<<"$findings") findings; CONTRIBUTING.md says why each rule is there"
exit 1
