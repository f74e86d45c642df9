#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What `make release` puts into $OUT/release: the source, the static programs of this machine's architecture and
# of arm64 if `make static-arm64` built them, an SPDX document about these, and checksums of it all.
set -euo pipefail
# shellcheck disable=SC2034  # read by common.sh
program=release.sh
top=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=scripts/common.sh
. "$top/scripts/common.sh"

version=${1:?usage: OUT=DIR scripts/release.sh VERSION}
OUT=$(realpath -m "${OUT:-$top/build}")
release=$OUT/release
name=copyscope-$version

# Without what only a debugger reads; the names of functions stay, for reports.
pack() { # STRIP DIR ARCH
    local dir=$release/$name-linux-$3
    mkdir "$dir"
    "$1" --strip-debug -o "$dir/copyscope" "$2/copyscope"
    "$1" --strip-debug -o "$dir/server" "$2/server"
    "$1" --strip-debug -o "$dir/client" "$2/client"
    cp "$top/LICENSE" "$dir/"
    tar -C "$release" --sort=name --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX --format=gnu \
        --mtime="@$("$top/scripts/spdx.sh" --date)" -cf - "${dir##*/}" | gzip -9n >"$dir.tar.gz"
    rm -r "$dir"
}

rm -rf "$release"
mkdir -p "$release"
cp "$OUT/$name.tar.gz" "$release/"
pack strip "$OUT/static" "$(dpkg --print-architecture 2>/dev/null || uname -m)"
if [ -e "$OUT/vm/arm64/static/copyscope" ]; then
    pack aarch64-linux-gnu-strip "$OUT/vm/arm64/static" arm64
    export FOREIGN="arm64 $OUT/vm/arm64/packages"
fi
cd "$release"
"$top/scripts/spdx.sh" "$version" "$name"*.tar.gz >"$name.spdx.json.new"
mv "$name.spdx.json.new" "$name.spdx.json"
sha256sum -- "$name"* >SHA256SUMS
say "$release:"
cat SHA256SUMS
