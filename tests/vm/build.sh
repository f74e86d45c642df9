#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Builds the programs for the guests of an architecture: natively in $OUT, for a foreign one in
# $OUT/vm/ARCH against the libraries that fetch.sh brought; or other files of that directory, such as
# static/copyscope. Prints the directory they are in.
set -euo pipefail
# shellcheck source=tests/vm/common.sh
. "$(dirname "$0")/common.sh"

arch=${1:?usage: tests/vm/build.sh ARCH [FILE...]}
shift
[ $# -gt 0 ] || set -- copyscope server client
OUT=$(realpath -m "${OUT:-$top/build}")
triplet=$(gnu_arch "$arch")-linux-gnu
dir=$OUT
cc=${CC:-gcc}
out=${OUT#"$top/"} # as make knows it: its targets are relative, and hold no blank of the path
options=("OUT=$out")
if ! native "$arch"; then
    need_commands "$triplet-gcc"
    sysroot=$cache/sysroot/$(sysroot_suite)-$arch
    dir=$OUT/vm/$arch
    cc=$triplet-gcc
    # The cross compiler brings its own libc headers; only what it lacks comes from the sysroot.
    out=${dir#"$top/"}
    options=("OUT=$out" "ARCH=$arch" "CC=$cc" "LD=$triplet-ld" SAN=
        "BPF_SYS_INCLUDES=-idirafter /usr/$triplet/include"
        "EXTRA_CFLAGS=-idirafter $sysroot/usr/include -idirafter $sysroot/usr/include/$triplet"
        "LDFLAGS=-L$sysroot/usr/lib/$triplet -Wl,-rpath-link,$sysroot/usr/lib/$triplet:$sysroot/lib/$triplet")
fi

mkdir -p "$OUT/vm" "$dir"
native "$arch" || cp "$sysroot/packages" "$dir/" # what it was linked with
{
    flock 9
    make -C "$top" --no-print-directory -j"$(nproc)" "${options[@]}" "${@/#/$out/}" \
        >"$OUT/vm/build-$arch.log" 2>&1 9<&- || {
        grep -vE '^  [A-Z-]+ +[^ ]+$' "$OUT/vm/build-$arch.log" | tail -n 20 >&2
        die 1 "the build for $arch failed: see above"
    }
    # Helpers of the guest tests need nothing but libc.
    for source in "$vm"/guest/*.c; do
        program=$dir/vm-helpers/$(basename "$source" .c)
        if [ ! -e "$source" ] || [ "$program" -nt "$source" ]; then continue; fi
        mkdir -p "$dir/vm-helpers"
        "$cc" -std=gnu11 -D_GNU_SOURCE -O2 -Wall -Wextra -static "$source" -o "$program" >&2
    done
} 9>"$OUT/vm/lock-$arch"
echo "$dir"
