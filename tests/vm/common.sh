# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034  # used by those who source this
# What the scripts of the kernel matrix share: the table of kernels, the cache, messages.

vm=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$vm/../.." && pwd)
PATH=$PATH:/usr/sbin:/sbin

# Packages are large and the same for every tree: they live outside of it.
if [ -n "${XDG_CACHE_HOME:-}" ]; then
    cache=$XDG_CACHE_HOME/copyscope-vm
elif [ -w /var/cache ]; then
    cache=/var/cache/copyscope-vm
else
    cache=$HOME/.cache/copyscope-vm
fi

say() {
    echo "${0##*/}: $*" >&2
}

die() { # STATUS MESSAGE...
    local status=$1
    shift
    say "$*"
    exit "$status"
}

# What is missing here is no failure of the project, but CI must not pass without the proof.
skip() { # REASON
    echo "SKIP: $*"
    [ "${CI:-}" != true ] || exit 1
    exit 77
}

# The rows of the table without comments; its columns are kernels.tsv's.
kernel_rows() {
    grep -v -e '^#' -e '^[[:space:]]*$' "$vm/kernels.tsv"
}

kernel_names() {
    kernel_rows | cut -f 1
}

# The kernels of a run of the whole matrix.
standing_kernels() {
    kernel_rows | awk -F'\t' '$8 != "by-hand" { print $1 }'
}

# Of the tests of the kernels named, how many passed, failed or were skipped. Reads OUT/vm/KERNEL/tap.
count() { # passed|failed|skipped KERNEL...
    local kind=$1 kernel
    shift
    for kernel; do cat "$OUT/vm/$kernel/tap"; done | awk -v kind="$kind" '
        /^ok .*# *SKIP/ { n["skipped"]++; next }
        /^ok/ { n["passed"]++ }
        /^not ok/ { n["failed"]++ }
        END { print n[kind] + 0 }'
}

# Sets name, arch, suites, pattern, tiers, nics, clock, row_tests.
read_row() { # NAME
    IFS=$'\t' read -r name arch suites pattern tiers nics clock row_tests < <(
        kernel_rows | awk -F'\t' -v n="$1" '$1 == n')
    [ -n "${name:-}" ] ||
        die 2 "no kernel '$1' in tests/vm/kernels.tsv; there are: $(kernel_names | paste -sd ' ')"
}

deb_arch() { # ARCH
    case $1 in
    x86_64) echo amd64 ;;
    arm64) echo arm64 ;;
    *) die 2 "unknown architecture '$1': teach tests/vm/common.sh its Debian name" ;;
    esac
}

gnu_arch() { # ARCH
    case $1 in
    arm64) echo aarch64 ;;
    *) echo "$1" ;;
    esac
}

native() { # ARCH
    [ "$(gnu_arch "$1")" = "$(uname -m)" ]
}

need_commands() { # COMMAND...
    local command
    for command; do
        command -v "$command" >/dev/null ||
            skip "$command is not installed: scripts/deps.sh vm"
    done
}

# Guests' libraries are those of this machine's release: our programs are built against them.
sysroot_suite() {
    local codename
    codename=$(. /etc/os-release && echo "${ID:-} ${VERSION_CODENAME:-}")
    case $codename in
    debian\ ?*) echo "${codename#* }" ;;
    *) echo trixie ;;
    esac
}
