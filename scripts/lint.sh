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

# Lines; the percentile is of userspace/ and bpf/ together.
readonly MAX_FUNCTION=60 MAX_P90=25 MAX_FILE=450

# Each folder of userspace/ and what it may include besides itself and core/; main is main.c.
directions() {
    cat <<'END'
core
workload
testbed
probe
perf
sym
analysis
observe     probe perf sym
report      analysis
cmd         workload testbed observe probe perf sym report analysis
main        cmd
END
}

# Everything we wrote, nothing that is generated; works without git.
mapfile -t files < <(find . \( -path ./.git -o -path './build*' -o -path './reports/*' \) -prune \
    -o -type f -print | sed 's|^\./||' | sort)

matching() { # REGEX: of the files, by name
    printf '%s\n' "${files[@]}" | grep -E "$1"
}

mapfile -t c_files < <(matching '^(userspace|bpf|tests)/.*\.[ch]$')
mapfile -t product < <(matching '^(userspace|bpf)/.*\.[ch]$')
mapfile -t bpf_files < <(matching '^bpf/.*\.[ch]$')
mapfile -t analysis < <(matching '^userspace/analysis/.*\.[ch]$')
mapfile -t mode_users < <(matching '^userspace/.*\.[ch]$|^tests/.*\.jq$|^tests/vm/.*\.sh$')
mapfile -t shell_files < <(matching '\.sh$|^completions/.*\.bash$|^\.ci/run$|^debian/tests/[a-z]+$' | grep -v control$)
mapfile -t bats_files < <(matching '\.bats$')
mapfile -t sources < <(matching '\.([ch]|sh|bash|fish|bats|gp|py|scd)$|^(Makefile|\.ci/run|debian/rules|debian/tests/[a-z]+)$' | grep -v control$)

# libbpf, the skeleton, the ABI and all headers of probe/ but probe.h are for the insides of probe/.
include_directions() {
    directions | awk '
    function complain(text) { print FILENAME ":" FNR ": " text }
    NR == FNR {
        may[$1, $1] = may[$1, "core"] = 1
        for (i = 2; i <= NF; i++) may[$1, $i] = 1
        next
    }
    FNR == 1 {
        split(FILENAME, part, "/"); here = part[3] == "" ? "main" : part[2]
        inside_probe = here == "probe" && part[3] != "probe.h"
        if (!may[here, here]) complain(here "/ has no row in directions() of scripts/lint.sh")
    }
    !/^[ \t]*#[ \t]*include[ \t]*[<"]/ { next }
    {
        line = $0
        sub(/^[ \t]*#[ \t]*include[ \t]*/, "", line)
        system_header = line ~ /^</
        path = substr(line, 2); sub(/[">].*/, "", path)
        folders = split(path, to, "/") - 1
        libbpf = path ~ /^bpf\// || path ~ /\.skel\.h$/ || path ~ /copyscope_abi\.h$/
        if (!inside_probe && (libbpf || (to[1] == "probe" && path != "probe/probe.h")))
            complain("only the insides of probe/, which probe.h is not, may include " path)
        else if (here == "core" && path ~ /^(elfutils\/|libelf|gelf|dwarf|zlib|argp)/)
            complain("core/ is libc and jansson only, not " path)
        else if (libbpf || system_header)
            next
        else if (!folders)
            complain("include by folder: \"" here "/" path "\"")
        else if (!may[here, to[1]])
            complain(here "/ may not include " path)
    }' - "$@"
}

# In kernel style a body opens and closes with a brace in the first column. *.def.h are tables.
lengths() {
    awk -v max_function="$MAX_FUNCTION" -v max_p90="$MAX_P90" -v max_file="$MAX_FILE" '
    function close_file() {
        if (lines > max_file) print name ": " lines " lines, more than " max_file ": split it"
    }
    function close_product(    n, seen) {
        while (10 * seen < 9 * functions) seen += of_length[++n]
        if (n > max_p90)
            print "userspace bpf: 90th percentile of " functions " functions is " n \
                " lines, more than " max_p90
    }
    FNR == 1 { close_file(); name = FILENAME; from = 0; product = name ~ /^(userspace|bpf)\// }
    { lines = FNR }
    /^\{/ && name ~ /\.def\.h$/ { print name ":" FNR ": a function, and *.def.h are tables"; next }
    /^\{/ { from = FNR }
    /^\}/ && from {
        n = FNR - from + 1
        if (n > max_function)
            print name ":" from ": function of " n " lines, more than " max_function
        if (product) { functions++; of_length[n]++ }
        from = 0
    }
    END { close_file(); close_product() }' "$@"
}

# What analysis/ finds is data: report/ has the words and draws the pictures.
analysis_output() {
    grep -nHE '\b(v?[fd]?printf|f?put[cs]|putchar|fwrite) ?\(|\bFILE ?\*' "$@" |
        sed -E 's/^([^:]*:[0-9]+):.*/\1: analysis\/ prints nothing: return data, report\/ tells it/'
}

# What a mode promises are its traits (core/mode.h): a name would leave the next mode out.
mode_compares() {
    grep -nHE 'str[a-z]*cmp ?\([^;]*"A[123]"|\.mode *[!=]= *"A' "$@" |
        sed -E 's/^([^:]*:[0-9]+):.*/\1: compare of a mode'\''s name: ask its traits/'
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
    for lib in "$OUT"/lib{report,analysis,core}.a; do
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
        [ ${#bats_files[@]} = 0 ] ||
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
    [ ${#analysis[@]} = 0 ] || analysis_output "${analysis[@]}"
    [ ${#mode_users[@]} = 0 ] || mode_compares "${mode_users[@]}"
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
