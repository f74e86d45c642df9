#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The result of the matrix as Markdown on stdout: the kernels with their packages and counts, quantity
# by kernel with the tier that shows it, and the reasons why not. Reads OUT/vm/KERNEL; holds no times,
# so the same outcome is the same file.
set -euo pipefail
# shellcheck source=tests/vm/common.sh
. "$(dirname "$0")/common.sh"

OUT=$(realpath -m "${OUT:-$top/build}")
kernels=("$@")

# The run that chose its tiers freely.
results_of() { # KERNEL
    local file
    while read -r file; do
        [ "$(jq -r .plan.tier "$file")" != auto ] || { echo "$file"; return; }
    done < <(find "$OUT/vm/$1/guest" -name results.json 2>/dev/null | sort)
}

kernel_table() {
    local kernel
    echo '| name | kernel | packages | passed | failed | skipped |'
    echo '|---|---|---|--:|--:|--:|'
    for kernel in "${kernels[@]}"; do
        echo "| $kernel | $(cat "$cache/kernels/$kernel/release") | $(
            paste -sd, "$cache/kernels/$kernel/packages" | sed 's/,/<br>/g') | $(
            count passed "$kernel") | $(count failed "$kernel") | $(count skipped "$kernel") |"
    done
}

# Lines "KERNEL<tab>QUANTITY<tab>TIER or -<tab>VIA or REASON" in the order of the registry.
probe_lines() {
    local kernel file
    for kernel in "${kernels[@]}"; do
        file=$(results_of "$kernel")
        [ -z "$file" ] || jq -r --arg kernel "$kernel" '.probes[]
            | [$kernel, .quantity, .tier // "-", if .tier then .via else .reasons | map(.[0]) | join("; ") end] | @tsv' "$file"
    done
}

tier_table() {
    probe_lines | awk -F'\t' -v list="${kernels[*]}" '
        BEGIN { n = split(list, kernel, " ") }
        !seen[$2]++ { order[++rows] = $2 }
        { tier[$1, $2] = $3 == "-" ? "absent" : $3 }
        END {
            printf "| quantity |"; for (k = 1; k <= n; k++) printf " %s |", kernel[k]
            printf "\n|---|"; for (k = 1; k <= n; k++) printf "---|"
            print ""
            for (r = 1; r <= rows; r++) {
                printf "| %s |", order[r]
                for (k = 1; k <= n; k++)
                    printf " %s |", (kernel[k], order[r]) in tier ? tier[kernel[k], order[r]] : "not run"
                print ""
            }
        }'
}

# What is absent, once for all the kernels that say the same.
reasons() {
    probe_lines | awk -F'\t' '$3 == "-" {
            key = $2 ": " $4
            if (!(key in on)) order[++n] = key
            on[key] = on[key] (on[key] == "" ? "" : ", ") $1
        }
        END { for (i = 1; i <= n; i++) print "- " order[i] " (" on[order[i]] ")" }'
}

# Skips alike but for mode, threads and path are one line.
skips() {
    local kernel
    for kernel in "${kernels[@]}"; do
        sed -n 's/^ok - \(.*\) # *SKIP *\(.*\)/\2/p' "$OUT/vm/$kernel/tap" | sort | uniq -c |
            sed -E "s/^ *([0-9]+) (.*)/- $kernel, \\1 times: \\2/"
    done
}

failures() { # [FILE]: of OUT/vm/KERNEL, default tap
    local kernel file
    for kernel in "${kernels[@]}"; do
        file=$OUT/vm/$kernel/${1:-tap}
        [ ! -e "$file" ] || sed -n "s/^not ok - \\(.*\\)/- $kernel: \\1/p" "$file"
    done
}

taken_again() {
    failures failed-before
}

section() { # TITLE FUNCTION
    local text
    text=$($2)
    [ -z "$text" ] || printf '\n## %s\n\n%s\n' "$1" "$text"
}

cat <<'END_HEAD'
# Kernel matrix

Written by `make check-vm`, which boots these stock Debian kernels in QEMU and checks on each that what
the probes counted is what the programs moved, to the byte (tests/vm/README.md).
END_HEAD
section Kernels kernel_table
section "What shows each quantity" tier_table
section "What is absent, and why" reasons
section "Skipped laws" skips
section "Failed at first, and taken again" taken_again
section Failures failures
